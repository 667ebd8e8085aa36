#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>

#include <loop/loop_engine.hpp>

using namespace std::chrono_literals;
using cicada::task;
using cicada::wall_time;

namespace {

/// A clock that the test sets, and that counts how often it is read.
struct hand final : cicada::driver {
    cicada::elapsed_time elapsed_now() noexcept override { return now; }
    wall_time wall_now() noexcept override {
        ++readings;
        return wall;
    }
    void wake() noexcept override {}

    cicada::elapsed_time now{100s};
    wall_time wall{1'000'000s};
    int readings = 0;
};

TEST(turn_wall, is_read_once_a_turn_and_only_when_it_is_asked_for) {
    hand driver;
    cicada::loop loop(driver);
    loop.run_ready();
    EXPECT_EQ(driver.readings, 0);
    loop.post([&] {
        EXPECT_EQ(loop.turn_wall(), driver.wall);
        driver.wall += 1s;
        EXPECT_EQ(loop.turn_wall(), driver.wall - 1s);
        EXPECT_EQ(loop.wall_now(), driver.wall);
    });
    loop.run_ready();
    EXPECT_EQ(driver.readings, 2);
    loop.post([&] { EXPECT_EQ(loop.turn_wall(), driver.wall); });
    loop.run_ready();
}

TEST(turn_wall, is_what_the_timers_of_wall_time_go_by) {
    hand driver;
    cicada::loop loop(driver);
    bool has_come = false;
    loop.post([&] { loop.turn_wall(); });
    loop.post([&] { driver.wall += 1h; });
    auto sleeper = [](bool& done) -> task<> {
        co_await cicada::sleep_until(wall_time(1'000'000s + 1h));
        done = true;
    };
    cicada::spawn(loop, sleeper(has_come)).detach();
    const auto next = loop.run_ready();
    EXPECT_FALSE(has_come);
    EXPECT_EQ(next, driver.now) << "it is due in the next turn";
    loop.run_ready();
    loop.run_ready();
    EXPECT_TRUE(has_come);
}

/// Counts how often calendar schedules are let reconsider, on a loop with a timer of wall time that
/// waits for 2030.
class clock_that_was_set : public testing::Test, protected cicada::detail::resident {
protected:
    clock_that_was_set() {
        sim.get().engine().add(link_);
        cicada::spawn([]() -> task<> {
            co_await cicada::sleep_until(cicada::parse_instant("2030-01-01T00:00:00Z"));
        }())
            .detach();
        sim.settle();
    }
    ~clock_that_was_set() override { sim.get().engine().remove(link_); }

    /// What a step of the clock has led to at the same instant.
    int after_step(cicada::duration by) {
        reconsidered = 0;
        sim.step_wall(by);
        sim.settle();
        return reconsidered;
    }

    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    int reconsidered = 0;
    cicada::elapsed_time reconsidered_at{};

private:
    bool stay() noexcept override { return true; }
    void reconsider() noexcept override {
        ++reconsidered;
        reconsidered_at = sim.now();
    }

    cicada::detail::resident_link link_{*this};
};

TEST_F(clock_that_was_set, back_by_more_than_three_hours_lets_schedules_reconsider_once) {
    EXPECT_EQ(after_step(-4h), 1);
    EXPECT_EQ(after_step(0s), 0);
    sim.advance(24h);
    EXPECT_EQ(reconsidered, 0);
}

TEST_F(clock_that_was_set, back_by_three_hours_changes_nothing) {
    EXPECT_EQ(after_step(-3h), 0);
    EXPECT_EQ(after_step(-1ns), 1);
}

TEST_F(clock_that_was_set, back_in_small_steps_that_sum_up_counts_from_the_highest_it_has_been) {
    EXPECT_EQ(after_step(2h), 0);
    EXPECT_EQ(after_step(-2h), 0);
    EXPECT_EQ(after_step(1h), 0);
    EXPECT_EQ(after_step(-1h), 0);
    EXPECT_EQ(after_step(-1h - 1s), 1) << "3 h and 1 s below the highest";
    EXPECT_EQ(after_step(-2h), 0) << "it counts anew";
    EXPECT_EQ(after_step(-2h), 1);
}

TEST_F(clock_that_was_set, ahead_at_first_is_noticed_when_it_is_set_right) {
    EXPECT_EQ(after_step(24h * 365 * 3), 0);
    sim.advance(5s);
    EXPECT_EQ(after_step(-24h * 365 * 3), 1);
}

TEST_F(clock_that_was_set, by_a_task_is_noticed_before_time_moves_on) {
    const auto set_at = sim.now() + 1min;
    auto t = cicada::after(1min, [this] {
        sim.get().turn_wall(); // this turn has read the clock before it was set
        sim.step_wall(-24h);
    });
    sim.advance(1h);
    EXPECT_EQ(reconsidered, 1);
    EXPECT_EQ(reconsidered_at, set_at);
}

TEST_F(clock_that_was_set, late_in_a_turn_that_took_long_is_noticed_once) {
    auto t = cicada::after(1min, [this] {
        sim.stall(8h);
        sim.step_wall(-24h);
        sim.get().turn_wall();
    });
    sim.advance(24h);
    EXPECT_EQ(reconsidered, 1);
}

TEST_F(clock_that_was_set, is_none_of_a_machine_that_was_suspended_or_a_task_that_took_long) {
    sim.stall(8h);
    sim.settle();
    auto t = cicada::after(1min, [this] {
        sim.stall(8h);
        sim.get().turn_wall(); // eight hours after the turn began
    });
    sim.advance(48h);
    EXPECT_EQ(reconsidered, 0);
    EXPECT_EQ(after_step(-3h), 0);
}

} // namespace
