// Programs of two versions on one store: a later one migrates it while an earlier one is at work
// (D19). What the later one knows is made up here.
#include <store/postgres/store.hpp>

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <store/run_change.hpp>
#include <support/postgres_database.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::postgres_client;
using support::read;
using support::write;
using testing::HasSubstr;

namespace {

/// Of a program that knows one migration more.
std::vector<pg_migration> with(const pg_migration& next) {
    const auto known = all_pg_migrations();
    std::vector<pg_migration> all(known.begin(), known.end());
    all.push_back(next);
    return all;
}
/// Runs what it submits, until it is told to stop.
class at_work {
public:
    explicit at_work(const std::string& url, std::string kind)
        : store_({.url = url}), kind_(std::move(kind)), works_([this] { work(); }) {}
    at_work(const at_work&) = delete;
    at_work& operator=(const at_work&) = delete;
    ~at_work() {
        is_over_ = true;
        works_.join();
    }
    int done() const { return done_; }
    /// False: it stands still.
    bool does_more() const {
        const int before = done_;
        for (int i = 0; i < 4000 && done_ < before + 20; ++i) std::this_thread::sleep_for(5ms);
        return done_ >= before + 20;
    }

private:
    void work() {
        try {
            const node_id me = write(store_, [&](writing& in) {
                return in.enter({.name = kind_, .kinds = {kind_}}, 1h);
            });
            for (std::uint64_t id = 1; !is_over_; ++id) {
                run_row row;
                row.of.kind = kind_;
                EXPECT_EQ(write(store_, [&](writing& in) { return in.submit(row).is; }),
                          verdict::taken);
                const claim all{.by = me, .id = id, .kinds = {kind_}, .most = 10};
                const auto mine = write(store_, [&](writing& in) { return in.claim_runs(all); });
                EXPECT_EQ(mine.size(), 1u);
                step end{.by = me, .changes = {change_of(mine.at(0))}};
                end.changes[0].state = run_state::ok;
                EXPECT_EQ(write(store_, [&](writing& in) { return in.take(end).is; }),
                          verdict::taken);
                EXPECT_EQ(read(store_,
                               [&](reading& in) {
                                   return in.runs({.ids = {mine[0].of.id}}).at(0).of.state;
                               }),
                          run_state::ok);
                ++done_;
            }
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
    }

    pg_store store_;
    const std::string kind_;
    std::atomic<bool> is_over_ = false;
    std::atomic<int> done_ = 0;
    std::thread works_;
};

class postgres_versions : public testing::Test {
protected:
    void migrate_to(const pg_migration& next) {
        pg_connection in(database.url(), database.url());
        migrate(in, database.url(), pg_migrations::made, with(next));
    }
    std::int64_t version() { return client.ask("SELECT version FROM cicada.meta"); }

    support::postgres_database database{support::postgres_database::is::migrated};
    postgres_client client{database.url()};
    const std::int64_t was = version();
};

} // namespace

TEST_F(postgres_versions, work_side_by_side_while_the_later_one_migrates_and_afterwards) {
    int done = 0;
    {
        const at_work earlier(database.url(), "earlier");
        EXPECT_TRUE(earlier.does_more());
        migrate_to(
            {"ALTER TABLE cicada.run ADD COLUMN weight bigint NOT NULL DEFAULT 1;"
             "ALTER TABLE cicada.node ADD COLUMN place text, ALTER COLUMN labels DROP NOT NULL;"
             "ALTER TABLE cicada.job ALTER COLUMN revision SET DEFAULT 1;"
             "CREATE INDEX run_weight ON cicada.run (weight) WHERE state = 0;"
             "ALTER FUNCTION cicada.take_steps COST 200",
             1});
        EXPECT_EQ(version(), was + 1);
        EXPECT_TRUE(earlier.does_more());
        const at_work later(database.url(), "later");
        EXPECT_TRUE(later.does_more());
        EXPECT_TRUE(earlier.does_more());
        migrate_to({"SELECT 1 / 0", 1}); // it has been made
        done = earlier.done() + later.done();
    }
    EXPECT_GE(client.ask("SELECT count(*) FROM cicada.run WHERE weight = 1 AND state = 2"), done);
    EXPECT_EQ(client.ask("SELECT count(*) FROM cicada.run WHERE state <> 2 OR lost > 0"), 0);
}

TEST_F(postgres_versions, of_which_one_is_too_old_tell_it_at_work_and_as_it_starts) {
    pg_store earlier({.url = database.url()});
    const auto node = write(earlier, [](writing& in) { return in.enter({.name = "node"}, 1h); });
    migrate_to({"ALTER TABLE cicada.node RENAME COLUMN lease_until TO live_until", 2});
    const auto expect_too_new = [&](auto does) {
        try {
            does();
            ADD_FAILURE() << "it is done";
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::too_new);
            EXPECT_THAT(e.what(), HasSubstr("and this program knows "));
        }
    };
    expect_too_new([&] { write(earlier, [&](writing& in) { return in.renew(node, 2h); }); });
    expect_too_new([&] { read(earlier, [](reading& in) { return in.nodes(); }); });
    expect_too_new([&] { pg_store({.url = database.url()}); });
    client.run("DROP FUNCTION cicada.moment");
    expect_too_new([&] { read(earlier, [](reading& in) { return in.applied("us"); }); });
}

TEST_F(postgres_versions, stay_as_they_were_when_a_migration_fails) {
    pg_store earlier({.url = database.url()});
    const pg_migration fails{"ALTER TABLE cicada.run ADD COLUMN weight bigint; SELECT 1 / 0", 2};
    EXPECT_THROW(migrate_to(fails), store_error);
    EXPECT_EQ(version(), was);
    EXPECT_EQ(client.ask("SELECT count(*) FROM pg_attribute WHERE attname = 'weight'"), 0);
    EXPECT_TRUE(write(earlier, [](writing& in) { return in.create({.name = "job"}); }));
}
