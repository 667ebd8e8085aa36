#pragma once

/// decider: a job at work. It drives the job's course with what happens to it, and makes of what
/// the course says the *step* that a store is to take. Pure: no clock, no store, no thread.
///
///     decider d(row);                      // as it lies in the store
///     ... at d.wake_at(), or when something has happened:
///     d.due(now);                          // any number of these
///     d.run_ended(which, how, now);
///     if (d.has_step()) write(d.take_step(by));
///     ... and with the answer:
///     d.taken(result);                     // or read the row again: decider(row)
///
/// A decider goes ahead of its store: what it has decided counts as done, and if the store does not
/// take the step, it is thrown away, for a new one that is read from the store.
///
/// Time is the store's, as both lines of a clock_reading: what waits is in wall time, and an
/// interval of a fixed rate is the calendar every_interval(period, anchor).
/// Errors: store_error (not_a_store) for a definition or progress that cannot be read.

#include <cicada/jobs/job_store.hpp>
#include <jobs/definition.hpp>
#include <schedule/course.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

/// How an attempt ended.
struct attempt_end {
    run_end how = run_end::ok;
    std::string reason;
    std::string log;
    std::string report;
};

/// Beside its course's progress, what it keeps between steps: job_state::notes.
struct job_notes {
    struct asked { // a trigger, a rerun, or an instant of a backfill, that waits or runs
        std::uint64_t tag = 0;
        run_origin origin = run_origin::triggered;
        std::string key;
        std::optional<std::string> arguments;
    };
    std::string paused_by;
    std::string pause_note;
    std::optional<wall_time> paused_until;
    std::vector<asked> asked_for;
    std::optional<wall_time> backfill_at; // one of its backfills goes on then: see backfill.hpp
    bool is_removed = false; // by apply(): it ends when what it has begun has ended
};

class CICADA_API decider {
public:
    explicit decider(const job_row& row);

    job_id id() const noexcept { return id_; }
    const stored_job& definition() const noexcept { return definition_; }
    const detail::course& course() const noexcept { return course_; }
    const job_notes& notes() const noexcept { return notes_; }
    const std::vector<run_row>& open() const noexcept { return open_; }
    /// When to look at it again, if nothing happens.
    std::optional<wall_time> wake_at() const;

    // ---- what happens --------------------------------------------------------------------------
    /// Instants have come; a pause is over; the tz database is newer than that of wake_at.
    void due(wall_time now);
    /// An attempt of an open run has ended. Its retry, if it has one, is decided here.
    void run_ended(run_id id, const attempt_end& how, wall_time now);
    /// The worker of an open run is gone.
    void run_lost(run_id id, wall_time now);
    void pause(std::string by, std::string note, std::optional<wall_time> until);
    void resume(passed instants, wall_time now);
    void trigger(job_notes::asked what, std::optional<wall_time> nominal, wall_time now);
    void cancel_run(run_id id, wall_time now);
    void edit(const stored_job& to, wall_time now);
    void remove(wall_time now);
    void restored(wall_time now);
    /// Whether an instant of a backfill would start at once.
    bool has_room_for_backfill() const;
    /// Notes it. While there is room, wake_at() is no later than that.
    void backfill_at(std::optional<wall_time> instant);

    // ---- the step ------------------------------------------------------------------------------
    bool has_step() const noexcept { return has_step_; }
    /// What has happened since the last one. New runs are ready. (A node that can run them at once
    /// makes them its own: state, node and claim of step::begins.)
    step take_step(node_id by);
    void taken(const step_result& result);

    /// The first row of a job that is new.
    static new_job make(const stored_job& of, std::string owner, wall_time now);

private:
    // to be settled by who writes it
    job_id id_;
    stored_job definition_;
    detail::course course_;
    job_notes notes_;
    std::vector<run_row> open_;
    bool has_step_ = false;
};

} // namespace cicada::detail
