#include <loop/timer_store.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace {

using cicada::detail::timer;
using cicada::detail::timer_store;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t hour = 3'600'000 * ms;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year = 365 * day;

struct probe final : timer {
    void expired(const cicada::detail::expiry&) noexcept override {}
};

std::vector<timer*> due_at(timer_store& store, std::int64_t now) {
    std::vector<timer*> due;
    store.expire(now, [&](timer& t) { due.push_back(&t); });
    return due;
}

TEST(timer_store, is_empty_at_first) {
    timer_store store(5 * hour);
    EXPECT_TRUE(store.empty());
    EXPECT_EQ(store.next(), std::nullopt);
    EXPECT_TRUE(due_at(store, 6 * hour).empty());
}

TEST(timer_store, gives_a_timer_at_its_deadline_and_not_a_nanosecond_before) {
    for (const std::int64_t delay : {std::int64_t{1}, ms, hour, day, 40 * day, 200 * year}) {
        timer_store store(hour);
        probe a;
        store.arm(a, hour + delay);
        EXPECT_EQ(store.next(), hour + delay);
        EXPECT_TRUE(due_at(store, hour + delay - 1).empty()) << delay;
        EXPECT_TRUE(a.is_armed());
        EXPECT_EQ(due_at(store, hour + delay), std::vector<timer*>{&a}) << delay;
        EXPECT_FALSE(a.is_armed());
    }
}

TEST(timer_store, gives_equal_deadlines_in_the_order_in_which_they_were_armed_across_all_levels) {
    // Armed further and further into the same deadline's approach, so that each lies on another
    // level.
    timer_store store(0);
    const std::int64_t deadline = 3 * year;
    std::deque<probe> probes;
    std::vector<timer*> armed;
    for (const std::int64_t ahead :
         {3 * year, year, 30 * day, day, hour, 5'000 * ms, 100 * ms, ms, std::int64_t{1}}) {
        EXPECT_TRUE(due_at(store, deadline - ahead).empty());
        for (int i = 0; i < 3; ++i) {
            store.arm(probes.emplace_back(), deadline);
            armed.push_back(&probes.back());
        }
    }
    EXPECT_EQ(due_at(store, deadline), armed);
}

TEST(timer_store, leaves_what_is_armed_while_the_due_are_run_to_the_next_time) {
    timer_store store(0);
    probe first;
    probe second;
    store.arm(first, ms);
    store.expire(10 * ms, [&](timer& t) {
        EXPECT_EQ(&t, &first);
        store.arm(second, 2 * ms);
    });
    EXPECT_EQ(store.next(), 2 * ms);
    EXPECT_EQ(due_at(store, 10 * ms), std::vector<timer*>{&second});
}

TEST(timer_store, does_not_give_a_due_timer_that_was_disarmed_before_its_turn) {
    timer_store store(0);
    std::array<probe, 3> p;
    for (probe& each : p) store.arm(each, ms);
    std::vector<timer*> given;
    store.expire(ms, [&](timer& t) {
        given.push_back(&t);
        if (p[1].is_armed()) store.disarm(p[1]);
    });
    EXPECT_EQ(given, (std::vector<timer*>{&p[0], &p[2]}));
}

TEST(timer_store, orders_deadlines_before_the_epoch) { // a radix sort of their low bits did not
    timer_store store(-3 * year);
    std::deque<probe> probes(100);
    std::vector<timer*> expected;
    for (int i = 0; i < 100; ++i) {
        expected.insert(expected.begin(), &probes[i]);
        store.arm(probes[i], -year - i * hour);
    }
    EXPECT_TRUE(due_at(store, -2 * year).empty());
    EXPECT_EQ(store.next(), -year - 99 * hour);
    EXPECT_EQ(due_at(store, 0), expected);
}

TEST(timer_store, keeps_what_was_close_when_time_goes_back) {
    timer_store store(0);
    probe a;
    store.arm(a, hour + 2);
    EXPECT_TRUE(due_at(store, hour + 1).empty());
    EXPECT_TRUE(due_at(store, 0).empty());
    EXPECT_EQ(store.next(), hour + 2);
    EXPECT_EQ(due_at(store, hour + 2).size(), 1u);
}

TEST(timer_store, visits_each_pending_timer_once) {
    timer_store store(hour);
    std::deque<probe> probes(1000);
    for (int i = 0; i < 1000; ++i) store.arm(probes[i], i % 7 * year + i * ms);
    for (int i = 0; i < 1000; i += 3) store.disarm(probes[i]);
    std::vector<timer*> seen;
    store.for_each([&](timer& t) { seen.push_back(&t); });
    EXPECT_EQ(seen.size(), store.size());
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

// Timeouts that hardly ever come: armed for far ahead, disarmed soon, by the ten million.
TEST(timer_store, holds_memory_for_what_is_pending_and_not_for_what_was_disarmed) {
    for (const std::size_t pending : {std::size_t{1}, std::size_t{1000}, std::size_t{50'000}}) {
        timer_store store(0);
        const std::size_t empty = store.memory();
        const auto probes = std::make_unique<probe[]>(pending);
        std::size_t most = 0;
        std::uint64_t random = 1;
        for (std::int64_t i = 0; i < 3'400'000; ++i) {
            probe& p = probes[static_cast<std::size_t>(i) % pending]; // the oldest
            if (p.is_armed()) store.disarm(p);
            random = random * 6364136223846793005u + 1442695040888963407u;
            store.arm(p, i * 1000 + 30'000 * ms + static_cast<std::int64_t>(random >> 33));
            if (i % 1000 == 0) {
                EXPECT_TRUE(due_at(store, i * 1000).empty());
                most = std::max(most, store.memory());
            }
        }
        EXPECT_LE(most - empty, 40 * pending + 256 * 1024) << pending;
        for (std::size_t i = 0; i < pending; ++i) store.disarm(probes[i]);
        EXPECT_LE(store.memory() - empty, 160 * 1024u);
    }
}

/// Many timers of one period; memory() is to be compared with what they take while they wait.
struct periodics {
    static constexpr std::size_t many = 100'000;
    static constexpr std::size_t burst = many * 16; // what handing them out takes

    timer_store store{0};
    std::unique_ptr<probe[]> all{new probe[many]};
    std::size_t idle = 0;

    /// The i-th is first due at `first` + i * `apart`.
    void arm(std::int64_t first, std::int64_t apart) {
        for (std::size_t i = 0; i < many; ++i)
            store.arm(all[i], first + static_cast<std::int64_t>(i) * apart);
        idle = store.memory();
    }
    std::size_t tick(std::int64_t now, std::int64_t period) {
        std::size_t ticked = 0;
        store.expire(now, [&](timer& t) {
            store.arm(t, now + period);
            ++ticked;
        });
        return ticked;
    }
};

// It kept 16 bytes of each for as long as nothing else was due: an hour, here.
TEST(timer_store, gives_the_memory_of_a_burst_back_when_nothing_is_due_soon) {
    for (const std::int64_t apart : {std::int64_t{0}, std::int64_t{5}, std::int64_t{1000}}) {
        periodics p;
        p.arm(hour, apart);
        for (int n = 1; n <= 3; ++n) {
            ASSERT_EQ(p.tick(n * (hour + ms * 100), hour), p.many);
            EXPECT_LE(p.store.memory(), p.idle + 64 * 1024) << apart;
        }
    }
}

TEST(timer_store, gives_the_memory_of_a_burst_of_late_timers_back) {
    for (const std::int64_t apart : {std::int64_t{0}, 100 * ms}) { // sorted in a run, or in a heap
        periodics p;
        EXPECT_TRUE(due_at(p.store, 3 * day).empty());
        p.arm(2 * hour, apart);
        ASSERT_EQ(p.tick(3 * day, hour), p.many);
        EXPECT_LE(p.store.memory(), p.many * 9 + 512 * 1024) << apart;
    }
}

TEST(timer_store, keeps_the_memory_of_a_burst_for_the_next_one_within_seconds) {
    periodics p;
    p.arm(1000 * ms, 0);
    ASSERT_EQ(p.tick(1000 * ms, 1000 * ms), p.many);
    const std::size_t kept = p.store.memory();
    EXPECT_GE(kept, p.idle + p.burst);
    for (int n = 2; n < 10; ++n) {
        ASSERT_EQ(p.tick(n * 1000 * ms, 1000 * ms), p.many);
        EXPECT_EQ(p.store.memory(), kept);
    }
}

TEST(timer_store, gives_the_memory_of_a_burst_back_when_only_few_have_been_due_for_seconds) {
    periodics p;
    p.arm(hour, 0);
    probe often;
    p.store.arm(often, hour + 100 * ms);
    ASSERT_EQ(p.tick(hour, hour), p.many);
    EXPECT_GE(p.store.memory(), p.idle + p.burst);
    for (int n = 1; n <= 50; ++n) ASSERT_EQ(p.tick(hour + n * 100 * ms, 100 * ms), 1u);
    EXPECT_LE(p.store.memory(), p.idle + 64 * 1024);
}

TEST(timer_store, keeps_the_many_that_it_has_looked_at_and_that_are_not_due_yet) {
    for (const std::int64_t deadline : {ms / 2, hour}) { // late ones, and the run
        timer_store store(0);
        constexpr std::size_t many = 20'000;
        const auto probes = std::make_unique<probe[]>(many);
        for (std::size_t i = 0; i < many; ++i) store.arm(probes[i], deadline);
        EXPECT_TRUE(due_at(store, deadline - 1).empty());
        EXPECT_EQ(due_at(store, deadline).size(), many);
    }
}

} // namespace
