#include <cicada/schedule/or_text.hpp>

#include <algorithm>
#include <string>

#include <cicada/schedule/duration_text.hpp>

namespace cicada::detail {

namespace {

/// Reads `text` as a part of an instant; errors name their place in `text`.
wall_time read_part(std::string_view before, std::string_view text, std::string_view after) {
    try {
        return parse_instant(std::string(before).append(text).append(after));
    } catch (const parse_error& e) {
        const std::size_t offset = e.offset() - std::min(e.offset(), before.size());
        throw parse_error(text, std::min(offset, text.size()), e.expected(), e.hint());
    }
}

/// What is appended to `text` would hide it from the reader of instants.
void refuse_offset(std::string_view text, std::size_t from) {
    const std::size_t found = text.find_first_of("Zz+-", from);
    if (found != std::string_view::npos) {
        throw parse_error(text, found, "the end", "local time has a zone instead of an offset");
    }
}

} // namespace

template <>
wall_time from_text(std::string_view text) {
    return parse_instant(text);
}

template <>
local_time from_text(std::string_view text) {
    constexpr std::size_t length_of_date = 10;
    refuse_offset(text, std::min(length_of_date, text.size()));
    return local_time(read_part("", text, "Z").time_since_epoch());
}

template <>
std::chrono::year_month_day from_text(std::string_view text) {
    constexpr std::size_t length = 10;
    if (text.size() > length) throw parse_error(text, length, "the end of a date");
    return std::chrono::floor<std::chrono::days>(read_part("", text, "T00:00:00Z"));
}

template <>
time_of_day from_text(std::string_view text) {
    refuse_offset(text, 0);
    const bool has_seconds = std::count(text.begin(), text.end(), ':') > 1;
    const duration read =
        read_part("1970-01-01T", text, has_seconds ? "Z" : ":00Z").time_since_epoch();
    if (read >= std::chrono::hours(24)) { // 23:59:60
        throw parse_error(text, 0, "a time before midnight");
    }
    return read;
}

template <>
duration from_text(std::string_view text) {
    return parse_duration(text);
}

template <>
zone from_text(std::string_view text) {
    return zone(text);
}

} // namespace cicada::detail
