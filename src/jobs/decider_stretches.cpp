// What a course tells of instants without a run, as stretches; and their epochs.

#include <jobs/decider.hpp>

#include <algorithm>

namespace cicada::detail {

namespace {

bool is_of_run(const decision& one) noexcept { return one.attempts > 0; }

} // namespace

void decider::tell(const decision& one, const recurrence& by, wall_time now) {
    using kind = decision::kind;
    if (is_of_run(one)) return; // its row says it
    if (one.what == kind::clock_went_back)
        return is_epoch_new_ ? void() : clock_went_back(one.last, now);
    if (is_of_asked(one)) return; // no instant of the schedule
    stretch made{.kind = one.what,
                 .epoch = epoch_of(one.nominal),
                 .first = one.nominal,
                 .last = one.last,
                 .count = one.count,
                 .is_at_least = one.is_at_least,
                 .into = one.into};
    if (one.what == kind::skipped_overlap && !course_.at().runs.empty()) {
        const run_row* const in_the_way = find_open(course_.at().runs.front().id);
        if (in_the_way) made.because_of = in_the_way->of.id;
    }
    if (one.what == kind::paused) {
        made.note = notes_.paused_by;
        if (!made.note.empty() && !notes_.pause_note.empty()) made.note += ": ";
        made.note += notes_.pause_note;
    }
    if (one.what != kind::excluded && by.is_calendar())
        made.follows = by.as_calendar().previous(one.nominal);
    if (made.follows && notes_.edited_at) {
        if (*made.follows <= *notes_.edited_at) {
            made.follows.reset();
        } else {
            notes_.edited_at.reset();
        }
    }
    record(std::move(made));
}

/// As a part of the last one of this step, where it can be that.
void decider::record(stretch one) {
    if (!step_.stretches.empty()) {
        stretch& last = step_.stretches.back();
        if (one.follows == last.last && one.kind == last.kind && one.epoch == last.epoch &&
            one.into == last.into && one.because_of == last.because_of && one.note == last.note) {
            last.last = one.last;
            last.count += one.count;
            last.is_at_least = last.is_at_least || one.is_at_least;
            return;
        }
    }
    step_.stretches.push_back(std::move(one));
}

/// Of something that was asked for, and is dropped.
bool decider::is_of_asked(const decision& one) {
    auto& waits = notes_.asked_for;
    const auto asked = std::find_if(waits.begin(), waits.end(), [&](const job_notes::asked& a) {
        return one.count == 1 && a.nominal == one.nominal && !is_waiting(a.tag);
    });
    if (asked == waits.end()) return false;
    waits.erase(asked);
    return true;
}

// ---- epochs ------------------------------------------------------------------------------------

/// What waits before a step: the step may drop it, and tell only after it that the clock went back.
void decider::note_waiting() {
    waiting_.clear();
    for (const auto* those : {&course_.at().waiting, &course_.at().arrived}) {
        for (const progress::arrival& one : *those) {
            if (!one.is_triggered()) waiting_.emplace_back(one.nominal.at);
        }
    }
}

/// Instants come a second time from here on. What waited is of the epoch in which it came.
void decider::begin_epoch() {
    std::vector<job_notes::earlier> waiting;
    for (const wall_time nominal : waiting_) waiting.push_back({epoch_of(nominal), nominal});
    notes_.of_earlier_epochs = std::move(waiting);
    ++epoch_;
    is_epoch_new_ = true;
}

std::uint32_t decider::epoch_of(wall_time nominal) {
    auto& earlier = notes_.of_earlier_epochs;
    const auto one = std::find_if(earlier.begin(), earlier.end(),
                                  [&](const auto& e) { return e.nominal == nominal; });
    if (one == earlier.end()) return epoch_;
    const std::uint32_t epoch = one->epoch;
    earlier.erase(one);
    return epoch;
}

/// It was ahead until `last`.
void decider::clock_went_back(wall_time last, wall_time now) {
    begin_epoch();
    record({.kind = decision::kind::clock_went_back,
            .epoch = epoch_,
            .first = now,
            .last = last,
            .count = 0});
    for (run_row& row : open_) { // what was to wait for a while still does
        if (row.of.state != run_state::ready || row.of.run_at <= now) continue;
        if (row.of.id != no_run) {
            const duration left = std::max(between(last, row.of.run_at), duration::zero());
            change(row).run_at = later(now, left);
            apply_to(row);
        }
        for (run_row& begun : step_.begins) {
            if (begun.number == row.number) begun.of.run_at = row.of.run_at = now;
        }
    }
}

} // namespace cicada::detail
