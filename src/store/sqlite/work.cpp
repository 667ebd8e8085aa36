#include <store/sqlite/work.hpp>

#include <algorithm>

namespace cicada::detail {

job_search sqlite_work::out_of_date(job_id after, wall_time latest, std::string_view zones,
                                    std::size_t most) {
    return t_.jobs.out_of_date(after, latest, zones, most);
}

std::vector<job_wake> sqlite_work::waking(wall_time until, std::size_t most) {
    return t_.jobs.waking(until, most);
}

std::vector<job_row> sqlite_work::jobs(const job_query& which) {
    std::vector<job_row> found = t_.jobs.find(which);
    for (job_row& row : found) row.open = t_.runs.open_of(row.id);
    return found;
}

std::optional<wall_time> sqlite_work::next_ready(const claim& by) { return t_.runs.next_ready(by); }

std::vector<stretch> sqlite_work::stretches(job_id of, wall_time from, wall_time until) {
    return t_.jobs.stretches(of, from, until);
}

std::optional<std::uint64_t> sqlite_work::applied(std::string_view owner) {
    return t_.jobs.applied(owner);
}

// ---- nodes -------------------------------------------------------------------------------------

node_id sqlite_work::enter(const node_row& who, duration lease) {
    return t_.nodes.enter(who, now_, lease);
}

bool sqlite_work::renew(node_id who, duration lease) { return t_.nodes.renew(who, now_, lease); }

void sqlite_work::leave(node_id who) {
    live_.reset();
    t_.nodes.end(who, node_state::ended, now_);
}

std::vector<node_id> sqlite_work::evict(duration patience) {
    live_.reset();
    return t_.nodes.evict(now_, patience);
}

/// A node writes many steps at a time.
bool sqlite_work::is_live(node_id who) {
    if (live_ && live_->id == who) return true;
    auto name = t_.nodes.live(who, now_);
    if (!name) return false;
    live_ = {who, std::move(*name)};
    return true;
}

// ---- jobs --------------------------------------------------------------------------------------

std::optional<job_id> sqlite_work::create(const new_job& one) {
    require_room();
    return t_.jobs.create(one, now_);
}

bool sqlite_work::apply(std::string_view owner, std::uint64_t revision) {
    return t_.jobs.apply(owner, revision);
}

// ---- steps and runs ----------------------------------------------------------------------------

void sqlite_work::require_room() const {
    if (!is_on_) return;
    throw store_error(store_fault::full, is_on_->place, "has no space left for anything new",
                      "free some space; what is stored is whole, and goes on");
}

step_result sqlite_work::take(const step& one) {
    if (one.by == node_id::none && !one.begins.empty()) require_room();
    if (now_ < one.not_before) return {.is = verdict::too_early};
    if (one.by != node_id::none && !is_live(one.by)) return {.is = verdict::not_live};
    sqlite_jobs::known job{};
    if (one.job != job_id::none) {
        auto known = t_.jobs.look_up(one.job);
        if (!known || known->revision != one.revision) return {.is = verdict::stale};
        job = std::move(*known);
    }
    // Where only one thing can be refused, nothing has been written before it.
    std::optional<sqlite_part> all;
    if (one.changes.size() + one.begins.size() > 1) all.emplace(t_);
    for (const run_change& what : one.changes) {
        if (!t_.runs.change(what, now_, t_.numbers)) return {.is = verdict::refused};
    }
    step_result result;
    for (const run_row& row : one.begins) {
        const run_id there = begin(row, one.job, job.name, one.by, result);
        if (there != no_run) return {.is = verdict::repeated, .is_there = there};
    }
    if (one.job != job_id::none) {
        t_.jobs.write(one, job.wake_at);
        result.revision = one.revision + 1;
    }
    if (all) all->keep();
    return result;
}

/// One change of a run, of no job, by a node: what an attempt that has ended is.
bool sqlite_work::is_change_alone(const step& one) const noexcept {
    if (one.job != job_id::none || one.by == node_id::none || !one.begins.empty()) return false;
    if (one.changes.size() != 1 || now_ < one.not_before) return false;
    const run_change& what = one.changes.front();
    return what.was != run_state::running || what.state != run_state::ready; // a fence moves
}

std::vector<step_result> sqlite_work::take_all(std::span<const step* const> all) {
    std::vector<step_result> results(all.size());
    std::vector<const run_change*> together;
    for (std::size_t i = 0; i < all.size();) {
        together.clear();
        std::size_t next = i;
        for (; next < all.size() && together.size() < sqlite_changes::most; ++next) {
            const step& one = *all[next];
            if (!is_change_alone(one) || one.by != all[i]->by) break;
            const auto is_same = [&](const run_change* other) {
                return other->id == one.changes.front().id;
            };
            if (std::any_of(together.begin(), together.end(), is_same)) break;
            together.push_back(&one.changes.front());
        }
        if (together.size() < 2) {
            results[i] = take(*all[i]);
            ++i;
        } else if (!is_live(all[i]->by)) {
            for (; i < next; ++i) results[i].is = verdict::not_live;
        } else {
            const auto taken = t_.changes.make(together, now_);
            for (std::size_t k = 0; i < next; ++i, ++k)
                if (!taken[k]) results[i].is = verdict::refused;
        }
    }
    return results;
}

run_id sqlite_work::begin(run_row row, job_id job, const std::string& name, node_id by,
                          step_result& result) {
    row.job = job;
    const run_id there = t_.runs.same_as(row);
    if (there != no_run) return there;
    const bool is_running = row.of.state == run_state::running;
    row.of.id = run_id{t_.numbers.next_run()};
    row.of.job = name;
    row.of.fence = t_.numbers.next_fence();
    row.of.node = is_running && is_live(by) ? live_->name : std::string();
    row.of.started_at = is_running ? std::optional(now_) : std::nullopt;
    row.of.ended_at = std::nullopt;
    row.began_at = now_;
    row.node = is_running ? by : node_id::none;
    if (!is_running) row.claim = 0;
    t_.runs.insert(row);
    result.begun.push_back(std::move(row));
    return no_run;
}

step_result sqlite_work::submit(const run_row& one) {
    require_room();
    run_row row = one;
    row.of.state = run_state::ready;
    step_result result;
    const run_id there = begin(std::move(row), job_id::none, "", node_id::none, result);
    if (there != no_run) return {.is = verdict::repeated, .is_there = there};
    return result;
}

std::vector<run_row> sqlite_work::claim_runs(const claim& by) {
    if (!is_live(by.by)) return {};
    return t_.runs.claim_ready(by, live_->name, now_, t_.numbers);
}

} // namespace cicada::detail
