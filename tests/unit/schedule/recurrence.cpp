#include <cicada/schedule/recurrence.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

/// "offset: expected; hint"
std::string refusal(std::string_view text) {
    try {
        recurrence::parse(text);
    } catch (const parse_error& e) {
        return std::to_string(e.offset()) + ": " + e.expected() +
               (e.hint().empty() ? "" : "; " + e.hint());
    }
    return "none";
}

} // namespace

TEST(recurrence, of_an_interval_has_its_kind_and_period_as_text) {
    EXPECT_EQ(recurrence(interval(15min)).text(), "every 15m");
    EXPECT_EQ(recurrence(fixed_delay(90min)).text(), "fixed_delay 1h30m");
    EXPECT_EQ(recurrence(interval(duration::max())).text(),
              "every 106751d23h47m16s854ms775us807ns");
}

TEST(recurrence, of_a_calendar_has_the_text_of_its_schedule) {
    const schedule weekdays = cron("0 7 * * MON-FRI", "Europe/Berlin");
    EXPECT_EQ(recurrence(weekdays).text(), weekdays.text());
    EXPECT_EQ(recurrence(every_interval(15min)).text(), R"(every_interval("PT15M"))")
        << "on a grid of wall time, which `every 15m` is not";
}

TEST(recurrence, reads_its_text_back) {
    std::vector<recurrence> all = {
        cron("*/5 * * * *"),          cron("30 2 * * *", "Europe/Berlin", {.gap = gap::skip}),
        every_interval(15min),        every_days(2, "2026-01-01T04:00:00", "Europe/Berlin"),
        once("2026-03-01T12:00:00Z"), except(cron("0 9 * * *"), cron("0 9 1 * *"))};
    for (const duration period :
         {duration(1ns), duration(999'999ns), duration(1us), duration(1ms), duration(1500ms),
          duration(1min), duration(24h * 14), duration::max() - 1ns, duration::max()}) {
        all.push_back(interval(period));
        all.push_back(fixed_delay(period));
    }
    for (const recurrence& r : all) {
        const recurrence again = recurrence::parse(r.text());
        EXPECT_EQ(again, r) << r.text();
        EXPECT_EQ(again.text(), r.text());
        EXPECT_EQ(again.is_calendar(), r.is_calendar()) << r.text();
    }
}

TEST(recurrence, reads_every_form_of_a_duration_and_a_bare_pattern) {
    EXPECT_EQ(recurrence::parse("every PT15M"), recurrence(interval(15min)));
    EXPECT_EQ(recurrence::parse("every 90m"), recurrence(interval(90min)));
    EXPECT_EQ(recurrence::parse(" \tfixed_delay  0.5s\n"), recurrence(fixed_delay(500ms)));
    EXPECT_EQ(recurrence::parse("0 7 * * 1-5"), recurrence(cron("0 7 * * 1-5")));
}

TEST(recurrence, says_where_its_text_is_wrong) {
    EXPECT_EQ(refusal("every 15"), "8: a unit: w, d, h, m, s, ms, us or ns; a number needs a unit");
    EXPECT_EQ(refusal("  fixed_delay  1x"), "16: a unit: w, d, h, m, s, ms, us or ns");
    EXPECT_EQ(refusal("every"), "5: a duration such as 1h30m or PT1H30M");
    EXPECT_EQ(refusal("every  "), "7: a duration such as 1h30m or PT1H30M");
    EXPECT_EQ(refusal("every 0s"), "6: a duration greater than zero");
    EXPECT_EQ(refusal("every 15m 30s"), "9: a digit");
    EXPECT_EQ(refusal("every(15m)"), "5: a digit");
    EXPECT_EQ(refusal("every 300y"),
              "9: a unit: w, d, h, m, s, ms, us or ns; years and months have no fixed length: use "
              "days");
    EXPECT_EQ(refusal("evry 15m"), "0: every 15m, or a schedule; did you mean every?");
    EXPECT_EQ(refusal("fixed_dealy 5s"), "0: every 15m, or a schedule; did you mean fixed_delay?");
    EXPECT_EQ(refusal("@every 5m"), "0: every 15m, or a schedule; did you mean every?");
    EXPECT_EQ(refusal(" \n"),
              "0: every 15m, a cron pattern, or a schedule such as every_days(...)");
    EXPECT_EQ(refusal(" cron(\"0 25 * * *\")"), "9: an hour from 0 to 23") << "as of the schedule";
    EXPECT_EQ(
        refusal("every_day(1)"),
        R"(0: a schedule such as cron("0 7 * * *", "Europe/Berlin"); did you mean every_days?)");
}
