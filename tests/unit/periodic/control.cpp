#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::task;

namespace {

using instants = std::vector<duration>;

TEST(periodic, paused_does_not_tick_and_goes_on_with_its_grid) {
    cicada::simulation sim;
    instants ran;
    auto p = cicada::every(10s, [&](cicada::tick t) {
        ran.push_back(sim.elapsed());
        EXPECT_EQ(t.missed, 0u) << "what passes meanwhile is not missed: it was not wanted";
        EXPECT_EQ(t.lateness, 0ns);
    });
    sim.advance(15s);
    p.pause();
    EXPECT_EQ(p.next(), std::nullopt);
    sim.advance(20s);
    p.resume();
    EXPECT_EQ(p.next(), sim.wall_now() + 5s);
    sim.advance(20s);
    EXPECT_EQ(ran, (instants{0s, 10s, 40s, 50s}));
    EXPECT_EQ(p.counters().missed, 0u);
}

TEST(periodic, resumed_on_the_grid_ticks_then_and_resumed_before_its_next_tick_has_lost_nothing) {
    cicada::simulation sim;
    instants ran;
    auto p = cicada::every(10s, [&] { ran.push_back(sim.elapsed()); });
    sim.advance(1s);
    p.pause();
    p.pause();
    sim.advance(1s);
    p.resume();
    p.resume();
    sim.advance(10s);
    p.pause();
    sim.advance(18s);
    p.resume(); // at 30 s
    sim.advance(1s);
    EXPECT_EQ(ran, (instants{0s, 10s, 30s}));
}

TEST(periodic, with_a_fixed_delay_resumes_at_once_when_the_delay_has_passed) {
    cicada::simulation sim;
    instants ran;
    auto p = cicada::every(cicada::fixed_delay(10s), [&] { ran.push_back(sim.elapsed()); });
    sim.advance(1s);
    p.pause();
    sim.advance(30s);
    p.resume();
    sim.advance(10s);
    p.pause();
    sim.advance(2s);
    p.resume();
    sim.advance(10s);
    EXPECT_EQ(ran, (instants{0s, 31s, 41s, 51s}));
}

TEST(periodic, may_pause_itself_and_one_shots_can_be_paused_as_well) {
    cicada::simulation sim;
    instants ran;
    cicada::periodic p;
    p = cicada::every(10s, [&] {
        ran.push_back(sim.elapsed());
        p.pause();
    });
    instants fired;
    auto once = cicada::after(5s, [&] { fired.push_back(sim.elapsed()); });
    once.pause();
    sim.advance(25s);
    EXPECT_EQ(ran, (instants{0s}));
    EXPECT_TRUE(fired.empty());
    p.resume();
    once.resume();
    sim.advance(10s);
    EXPECT_EQ(ran, (instants{0s, 30s}));
    EXPECT_EQ(fired, (instants{25s}));
    EXPECT_TRUE(once.has_ended());
}

TEST(periodic, paused_is_cancelled_like_any_other) {
    cicada::simulation sim;
    auto p = cicada::every(10s, [] {});
    p.pause();
    p.cancel();
    EXPECT_TRUE(p.has_ended());
    p.resume();
    EXPECT_EQ(p.next(), std::nullopt);
}

TEST(periodic, triggered_runs_once_more_in_the_next_turn_and_keeps_its_schedule) {
    cicada::simulation sim;
    instants ran;
    std::vector<duration> lateness;
    auto p = cicada::every(10s, [&](cicada::tick t) {
        ran.push_back(sim.elapsed());
        lateness.push_back(t.lateness);
    });
    sim.advance(3s);
    p.trigger();
    EXPECT_EQ(ran.size(), 1u) << "not inside the call";
    sim.settle();
    p.pause();
    sim.advance(1s);
    p.trigger();
    sim.settle();
    p.resume();
    sim.advance(10s);
    EXPECT_EQ(ran, (instants{0s, 3s, 4s, 10s}));
    EXPECT_EQ(lateness, (instants{0s, 0s, 0s, 0s}));
    EXPECT_EQ(p.counters().ran, 4u);
}

TEST(periodic, triggered_while_it_runs_obeys_its_overlap_policy) {
    cicada::simulation sim;
    instants skipping;
    instants buffering;
    const auto body = [&](instants& ran) -> task<> {
        ran.push_back(sim.elapsed());
        co_await cicada::sleep(4s);
    };
    auto a = cicada::every(1h, body, std::ref(skipping));
    auto b = cicada::every(1h, {.overlap = cicada::overlap::buffer_one}, body, std::ref(buffering));
    sim.advance(1s);
    a.trigger();
    b.trigger();
    sim.advance(10s);
    EXPECT_EQ(skipping, (instants{0s}));
    EXPECT_EQ(buffering, (instants{0s, 4s}));
    EXPECT_EQ(a.counters().dropped, 1u);
}

TEST(periodic, triggered_and_then_cancelled_does_not_run) {
    cicada::simulation sim;
    int ran = 0;
    auto p = cicada::every(10s, {.first = cicada::first::after_period}, [&] { ++ran; });
    p.trigger();
    p.cancel();
    sim.advance(1min);
    EXPECT_EQ(ran, 0);
}

TEST(periodic, rescheduled_ticks_one_new_period_from_then) {
    cicada::simulation sim;
    instants ran;
    auto p = cicada::every(10s, [&] { ran.push_back(sim.elapsed()); });
    sim.advance(12s);
    p.reschedule(3s);
    EXPECT_EQ(p.next(), sim.wall_now() + 3s);
    sim.advance(6s);
    p.reschedule(cicada::fixed_delay(1min));
    sim.advance(2min);
    EXPECT_EQ(ran, (instants{0s, 10s, 15s, 18s, 78s, 138s}));
    auto once = cicada::after(1s, [] {});
    EXPECT_THROW(once.reschedule(3s), std::logic_error);
}

TEST(periodic, may_reschedule_itself_in_its_body) {
    cicada::simulation sim;
    instants ran;
    cicada::periodic p;
    p = cicada::every(1s, [&] { // backs off
        ran.push_back(sim.elapsed());
        p.reschedule((1 << ran.size()) * 1s);
    });
    sim.advance(14s);
    EXPECT_EQ(ran, (instants{0s, 2s, 6s, 14s}));
    ran.clear();
    p = cicada::every(cicada::fixed_delay(1s), [&]() -> task<> {
        ran.push_back(sim.elapsed() - 14s);
        co_await cicada::sleep(1s);
        p.reschedule(ran.size() == 1 ? cicada::interval(5s) : cicada::fixed_delay(2s));
    });
    sim.advance(13s);
    EXPECT_EQ(ran, (instants{0s, 6s, 9s, 12s}));
}

TEST(periodic, rescheduled_to_what_never_comes_again_waits_for_another_schedule) {
    cicada::simulation sim;
    auto p = cicada::every(10s, [] {});
    sim.settle();
    p.reschedule(std::chrono::hours::max());
    EXPECT_FALSE(p.has_ended());
    EXPECT_EQ(p.next(), std::nullopt);
    p.reschedule(5s);
    sim.advance(5s);
    EXPECT_EQ(p.counters().ran, 2u);
}

TEST(periodic, names_its_next_nominal_instant) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    const auto start = sim.wall_now();
    auto rate = cicada::every(10s, [] {});
    auto spread = cicada::every(10s, {.name = "spread", .jitter = 9s, .accuracy = 1s}, [] {});
    auto delay =
        cicada::every(cicada::fixed_delay(10s), []() -> task<> { co_await cicada::sleep(3s); });
    auto calendar = cicada::at(start + 1h, [] {});
    EXPECT_EQ(rate.next(), start);
    sim.advance(9999ms);
    EXPECT_EQ(rate.next(), start + 10s);
    EXPECT_EQ(spread.next(), start + 10s) << "neither jitter nor accuracy moves the schedule";
    EXPECT_EQ(delay.next(), start + 13s);
    sim.advance(4s);
    EXPECT_EQ(delay.next(), std::nullopt) << "it runs; the end will say";
    EXPECT_EQ(calendar.next(), start + 1h);
    sim.advance(1h);
    EXPECT_EQ(calendar.next(), std::nullopt);
}

TEST(periodic, ends_after_so_many_runs) {
    cicada::simulation sim;
    instants ran;
    instants slow;
    bool joined = false;
    auto p = cicada::every(1s, {.times = 3}, [&] { ran.push_back(sim.elapsed()); });
    auto q = cicada::every(1s, {.times = 2}, [&]() -> task<> {
        slow.push_back(sim.elapsed());
        co_await cicada::sleep(1500ms);
    });
    sim.run([&]() -> task<> {
        co_await p;
        EXPECT_EQ(sim.elapsed(), 2s) << "with its last run";
        co_await q;
        EXPECT_EQ(sim.elapsed(), 3500ms);
        joined = true;
    }());
    EXPECT_TRUE(joined);
    EXPECT_EQ(ran, (instants{0s, 1s, 2s}));
    EXPECT_EQ(slow, (instants{0s, 2s}));
    EXPECT_EQ(p.counters().ran, 3u);
}

TEST(periodic, has_no_instants_from_until_on) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    instants at_limit;
    instants between;
    auto p = cicada::every(10s, {.until = sim.wall_now() + 30s},
                           [&] { at_limit.push_back(sim.elapsed()); });
    auto q = cicada::every(10s, {.until = sim.wall_now() + 29s},
                           [&] { between.push_back(sim.elapsed()); });
    auto past =
        cicada::every(10s, {.until = sim.wall_now() - 1s}, [] { ADD_FAILURE() << "it ran"; });
    sim.advance(1h);
    EXPECT_EQ(at_limit, (instants{0s, 10s, 20s}));
    EXPECT_EQ(between, (instants{0s, 10s, 20s}));
    EXPECT_TRUE(p.has_ended());
    EXPECT_TRUE(q.has_ended());
    EXPECT_TRUE(past.has_ended());
}

} // namespace
