#pragma once

/// What is done within one transaction of a SQLite store.

#include <store/sqlite/changes.hpp>
#include <store/sqlite/counters.hpp>
#include <store/sqlite/jobs.hpp>
#include <store/sqlite/nodes.hpp>
#include <store/sqlite/pruning.hpp>
#include <store/sqlite/runs.hpp>
#include <store/sqlite/transaction.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// The statements of one connection.
struct sqlite_tables {
    explicit sqlite_tables(sqlite_database& in)
        : nodes(in), jobs(in), runs(in), changes(in), pruning(in), numbers(in), transactions(in) {}

    sqlite_nodes nodes;
    sqlite_jobs jobs;
    sqlite_runs runs;
    sqlite_changes changes;
    sqlite_pruning pruning;
    sqlite_counters numbers;
    sqlite_transactions transactions;
};

/// A part of a transaction: what it writes and takes is undone, unless it is kept.
class sqlite_part {
public:
    explicit sqlite_part(sqlite_tables& in)
        : undo_(in.transactions), numbers_(in.numbers), before_(numbers_.now()) {}
    sqlite_part(const sqlite_part&) = delete;
    sqlite_part& operator=(const sqlite_part&) = delete;
    ~sqlite_part() {
        if (!is_kept_) numbers_.back_to(before_);
    }

    void keep() {
        undo_.keep();
        is_kept_ = true;
    }

private:
    sqlite_savepoint undo_;
    sqlite_counters& numbers_;
    const sqlite_counters::mark before_;
    bool is_kept_ = false;
};

/// Where something new is refused, for the disk is full.
struct full_disk {
    const std::string& place;
};

/// One part of it: what it knows is not known any more when that is undone. On a connection that
/// only reads, nothing but `reading` may be called.
///
/// On a full disk what is there goes on, in the store's reserve: instants come to runs, and these
/// end. What people would add is refused, as store_error (full): jobs, and runs that they ask for.
class sqlite_work final : public writing {
public:
    sqlite_work(sqlite_tables& in, wall_time now, std::optional<full_disk> is_on = std::nullopt)
        : t_(in), now_(now), is_on_(is_on) {}

    wall_time now() override { return now_; }
    std::vector<node_row> nodes() override { return t_.nodes.listed(now_); }
    std::vector<job_wake> waking(wall_time until, std::size_t most) override;
    job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                           std::size_t most) override;
    std::vector<job_id> stalled(std::size_t most) override { return t_.jobs.stalled(most); }
    std::vector<job_row> jobs(const job_query& which) override;
    std::vector<run_row> runs(const run_query& which) override { return t_.runs.find(which); }
    std::optional<wall_time> next_ready(const claim& by) override;
    std::vector<stretch> stretches(job_id of, wall_time from, wall_time until) override;
    std::vector<edit_row> edits(job_id of) override { return t_.jobs.edits(of); }
    std::vector<backfill_row> backfills(job_id of) override { return t_.jobs.backfills(of); }
    std::optional<std::uint64_t> applied(std::string_view owner) override;

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
    prune_result prune(const prune_request& what) override { return t_.pruning.prune(what); }

private:
    struct live_node {
        node_id id;
        std::string name;
    };
    bool is_live(node_id who);
    void require_room() const;
    bool is_change_alone(const step& one) const noexcept;
    /// A new run, which is given what the store gives. The one that it repeats; no_run: none.
    run_id begin(run_row row, job_id job, const std::string& name, node_id by, step_result& result);

    sqlite_tables& t_;
    const wall_time now_;
    const std::optional<full_disk> is_on_;
    std::optional<live_node> live_; // the last one that was asked for
};

} // namespace cicada::detail
