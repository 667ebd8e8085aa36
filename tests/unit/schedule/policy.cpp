#include <cicada/schedule/policy.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using cicada::first;
using cicada::overlap;

namespace {

TEST(policies, are_values_that_say_what_they_are) {
    static_assert(overlap{} == overlap::skip);
    static_assert(overlap(overlap::allow{2}) != overlap(overlap::allow{3}));
    static_assert(cicada::catch_up{} == cicada::catch_up::last);
    static_assert(first{}.which() == first::immediately.which());
    static_assert(first(cicada::elapsed_time(3s)).which() == first::kind::at_elapsed);
    static_assert(first(cicada::wall_time(3s)).which() == first::kind::at_wall);
    static_assert(first(cicada::wall_time(3s)).at() == 3s);
    SUCCEED();
}

} // namespace
