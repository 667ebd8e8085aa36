#include <schedule/expression_reader.hpp>

#include <charconv>

namespace cicada::detail {

namespace {

bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
}

} // namespace

void expression_reader::skip_spaces() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
    }
}

bool expression_reader::take(char mark) {
    if (!is_next(mark)) return false;
    ++at_;
    skip_spaces();
    return true;
}

void expression_reader::expect(char mark) {
    if (!take(mark)) fail(at_, std::string("a '") + mark + '\'');
}

expression_reader::token expression_reader::word() {
    const std::size_t start = at_;
    while (!at_end() && is_of_word(text_[at_])) ++at_;
    const token found{text_.substr(start, at_ - start), start};
    skip_spaces();
    return found;
}

expression_reader::token expression_reader::string() {
    if (!is_next('"')) fail(at_, "a text in double quotes");
    const std::size_t start = at_ + 1;
    const std::size_t end = text_.find('"', start);
    if (end == std::string_view::npos) fail(text_.size(), "a '\"' at the end of the text");
    at_ = end + 1;
    skip_spaces();
    return {text_.substr(start, end - start), start};
}

std::uint32_t expression_reader::number(std::uint32_t least, std::uint32_t most) {
    const token digits = word();
    const char* const end = digits.text.data() + digits.text.size();
    std::uint32_t n = 0;
    const auto [stop, error] = std::from_chars(digits.text.data(), end, n);
    if (error != std::errc() || stop != end || n < least || n > most) {
        fail(digits.offset,
             "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return n;
}

} // namespace cicada::detail
