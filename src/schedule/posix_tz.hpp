#pragma once

/// The TZ strings of POSIX, such as "CET-1CEST,M3.5.0,M10.5.0/3", with the hours from -167 to 167
/// of RFC 9636.
///
/// They end TZif files, where they say what holds after the last listed change, and the environment
/// variable TZ may hold one.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <schedule/zone_rules.hpp>

namespace cicada::detail {

/// A local time of each year.
struct yearly_time {
    enum class kind : std::uint8_t {
        day, // n: of 0 to 365; counts February 29
        day_without_leap, // Jn: of 1 to 365; does not
        weekday, // Mm.w.d; the 5th is the last
    };
    kind which;
    std::uint16_t day; // for kind::weekday that of the week
    std::uint8_t month;
    std::uint8_t week;
    std::chrono::seconds time; // since the day's midnight

    /// Seconds since the epoch, as if local time were UTC.
    std::int64_t in(std::chrono::year y) const noexcept;
};

struct posix_tz {
    struct daylight_time {
        local_type type;
        yearly_time start; // in standard time
        yearly_time end; // in daylight time
    };
    local_type standard;
    std::optional<daylight_time> daylight;
};

/// Throws parse_error. Daylight time needs its dates: POSIX leaves open what holds without them.
posix_tz parse_posix_tz(std::string_view text);

/// Appends what holds from `from` (seconds since the epoch) on, up to the end of wall_time.
void append_changes(timeline& line, const posix_tz& rules, std::int64_t from);

} // namespace cicada::detail
