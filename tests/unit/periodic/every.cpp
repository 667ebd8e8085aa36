#include <cicada/cicada.hpp>

#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::task;
using testing::ElementsAre;

namespace {

using instants = std::vector<duration>;

TEST(every, runs_first_in_the_next_turn_and_never_inside_the_call) {
    cicada::simulation sim;
    int ran = 0;
    auto counter = cicada::every(1s, [&] { ++ran; });
    EXPECT_EQ(ran, 0);
    sim.settle();
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(sim.elapsed(), 0s);
    sim.advance(3s);
    EXPECT_EQ(ran, 4);
}

TEST(every, runs_first_when_it_is_told) {
    const auto first_three = [](cicada::first first) {
        cicada::simulation sim("2026-01-01T00:00:30Z");
        instants ran;
        auto p = cicada::every(1min, {.first = first}, [&] { ran.push_back(sim.elapsed()); });
        sim.advance(3min);
        ran.resize(3);
        return ran;
    };
    const cicada::elapsed_time start = cicada::simulation().now();
    EXPECT_EQ(first_three(cicada::first::immediately), (instants{0s, 60s, 120s}));
    EXPECT_EQ(first_three(cicada::first::after_period), (instants{60s, 120s, 180s}));
    EXPECT_EQ(first_three(start + 5s), (instants{5s, 65s, 125s}));
    EXPECT_EQ(first_three(cicada::parse_instant("2026-01-01T00:01:00Z")),
              (instants{30s, 90s, 150s}));
}

TEST(every, that_should_have_begun_in_the_past_runs_at_once_and_then_on_the_grid_from_there) {
    for (const cicada::first first :
         {cicada::first(cicada::parse_instant("2026-01-01T00:00:00Z")),
          cicada::first(cicada::wall_time{}), // the epoch is an instant as any other
          cicada::first(cicada::wall_time::min() + 224min)}) {
        cicada::simulation sim("2026-01-01T00:00:30Z");
        instants ran;
        auto p = cicada::every(1h, {.first = first}, [&] { ran.push_back(sim.elapsed()); });
        sim.advance(150min);
        ASSERT_GE(ran.size(), 3u);
        EXPECT_EQ(ran[0], 0s);
        EXPECT_GT(ran[1], 0s);
        EXPECT_EQ(ran[2] - ran[1], 1h);
    }
    cicada::simulation sim("2026-01-01T00:00:30Z");
    instants ran;
    auto p =
        cicada::every(1min, {.first = cicada::wall_time{}}, [&] { ran.push_back(sim.elapsed()); });
    sim.advance(2min);
    EXPECT_EQ(ran, (instants{0s, 30s, 90s})) << "on the full minutes";
}

TEST(every, at_a_fixed_rate_does_not_drift_however_long_each_run_takes) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    const cicada::wall_time start = sim.wall_now();
    std::int64_t ticks = 0;
    std::uint64_t random = 1;
    std::int64_t off_grid = 0;
    std::uint64_t missed = 0;
    duration latest{};
    auto p = cicada::every(1ms, [&](cicada::tick t) {
        if (t.nominal != start + ticks * 1ms) ++off_grid;
        ++ticks;
        missed += t.missed;
        latest = std::max(latest, t.lateness);
        random = random * 6364136223846793005u + 1442695040888963407u;
        sim.stall(duration(static_cast<std::int64_t>((random >> 33) % 900'000)));
    });
    sim.advance(1'000'000 * 1ms - 1ns);
    EXPECT_EQ(ticks, 1'000'000);
    EXPECT_EQ(off_grid, 0);
    EXPECT_EQ(missed, 0u);
    EXPECT_EQ(latest, 0ns) << "a run of less than a period makes no tick late";
}

TEST(every, with_a_fixed_delay_counts_from_the_end_of_the_run) {
    cicada::simulation sim;
    instants plain;
    instants coroutine;
    auto a = cicada::every(cicada::fixed_delay(3s), [&] {
        plain.push_back(sim.elapsed());
        sim.stall(2s);
    });
    sim.advance(12s);
    EXPECT_EQ(plain, (instants{0s, 5s, 10s}));
    a.cancel();
    const duration base = sim.elapsed();
    auto b = cicada::every(cicada::fixed_delay(3s), [&]() -> task<> {
        coroutine.push_back(sim.elapsed() - base);
        co_await cicada::sleep(2s);
    });
    sim.advance(12s);
    EXPECT_EQ(coroutine, (instants{0s, 5s, 10s}));
}

TEST(every, keeps_its_arguments_and_passes_them_as_lvalues) {
    cicada::simulation sim;
    std::string copied = "a";
    std::string referenced = "b";
    std::string seen;
    auto p = cicada::every(
        1s,
        [&seen](std::string& own, std::string& ours, std::unique_ptr<int>& moved) {
            own += 'x';
            ours += 'y';
            ++*moved;
            seen = own + ours + std::to_string(*moved);
        },
        copied, std::ref(referenced), std::make_unique<int>(7));
    copied = "changed";
    sim.advance(2s);
    EXPECT_EQ(seen, "axxxbyyy10");
    EXPECT_EQ(referenced, "byyy");
}

TEST(every, may_tell_the_body_about_its_tick_before_the_other_arguments) {
    cicada::simulation sim;
    std::vector<std::string> seen;
    auto p = cicada::every(
        1s,
        [&](cicada::tick t, const std::string& s) {
            seen.push_back(s + std::to_string(t.lateness.count()));
        },
        std::string("a"));
    sim.settle();
    EXPECT_THAT(seen, ElementsAre("a0"));
}

struct gauge {
    int reads = 0;
    int read() { return ++reads; }
    task<> read_slowly(int times) {
        co_await cicada::sleep(1ms);
        reads += times;
    }
};

TEST(every, calls_member_functions_of_objects_references_and_pointers) {
    cicada::simulation sim;
    gauge referenced;
    gauge pointed;
    const auto shared = std::make_shared<gauge>();
    auto a = cicada::every(1s, &gauge::read, std::ref(referenced));
    auto b = cicada::every(1s, &gauge::read, &pointed);
    auto c = cicada::every(1s, &gauge::read, shared);
    auto d = cicada::every(1s, &gauge::read, gauge{});
    auto e = cicada::every(1s, &gauge::read_slowly, shared, 10);
    sim.advance(1500ms);
    EXPECT_EQ(referenced.reads, 2);
    EXPECT_EQ(pointed.reads, 2);
    EXPECT_EQ(shared->reads, 22);
}

TEST(every, refuses_a_null_or_empty_function_and_a_period_that_is_not_positive) {
    cicada::simulation sim;
    void (*null_function)() = nullptr;
    int (gauge::*null_member)() = nullptr;
    EXPECT_THROW(static_cast<void>(cicada::every(1s, null_function)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(1s, null_member, gauge{})), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::after(1s, null_function)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(1s, std::function<void()>())),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(0s, [] {})), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(-1s, [] {})), std::invalid_argument);
    EXPECT_EQ(sim.get().snapshot().periodics.size(), 0u);
}

TEST(every, needs_a_loop) {
    EXPECT_THROW(static_cast<void>(cicada::every(1s, [] {})), std::logic_error);
    EXPECT_THROW(static_cast<void>(cicada::after(1s, [] {})), std::logic_error);
    EXPECT_THROW(static_cast<void>(cicada::at({}, [] {})), std::logic_error);
}

TEST(every, fires_equal_deadlines_in_the_order_in_which_they_were_armed) {
    cicada::simulation sim;
    std::vector<int> order;
    std::vector<cicada::periodic> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(cicada::every(1s, [&order, i] { order.push_back(i); }));
    std::vector<int> expected(50);
    std::iota(expected.begin(), expected.end(), 0);
    sim.settle();
    for (int second = 0; second < 20; ++second) {
        EXPECT_EQ(std::exchange(order, {}), expected);
        sim.advance(1s);
    }
}

TEST(every, of_centuries_runs_once_and_waits_also_when_it_can_never_run_again) {
    cicada::simulation sim;
    int ran = 0;
    const auto count = [&] { ++ran; };
    auto twice = cicada::every(std::chrono::years(200), count);
    auto once = cicada::every(std::chrono::hours::max(), count);
    auto delayed = cicada::every(cicada::fixed_delay(std::chrono::hours::max()), count);
    auto never =
        cicada::every(std::chrono::hours::max(), {.first = cicada::first::after_period}, count);
    sim.settle();
    EXPECT_EQ(ran, 3);
    EXPECT_FALSE(twice.has_ended());
    for (auto* p : {&once, &delayed, &never}) {
        EXPECT_FALSE(p->has_ended());
        EXPECT_EQ(p->next(), std::nullopt);
        p->reschedule(1s);
    }
    sim.advance(1s);
    EXPECT_EQ(ran, 6) << "each was given a period";
}

TEST(every, that_can_never_run_is_not_forgotten_by_its_loop) {
    const auto before = cicada::detail::pool_live_blocks();
    {
        cicada::simulation sim;
        cicada::every(std::chrono::hours::max(), {.first = cicada::first::after_period}, [] {
        }).detach();
        cicada::every(cicada::fixed_delay(std::chrono::hours::max()), [] {}).detach();
        sim.settle();
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(every, is_not_moved_by_a_stepped_wall_clock) {
    for (const duration step : {duration(1h), duration(-1h)}) {
        cicada::simulation sim("2026-01-01T00:00:00Z");
        instants ran;
        auto p = cicada::every(10s, [&] { ran.push_back(sim.elapsed()); });
        sim.advance(15s);
        sim.step_wall(step);
        sim.advance(20s);
        EXPECT_EQ(ran, (instants{0s, 10s, 20s, 30s}));
    }
}

} // namespace
