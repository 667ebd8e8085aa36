// The clock was wrong, and is set right: D5.

#include <conformance/jobs/any_jobs.hpp>

using namespace conformance_of_jobs;

namespace {

job each(const char* pattern) {
    return {.name = "tick", .when = cron(pattern), .kind = "work", .catch_up = catch_up::none};
}

std::vector<duration> hours(int first, int last) {
    std::vector<duration> all;
    for (int n = first; n <= last; ++n) all.push_back(n * 1h);
    return all;
}

} // namespace

TEST_P(any_jobs, a_clock_that_was_decades_ahead_keeps_nothing_waiting) {
    at("2098-07-01T00:00:30Z", [this]() -> task<> {
        co_await add(each("* * * * *"));
        co_await come();
        co_await sleep(2min);
        EXPECT_THAT(starts, ElementsAre(30s, 90s));
        starts.clear();
        began_at = parse_instant("2026-03-01T00:00:00Z");
        sim()->set_wall(began_at);
        co_await sleep(1min + 1s);
        EXPECT_THAT(starts, ElementsAre(1min));
        const auto rows = co_await stretches("tick");
        EXPECT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).kind, decision::kind::clock_went_back);
    });
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_THAT(errors[0], HasSubstr("clock"));
}

TEST_P(any_jobs, a_clock_that_is_set_right_while_nobody_is_there_keeps_nothing_waiting) {
    at("2098-07-01T00:00:30Z", [this]() -> task<> {
        co_await add(each("* * * * *"));
        co_await come();
        co_await sleep(2min);
        co_await go_away();
        starts.clear();
        began_at = parse_instant("2026-03-01T00:00:00Z");
        sim()->set_wall(began_at);
        co_await come();
        co_await sleep(1min + 1s);
        EXPECT_THAT(starts, ElementsAre(1min));
    });
    EXPECT_EQ(errors.size(), 1u);
}

TEST_P(any_jobs, days_that_a_clock_ran_ahead_run_when_they_come) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        poll = 5min;
        co_await add(each("0 * * * *"));
        co_await come();
        co_await sleep(30min);
        sim()->step_wall(72h);
        co_await sleep(1h);
        EXPECT_THAT(starts, ElementsAre(73h));
        starts.clear();
        sim()->step_wall(-72h);
        co_await sleep(74h);
        EXPECT_EQ(starts, hours(2, 75));
        runs_options of_that_hour;
        of_that_hour.from = began_at + 73h;
        of_that_hour.until = began_at + 74h;
        const auto runs = co_await store().runs("tick", of_that_hour);
        EXPECT_EQ(runs.size(), 2u) << "before it was set right, and after";
    });
    EXPECT_EQ(errors.size(), 1u);
}

TEST_P(any_jobs, a_clock_that_is_set_back_an_hour_runs_nothing_twice) {
    at("2026-03-01T00:00:00Z", [this]() -> task<> {
        poll = 10s;
        co_await add(each("*/10 * * * *"));
        co_await come();
        co_await sleep(1h + 5min);
        EXPECT_EQ(starts.size(), 6u);
        sim()->step_wall(-1h);
        co_await go_away();
        co_await come();
        co_await sleep(1h);
        EXPECT_EQ(starts.size(), 6u);
        co_await sleep(6min);
        EXPECT_EQ(starts.size(), 7u);
        const auto ran = co_await nominals("tick");
        EXPECT_THAT(ran, ElementsAre(10min, 20min, 30min, 40min, 50min, 60min, 70min));
    });
    EXPECT_THAT(errors, IsEmpty());
}
