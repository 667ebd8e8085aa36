// The ends of time, through what users call: nothing overflows (under UBSan), what is never does
// not come, and what is long past comes at once.
#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

using timeless = std::chrono::duration<std::int64_t, std::ratio<1'000'000'007, 11>>;

struct counted_simulation : simulation {
    explicit counted_simulation(wall_time start = wall_time{})
        : simulation(start,
                     {.on_error = [this](const error_report& r) { errors += r.what() + "\n"; }}) {}
    ~counted_simulation() { EXPECT_EQ(errors, ""); }
    std::string errors;
    int ran = 0;
    auto count() {
        return [this] { ++ran; };
    }
};

} // namespace

TEST(ends_of_time, of_a_delay_mean_never_and_at_once) {
    counted_simulation sim;
    const auto never = after(duration::max(), sim.count());
    const auto hardly = after(std::chrono::hours::max(), sim.count());
    const auto odd = after(timeless::max(), sim.count());
    sim.advance(24h * 365 * 200);
    EXPECT_EQ(sim.ran, 0);
    const auto now = after(duration::min(), sim.count());
    const auto once = after(timeless::min(), sim.count());
    sim.settle();
    EXPECT_EQ(sim.ran, 2);
    EXPECT_TRUE(never.next().has_value());
}

TEST(ends_of_time, of_an_instant_mean_never_and_at_once) {
    counted_simulation sim;
    const auto never = at(wall_time::max(), sim.count());
    sim.advance(24h * 365 * 200);
    EXPECT_EQ(sim.ran, 0);
    const auto past = at(wall_time::min(), sim.count());
    sim.settle();
    EXPECT_EQ(sim.ran, 1);
    EXPECT_EQ(never.next(), wall_time::max());
}

TEST(ends_of_time, of_an_interval_mean_once) {
    counted_simulation sim;
    const auto rate = every(duration::max(), sim.count());
    const auto delay = every(fixed_delay(timeless::max()), sim.count());
    every_options slow;
    slow.jitter = slow.accuracy = duration::max();
    slow.history = 4;
    const auto watched = every(duration::max(), slow, sim.count());
    const auto late = every(1s, {.first = elapsed_time::max()}, sim.count());
    const auto later_on = every(1s, {.first = wall_time::max()}, sim.count());
    sim.advance(24h * 365 * 200);
    EXPECT_GE(sim.ran, 2);
    EXPECT_EQ(sim.ran, watched.next() ? 2 : 3) << "jitter may move it beyond";
    EXPECT_FALSE(rate.has_ended()) << "there is no next instant, but it can be given one";
    EXPECT_FALSE(delay.has_ended());
    EXPECT_FALSE(rate.next() || delay.next());
    EXPECT_TRUE(late.next().has_value());
    EXPECT_TRUE(later_on.next().has_value());
}

TEST(ends_of_time, of_a_first_tick_long_past_mean_at_once) {
    counted_simulation sim;
    const auto early =
        every(1s, {.first = elapsed_time::min()}, [](tick t) { EXPECT_GE(t.lateness, 0s); });
    const auto earlier = every(1s, {.first = wall_time::min()}, sim.count());
    sim.settle();
    EXPECT_GE(sim.ran, 1);
    EXPECT_GE(early.counters().ran, 1u);
    sim.advance(1s);
}

TEST(ends_of_time, of_a_sleep_and_of_a_timeout_mean_never_and_at_once) {
    counted_simulation sim;
    const auto forever = spawn([]() -> task<> { co_await sleep(duration::max()); });
    const auto until = spawn([]() -> task<> { co_await sleep_until(elapsed_time::max()); });
    const auto wall = spawn([]() -> task<> { co_await sleep_until(wall_time::max()); });
    const auto limited = spawn([]() -> task<int> {
        co_return co_await with_timeout(timeless::max(), []() -> task<int> {
            co_await sleep(1s);
            co_return 1;
        }());
    });
    const auto yielded = spawn([]() -> task<> {
        co_await sleep(duration::min());
        co_await sleep_until(elapsed_time::min());
        co_await sleep_until(wall_time::min());
    });
    sim.advance(24h * 365 * 100);
    EXPECT_FALSE(forever.has_ended());
    EXPECT_FALSE(until.has_ended());
    EXPECT_FALSE(wall.has_ended());
    EXPECT_TRUE(yielded.has_ended());
    EXPECT_TRUE(limited.has_ended());
}

TEST(ends_of_time, are_where_a_simulation_starts_and_is_set) {
    for (const wall_time start : {wall_time::min(), wall_time::max()}) {
        counted_simulation sim(start);
        EXPECT_EQ(sim.wall_now(), start);
        const auto beat = every(1s, [&](tick t) {
            EXPECT_EQ(t.nominal, sim.wall_now());
            ++sim.ran;
        });
        const auto watched = every(1s, {.name = "watched", .history = 2}, sim.count());
        sim.advance(2s);
        EXPECT_EQ(sim.ran, 6);
        sim.set_wall(wall_time::max());
        EXPECT_EQ(sim.wall_now(), wall_time::max());
        sim.advance(1s);
        sim.set_wall(wall_time::min());
        EXPECT_EQ(sim.wall_now(), wall_time::min());
        sim.advance(1s);
        EXPECT_EQ(sim.wall_now(), wall_time::min() + 1s);
        sim.step_wall(duration::max());
        sim.step_wall(duration::max());
        sim.step_wall(duration::max());
        EXPECT_EQ(sim.wall_now(), wall_time::max());
        sim.step_wall(duration::min());
        sim.step_wall(timeless::min());
        sim.step_wall(duration::min());
        EXPECT_EQ(sim.wall_now(), wall_time::min());
        sim.advance(1s);
    }
}

TEST(ends_of_time, are_where_a_simulation_is_advanced_to) {
    counted_simulation sim;
    const auto never = after(duration::max(), sim.count());
    const auto wall = at(wall_time::max(), sim.count());
    sim.advance(duration::min());
    EXPECT_EQ(sim.elapsed(), 0s);
    sim.advance(duration::max());
    EXPECT_EQ(sim.now(), elapsed_time::max());
    EXPECT_EQ(sim.ran, 1) << "the last instant of one line has come; the other's is a day beyond";
    sim.advance(timeless::max());
    sim.stall(duration::max());
    sim.set_wall(wall_time::min());
    const auto beat = every(1s, {.name = "beat", .history = 2}, [] {});
    const auto late = after(1s, [] {});
    sim.settle();
    EXPECT_NE(sim.errors.find("2562023 h ahead"), std::string::npos) << "that clock was wrong";
    sim.errors.clear();
    sim.set_wall(wall_time::max());
    sim.settle();
}

TEST(ends_of_time, do_not_disturb_a_calendar) {
    for (const wall_time start : {wall_time::min(), wall_time{}, wall_time::max()}) {
        counted_simulation sim(start);
        every_options careful;
        careful.if_never = if_never::end;
        const auto daily = every(cron("@daily"), careful, sim.count());
        const auto berlin = every(cron("0 7 * * *", "Europe/Berlin"), careful, sim.count());
        careful.history = 2;
        careful.first = wall_time::max();
        const auto late = every(cron("@daily"), careful, sim.count());
        sim.advance(48h);
        sim.set_wall(wall_time::max());
        sim.advance(48h);
        sim.set_wall(wall_time::min());
        sim.advance(48h);
    }
}

TEST(ends_of_time, of_a_real_loop_do_not_disturb_its_driver) {
    int ran = 0;
    run(
        [](int& n) -> task<> {
            const auto never = after(duration::max(), [] {});
            const auto at_last = at(wall_time::max(), [] {});
            const auto first = at(wall_time::min(), [&] { ++n; });
            const auto early = every(1h, {.first = elapsed_time::min()}, [&] { ++n; });
            co_await sleep_until(elapsed_time::min());
            co_await sleep_until(wall_time::min());
            co_await sleep(1ms);
        }(ran),
        {.accuracy = duration::max(), .spin = duration::max()});
    EXPECT_GE(ran, 2);
}

TEST(ends_of_time, of_a_retry_and_of_limits_saturate) {
    simulation sim(wall_time{}, {.on_error = [](const error_report&) {}});
    int attempts = 0;
    every_options persistent;
    persistent.retry = {.max = 50,
                        .backoff = duration::max(),
                        .factor = 1e9,
                        .cap = duration::max(),
                        .jitter = duration::max()};
    const auto poll = every(24h * 365 * 100, persistent, [&] {
        ++attempts;
        throw 1;
    });
    sim.advance(24h * 365 * 250);
    EXPECT_GE(attempts, 1);
}
