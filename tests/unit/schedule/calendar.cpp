#include <cicada/schedule/calendar.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

using cicada::calendar_options;
using cicada::every_days;
using cicada::every_interval;
using cicada::every_months;
using cicada::every_weeks;
using cicada::every_years;
using cicada::format_instant;
using cicada::gap;
using cicada::month_end;
using cicada::parse_instant;
using cicada::schedule;
using cicada::wall_time;
using cicada::zone;
using namespace std::chrono_literals;
using namespace std::chrono;

namespace {

using texts = std::vector<std::string>;

/// The next ones after `after`, in UTC.
texts next(const schedule& s, std::string_view after, int count) {
    texts result;
    std::optional<wall_time> t = parse_instant(after);
    for (int i = 0; i < count; ++i) {
        t = s.next(*t);
        if (!t) break;
        result.push_back(format_instant(*t));
    }
    return result;
}

/// The same, as the clock on the wall shows them.
texts local(const schedule& s, const zone& where, std::string_view after, int count) {
    texts result;
    for (const std::string& text : next(s, after, count)) {
        const auto t = where.to_local(parse_instant(text));
        result.push_back(format_instant(wall_time(t.time_since_epoch())).substr(0, 16));
    }
    return result;
}

const zone berlin("Europe/Berlin");

// ---- series -------------------------------------------------------------------------------------

TEST(calendar, counts_days_from_the_anchor_on) {
    const schedule s = every_days(3, "2026-01-30T09:00:00");
    EXPECT_EQ(next(s, "2026-01-01T00:00:00Z", 3),
              (texts{"2026-01-30T09:00:00Z", "2026-02-02T09:00:00Z", "2026-02-05T09:00:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2026-01-30T09:00:00Z")), std::nullopt);
}

TEST(calendar, counts_weeks) {
    EXPECT_EQ(next(every_weeks(2, "2026-01-05T08:00:00"), "2026-01-05T08:00:00Z", 2),
              (texts{"2026-01-19T08:00:00Z", "2026-02-02T08:00:00Z"}));
}

TEST(calendar, takes_its_anchor_as_a_value_too) {
    EXPECT_EQ(every_days(1, local_days(2026y / January / 30) + 9h, berlin),
              every_days(1, "2026-01-30T09:00:00", "Europe/Berlin"));
}

TEST(calendar, has_instants_between_seconds_if_its_anchor_lies_there) {
    EXPECT_EQ(next(every_days(1, "2026-01-01T00:00:00.25"), "2026-01-01T00:00:00.250Z", 1),
              (texts{"2026-01-02T00:00:00.25Z"}));
}

TEST(calendar, stays_at_its_local_time_when_clocks_are_set) {
    EXPECT_EQ(next(every_days(1, "2015-01-01T09:00:00", berlin), "2015-03-27T12:00:00Z", 3),
              (texts{"2015-03-28T08:00:00Z", "2015-03-29T07:00:00Z", "2015-03-30T07:00:00Z"}));
}

// ---- ends of months -----------------------------------------------------------------------------

TEST(calendar, does_not_drift_from_the_31st) {
    EXPECT_EQ(
        local(every_months(1, "2026-01-31T09:00:00", berlin), berlin, "2026-01-01T00:00:00Z", 5),
        (texts{"2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00",
               "2026-05-31T09:00"}));
}

TEST(calendar, skips_short_months_when_told_to) {
    const schedule s =
        every_months(1, "2026-01-31T09:00:00", "UTC", {.month_end = month_end::skip});
    EXPECT_EQ(next(s, "2026-01-31T09:00:00Z", 3),
              (texts{"2026-03-31T09:00:00Z", "2026-05-31T09:00:00Z", "2026-07-31T09:00:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2026-03-31T09:00:00Z")),
              parse_instant("2026-01-31T09:00:00Z"));
    EXPECT_FALSE(s.matches(parse_instant("2026-02-28T09:00:00Z")));
}

TEST(calendar, counts_months_over_the_turn_of_years) {
    EXPECT_EQ(next(every_months(5, "2025-09-30T00:00:00"), "2025-09-30T00:00:00Z", 3),
              (texts{"2026-02-28T00:00:00Z", "2026-07-30T00:00:00Z", "2026-12-30T00:00:00Z"}));
}

TEST(calendar, has_a_29th_of_february_again_in_the_next_leap_year) {
    EXPECT_EQ(next(every_years(1, "2024-02-29T00:00:00"), "2026-12-31T00:00:00Z", 2),
              (texts{"2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"}));
    const calendar_options skipping{.month_end = month_end::skip};
    EXPECT_EQ(
        next(every_years(1, "2096-02-29T00:00:00", "UTC", skipping), "2096-02-29T00:00:00Z", 2),
        (texts{"2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"}));
}

TEST(calendar, before_the_epoch_counts_as_well) {
    EXPECT_EQ(next(every_months(1, "1899-12-31T00:00:00"), "1900-01-31T00:00:00Z", 2),
              (texts{"1900-02-28T00:00:00Z", "1900-03-31T00:00:00Z"}));
}

// ---- gaps and overlaps --------------------------------------------------------------------------

// Berlin, 2026-03-29: 02:00 is followed by 03:00, which is 01:00 UTC.
TEST(calendar, comes_right_after_a_gap) {
    const schedule s = every_days(1, "2015-01-01T02:30:00", berlin);
    EXPECT_EQ(next(s, "2015-03-28T12:00:00Z", 2),
              (texts{"2015-03-29T01:00:00Z", "2015-03-30T00:30:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2015-03-29T01:00:00.000000001Z")),
              parse_instant("2015-03-29T01:00:00Z"));
    EXPECT_TRUE(s.matches(parse_instant("2015-03-29T01:00:00Z")));
    EXPECT_FALSE(s.matches(parse_instant("2015-03-29T01:30:00Z")));
}

TEST(calendar, skips_a_gap_when_told_to) {
    const schedule s = every_days(1, "2015-01-01T02:30:00", berlin, {.gap = gap::skip});
    EXPECT_EQ(next(s, "2015-03-28T12:00:00Z", 1), (texts{"2015-03-30T00:30:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2015-03-30T00:30:00Z")),
              parse_instant("2015-03-28T01:30:00Z"));
    EXPECT_FALSE(s.matches(parse_instant("2015-03-29T01:00:00Z")));
}

// Berlin, 2026-10-25: 03:00 is followed by 02:00, so that 02:30 is 00:30 and 01:30 UTC.
TEST(calendar, comes_in_the_first_pass_of_an_overlap_only) {
    const schedule s = every_days(1, "2015-01-01T02:30:00", berlin);
    EXPECT_EQ(next(s, "2015-10-24T12:00:00Z", 2),
              (texts{"2015-10-25T00:30:00Z", "2015-10-26T01:30:00Z"}));
    EXPECT_EQ(next(s, "2015-10-25T01:10:00Z", 1), (texts{"2015-10-26T01:30:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2015-10-25T01:10:00Z")),
              parse_instant("2015-10-25T00:30:00Z"));
    EXPECT_EQ(s.previous(parse_instant("2015-10-25T01:45:00Z")),
              parse_instant("2015-10-25T00:30:00Z"));
    EXPECT_FALSE(s.matches(parse_instant("2015-10-25T01:30:00Z")));
}

// St. John's, 2000-10-29: 00:01 is followed by 23:01 of the day before, at 02:31 UTC.
TEST(calendar, is_not_repeated_by_an_overlap_that_goes_back_to_the_day_before) {
    const schedule s = every_days(1, "2000-10-01T00:00:00", "America/St_Johns");
    const wall_time first_pass = parse_instant("2000-10-29T02:30:00Z");
    EXPECT_EQ(next(s, "2000-10-28T12:00:00Z", 2),
              (texts{"2000-10-29T02:30:00Z", "2000-10-30T03:30:00Z"}));
    EXPECT_EQ(s.next(first_pass + 30min), parse_instant("2000-10-30T03:30:00Z"));
    EXPECT_EQ(s.previous(first_pass + 30min), first_pass); // where it is 23:30 of the day before
    EXPECT_FALSE(s.matches(first_pass + 60min));
}

// Samoa went from 2011-12-29 24:00 to 2011-12-31 00:00, at 10:00 UTC on the 30th.
TEST(calendar, names_an_instant_once_though_a_whole_day_is_leapt_over) {
    const schedule s = every_days(1, "2011-12-01T00:00:00", "Pacific/Apia");
    EXPECT_EQ(next(s, "2011-12-29T00:00:00Z", 3),
              (texts{"2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2011-12-30T10:00:00Z")),
              parse_instant("2011-12-29T10:00:00Z"));
    const schedule skipping =
        every_days(1, "2011-12-01T12:00:00", "Pacific/Apia", {.gap = gap::skip});
    EXPECT_EQ(local(skipping, zone("Pacific/Apia"), "2011-12-29T00:00:00Z", 2),
              (texts{"2011-12-29T12:00", "2011-12-31T12:00"}));
}

// ---- bounds -------------------------------------------------------------------------------------

TEST(calendar, ends_with_the_last_year_that_instants_can_have) {
    const schedule s = every_years(100, "2100-02-28T00:00:00", "<+14>-14");
    EXPECT_EQ(next(s, "2100-06-01T00:00:00Z", 5), (texts{"2200-02-27T10:00:00Z"}));
    EXPECT_EQ(s.previous(wall_time::max()), parse_instant("2200-02-27T10:00:00Z"));
    EXPECT_EQ(s.next(wall_time::max()), std::nullopt);
    EXPECT_EQ(s.previous(wall_time::min()), std::nullopt);
    EXPECT_EQ(s.next(wall_time::min()), parse_instant("2100-02-27T10:00:00Z"));
    EXPECT_FALSE(s.matches(wall_time::min()));
    EXPECT_FALSE(s.matches(wall_time::max()));
}

TEST(calendar, counts_in_steps_beyond_the_end_of_time) {
    constexpr int most = std::numeric_limits<int>::max();
    for (const schedule& s :
         {every_days(most, "2026-01-01T00:00:00"), every_weeks(most, "2026-01-01T00:00:00"),
          every_months(most, "2026-01-01T00:00:00"), every_years(most, "2026-01-01T00:00:00")}) {
        EXPECT_EQ(next(s, "2000-01-01T00:00:00Z", 2), (texts{"2026-01-01T00:00:00Z"}));
        EXPECT_EQ(s.previous(wall_time::max()), parse_instant("2026-01-01T00:00:00Z"));
    }
}

TEST(calendar, refuses_a_number_that_is_not_positive_and_says_so) {
    EXPECT_THROW(every_weeks(-1, "2026-01-01T00:00:00"), std::invalid_argument);
    try {
        static_cast<void>(every_days(0, "2026-01-01T00:00:00"));
        FAIL();
    } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(), "cicada: every_days needs a number of at least 1, not 0");
    }
}

TEST(calendar, refuses_an_anchor_too_far_away) {
    EXPECT_THROW(every_days(1, local_days(1500y / January / 1)), std::invalid_argument);
    EXPECT_THROW(every_days(1, local_days(9999y / January / 1)), std::invalid_argument);
    EXPECT_THROW(every_days(1, "2262-01-01T00:00:00"), std::invalid_argument);
    EXPECT_EQ(next(every_days(1, "2261-12-31T00:00:00"), "2026-01-01T00:00:00Z", 2),
              (texts{"2261-12-31T00:00:00Z"}));
}

TEST(calendar, refuses_an_anchor_with_an_offset_and_points_to_it) {
    try {
        static_cast<void>(every_days(1, "2026-01-01T00:00:00+01:00"));
        FAIL();
    } catch (const cicada::parse_error& e) {
        EXPECT_EQ(e.offset(), 19u);
        EXPECT_EQ(e.hint(), "local time has a zone instead of an offset");
    }
    EXPECT_THROW(every_days(1, "2026-01-01T00:00:00", "Europe/Nowhere"), cicada::unknown_zone);
}

// ---- every_interval, once -----------------------------------------------------------------------

TEST(every_interval, counts_elapsed_time_through_every_change_of_clocks) {
    const schedule s = every_interval(25h, "2026-03-28T00:00:00Z");
    EXPECT_EQ(next(s, "2026-01-01T00:00:00Z", 3),
              (texts{"2026-03-28T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T02:00:00Z"}));
    EXPECT_EQ(s.previous(parse_instant("2026-03-29T01:00:00Z")),
              parse_instant("2026-03-28T00:00:00Z"));
    EXPECT_EQ(s.previous(parse_instant("2026-03-28T00:00:00Z")), std::nullopt);
    EXPECT_TRUE(s.matches(parse_instant("2026-03-29T01:00:00Z")));
    EXPECT_FALSE(s.matches(parse_instant("2026-03-29T00:00:00Z")));
    // On the grid, but before the anchor.
    EXPECT_FALSE(s.matches(parse_instant("2026-03-26T23:00:00Z")));
}

TEST(every_interval, starts_at_the_epoch_unless_told_otherwise) {
    EXPECT_EQ(every_interval("PT15M").next(wall_time(1s)), wall_time(15min));
    EXPECT_EQ(every_interval(15min).next(wall_time(-1s)), wall_time());
}

TEST(every_interval, ends_at_the_end_of_time) {
    const schedule s = every_interval(cicada::duration::max(), wall_time::min());
    EXPECT_EQ(s.next(wall_time::min()), wall_time(-1ns));
    EXPECT_EQ(s.next(wall_time(-1ns)), wall_time(cicada::duration::max() - 1ns));
    EXPECT_EQ(s.next(wall_time::max() - 1ns), std::nullopt);
    EXPECT_EQ(s.next(wall_time::max()), std::nullopt);
    EXPECT_EQ(s.previous(wall_time::max()), wall_time::max() - 1ns);
    EXPECT_EQ(s.previous(wall_time::min()), std::nullopt);
    EXPECT_EQ(every_interval(1ns).next(wall_time::max() - 1ns), wall_time::max());
}

TEST(every_interval, refuses_a_period_that_is_not_positive) {
    EXPECT_THROW(every_interval(0s), std::invalid_argument);
    EXPECT_THROW(every_interval(-1s), std::invalid_argument);
    EXPECT_THROW(every_interval("P1M"), cicada::parse_error);
}

TEST(once, names_one_instant) {
    const wall_time t = parse_instant("2026-01-01T00:00:00Z");
    const schedule s = cicada::once(t);
    EXPECT_EQ(s.next(t - 1ns), t);
    EXPECT_EQ(s.next(t), std::nullopt);
    EXPECT_EQ(s.previous(t), std::nullopt);
    EXPECT_EQ(s.previous(t + 1ns), t);
    EXPECT_TRUE(s.matches(t));
    EXPECT_FALSE(s.matches(t + 1ns));
}

} // namespace
