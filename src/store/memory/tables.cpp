#include <store/memory/tables.hpp>

namespace cicada::detail {

history_of history(const run_row& row) {
    return {row.job, row.job == job_id::none ? row.of.kind : std::string()};
}

run_id tables::same_as(const run_row& row) const {
    if (row.of.origin == run_origin::scheduled && row.job != job_id::none) {
        const auto there = scheduled.find({row.job, row.epoch, row.of.nominal});
        if (there != scheduled.end()) return there->second;
    }
    if (row.of.key.empty()) return no_run;
    const auto there = keys.find({history(row), row.of.key});
    return there == keys.end() ? no_run : there->second;
}

void tables::insert(const run_row& row, undo_log& log) {
    const run_id id = row.of.id;
    log.insert(runs, {id, row});
    log.insert(histories, {history(row), {}});
    log.insert(histories.find(history(row))->second, id);
    if (row.of.origin == run_origin::scheduled && row.job != job_id::none) {
        log.insert(scheduled, {{row.job, row.epoch, row.of.nominal}, id});
    }
    if (!row.of.key.empty()) log.insert(keys, {{history(row), row.of.key}, id});
    index(row, log);
}

void tables::replace(const run_row& row, undo_log& log) {
    run_row& place = runs.find(row.of.id)->second;
    unindex(place, log);
    log.assign(place, row);
    index(place, log);
}

void tables::erase(const run_row& row, undo_log& log) {
    unindex(row, log);
    if (!row.of.key.empty()) log.erase(keys, {history(row), row.of.key});
    if (row.of.origin == run_origin::scheduled) {
        log.erase(scheduled, {row.job, row.epoch, row.of.nominal});
    }
    log.erase(histories.find(history(row))->second, row.of.id);
    log.erase(runs, row.of.id);
}

// By what its state is found.

void tables::index(const run_row& row, undo_log& log) {
    const run_record& of = row.of;
    if (of.state == run_state::ready) log.insert(ready, {of.kind, row.label, of.run_at, of.id});
    if (of.state == run_state::running) log.insert(running, {row.node, of.id});
    if (is_open(of.state)) log.insert(open, {row.job, row.number, of.id});
}

void tables::unindex(const run_row& row, undo_log& log) {
    const run_record& of = row.of;
    if (of.state == run_state::ready) log.erase(ready, {of.kind, row.label, of.run_at, of.id});
    if (of.state == run_state::running) log.erase(running, {row.node, of.id});
    if (is_open(of.state)) log.erase(open, {row.job, row.number, of.id});
}

} // namespace cicada::detail
