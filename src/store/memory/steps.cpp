#include <store/memory/transaction.hpp>

#include <store/run_change.hpp>

namespace cicada::detail {

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
        const run_id there = begin(row, one.job, one.by, result.begun);
        if (there != no_run) return {.is = verdict::repeated, .is_there = there};
    }
    if (one.job != job_id::none) {
        write_job(one);
        result.revision = job->second.revision;
    }
    return result;
}

// ---- runs --------------------------------------------------------------------------------------

bool memory_transaction::change(const run_change& what) {
    const auto at = t_.runs.find(what.id);
    if (at == t_.runs.end() || at->second.of.state != what.was) return false;
    run_row row = at->second;
    const bool is_same_claim = what.was != run_state::running || row.claim == what.claim;
    if (!(row.of.fence == what.fence && is_same_claim) && checks(store_check::fence)) return false;
    apply_change(what, row.of);
    if (what.was == run_state::running && what.state == run_state::ready) {
        row.of.fence = next_fence();
        row.node = node_id::none;
        row.claim = 0;
    }
    if (!is_open(what.state)) row.of.ended_at = now_;
    t_.replace(row, log_);
    return true;
}

run_id memory_transaction::begin(run_row row, job_id job, node_id by, std::vector<run_row>& begun) {
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
    begun.push_back(std::move(row));
    return no_run;
}

step_result memory_transaction::submit(const run_row& one) {
    run_row row = one;
    row.of.state = run_state::ready;
    step_result result;
    result.is_there = begin(std::move(row), job_id::none, node_id::none, result.begun);
    if (result.is_there != no_run) result.is = verdict::repeated;
    return result;
}

// ---- the job -----------------------------------------------------------------------------------

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
    if (!log_.insert(t_.in_force, {of, one.since}))
        log_.assign(t_.in_force.find(of)->second, one.since);
}

void memory_transaction::record(job_id of, const backfill_row& one) {
    backfill_row row = one;
    row.job = of;
    for (auto at = t_.backfills.lower_bound({of, 0});
         at != t_.backfills.end() && at->first.first == of; ++at) {
        if (at->second.id == one.id) return log_.assign(at->second, std::move(row));
    }
    log_.insert(t_.backfills, {{of, next(t_.last_place)}, row});
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
    log_.insert(t_.stretches, {{of, row.last, place}, row});
}

} // namespace cicada::detail
