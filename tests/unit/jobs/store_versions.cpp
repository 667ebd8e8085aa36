// A store that a version of cicada has left, amid of its work, is opened by this one, which goes on
// with it. Those of older versions lie in support/stores. For a new one, as a version of the schema
// is released:
//
//     CICADA_STORE=/tmp/new.db unit_tests --gtest_filter='store_versions.this_one_*'
//     scripts/dump-store /tmp/new.db > tests/support/stores/version-<n>.sql

#include <cicada/jobs.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/migrate.hpp>
#include <support/simulated.hpp>
#include <support/stored_version.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using detail::sqlite_access;
using detail::sqlite_database;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const wall_time noon = parse_instant("2026-03-01T12:00:00Z");

// ---- how such a store comes about --------------------------------------------------------------

task<> serve(job_store store) {
    cicada::worker worker(store, {.name = "w"});
    worker.handle("ok", [](const job_run& run) { run.log("done"); });
    worker.handle("fails", [](const job_run&) { throw std::runtime_error("out of paper"); });
    worker.handle("slow", [](const job_run&) -> task<> { co_await cicada::sleep(12min); });
    co_await worker.run();
}

std::vector<job> first_jobs() {
    return {{.name = "ticks", .when = cron("*/10 * * * *"), .kind = "ok"},
            {.name = "skips", .when = interval(5min), .kind = "slow", .overlap = overlap::skip},
            {.name = "fails", .when = interval(20min), .kind = "fails", .retry = {.max = 1}},
            {.name = "thrice", .when = interval(1min), .kind = "ok", .times = 3},
            {.name = "paused", .when = cron("0 * * * *"), .kind = "ok"},
            {.name = "removed", .when = interval(30min), .kind = "ok"}};
}
std::vector<job> edited_jobs() {
    std::vector<job> all = first_jobs();
    all.pop_back();
    all[0].when = cron("*/15 * * * *");
    return all;
}

/// Four hours, and a copy as it is then: with runs under way, others to come, and a node.
task<> make_store(std::string url, std::string copy) {
    job_store store = co_await open_store(url);
    const join_handle<> working = spawn(serve(store));
    co_await store.apply("us", first_jobs(), {.revision = 1});
    co_await store.pause("paused", {.note = "holidays", .by = "them"});
    co_await cicada::sleep(25min);
    co_await store.pause("ticks", {.note = "lunch", .by = "us"});
    co_await cicada::sleep(30min);
    co_await store.resume("ticks");
    co_await cicada::sleep(65min + 1s);
    co_await store.apply("us", edited_jobs(), {.revision = 2});
    co_await store.trigger("ticks", {.key = "t"});
    co_await store.backfill("ticks", noon - 1h, noon, {.id = "before noon"});
    co_await store.submit("ok", "{}", {.key = "k"});
    co_await store.submit("unheard", R"({"of": "it"})");
    const submitted later = co_await store.submit("ok", "{}", {.after = 24h});
    co_await store.cancel(later.id);
    co_await cicada::sleep(2h);
    co_await store.backfill("ticks", noon - 9h, noon, {.id = "long ago", .pace = 1h});
    co_await store.submit("slow");
    co_await cicada::sleep(1s);
    co_await store.back_up(copy);
}

// ---- what is to be there -----------------------------------------------------------------------

std::int64_t count(sqlite_database& in, const std::string& of) {
    detail::sqlite_statement ask(in, "SELECT count(*) FROM " + of);
    detail::sqlite_rows rows = ask.with({});
    return rows.next() ? rows.integer(0) : -1;
}

/// Each thing of the schema, as it was made.
std::map<std::string, std::string> schema(sqlite_database& of) {
    std::map<std::string, std::string> all;
    detail::sqlite_statement ask(of, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL");
    detail::sqlite_rows rows = ask.with({});
    while (rows.next()) all.emplace(rows.text(0), rows.text(1));
    return all;
}

task<std::size_t> runs_of(job_store store, std::string name, run_state state) {
    const auto all = co_await store.runs(name, {.state = state, .most = 1000});
    co_return all.size();
}

task<> see_what_is_there(job_store store) {
    const auto all = co_await store.jobs();
    std::map<std::string, life> lives;
    for (const job_status& one : all) lives.emplace(one.job.name, one.life);
    const std::map<std::string, life> expected = {{"fails", life::active},
                                                  {"paused", life::paused},
                                                  {"skips", life::active},
                                                  {"thrice", life::ended},
                                                  {"ticks", life::active}};
    EXPECT_EQ(lives, expected);
    const job_status ticks = co_await store.status("ticks");
    EXPECT_EQ(ticks.job, edited_jobs().at(0));
    const job_status paused = co_await store.status("paused");
    EXPECT_EQ(paused.pause_note, "holidays");

    const reason_why ran = co_await store.why("ticks", noon + 110min);
    EXPECT_EQ(ran.decision.value().what, decision::kind::ran) << ran.text;
    const reason_why never = co_await store.why("ticks", noon + 3h + 10min);
    EXPECT_EQ(never.what, reason_why::answer::not_due) << ran.text;
    const reason_why skipped = co_await store.why("skips", noon + 5min);
    EXPECT_EQ(skipped.decision.value().what, decision::kind::skipped_overlap) << skipped.text;
    const reason_why in_pause = co_await store.why("ticks", noon + 40min);
    EXPECT_THAT(in_pause.text, HasSubstr("came during a pause (us: lunch)"));
    const reason_why waits = co_await store.why("paused", noon + 2h);
    EXPECT_THAT(waits.text, HasSubstr("the job is paused by \"them\" (holidays)"));
    const auto failed = co_await store.runs("fails", {.most = 1});
    EXPECT_EQ(failed.at(0).reason, "out of paper");
    EXPECT_EQ(failed.at(0).attempt, 2u);

    const submitted again = co_await store.submit("ok", "{}", {.key = "k"});
    EXPECT_FALSE(again.is_new);
    const auto triggered = co_await store.trigger("ticks", {.key = "t"});
    const auto same = co_await store.run(triggered.value());
    EXPECT_EQ(same.started_at, noon + 2h + 1s);
}

/// What it left is taken over; what was due meanwhile is caught up; and so on, for some hours.
task<> go_on(job_store store) {
    const auto left = co_await store.runs("", {.state = run_state::running});
    EXPECT_EQ(left.size(), 1u);
    const std::size_t ticks = co_await runs_of(store, "ticks", run_state::ok);
    const join_handle<> working = spawn(serve(store));
    co_await cicada::sleep(6h);
    const run_record taken_over = co_await store.run(left.at(0).id);
    EXPECT_EQ(taken_over.state, run_state::ok);
    EXPECT_EQ(taken_over.lost, 1u);
    const std::size_t more = co_await runs_of(store, "ticks", run_state::ok);
    EXPECT_GE(more, ticks + 24 + 6) << "each quarter of an hour, and of the backfill each hour";
    const reason_why away = co_await store.why("ticks", noon + 5h);
    EXPECT_EQ(away.decision.value().what, decision::kind::coalesced_into) << away.text;
    co_await store.resume("paused");
    const reason_why to_come = co_await store.why("paused", noon + 24h);
    EXPECT_EQ(to_come.what, reason_why::answer::to_come) << to_come.text;
}

/// Two hours after it was left.
void open_and_go_on(const std::string& path) {
    support::simulated sim("2026-03-01T18:00:00Z");
    sim.run([url = "sqlite:" + path]() -> task<> {
        job_store store = co_await open_store(url);
        co_await see_what_is_there(store);
        co_await go_on(store);
    });
    EXPECT_THAT(sim.errors, testing::Each(HasSubstr("unheard")));
    sqlite_database db(path, sqlite_access::read);
    detail::quick_check(db);
    EXPECT_EQ(detail::pragma(db, "user_version"), detail::schema_version);
}

class store_versions : public testing::Test {
protected:
    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";
};

} // namespace

TEST_F(store_versions, this_one_goes_on_with_what_it_has_left) {
    const char* const wanted = std::getenv("CICADA_STORE");
    const std::string copy = wanted ? wanted : folder / "copy.db";
    {
        support::simulated sim("2026-03-01T12:00:00Z");
        sim.run([this, copy]() -> task<> { co_await make_store("sqlite:" + path, copy); });
    }
    if (!wanted) open_and_go_on(copy);
}

TEST_F(store_versions, first_one_goes_on) {
    support::make_stored(1, path);
    {
        sqlite_database db(path, sqlite_access::read);
        detail::quick_check(db);
        EXPECT_EQ(detail::pragma(db, "user_version"), 1);
        EXPECT_EQ(count(db, "job"), 6);
        EXPECT_EQ(count(db, "edit"), 7);
        EXPECT_EQ(count(db, "run"), 65);
        EXPECT_EQ(count(db, "stretch"), 17);
        EXPECT_EQ(count(db, "backfill"), 2);
        EXPECT_EQ(count(db, "node"), 1);
    }
    open_and_go_on(path);
    EXPECT_EQ(std::filesystem::exists(path + ".version-1"), detail::schema_version > 1);
}

TEST_F(store_versions, a_migration_that_was_released_is_as_it_was) {
    support::make_stored(1, path);
    const std::string by_migration = folder / "new.db";
    {
        sqlite_database db = open_writer(by_migration, detail::sqlite_durability::process_crash);
        migrate(db, by_migration, nullptr, detail::all_migrations().first(1));
    }
    sqlite_database released(path, sqlite_access::read);
    sqlite_database made(by_migration, sqlite_access::read);
    EXPECT_EQ(schema(released), schema(made))
        << "stores that 0001.sql has made are in use: what is to change goes into a new file";
    EXPECT_EQ(count(released, "counter"), count(made, "counter"));
}

TEST_F(store_versions, first_one_is_migrated_after_a_copy_or_is_left_as_it_was) {
    const std::string_view works = "ALTER TABLE run ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;"
                                   "UPDATE run SET cost = id; CREATE INDEX run_cost ON run (cost)";
    const std::string_view fails = "ALTER TABLE run ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;"
                                   "UPDATE run SET cost = id; UPDATE absent SET cost = 1";
    const auto migrate_by = [&](const std::string_view& second) {
        const std::string_view* const all[] = {detail::all_migrations()[0], &second};
        sqlite_database db = open_writer(path, detail::sqlite_durability::power_loss);
        migrate(db, path, nullptr, all);
    };
    support::make_stored(1, path);
    const auto was = schema(*std::make_unique<sqlite_database>(path, sqlite_access::read));
    EXPECT_THROW(migrate_by(fails), store_error);
    {
        sqlite_database db(path, sqlite_access::read);
        EXPECT_EQ(detail::pragma(db, "user_version"), 1);
        EXPECT_EQ(schema(db), was);
    }
    migrate_by(works);
    {
        sqlite_database copy(path + ".version-1", sqlite_access::read);
        EXPECT_EQ(detail::pragma(copy, "user_version"), 1);
        EXPECT_EQ(schema(copy), was);
        sqlite_database db(path, sqlite_access::read);
        detail::quick_check(db);
        EXPECT_EQ(detail::pragma(db, "user_version"), 2);
        EXPECT_EQ(count(db, "run"), count(copy, "run"));
        EXPECT_EQ(count(db, "run WHERE cost = id"), count(db, "run"));
    }
    open_and_go_on(path + ".version-1");
}
