#include <cicada/schedule/plan.hpp>

#include <array>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using cicada::judge;
using cicada::overlap;
using cicada::verdict;

namespace {

static_assert(overlap{} == overlap::skip);
static_assert(cicada::first{}.which() == cicada::first::immediately.which());
static_assert(cicada::first(cicada::elapsed_time(3s)).which() == cicada::first::kind::at_elapsed);
static_assert(cicada::first(cicada::wall_time(3s)).which() == cicada::first::kind::at_wall);

// Rows: how many run, 0 to 3. Columns: how many are buffered, 0 to 3.
using table = std::array<std::array<verdict, 4>, 4>;

constexpr std::array<verdict, 4> all(verdict v) { return {v, v, v, v}; }
constexpr auto runs = all(verdict::run);

void check(const char* name, const overlap& policy, const table& expected) {
    for (std::uint32_t running = 0; running < 4; ++running) {
        for (std::uint32_t buffered = 0; buffered < 4; ++buffered) {
            EXPECT_EQ(judge(policy, running, buffered), expected[running][buffered])
                << name << " with " << running << " running and " << buffered << " buffered";
        }
    }
}

TEST(judge, decides_by_what_runs_and_what_waits) {
    constexpr auto drop = all(verdict::drop);
    constexpr auto only = all(verdict::buffer_only);
    constexpr auto cancel = all(verdict::cancel_others);
    constexpr std::array one{verdict::buffer, verdict::drop, verdict::drop, verdict::drop};
    constexpr std::array two{verdict::buffer, verdict::buffer, verdict::drop, verdict::drop};
    check("skip", overlap::skip, {runs, drop, drop, drop});
    check("buffer_one", overlap::buffer_one, {runs, one, one, one});
    check("buffer_latest", overlap::buffer_latest, {runs, only, only, only});
    check("buffer_all{0}", overlap::buffer_all{0}, {runs, drop, drop, drop});
    check("buffer_all{1}", overlap::buffer_all{1}, {runs, one, one, one});
    check("buffer_all{2}", overlap::buffer_all{2}, {runs, two, two, two});
    check("cancel_other", overlap::cancel_other, {runs, cancel, cancel, cancel});
    check("allow{0}", overlap::allow{0}, {runs, drop, drop, drop});
    check("allow{1}", overlap::allow{1}, {runs, drop, drop, drop});
    check("allow{2}", overlap::allow{2}, {runs, runs, drop, drop});
    check("allow{3}", overlap::allow{3}, {runs, runs, runs, drop});
}

TEST(plan, judges_also_when_ticks_were_missed) {
    const auto p =
        cicada::plan(10s, {.overlap = overlap::buffer_one}, {.due = 100s, .running = 1}, 125s);
    EXPECT_EQ(p.what, verdict::buffer);
    EXPECT_EQ(p.missed, 2u);
    EXPECT_EQ(p.next, 130s);
}

} // namespace
