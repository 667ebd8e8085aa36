#include <cicada/schedule/interval.hpp>

#include <gtest/gtest.h>
#include <limits>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::interval;

namespace {

TEST(interval, is_a_fixed_rate_unless_told_otherwise) {
    constexpr interval rate = 250ms;
    static_assert(rate.period() == 250ms && rate.which() == interval::kind::fixed_rate);
    constexpr interval delay = cicada::fixed_delay(3s);
    static_assert(delay.period() == 3s && delay.which() == interval::kind::fixed_delay);
    EXPECT_NE(interval(3s), delay);
    EXPECT_EQ(cicada::fixed_delay(3000ms), delay);
}

TEST(interval, refuses_a_period_that_is_not_positive) {
    EXPECT_THROW(interval(0s), std::invalid_argument);
    EXPECT_THROW(interval(-1ns), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(interval{std::chrono::hours::min()}), std::invalid_argument);
    EXPECT_THROW(cicada::fixed_delay(0ms), std::invalid_argument);
    EXPECT_THROW(interval(std::chrono::duration<double>(-0.0)), std::invalid_argument);
    EXPECT_THROW(interval(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
                 std::invalid_argument);
}

TEST(interval, rounds_a_fraction_of_a_nanosecond_up_so_that_it_stays_positive) {
    EXPECT_EQ(interval(std::chrono::duration<long, std::pico>(1)).period(), 1ns);
    EXPECT_EQ(interval(std::chrono::duration<double>(1e-12)).period(), 1ns);
}

TEST(interval, beyond_what_a_duration_holds_means_never_again) {
    EXPECT_EQ(interval(std::chrono::hours::max()).period(), duration::max());
    EXPECT_EQ(interval(std::chrono::duration<double>(1e300)).period(), duration::max());
}

} // namespace
