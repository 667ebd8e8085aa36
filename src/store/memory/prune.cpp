#include <algorithm>

#include <store/memory/transaction.hpp>

namespace cicada::detail {

std::size_t memory_transaction::prune(const prune_request& what) {
    std::size_t gone = 0;
    for (const auto& [of, history] : t_.histories) {
        for (const run_id id : to_go(history, what)) {
            if (gone == what.most) return gone;
            forget_run(id);
            ++gone;
        }
    }
    for (auto& [id, row] : t_.jobs) gone += forget_stretches(row, what, what.most - gone);
    return gone;
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

void memory_transaction::keep_after(job_row& of, wall_time instant) {
    const wall_time next = later(instant, duration(1));
    if (next > of.kept_from) log_.assign(of.kept_from, next);
}

} // namespace cicada::detail
