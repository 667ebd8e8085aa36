#pragma once

/// decider: a job at work. It drives the job's course with what happens to it, and makes of what
/// the course says the *step* that a store is to take. Pure: no clock, no store, no thread.
///
///     decider d(row, place);               // as it lies in the store
///     ... at d.wake_at(), or when something has happened:
///     d.due(now);                          // any number of these
///     d.run_ended(which, how, now);
///     if (d.has_step()) write(d.take_step(by));
///     ... and with the answer:
///     d.taken(result);                     // or read the row again: decider(row)
///
/// A decider goes ahead of its store: what it has decided counts as done, and if the store does not
/// take the step, it is thrown away, for a new one that is read from the store. So it is, too, when
/// a function throws std::bad_alloc. Between take_step() and taken() it may be told what happens,
/// but gives no second step.
///
/// Time is the store's, as both lines of a clock_reading: what waits is in wall time, and an
/// interval of a fixed rate is the calendar every_interval(period, anchor).
///
/// What its course says of a run goes into rows, and comes from there: see run_changes.hpp. That a
/// run is claimed, or handed back, is no happening: its row says it, and run_is() tells.
///
/// Errors: store_error (corrupt, too_new) for a definition or progress that cannot be read.

#include <cicada/jobs/job_store.hpp>
#include <jobs/definition.hpp>
#include <jobs/notes.hpp>
#include <jobs/run_changes.hpp>
#include <schedule/course.hpp>
#include <schedule/tz_database.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

/// A store has one clock.
inline clock_reading both(wall_time now) noexcept {
    return {elapsed_time(now.time_since_epoch()), now};
}

class CICADA_API decider {
public:
    /// `place` is for messages. `zones` is the version of the tz database that this process has.
    explicit decider(const job_row& row, const std::string& place = "the store",
                     std::string zones = tz_mark());

    job_id id() const noexcept { return id_; }
    std::uint64_t revision() const noexcept { return revision_; }
    const stored_job& definition() const noexcept { return definition_; }
    const detail::course& course() const noexcept { return course_; }
    const job_notes& notes() const noexcept { return notes_; }
    /// Its runs that are ready or running, as they will be, by number.
    const std::vector<run_row>& open() const noexcept { return open_; }
    /// When to look at it again, if nothing happens: then due() has a step.
    std::optional<wall_time> wake_at() const;
    /// The version of the tz database that the row goes by.
    const std::string& zones() const noexcept { return row_zones_; }
    /// That is newer than what this process has: others should decide, if there are any (D3). An
    /// interval goes by none.
    bool has_newer_zones() const {
        return definition_.of.when.is_calendar() && is_newer_tz(row_zones_, zones_);
    }

    // ---- what happens --------------------------------------------------------------------------
    /// Instants have come; a pause is over; the clock was wrong, and has been set back; the tz
    /// database is another one than that of wake_at. Without any of these there is no step.
    void due(wall_time now);
    /// An attempt of an open run has ended. Its retry, if it has one, is decided here. False: it is
    /// not open any more, and what it did is not counted.
    bool run_ended(run_id id, const attempt_end& how, wall_time now);
    /// The worker of an open run is gone: it is ready once more, or lost. False: it is not open.
    bool run_lost(run_id id, wall_time now);
    /// It lasts until resume(), or `until`, whatever it is edited to: of a job that has ended, too,
    /// but for one that was removed.
    void pause(std::string by, std::string note, std::optional<wall_time> until);
    void resume(passed instants, wall_time now);
    /// None as `nominal`: now. False: nothing has come of it, for one with this key waits already,
    /// or the job has ended.
    bool trigger(job_notes::asked what, std::optional<wall_time> nominal, wall_time now);
    /// False: it is not open any more.
    bool cancel_run(run_id id, wall_time now);
    /// What was due is decided by the old definition; what starts from here on is of the new one,
    /// which counts strictly after now. Also of a job that was removed: it is there again.
    /// `to.anchor` is given here.
    void edit(const stored_job& to, wall_time now);
    /// No instants from now on; what has come before goes on to its end.
    void remove(wall_time now);
    /// Nobody would ever look at it again: active, but its row has no wake and no open run. Then
    /// its next instant is computed anew. False: it is not so; or it has none, as an interval that
    /// is longer than time.
    bool mend(wall_time now);
    /// The row is that of a backup.
    void restored(wall_time now);
    /// Whether an instant of a backfill would start at once; one of them runs at a time.
    bool has_room_for_backfill() const;
    /// Notes it. While there is room, wake_at() is no later than that.
    void backfill_at(std::optional<wall_time> instant);

    /// The row of an open run, as it lies in the store: it was claimed, or handed back.
    void run_is(const run_row& row);

    // ---- the step ------------------------------------------------------------------------------
    bool has_step() const noexcept { return has_step_ && !is_in_flight_; }
    /// What has happened since the last one. New runs are ready. (A node that can run them at once
    /// makes them its own: state, node and claim of step::begins.) Precondition: has_step().
    step take_step(node_id by);
    /// What was decided in the step that was taken last: for worker_options::on_decision.
    const std::vector<decision>& decided() const noexcept { return told_; }
    /// By it, new runs have their ids.
    void taken(const step_result& result);

    /// The first row of a job that is new.
    static new_job make(const stored_job& of, std::string owner, wall_time now);

private:
    /// What is to become of the run with this number. Its id is none while the store has not said
    /// what it is.
    struct planned_change {
        std::uint64_t number = 0;
        run_change change;
    };

    template <class Step>
    void decide(wall_time now, Step step);
    void follow_zones(wall_time now);
    void stay_after(wall_time decided, const std::optional<nominal_instant>& next, wall_time now);
    void decide_due(wall_time now);
    bool is_ahead_of(wall_time now) const;
    void move_grid_before(wall_time now);
    wall_time decided_to() const;
    bool is_paused() const noexcept;
    bool has_ended() const noexcept; // or is about to
    void note_pause(std::string by, std::string note, std::optional<wall_time> until);

    void carry_out(const recurrence& by, wall_time now);
    void begin(const progress::run& run, wall_time now);
    void end_asked(wall_time now);
    void end_unclaimed(run_row& row, wall_time now);
    void forget_unasked();
    bool is_waiting(std::uint64_t tag) const;

    void tell(const decision& one, const recurrence& by, wall_time now);
    void record(stretch one);
    bool is_of_asked(const decision& one);
    void note_waiting();
    void begin_epoch();
    std::uint32_t epoch_of(wall_time nominal);
    void clock_went_back(wall_time last, wall_time now);

    run_row* find_open(std::uint64_t number);
    run_row* find_open(run_id id);
    const progress::run* find_run(std::uint64_t number) const;
    bool is_in_step(const run_row& row) const;
    run_change& change(const run_row& row);
    void apply_to(run_row& row);
    void sync(const run_row& row);
    job_state state() const;

    job_id id_;
    std::uint64_t revision_;
    stored_job definition_;
    detail::course course_;
    job_notes notes_;
    std::uint32_t epoch_;
    std::vector<run_row> open_;
    wall_time looked_at_; // the greatest `now` of this epoch; of a fixed delay: what is decided
    std::string row_zones_;
    std::string zones_;
    std::optional<wall_time> row_wake_at_; // what the store goes by
    bool is_epoch_new_ = false; // it begins with what is being decided
    bool has_step_ = false;
    bool is_in_flight_ = false; // the step that was taken last
    step step_; // the next one
    std::vector<planned_change> changes_; // its
    std::vector<decision> decided_; // since the last step
    std::vector<decision> told_; // in it
    outcome what_; // of the last step of the course
    std::vector<wall_time> waiting_; // before it: instants of the schedule
};

} // namespace cicada::detail
