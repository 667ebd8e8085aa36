#pragma once

/// Calendars: every so many days, weeks, months or years, at a local time in a zone.
///
///     auto pay = cicada::every_months(1, "2026-01-31T09:00:00", "Europe/Berlin");
///     auto sync = cicada::every_weeks(2, local_days(2026y / January / 5) + 8h, "UTC");
///     auto scan = cicada::every_interval(90min, "2026-01-01T00:00:00Z");  // of elapsed time
///     auto once = cicada::once("2026-03-01T12:00:00Z");
///
/// A series starts at its *anchor* and has no instants before it. Each of its instants is computed
/// from the anchor, so that nothing drifts: after the 28th of February comes the 31st of March.
/// Days are those of the local calendar, and so are 23 or 25 hours long where clocks are set.
///
/// DST: a local time that comes twice counts the first time. One that clocks leap over counts at
/// the first instant after the gap, or not at all with gap::skip.
///
/// Errors: std::invalid_argument when a number or a period is not positive, and for an anchor
///         outside of 1678 to 2261; parse_error and unknown_zone for what is given as text.
/// Cost:   next and previous compute, they do not search: some lookups in the zone.

#include <cicada/schedule/or_text.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

/// What becomes of the 31st in a month of 30 days, and of the 29th of February in most years.
enum class month_end : std::uint8_t {
    clamp, // the last day of the month
    skip, // nothing: that month has no instant
};

struct calendar_options {
    /// For months and years only.
    cicada::month_end month_end = month_end::clamp;
    cicada::gap gap = gap::run;
};

CICADA_API schedule every_days(int n, const or_text<local_time>& anchor,
                               const or_text<zone>& where = {}, const calendar_options& how = {});
CICADA_API schedule every_weeks(int n, const or_text<local_time>& anchor,
                                const or_text<zone>& where = {}, const calendar_options& how = {});
CICADA_API schedule every_months(int n, const or_text<local_time>& anchor,
                                 const or_text<zone>& where = {}, const calendar_options& how = {});
CICADA_API schedule every_years(int n, const or_text<local_time>& anchor,
                                const or_text<zone>& where = {}, const calendar_options& how = {});

/// Every `period` of elapsed time from `anchor` on, whatever the clocks on walls show. (Of
/// `every`'s intervals it differs in that it has an anchor, and so is the same after a restart.)
CICADA_API schedule every_interval(const or_text<duration>& period,
                                   const or_text<wall_time>& anchor = {});

/// One instant.
CICADA_API schedule once(const or_text<wall_time>& instant);

} // namespace cicada
