// However much there is, and however little of it may go, nobody waits for long: a round through
// history comes in parts, each of which looks at some thousand rows.
#include <store/sqlite/connection.hpp>
#include <store/sqlite/migrate.hpp>
#include <store/sqlite/work.hpp>

#include <algorithm>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <support/slow.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t jobs = support::is_slow ? 4'000 : 20'000;
constexpr wall_time begin{1'000'000s};
constexpr wall_time now{2'000'000s};

/// Jobs, of which each has been edited, and has run a few times long ago.
class much_history : public testing::Test {
protected:
    much_history() {
        migrate(db, path);
        sqlite_statement(
            db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
                "INSERT INTO job (id, name, owner, revision, edit, zones, created_at, kept_from, "
                "life, decided, wake_at, epoch, progress, notes) "
                "SELECT i, 'job ' || i, 'us', 1, 2 * i, '', 0, 0, 0, 0, i, 0, '', '' FROM n")
            .run({jobs});
        sqlite_statement(
            db, "INSERT INTO edit (id, job, since, definition) "
                "SELECT 2 * id - 1, id, 0, '{}' FROM job UNION ALL SELECT 2 * id, id, ?1, '{}' "
                "FROM job")
            .run({begin});
        runs(1, jobs);
        tables.emplace(db);
        work.emplace(*tables, now);
    }
    /// One of each job, which was ok.
    void runs(std::int64_t first_id, std::int64_t how_many) {
        sqlite_statement(
            db, "INSERT INTO run (id, job, kind, origin, nominal, epoch, number, missed, state, "
                "attempt, lost, fence, claim, node, last_node, run_at, began_at, started_at, "
                "ended_at, is_asked_to_end, label, key, policy, reason, log, report, arguments) "
                "SELECT ?1 + id - 1, id, 'work', 0, ?2 + ?1, 0, 1, 0, 2, 1, 0, 1, 1, 1, 1, 0, 0, "
                "0, ?2 + ?1, 0, '', '', '', '', '', '', '{}' FROM job WHERE id <= ?3")
            .run({first_id, begin, how_many});
    }

    struct round {
        std::size_t gone = 0;
        int parts = 0;
        int most_pages = 0; // that one part has looked at
    };
    round go(prune_request what) {
        round made;
        std::optional<prune_place> from(std::in_place);
        for (; from; ++made.parts) {
            what.from = *from;
            count_pages();
            sqlite_transaction part(tables->transactions);
            const prune_result result = work->prune(what);
            part.commit();
            made.most_pages = std::max(made.most_pages, count_pages());
            made.gone += result.gone;
            from = result.goes_on;
        }
        return made;
    }

private:
    int count_pages() {
        int pages = 0;
        for (const int of : {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS}) {
            int looked_at = 0, most = 0;
            sqlite3_db_status(db.handle(), of, &looked_at, &most, 1);
            pages += looked_at;
        }
        return pages;
    }

    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";

protected:
    sqlite_database db = open_writer(path, sqlite_durability::process_crash);
    std::optional<sqlite_tables> tables;
    std::optional<sqlite_work> work;
};

} // namespace

TEST_F(much_history, of_which_nothing_may_go_is_looked_through_in_parts) {
    // The one run of each job is its last, and stays.
    const round made = go({.ended_before = begin - 1s, .kept_of_each = 1});
    EXPECT_EQ(made.gone, 0u);
    EXPECT_GT(made.parts, jobs / 2'000);
    EXPECT_LT(made.most_pages, 30'000);
    const round aged = go({.ended_before = now});
    EXPECT_EQ(aged.gone, static_cast<std::size_t>(jobs)) << "the first edit of each";
    EXPECT_LT(aged.most_pages, 40'000);
}

TEST_F(much_history, goes_in_parts) {
    for (std::int64_t n = 1; n <= 4; ++n) runs(n * jobs + 1, jobs / 10);
    const round by_number = go({.kept_of_each = 3});
    EXPECT_EQ(by_number.gone, static_cast<std::size_t>(jobs / 10 * 3)) << "two runs and an edit";
    EXPECT_LT(by_number.most_pages, 40'000);
    const round by_age = go({.ended_before = now});
    EXPECT_EQ(by_age.gone, static_cast<std::size_t>(jobs / 10 * 2 + jobs - jobs / 10));
    EXPECT_LT(by_age.most_pages, 40'000);
    EXPECT_EQ(go({.ended_before = now, .kept_of_each = 1}).gone, 0u);
}
