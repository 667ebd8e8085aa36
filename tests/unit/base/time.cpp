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
    // A third of a nanosecond.
    using tick = std::chrono::duration<std::int64_t, std::ratio<1, 3'000'000'000>>;
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

TEST(to_duration, takes_odd_ratios_without_overflow_in_between) {
    using odd = std::chrono::duration<std::int64_t, std::ratio<1'000'000'007, 3>>;
    static_assert(to_duration(odd(0)) == 0ns);
    static_assert(to_duration(odd(1)) == duration(333'333'335'666'666'667));
    static_assert(to_duration(odd(-1)) == duration(-333'333'335'666'666'666));
    static_assert(to_duration(odd(28)) == duration::max());
    static_assert(to_duration(odd(-28)) == duration::min());
    using eleventh = std::chrono::duration<std::int64_t, std::ratio<1'000'000'007, 11>>;
    static_assert(to_duration(eleventh(10)) == duration(909'090'915'454'545'455));
    static_assert(to_duration(eleventh::max()) == duration::max());
    using nearly_second =
        std::chrono::duration<std::int64_t, std::ratio<10'000'000'000'000, 10'000'000'000'001>>;
    static_assert(to_duration(nearly_second(1)) == 1s);
    static_assert(to_duration(nearly_second(-1)) == -999'999'999ns);
    static_assert(to_duration(nearly_second(10'000'000'000'001)) == duration::max());
    using atto = std::chrono::duration<std::int64_t, std::atto>;
    static_assert(to_duration(atto(1)) == 1ns);
    static_assert(to_duration(atto::max()) == 9'223'372'037ns);
    static_assert(to_duration(atto::min()) == -9'223'372'036ns);
}

TEST(to_duration, takes_periods_beyond_the_range_of_nanoseconds) {
    using aeon = std::chrono::duration<std::int64_t, std::ratio<10'000'000'000'000'000>>;
    static_assert(to_duration(aeon(0)) == 0ns);
    static_assert(to_duration(aeon(1)) == duration::max());
    static_assert(to_duration(aeon(-1)) == duration::min());
    static_assert(to_duration(aeon::max()) == duration::max());
    static_assert(to_duration(aeon::min()) == duration::min());
    static_assert(to_duration(std::chrono::duration<double, aeon::period>(1e-16)) == 1s);
}

TEST(to_duration, takes_the_largest_counts_of_each_unit) {
    static_assert(to_duration(duration::max()) == duration::max());
    static_assert(to_duration(duration::min()) == duration::min());
    using unsigned_nano = std::chrono::duration<std::uint64_t, std::nano>;
    static_assert(to_duration(unsigned_nano(std::uint64_t{1} << 63)) == duration::max());
    static_assert(to_duration(unsigned_nano((std::uint64_t{1} << 63) - 1)) == duration::max());
    using unsigned_pico = std::chrono::duration<std::uint64_t, std::pico>;
    static_assert(to_duration(unsigned_pico(~std::uint64_t{0})) == 18'446'744'073'709'552ns);
    static_assert(to_duration(std::chrono::microseconds(9'223'372'036'854'775)) ==
                  duration(9'223'372'036'854'775'000));
    static_assert(to_duration(std::chrono::microseconds(9'223'372'036'854'776)) == duration::max());
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

TEST(between, subtracts_and_saturates_at_both_ends) {
    EXPECT_EQ(between(elapsed_time(1s), elapsed_time(3s)), 2s);
    EXPECT_EQ(between(elapsed_time::min(), elapsed_time::max()), duration::max());
    EXPECT_EQ(between(wall_time::max(), wall_time::min()), duration::min());
    EXPECT_EQ(between(elapsed_time(-2ns), elapsed_time::max()), duration::max());
}

TEST(elapsed_clock, never_goes_back) {
    auto before = elapsed_clock::now();
    for (int i = 0; i < 1000; ++i) {
        const auto now = elapsed_clock::now();
        ASSERT_GE(now, before);
        before = now;
    }
}
