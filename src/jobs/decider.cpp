#include <jobs/decider.hpp>

#include <algorithm>
#include <utility>

#include <cicada/base/rfc3339.hpp>

#include <jobs/text.hpp>
#include <schedule/progress_text.hpp>

namespace cicada::detail {

namespace {

nominal_instant nominal_of(wall_time t) noexcept { return {time_line::wall, t.time_since_epoch()}; }

/// What its row says of it.
progress::run run_of(const run_row& row) {
    progress::run run{.id = row.number,
                      .nominal = nominal_of(row.of.nominal),
                      .missed = row.missed,
                      .attempt = row.of.attempt,
                      .started_at = row.began_at,
                      .is_asked_to_end = row.of.is_asked_to_end};
    const bool is_ready = row.of.state == run_state::ready;
    if (is_ready && row.of.attempt > 1 && !was_lost(row)) { // the last one has failed
        --run.attempt;
        run.retry_at = both(row.of.run_at).elapsed;
    }
    return run;
}

progress progress_of(const job_row& row, const std::string& place) {
    progress at;
    try {
        at = parse_progress(row.at.progress);
    } catch (const parse_error& e) {
        throw store_error(e.offset() == 0 ? store_fault::too_new : store_fault::corrupt, place,
                          "holds the job \"" + row.name +
                              "\", whose progress cannot be read: " + e.what(),
                          "use the version that wrote it, or restore a backup");
    }
    for (const run_row& one : row.open) at.runs.push_back(run_of(one));
    return at;
}

job_notes notes_of(const job_row& row, const std::string& place) {
    try {
        return parse_notes(row.at.notes);
    } catch (const parse_error& e) {
        throw store_error(store_fault::corrupt, place,
                          "holds the job \"" + row.name +
                              "\", whose notes cannot be read: " + e.what(),
                          "use the version that wrote it, or restore a backup");
    }
}

bool has_grid(const job& one) noexcept {
    return !one.when.is_calendar() && !one.when.is_fixed_delay();
}

/// Of an interval that is new.
wall_time anchor_of(const job& one, wall_time now) noexcept {
    switch (one.first.which()) {
    case first::kind::at_wall:
        return wall_time(one.first.at());
    case first::kind::after_period:
        return later(now, one.when.as_interval().period());
    default:
        return now;
    }
}

} // namespace

decider::decider(const job_row& row, const std::string& place, std::string zones)
    : id_(row.id), revision_(row.revision), definition_(parse_job(row.definition, row.name, place)),
      course_(rules_of(definition_), progress_of(row, place)), notes_(notes_of(row, place)),
      epoch_(row.at.epoch), open_(row.open), looked_at_(row.at.decided), row_zones_(row.zones),
      zones_(std::move(zones)), row_wake_at_(row.at.wake_at) {}

new_job decider::make(const stored_job& of, std::string owner, wall_time now) {
    stored_job one{of.of, std::nullopt};
    if (has_grid(one.of)) one.anchor = anchor_of(one.of, now);
    job_row row;
    row.name = one.of.name;
    row.definition = to_json(one);
    row.zones = tz_mark();
    row.at.progress = to_text(progress());
    row.at.decided = now;
    decider d(row);
    d.course_.begin(one.of.when.is_fixed_delay() ? one.of.first : first(), both(now));
    return {.name = std::move(row.name),
            .owner = std::move(owner),
            .definition = std::move(row.definition),
            .zones = std::move(row.zones),
            .at = d.state()};
}

// ---- when to look at it ------------------------------------------------------------------------

std::optional<wall_time> decider::wake_at() const {
    const course::wake next = course_.look_at();
    if (next.may_start) return looked_at_;
    std::optional<wall_time> at;
    const auto no_later_than = [&](wall_time t) { at = at ? std::min(*at, t) : t; };
    if (next.due) no_later_than(wall_time(next.due->at));
    if (notes_.paused_until) no_later_than(*notes_.paused_until);
    if (notes_.backfill_at && has_room_for_backfill()) no_later_than(*notes_.backfill_at);
    return at;
}

bool decider::has_room_for_backfill() const {
    const auto is_backfilled = [](const run_row& one) {
        return one.of.origin == run_origin::backfilled;
    };
    return !course_.is_paused() && course_.would_start_at_once() &&
           std::none_of(open_.begin(), open_.end(), is_backfilled);
}

void decider::backfill_at(std::optional<wall_time> instant) {
    notes_.backfill_at = instant; // a step also when it is the same: the backfill itself may move
    has_step_ = true;
}

/// The clock was wrong, and has been set back.
bool decider::is_ahead_of(wall_time now) const {
    const life is = course_.state();
    return (is == life::active || (is == life::paused && !course_.by().when.is_calendar())) &&
           between(now, decided_to()) > most_set_back;
}

wall_time decider::decided_to() const {
    return course_.by().when.is_calendar() ? course_.at().decided : looked_at_;
}

// ---- what happens ------------------------------------------------------------------------------

/// A step of the course, and what may start after it.
template <class Step>
void decider::decide(wall_time now, Step step) {
    has_step_ = true;
    is_epoch_new_ = false;
    const bool was_paused = is_paused();
    const recurrence by = course_.by().when; // what is told is of this one, also when it changes
    const wall_time decided = decided_to();
    const std::optional<nominal_instant> next = course_.at().next;
    note_waiting();
    if (is_ahead_of(now)) clock_went_back(decided, now);
    what_.clear();
    step(both(now));
    carry_out(by, now);
    for (what_.clear(); course_.start_next(both(now), what_); what_.clear()) carry_out(by, now);
    forget_unasked();
    notes_.stays_paused = was_paused && has_ended() && !notes_.is_removed;
    if (!is_paused()) note_pause({}, {}, std::nullopt);
    looked_at_ = is_epoch_new_ ? now : std::max(decided, now);
    if (looked_at_ > now) stay_after(decided, next, now);
}

/// The clock was set back a little. No instant comes twice: a fixed delay counts on from where it
/// was, and so does a calendar that has taken its place.
void decider::stay_after(wall_time decided, const std::optional<nominal_instant>& next,
                         wall_time now) {
    progress at = course_.at();
    if (course_.by().when.is_calendar()) {
        if (at.decided >= decided) return;
        at.decided = decided;
        course_ = detail::course(course_.by(), std::move(at));
        what_.clear();
        course_.reconsider(both(now), what_);
    } else if (at.next && at.next != next) {
        const wall_time least = later(decided, course_.by().when.as_interval().period());
        at.next->at = std::max(at.next->at, least.time_since_epoch());
        course_ = detail::course(course_.by(), std::move(at));
    }
}

/// Who decides instants does so by the rules that it has, all since the last that was decided.
void decider::follow_zones(wall_time now) {
    if (row_zones_ == zones_ || course_.state() > life::paused) return;
    notes_.edited_at = decided_to();
    decide(now, [&](const clock_reading& c) { course_.reconsider(c, what_); });
    step_.zones = row_zones_ = zones_;
}

void decider::due(wall_time now) {
    follow_zones(now);
    if (notes_.paused_until && *notes_.paused_until <= now) {
        const wall_time then = std::min(now, std::max(*notes_.paused_until, decided_to()));
        resume(passed::skip, then);
    }
    if (is_ahead_of(now)) move_grid_before(now);
    decide_due(now);
    if (row_wake_at_ && *row_wake_at_ <= now && wake_at() != row_wake_at_) has_step_ = true;
}

/// A grid that begins where the clock has never been goes on before that.
void decider::move_grid_before(wall_time now) {
    stored_job& one = definition_;
    if (!has_grid(one.of) || one.of.first.which() == first::kind::at_wall) return;
    const duration ahead = between(now, one.anchor.value_or(now));
    if (ahead <= duration::zero()) return;
    const duration period = one.of.when.as_interval().period();
    const duration missing = ahead % period;
    one.anchor = missing == duration::zero() ? now : later(now, missing - period);
    course_ = detail::course(rules_of(one), course_.at());
    step_.definition = to_json(one);
}

void decider::decide_due(wall_time now) {
    const course::wake next = course_.look_at();
    const bool has_come = next.due && wall_time(next.due->at) <= now;
    if (!has_come && !next.may_start && !is_ahead_of(now)) return;
    decide(now, [&](const clock_reading& c) { course_.due(c, what_); });
    step_.not_before = now;
}

bool decider::run_ended(run_id id, const attempt_end& how, wall_time now) {
    run_row* const row = find_open(id);
    if (!row) return false;
    const std::uint64_t number = row->number;
    const bool was_paused = course_.is_paused();
    decide(now, [&](const clock_reading& c) {
        course_.run_ended(number, how.how, c, what_);
        const progress::run* const goes_on = find_run(number);
        end_attempt(change(*row), how,
                    goes_on ? std::optional(wall_time(goes_on->retry_at->time_since_epoch()))
                            : std::nullopt);
        apply_to(*row);
    });
    if (course_.is_paused() && !was_paused)
        note_pause({}, std::to_string(course_.at().failed_in_a_row) + " runs in a row have failed",
                   std::nullopt);
    return true;
}

bool decider::run_lost(run_id id, wall_time now) {
    run_row* const row = find_open(id);
    if (!row) return false;
    if (!may_run_again(*row, definition_.of.on_lost))
        return run_ended(id, {.how = run_end::lost}, now);
    has_step_ = true;
    begin_anew(change(*row), now);
    apply_to(*row);
    sync(*row);
    return true;
}

void decider::pause(std::string by, std::string note, std::optional<wall_time> until) {
    course_.pause();
    notes_.stays_paused = has_ended() && !notes_.is_removed;
    if (!is_paused()) return;
    has_step_ = true;
    note_pause(std::move(by), std::move(note), until);
}

bool decider::is_paused() const noexcept { return course_.is_paused() || notes_.stays_paused; }
bool decider::has_ended() const noexcept { return course_.state() > life::held; }

void decider::note_pause(std::string by, std::string note, std::optional<wall_time> until) {
    notes_.paused_by = clean_text(by, most_name);
    notes_.pause_note = clean_text(note, most_reason);
    notes_.paused_until = until;
}

void decider::resume(passed instants, wall_time now) {
    follow_zones(now);
    if (course_.is_paused()) {
        decide(now, [&](const clock_reading& c) {
            course_.resume(c, what_, instants);
            course_.reconsider(c, what_); // the clock may have been set back meanwhile
        });
    }
    if (std::exchange(notes_.stays_paused, false)) {
        has_step_ = true;
        note_pause({}, {}, std::nullopt);
    }
    decide_due(now);
}

bool decider::trigger(job_notes::asked what, std::optional<wall_time> nominal, wall_time now) {
    auto& waits = notes_.asked_for;
    const bool is_known = !what.key.empty() &&
                          std::any_of(waits.begin(), waits.end(), [&](const job_notes::asked& one) {
                              return one.key == what.key;
                          });
    if (is_known || course_.state() > life::paused) return false;
    what.tag = waits.empty() ? 1 : waits.back().tag + 1;
    what.nominal = nominal.value_or(now);
    decide(now, [&](const clock_reading& c) {
        course_.trigger(c, nominal ? std::optional(nominal_of(*nominal)) : std::nullopt, what.tag);
        waits.push_back(std::move(what));
    });
    return true;
}

bool decider::cancel_run(run_id id, wall_time now) {
    const run_row* const row = find_open(id);
    if (!row) return false;
    const std::uint64_t number = row->number;
    decide(now, [&](const clock_reading& c) {
        course_.cancel_run(number, c, what_);
        what_.cancel_run = number; // also if it waited for a retry
    });
    return true;
}

void decider::edit(const stored_job& to, wall_time now) {
    follow_zones(now);
    decide_due(now); // by all of the old definition
    stored_job next{to.of, std::nullopt};
    const bool is_same_grid =
        next.of.when == definition_.of.when && next.of.first == definition_.of.first;
    if (has_grid(next.of)) {
        next.anchor = is_same_grid ? definition_.anchor
                      : next.of.first.which() == first::kind::at_wall
                          ? wall_time(next.of.first.at())
                          : now;
    }
    decide(now, [&](const clock_reading& c) {
        const bool has_ended = course_.state() > life::paused;
        if (has_ended && between(now, decided_to()) > most_set_back)
            clock_went_back(decided_to(), now);
        course_.edit(rules_of(next), c, what_);
        if (notes_.stays_paused) course_.pause();
        if (notes_.is_removed) course_.resume(c, what_); // a pause was of the job before it
    });
    definition_ = std::move(next);
    notes_.edited_at = now;
    notes_.is_removed = false;
    step_.definition = to_json(definition_);
    step_.zones = row_zones_ = zones_;
}

void decider::remove(wall_time now) {
    follow_zones(now);
    decide_due(now);
    notes_.is_removed = true;
    decide(now, [&](const clock_reading& c) {
        rules ends = course_.by();
        ends.until = now;
        course_.edit(std::move(ends), c, what_);
        course_.release(c, what_);
    });
}

void decider::restored(wall_time now) {
    follow_zones(now);
    decide(now, [&](const clock_reading& c) {
        begin_epoch();
        course_.restored(c, what_);
    });
}

bool decider::mend(wall_time now) {
    if (course_.state() != life::active || row_wake_at_ || !open_.empty()) return false;
    if (!wake_at()) decide(now, [&](const clock_reading& c) { course_.reconsider(c, what_); });
    has_step_ = wake_at() || course_.state() != life::active;
    return has_step_;
}

// ---- rows -------------------------------------------------------------------------------------

void decider::run_is(const run_row& row) {
    run_row* const known = find_open(row.of.id);
    if (!known) return;
    *known = row;
    sync(row);
}

/// What the course knows of an open run is as in its row.
void decider::sync(const run_row& row) {
    progress at = course_.at();
    for (progress::run& run : at.runs) {
        if (run.id != row.number) continue;
        const std::uint64_t tag = run.tag;
        run = run_of(row);
        run.tag = tag;
    }
    course_ = detail::course(course_.by(), std::move(at));
}

// ---- the step ----------------------------------------------------------------------------------

job_state decider::state() const {
    return {.life = course_.state(),
            .decided = decided_to(),
            .wake_at = wake_at(),
            .epoch = epoch_,
            .progress = to_text(course_.at()),
            .notes = to_text(notes_)};
}

step decider::take_step(node_id by) {
    step made = std::exchange(step_, {});
    made.by = by;
    made.job = id_;
    made.revision = revision_;
    made.at = state();
    for (planned_change& one : changes_) made.changes.push_back(std::move(one.change));
    changes_.clear();
    told_.swap(decided_);
    decided_.clear();
    row_wake_at_ = made.at.wake_at;
    has_step_ = false;
    is_in_flight_ = true;
    return made;
}

void decider::taken(const step_result& result) {
    is_in_flight_ = false;
    revision_ = result.revision;
    for (const run_row& stored : result.begun) {
        run_row* const row = find_open(stored.number);
        const bool is_asked = row->of.is_asked_to_end; // meanwhile
        *row = stored;
        if (!is_asked) continue;
        std::erase_if(changes_, [&](const planned_change& c) { return c.number == stored.number; });
        decide(looked_at_, [&](const clock_reading&) {
            what_.cancel_run = stored.number; // asks it anew, now that the row is known
        });
    }
}

} // namespace cicada::detail
