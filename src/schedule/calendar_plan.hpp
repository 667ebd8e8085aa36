#pragma once

/// What becomes of the instants of a calendar that have come: ADR 7. Pure.

#include <cstdint>
#include <optional>
#include <vector>

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/schedule.hpp>
#include <schedule/policies.hpp>

namespace cicada::detail {

struct calendar_query {
    const schedule& when;
    cicada::catch_up catch_up = catch_up::last;
    duration window = duration::max();
    duration start_deadline = duration::max();
    std::optional<wall_time> until = std::nullopt; // no instants from here on
    duration on_purpose{}; // how late the instant that is due was meant to be: jitter, accuracy
};

struct calendar_plan {
    std::optional<wall_time> run; // the newest that gets one
    std::vector<wall_time> earlier_runs; // those before it (catch_up::all), oldest first
    std::vector<decision> settled; // the others, which get none, in order
    std::uint64_t missed = 0; // of them those that are not excluded
    search_result next; // after all of these, and before `until`
};

/// Of the instants after `decided`, up to which all have been decided, and up to now.
CICADA_API calendar_plan plan(const calendar_query& q, wall_time decided, wall_time now);

/// The same instants, none of which gets a run, for one reason. `next` is not looked for.
CICADA_API calendar_plan plan_without_runs(const calendar_query& q, decision::kind why,
                                           wall_time decided, wall_time now);

/// The first instant after `after` and before `until`.
CICADA_API search_result next_before_until(const calendar_query& q, wall_time after);

} // namespace cicada::detail
