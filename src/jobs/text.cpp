#include <jobs/text.hpp>

#include <algorithm>

namespace cicada::detail {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr std::string_view mark = "[...]";

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The bytes of the character at the front of a text; 0 when it is none. (Table 3-7 of the Unicode
/// standard: no surrogates, nothing overlong, nothing beyond U+10FFFF.)
std::size_t character(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return lead == 0 ? 0 : 1;
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || text.size() < length) return 0;
    const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < least || byte(1) > most) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (!continues(text[i])) return 0;
    }
    return length;
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
        while (continues(out[end])) --end;
        return out.replace(end, std::string::npos, mark);
    }
    std::size_t begin = text.size() - std::min(text.size(), most);
    const bool is_cut = begin > 0;
    for (int i = 0; is_cut && i < 3 && begin < text.size() && continues(text[begin]); ++i) ++begin;
    std::string out = replaced(text.substr(begin), std::string::npos);
    if (!is_cut && out.size() <= most) return out;
    const std::size_t room = most - mark.size();
    std::size_t from = out.size() - std::min(out.size(), room);
    while (from < out.size() && continues(out[from])) ++from;
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
