// What a question costs does not depend on how much history there is.
#include <store/sqlite/connection.hpp>
#include <store/sqlite/migrate.hpp>
#include <store/sqlite/work.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

namespace {

/// One job with 100,000 runs that have failed, the last of which is still running.
class long_history : public testing::Test {
protected:
    static constexpr int runs = 100'000;

    long_history() {
        migrate(db, path);
        tables.emplace(db);
        work.emplace(*tables, now);
        work->create({.name = "job"});
        node = work->enter({.name = "node"}, 1h);
        db.run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
               "INSERT INTO run (id, job, kind, origin, nominal, epoch, number, missed, state, "
               "attempt, lost, fence, claim, node, last_node, run_at, began_at, started_at, "
               "ended_at, is_asked_to_end, label, key, policy, reason, log, report, arguments) "
               "SELECT i, 1, 'work', 0, i * 1000, 0, i, 0, iif(i = 100000, 1, 3), 1, 0, i, i, 1, "
               "1, i * 1000, i * 1000, i * 1000, iif(i = 100000, NULL, i * 1000), 0, '', '', '', "
               "'', '', '', '{}' FROM n;"
               "UPDATE counter SET value = 100000");
        tables.emplace(db);
        work.emplace(*tables, now);
    }

    /// Pages of the database that the call looks at.
    template <class F>
    int pages(F call) {
        int before = 0;
        int after = 0;
        int peak = 0;
        sqlite3_db_status(db.handle(), SQLITE_DBSTATUS_CACHE_HIT, &before, &peak, 1);
        sqlite3_db_status(db.handle(), SQLITE_DBSTATUS_CACHE_MISS, &before, &peak, 1);
        call();
        sqlite3_db_status(db.handle(), SQLITE_DBSTATUS_CACHE_HIT, &before, &peak, 0);
        sqlite3_db_status(db.handle(), SQLITE_DBSTATUS_CACHE_MISS, &after, &peak, 0);
        return before + after;
    }

    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";
    sqlite_database db = open_writer(path, sqlite_durability::process_crash);
    std::optional<sqlite_tables> tables;
    std::optional<sqlite_work> work;
    wall_time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
    node_id node{};
};

} // namespace

TEST_F(long_history, does_not_slow_a_step) {
    // It looks at the job, its open run, whether the instant is there, and writes to each index.
    step one{.by = node, .job = job_id{1}, .revision = 1};
    one.changes.push_back({.id = run_id{runs},
                           .was = run_state::running,
                           .fence = runs,
                           .claim = runs,
                           .state = run_state::failed});
    run_row next;
    next.of.kind = "work";
    next.of.nominal = now;
    one.begins.push_back(next);
    step_result taken;
    EXPECT_LT(pages([&] { taken = work->take(one); }), 100);
    EXPECT_EQ(taken.is, verdict::taken);
}

TEST_F(long_history, does_not_slow_the_questions_of_a_node) {
    EXPECT_LT(pages([&] { EXPECT_EQ(work->jobs({}).at(0).open.size(), 1u); }), 50);
    EXPECT_LT(pages([&] { EXPECT_TRUE(work->runs({.is_orphaned = true}).empty()); }), 50);
    EXPECT_LT(pages([&] { EXPECT_TRUE(work->stalled(10).empty()); }), 50);
    const run_query mine{.state = run_state::running, .node = node};
    EXPECT_LT(pages([&] { EXPECT_EQ(work->runs(mine).size(), 1u); }), 50);
    const claim any{.by = node, .id = 1, .kinds = {"work"}, .most = 10};
    EXPECT_LT(pages([&] { EXPECT_TRUE(work->claim_runs(any).empty()); }), 50);
    EXPECT_LT(pages([&] { EXPECT_FALSE(work->next_ready(any)); }), 50);
    db.run("UPDATE run SET state = 0 WHERE id = 50000");
    EXPECT_LT(pages([&] { EXPECT_EQ(work->claim_runs(any).size(), 1u); }), 100);
}

TEST_F(long_history, does_not_slow_the_questions_of_a_person) {
    const auto look = [&](const run_query& which) {
        return pages([&] { EXPECT_EQ(work->runs(which).size(), which.most); });
    };
    EXPECT_LT(look({.job = job_id{1}, .most = 10}), 200);
    EXPECT_LT(look({.job = job_id{1}, .state = run_state::failed, .most = 10}), 100);
    EXPECT_LT(look({.most = 10}), 100);
    const wall_time some(50'000us);
    EXPECT_LT(
        look({.job = job_id{1}, .nominal_from = some, .nominal_until = some + 1ns, .most = 1}),
        100);
}

TEST_F(long_history, does_not_slow_retention_that_finds_nothing_to_do) {
    const auto look = [&](const prune_request& what) {
        return pages([&] { EXPECT_EQ(work->prune(what).gone, 0u); });
    };
    EXPECT_LT(look({.ended_before = wall_time(1us)}), 100);
    EXPECT_LT(look({.kept_of_each = runs}), 1500); // as many entries of an index as are to stay
}

TEST_F(long_history, is_pruned_at_the_cost_of_what_goes) {
    EXPECT_EQ(work->prune({.ended_before = wall_time(10us), .most = 5}).gone, 5u);
    const int each = pages([&] { work->prune({.ended_before = wall_time(10us), .most = 1}); });
    EXPECT_LT(each, 100);
}
