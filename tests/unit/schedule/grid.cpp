#include <schedule/grid.hpp>

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::missed;
using cicada::detail::step_on_grid;

namespace {

// A loop that does nothing but this periodic: a tick runs when it is due or, if the run before it
// took longer, right after that. Gives when each run started.
std::vector<duration> starts(duration period, missed policy, const std::vector<duration>& works) {
    std::vector<duration> started;
    duration now{};
    duration due{};
    for (const duration work : works) {
        now = std::max(now, due);
        started.push_back(now);
        due = *step_on_grid(period, policy, due, now).next;
        now += work;
    }
    return started;
}

// Period 50 ms; the first run takes 200 ms, the others take no time.
//
// due       0    50   100   150   200   250   300
//           |-----|-----|-----|-----|-----|-----|
// runs      [ work                 ] ****   *     *     50, 100, 150 and 200 follow at once, then
//                                  it has caught up
TEST(missed_burst, runs_each_missed_tick_at_once_until_it_has_caught_up) {
    EXPECT_EQ(starts(50ms, missed::burst, {200ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 200ms, 200ms, 200ms, 200ms, 250ms, 300ms}));
}

// Period 50 ms; the first run takes 200 ms, the others take no time.
//
// due       0    50   100   150   200   250   300
//           |-----|-----|-----|-----|-----|-----|
// runs      [ work                 ]
//                                  *      *     *     50 is late and runs at 200; a new grid
//                                                     starts there
//
// and with 220 ms of work: at 220, 270, 320.
TEST(missed_delay, runs_one_and_counts_the_period_from_there) {
    EXPECT_EQ(starts(50ms, missed::delay, {200ms, 0ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 200ms, 250ms, 300ms}));
    EXPECT_EQ(starts(50ms, missed::delay, {220ms, 0ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 220ms, 270ms, 320ms}));
}

// Period 50 ms; the first run takes 75 ms, the others take no time.
//
// due       0        50       100       150
//           |---------|---------|---------|
// runs      [ work        ]
//                         *     *         *     50 is late and runs at 75; 100 is on the grid,
//                                               25 ms later
TEST(missed_skip, runs_one_and_goes_on_with_the_next_of_the_grid) {
    EXPECT_EQ(starts(50ms, missed::skip, {75ms, 0ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 75ms, 100ms, 150ms}));
    EXPECT_EQ(starts(50ms, missed::skip, {220ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 220ms, 250ms}));
    EXPECT_EQ(starts(50ms, missed::skip, {200ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 200ms, 250ms}))
        << "exactly on the grid: the instant that is now has been used";
}

struct expected {
    duration now;
    std::uint64_t missed;
    duration next;
    duration noise = cicada::detail::wake_up_noise;
};

void check(missed policy, const std::vector<expected>& table) {
    for (const expected& e : table) {
        const auto p = step_on_grid(10s, policy, 100s, e.now, e.noise);
        EXPECT_EQ(p.missed, e.missed) << e.now.count();
        EXPECT_EQ(p.next, e.next) << e.now.count();
    }
}

TEST(step_on_grid, counts_what_was_missed_and_names_the_next_instant) {
    check(missed::skip, {{100s, 0, 110s},
                         {100s + 1ms, 0, 110s},
                         {110s - 1ns, 0, 110s},
                         {110s, 1, 120s},
                         {110s + 1ns, 1, 120s},
                         {135s, 3, 140s},
                         {100s + 24h, 8640, 100s + 24h + 10s}});
    check(missed::burst,
          {{100s, 0, 110s}, {110s, 0, 110s}, {135s, 0, 110s}, {100s + 24h, 0, 110s}});
    check(missed::delay, {{100s, 0, 110s},
                          {100s + 1ms, 0, 110s},
                          {100s + 1ms + 1ns, 0, 110s + 1ms + 1ns},
                          {105s, 0, 115s},
                          {110s, 1, 120s},
                          {135s, 3, 145s},
                          {105s, 0, 110s, 5s}, // late on purpose: jitter
                          {105s + 1ns, 0, 115s + 1ns, 5s}});
}

TEST(step_on_grid, of_skip_is_now_plus_period_minus_what_now_is_past_the_grid) {
    std::uint64_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const duration period(1 + static_cast<std::int64_t>(random >> 50));
        const duration due(static_cast<std::int64_t>(random >> 20 & 0xffff) - 30'000);
        const duration now = due + duration(static_cast<std::int64_t>(random >> 36 & 0xfffff));
        const auto p = step_on_grid(period, missed::skip, due, now);
        ASSERT_EQ(*p.next, now + period - (now - due) % period);
        ASSERT_GT(*p.next, now);
        ASSERT_EQ((*p.next - due) % period, 0ns) << "on the grid";
        ASSERT_EQ(due + (static_cast<std::int64_t>(p.missed) + 1) * period, *p.next)
            << "each instant ran or is missed";
    }
}

TEST(step_on_grid, is_exact_from_one_end_of_time_to_the_other) {
    for (const auto how : {missed::skip, missed::burst, missed::delay}) {
        for (const duration due : {duration::min(), duration::min() + 1ns, duration(-1)}) {
            for (const duration now : {duration(0), duration::max() - 1ns, duration::max()}) {
                for (const duration period : {duration(1), duration(7), duration::max()}) {
                    const auto p = step_on_grid(period, how, due, now);
                    const auto late = static_cast<std::uint64_t>(now.count()) -
                                      static_cast<std::uint64_t>(due.count());
                    if (how == missed::burst) {
                        EXPECT_EQ(p.missed, 0u);
                    } else {
                        EXPECT_EQ(p.missed, late / static_cast<std::uint64_t>(period.count()));
                    }
                    if (p.next && how == missed::skip) {
                        EXPECT_GT(*p.next, now);
                        EXPECT_LE(*p.next - period, now);
                    }
                }
            }
        }
    }
}

TEST(step_on_grid, has_no_next_instant_beyond_the_end_of_time) {
    const duration end = duration::max();
    EXPECT_EQ(step_on_grid(std::chrono::years(200), missed::skip, end - 1h, end - 1h).next,
              std::nullopt);
    EXPECT_EQ(step_on_grid(end, missed::skip, 0s, 0s).next, std::nullopt) << "its period is never";
}

TEST(period_after, ends_with_time) {
    EXPECT_EQ(cicada::detail::period_after(-5s, 10s), 5s);
    EXPECT_EQ(cicada::detail::period_after(duration::max() - 1s, 1s), duration::max());
    EXPECT_EQ(cicada::detail::period_after(duration::max() - 1s, 1s + 1ns), std::nullopt);
    EXPECT_EQ(cicada::detail::period_after(-5s, duration::max()), std::nullopt);
}

TEST(periods, are_counted_from_one_end_of_time_to_the_other) {
    constexpr duration begin = duration::min(), end = duration::max();
    static_assert(cicada::detail::nanoseconds_between(begin, end) == UINT64_MAX);
    static_assert(cicada::detail::periods_between(0s, 30s, 10s) == 3);
    static_assert(cicada::detail::periods_between(0s, 30s - 1ns, 10s) == 2);
    static_assert(cicada::detail::periods_between(5s, 5s, 10s) == 0);
    static_assert(cicada::detail::periods_between(begin, end, 1ns) == UINT64_MAX);
    static_assert(cicada::detail::after_periods(5s, 10s, 3) == 35s);
    static_assert(cicada::detail::after_periods(begin, 1ns, UINT64_MAX) == end);
    SUCCEED();
}

TEST(first_on_grid, is_not_before_the_instant_that_is_asked_for) {
    using cicada::detail::first_on_grid;
    EXPECT_EQ(first_on_grid(5s, 10s, 5s), 5s);
    EXPECT_EQ(first_on_grid(5s, 10s, 5s + 1ns), 15s);
    EXPECT_EQ(first_on_grid(5s, 10s, 15s - 1ns), 15s);
    EXPECT_EQ(first_on_grid(5s, 10s, 15s), 15s);
    EXPECT_EQ(first_on_grid(-5s, 10s, 0s), 5s);
    EXPECT_EQ(first_on_grid(duration::min(), 1ns, duration::max()), duration::max());
    EXPECT_EQ(first_on_grid(0s, duration::max(), 1s), std::nullopt);
    EXPECT_EQ(first_on_grid(0s, 24h * 36525, duration::max()), std::nullopt);
}

TEST(first_instant, is_now_after_a_period_or_at_the_instant_that_is_given) {
    using cicada::first;
    using cicada::detail::first_instant;
    const cicada::elapsed_time now(100s);
    const cicada::wall_time wall(1000s);
    EXPECT_EQ(first_instant(2s, {}, now, wall), 100s);
    EXPECT_EQ(first_instant(2s, first::after_period, now, wall), 102s);
    EXPECT_EQ(first_instant(2s, now + 7s, now, wall), 107s);
    EXPECT_EQ(first_instant(2s, now - 7s, now, wall), 93s);
    EXPECT_EQ(first_instant(2s, wall + 7s, now, wall), 107s);
    EXPECT_EQ(first_instant(duration::max(), first::after_period, now, wall), std::nullopt);
    const auto long_ago = first_instant(2s, cicada::elapsed_time::min(), now, wall);
    EXPECT_EQ(long_ago, now.time_since_epoch() - 24h * 36525) << "lateness must not overflow";
}

} // namespace
