#include <schedule/retry_delay.hpp>

#include <gtest/gtest.h>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::detail::policies;
using cicada::detail::retry_delay;

namespace {

TEST(retry_delay, grows_by_its_factor_up_to_its_cap_and_ends) {
    const policies::retries how{.max = 5, .backoff = 1s, .factor = 3, .cap = 20s};
    std::vector<duration> delays;
    for (std::uint32_t failed = 1; const auto d = retry_delay(how, failed, 7, 1h); ++failed)
        delays.push_back(*d);
    EXPECT_EQ(delays, (std::vector<duration>{1s, 3s, 9s, 20s, 20s}));
    EXPECT_EQ(retry_delay({}, 1, 7, 1h), std::nullopt);
    EXPECT_EQ(retry_delay({.max = 4'000'000'000, .factor = 1e300}, 4'000'000'000, 7, 1h), 5min);
}

TEST(retry_delay, has_a_jitter_that_depends_on_name_instant_and_attempt_only) {
    const policies::retries how{.max = 9, .backoff = 1s, .factor = 1, .jitter = 500ms};
    const auto a = retry_delay(how, 1, 7, 1h);
    EXPECT_GE(*a, 1s);
    EXPECT_LT(*a, 1500ms);
    EXPECT_EQ(a, retry_delay(how, 1, 7, 1h));
    EXPECT_NE(a, retry_delay(how, 2, 7, 1h));
    EXPECT_NE(a, retry_delay(how, 1, 8, 1h));
    EXPECT_NE(a, retry_delay(how, 1, 7, 2h));
}

} // namespace
