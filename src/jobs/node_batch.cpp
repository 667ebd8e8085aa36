// What has come up, gathered into one batch.

#include <jobs/node.hpp>

#include <algorithm>
#include <iterator>

#include <cicada/loop/sleep.hpp>
#include <jobs/submitted_run.hpp>

namespace cicada::detail {

namespace {

constexpr duration for_newer_zones = std::chrono::minutes(1);
constexpr std::size_t most_steps = 500; // in a batch: D22
constexpr std::size_t most_news = 10'000; // that wait; with more, nothing new begins: D9

run_change hand_back(const run_row& row, wall_time now) {
    run_change change = change_of(row);
    change.state = run_state::ready;
    change.run_at = now;
    return change;
}

run_change without_retry(const run_row& row, const attempt_end& end) {
    run_change change = change_of(row);
    end_attempt(change, end, std::nullopt);
    return change;
}

/// Of what was submitted.
run_change after(const run_row& row, const attempt_end& end, wall_time now,
                 const std::string& place) {
    try {
        return after_attempt(row, end, now, place);
    } catch (const store_error&) { // its policies cannot be read
        return without_retry(row, end);
    }
}

bool is_same_claim(const run_row& a, const run_row& b) {
    return a.of.id == b.of.id && a.of.fence == b.of.fence && a.claim == b.claim &&
           a.of.state == run_state::running;
}

} // namespace

std::shared_ptr<batch> node::gather() {
    auto next = std::make_shared<batch>();
    if (!heart_->may_begin(cicada::now())) return next; // the store would refuse it
    const wall_time now = link().now();
    latest_ = std::max(latest_, now);
    do next->claim_id = random_();
    while (next->claim_id == 0);

    next->entries.reserve(std::min(news_.size(), most_steps));
    std::vector<run_news> waits;
    for (; !news_.empty() && next->entries.size() < most_steps; news_.pop_front()) {
        if (!feed(news_.front(), *next, now)) waits.push_back(std::move(news_.front()));
    }
    std::move(waits.rbegin(), waits.rend(), std::front_inserter(news_));
    std::size_t free = 0;
    if (!is_stopping_ && news_.size() < most_news && attempts_.size() < options_.most)
        free = options_.most - attempts_.size();
    // No more than may begin at once: the rest would be written once more for that. While nothing
    // may, it is decided all the same.
    const std::size_t most_due = free > 0 ? free : most_steps;
    for (std::size_t due = 0;
         !is_stopping_ && due < most_due && next->entries.size() < most_steps;) {
        view::entry* const one = view_.take_due(now);
        if (!one) break;
        if (look_into(*one, *next, now)) ++due;
    }
    const bool was_behind = std::exchange(is_behind_, view_.next() && *view_.next() <= now);
    if (was_behind && !is_behind_ && wakes_more_) look_at_ = elapsed_time::min();
    for (batch::entry& each : next->entries) {
        if (each.job == job_id::none) continue;
        view::entry& of = *view_.find(each.job);
        of.in_batch = 0;
        each.what = of.job.take_step(me_.by);
        take_slots(each.what, next->claim_id, free, now);
    }
    if (free > 0 && ready_at_ && *ready_at_ <= now) {
        next->claims = me_;
        next->claims->id = next->claim_id;
        next->claims->most = free;
    }
    return next;
}

/// False: it waits until its job has been read.
bool node::feed(run_news& one, batch& into, wall_time now) {
    const run_row& row = *one.row;
    if (to_read_.contains(row.job)) return false; // what came before it waits for that
    view::entry* const of = row.job == job_id::none ? nullptr : view_.find(row.job);
    const bool is_job_known = of || row.job == job_id::none || one.is_checked;
    if (!is_job_known) {
        read_again(row.job);
        return false;
    }
    const auto put_off = put_off_.find(row.job);
    if (put_off != put_off_.end() && put_off->second > now) return false;
    if (one.what == run_news::kind::handed_back &&
        !(one.has_begun && policies(row).is_lost == on_lost::fail)) {
        return feed_alone(one, into, hand_back(row, now));
    }
    const attempt_end end =
        one.what == run_news::kind::ended ? one.end : attempt_end{.how = run_end::lost};
    if (row.job == job_id::none)
        return feed_alone(one, into, after(row, end, now, store_.access().place()));
    if (!of) return feed_alone(one, into, without_retry(row, end)); // gone, or cannot be read
    const auto& open = of->job.open();
    const bool is_ours = std::any_of(open.begin(), open.end(),
                                     [&](const run_row& each) { return is_same_claim(each, row); });
    if (!is_ours) {
        if (!one.is_checked) read_again(row.job);
        return one.is_checked; // else it was taken over, and what it did is not counted
    }
    if (end.how == run_end::lost) {
        of->job.run_lost(row.of.id, now);
    } else {
        of->job.run_ended(row.of.id, end, now);
    }
    entry_of(*of, into).news.push_back(std::move(one));
    return true;
}

/// By a step of the run alone.
bool node::feed_alone(run_news& one, batch& into, run_change change) {
    batch::entry& to = into.entries.emplace_back();
    to.what.by = me_.by;
    to.what.changes.push_back(std::move(change));
    to.news.push_back(std::move(one));
    return true;
}

/// What is gathered of a job: one step, whatever has happened to it.
batch::entry& node::entry_of(view::entry& of, batch& into) {
    if (of.in_batch == 0) {
        into.entries.emplace_back().job = of.job.id();
        of.in_batch = into.entries.size();
    }
    return into.entries[of.in_batch - 1];
}

/// Its time has come. Whether a run of it may begin here.
bool node::look_into(view::entry& of, batch& into, wall_time now) {
    if (std::exchange(of.is_left, false)) {
        ++counts_.left_for_zones;
        of.gives_way = for_newer_zones;
        view_.look(of);
        return false;
    }
    if (of.gives_way > duration::zero()) { // another may have had it: then it is not looked at
        checks_.insert(now);
        return false;
    }
    const std::optional<wall_time> backfill_at = of.job.notes().backfill_at;
    of.job.due(now);
    if (backfill_at && *backfill_at <= now && of.job.has_room_for_backfill()) {
        feeds_.push_back(of.job.id());
        if (of.job.has_step()) entry_of(of, into);
    } else if (of.job.has_step()) {
        entry_of(of, into);
    } else if (of.in_batch == 0) {
        view_.look(of);
        view_.put_off(of, later(now, options_.poll));
    }
    const cicada::job& job = of.job.definition().of;
    return of.job.has_step() && is_mine(job.kind, job.label);
}

/// Runs that this node can run, and has a free slot for, begin running; the rest are ready, for
/// whoever can.
void node::take_slots(step& in, std::uint64_t claim_id, std::size_t& free, wall_time now) {
    for (run_row& one : in.begins) {
        if (free == 0 || one.of.state != run_state::ready || one.of.run_at > now) continue;
        if (!is_mine(one.of.kind, one.label)) continue;
        one.of.state = run_state::running;
        one.node = me_.by;
        one.claim = claim_id;
        --free;
    }
}

} // namespace cicada::detail
