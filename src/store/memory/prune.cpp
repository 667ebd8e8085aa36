#include <algorithm>

#include <store/memory/transaction.hpp>

namespace cicada::detail {

// What a transaction may look at is not bounded here: each begins at the beginning.
prune_result memory_transaction::prune(const prune_request& what) {
    const prune_place anew;
    std::size_t gone = 0;
    const prune_request by_age{.ended_before = what.ended_before};
    const prune_request by_number{.kept_of_each = what.kept_of_each};
    for (const prune_request& why : {by_age, by_number}) {
        for (const auto& [of, history] : t_.histories) {
            for (const run_id id : to_go(history, why)) {
                if (gone == what.most) return {gone, anew};
                forget_run(id);
                ++gone;
            }
        }
    }
    for (auto& [id, row] : t_.jobs) {
        gone += forget_stretches(row, what, what.most - gone);
        gone += forget_edits(row, what, what.most - gone);
        gone += forget_backfills(id, what, what.most - gone);
    }
    return {gone, gone == what.most ? std::optional(anew) : std::nullopt};
}

// Oldest first.
std::vector<run_id> memory_transaction::to_go(const std::set<run_id>& history,
                                              const prune_request& what) const {
    std::vector<run_id> found;
    std::uint64_t ended = 0;
    bool has_ok = false;
    for (auto at = history.rbegin(); at != history.rend(); ++at) {
        const run_record& one = t_.runs.at(*at).of;
        if (is_open(one.state)) continue;
        ++ended;
        const bool is_last_ok = one.state == run_state::ok && !std::exchange(has_ok, true);
        if (ended == 1 || is_last_ok) continue;
        const bool is_one_too_many = what.kept_of_each != 0 && ended > what.kept_of_each;
        if (is_one_too_many || *one.ended_at < what.ended_before) found.push_back(*at);
    }
    std::reverse(found.begin(), found.end());
    return found;
}

void memory_transaction::forget_run(run_id id) {
    const run_row& row = t_.runs.at(id);
    if (row.job != job_id::none && row.of.origin == run_origin::scheduled) {
        keep_after(t_.jobs.at(row.job), row.of.nominal);
    }
    t_.erase(row, log_);
}

std::size_t memory_transaction::forget_stretches(job_row& of, const prune_request& what,
                                                 std::size_t most) {
    const wall_time end = std::max(what.ended_before, of.kept_from);
    std::size_t gone = 0;
    while (gone < most) {
        const auto at = t_.stretches.lower_bound({of.id, wall_time::min(), 0});
        if (at == t_.stretches.end() || std::get<job_id>(at->first) != of.id) break;
        if (at->second.last >= end) break;
        keep_after(of, at->second.last);
        log_.erase(t_.stretches, at);
        ++gone;
    }
    return gone;
}

std::size_t memory_transaction::forget_edits(job_row& of, const prune_request& what,
                                             std::size_t most) {
    const wall_time end = std::max(what.ended_before, of.kept_from);
    const wall_time in_force = t_.in_force.at(of.id);
    std::size_t gone = 0;
    for (auto at = t_.edits.lower_bound({of.id, wall_time::min()}); gone < most;) {
        const auto before = at++;
        if (at == t_.edits.end() || at->first.first != of.id) break;
        const wall_time until = at->first.second;
        if (until >= end) break;
        if (before->first.second == in_force) continue;
        keep_after(of, until);
        log_.erase(t_.edits, before);
        ++gone;
    }
    return gone;
}

std::size_t memory_transaction::forget_backfills(job_id of, const prune_request& what,
                                                 std::size_t most) {
    std::size_t gone = 0;
    std::uint64_t over = 0; // newest first
    for (auto at = t_.backfills.upper_bound({job_id{static_cast<std::int64_t>(of) + 1}, 0});
         at != t_.backfills.begin() && gone < most;) {
        --at;
        if (at->first.first != of) break;
        if (!at->second.over_at) continue;
        const bool is_one_too_many = what.kept_of_each != 0 && ++over > what.kept_of_each;
        if (!is_one_too_many && *at->second.over_at >= what.ended_before) continue;
        log_.erase(t_.backfills, at++);
        ++gone;
    }
    return gone;
}

void memory_transaction::keep_after(job_row& of, wall_time instant) {
    const wall_time next = later(instant, duration(1));
    if (next > of.kept_from) log_.assign(of.kept_from, next);
}

} // namespace cicada::detail
