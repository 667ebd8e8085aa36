#include <store/postgres/clock.hpp>

#include <random>

#include <gtest/gtest.h>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon(std::chrono::sys_days(std::chrono::year(2026) / 11 / 27) + 12h);

constexpr elapsed_time at(duration since) { return elapsed_time(since); }

} // namespace

TEST(postgres_clock, knows_nothing_at_first) { EXPECT_LT(pg_clock().at(at(1h)), wall_time(0s)); }

TEST(postgres_clock, is_behind_by_what_an_answer_took) {
    pg_clock clock;
    clock.learned(noon, at(10s), at(12s));
    EXPECT_EQ(clock.at(at(12s)), noon); // it was noon no sooner than 10, and no later than 12
    EXPECT_EQ(clock.at(at(15s)), noon + 3s);
}

TEST(postgres_clock, goes_by_the_quickest_answer) {
    pg_clock clock;
    clock.learned(noon, at(10s), at(12s));
    clock.learned(noon + 10s, at(20s), at(20s + 1ms));
    EXPECT_EQ(clock.at(at(30s)), noon + 20s - 1ms);
    clock.learned(noon + 21s, at(30s), at(40s)); // slow: it says less
    EXPECT_EQ(clock.at(at(40s)), noon + 30s - 1ms);
}

TEST(postgres_clock, follows_one_that_was_set_back) {
    pg_clock clock;
    clock.learned(noon, at(10s), at(10s));
    clock.learned(noon - 1h, at(11s), at(12s));
    EXPECT_EQ(clock.at(at(12s)), noon - 1h);
    clock.learned(noon + 2h, at(13s), at(13s)); // and on
    EXPECT_EQ(clock.at(at(13s)), noon + 2h);
}

TEST(postgres_clock, is_never_ahead_of_the_server) {
    std::mt19937_64 random(20261127);
    const auto up_to = [&](duration most) {
        return duration(
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most.count() + 1)));
    };
    pg_clock clock;
    duration now = 1s;
    const duration ahead = noon.time_since_epoch();
    for (int i = 0; i < 10'000; ++i) {
        const duration sent = now;
        const duration there = sent + up_to(50ms);
        now = there + up_to(50ms);
        clock.learned(wall_time(ahead + there), at(sent), at(now));
        const wall_time servers(ahead + now);
        ASSERT_LE(clock.at(at(now)), servers);
        ASSERT_GE(clock.at(at(now)), servers - 100ms);
        now += up_to(1s);
    }
}
