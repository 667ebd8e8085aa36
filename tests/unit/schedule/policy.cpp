#include <cicada/schedule/course.hpp>

#include <array>
#include <gtest/gtest.h>
#include <string>

using namespace std::chrono_literals;
using cicada::course;
using cicada::nominal_instant;
using cicada::overlap;
using cicada::progress;

namespace {

static_assert(overlap{} == overlap::skip);
static_assert(cicada::first{}.which() == cicada::first::immediately.which());
static_assert(cicada::first(cicada::elapsed_time(3s)).which() == cicada::first::kind::at_elapsed);
static_assert(cicada::first(cicada::wall_time(3s)).which() == cicada::first::kind::at_wall);

constexpr nominal_instant at(int seconds) { return {cicada::time_line::elapsed, seconds * 1s}; }

/// What becomes of an instant that comes when so many run, and so many wait.
std::string fate(const overlap& policy, std::uint32_t running, std::uint32_t buffered) {
    progress p;
    for (std::uint32_t i = 0; i < running; ++i) p.runs.push_back({.id = ++p.last_run});
    for (std::uint32_t i = 0; i < buffered; ++i) p.waiting.push_back({at(static_cast<int>(i))});
    p.arrived.push_back({at(9)});
    course c({.when = cicada::interval(1s), .how = {.overlap = policy}}, p);
    cicada::outcome what;
    EXPECT_TRUE(c.start_next({cicada::elapsed_time(10s), cicada::wall_time(10s)}, what));
    if (what.start) return what.start->nominal == at(9) ? "run" : "run another";
    if (what.cancel_runs) return "cancel";
    if (c.at().waiting.size() == buffered + 1) return "buffer";
    if (c.at().waiting.size() == 1 && c.at().waiting[0].nominal == at(9)) return "only";
    return what.decided.size() == 1 && c.at().dropped == 1 ? "drop" : "?";
}

// Rows: how many run, 1 to 3. Columns: how many are buffered, 0 to 3.
using row = std::array<const char*, 4>;

void check(const char* name, const overlap& policy, const std::array<row, 3>& expected) {
    EXPECT_EQ(fate(policy, 0, 0), "run") << name;
    for (std::uint32_t running = 1; running < 4; ++running) {
        for (std::uint32_t buffered = 0; buffered < 4; ++buffered) {
            // Side by side none waits; and the first that waits alone is buffered.
            if (policy.which() == overlap::mode::allow && buffered > 0) continue;
            std::string fated = expected[running - 1][buffered];
            if (fated == "only" && buffered == 0) fated = "buffer";
            EXPECT_EQ(fate(policy, running, buffered), fated)
                << name << " with " << running << " running and " << buffered << " buffered";
        }
    }
}

TEST(overlap_policy, decides_by_what_runs_and_what_waits) {
    constexpr row run{"run", "run", "run", "run"};
    constexpr row drop{"drop", "drop", "drop", "drop"};
    constexpr row only{"only", "only", "only", "only"};
    constexpr row cancel{"cancel", "cancel", "cancel", "cancel"};
    constexpr row one{"buffer", "drop", "drop", "drop"};
    constexpr row two{"buffer", "buffer", "drop", "drop"};
    check("skip", overlap::skip, {drop, drop, drop});
    check("buffer_one", overlap::buffer_one, {one, one, one});
    check("buffer_latest", overlap::buffer_latest, {only, only, only});
    check("buffer_all{0}", overlap::buffer_all{0}, {drop, drop, drop});
    check("buffer_all{1}", overlap::buffer_all{1}, {one, one, one});
    check("buffer_all{2}", overlap::buffer_all{2}, {two, two, two});
    check("cancel_other", overlap::cancel_other, {cancel, cancel, cancel});
    check("allow{0}", overlap::allow{0}, {drop, drop, drop});
    check("allow{1}", overlap::allow{1}, {drop, drop, drop});
    check("allow{2}", overlap::allow{2}, {run, drop, drop});
    check("allow{3}", overlap::allow{3}, {run, run, drop});
}

} // namespace
