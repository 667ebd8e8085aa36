#pragma once

/// The legal states of a course: the table at the head of course.hpp.

#include <schedule/course.hpp>

#include <algorithm>

namespace support {

/// What is wrong with it; null: nothing.
inline const char* illegal(const cicada::detail::course& c) {
    using cicada::life;
    const cicada::detail::rules& by = c.by();
    const cicada::detail::progress& at = c.at();
    using run = cicada::detail::progress::run;
    const bool has_instants = at.state == life::active || at.state == life::paused;
    const bool waits = !at.arrived.empty() || !at.waiting.empty();
    const bool is_idle = !waits && at.runs.empty();

    if (at.next && !has_instants) return "a next instant in a state that has none";
    if (!at.next && (at.delay.count() != 0 || at.is_horizon)) return "a delay of no next instant";
    if (at.is_horizon && at.delay.count() != 0) return "a horizon that is spread";
    if (at.delay.count() < 0) return "a delay that is negative";
    if (has_instants && !at.next && by.when.is_calendar()) return "a calendar without an instant";
    if ((at.state == life::ending || at.state == life::held) && is_idle)
        return "ending, with nothing to wait for";
    if (at.state == life::cancelling && at.runs.empty()) return "cancelling nothing";
    if (at.state >= life::cancelling && waits) return "something waits that will not start";
    if (at.state == life::ended && !is_idle) return "ended, with something under way";
    if (by.times != 0 && at.ran >= by.times && (has_instants || waits))
        return "something comes after its last run";
    if (at.ran != at.last_run) return "runs without an id of their own";
    for (const run& r : at.runs) {
        if (r.retry_at && r.is_retry_due) return "a retry that is due and is waited for";
        if (r.waits_for_retry() && r.is_asked_to_end)
            return "one that was asked to end waits for a retry";
        if (at.state == life::cancelling && !r.is_asked_to_end)
            return "cancelling, and does not ask";
        if (r.id == 0 || r.id > at.last_run) return "a run that was not started";
        if (r.attempt == 0) return "an attempt that was not made";
    }
    return nullptr;
}

} // namespace support
