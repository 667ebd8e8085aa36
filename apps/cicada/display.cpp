#include "display.hpp"

#include <algorithm>
#include <array>

namespace cicada::app {

namespace {

struct character {
    char32_t code; // 0: no valid one
    std::size_t size; // in bytes
};

character first_of(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xf0 && lead < 0xf5   ? 4
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                                                           : 1;
    if (size == 1) return {0, 1};
    char32_t code = lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0u) != 0x80u) return {0, 1};
        code = code << 6 | (byte(i) & 0x3fu);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    if (code < least[size] || code > 0x10ffff || is_surrogate) return {0, 1};
    return {code, size};
}

/// Also those that turn the direction of writing: a terminal obeys them.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/// The blocks of Unicode that are wide as a whole; single wide characters elsewhere are taken for
/// narrow ones.
std::size_t width(char32_t c) {
    struct range {
        char32_t first, last;
    };
    constexpr range combining[] = {
        {0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    constexpr range wide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                              {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                              {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
                              {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    const auto holds = [c](const range& r) { return c >= r.first && c <= r.last; };
    if (std::any_of(std::begin(combining), std::end(combining), holds)) return 0;
    return std::any_of(std::begin(wide), std::end(wide), holds) ? 2 : 1;
}

} // namespace

std::string displayed(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto [code, size] = first_of(text);
        if (code == '\t') {
            result += ' ';
        } else if (is_control(code)) {
            result += '?';
        } else {
            result += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return result;
}

std::size_t width_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto [code, size] = first_of(text);
        columns += is_control(code) ? 1 : width(code);
        text.remove_prefix(size);
    }
    return columns;
}

std::size_t character_at(std::string_view text, std::size_t offset) {
    text = text.substr(0, offset);
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(first_of(text).size);
    return count;
}

std::size_t offset_of(std::string_view text, std::size_t n) {
    std::size_t offset = 0;
    while (n-- > 0 && offset < text.size()) offset += first_of(text.substr(offset)).size;
    return offset;
}

std::string padded(std::string_view text, std::size_t width) {
    const std::size_t used = width_of(text);
    return displayed(text).append(width > used ? width - used : 0, ' ');
}

} // namespace cicada::app
