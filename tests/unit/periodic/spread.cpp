// jitter and accuracy: when a tick comes, and what stays as it is.

#include <cicada/cicada.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;

namespace {

std::vector<duration> lateness_of(const std::string& name, duration jitter,
                                  std::uint64_t seed = 0) {
    cicada::simulation sim("2026-01-01T00:00:00Z", {.seed = seed});
    const auto start = sim.wall_now();
    std::vector<duration> lateness;
    auto p = cicada::every(1s, {.name = name, .jitter = jitter}, [&](cicada::tick t) {
        EXPECT_EQ(t.nominal, start + static_cast<int>(lateness.size()) * 1s)
            << "the schedule does not move";
        EXPECT_EQ(t.missed, 0u);
        lateness.push_back(t.lateness);
    });
    sim.advance(100s - 1ns);
    EXPECT_EQ(lateness.size(), 100u);
    EXPECT_EQ(p.counters().missed, 0u);
    return lateness;
}

TEST(jitter, makes_no_tick_early_and_none_later_than_it_may) {
    for (const duration l : lateness_of("a", 300ms)) {
        EXPECT_GE(l, 0ns);
        EXPECT_LT(l, 300ms);
    }
    const auto all = lateness_of("a", 300ms);
    EXPECT_GT(std::set(all.begin(), all.end()).size(), 90u) << "it differs from tick to tick";
}

TEST(jitter, stays_before_the_next_nominal_instant_however_large) {
    for (const duration l : lateness_of("a", 1h)) EXPECT_LT(l, 1s);
    for (const duration l : lateness_of("b", duration::max())) EXPECT_LT(l, 1s);
}

TEST(jitter, depends_on_the_name_and_on_nothing_else) {
    EXPECT_EQ(lateness_of("a", 300ms, 1), lateness_of("a", 300ms, 2));
    EXPECT_NE(lateness_of("a", 300ms), lateness_of("b", 300ms));
}

TEST(jitter, of_what_has_no_name_depends_on_the_seed_and_differs_from_one_to_the_next) {
    EXPECT_EQ(lateness_of("", 300ms, 1), lateness_of("", 300ms, 1));
    EXPECT_NE(lateness_of("", 300ms, 1), lateness_of("", 300ms, 2));
    cicada::simulation sim;
    std::set<duration> lateness;
    std::vector<cicada::periodic> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(cicada::every(1min, {.jitter = 10s},
                                    [&](cicada::tick t) { lateness.insert(t.lateness); }));
    }
    sim.advance(10s);
    EXPECT_EQ(lateness.size(), 100u) << "the herd is spread";
}

TEST(jitter, that_is_not_positive_is_none) {
    EXPECT_EQ(lateness_of("a", 0s), std::vector<duration>(100, duration(0)));
    EXPECT_EQ(lateness_of("a", -1s), std::vector<duration>(100, duration(0)));
}

TEST(jitter, is_no_lateness_that_moves_the_grid_of_missed_delay) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    const auto start = sim.wall_now();
    int ticks = 0;
    auto p = cicada::every(1s, {.name = "a", .missed = cicada::missed::delay, .jitter = 500ms},
                           [&](cicada::tick t) {
                               EXPECT_EQ(t.nominal, start + ticks * 1s);
                               ++ticks;
                           });
    sim.advance(20s - 1ns);
    EXPECT_EQ(ticks, 20);
}

std::size_t wake_ups(duration accuracy) {
    cicada::simulation sim;
    std::set<duration> wakes;
    std::vector<cicada::periodic> all;
    for (int i = 0; i < 1000; ++i) {
        const cicada::elapsed_time first = sim.now() + i * 897us;
        all.push_back(
            cicada::every(1s, {.first = first, .accuracy = accuracy}, [&](cicada::tick t) {
                EXPECT_GE(t.lateness, 0ns);
                EXPECT_LT(t.lateness, std::clamp(accuracy, duration(1ns), duration(1s)));
                EXPECT_EQ(t.missed, 0u);
                wakes.insert(sim.elapsed());
            }));
    }
    sim.advance(10s - 1ns);
    for (const auto& p : all) EXPECT_GE(p.counters().ran, 9u);
    return wakes.size();
}

TEST(accuracy, lets_ticks_share_a_wake_up) {
    EXPECT_EQ(wake_ups(0ns), 10'000u);
    EXPECT_LE(wake_ups(100ms), 101u);
    EXPECT_LE(wake_ups(10ms), 1001u);
    EXPECT_LE(wake_ups(1h), 11u) << "no coarser than the period, so that nothing is missed";
}

TEST(accuracy, is_no_lateness_that_moves_the_grid_of_missed_delay) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    const auto start = sim.wall_now() + 1ms;
    int ticks = 0;
    const cicada::every_options options{
        .first = start, .missed = cicada::missed::delay, .accuracy = 100ms};
    auto p = cicada::every(1s, options, [&](cicada::tick t) {
        EXPECT_EQ(t.nominal, start + ticks * 1s);
        ++ticks;
    });
    sim.advance(20s);
    EXPECT_EQ(ticks, 20);
}

TEST(accuracy, together_with_jitter_stays_before_the_next_nominal_instant) {
    cicada::simulation sim;
    int ticks = 0;
    auto p = cicada::every(1s, {.name = "a", .jitter = 1s, .accuracy = 300ms}, [&](cicada::tick t) {
        EXPECT_LT(t.lateness, 1s);
        EXPECT_EQ(t.missed, 0u);
        ++ticks;
    });
    sim.advance(100s - 1ns);
    EXPECT_EQ(ticks, 100);
    EXPECT_EQ(p.counters().missed, 0u);
}

} // namespace
