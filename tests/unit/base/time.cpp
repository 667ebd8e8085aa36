#include <cicada/base/time.hpp>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;

TEST(to_duration, keeps_what_it_can_hold) {
    static_assert(to_duration(3s) == 3'000'000'000ns);
    static_assert(to_duration(-1ms) == -1'000'000ns);
    static_assert(to_duration(1.5h) == 90min);
    static_assert(to_duration(5ns) == 5ns);
    EXPECT_EQ(to_duration(std::chrono::duration<double>(0.25)), 250ms);
}

TEST(to_duration, takes_a_computed_power_of_two) { // was "never" with Clang 19 at -O2
    for (int exponent = 0; exponent < 20; ++exponent) {
        volatile int unknown = exponent; // to the compiler
        const int n = unknown;
        EXPECT_EQ(to_duration((1 << n) * 1s).count(), std::int64_t{1'000'000'000} << n);
    }
}

TEST(to_duration, takes_small_and_unsigned_counts) {
    EXPECT_EQ(to_duration(std::chrono::duration<std::int8_t, std::pico>(100)), 1ns);
    EXPECT_EQ(to_duration(std::chrono::duration<std::uint64_t>(3)), 3s);
    EXPECT_EQ(to_duration(std::chrono::duration<std::uint64_t>(~std::uint64_t{0})),
              duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<std::int64_t, std::ratio<1, 60>>(1)), 16'666'667ns);
}

TEST(to_duration, rounds_up_so_that_nothing_is_early) {
    using tick = std::chrono::duration<std::int64_t,
                                       std::ratio<1, 3'000'000'000>>; // a third of a nanosecond
    EXPECT_EQ(to_duration(tick(1)), 1ns);
    EXPECT_EQ(to_duration(tick(3)), 1ns);
    EXPECT_EQ(to_duration(tick(4)), 2ns);
    EXPECT_EQ(to_duration(tick(-4)), -1ns);
    EXPECT_EQ(to_duration(std::chrono::duration<double, std::nano>(0.1)), 1ns);
}

TEST(to_duration, saturates_instead_of_overflowing) {
    EXPECT_EQ(to_duration(std::chrono::hours::max()), duration::max());
    EXPECT_EQ(to_duration(std::chrono::hours::min()), duration::min());
    EXPECT_EQ(to_duration(std::chrono::duration<double>(1e300)), duration::max());
    EXPECT_EQ(to_duration(std::chrono::duration<double>(-1e300)), duration::min());
    EXPECT_EQ(to_duration(std::chrono::duration<double>(std::numeric_limits<double>::infinity())),
              duration::max());
    EXPECT_EQ(to_duration(std::chrono::years(300)), duration::max());
    EXPECT_EQ(to_duration(std::chrono::years(100)), std::chrono::years(100));
}

TEST(to_duration, takes_what_is_not_a_number_for_never) {
    EXPECT_EQ(to_duration(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
              duration::max());
}

TEST(later, adds_and_saturates_at_both_ends) {
    const elapsed_time t(1s);
    EXPECT_EQ(later(t, 2s), elapsed_time(3s));
    EXPECT_EQ(later(t, -2s), elapsed_time(-1s));
    EXPECT_EQ(later(t, duration::max()), elapsed_time::max());
    EXPECT_EQ(later(elapsed_time(-1s), duration::min()), elapsed_time::min());
    EXPECT_EQ(later(wall_time::max(), 1ns), wall_time::max());
}

TEST(elapsed_clock, never_goes_back) {
    auto before = elapsed_clock::now();
    for (int i = 0; i < 1000; ++i) {
        const auto now = elapsed_clock::now();
        ASSERT_GE(now, before);
        before = now;
    }
}
