#include <loop/timer_run.hpp>

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <random>
#include <utility>
#include <vector>

namespace {

using cicada::detail::timer;
using cicada::detail::timer_chunks;
using cicada::detail::timer_place;
using cicada::detail::timer_run;

struct probe final : timer {
    explicit probe(std::int64_t at) : timer(at) {}
    void expired(const cicada::detail::expiry&) noexcept override {}
    std::int64_t at() const noexcept { return deadline(); }
};

struct run {
    timer_chunks chunks;
    timer_chunks::chain twin{9};
    timer_chunks::chain direct{1};
    timer_run all;
    std::deque<probe> probes;

    probe& load(std::vector<std::int64_t> deadlines) {
        const std::size_t first = probes.size();
        for (const std::int64_t at : deadlines) chunks.put(direct, probes.emplace_back(at));
        all.load(chunks, twin, direct);
        return probes[first];
    }
    probe& merge(std::vector<std::int64_t> deadlines, std::int64_t now) {
        const std::size_t first = probes.size();
        timer_run::entries due;
        for (const std::int64_t at : deadlines) due.push_back({at, &probes.emplace_back(at)});
        all.merge(due, now);
        return probes[first];
    }
    std::vector<std::size_t> expired_by(std::int64_t now) {
        std::vector<std::size_t> given;
        all.expire(now, [&](timer& t) {
            given.push_back(static_cast<std::size_t>(
                std::find_if(probes.begin(), probes.end(), [&](probe& p) { return &p == &t; }) -
                probes.begin()));
        });
        return given;
    }
};

using indices = std::vector<std::size_t>;

TEST(timer_run, gives_what_is_due_by_deadline_and_the_rest_later) {
    run r;
    r.load({30, 10, 20, 10});
    EXPECT_EQ(r.all.next(), 10);
    EXPECT_EQ(r.expired_by(10), (indices{1, 3}));
    EXPECT_EQ(r.expired_by(29), (indices{2}));
    EXPECT_EQ(r.expired_by(30), (indices{0}));
    EXPECT_TRUE(r.all.is_done());
}

TEST(timer_run, merges_late_ones_behind_equal_ones_and_moves_nothing_that_is_not_due) {
    run r;
    r.load({10, 20, 30, 40});
    EXPECT_EQ(r.expired_by(10), (indices{0}));
    r.merge({15, 20, 25}, 30); // 4, 5, 6; there is room for one
    EXPECT_EQ(r.expired_by(30), (indices{4, 1, 5, 6, 2}));
    r.merge({35}, 35);
    EXPECT_EQ(r.expired_by(40), (indices{7, 3}));
}

TEST(timer_run, forgets_what_is_disarmed_also_after_others_came_in) {
    run r;
    r.load(std::vector<std::int64_t>(100, 50));
    r.all.disarm(r.probes[7]); // looks up where all hundred are
    r.merge({20, 30}, 30);
    r.all.disarm(r.probes[8]);
    r.all.disarm(r.probes[101]);
    EXPECT_EQ(r.expired_by(49), (indices{100}));
    r.all.disarm(r.probes[99]);
    indices expected;
    for (std::size_t i = 0; i < 99; ++i) {
        if (i != 7 && i != 8) expected.push_back(i);
    }
    EXPECT_EQ(r.expired_by(50), expected);
}

// As they come, come around, in two sorted parts, and in no order; few and many, with equal ones.
TEST(timer_run, sorts_stably_whatever_comes) {
    std::mt19937_64 random(1);
    for (const std::size_t count : {1u, 2u, 31u, 33u, 5000u}) {
        for (int shape = 0; shape < 5; ++shape) {
            std::vector<std::int64_t> deadlines(count);
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t turned = shape == 1 ? (i + count / 3) % count : i;
                deadlines[i] = static_cast<std::int64_t>(shape < 3 ? turned / 2 : random() % count);
            }
            const auto middle = deadlines.begin() + static_cast<std::ptrdiff_t>(count / 4);
            if (shape == 2) std::reverse(deadlines.begin(), deadlines.end());
            if (shape == 3) std::sort(deadlines.begin(), middle);
            if (shape == 3) std::sort(middle, deadlines.end());
            run r;
            r.load(deadlines);
            std::vector<std::pair<std::int64_t, std::size_t>> expected;
            for (std::size_t i = 0; i < count; ++i) expected.emplace_back(deadlines[i], i);
            std::sort(expected.begin(), expected.end());
            std::size_t given = 0;
            r.all.expire(1 << 20, [&](timer& t) {
                ASSERT_EQ(&t, &r.probes[expected[given++].second]) << count << ", " << shape;
            });
            EXPECT_EQ(given, count);
        }
    }
}

} // namespace
