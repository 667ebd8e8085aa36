#include <cicada/jobs.hpp>
#include <jobs/backfill.hpp>
#include <jobs/request.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <support/simulated.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::job;
using cicada::job_store;
using cicada::reprocess;
using cicada::run_state;
using cicada::task;
using cicada::wall_time;
using cicada::detail::backfill_how;
using cicada::detail::backfill_row;
using cicada::detail::backfill_window;
using cicada::detail::run_end;
using cicada::detail::writing;
using testing::ElementsAre;
using testing::IsEmpty;

const wall_time noon = cicada::parse_instant("2026-03-02T12:00:00Z");

TEST(backfill, runs_what_has_not_run_or_as_well_what_failed_or_all_of_it) {
    using cicada::detail::is_to_run;
    for (const reprocess which : {reprocess::none, reprocess::failed, reprocess::all}) {
        EXPECT_TRUE(is_to_run({}, which));
        EXPECT_FALSE(is_to_run({run_state::ready}, which));
        EXPECT_FALSE(is_to_run({run_state::failed, run_state::running}, which));
    }
    EXPECT_FALSE(is_to_run({run_state::failed}, reprocess::none));
    EXPECT_TRUE(is_to_run({run_state::failed}, reprocess::failed));
    EXPECT_TRUE(is_to_run({run_state::ok, run_state::lost}, reprocess::failed));
    EXPECT_TRUE(is_to_run({run_state::cancelled}, reprocess::failed));
    EXPECT_FALSE(is_to_run({run_state::failed, run_state::ok}, reprocess::failed));
    EXPECT_TRUE(is_to_run({run_state::failed, run_state::ok}, reprocess::all));
}

TEST(backfill, finds_its_instants_in_parts) {
    const cicada::schedule hourly = cicada::cron("0 * * * *");
    backfill_row row{.until = noon, .done_to = noon - 3h - 1ns};
    const backfill_window first = next_instants(hourly, row, 2);
    EXPECT_THAT(first.instants, ElementsAre(noon - 3h, noon - 2h));
    EXPECT_EQ(first.searched_to, noon - 2h);
    EXPECT_FALSE(first.is_last);
    row.done_to = first.searched_to;
    const backfill_window rest = next_instants(hourly, row, 2);
    EXPECT_THAT(rest.instants, ElementsAre(noon - 1h)) << "its end is not of it";
    EXPECT_TRUE(rest.is_last);
    const backfill_window none = next_instants(cicada::cron("0 0 30 2 *"), row, 2);
    EXPECT_THAT(none.instants, IsEmpty());
    EXPECT_TRUE(none.is_last);
}

TEST(backfill, keeps_its_options_as_text) {
    EXPECT_EQ(to_json(backfill_how{}), "{}");
    const backfill_how how{.reprocess = reprocess::failed, .pace = 90s, .not_before = noon + 1ns};
    const std::string text = to_json(how);
    EXPECT_EQ(text, "{\"not_before\":\"2026-03-02T12:00:00.000000001Z\",\"pace\":\"1m30s\","
                    "\"reprocess\":\"failed\"}");
    const backfill_how read = cicada::detail::parse_backfill_how(text);
    EXPECT_EQ(read.reprocess, how.reprocess);
    EXPECT_EQ(read.pace, how.pace);
    EXPECT_EQ(read.not_before, how.not_before);
}

/// A node and its worker, by hand.
class hand {
public:
    explicit hand(job_store store) : store_(std::move(store)) {}

    /// Brings the backfill on, if it is due.
    task<> feed() {
        co_await cicada::detail::request<>(access(), [](writing& in) {
            const auto now = in.now();
            for (const auto& row : in.jobs({})) {
                const cicada::detail::decider job(row);
                const auto at = job.notes().backfill_at;
                if (at && *at <= now && job.has_room_for_backfill()) feed_backfills(in, row.id);
            }
        });
    }
    /// Runs all that is ready.
    task<> work(run_end how = run_end::ok) {
        co_await cicada::detail::request<>(access(), [this, how](writing& in) {
            using cicada::detail::node_id;
            if (me_ == node_id::none) me_ = in.enter({.name = "hand", .kinds = {"k"}}, 1000h);
            for (const auto& run : in.claim_runs({.by = me_, .id = 1, .kinds = {"k"}, .most = 9})) {
                cicada::detail::decider job(in.jobs({.ids = {run.job}}).at(0));
                job.run_ended(run.of.id, {.how = how}, in.now());
                in.take(job.take_step(me_));
                ran.push_back(run.of.nominal);
            }
        });
    }
    /// Both, for so long.
    task<> go_on(cicada::duration time, run_end how = run_end::ok) {
        for (const auto end = cicada::now() + time; cicada::now() < end;) {
            co_await feed();
            co_await work(how);
            co_await cicada::sleep(1s);
        }
    }

    std::vector<wall_time> ran;

private:
    std::shared_ptr<cicada::detail::store_access> access() {
        return {std::shared_ptr<void>(), &store_.access()}; // kept by store_
    }
    job_store store_;
    cicada::detail::node_id me_ = cicada::detail::node_id::none;
};

/// A job of each hour that has been there since noon.
void with_an_hourly_job(cicada::duration since, task<> (*test)(job_store store)) {
    support::simulated sim("2026-03-02T12:00:00Z");
    sim.run([since, test]() -> task<> {
        job_store store = co_await cicada::open_store("memory:");
        std::vector<job> jobs(1, {.name = "hourly",
                                  .when = cicada::cron("0 * * * *"),
                                  .kind = "k",
                                  .overlap = cicada::overlap::buffer_all{100},
                                  .catch_up = cicada::catch_up::all{100}});
        co_await store.apply("us", std::move(jobs));
        co_await cicada::sleep(since);
        co_await test(store);
    });
}

TEST(backfill, runs_the_instants_of_the_past_one_at_a_time_oldest_first) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        const std::string id = co_await store.backfill("hourly", noon - 3h, noon);
        EXPECT_EQ(id, "2026-03-02T09:00:00Z/2026-03-02T12:00:00Z");
        for (int i = 0; i < 3; ++i) co_await worker.feed();
        const auto runs = co_await store.runs("hourly");
        EXPECT_EQ(runs.size(), 1u) << "it is open: no other starts beside it";
        EXPECT_EQ(runs.at(0).origin, cicada::run_origin::backfilled);
        EXPECT_EQ(runs.at(0).nominal, noon - 3h);
        co_await worker.go_on(1min);
        EXPECT_THAT(worker.ran, ElementsAre(noon - 3h, noon - 2h, noon - 1h));
        const auto status = co_await store.status("hourly");
        EXPECT_EQ(status.next, noon + 1h);
    });
}

// D17
TEST(backfill, of_the_same_range_twice_runs_it_once) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 3h, noon);
        co_await store.backfill("hourly", noon - 3h, noon);
        co_await worker.go_on(1min);
        co_await store.backfill("hourly", noon - 3h, noon);
        co_await store.backfill("hourly", noon - 4h, noon - 1h);
        co_await worker.go_on(1min);
        EXPECT_THAT(worker.ran, ElementsAre(noon - 3h, noon - 2h, noon - 1h, noon - 4h))
            << "nor does another that overlaps with it";
    });
}

TEST(backfill, runs_again_what_it_is_told_to) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 2h, noon);
        co_await worker.go_on(1min, run_end::failed);
        EXPECT_EQ(worker.ran.size(), 2u);
        co_await store.backfill("hourly", noon - 3h, noon, {.reprocess = reprocess::none});
        co_await worker.go_on(1min);
        EXPECT_THAT(worker.ran, ElementsAre(noon - 2h, noon - 1h, noon - 3h));
        co_await store.backfill("hourly", noon - 3h, noon,
                                {.id = "failed ones", .reprocess = reprocess::failed});
        co_await worker.go_on(1min);
        EXPECT_EQ(worker.ran.size(), 5u) << "the two that had failed";
        co_await store.backfill("hourly", noon - 3h, noon,
                                {.id = "all of it", .reprocess = reprocess::all});
        co_await worker.go_on(1min);
        EXPECT_EQ(worker.ran.size(), 8u);
        co_await store.backfill("hourly", noon - 3h, noon,
                                {.id = "all of it", .reprocess = reprocess::all});
        co_await worker.go_on(1min);
        EXPECT_EQ(worker.ran.size(), 8u) << "the same id asks for nothing new";
        const auto runs = co_await store.runs("hourly");
        EXPECT_NE(runs.at(0).key, runs.at(3).key) << "another run has another key";
    });
}

TEST(backfill, keeps_its_pace) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 3h, noon, {.pace = 10min});
        co_await worker.go_on(15min);
        EXPECT_EQ(worker.ran.size(), 2u);
        co_await store.backfill("hourly", noon - 5h, noon - 4h); // which comes after it
        co_await worker.go_on(1s);
        EXPECT_EQ(worker.ran.size(), 2u);
        co_await worker.go_on(20min);
        EXPECT_EQ(worker.ran.size(), 4u);
        const auto runs = co_await store.runs("hourly");
        EXPECT_GE(*runs.at(1).started_at - *runs.at(2).started_at, 10min);
        EXPECT_GE(*runs.at(2).started_at - *runs.at(3).started_at, 10min);
    });
}

TEST(backfill, waits_for_what_has_not_been_decided_yet) {
    with_an_hourly_job(3h + 30min, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 1h, noon + 3h);
        co_await worker.go_on(10s);
        // Nobody has decided 13:00 and 14:00 so far: whether they run anyway is not known.
        EXPECT_THAT(worker.ran, ElementsAre(noon - 1h, noon));
        co_await store.pause("hourly");
        co_await store.resume("hourly");
        co_await worker.go_on(1min);
        EXPECT_THAT(worker.ran, ElementsAre(noon - 1h, noon, noon + 1h, noon + 2h));
    });
}

TEST(backfill, comes_one_after_the_other) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 2h, noon);
        co_await store.backfill("hourly", noon - 5h, noon - 3h);
        co_await worker.go_on(1min);
        EXPECT_THAT(worker.ran, ElementsAre(noon - 2h, noon - 1h, noon - 5h, noon - 4h));
    });
}

TEST(backfill, goes_through_what_needs_no_run) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        hand worker(store);
        co_await store.backfill("hourly", noon - 300h, noon);
        co_await worker.go_on(10min);
        EXPECT_EQ(worker.ran.size(), 300u);
        co_await store.backfill("hourly", noon - 301h, noon + 1ns);
        co_await worker.go_on(1min);
        EXPECT_EQ(worker.ran.size(), 302u);
        EXPECT_EQ(worker.ran.at(300), noon - 301h);
        EXPECT_EQ(worker.ran.at(301), noon);
    });
}

TEST(backfill, is_refused_where_there_is_nothing_to_fill) {
    with_an_hourly_job(0s, [](job_store store) -> task<> {
        std::vector<job> jobs(1, {.name = "delay", .when = cicada::fixed_delay(1h), .kind = "k"});
        co_await store.apply("them", std::move(jobs));
        std::string said;
        try {
            co_await store.backfill("delay", noon - 1h, noon);
        } catch (const std::invalid_argument& e) {
            said = e.what();
        }
        EXPECT_EQ(said, "cicada: backfill of \"delay\": a fixed delay has no instants of the past");
    });
}

} // namespace
