// Nobody was there for a while; or was told to wait.

#include <conformance/jobs/any_jobs.hpp>

using namespace conformance_of_jobs;

namespace {

constexpr duration two_weeks = 14 * 24h;
constexpr duration some[] = {15s, 7 * 24h, two_weeks + 5s}; // of what is missed in them

job every_5_seconds(catch_up how) {
    return {.name = "tick",
            .when = interval(5s),
            .kind = "work",
            .overlap = overlap::allow{100},
            .catch_up = how};
}

using kind = decision::kind;

} // namespace

TEST_P(any_jobs, two_weeks_away_come_to_the_newest_instant_and_one_row_for_all_others) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        co_await add(every_5_seconds(catch_up::last));
        co_await come();
        co_await sleep(12s);
        co_await go_away();
        co_await sleep(two_weeks);
        co_await come();
        co_await sleep(4s);
        EXPECT_THAT(starts, ElementsAre(0s, 5s, 10s, two_weeks + 12s, two_weeks + 15s));
        const auto ran = co_await nominals("tick");
        EXPECT_THAT(ran, ElementsAre(0s, 5s, 10s, two_weeks + 10s, two_weeks + 15s));

        const auto rows = co_await stretches("tick");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).kind, kind::coalesced_into);
        EXPECT_EQ(rows.at(0).first, began_at + 15s);
        EXPECT_EQ(rows.at(0).last, began_at + two_weeks + 5s);
        EXPECT_EQ(rows.at(0).into, began_at + two_weeks + 10s);
        EXPECT_TRUE(rows.at(0).is_at_least) << "more than are counted one by one";
        for (const duration one : some) {
            const reason_why said = co_await why("tick", one);
            EXPECT_EQ(said.what, reason_why::answer::decided) << said.text;
            EXPECT_EQ(said.decision->what, kind::coalesced_into);
            EXPECT_THAT(said.text, HasSubstr("the run of 2026-03-15T00:00:10Z, run 4,"));
        }
        const reason_why between = co_await why("tick", 24h + 1s);
        EXPECT_EQ(between.what, reason_why::answer::not_due) << between.text;
    });
}

TEST_P(any_jobs, two_weeks_away_come_to_no_more_runs_than_are_asked_for) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        co_await add(every_5_seconds(catch_up::all{5}));
        co_await come();
        co_await sleep(12s);
        co_await go_away();
        co_await sleep(two_weeks);
        starts.clear();
        co_await come();
        co_await sleep(2s);
        EXPECT_EQ(starts, std::vector<duration>(5, two_weeks + 12s));
        const auto ran = co_await nominals("tick");
        EXPECT_THAT(ran, ElementsAre(0s, 5s, 10s, two_weeks - 10s, two_weeks - 5s, two_weeks,
                                     two_weeks + 5s, two_weeks + 10s));
        const auto rows = co_await stretches("tick");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).kind, kind::missed);
        EXPECT_EQ(rows.at(0).first, began_at + 15s);
        EXPECT_EQ(rows.at(0).last, began_at + two_weeks - 15s);
        const reason_why said = co_await why("tick", 7 * 24h);
        EXPECT_EQ(said.decision->what, kind::missed) << said.text;
    });
}

// The newest instant is none that was missed, while it is less than a minute late.
TEST_P(any_jobs, two_weeks_away_come_to_no_run_where_none_is_asked_for) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        job tick = every_5_seconds(catch_up::none);
        job hourly = {.name = "hourly",
                      .when = cron("0 * * * *"),
                      .kind = "work",
                      .catch_up = catch_up::none};
        std::vector<job> both;
        both.push_back(tick);
        both.push_back(hourly);
        co_await store().apply("us", both);
        co_await come();
        co_await sleep(12s);
        co_await go_away();
        co_await sleep(two_weeks + 10min);
        co_await come();
        co_await sleep(2s);
        const auto ran = co_await nominals("tick");
        EXPECT_THAT(ran, ElementsAre(0s, 5s, 10s, two_weeks + 10min + 10s));
        const auto hours = co_await nominals("hourly");
        EXPECT_THAT(hours, IsEmpty());
        const auto rows = co_await stretches("hourly");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).kind, kind::missed);
        EXPECT_EQ(rows.at(0).count, 14u * 24);
        const reason_why said = co_await why("hourly", two_weeks);
        EXPECT_EQ(said.decision->what, kind::missed) << said.text;
    });
}

TEST_P(any_jobs, a_pause_of_two_weeks_replays_nothing) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        co_await add(every_5_seconds(catch_up::all{100}));
        co_await come();
        co_await sleep(12s);
        co_await store().pause("tick", {.note = "the disk is full", .by = "ops"});
        co_await sleep(1h);
        co_await go_away();
        co_await sleep(two_weeks);
        co_await come();
        co_await sleep(1h);
        co_await store().resume("tick");
        co_await sleep(4s);
        EXPECT_THAT(starts, ElementsAre(0s, 5s, 10s, two_weeks + 2h + 15s));
        const auto rows = co_await stretches("tick");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).kind, kind::paused);
        EXPECT_EQ(rows.at(0).first, began_at + 15s);
        EXPECT_EQ(rows.at(0).last, began_at + two_weeks + 2h + 10s);
        const reason_why said = co_await why("tick", 7 * 24h);
        EXPECT_EQ(said.decision->what, kind::paused);
        EXPECT_THAT(said.text, HasSubstr("ops: the disk is full")) << said.text;
    });
}

// D27
TEST_P(any_jobs, a_suspended_machine_runs_one_for_all_that_it_slept_through) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        job tick = every_5_seconds(catch_up::last);
        tick.when = interval(10s);
        co_await add(tick);
        co_await come();
        co_await sleep(15s);
        sim()->stall(78min);
        co_await sleep(10s);
        EXPECT_THAT(starts, ElementsAre(0s, 10s, 78min + 15s, 78min + 20s));
        const auto ran = co_await nominals("tick");
        EXPECT_THAT(ran, ElementsAre(0s, 10s, 78min + 10s, 78min + 20s));
        const auto rows = co_await stretches("tick");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).count, 78u * 6 - 1);
    });
}

// D27
TEST_P(any_jobs, a_run_that_is_triggered_takes_the_place_of_none) {
    at("2026-03-01T00:00:59.999Z", [this]() -> task<> {
        const job minutely = {.name = "minutely", .when = cron("* * * * *"), .kind = "work"};
        co_await add(minutely);
        co_await come();
        co_await store().trigger("minutely");
        co_await sleep(2ms);
        EXPECT_THAT(starts, ElementsAre(0ms, 1ms));
        const auto ran = co_await store().runs("minutely");
        EXPECT_EQ(ran.size(), 2u);
        EXPECT_EQ(ran.at(0).origin, run_origin::scheduled);
        EXPECT_EQ(ran.at(1).origin, run_origin::triggered);
        EXPECT_EQ(ran.at(1).state, run_state::ok);
    });
}
