#include <cicada/schedule/cron.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

wall_time at(std::string_view text) { return parse_instant(text); }

std::string text_of(std::optional<wall_time> t) { return t ? format_instant(*t) : "none"; }

using instants = std::vector<std::string>;

/// The instants after `from`, as many as are asked for. The way back must give the same.
instants upcoming(const cron& c, std::string_view from, std::size_t count) {
    instants all;
    wall_time t = at(from);
    while (all.size() < count) {
        const auto next = c.next(t);
        if (!next) break;
        EXPECT_GT(*next, t);
        EXPECT_TRUE(c.matches(*next)) << c.text() << ' ' << text_of(next);
        EXPECT_EQ(c.previous(*next + 1ns), next) << c.text() << ' ' << text_of(next);
        if (!all.empty()) {
            EXPECT_EQ(c.previous(*next), t) << c.text() << ' ' << text_of(next);
        }
        all.push_back(format_instant(*next));
        t = *next;
    }
    return all;
}

instants in_utc(const char* pattern, std::string_view from, std::size_t count) {
    return upcoming(cron(pattern), from, count);
}

/// As the EU has it today, whatever becomes of that.
const zone berlin_for_ever("CET-1CEST,M3.5.0,M10.5.0/3");

/// The days of a few months, on which a pattern for midnight fires.
instants dates(const char* pattern, std::string_view from, std::size_t count) {
    instants all = in_utc(pattern, from, count);
    for (std::string& t : all) t.resize(10);
    return all;
}

} // namespace

// --- what next and previous promise --------------------------------------------------------------

TEST(cron_next, is_strictly_later_and_previous_strictly_earlier) {
    const cron c("0 7 * * *");
    EXPECT_EQ(text_of(c.next(at("2026-01-01T07:00:00Z"))), "2026-01-02T07:00:00Z");
    EXPECT_EQ(text_of(c.next(at("2026-01-01T07:00:00Z") - 1ns)), "2026-01-01T07:00:00Z");
    EXPECT_EQ(text_of(c.next(at("2026-01-01T07:00:00Z") + 1ns)), "2026-01-02T07:00:00Z");
    EXPECT_EQ(text_of(c.previous(at("2026-01-01T07:00:00Z"))), "2025-12-31T07:00:00Z");
    EXPECT_EQ(text_of(c.previous(at("2026-01-01T07:00:00Z") + 1ns)), "2026-01-01T07:00:00Z");
    EXPECT_EQ(text_of(c.previous(at("2026-01-01T07:00:00Z") - 1ns)), "2025-12-31T07:00:00Z");
}

TEST(cron_next, matches_only_at_the_instant_itself) {
    const cron c("0 7 * * *");
    EXPECT_TRUE(c.matches(at("2026-01-01T07:00:00Z")));
    EXPECT_FALSE(c.matches(at("2026-01-01T07:00:00Z") + 1ns));
    EXPECT_FALSE(c.matches(at("2026-01-01T07:00:00Z") - 1ns));
    EXPECT_FALSE(c.matches(wall_time::min()));
    EXPECT_FALSE(c.matches(wall_time::max()));
}

TEST(cron_next, steps_by_seconds_where_the_pattern_has_them) {
    EXPECT_EQ(in_utc("10-12/2,59 * * * * *", "2026-01-01T00:00:10Z", 3),
              (instants{"2026-01-01T00:00:12Z", "2026-01-01T00:00:59Z", "2026-01-01T00:01:10Z"}));
}

TEST(cron_next, carries_from_seconds_to_years) {
    EXPECT_EQ(in_utc("*/30 59 23 31 12 *", "2026-12-31T23:59:00Z", 2),
              (instants{"2026-12-31T23:59:30Z", "2027-12-31T23:59:00Z"}));
    EXPECT_EQ(in_utc("*/20 9-17/4 * * MON-FRI", "2026-01-02T17:20:00Z", 3),
              (instants{"2026-01-02T17:40:00Z", "2026-01-05T09:00:00Z", "2026-01-05T09:20:00Z"}));
}

TEST(cron_next, knows_leap_years_and_that_2100_is_none) {
    EXPECT_EQ(dates("0 0 29 2 *", "2090-01-01T00:00:00Z", 3),
              (instants{"2092-02-29", "2096-02-29", "2104-02-29"}));
    EXPECT_EQ(dates("0 0 29 2 +SUN", "2026-01-01T00:00:00Z", 4),
              (instants{"2032-02-29", "2060-02-29", "2088-02-29", "2128-02-29"}));
}

TEST(cron_next, is_none_for_an_impossible_pattern) {
    for (const char* pattern : {"0 0 30 2 *", "* * 31 2,4,6,9,11 *", "0 0 31 * +MON#1",
                                "0 0 0 29 2 * 2026-2027", "0 0 31W 2 *", "* * * 30 2 * 2100"}) {
        const cron c(pattern, "Europe/Berlin");
        EXPECT_EQ(c.next(at("2026-01-01T00:00:00Z")), std::nullopt) << pattern;
        EXPECT_EQ(c.previous(at("2026-01-01T00:00:00Z")), std::nullopt) << pattern;
    }
}

TEST(cron_next, begins_in_1970_and_ends_with_2199) {
    const cron c("* * * * * *");
    EXPECT_EQ(text_of(c.next(wall_time::min())), "1970-01-01T00:00:00Z");
    EXPECT_EQ(text_of(c.previous(wall_time::max())), "2199-12-31T23:59:59Z");
    EXPECT_EQ(c.next(at("2199-12-31T23:59:59Z")), std::nullopt);
    EXPECT_EQ(c.previous(at("1970-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(c.next(wall_time::max()), std::nullopt);
    EXPECT_EQ(c.previous(wall_time::min()), std::nullopt);

    const cron tokyo("0 0 1 1 *", "Asia/Tokyo");
    EXPECT_EQ(text_of(tokyo.next(wall_time::min())), "1969-12-31T15:00:00Z");
    const cron los_angeles("59 23 31 12 *", "PST8PDT,M3.2.0,M11.1.0");
    EXPECT_EQ(text_of(los_angeles.previous(wall_time::max())), "2200-01-01T07:59:00Z");
}

TEST(cron_next, keeps_to_the_years_of_a_seventh_field) {
    EXPECT_EQ(dates("0 0 0 1 1 * 2030,2199,2032-2036/4", "2026-01-01T00:00:00Z", 9),
              (instants{"2030-01-01", "2032-01-01", "2036-01-01", "2199-01-01"}));
}

// --- days ----------------------------------------------------------------------------------------

TEST(cron_next, takes_either_of_two_restricted_day_fields_or_with_plus_both) {
    EXPECT_EQ(dates("0 0 13 * FRI", "2026-02-07T00:00:00Z", 4),
              (instants{"2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06"}));
    EXPECT_EQ(dates("0 0 13 * +FRI", "2026-01-01T00:00:00Z", 3),
              (instants{"2026-02-13", "2026-03-13", "2026-11-13"}));
    EXPECT_EQ(dates("0 0 */10 * +WED", "2026-07-01T00:00:00Z", 2),
              (instants{"2026-10-21", "2026-11-11"}));
}

TEST(cron_next, finds_the_last_day_of_the_month) {
    EXPECT_EQ(dates("0 0 L * *", "2028-01-01T00:00:00Z", 4),
              (instants{"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"}));
}

TEST(cron_next, finds_the_nearest_weekday_without_leaving_the_month) {
    // 2026: February begins on a Sunday and ends on a Saturday, May ends on a Sunday, August begins
    // on a Saturday
    EXPECT_EQ(dates("0 0 1W 2,8,9 *", "2026-01-01T00:00:00Z", 3),
              (instants{"2026-02-02", "2026-08-03", "2026-09-01"}));
    EXPECT_EQ(dates("0 0 28W 2 *", "2026-01-01T00:00:00Z", 1), (instants{"2026-02-27"}));
    EXPECT_EQ(dates("0 0 31W * *", "2026-05-01T00:00:00Z", 2),
              (instants{"2026-05-29", "2026-07-31"}));
    EXPECT_EQ(dates("0 0 15W 2,3,8,11 *", "2026-01-01T00:00:00Z", 4),
              (instants{"2026-02-16", "2026-03-16", "2026-08-14", "2026-11-16"}));
}

TEST(cron_next, finds_the_nth_and_the_last_of_a_weekday) {
    EXPECT_EQ(dates("0 0 * * TUE#3", "2026-01-01T00:00:00Z", 2),
              (instants{"2026-01-20", "2026-02-17"}));
    EXPECT_EQ(dates("0 0 * * 5#5", "2026-01-01T00:00:00Z", 3),
              (instants{"2026-01-30", "2026-05-29", "2026-07-31"}));
    EXPECT_EQ(dates("0 0 * * FRI#L", "2026-01-01T00:00:00Z", 3),
              (instants{"2026-01-30", "2026-02-27", "2026-03-27"}));
    EXPECT_EQ(dates("0 0 * * MON#1,5L", "2026-02-01T00:00:00Z", 4),
              (instants{"2026-02-02", "2026-02-27", "2026-03-02", "2026-03-27"}));
}

TEST(cron_next, counts_from_the_end_as_quartz_does) {
    const auto quartz = [](const char* pattern, std::size_t count) {
        const cron c(pattern, zone(), {.dialect = dialect::quartz});
        instants all = upcoming(c, "2026-02-01T00:00:00Z", count);
        for (std::string& t : all) t.resize(10);
        return all;
    };
    EXPECT_EQ(quartz("0 0 0 L-3 * ?", 2), (instants{"2026-02-25", "2026-03-28"}));
    EXPECT_EQ(quartz("0 0 0 L-30 * ?", 2), (instants{"2026-03-01", "2026-05-01"}));
    EXPECT_EQ(quartz("0 0 0 LW * ?", 4),
              (instants{"2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"}));
    EXPECT_EQ(quartz("0 0 0 L-3W * ?", 2), (instants{"2026-02-25", "2026-03-27"}));
}

// --- daylight saving -----------------------------------------------------------------------------
//
//   a gap        01:59:59 CET | 03:00:00 CEST         an overlap   02:59:59 CEST | 02:00:00 CET ^
//                             2015-03-29T01:00Z                                ^ 2015-10-25T01:00Z
//   30 2 * * *                x                                  x  (00:30Z)            -
//   with gap::skip            -                                  x                      -
//   */30 2 * * *              -                                  x x                    x x

TEST(cron_next, Berlin_runs_a_fixed_time_in_the_gap_at_its_end) {
    const cron c("30 2 * * *", "Europe/Berlin");
    EXPECT_EQ(upcoming(c, "2015-03-27T12:00:00Z", 3),
              (instants{"2015-03-28T01:30:00Z", "2015-03-29T01:00:00Z", "2015-03-30T00:30:00Z"}));
}

TEST(cron_next, Berlin_drops_a_fixed_time_in_the_gap_when_told_to) {
    const cron c("30 2 * * *", "Europe/Berlin", {.gap = gap::skip});
    EXPECT_EQ(upcoming(c, "2015-03-27T12:00:00Z", 2),
              (instants{"2015-03-28T01:30:00Z", "2015-03-30T00:30:00Z"}));
    EXPECT_FALSE(c.matches(at("2015-03-29T01:00:00Z")));
}

TEST(cron_next, Berlin_runs_a_fixed_time_in_the_overlap_in_its_first_pass_only) {
    const cron c("30 2 * * *", "Europe/Berlin");
    EXPECT_EQ(upcoming(c, "2015-10-24T12:00:00Z", 2),
              (instants{"2015-10-25T00:30:00Z", "2015-10-26T01:30:00Z"}));
    EXPECT_FALSE(c.matches(at("2015-10-25T01:30:00Z")));
    EXPECT_EQ(text_of(c.next(at("2015-10-25T00:45:00Z"))), "2015-10-26T01:30:00Z");
    // in the second pass its local time lies ahead once more, and has been all the same
    EXPECT_EQ(text_of(c.next(at("2015-10-25T01:15:00Z"))), "2015-10-26T01:30:00Z");
    EXPECT_EQ(text_of(c.previous(at("2015-10-25T01:15:00Z"))), "2015-10-25T00:30:00Z");
}

TEST(cron_next, Berlin_repeats_in_both_passes_of_the_overlap_and_not_in_the_gap) {
    const cron c("*/30 2 * * *", "Europe/Berlin");
    EXPECT_EQ(upcoming(c, "2015-10-24T12:00:00Z", 5),
              (instants{"2015-10-25T00:00:00Z", "2015-10-25T00:30:00Z", "2015-10-25T01:00:00Z",
                        "2015-10-25T01:30:00Z", "2015-10-26T01:00:00Z"}));
    EXPECT_EQ(upcoming(c, "2015-03-28T01:15:00Z", 2),
              (instants{"2015-03-28T01:30:00Z", "2015-03-30T00:00:00Z"}));
}

TEST(cron_next, Berlin_merges_fixed_times_of_one_gap_and_the_one_after_it) {
    const cron c("0,30 2,3 * * *", "Europe/Berlin");
    EXPECT_EQ(upcoming(c, "2015-03-29T00:00:00Z", 3),
              (instants{"2015-03-29T01:00:00Z", "2015-03-29T01:30:00Z", "2015-03-30T00:00:00Z"}));
}

TEST(cron_next, Lord_Howe_shifts_by_half_an_hour) {
    const cron in_gap("15 2 * * *", "Australia/Lord_Howe");
    EXPECT_EQ(upcoming(in_gap, "2015-10-03T00:00:00Z", 2),
              (instants{"2015-10-03T15:30:00Z", "2015-10-04T15:15:00Z"}));
    const cron in_overlap("45 1 * * *", "Australia/Lord_Howe");
    EXPECT_EQ(upcoming(in_overlap, "2015-04-04T00:00:00Z", 2),
              (instants{"2015-04-04T14:45:00Z", "2015-04-05T15:15:00Z"}));
    const cron repeating("45 1-1 * * *", "Australia/Lord_Howe");
    EXPECT_EQ(upcoming(repeating, "2015-04-04T00:00:00Z", 2),
              (instants{"2015-04-04T14:45:00Z", "2015-04-04T15:15:00Z"}));
}

TEST(cron_next, Apia_had_no_30_December_2011) {
    const cron c("0 7 * * *", "Pacific/Apia");
    EXPECT_EQ(upcoming(c, "2011-12-29T00:00:00Z", 3),
              (instants{"2011-12-29T17:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T17:00:00Z"}));
    const cron on_the_30th("0 7,8 30 12 *", "Pacific/Apia");
    EXPECT_EQ(upcoming(on_the_30th, "2011-12-01T00:00:00Z", 2),
              (instants{"2011-12-30T10:00:00Z", "2012-12-29T17:00:00Z"}));
    const cron skipping("0 7 30 12 *", "Pacific/Apia", {.gap = gap::skip});
    EXPECT_EQ(upcoming(skipping, "2011-12-01T00:00:00Z", 1), (instants{"2012-12-29T17:00:00Z"}));
}

TEST(cron_next, Troll_shifts_by_two_hours) {
    const cron in_gap("15 1,2 * * *", "Antarctica/Troll");
    EXPECT_EQ(upcoming(in_gap, "2015-03-28T12:00:00Z", 2),
              (instants{"2015-03-29T01:00:00Z", "2015-03-29T23:15:00Z"}));
    const cron hourly("30 * * * *", "Antarctica/Troll");
    EXPECT_EQ(upcoming(hourly, "2015-10-24T23:00:00Z", 4),
              (instants{"2015-10-24T23:30:00Z", "2015-10-25T00:30:00Z", "2015-10-25T01:30:00Z",
                        "2015-10-25T02:30:00Z"}));
    const cron in_overlap("30 1,2 * * *", "Antarctica/Troll");
    EXPECT_EQ(upcoming(in_overlap, "2015-10-24T12:00:00Z", 3),
              (instants{"2015-10-24T23:30:00Z", "2015-10-25T00:30:00Z", "2015-10-26T01:30:00Z"}));
}

TEST(cron_next, Dublin_calls_winter_the_daylight_saving_time) {
    const cron c("30 1 * * *", "Europe/Dublin");
    EXPECT_EQ(upcoming(c, "2015-03-28T12:00:00Z", 2),
              (instants{"2015-03-29T01:00:00Z", "2015-03-30T00:30:00Z"}));
    EXPECT_EQ(upcoming(c, "2015-10-24T12:00:00Z", 2),
              (instants{"2015-10-25T00:30:00Z", "2015-10-26T01:30:00Z"}));
}

TEST(cron_next, Havana_and_Sao_Paulo_leap_over_midnight) {
    const cron havana("@daily", "America/Havana");
    EXPECT_EQ(upcoming(havana, "2015-03-07T06:00:00Z", 2),
              (instants{"2015-03-08T05:00:00Z", "2015-03-09T04:00:00Z"}));
    EXPECT_EQ(upcoming(havana, "2015-10-31T12:00:00Z", 2),
              (instants{"2015-11-01T04:00:00Z", "2015-11-02T05:00:00Z"}));
    const cron sao_paulo("@daily", "America/Sao_Paulo");
    EXPECT_EQ(upcoming(sao_paulo, "2018-11-03T00:00:00Z", 3),
              (instants{"2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}));
}

TEST(cron_next, finds_an_instant_many_stretches_away) {
    const cron fixed("30 2 29 2 *", berlin_for_ever);
    EXPECT_EQ(upcoming(fixed, "2096-03-01T00:00:00Z", 1), (instants{"2104-02-29T01:30:00Z"}));
    const cron repeating("*/30 2 29 2 *", berlin_for_ever);
    EXPECT_EQ(upcoming(repeating, "2096-03-01T00:00:00Z", 2),
              (instants{"2104-02-29T01:00:00Z", "2104-02-29T01:30:00Z"}));
}

TEST(cron_next, ends_for_a_pattern_that_lies_in_gaps_only) {
    const cron run("30 2 * 3 +SUN#L", berlin_for_ever);
    EXPECT_EQ(upcoming(run, "2026-01-01T00:00:00Z", 2),
              (instants{"2026-03-29T01:00:00Z", "2027-03-28T01:00:00Z"}));
    const cron skip("0 30 2 * 3 SUN#L 2000-2199", berlin_for_ever, {.gap = gap::skip});
    EXPECT_EQ(skip.next(at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(skip.previous(at("2026-01-01T00:00:00Z")), std::nullopt);
}
