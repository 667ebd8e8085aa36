#pragma once

/// Durations as text: of ISO 8601 ("PT1H30M") and as people write them ("1h30m").
///
///     parse_duration("PT15M")  parse_duration("P1DT2H")  parse_duration("PT0.25S")
///     parse_duration("15m")    parse_duration("1d2h")    parse_duration("250ms")
///
/// Numbers with units, from the greatest unit to the least, each at most once; the last number may
/// have a fraction. ISO has W, D, then after a T H, M, S; the short form w, d, h, m, s, ms, us, ns.
/// A day is 24 hours and a week 7 days: for days of a calendar, which DST makes longer or shorter,
/// see calendar.hpp.
///
/// Threads: any.

#include <cicada/base/rfc3339.hpp>

namespace cicada {

/// Reads either form. Exact: throws parse_error for what is no whole number of nanoseconds, as for
/// what is negative or longer than a duration can be (292 years), and for years and months, which
/// have no fixed length.
CICADA_API duration parse_duration(std::string_view text);

/// In ISO 8601, in days, hours, minutes and seconds with as many digits as it needs: "P1DT2H",
/// "PT0.25S", "PT0S". It is read back as the same duration, unless it is negative: those get a '-'
/// in front, which parse_duration refuses.
CICADA_API std::string format_duration(duration d);

/// In the short form, in days and less: "15m", "1d2h", "1s500ms", "0s". Read back likewise.
CICADA_API std::string format_short_duration(duration d);

} // namespace cicada
