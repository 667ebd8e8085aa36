#include <cicada/schedule/plan.hpp>

#include <gtest/gtest.h>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::interval;
using cicada::missed;
using cicada::planned;
using cicada::verdict;

namespace {

// A loop that does nothing but this periodic: a tick runs when it is due or, if the run before it took longer, right
// after that. Gives when each run started.
std::vector<duration> starts(duration period, missed policy, const std::vector<duration>& works) {
    std::vector<duration> started;
    duration now{};
    duration due{};
    for (const duration work : works) {
        now = std::max(now, due);
        started.push_back(now);
        due = *cicada::plan(period, {.missed = policy}, {.due = due}, now).next;
        now += work;
    }
    return started;
}

// Period 50 ms; the first run takes 200 ms, the others take no time.
//
// due       0    50   100   150   200   250   300
//           |-----|-----|-----|-----|-----|-----|
// runs      [ work                 ]
//                                  ****   *     *     50, 100, 150 and 200 follow at once, then it has caught up
TEST(missed_burst, runs_each_missed_tick_at_once_until_it_has_caught_up) {
    EXPECT_EQ(starts(50ms, missed::burst, {200ms, 0ms, 0ms, 0ms, 0ms, 0ms, 0ms}),
              (std::vector<duration>{0ms, 200ms, 200ms, 200ms, 200ms, 250ms, 300ms}));
}

// Period 50 ms; the first run takes 200 ms, the others take no time.
//
// due       0    50   100   150   200   250   300
//           |-----|-----|-----|-----|-----|-----|
// runs      [ work                 ]
//                                  *      *     *     50 is late and runs at 200; a new grid starts there
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
//                         *     *         *     50 is late and runs at 75; 100 is on the grid, 25 ms later
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
};

void check(missed policy, const std::vector<expected>& table) {
    for (const expected& e : table) {
        const planned p =
            cicada::plan(10s, {.missed = policy, .granule = 1ms}, {.due = 100s}, e.now);
        EXPECT_EQ(p.what, verdict::run);
        EXPECT_EQ(p.missed, e.missed) << e.now.count();
        EXPECT_EQ(p.next, e.next) << e.now.count();
    }
}

TEST(plan, counts_what_was_missed_and_names_the_next_instant) {
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
                          {135s, 3, 145s}});
}

TEST(plan, of_skip_is_now_plus_period_minus_what_now_is_past_the_grid) {
    std::uint64_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const duration period(1 + static_cast<std::int64_t>(random >> 50));
        const duration due(static_cast<std::int64_t>(random >> 20 & 0xffff) - 30'000);
        const duration now = due + duration(static_cast<std::int64_t>(random >> 36 & 0xfffff));
        const planned p = cicada::plan(period, {}, {.due = due}, now);
        ASSERT_EQ(*p.next, now + period - (now - due) % period);
        ASSERT_GT(*p.next, now);
        ASSERT_EQ((*p.next - due) % period, 0ns) << "on the grid";
        ASSERT_EQ(due + (static_cast<std::int64_t>(p.missed) + 1) * period, *p.next)
            << "each instant ran or is missed";
    }
}

TEST(plan, of_a_fixed_delay_leaves_the_next_instant_to_the_end_of_the_run) {
    const interval when = cicada::fixed_delay(10s);
    const planned p = cicada::plan(when, {.missed = missed::burst}, {.due = 100s}, 300s);
    EXPECT_EQ(p.next, std::nullopt);
    EXPECT_EQ(p.missed, 0u);
    EXPECT_EQ(cicada::after_run(when, 305s), 315s);
}

TEST(plan, has_no_next_instant_beyond_the_end_of_time) {
    const interval centuries(std::chrono::years(200));
    EXPECT_EQ(cicada::plan(centuries, {}, {.due = duration::max() - 1h}, duration::max() - 1h).next,
              std::nullopt);
    EXPECT_EQ(cicada::plan(std::chrono::hours::max(), {}, {.due = 0s}, 0s).next, std::nullopt);
    EXPECT_EQ(cicada::after_run(cicada::fixed_delay(std::chrono::hours::max()), 0s), std::nullopt);
    EXPECT_EQ(cicada::period_after(-5s, 10s), 5s);
}

TEST(first_instant, is_now_after_a_period_or_at_the_instant_that_is_given) {
    using cicada::first;
    using cicada::first_instant;
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
