#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <vector>

using namespace std::chrono_literals;
using cicada::task;

namespace {

task<cicada::duration> slept(auto delay) {
    const cicada::elapsed_time before = cicada::now();
    co_await cicada::sleep(delay);
    co_return cicada::now() - before;
}

TEST(sleep, takes_exactly_the_delay_from_a_nanosecond_to_two_hundred_years) {
    const auto time_for = [](auto delay) {
        cicada::simulation sim;
        return sim.run(slept(delay));
    };
    EXPECT_EQ(time_for(1ns), 1ns);
    EXPECT_EQ(time_for(10s), 10s);
    EXPECT_EQ(time_for(std::chrono::days(40)), 960h);
    EXPECT_EQ(time_for(std::chrono::years(200)), std::chrono::years(200));
}

TEST(sleep, of_a_fraction_is_rounded_up_and_never_early) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        EXPECT_EQ(co_await slept(std::chrono::duration<float>(0.25f)), 250ms);
        EXPECT_EQ(co_await slept(std::chrono::duration<double, std::nano>(0.1)), 1ns);
        EXPECT_EQ(co_await slept(std::chrono::duration<int, std::pico>(1500)), 2ns);
    }());
}

TEST(sleep, of_zero_or_less_yields_once_without_taking_time) {
    cicada::simulation sim;
    std::vector<int> order;
    const auto sleeper = [&](auto delay, int id) -> task<> {
        order.push_back(id);
        EXPECT_EQ(co_await slept(delay), 0ns);
        order.push_back(-id);
    };
    auto a = cicada::spawn(sleeper, 0s, 1);
    auto b = cicada::spawn(sleeper, -1h, 2);
    auto c = cicada::spawn(sleeper, std::chrono::hours::min(), 3);
    sim.settle();
    EXPECT_EQ(order.size(), 6u);
    EXPECT_EQ(std::vector(order.begin(), order.begin() + 3), (std::vector{1, 2, 3}))
        << "each let the others run";
}

TEST(sleep, beyond_the_end_of_time_never_ends_and_can_be_cancelled) {
    cicada::simulation sim;
    auto a = cicada::spawn(slept(std::chrono::hours::max()));
    auto b = cicada::spawn(slept(std::chrono::duration<double>(1e300)));
    sim.advance(std::chrono::years(250));
    EXPECT_FALSE(a.has_ended());
    EXPECT_FALSE(b.has_ended());
    a.cancel();
    b.cancel();
    sim.settle();
    EXPECT_TRUE(a.has_ended());
    EXPECT_TRUE(b.has_ended());
}

TEST(sleep, resumes_in_order_of_deadline_and_first_armed_first) {
    cicada::simulation sim;
    std::vector<int> order;
    const auto sleeper = [&](cicada::duration delay, int id) -> task<> {
        co_await cicada::sleep(delay);
        order.push_back(id);
    };
    std::vector<cicada::join_handle<void>> all;
    const std::vector<cicada::duration> delays{3s, 1s, 2s, 1s, 3s, 1s + 1ns, 0s};
    for (int i = 0; i < 7; ++i) all.push_back(cicada::spawn(sleeper, delays[i], i));
    sim.advance(5s);
    EXPECT_EQ(order, (std::vector{6, 1, 3, 5, 2, 0, 4}));
}

TEST(sleep, that_is_cancelled_throws_at_once_and_leaves_no_timer) {
    cicada::simulation sim;
    bool thrown = false;
    auto sleeper = cicada::spawn([&]() -> task<> {
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
            thrown = true;
            throw;
        }
    });
    sim.advance(1s);
    EXPECT_EQ(sim.get().pending_timers(), 1u);
    sleeper.cancel();
    sim.settle();
    EXPECT_TRUE(thrown);
    EXPECT_EQ(sim.elapsed(), 1s);
    EXPECT_EQ(sim.get().pending_timers(), 0u);
}

TEST(sleep, with_a_request_pending_throws_without_waiting) {
    cicada::simulation sim;
    cicada::join_handle<void> self;
    bool reached = false;
    self = cicada::spawn([&]() -> task<> {
        self.cancel();
        EXPECT_THROW(co_await cicada::sleep(1h), cicada::cancelled);
        co_await cicada::sleep(1s); // the request was delivered: this one sleeps
        reached = true;
    });
    sim.advance(1s);
    EXPECT_TRUE(reached);
}

TEST(sleep_until, an_instant_of_elapsed_time_ends_at_it_and_at_once_when_it_is_past) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        const auto start = cicada::now();
        co_await cicada::sleep_until(start + 90min);
        EXPECT_EQ(cicada::now() - start, 90min);
        co_await cicada::sleep_until(start);
        co_await cicada::sleep_until(cicada::elapsed_time::min());
        EXPECT_EQ(cicada::now() - start, 90min);
    }());
}

TEST(sleep_until, an_instant_of_wall_time_follows_the_clock_when_it_is_set) {
    cicada::simulation sim("2026-03-01T12:00:00Z");
    auto forwards = cicada::spawn([&]() -> task<cicada::duration> {
        co_await cicada::sleep_until(cicada::parse_instant("2026-03-01T15:00:00Z"));
        co_return sim.elapsed();
    });
    sim.advance(1h);
    sim.step_wall(30min); // 13:30
    sim.advance(89min);
    EXPECT_FALSE(forwards.has_ended());
    sim.set_wall(cicada::parse_instant("2026-03-01T14:00:00Z")); // back from 14:59
    sim.advance(59min);
    EXPECT_FALSE(forwards.has_ended());
    sim.advance(1min);
    EXPECT_TRUE(forwards.has_ended());
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2026-03-01T15:00:00Z"));
}

TEST(sleep_until, a_past_instant_of_wall_time_ends_at_once_however_often) {
    // The distance from now to the earliest instant does not fit into a duration.
    cicada::simulation sim("2026-01-01T00:00:00Z");
    sim.run([]() -> task<> {
        for (int i = 0; i < 3; ++i) {
            co_await cicada::sleep_until(cicada::wall_time::min());
            co_await cicada::sleep_until(cicada::wall_now() - 1h);
        }
    }());
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(sleep_until, the_last_instant_of_wall_time_never_ends_also_from_before_the_epoch) {
    cicada::simulation sim("1900-01-01T00:00:00Z");
    auto waiting =
        cicada::spawn([]() -> task<> { co_await cicada::sleep_until(cicada::wall_time::max()); });
    sim.advance(std::chrono::years(200));
    EXPECT_FALSE(waiting.has_ended());
}

TEST(sleep_until, a_stepped_wall_clock_moves_no_elapsed_sleep) {
    for (const cicada::duration step : {cicada::duration(1h), cicada::duration(-1h)}) {
        cicada::simulation sim("2026-01-01T00:00:00Z");
        auto elapsed = cicada::spawn(slept(2h));
        sim.advance(30min);
        sim.step_wall(step);
        sim.advance(90min - 1ns);
        EXPECT_FALSE(elapsed.has_ended());
        sim.advance(1ns);
        EXPECT_TRUE(elapsed.has_ended());
    }
}

} // namespace
