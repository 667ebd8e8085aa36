#include "lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

using namespace cicada;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::vector<std::string> remarks_on(const char* pattern) {
    std::vector<std::string> texts;
    const cron rule(pattern, zone(), {.name = "x"});
    for (const app::remark& r : app::lint(rule, pattern, parse_instant("2026-01-01T00:00:00Z"))) {
        texts.push_back(r.text);
    }
    return texts;
}

} // namespace

TEST(lint, has_nothing_to_say_of_plain_patterns) {
    for (const char* pattern : {"30 7 * * MON-FRI", "*/15 * * * *", "5 0 L * *", "0 9-17 * * *",
                                "15 3 1-7 * +MON", "@reboot", "* 9-17 * * *", "30 4 31 1,3 *"}) {
        EXPECT_THAT(remarks_on(pattern), IsEmpty()) << pattern;
    }
}

TEST(lint, says_that_both_day_fields_mean_either_one) {
    EXPECT_THAT(remarks_on("5 7 13 * FRI"), ElementsAre(HasSubstr("write '5 7 13 * +FRI'")));
    EXPECT_THAT(remarks_on("10 5 7 13 * FRI"), ElementsAre(HasSubstr("write '10 5 7 13 * +FRI'")));
}

TEST(lint, says_when_a_plus_does_nothing) {
    EXPECT_THAT(remarks_on("5 7 * * +FRI"), ElementsAre(HasSubstr("the '+' does nothing")));
}

TEST(lint, says_that_a_pattern_never_comes_or_not_again) {
    EXPECT_THAT(remarks_on("5 7 30 2 *"), ElementsAre(HasSubstr("it never comes")));
    EXPECT_THAT(remarks_on("0 5 7 1 1 * 2020"),
                ElementsAre("it does not come again: the last time was 2020-01-01T07:05:00Z"));
}

TEST(lint, says_that_a_pattern_comes_only_in_leap_years) {
    EXPECT_THAT(remarks_on("5 7 29 2 *"), ElementsAre("it comes only in leap years"));
}

TEST(lint, says_that_it_comes_every_second) {
    EXPECT_THAT(
        remarks_on("* * * * * *"),
        ElementsAre(
            "it comes every second, 86,400 times a day; for once a minute write '0 * * * * *'"));
    EXPECT_THAT(remarks_on("* 5 7 * * *"),
                ElementsAre(HasSubstr("60 times in each of its minutes")));
}

TEST(lint, says_that_it_comes_in_every_minute_of_an_hour) {
    EXPECT_THAT(remarks_on("* 7 * * *"), ElementsAre(HasSubstr("for once write '0 7 * * *'")));
}

TEST(lint, says_which_months_are_too_short) {
    EXPECT_THAT(remarks_on("5 7 31 * *"), ElementsAre("months without a 31st are left out; for the "
                                                      "last day of every month write '5 7 L * *'"));
    EXPECT_THAT(remarks_on("5 7 29 * *"), ElementsAre(HasSubstr("February, but in leap years")));
}

TEST(lint, says_that_a_step_does_not_divide) {
    EXPECT_THAT(remarks_on("*/7 * * * *"),
                ElementsAre("the steps do not divide the hour: after minute 56 it comes again "
                            "after 4 minutes, not 7"));
    EXPECT_THAT(
        remarks_on("5 */5 * * *"),
        ElementsAre(
            "the steps do not divide the day: after hour 20 it comes again after 4 hours, not 5"));
    EXPECT_THAT(remarks_on("5 7 */2 * *"), ElementsAre(HasSubstr("after the 31st comes the 1st")));
}

TEST(lint, knows_where_the_herd_runs) {
    EXPECT_THAT(remarks_on("0 0 * * *"), ElementsAre(HasSubstr("'H 0 * * *'")));
    EXPECT_THAT(remarks_on("H 0 * * *"), IsEmpty());
}

TEST(lint, says_nothing_more_of_what_never_comes) {
    EXPECT_THAT(remarks_on("0 0 30 2 *"), ElementsAre(HasSubstr("never comes")));
    EXPECT_THAT(remarks_on("0 0 0 1 1 * 1999"), ElementsAre(HasSubstr("does not come again")));
}

TEST(lint, says_when_a_step_leads_out_of_its_field) {
    EXPECT_THAT(remarks_on("*/90 * * * *"),
                ElementsAre(AllOf(HasSubstr("the step of */90"), HasSubstr("once an hour"),
                                  HasSubstr("every = \"90m\""))));
    EXPECT_THAT(remarks_on("5 1,2-4/3 * * *"),
                ElementsAre(AllOf(HasSubstr("the step of 2-4/3"), HasSubstr("once a day"))));
    EXPECT_THAT(remarks_on("*/60 5 4 * * *"), ElementsAre(HasSubstr("once a minute")));
    EXPECT_THAT(remarks_on("5 4 1 */12 *"), ElementsAre(HasSubstr("once a year")));
    EXPECT_THAT(remarks_on("*/30 */12 * * *"), IsEmpty());
}
