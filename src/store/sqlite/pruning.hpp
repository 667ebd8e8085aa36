#pragma once

/// History that goes. See prune_request.

#include <cstdint>
#include <string>
#include <vector>

#include <store/rows.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

class sqlite_pruning {
public:
    explicit sqlite_pruning(sqlite_database& in);

    /// How many rows went: at most `most`; fewer, and no more is to go.
    std::size_t prune(const prune_request& what);

private:
    struct old_run {
        run_id id;
        job_id job; // none: it was submitted
        bool is_scheduled;
        wall_time nominal;
    };
    /// Whose runs: a job's, or what was submitted of one kind.
    struct history {
        sqlite_value of;
        sqlite_statement& newest;
        sqlite_statement& oldest;
    };
    void prune_aged(const prune_request& what, std::size_t& room);
    void forget_stretches(sqlite_rows rows, std::size_t& room);
    void prune_surplus(const prune_request& what, std::size_t& room);
    void prune_surplus(const history& of, std::uint64_t kept, std::size_t& room);
    void forget(const std::vector<old_run>& those, std::size_t& room);
    void keep_after(job_id of, wall_time gone, std::size_t& room);
    static std::vector<old_run> old_runs(sqlite_rows rows);

    sqlite_statement aged_, jobs_, kinds_, newest_of_job_, newest_of_kind_, oldest_of_job_,
        oldest_of_kind_, aged_stretches_, old_stretches_, stretches_before_, forget_stretch_,
        forget_, keep_from_;
};

} // namespace cicada::detail
