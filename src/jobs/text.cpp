#include <jobs/text.hpp>

#include <algorithm>

#include <base/utf8.hpp>

namespace cicada::detail {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr std::string_view mark = "[...]";

/// The bytes of the character at the front of a text; 0 when it is none, or NUL.
std::size_t character(std::string_view text) noexcept {
    return text.front() == '\0' ? 0 : utf8_character(text);
}

/// Stops as soon as there is more than `most`.
std::string replaced(std::string_view text, std::size_t most) {
    std::string out;
    out.reserve(std::min(text.size(), most) + 4);
    while (!text.empty() && out.size() <= most) {
        const std::size_t length = character(text);
        out += length == 0 ? replacement : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

} // namespace

std::string clean_text(std::string_view text, std::size_t most, kept_part part) {
    if (part == kept_part::beginning) {
        std::string out = replaced(text, most);
        if (out.size() <= most) return out;
        std::size_t end = most - mark.size();
        while (utf8_continues(out[end])) --end;
        return out.replace(end, std::string::npos, mark);
    }
    std::size_t begin = text.size() - std::min(text.size(), most);
    const bool is_cut = begin > 0;
    for (int i = 0; is_cut && i < 3 && begin < text.size() && utf8_continues(text[begin]); ++i)
        ++begin;
    std::string out = replaced(text.substr(begin), std::string::npos);
    if (!is_cut && out.size() <= most) return out;
    const std::size_t room = most - mark.size();
    std::size_t from = out.size() - std::min(out.size(), room);
    while (from < out.size() && utf8_continues(out[from])) ++from;
    return out.replace(0, from, mark);
}

std::optional<std::size_t> find_unclean(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return std::nullopt;
}

} // namespace cicada::detail
