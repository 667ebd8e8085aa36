#include <schedule/jitter.hpp>

#include <array>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::detail::jitter_of;

namespace {

TEST(jitter_of, lies_in_its_range_and_depends_on_nothing_else) {
    for (const duration most :
         {duration(1ns), duration(2ns), duration(10ms), duration(24h), duration::max()}) {
        for (int i = 0; i < 1000; ++i) {
            const duration j = jitter_of(i, i * 1s, most);
            ASSERT_GE(j, 0ns);
            ASSERT_LT(j, most);
            ASSERT_EQ(j, jitter_of(i, i * 1s, most));
        }
    }
    EXPECT_EQ(jitter_of(1, 5s, 0s), 0s);
    EXPECT_EQ(jitter_of(1, 5s, -1s), 0s);
}

TEST(jitter_of, is_the_same_on_every_machine_and_in_every_release) {
    static_assert(jitter_of(0, 1s, 1s) == 809'834'744ns);
    static_assert(jitter_of(42, -5s, 1h) == 1'436'819'524'318ns);
    SUCCEED();
}

// 100 000 draws into 20 bins; each is within 7 % of its share, five times the standard deviation.
void expect_even(auto draw) {
    std::array<int, 20> bins{};
    for (int i = 0; i < 100'000; ++i) ++bins[draw(i) / 5ms];
    for (const int count : bins) EXPECT_NEAR(count, 5000, 350);
}

TEST(jitter_of, spreads_evenly_over_instants_and_over_identities) {
    expect_even([](int i) { return jitter_of(7, i * 1s, 100ms); });
    expect_even([](int i) { return jitter_of(7, i * 1ns, 100ms); });
    expect_even([](int i) { return jitter_of(i, 1h, 100ms); });
}

TEST(jitter_of, of_two_identities_is_unrelated) {
    int close = 0;
    for (int i = 0; i < 10'000; ++i) {
        const duration apart = jitter_of(1, i * 1s, 100ms) - jitter_of(2, i * 1s, 100ms);
        if (std::chrono::abs(apart) < 1ms) ++close;
    }
    EXPECT_NEAR(close, 199, 70); // two of a hundred, less the edges
}

} // namespace
