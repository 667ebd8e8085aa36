#include <cicada/periodic/ticker.hpp>

#include <string>
#include <vector>

#include <support/ending.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::ending;
using support::simulated;

namespace {

/// When each of `many` ticks came, counted from the start of the simulation; the work of the n-th
/// takes `work[n]`.
task<std::vector<duration>> come_at(simulated& sim, ticker& ticks, std::vector<duration> work) {
    std::vector<duration> at;
    for (const duration time : work) {
        co_await ticks.next();
        at.push_back(sim.elapsed());
        sim->stall(time);
    }
    co_return at;
}

} // namespace

TEST(ticker, gives_the_first_tick_at_once_and_the_others_on_a_grid_that_does_not_drift) {
    simulated sim;
    const auto at = sim.run([&]() -> task<std::vector<duration>> {
        ticker ticks(1s);
        const std::vector<duration> work{100ms, 999ms, 0s, 500ms};
        co_return co_await come_at(sim, ticks, work);
    });
    EXPECT_EQ(at, (std::vector<duration>{0s, 1s, 2s, 3s}));
}

TEST(ticker, can_begin_after_a_period_or_at_an_instant) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker later(2s, {.first = first::after_period});
        co_await later.next();
        EXPECT_EQ(sim.elapsed(), 2s);
        ticker at_elapsed(1s, {.first = now() + 3s});
        co_await at_elapsed.next();
        EXPECT_EQ(sim.elapsed(), 5s);
        ticker at_wall(1s, {.first = wall_now() + 3s});
        co_await at_wall.next();
        EXPECT_EQ(sim.elapsed(), 8s);
        ticker in_the_past(10s, {.first = now() - 8s});
        const tick late = co_await in_the_past.next();
        EXPECT_EQ(late.lateness, 8s);
        co_await in_the_past.next();
        EXPECT_EQ(sim.elapsed(), 10s);
    });
}

// The timelines of docs/time.md: the second tick's work takes 2.2 periods.

TEST(ticker, that_skips_goes_on_on_its_grid) {
    simulated sim;
    const auto at = sim.run([&]() -> task<std::vector<duration>> {
        ticker ticks(1s);
        const std::vector<duration> work{0s, 2200ms, 0s, 0s, 0s};
        co_return co_await come_at(sim, ticks, work);
    });
    EXPECT_EQ(at, (std::vector<duration>{0s, 1s, 3200ms, 4s, 5s}));
}

TEST(ticker, that_bursts_gives_each_of_them) {
    simulated sim;
    const auto at = sim.run([&]() -> task<std::vector<duration>> {
        ticker ticks(1s, {.missed = missed::burst});
        const std::vector<duration> work{0s, 2200ms, 0s, 0s, 0s};
        co_return co_await come_at(sim, ticks, work);
    });
    EXPECT_EQ(at, (std::vector<duration>{0s, 1s, 3200ms, 3200ms, 4s}));
}

TEST(ticker, that_delays_begins_a_new_grid) {
    simulated sim;
    const auto at = sim.run([&]() -> task<std::vector<duration>> {
        ticker ticks(1s, {.missed = missed::delay});
        const std::vector<duration> work{0s, 2200ms, 0s, 0s, 0s};
        co_return co_await come_at(sim, ticks, work);
    });
    EXPECT_EQ(at, (std::vector<duration>{0s, 1s, 3200ms, 4200ms, 5200ms}));
}

TEST(ticker, tells_its_instant_how_late_it_is_and_what_was_missed) {
    simulated sim;
    sim.run([&]() -> task<> {
        const wall_time start = wall_now();
        ticker ticks(1s);
        co_await ticks.next();
        sim->stall(3500ms);
        const tick t = co_await ticks.next();
        EXPECT_EQ(t.nominal, start + 1s);
        EXPECT_EQ(t.now, start + 3500ms);
        EXPECT_EQ(t.lateness, 2500ms);
        EXPECT_EQ(t.missed, 2u);
        EXPECT_EQ(t.attempt, 1u);
        EXPECT_EQ((co_await ticks.next()).nominal, start + 4s);
    });
}

TEST(ticker, is_not_restarted_by_a_loop_around_when_any) {
    simulated sim;
    sim.run([&]() -> task<> {
        channel<int> values(10);
        const auto often = every(300ms, [&] { values.try_send(1); });
        ticker ticks(1s, {.first = first::after_period});
        std::vector<duration> at;
        int received = 0;
        while (at.size() < 3) {
            const auto next = co_await when_any(ticks.next(), values.receive());
            if (next.index() == 0) {
                at.push_back(sim.elapsed());
            } else {
                ++received;
            }
        }
        EXPECT_EQ(at, (std::vector<duration>{1s, 2s, 3s}));
        EXPECT_EQ(received + static_cast<int>(values.size()), 11);
    });
}

TEST(ticker, keeps_a_tick_that_lost_in_the_turn_in_which_it_was_due) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker one(1s, {.first = first::after_period});
        ticker other(1s, {.first = first::after_period});
        EXPECT_EQ((co_await when_any(one.next(), other.next())).index(), 0u);
        EXPECT_EQ(sim.elapsed(), 1s);
        co_await other.next();
        EXPECT_EQ(sim.elapsed(), 1s);
    });
}

TEST(ticker, loses_nothing_by_cancel_or_a_timeout) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker ticks(10s, {.first = first::after_period});
        EXPECT_THROW(co_await with_timeout(3s, ticks.next()), timeout_error);
        const auto wait = [](ticker& t) -> task<> { co_await t.next(); };
        auto t = spawn(wait(ticks));
        co_await sleep(3s);
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        co_await ticks.next();
        EXPECT_EQ(sim.elapsed(), 10s);
    });
}

TEST(ticker, lets_the_loop_go_on_although_it_is_always_late) {
    simulated sim;
    bool others_ran = false;
    sim.run([&]() -> task<> {
        ticker ticks(1ms, {.missed = missed::burst});
        co_await ticks.next();
        sim->stall(1s);
        loop::current().post([&] { others_ran = true; });
        for (int i = 0; i < 10; ++i) co_await ticks.next();
        EXPECT_TRUE(others_ran);
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(ticker, is_awaited_by_one_task_at_a_time) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker ticks(10s, {.first = first::after_period});
        const auto wait = [](ticker& t) -> task<> { co_await t.next(); };
        const auto first_one = spawn(wait(ticks));
        co_await yield();
        EXPECT_THROW(co_await ticks.next(), std::logic_error);
        co_await first_one;
        co_await ticks.next();
    });
    EXPECT_EQ(sim.elapsed(), 20s);
}

TEST(ticker, of_centuries_waits_for_ever) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker ticks(std::chrono::hours::max());
        co_await ticks.next();
        EXPECT_THROW(co_await with_timeout(24h * 365 * 100, ticks.next()), timeout_error);
    });
}

TEST(ticker, refuses_what_it_cannot_do) {
    EXPECT_THROW(ticker(1s), std::logic_error) << "there is no loop";
    simulated sim;
    EXPECT_THROW(ticker(0s), std::invalid_argument);
    EXPECT_THROW(ticker(fixed_delay(1s)), std::invalid_argument);
}

TEST(ticker, of_a_calendar_gives_its_instants) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker noons(cron("0 12 * * *"));
        for (const int day : {1, 2, 3}) {
            const tick t = co_await noons.next();
            EXPECT_EQ(t.nominal, parse_instant("2026-01-0" + std::to_string(day) + "T12:00:00Z"));
            EXPECT_EQ(t.missed, 0u);
        }
        EXPECT_THROW(co_await with_timeout(1h, noons.next()), timeout_error);
        sim->stall(72h);
        const tick late = co_await noons.next();
        EXPECT_EQ(late.nominal, parse_instant("2026-01-06T12:00:00Z"));
        EXPECT_EQ(late.missed, 2u);
        EXPECT_EQ(late.lateness, 1h);
    });
}

TEST(ticker, of_a_calendar_follows_the_wall_clock_and_gives_no_instant_twice) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker hours(cron("0 * * * *"));
        const auto step = after(30min, [&] { sim->step_wall(25min); });
        EXPECT_EQ((co_await hours.next()).nominal, parse_instant("2026-01-01T01:00:00Z"));
        EXPECT_EQ(sim.elapsed(), 35min);
        sim->step_wall(-10min);
        EXPECT_EQ((co_await hours.next()).nominal, parse_instant("2026-01-01T02:00:00Z"));
    });
}

TEST(ticker, of_a_calendar_without_a_further_instant_throws) {
    simulated sim;
    sim.run([&]() -> task<> {
        ticker once(cron("0 0 0 1 1 * 2027"));
        ticker never(cron("0 0 30 2 *"));
        EXPECT_THROW(co_await never.next(), closed_error);
        co_await once.next();
        EXPECT_EQ(wall_now(), parse_instant("2027-01-01T00:00:00Z"));
        EXPECT_THROW(co_await once.next(), closed_error);
    });
}
