#pragma once

/// What is done within one transaction of a PostgreSQL store. Each call is one statement, or a few:
/// what concerns many rows goes as arrays.
///
/// The parts: work.cpp (nodes, jobs, runs as they are asked for), steps.cpp (what is taken and
/// claimed), pruning.cpp.

#include <map>
#include <vector>

#include <store/postgres/marks.hpp>
#include <store/postgres/session.hpp>
#include <store/prune_budget.hpp>
#include <store/store.hpp>

namespace cicada::detail {

class pg_work final : public writing {
public:
    /// is_alone: there is one part in the transaction.
    pg_work(pg_session& in, wall_time now, pg_marks& marks, bool is_alone = false)
        : in_(in), now_(now), began_at_(elapsed_clock::now()), marks_(marks), is_alone_(is_alone) {}
    pg_work(const pg_work&) = delete;
    pg_work& operator=(const pg_work&) = delete;
    ~pg_work();

    /// What it has written is, and what it has found was there.
    void is_kept();

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
    std::vector<asked_row> asked(std::size_t most) override;

    node_id enter(const node_row& who, duration lease) override;
    bool renew(node_id who, duration lease) override;
    void leave(node_id who) override;
    std::vector<node_id> evict(duration patience) override;
    std::optional<job_id> create(const new_job& one) override;
    step_result take(const step& one) override;
    std::vector<step_result> take_all(std::span<const step* const> all) override;
    bool apply(std::string_view owner, std::uint64_t revision) override;
    step_result submit(const run_row& one) override;
    std::vector<run_row> claim_runs(const claim& by) override;
    claim_result claim_last(const claim& by) override;
    bool done(asked_id which) override;
    prune_result prune(const prune_request& what) override;

    /// The lease that a node has asked for.
    std::optional<duration> lease() const noexcept { return lease_; }

private:
    using kept_from = std::map<job_id, wall_time>;

    /// By what is written here.
    void is_ready(wall_time at);
    void wakes(wall_time at);

    /// Steps that have nothing to do with each other, by the same node, and only end a run each.
    void end_together(std::span<const step* const> those, std::span<step_result* const> results);
    /// As those, whatever they do. False: each is to be taken alone.
    bool take_together(std::span<const step* const> those, std::span<step_result* const> results);
    void write_the_rest(std::span<const step* const> those, std::span<step_result* const> results);
    std::vector<run_row> claim_runs(const claim& by, bool commits);
    void edit(job_id of, wall_time since, const std::string& definition);

    void prune_aged(const prune_request& what, prune_place& at, prune_budget& left);
    void prune_kinds(const prune_request& what, prune_place& at, prune_budget& left);
    void prune_jobs(const prune_request& what, prune_place& at, prune_budget& left);
    std::size_t forget(std::string_view statement, const std::vector<std::int64_t>& ids);
    void keep_from(const kept_from& those);

    pg_session& in_;
    const wall_time now_;
    const elapsed_time began_at_;
    pg_marks& marks_;
    const bool is_alone_;
    wall_time ready_from_ = wall_time::max(); // of what is written here, the first
    wall_time wakes_from_ = wall_time::max();
    std::vector<std::pair<pg_marks::look, wall_time>> passed_; // where looks found none before
    std::optional<duration> lease_;
};

} // namespace cicada::detail
