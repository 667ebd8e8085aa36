#include "clock_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

using namespace cicada;
using testing::ElementsAre;

namespace {

/// What happens at the changes of 2015.
std::vector<std::string> effects(const char* pattern, const char* where, gap in_gap = gap::run) {
    const cron rule(pattern, where, {.gap = in_gap});
    std::vector<std::string> all;
    for (const app::clock_change& change :
         app::clock_changes(rule.where(), parse_instant("2015-01-01T00:00:00Z"),
                            parse_instant("2016-01-01T00:00:00Z"))) {
        all.push_back(app::effect(change, rule));
    }
    return all;
}

} // namespace

TEST(clock_changes, a_fixed_time_runs_once_after_a_gap_and_at_the_first_pass) {
    EXPECT_THAT(effects("30 2 * * *", "Europe/Berlin"),
                ElementsAre("02:30 does not exist: runs at 03:00, the first instant after the gap",
                            "02:30 comes twice: runs once, at the first pass (+02:00)"));
}

TEST(clock_changes, several_fixed_times_in_a_gap_share_a_run) {
    EXPECT_THAT(
        effects("15,45 2 * * *", "Europe/Berlin"),
        ElementsAre("02:15 and 02:45 do not exist: one run for all of them at 03:00, the first "
                    "instant after the gap",
                    "02:15 and 02:45 come twice: each runs once, at the first pass (+02:00)"));
    EXPECT_THAT(effects("0 2,3 * * *", "Europe/Berlin"),
                ElementsAre("02:00 does not exist: the run at 03:00 stands for it, too",
                            "02:00 comes twice: runs once, at the first pass (+02:00)"));
}

TEST(clock_changes, gap_skip_drops_what_does_not_exist) {
    EXPECT_THAT(effects("30 2 * * *", "Europe/Berlin", gap::skip),
                ElementsAre("02:30 does not exist: the run is skipped",
                            "02:30 comes twice: runs once, at the first pass (+02:00)"));
}

TEST(clock_changes, a_repeating_pattern_follows_the_real_instants) {
    EXPECT_THAT(
        effects("*/10 * * * *", "Europe/Berlin"),
        ElementsAre(
            "the 6 times from 02:00 to 02:50 do not exist: no runs in that time",
            "the 6 times from 02:00 to 02:50 come twice: runs in both passes, 6 more than usual"));
}

TEST(clock_changes, half_an_hour_of_lord_howe) {
    EXPECT_THAT(effects("45 1 * * *", "Australia/Lord_Howe"),
                ElementsAre("01:45 comes twice: runs once, at the first pass (+11:00)", ""));
    EXPECT_THAT(
        effects("15 2 * * *", "Australia/Lord_Howe"),
        ElementsAre("", "02:15 does not exist: runs at 02:30, the first instant after the gap"));
}

TEST(clock_changes, none_touches_a_time_at_noon) {
    EXPECT_THAT(effects("0 12 * * *", "Europe/Berlin"), ElementsAre("", ""));
}

TEST(clock_changes, what_is_said_is_what_the_pattern_does) {
    const cron rule("30 2 * * *", "Europe/Berlin");
    EXPECT_EQ(rule.next(parse_instant("2015-03-28T12:00:00Z")),
              parse_instant("2015-03-29T01:00:00Z")); // 03:00
    EXPECT_EQ(rule.next(parse_instant("2015-10-24T12:00:00Z")),
              parse_instant("2015-10-25T00:30:00Z")); // first pass
    EXPECT_EQ(rule.next(parse_instant("2015-10-25T00:30:00Z")),
              parse_instant("2015-10-26T01:30:00Z"));
}
