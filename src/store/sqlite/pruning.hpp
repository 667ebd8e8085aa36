#pragma once

/// History that goes, in parts, so that nobody waits for long: see prune_request. A round first
/// looks at what is old by its age, over all; then at one history after the other.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <store/prune_budget.hpp>
#include <store/rows.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

class sqlite_pruning {
public:
    explicit sqlite_pruning(sqlite_database& in);

    /// Cost: that of `most` rows that go, and of some thousands that are looked at; or of as many
    ///       of one history as are to stay.
    prune_result prune(const prune_request& what);

private:
    struct job_known {
        job_id id;
        std::int64_t edit; // in force
        wall_time kept_from;

        void keep_after(wall_time gone) noexcept;
    };
    struct old_run {
        run_id id;
        bool is_scheduled;
        wall_time nominal;
    };
    /// Whose runs, and how they are found.
    struct history {
        sqlite_value of;
        sqlite_statement& newest;
        sqlite_statement& oldest;
    };
    void prune_aged(const prune_request& what, prune_place& at, prune_budget& left);
    void prune_kinds(const prune_request& what, prune_place& at, prune_budget& left);
    void prune_jobs(const prune_request& what, prune_place& at, prune_budget& left);
    void prune_job(job_known& of, const prune_request& what, prune_budget& left);
    std::vector<old_run> forget_surplus(const history& of, std::uint64_t kept, prune_budget& left);
    void forget_stretches(job_known& of, wall_time end, prune_budget& left);
    void forget_edits(job_known& of, wall_time end, prune_budget& left);
    void forget_backfills(job_id of, const prune_request& what, prune_budget& left);

    sqlite_statement aged_, jobs_, next_kind_, newest_of_job_, newest_of_kind_, oldest_of_job_,
        oldest_of_kind_, stretches_, edits_, backfills_, forget_run_, forget_stretch_, forget_edit_,
        forget_backfill_, keep_from_;
};

} // namespace cicada::detail
