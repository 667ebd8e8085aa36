#pragma once

/// Schedules made of schedules.
///
///     auto work = cicada::any_of(cicada::cron("0 9 * * *"), cicada::once("2026-03-01T12:00:00Z"));
///     work = cicada::except(work, cicada::on_weekdays({Saturday, Sunday}, "Europe/Berlin"));
///     work = cicada::except(work, cicada::cron("0 9 1 * *"));
///     work = cicada::starting(cicada::until(work, end), "2026-01-01T00:00:00Z");
///
/// Bounds: instants that all_of agrees on, or that except leaves, may be far away, or there may be
///         none. They are looked for through a million instants, which takes some tenths of a
///         second; then the search is given up: next names none, and find_next tells how far it has
///         got. A search within a search (an except of an all_of, say) has a sixteenth of that, at
///         the expense of the outer one: nesting multiplies nothing. A filter takes one step a day,
///         however many instants it removes.
/// Errors: std::invalid_argument when there is nothing to combine; parse_error for what is given as
///         text.

#include <vector>

#include <cicada/schedule/filter.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

/// The instants of any of them, each once.
CICADA_API schedule any_of(std::vector<schedule> rules);
template <std::convertible_to<schedule>... Rules>
schedule any_of(Rules... rules) {
    return any_of(std::vector<schedule>{schedule(std::move(rules))...});
}

/// The instants that all of them name.
CICADA_API schedule all_of(std::vector<schedule> rules);
template <std::convertible_to<schedule>... Rules>
schedule all_of(Rules... rules) {
    return all_of(std::vector<schedule>{schedule(std::move(rules))...});
}

/// Those of `base`, but for what is excepted: a stretch of local time, or the instants of another
/// schedule. next_candidate tells them as excluded.
CICADA_API schedule except(schedule base, time_filter removed);
CICADA_API schedule except(schedule base, schedule removed);

/// Those from `first` on.
CICADA_API schedule starting(schedule base, const or_text<wall_time>& first);

/// Those before `end`.
CICADA_API schedule until(schedule base, const or_text<wall_time>& end);

} // namespace cicada
