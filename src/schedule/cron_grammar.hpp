#pragma once

// The words of a cron pattern, shared by the parser and by what it says of a mistake.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cicada::detail {

enum class cron_part : std::uint8_t { second, minute, hour, day, month, weekday, year };

struct cron_range {
    std::string_view what;
    int least;
    int most;
};

constexpr cron_range cron_ranges[] = {
    {"second", 0, 59}, {"minute", 0, 59},         {"hour", 0, 23},     {"day of the month", 1, 31},
    {"month", 1, 12},  {"day of the week", 0, 7}, {"year", 1970, 2199}};

constexpr const cron_range& range_of(cron_part part) noexcept {
    return cron_ranges[static_cast<int>(part)];
}

constexpr std::string_view month_names = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
constexpr std::string_view weekday_names = "SUNMONTUEWEDTHUFRISAT";

struct cron_nickname {
    std::string_view name;
    std::string_view pattern; // empty: it is an event, not a time
};

constexpr cron_nickname cron_nicknames[] = {{"@yearly", "0 0 1 1 *"},  {"@annually", "0 0 1 1 *"},
                                            {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
                                            {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
                                            {"@hourly", "0 * * * *"},  {"@reboot", ""}};

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
constexpr bool is_letter(char c) noexcept { return upper(c) >= 'A' && upper(c) <= 'Z'; }

/// The place of a word of three letters among `names`, from 0; -1: it is none of them.
constexpr int find_name(std::string_view names, const char* word) noexcept {
    const auto key = [](const char* w) {
        return upper(w[0]) << 16 | upper(w[1]) << 8 | upper(w[2]);
    };
    const int wanted = key(word);
    for (std::size_t i = 0; i < names.size(); i += 3) {
        if (key(names.data() + i) == wanted) return static_cast<int>(i / 3);
    }
    return -1;
}

} // namespace cicada::detail
