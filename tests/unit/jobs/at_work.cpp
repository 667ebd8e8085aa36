// A store of jobs with a worker on it: what is asked of the one, and what the other does.

#include <cicada/jobs.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <support/simulated.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::job;
using cicada::job_store;
using cicada::reason_why;
using cicada::run_state;
using cicada::task;
using testing::ElementsAre;
using testing::IsEmpty;

const cicada::wall_time noon = cicada::parse_instant("2026-03-02T12:00:00Z");

/// "sleep" sleeps for so many seconds as its arguments say, "throw" throws.
task<> sleep_on(cicada::job_run run) {
    co_await cicada::sleep(std::chrono::seconds(std::stoi(run.arguments())));
}
void throw_it(const cicada::job_run&) { throw std::runtime_error("out of paper"); }

task<> serve(job_store store, cicada::worker_options options) {
    cicada::worker worker(store, std::move(options));
    worker.handle("sleep", sleep_on);
    worker.handle("throw", throw_it);
    co_await worker.run();
}

/// At noon, with a worker that polls once an hour: what it does sooner, it was told of.
void at_work(task<> (*test)(job_store store)) {
    support::simulated sim("2026-03-02T12:00:00Z");
    sim.run([test]() -> task<> {
        job_store store = co_await cicada::open_store("memory:");
        cicada::worker_options options;
        options.name = "w";
        options.poll = 1h;
        options.lease = 4h;
        const auto working = cicada::spawn(serve(store, std::move(options)));
        co_await cicada::sleep(30s);
        co_await test(store);
    });
    EXPECT_THAT(sim.errors, IsEmpty());
}

job every_minute(std::string seconds = "0") {
    return {.name = "minutely",
            .when = cicada::cron("* * * * *"),
            .kind = "sleep",
            .arguments = std::move(seconds)};
}
task<> add(job_store store, job one) {
    std::vector<job> jobs(1, std::move(one));
    co_await store.apply("us", std::move(jobs));
}

TEST(at_work, what_is_submitted_or_triggered_starts_at_once) {
    at_work([](job_store store) -> task<> {
        co_await add(store, every_minute());
        co_await cicada::sleep(10s);
        const auto sent = co_await store.submit("sleep", "3");
        const auto run = co_await store.trigger("minutely");
        const auto later = co_await store.submit("sleep", "0", {.after = 7s});
        co_await cicada::sleep(9s);
        const auto one = co_await store.run(sent.id);
        EXPECT_EQ(one.state, run_state::ok);
        EXPECT_EQ(one.node, "w");
        EXPECT_EQ(one.started_at, noon + 40s);
        EXPECT_EQ(one.ended_at, noon + 43s);
        const auto two = co_await store.run(*run);
        EXPECT_EQ(two.started_at, noon + 40s);
        const auto three = co_await store.run(later.id);
        EXPECT_EQ(three.started_at, noon + 47s);
    });
}

TEST(at_work, a_job_that_is_applied_runs_at_its_next_instant) {
    at_work([](job_store store) -> task<> {
        co_await add(store, every_minute());
        co_await cicada::sleep(2min);
        const auto runs = co_await store.runs("minutely");
        EXPECT_EQ(runs.size(), 2u);
        EXPECT_EQ(runs.at(1).nominal, noon + 1min);
        EXPECT_EQ(runs.at(1).started_at, noon + 1min);
        EXPECT_EQ(runs.at(0).nominal, noon + 2min);
        co_await store.apply("us", {});
        co_await cicada::sleep(10min);
        const auto after = co_await store.runs("minutely");
        EXPECT_EQ(after.size(), 2u) << "it was removed";
    });
}

TEST(at_work, a_pause_is_over_by_itself_and_replays_nothing) {
    at_work([](job_store store) -> task<> {
        co_await add(store, every_minute());
        co_await cicada::sleep(1min);
        co_await store.pause("minutely",
                             {.note = "the disk is full", .by = "ops", .until = noon + 10min + 1s});
        co_await cicada::sleep(10min);
        const auto runs = co_await store.runs("minutely");
        EXPECT_EQ(runs.size(), 2u);
        EXPECT_EQ(runs.at(0).nominal, noon + 11min);
        EXPECT_EQ(runs.at(1).nominal, noon + 1min);
        const reason_why why = co_await store.why("minutely", noon + 5min);
        EXPECT_EQ(why.what, reason_why::answer::decided);
        EXPECT_EQ(why.decision->what, cicada::decision::kind::paused);
        EXPECT_THAT(why.text, testing::HasSubstr("ops"));
        EXPECT_THAT(why.text, testing::HasSubstr("the disk is full"));
    });
}

TEST(at_work, what_runs_is_asked_to_end_wherever_that_is) {
    at_work([](job_store store) -> task<> {
        const auto sent = co_await store.submit("sleep", "600");
        co_await add(store, every_minute("600"));
        const auto run = co_await store.trigger("minutely");
        co_await cicada::sleep(5s);
        co_await store.cancel(sent.id);
        co_await store.cancel(*run);
        co_await cicada::sleep(1s);
        const auto one = co_await store.run(sent.id);
        EXPECT_EQ(one.state, run_state::cancelled);
        EXPECT_EQ(one.ended_at, noon + 35s);
        const auto two = co_await store.run(*run);
        EXPECT_EQ(two.state, run_state::cancelled);
    });
}

TEST(at_work, a_backfill_runs_beside_what_the_job_does_anyway) {
    at_work([](job_store store) -> task<> {
        job both = every_minute("5");
        both.overlap = cicada::overlap::allow{2};
        co_await add(store, both);
        co_await store.backfill("minutely", noon - 20min, noon, {.pace = 10s});
        co_await cicada::sleep(5min);
        const auto runs = co_await store.runs("minutely");
        EXPECT_EQ(runs.size(), 25u);
        std::vector<cicada::wall_time> filled;
        for (const auto& run : runs) {
            EXPECT_EQ(run.state, run_state::ok);
            if (run.origin == cicada::run_origin::backfilled) {
                filled.insert(filled.begin(), run.nominal);
            } else {
                EXPECT_EQ(run.started_at, run.nominal);
            }
        }
        EXPECT_EQ(filled.size(), 20u);
        EXPECT_EQ(filled.front(), noon - 20min);
        EXPECT_TRUE(std::is_sorted(filled.begin(), filled.end()));
    });
}

TEST(at_work, history_goes_but_for_the_last_run_and_the_last_success) {
    at_work([](job_store store) -> task<> {
        co_await add(store, every_minute());
        co_await cicada::sleep(10min);
        co_await store.pause("minutely");
        job failing = every_minute();
        failing.kind = "throw";
        co_await add(store, failing);
        const auto failed = co_await store.trigger("minutely");
        co_await cicada::sleep(1s);
        const auto before = co_await store.runs("minutely");
        EXPECT_EQ(before.size(), 11u);
        const auto some = co_await store.prune({.keep = 5});
        EXPECT_EQ(some, 6u);
        const auto gone = co_await store.prune({.older_than = 0s});
        EXPECT_EQ(gone, 4u) << "three runs, and the edit before the last one";
        const auto rest = co_await store.runs("minutely");
        EXPECT_EQ(rest.size(), 2u);
        EXPECT_EQ(rest.at(0).id, *failed);
        EXPECT_EQ(rest.at(0).state, run_state::failed);
        EXPECT_EQ(rest.at(0).reason, "out of paper");
        EXPECT_EQ(rest.at(1).state, run_state::ok);
        const reason_why why = co_await store.why("minutely", noon + 1min);
        EXPECT_EQ(why.what, reason_why::answer::not_kept) << why.text;
    });
}

TEST(at_work, why_answers_for_any_instant) {
    at_work([](job_store store) -> task<> {
        job slow = every_minute("90");
        slow.until = noon + 1h;
        co_await add(store, slow);
        co_await cicada::sleep(5min); // 12:05:30: runs at 12:01, 12:03, 12:05
        std::vector<std::string> said;
        const auto ask = [&](cicada::wall_time instant) -> task<> {
            const reason_why why = co_await store.why("minutely", instant);
            said.push_back(why.text);
        };
        co_await ask(noon + 1min);
        co_await ask(noon + 2min);
        co_await ask(noon + 5min);
        co_await ask(noon + 5min + 1s);
        co_await ask(noon + 6min);
        co_await ask(noon - 1h);
        co_await ask(noon + 59min + 30s);
        co_await ask(noon + 2h);
        const std::string job = "\"minutely\" of 2026-03-02T";
        EXPECT_THAT(
            said,
            ElementsAre(
                job + "12:01:00Z ran as run 1 on \"w\", from 2026-03-02T12:01:00Z to "
                      "2026-03-02T12:02:30Z",
                job + "12:02:00Z was skipped, for run 1, of 2026-03-02T12:01:00Z, had not ended",
                job + "12:05:00Z runs as run 3 on \"w\", from 2026-03-02T12:05:00Z",
                job +
                    "12:05:01Z is no instant of its schedule, cron(\"* * * * *\"); the next after "
                    "it is 2026-03-02T12:06:00Z",
                job + "12:06:00Z is to come",
                job + "11:00:00Z was before the job, which was made at 2026-03-02T12:00:30Z",
                job + "12:59:30Z is no instant of its schedule, cron(\"* * * * *\")",
                job + "14:00:00Z is past the end of its schedule, 2026-03-02T13:00:00Z"));
        std::string missing;
        try {
            co_await store.why("none", noon);
        } catch (const cicada::not_found& e) {
            missing = e.what();
        }
        EXPECT_EQ(missing, "cicada: there is no job \"none\"");
    });
}

} // namespace
