#pragma once

/// Instants and durations as people read and write them.

#include <string>
#include <string_view>

#include <cicada/base/time.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada::app {

/// RFC 3339 with the offset of `where`: "2026-03-30T07:00:00+02:00"; with Z in UTC, and also where
/// the offset has seconds (before 1972), which RFC 3339 cannot say.
std::string format_instant_in(const zone& where, wall_time instant);

/// "+02:00", or "-00:44:30" where it must be.
std::string format_offset(std::chrono::seconds offset);

/// "2026-03-29 02:30", with seconds when there are any.
std::string format_local(local_time local);
/// "02:30", with seconds when there are any.
std::string format_time(local_time local);
/// "Mon"
std::string_view weekday_of(local_time local);

/// In the two greatest units: "6 h 12 min", "3 d 4 h", "12 s"; from two years on "about 4 years".
std::string format_span(duration d);

/// An instant of RFC 3339, a local time ("2026-03-29T01:00"), a date (its midnight), or "now".
/// Throws parse_error.
wall_time read_instant(std::string_view text, const zone& where, wall_time now);

} // namespace cicada::app
