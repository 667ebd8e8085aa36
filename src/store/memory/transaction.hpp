#pragma once

#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include <store/memory/store.hpp>

namespace cicada::detail {

/// One transaction of a memory_store: what it writes is in the tables at once, and in the log that
/// undoes it.
class memory_transaction final : public writing {
public:
    memory_transaction(tables& of, undo_log& log, const memory_options& options, wall_time now)
        : t_(of), log_(log), options_(options), now_(now) {}

    wall_time now() override { return now_; }
    std::vector<node_row> nodes() override;
    std::vector<job_wake> waking(wall_time until, std::size_t most) override;
    job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                           std::size_t most) override;
    std::vector<job_id> stalled(std::size_t most) override;
    std::vector<job_row> jobs(const job_query& which) override;
    std::vector<run_row> runs(const run_query& which) override;
    std::optional<wall_time> next_ready(const claim& by) override;
    std::vector<stretch> stretches(job_id of, wall_time from, wall_time until) override;
    std::vector<edit_row> edits(job_id of) override;
    std::vector<backfill_row> backfills(job_id of) override;
    std::optional<std::uint64_t> applied(std::string_view owner) override;

    node_id enter(const node_row& who, duration lease) override;
    bool renew(node_id who, duration lease) override;
    void leave(node_id who) override;
    std::vector<node_id> evict(duration patience) override;
    std::optional<job_id> create(const new_job& one) override;
    step_result take(const step& one) override;
    bool apply(std::string_view owner, std::uint64_t revision) override;
    step_result submit(const run_row& one) override;
    std::vector<run_row> claim_runs(const claim& by) override;
    prune_result prune(const prune_request& what) override;

private:
    bool checks(store_check which) const;
    bool is_live(node_id who) const;

    // questions.cpp
    job_row row_of(job_id id) const;
    bool is_asked_for(const run_row& row, const run_query& which) const;
    std::set<run_id> running_of(const run_query& which) const;
    using ready_run = std::pair<wall_time, run_id>; // by run_at
    std::vector<ready_run> first_ready(const claim& by, wall_time until, std::size_t most) const;

    // transaction.cpp
    void end(node_row& who, node_state how);
    void wake(job_id id, std::optional<wall_time> was, std::optional<wall_time> at);
    void start(run_row& row, node_id by, std::uint64_t claim);
    std::uint64_t next_fence();
    template <class T>
    T next(T& last) {
        log_.assign(last, last + 1);
        return last;
    }

    // steps.cpp
    step_result carry_out(const step& one);
    bool change(const run_change& what);
    /// The run that is there already; or no_run: it is new, and the last of `begun`.
    run_id begin(run_row row, job_id job, node_id by, std::vector<run_row>& begun);
    void write_job(const step& one);
    void record(job_id of, const stretch& one);
    void record(job_id of, const backfill_row& one);
    void record(job_id of, const edit_row& one);

    // prune.cpp
    std::vector<run_id> to_go(const std::set<run_id>& history, const prune_request& what) const;
    void forget_run(run_id id);
    std::size_t forget_stretches(job_row& of, const prune_request& what, std::size_t most);
    std::size_t forget_edits(job_row& of, const prune_request& what, std::size_t most);
    std::size_t forget_backfills(job_id of, const prune_request& what, std::size_t most);
    void keep_after(job_row& of, wall_time instant);

    tables& t_;
    undo_log& log_;
    const memory_options& options_;
    const wall_time now_;
};

} // namespace cicada::detail
