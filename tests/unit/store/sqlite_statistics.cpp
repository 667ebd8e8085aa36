// What SQLite does is right whatever its statistics say: there are none; they are of the full
// tables; or of a day when nothing ran, and there was no history.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/migrate.hpp>
#include <store/sqlite/transaction.hpp>
#include <store/sqlite/work.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Le;

namespace {

enum class statistics { none, fresh, stale };

constexpr int history = 20'000; // of one job, and as much of one kind that was submitted
constexpr int open_runs = 500; // of each
constexpr int other_jobs = 2'000;
constexpr job_id busy{1};
constexpr wall_time begin{1'000'000s};
constexpr wall_time now = begin + 1s * history;

// ?1 is the first number, ?2 the last. The nominal instants are a second apart.
constexpr std::string_view runs_of_job =
    "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
    "INSERT INTO run (id, job, kind, origin, nominal, epoch, number, missed, state, attempt, lost, "
    "fence, claim, node, last_node, run_at, began_at, started_at, ended_at, is_asked_to_end, "
    "label, "
    "key, policy, reason, log, report, arguments) "
    "SELECT i, 1, 'work', 0, 1000000000000000 + i * 1000000000, 0, i, 0, ?3, 1, 0, i, 7, CASE WHEN "
    "?3 > 0 THEN 1 END, CASE WHEN ?3 > 0 THEN 1 END, "
    "1000000000000000 + i * 1000000000, i, i, "
    "CASE WHEN ?3 > 1 THEN 1000000000000000 + i * 1000000000 END, 0, '', 'k' || i, '', '', '', '', "
    "'{}' FROM n";
constexpr std::string_view submitted_runs =
    "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
    "INSERT INTO run (id, job, kind, origin, nominal, epoch, number, missed, state, attempt, lost, "
    "fence, claim, node, last_node, run_at, began_at, started_at, ended_at, is_asked_to_end, "
    "label, "
    "key, policy, reason, log, report, arguments) "
    "SELECT i, NULL, 'mail', 3, i, 0, i, 0, ?3, 1, 0, i, 7, CASE WHEN ?3 > 0 THEN 1 END, CASE WHEN "
    "?3 > 0 THEN 1 END, i, i, i, "
    "CASE WHEN ?3 > 1 THEN 1000000000000000 + i * 1000000000 END, 0, '', 'k' || i, '', '', '', '', "
    "'{}' FROM n";

class sqlite_statistics : public testing::TestWithParam<statistics> {
protected:
    sqlite_statistics() : db_(open_writer(folder_ / "a.db", sqlite_durability::process_crash)) {
        migrate(db_, folder_ / "a.db", nullptr);
        // As it is on a day when all is at rest.
        db_.run("INSERT INTO node (name, state, lease_until, entered_at, kinds, labels) "
                "VALUES ('here', 0, 9000000000000000000, 0, '', '')");
        jobs(1, 10);
        db_.run("INSERT INTO edit (job, since, definition) VALUES (1, 0, '{}')");
        runs(runs_of_job, 1, 10, run_state::ok);
        runs(submitted_runs, 11, 20, run_state::ok);
        if (GetParam() == statistics::stale) db_.run("ANALYZE");
        jobs(11, other_jobs);
        runs(runs_of_job, 101, history, run_state::ok);
        runs(runs_of_job, history + 1, history + open_runs, run_state::running);
        runs(runs_of_job, history + open_runs + 1, history + 2 * open_runs, run_state::ready);
        const int last = history + 2 * open_runs;
        runs(submitted_runs, last + 1, last + history, run_state::ok);
        runs(submitted_runs, last + history + 1, last + history + open_runs, run_state::running);
        runs(submitted_runs, last + history + open_runs + 1, last + history + 2 * open_runs,
             run_state::ready);
        db_.run("UPDATE counter SET value = 1000000");
        db_.run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                "INSERT INTO stretch (job, epoch, kind, first_at, last_at, count, is_at_least, "
                "into_at, because_of, note) "
                "SELECT 1, 0, 1, 1000000000000000 + i * 1000000000, "
                "1000000000500000 + i * 1000000000, 5, 0, NULL, 0, '' FROM n");
        if (GetParam() == statistics::fresh) db_.run("ANALYZE");
        tables_ = std::make_unique<sqlite_tables>(db_);
        work_ = std::make_unique<sqlite_work>(*tables_, now);
    }

    sqlite_work& work() { return *work_; }
    /// The pages that it looks at, in memory or not. What it writes is undone.
    int pages(const std::function<void(sqlite_work&)>& what) {
        const sqlite_transaction undone(tables_->transactions);
        count();
        what(*work_);
        return count();
    }
    /// The lines of the plans of all statements that were prepared which say that a table is read
    /// from one end to the other, or sorted.
    std::vector<std::string> bad_plans() {
        std::vector<std::string> all;
        for (sqlite3_stmt* one = nullptr; (one = sqlite3_next_stmt(db_.handle(), one));)
            all.emplace_back(sqlite3_sql(one));
        std::vector<std::string> bad;
        for (const std::string& sql : all) {
            sqlite_statement ask(db_, "EXPLAIN QUERY PLAN " + sql);
            sqlite_rows lines = ask.with({});
            while (lines.next()) {
                const std::string line(lines.text(3));
                if (is_bad(line, sql)) bad.push_back(line + " in " + sql);
            }
        }
        return bad;
    }

private:
    void jobs(int from, int until) {
        sqlite_statement one(
            db_,
            "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
            "INSERT INTO job (id, name, owner, revision, edit, zones, created_at, kept_from, life, "
            "decided, wake_at, epoch, progress, notes) SELECT i, 'job ' || i, 'us', 1, 1, '', 0, "
            "0, 0, 0, i, 0, '', '' "
            "FROM n");
        one.run({from, until});
    }
    void runs(std::string_view how, int from, int until, run_state state) {
        sqlite_statement(db_, how).run({from, until, state});
    }
    int count() {
        int pages = 0;
        for (const int of : {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS}) {
            int looked_at = 0, most = 0;
            sqlite3_db_status(db_.handle(), of, &looked_at, &most, 1);
            pages += looked_at;
        }
        return pages;
    }
    static bool is_bad(const std::string& line, const std::string& sql) {
        const auto has = [](const std::string& text, const char* part) {
            return text.find(part) != std::string::npos;
        };
        // What is sorted is few, or small: ids of what is open; nodes; backfills of a job;
        // stretches in a range.
        const bool may_sort =
            has(sql, "r.id IN (SELECT r.id ") ||
            has(sql, "FROM node INDEXED BY node_ended WHERE ended_at IS NULL\nU") ||
            has(sql, "FROM backfill") || has(sql, "FROM stretch WHERE job = ?1 AND last_at >= ?2");
        if (has(line, "TEMP B-TREE")) return !may_sort;
        if (!line.starts_with("SCAN ")) return false;
        // The few kinds that there are, and what ends by its LIMIT, in the order of its key.
        for (const char* fine : {"SCAN CONSTANT ROW", "SCAN kinds", "INDEX"})
            if (has(line, fine)) return false;
        return true;
    }

    const support::temporary_folder folder_{support::fast_folders()};
    sqlite_database db_;
    std::unique_ptr<sqlite_tables> tables_;
    std::unique_ptr<sqlite_work> work_;
};

std::string name_of(const testing::TestParamInfo<statistics>& of) {
    switch (of.param) {
    case statistics::none:
        return "without_statistics";
    case statistics::fresh:
        return "with_fresh_statistics";
    case statistics::stale:
        return "with_stale_statistics";
    }
    return "";
}

INSTANTIATE_TEST_SUITE_P(all, sqlite_statistics,
                         testing::Values(statistics::none, statistics::fresh, statistics::stale),
                         name_of);

run_change end_of(const run_row& row) {
    return {.id = row.of.id,
            .was = row.of.state,
            .fence = row.of.fence,
            .claim = row.claim,
            .state = run_state::ok};
}

} // namespace

TEST_P(sqlite_statistics, much_history_costs_nothing) {
    const auto run = [&](std::int64_t id) {
        return work().runs({.ids = {run_id{id}}, .most = 1}).at(0);
    };
    const claim one{.by = node_id{1}, .id = 5, .kinds = {"work", "mail"}, .most = 1};

    EXPECT_THAT(pages([](auto& in) { in.waking(begin, 10); }), Le(100));
    EXPECT_THAT(pages([](auto& in) { EXPECT_THAT(in.stalled(10), IsEmpty()); }), Le(100));
    EXPECT_THAT(pages([&](auto& in) { in.next_ready(one); }), Le(100));
    EXPECT_THAT(pages([&](auto& in) { EXPECT_EQ(in.claim_runs(one).size(), 1U); }), Le(100));
    EXPECT_THAT(pages([](auto& in) { in.jobs({.names = {"job 7"}}); }), Le(100)) << "no open run";
    EXPECT_THAT(pages([&](auto& in) {
                    step ends;
                    ends.changes.push_back(end_of(run(history + 1)));
                    EXPECT_EQ(in.take(ends).is, verdict::taken);
                }),
                Le(100));
    EXPECT_THAT(pages([](auto& in) {
                    step begins{.by = node_id{1}, .job = busy, .revision = 1};
                    run_row& row = begins.begins.emplace_back();
                    row.of.kind = "work";
                    row.of.key = "new";
                    row.of.nominal = now + 1h;
                    EXPECT_EQ(in.take(begins).is, verdict::taken);
                }),
                Le(100));
    EXPECT_THAT(pages([](auto& in) {
                    run_row row;
                    row.of.kind = "mail";
                    row.of.key = "k12";
                    EXPECT_EQ(in.submit(row).is, verdict::repeated);
                }),
                Le(100));
}

TEST_P(sqlite_statistics, of_much_that_is_ready_the_newest_are_found_by_their_ids) {
    const run_query newest{.state = run_state::ready, .most = 10};
    EXPECT_THAT(pages([&](auto& in) { EXPECT_EQ(in.runs(newest).size(), 10U); }), Le(200));
}

TEST_P(sqlite_statistics, no_statement_reads_a_table_from_end_to_end) {
    work().jobs({});
    work().jobs({.owner = "us", .most = 1});
    work().runs({.job = busy, .most = 1});
    work().runs({.job = busy, .state = run_state::ready, .most = 1});
    work().runs({.job = busy, .key = "k1", .most = 1});
    work().runs({.job = busy, .nominal_from = begin, .nominal_until = begin + 1s, .most = 1});
    work().runs({.job = job_id::none, .kind = "mail", .most = 1});
    work().runs({.state = run_state::ready, .most = 1});
    work().runs({.state = run_state::running, .node = node_id{1}, .claim = 7, .most = 1});
    work().runs({.state = run_state::running, .node = node_id{1}, .is_asked_to_end = true});
    work().runs({.is_orphaned = true, .most = 1});
    work().prune({.ended_before = begin, .kept_of_each = 1, .most = 1});
    EXPECT_THAT(bad_plans(), IsEmpty());
}
