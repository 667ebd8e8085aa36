#include <loop/late_timers.hpp>

#include <deque>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace {

using cicada::detail::few_timers;
using cicada::detail::late_timers;
using cicada::detail::timer;
using cicada::detail::timer_chunks;
using cicada::detail::timer_run;

struct probe final : timer {
    explicit probe(std::int64_t at) : timer(at) {}
    void expired(const cicada::detail::expiry&) noexcept override {}
};

struct late {
    timer_chunks chunks;
    late_timers all{chunks};
    timer_run run;
    std::deque<probe> probes;

    timer* put(std::int64_t at) {
        all.put(probes.emplace_back(at));
        return &probes.back();
    }
    std::vector<timer*> due_at(std::int64_t now) {
        std::vector<timer*> due;
        run.tidy();
        all.collect(now, run);
        run.expire(now, [&](timer& t) { due.push_back(&t); });
        return due;
    }
};

TEST(late_timers, give_the_run_what_is_due_and_keep_the_rest) {
    late l;
    timer* const b = l.put(20);
    timer* const a = l.put(10);
    timer* const c = l.put(20);
    EXPECT_EQ(l.all.next(), 10);
    EXPECT_EQ(l.due_at(10), (std::vector<timer*>{a}));
    EXPECT_EQ(l.all.next(), 20);
    timer* const d = l.put(20); // when the others are in the heap
    EXPECT_EQ(l.due_at(20), (std::vector<timer*>{b, c, d}));
    EXPECT_TRUE(l.all.is_empty());
}

TEST(late_timers, order_what_is_due_far_apart) {
    late l;
    std::vector<timer*> expected;
    for (std::int64_t i = 0; i < 100; ++i) expected.insert(expected.begin(), l.put(-i << 30));
    EXPECT_EQ(l.due_at(0), expected);
}

TEST(late_timers, say_that_many_new_ones_may_be_due_at_once_until_they_are_sorted) {
    late l;
    for (std::size_t i = 0; i <= few_timers; ++i) l.put(500);
    EXPECT_EQ(l.all.next(), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE(l.due_at(499).empty());
    EXPECT_EQ(l.all.next(), 500);
}

TEST(late_timers, know_what_is_no_longer_here) {
    late l;
    timer* const a = l.put(10);
    timer* const b = l.put(10);
    EXPECT_TRUE(l.all.take_out(*a)); // from the chain
    l.due_at(9);
    timer* const c = l.put(10);
    timer* const d = l.put(10);
    l.all.collect(10, l.run);
    EXPECT_FALSE(l.all.take_out(*b)); // it was in the heap
    EXPECT_FALSE(l.all.take_out(*c)); // and this one in the chain
    timer* const e = l.put(10);
    EXPECT_FALSE(l.all.take_out(*d));
    EXPECT_TRUE(l.all.take_out(*e));
}

} // namespace
