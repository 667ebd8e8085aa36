#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::task;

namespace {

TEST(after, runs_once_when_the_delay_has_passed) {
    cicada::simulation sim;
    std::vector<duration> ran;
    const auto held = std::make_shared<int>();
    auto once = cicada::after(10s, [&ran, &sim, held] { ran.push_back(sim.elapsed()); });
    sim.advance(10s - 1ns);
    EXPECT_TRUE(ran.empty());
    EXPECT_FALSE(once.has_ended());
    sim.advance(1h);
    EXPECT_EQ(ran, (std::vector<duration>{10s}));
    EXPECT_TRUE(once.has_ended());
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(once.counters().ran, 1u);
}

TEST(after, a_delay_that_is_not_positive_runs_in_the_next_turn_and_never_inside_the_call) {
    cicada::simulation sim;
    int ran = 0;
    auto a = cicada::after(0s, [&] { ++ran; });
    auto b = cicada::after(-1h, [&] { ++ran; });
    EXPECT_EQ(ran, 0);
    sim.settle();
    EXPECT_EQ(ran, 2);
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(after, the_end_of_time_never_runs) {
    cicada::simulation sim;
    auto never = cicada::after(std::chrono::hours::max(), [] { ADD_FAILURE() << "it ran"; });
    sim.advance(std::chrono::years(250));
    EXPECT_FALSE(never.has_ended());
}

TEST(after, is_cancelled_and_awaited_like_any_periodic) {
    cicada::simulation sim;
    sim.run([&]() -> task<> {
        auto dropped = cicada::after(1s, [] { ADD_FAILURE() << "it ran"; });
        dropped.cancel();
        std::string said;
        auto once = cicada::after(
            2s,
            [&](std::string what) -> task<> {
                co_await cicada::sleep(1s);
                said = what;
            },
            std::string("hello"));
        co_await once;
        EXPECT_EQ(said, "hello");
        EXPECT_EQ(sim.elapsed(), 3s);
    }());
}

TEST(after, may_be_told_about_its_tick) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    bool ran = false;
    auto once = cicada::after(10s, [&](cicada::tick t) {
        ran = true;
        EXPECT_EQ(t.nominal, cicada::parse_instant("2026-01-01T00:00:10Z"));
        EXPECT_EQ(t.lateness, 2s);
        EXPECT_EQ(t.now, cicada::parse_instant("2026-01-01T00:00:12Z"));
        EXPECT_EQ(t.missed, 0u);
    });
    sim.settle();
    sim.stall(12s);
    sim.settle();
    EXPECT_TRUE(ran);
}

TEST(after, triggered_runs_at_once_and_at_its_time_all_the_same) {
    cicada::simulation sim;
    std::vector<duration> ran;
    auto once = cicada::after(10s, [&] { ran.push_back(sim.elapsed()); });
    sim.advance(1s);
    once.trigger();
    sim.advance(20s);
    EXPECT_EQ(ran, (std::vector<duration>{1s, 10s}));
}

TEST(at, runs_once_when_the_wall_clock_has_reached_the_instant) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    std::vector<std::string> ran;
    const auto note = [&](const char* what) {
        ran.push_back(what + cicada::format_instant(sim.wall_now()));
    };
    auto later = cicada::at(cicada::parse_instant("2026-01-01T07:00:00Z"), note, "later ");
    auto past = cicada::at(cicada::parse_instant("2025-12-31T23:59:59Z"), note, "past ");
    auto first = cicada::at(cicada::wall_time::min(), note, "first ");
    EXPECT_TRUE(ran.empty()) << "never inside the call";
    sim.advance(24h);
    EXPECT_EQ(ran,
              (std::vector<std::string>{"first 2026-01-01T00:00:00Z", "past 2026-01-01T00:00:00Z",
                                        "later 2026-01-01T07:00:00Z"}));
}

TEST(at, follows_the_wall_clock_when_it_is_set_and_after_does_not) {
    for (const duration step : {duration(2h), duration(-2h)}) {
        cicada::simulation sim("2026-01-01T00:00:00Z");
        duration wall_ran{};
        duration elapsed_ran{};
        auto wall = cicada::at(sim.wall_now() + 5h, [&] { wall_ran = sim.elapsed(); });
        auto elapsed = cicada::after(5h, [&] { elapsed_ran = sim.elapsed(); });
        sim.advance(1h);
        sim.step_wall(step);
        sim.advance(24h);
        EXPECT_EQ(wall_ran, 5h - step);
        EXPECT_EQ(elapsed_ran, 5h);
    }
}

TEST(at, runs_at_once_when_the_clock_is_set_past_its_instant_and_only_once_when_it_is_set_back) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    int ran = 0;
    duration lateness{};
    auto once = cicada::at(sim.wall_now() + 5h, [&](cicada::tick t) {
        ++ran;
        lateness = t.lateness;
    });
    sim.advance(1h);
    sim.step_wall(10h);
    sim.settle();
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(lateness, 6h);
    sim.step_wall(-10h);
    sim.advance(24h);
    EXPECT_EQ(ran, 1);
}

TEST(at, waits_again_when_the_clock_is_set_back_just_before_it) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    duration ran{};
    auto once = cicada::at(sim.wall_now() + 1s, [&] { ran = sim.elapsed(); });
    sim.advance(1s - 1ns); // within the same millisecond
    sim.step_wall(-1h);
    sim.advance(1h);
    EXPECT_EQ(ran, 0s);
    sim.advance(1ns);
    EXPECT_EQ(ran, 1h + 1s);
}

TEST(at, a_trigger_and_a_pause_use_wall_time_as_well) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    std::vector<duration> ran;
    auto once = cicada::at(sim.wall_now() + 1h, [&] { ran.push_back(sim.elapsed()); });
    once.pause();
    once.trigger();
    sim.advance(2h);
    EXPECT_EQ(ran, (std::vector<duration>{0h}));
    once.resume();
    sim.settle();
    EXPECT_EQ(ran, (std::vector<duration>{0h, 2h}));
    EXPECT_TRUE(once.has_ended());
}

} // namespace
