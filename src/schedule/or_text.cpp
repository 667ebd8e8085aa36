#include <cicada/schedule/or_text.hpp>

#include <algorithm>
#include <string>
#include <type_traits>

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

wall_time read_as(std::string_view text, std::type_identity<wall_time>) {
    return parse_instant(text);
}

local_time read_as(std::string_view text, std::type_identity<local_time>) {
    constexpr std::size_t length_of_date = 10;
    refuse_offset(text, std::min(length_of_date, text.size()));
    return local_time(read_part("", text, "Z").time_since_epoch());
}

std::chrono::year_month_day read_as(std::string_view text,
                                    std::type_identity<std::chrono::year_month_day>) {
    constexpr std::size_t length = 10;
    if (text.size() > length) throw parse_error(text, length, "the end of a date");
    return std::chrono::floor<std::chrono::days>(read_part("", text, "T00:00:00Z"));
}

time_of_day read_as(std::string_view text, std::type_identity<time_of_day>) {
    refuse_offset(text, 0);
    const bool has_seconds = std::count(text.begin(), text.end(), ':') > 1;
    const duration read =
        read_part("1970-01-01T", text, has_seconds ? "Z" : ":00Z").time_since_epoch();
    if (read >= std::chrono::hours(24)) { // 23:59:60
        throw parse_error(text, 0, "a time before midnight");
    }
    return read;
}

duration read_as(std::string_view text, std::type_identity<duration>) {
    return parse_duration(text);
}

zone read_as(std::string_view text, std::type_identity<zone>) { return zone(text); }

} // namespace

template <class T>
T from_text(std::string_view text) {
    return read_as(text, std::type_identity<T>());
}

// Visible though a T may be hidden; see policy_text.cpp.
#define CICADA_FROM_TEXT(T)                                                                        \
    template __attribute__((visibility("default"))) T from_text(std::string_view);

CICADA_FROM_TEXT(wall_time)
CICADA_FROM_TEXT(local_time)
CICADA_FROM_TEXT(std::chrono::year_month_day)
CICADA_FROM_TEXT(time_of_day)
CICADA_FROM_TEXT(duration)
CICADA_FROM_TEXT(zone)

} // namespace cicada::detail
