#include <store/postgres/text.hpp>

#include <algorithm>

#include <base/utf8.hpp>

namespace cicada::detail {

namespace {

constexpr char mark = '\1';
constexpr std::string_view digits = "0123456789abcdef";

/// ASCII but for the two that are marked: nearly all of most texts.
bool is_plain(char c) noexcept { return c > mark; }

unsigned value_of(char digit) noexcept { return static_cast<unsigned>(digits.find(digit)) & 0xfU; }

} // namespace

void store_text(std::string_view text, std::string& to) {
    while (!text.empty()) {
        const auto plain = std::find_if_not(text.begin(), text.end(), is_plain);
        to.append(text.begin(), plain);
        text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
        if (text.empty()) return;
        if (text.front() == '\0' || text.front() == mark) {
            to += mark;
            to += text.front() == mark ? '\2' : '\1';
            text.remove_prefix(1);
        } else if (const std::size_t length = utf8_character(text); length > 0) {
            to += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            const auto byte = static_cast<unsigned char>(text.front());
            to += mark;
            to += digits[byte >> 4];
            to += digits[byte & 0xf];
            text.remove_prefix(1);
        }
    }
}

std::string restore_text(std::string_view stored) {
    std::string text;
    if (stored.empty()) return text;
    text.reserve(stored.size());
    for (;;) {
        const std::size_t at = stored.find(mark);
        text += stored.substr(0, at);
        if (at == std::string_view::npos || at + 1 == stored.size()) return text;
        const char next = stored[at + 1];
        std::size_t read = 2;
        if (next <= '\2') {
            text += next == '\2' ? mark : '\0';
        } else if (at + 2 < stored.size()) {
            text += static_cast<char>(value_of(next) << 4 | value_of(stored[at + 2]));
            read = 3;
        }
        stored.remove_prefix(at + read);
    }
}

} // namespace cicada::detail
