#pragma once

/// Random histories of schedules at work, as values: what is to be done, what happens, and what
/// each attempt comes to. Who plays them: drivers.hpp.
///
/// A history holds what a periodic and a job can both do, and decide alike. Left out is:
///
///   - clocks that are set, but for calendars (`sets_clocks`), and there once back, and without
///     pauses, retries, edits and long runs: a periodic lives by elapsed time where it can, a job
///     never. A loop that has noticed one step counts anew from there, a job from what it has
///     decided; one that is paused looks at the clock when it resumes. By which edit an instant of
///     an epoch was decided that has passed nobody knows.
///   - `missed` other than skip, and `accuracy`: a job has none. An interval of a job stands on the
///     wall clock. Where something may come late, or is spread by jitter (which depends on the
///     instant, in its time line), the others are given the same grid as a calendar: on_wall(). A
///     plain one is given to all of them as it is.
///   - a retry at the very time of an instant, be it because the machine slept through both: a
///     periodic begins with the retry, a worker with the instant.
///   - an interval whose run ends at the very time of an instant: of elapsed time, that is armed
///     first, and meets the run; of a calendar, and so of a job, it does not.
///   - runs that end where they begin, so that no instant meets them. A run of a job lasts for a
///     commit at least; here each takes a millisecond.
///   - several instants that come at once under overlap::cancel_other: a run of a job that nobody
///     has claimed yet ends as it is cancelled, one of a periodic takes its time.
///   - runs side by side that end at once, of which one stops the job: the others of a periodic are
///     cancelled then, those of a job have ended as well.
///   - cancel() of a periodic that repeats; of one run, resume with passed::catch_up, and edits of
///     what has come to its end, which only jobs have. Workers that die: the model of clusters.
///   - of simulate() all that is not `quiet`: it knows no bodies that fail, no `until` and `times`,
///     and nobody who asks for anything.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/jobs.hpp>
#include <cicada/schedule/simulate.hpp>

namespace jobs_model {

using cicada::duration;
using cicada::wall_time;

/// What an attempt does.
struct attempt {
    enum class ending : std::uint8_t { ok, fails, fails_for_good };
    duration takes{};
    ending how = ending::ok;
};

struct planned_job {
    cicada::job of;
    /// Of a one-shot, of which `of` has a name and `retry`: a periodic made by at(), and a run that
    /// is submitted.
    std::optional<wall_time> once = std::nullopt;
    duration takes{}; // each attempt, unless it varies
    bool varies = false; // how long it takes, from one attempt to the next
    unsigned fails_of_8 = 0; // so many of 8 attempts fail
    std::uint64_t seed = 0;

    /// Always the same for the same instant.
    attempt at(wall_time nominal, std::uint32_t number) const;
};

/// The machine is off, or something is asked of a job.
struct happening {
    enum class kind : std::uint8_t {
        outage, // until `until`
        pause,
        ends_a_pause, // by the `until` that it had
        resume,
        trigger,
        reschedule,
        cancel, // of a one-shot
        set_clock,
    };
    kind what = kind::outage;
    wall_time at{}; // by a clock that nobody sets
    std::optional<wall_time> until = std::nullopt; // of an outage, and perhaps of a pause
    std::size_t job = 0;
    std::optional<cicada::recurrence> when = std::nullopt; // reschedule
    duration by{}; // set_clock
};

struct history {
    std::uint64_t seed = 0;
    wall_time start{};
    wall_time until{};
    std::vector<planned_job> jobs;
    std::vector<happening> happens; // in order, and apart from each other
    bool is_quiet = false; // simulate() can tell it
    bool sets_clocks = false;

    bool has_outages() const;
    /// Nothing runs when an outage begins.
    bool runs_in_no_time() const;
    /// Whether the interval of a job, at a fixed rate, may be one of elapsed time.
    bool is_plain(const planned_job& one) const;
    /// What a job makes of this recurrence, when it counts from `first`.
    cicada::recurrence on_wall(const planned_job& one, const cicada::recurrence& when,
                               const cicada::first& from) const;
    /// Where its own begins.
    cicada::first begins_at(const planned_job& one) const;
    std::string text() const;
};

history make_history(std::uint64_t seed);

} // namespace jobs_model
