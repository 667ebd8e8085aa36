#pragma once

/// The rows of a memory_store, and by what they are found. Their changes go by an undo_log.
///
/// Threads: one.
/// Cost:    O(log rows) for each row that is read or changed.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <store/memory/undo_log.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

history_of history(const run_row& row);

struct tables {
    // ---- rows ----
    std::map<node_id, node_row> nodes;
    std::map<job_id, job_row> jobs; // whose `open` is empty: see open_runs
    std::map<run_id, run_row> runs;
    std::map<std::tuple<job_id, wall_time, std::int64_t>, stretch> stretches; // by last, and place
    std::map<std::pair<job_id, wall_time>, std::string> edits; // by since
    std::map<std::pair<job_id, std::int64_t>, backfill_row> backfills; // by place
    std::map<std::string, std::uint64_t, std::less<>> applied; // by owner

    // ---- by what they are found ----
    std::map<job_id, wall_time> in_force; // `since` of the edit that a job goes by
    std::map<std::string, job_id> job_names;
    std::set<std::pair<wall_time, job_id>> waking;
    std::map<std::tuple<job_id, std::uint32_t, wall_time>, run_id> scheduled; // by epoch, nominal
    std::map<std::pair<history_of, std::string>, run_id> keys;
    std::map<history_of, std::set<run_id>> histories;
    std::set<std::tuple<std::string, std::string, wall_time, run_id>> ready; // kind, label, run_at
    std::set<std::pair<node_id, run_id>> running;
    std::set<std::tuple<job_id, std::uint64_t, run_id>> open; // by number

    // ---- sequences ----
    std::int64_t last_node = 0;
    std::int64_t last_job = 0;
    std::int64_t last_run = 0;
    std::int64_t last_place = 0; // of stretches and backfills, in the order of their making
    std::uint64_t last_fence = 0;

    /// The run that is the same instant, or has the same key. None: no_run.
    run_id same_as(const run_row& row) const;
    void insert(const run_row& row, undo_log& log);
    void replace(const run_row& row, undo_log& log);
    void erase(const run_row& row, undo_log& log);

private:
    void index(const run_row& row, undo_log& log);
    void unindex(const run_row& row, undo_log& log);
};

} // namespace cicada::detail
