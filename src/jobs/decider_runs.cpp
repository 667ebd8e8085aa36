// What follows for runs from what a course says, as rows and as changes of rows.

#include <jobs/decider.hpp>

#include <algorithm>

#include <cicada/base/rfc3339.hpp>

namespace cicada::detail {

namespace {

/// As job_run::key() gives it, of a run that was given none: no other run of the job has it.
std::string key_of(const std::string& job, const run_row& row) {
    std::string key = job + '@' + format_instant(row.of.nominal);
    if (row.epoch > 0) key += '#' + std::to_string(row.epoch);
    if (row.of.origin != run_origin::scheduled) key += '/' + std::to_string(row.number);
    return key;
}

} // namespace

void decider::carry_out(const recurrence& by, wall_time now) {
    for (const decision& one : what_.decided) tell(one, by, now);
    decided_.insert(decided_.end(), what_.decided.begin(), what_.decided.end());
    if (what_.cancel_runs || what_.cancel_run != 0) end_asked(now);
    if (what_.start) begin(*what_.start, now);
}

void decider::begin(const progress::run& run, wall_time now) {
    const auto& waits = notes_.asked_for;
    const auto asked = std::find_if(waits.begin(), waits.end(), [&](const job_notes::asked& one) {
        return run.tag != 0 && one.tag == run.tag;
    });
    const bool is_scheduled = asked == waits.end();
    const job& of = definition_.of;
    run_row row;
    row.of.kind = of.kind;
    row.of.origin = is_scheduled ? run_origin::scheduled : asked->origin;
    row.of.nominal = wall_time(run.nominal.at);
    row.of.run_at = now;
    row.of.arguments = is_scheduled ? of.arguments : asked->arguments.value_or(of.arguments);
    row.job = id_;
    row.epoch = is_scheduled ? epoch_of(row.of.nominal) : epoch_;
    row.number = run.id;
    row.missed = run.missed;
    row.began_at = now;
    row.label = of.label;
    row.of.key = is_scheduled || asked->key.empty() ? key_of(of.name, row) : asked->key;
    open_.push_back(row);
    step_.begins.push_back(std::move(row));
}

/// Those that the course has asked to end, and the store's row does not say so yet.
void decider::end_asked(wall_time now) {
    std::vector<std::uint64_t> all;
    for (const run_row& row : open_) all.push_back(row.number);
    for (const std::uint64_t number : all) {
        run_row& row = *find_open(number);
        const progress::run* const run = find_run(number);
        const bool is_ready = row.of.state == run_state::ready && row.of.id != no_run;
        if (!run) { // it waited for a retry
            give_up(change(row));
            apply_to(row);
        } else if (!run->is_asked_to_end || row.of.is_asked_to_end) {
            continue;
        } else if (is_ready || is_in_step(row)) {
            end_unclaimed(row, now);
        } else {
            change(row).is_asked_to_end = true;
            apply_to(row);
        }
    }
}

/// Nobody has it, so it ends here.
void decider::end_unclaimed(run_row& row, wall_time now) {
    outcome told; // of the run alone
    course_.run_ended(row.number, run_end::cancelled, both(now), told);
    decided_.insert(decided_.end(), told.decided.begin(), told.decided.end());
    if (!is_in_step(row)) {
        run_change& ends = change(row);
        ends.is_asked_to_end = true;
        ends.state = run_state::cancelled;
        return apply_to(row);
    }
    if (row.of.origin == run_origin::scheduled)
        record({.kind = decision::kind::cancelled,
                .epoch = row.epoch,
                .first = row.of.nominal,
                .last = row.of.nominal});
    const auto has_number = [number = row.number](const run_row& one) {
        return one.number == number;
    };
    std::erase_if(step_.begins, has_number);
    std::erase_if(open_, has_number);
}

/// What was asked for, and has got its run or will get none.
void decider::forget_unasked() {
    std::erase_if(notes_.asked_for,
                  [&](const job_notes::asked& one) { return !is_waiting(one.tag); });
}

bool decider::is_waiting(std::uint64_t tag) const {
    const auto has_tag = [&](const progress::arrival& one) { return one.tag == tag; };
    const progress& at = course_.at();
    return std::any_of(at.arrived.begin(), at.arrived.end(), has_tag) ||
           std::any_of(at.waiting.begin(), at.waiting.end(), has_tag);
}

// ---- rows --------------------------------------------------------------------------------------

run_row* decider::find_open(std::uint64_t number) {
    const auto one = std::find_if(open_.begin(), open_.end(),
                                  [&](const run_row& row) { return row.number == number; });
    return one == open_.end() ? nullptr : &*one;
}

run_row* decider::find_open(run_id id) {
    const auto one = std::find_if(open_.begin(), open_.end(),
                                  [&](const run_row& row) { return row.of.id == id; });
    return one == open_.end() || id == no_run ? nullptr : &*one;
}

const progress::run* decider::find_run(std::uint64_t number) const {
    const auto& runs = course_.at().runs;
    const auto one = std::find_if(runs.begin(), runs.end(),
                                  [&](const progress::run& run) { return run.id == number; });
    return one == runs.end() ? nullptr : &*one;
}

bool decider::is_in_step(const run_row& row) const {
    return std::any_of(step_.begins.begin(), step_.begins.end(),
                       [&](const run_row& one) { return one.number == row.number; });
}

/// What the next step is to make of it.
run_change& decider::change(const run_row& row) {
    for (planned_change& one : changes_) {
        if (one.number == row.number) return one.change;
    }
    return changes_.emplace_back(row.number, change_of(row)).change;
}

/// From here on it is as it is planned to be.
void decider::apply_to(run_row& row) {
    apply_change(change(row), row);
    if (is_open(row.of.state)) return;
    std::erase_if(open_,
                  [number = row.number](const run_row& one) { return one.number == number; });
}

} // namespace cicada::detail
