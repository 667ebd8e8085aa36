#include <store/memory/transaction.hpp>

#include <algorithm>

namespace cicada::detail {

bool memory_transaction::checks(store_check which) const {
    return std::find(options_.left_out.begin(), options_.left_out.end(), which) ==
           options_.left_out.end();
}

template <class T>
T memory_transaction::next(T& last) {
    log_.assign(last, last + 1);
    return last;
}

std::uint64_t memory_transaction::next_fence() { return next(t_.last_fence); }

// ---- nodes -------------------------------------------------------------------------------------

bool memory_transaction::is_live(node_id who) const {
    const auto at = t_.nodes.find(who);
    if (at == t_.nodes.end()) return false;
    if (!checks(store_check::lease)) return true;
    return at->second.state == node_state::live && now_ < at->second.lease_until;
}

node_id memory_transaction::enter(const node_row& who, duration lease) {
    for (auto at = t_.nodes.begin(); at != t_.nodes.end();) {
        const auto old = at++;
        if (old->second.ended_at && between(*old->second.ended_at, now_) >= node_is_listed_for) {
            log_.erase(t_.nodes, old);
        }
    }
    node_row row = who;
    row.id = node_id{next(t_.last_node)};
    row.state = node_state::live;
    row.lease_until = later(now_, lease);
    row.entered_at = now_;
    row.ended_at = std::nullopt;
    log_.insert(t_.nodes, {row.id, row});
    return row.id;
}

bool memory_transaction::renew(node_id who, duration lease) {
    const auto at = t_.nodes.find(who);
    if (at == t_.nodes.end() || at->second.state != node_state::live) return false;
    log_.assign(at->second.lease_until, later(now_, lease));
    return true;
}

void memory_transaction::leave(node_id who) {
    const auto at = t_.nodes.find(who);
    if (at != t_.nodes.end() && at->second.state == node_state::live) {
        end(at->second, node_state::ended);
    }
}

std::vector<node_id> memory_transaction::evict(duration patience) {
    std::vector<node_id> dead;
    for (auto& [id, row] : t_.nodes) {
        if (row.state != node_state::live || later(row.lease_until, patience) > now_) continue;
        end(row, node_state::dead);
        dead.push_back(id);
    }
    return dead;
}

void memory_transaction::end(node_row& who, node_state how) {
    log_.assign(who.state, how);
    log_.assign(who.ended_at, std::optional(now_));
}

// ---- jobs --------------------------------------------------------------------------------------

std::optional<job_id> memory_transaction::create(const new_job& one) {
    if (t_.job_names.contains(one.name)) return std::nullopt;
    const job_id id{next(t_.last_job)};
    const job_row row{.id = id,
                      .name = one.name,
                      .owner = one.owner,
                      .revision = 1,
                      .definition = one.definition,
                      .zones = one.zones,
                      .created_at = now_,
                      .at = one.at,
                      .open = {}};
    log_.insert(t_.jobs, {id, row});
    log_.insert(t_.job_names, {one.name, id});
    wake(id, std::nullopt, one.at.wake_at);
    record(id, edit_row{.since = one.at.decided, .definition = one.definition});
    return id;
}

void memory_transaction::wake(job_id id, std::optional<wall_time> was,
                              std::optional<wall_time> at) {
    if (was == at) return;
    if (was) log_.erase(t_.waking, {*was, id});
    if (at) log_.insert(t_.waking, {*at, id});
}

bool memory_transaction::apply(std::string_view owner, std::uint64_t revision) {
    const auto at = t_.applied.find(owner);
    if (at == t_.applied.end()) return log_.insert(t_.applied, {std::string(owner), revision});
    if (revision < at->second) return false;
    log_.assign(at->second, revision);
    return true;
}

// ---- steps -------------------------------------------------------------------------------------

step_result memory_transaction::take(const step& one) {
    const std::size_t before = log_.size();
    step_result result = carry_out(one);
    if (result.is != verdict::taken) log_.back_to(before);
    return result;
}

step_result memory_transaction::carry_out(const step& one) {
    if (now_ < one.not_before) return {.is = verdict::too_early};
    if (one.by != node_id::none && !is_live(one.by)) return {.is = verdict::not_live};
    const auto job = t_.jobs.find(one.job);
    if (one.job != job_id::none) {
        if (job == t_.jobs.end()) return {.is = verdict::stale};
        if (job->second.revision != one.revision && checks(store_check::revision)) {
            return {.is = verdict::stale};
        }
    }
    for (const run_change& what : one.changes) {
        if (!change(what)) return {.is = verdict::refused};
    }
    step_result result;
    for (const run_row& row : one.begins) {
        const run_id there = begin(row, one.job, one.by);
        if (there != no_run) return {.is = verdict::repeated, .is_there = there};
        result.begun.push_back(t_.runs.at(run_id{t_.last_run}));
    }
    if (one.job != job_id::none) {
        write_job(one);
        result.revision = job->second.revision;
    }
    return result;
}

void memory_transaction::write_job(const step& one) {
    job_row& row = t_.jobs.at(one.job);
    wake(row.id, row.at.wake_at, one.at.wake_at);
    log_.assign(row.at, one.at);
    log_.assign(row.revision, row.revision + 1);
    if (one.owner) log_.assign(row.owner, *one.owner);
    if (one.zones) log_.assign(row.zones, *one.zones);
    if (one.definition) {
        log_.assign(row.definition, *one.definition);
        record(row.id, edit_row{.since = one.at.decided, .definition = *one.definition});
    }
    for (const stretch& each : one.stretches) record(row.id, each);
    if (one.backfill) record(row.id, *one.backfill);
}

void memory_transaction::record(job_id of, const edit_row& one) {
    const auto at = t_.edits.find({of, one.since});
    if (at == t_.edits.end()) {
        log_.insert(t_.edits, {{of, one.since}, one.definition});
    } else {
        log_.assign(at->second, one.definition);
    }
}

void memory_transaction::record(job_id of, const backfill_row& one) {
    backfill_row row = one;
    row.job = of;
    for (auto at = t_.backfills.lower_bound({of, 0});
         at != t_.backfills.end() && at->first.first == of; ++at) {
        if (at->second.id == one.id) return log_.assign(at->second, std::move(row));
    }
    log_.insert(t_.backfills, {{of, next(t_.last_place)}, std::move(row)});
}

void memory_transaction::record(job_id of, const stretch& one) {
    stretch row = one;
    row.follows = std::nullopt;
    std::int64_t place = 0;
    if (one.follows) {
        for (auto at = t_.stretches.lower_bound({of, *one.follows, 0}); at != t_.stretches.end();
             ++at) {
            const stretch& before = at->second;
            if (std::get<job_id>(at->first) != of || before.last != *one.follows) break;
            if (before.kind != one.kind || before.epoch != one.epoch || before.into != one.into ||
                before.because_of != one.because_of || before.note != one.note) {
                continue;
            }
            row.first = before.first;
            row.count += before.count;
            row.is_at_least = one.is_at_least || before.is_at_least;
            place = std::get<std::int64_t>(at->first);
            log_.erase(t_.stretches, at);
            break;
        }
    }
    if (place == 0) place = next(t_.last_place);
    log_.insert(t_.stretches, {{of, row.last, place}, std::move(row)});
}

// ---- runs --------------------------------------------------------------------------------------

bool memory_transaction::change(const run_change& what) {
    const auto at = t_.runs.find(what.id);
    if (at == t_.runs.end() || at->second.of.state != what.was) return false;
    run_row row = at->second;
    const bool is_same_claim = what.was != run_state::running || row.claim == what.claim;
    if (!(row.of.fence == what.fence && is_same_claim) && checks(store_check::fence)) return false;
    row.of.state = what.state;
    row.of.attempt = what.attempt;
    row.of.lost = what.lost;
    row.of.run_at = what.run_at;
    row.of.is_asked_to_end = what.is_asked_to_end;
    if (what.reason) row.of.reason = *what.reason;
    if (what.log) row.of.log = *what.log;
    if (what.report) row.of.report = *what.report;
    if (what.was == run_state::running && what.state == run_state::ready) {
        row.of.fence = next_fence();
        row.node = node_id::none;
        row.claim = 0;
    }
    if (!is_open(what.state)) row.of.ended_at = now_;
    t_.replace(row, log_);
    return true;
}

run_id memory_transaction::begin(run_row row, job_id job, node_id by) {
    row.job = job;
    const run_id there = t_.same_as(row);
    if (there != no_run) return there;
    row.of.id = run_id{next(t_.last_run)};
    row.of.job = job == job_id::none ? std::string() : t_.jobs.at(job).name;
    row.of.ended_at = std::nullopt;
    row.began_at = now_;
    if (row.of.state == run_state::running) {
        start(row, by, row.claim);
    } else {
        row.of.fence = next_fence();
        row.of.node.clear();
        row.of.started_at = std::nullopt;
        row.node = node_id::none;
        row.claim = 0;
    }
    t_.insert(row, log_);
    return no_run;
}

void memory_transaction::start(run_row& row, node_id by, std::uint64_t claim) {
    row.of.state = run_state::running;
    row.of.fence = next_fence();
    row.of.node = t_.nodes.at(by).name;
    row.of.started_at = now_;
    row.node = by;
    row.claim = claim;
}

step_result memory_transaction::submit(const run_row& one) {
    run_row row = one;
    row.of.state = run_state::ready;
    const run_id there = begin(std::move(row), job_id::none, node_id::none);
    if (there != no_run) return {.is = verdict::repeated, .is_there = there};
    step_result result;
    result.begun.push_back(t_.runs.at(run_id{t_.last_run}));
    return result;
}

std::vector<run_row> memory_transaction::claim_runs(const claim& by) {
    std::vector<run_row> claimed;
    if (!is_live(by.by)) return claimed;
    for (const ready_run& one : first_ready(by, now_, by.most)) {
        run_row row = t_.runs.at(one.second);
        if (!row.of.started_at) row.began_at = now_;
        start(row, by.by, by.id);
        t_.replace(row, log_);
        claimed.push_back(std::move(row));
    }
    return claimed;
}

} // namespace cicada::detail
