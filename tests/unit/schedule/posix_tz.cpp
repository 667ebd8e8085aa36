#include <schedule/posix_tz.hpp>

#include <cicada/base/rfc3339.hpp>

#include <limits>
#include <string>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;
using namespace cicada::detail;

namespace {

zone_rules always(const char* text) {
    const posix_tz rules = parse_posix_tz(text);
    timeline line(rules.standard);
    append_changes(line, rules, std::numeric_limits<std::int64_t>::min());
    return zone_rules(line);
}

/// The changes of one year.
std::string changes(const char* text, int year) {
    const zone_rules rules = always(text);
    const std::string y = std::to_string(year);
    std::string all;
    wall_time t = rules.at(parse_instant(y + "-01-01T00:00:00Z")).until;
    while (t < parse_instant(std::to_string(year + 1) + "-01-01T00:00:00Z")) {
        all += format_instant(t) + ' ' + std::string(rules.at(t).abbreviation) + ' ';
        t = rules.at(t).until;
    }
    return all;
}

} // namespace

TEST(posix_tz, reads_a_fixed_offset_with_its_sign_the_other_way_round) {
    const zone_rules rules = always("EST5");
    EXPECT_EQ(rules.stretches(), 1u);
    EXPECT_EQ(rules.at(wall_time()).offset, -5h);
    EXPECT_EQ(rules.at(wall_time()).abbreviation, "EST");
    EXPECT_FALSE(rules.at(wall_time()).is_dst);
    EXPECT_EQ(always("<+0545>-05:45").at(wall_time()).offset, 5h + 45min);
    EXPECT_EQ(always("<+0545>-05:45").at(wall_time()).abbreviation, "+0545");
    EXPECT_EQ(always("AAA+24:59:59").at(wall_time()).offset, -(24h + 59min + 59s));
}

TEST(posix_tz, reads_the_three_kinds_of_dates) {
    EXPECT_EQ(changes("CET-1CEST,M3.5.0,M10.5.0/3", 2026),
              "2026-03-29T01:00:00Z CEST 2026-10-25T01:00:00Z CET ");
    EXPECT_EQ(changes("EST5EDT,M3.2.0,M11.1.0", 2026),
              "2026-03-08T07:00:00Z EDT 2026-11-01T06:00:00Z EST ");
    // Day 60 is March 1 by J, in all years; counted from 0 with February 29, day 60 is March 1 of a
    // leap year.
    EXPECT_EQ(changes("AAA0BBB,J60/0,J365/0", 2024),
              "2024-03-01T00:00:00Z BBB 2024-12-30T23:00:00Z AAA ");
    EXPECT_EQ(changes("AAA0BBB,J60/0,J365/0", 2025),
              "2025-03-01T00:00:00Z BBB 2025-12-30T23:00:00Z AAA ");
    EXPECT_EQ(changes("AAA0BBB,60/0,364/0", 2024),
              "2024-03-01T00:00:00Z BBB 2024-12-29T23:00:00Z AAA ");
    EXPECT_EQ(changes("AAA0BBB,60/0,364/0", 2025),
              "2025-03-02T00:00:00Z BBB 2025-12-30T23:00:00Z AAA ");
}

TEST(posix_tz, takes_daylight_time_for_an_hour_more_unless_it_says_so) {
    const wall_time july = parse_instant("2026-07-01T00:00:00Z");
    EXPECT_EQ(always("AAA-2BBB,M3.5.0,M10.5.0").at(july).offset, 3h);
    EXPECT_EQ(always("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3").at(july).offset, 2h);
    EXPECT_EQ(always("AAA-2BBB-2:30,M3.5.0,M10.5.0").at(july).offset, 150min);
}

TEST(posix_tz, allows_hours_beyond_the_day) {
    EXPECT_EQ(changes("EET-2EEST,M3.4.4/50,M10.4.4/50", 2026),
              "2026-03-28T00:00:00Z EEST 2026-10-23T23:00:00Z EET ");
    EXPECT_EQ(changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026),
              "2026-03-29T01:00:00Z -01 2026-10-25T01:00:00Z -02 ");
    EXPECT_EQ(changes("AAA0BBB,M3.1.0/167,M10.1.0/-167", 2026),
              "2026-03-07T23:00:00Z BBB 2026-09-27T00:00:00Z AAA ");
}

TEST(posix_tz, spans_the_new_year_in_the_south) {
    EXPECT_EQ(changes("NZST-12NZDT,M9.5.0,M4.1.0/3", 2026),
              "2026-04-04T14:00:00Z NZST 2026-09-26T14:00:00Z NZDT ");
    EXPECT_EQ(
        always("NZST-12NZDT,M9.5.0,M4.1.0/3").at(parse_instant("2026-01-01T00:00:00Z")).offset,
        13h);
}

TEST(posix_tz, makes_one_stretch_of_daylight_time_that_lasts_all_year) {
    for (const char* text :
         {"EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23", "EST5EDT,0/0,J365/167"}) {
        const zone_rules rules = always(text);
        EXPECT_EQ(rules.stretches(), 1u) << text;
        EXPECT_EQ(rules.at(wall_time()).offset, -4h) << text;
        EXPECT_EQ(rules.at(wall_time()).abbreviation, "EDT") << text;
        EXPECT_TRUE(rules.at(wall_time()).is_dst) << text;
    }
}

TEST(posix_tz, has_no_daylight_time_that_ends_as_it_starts) {
    EXPECT_EQ(always("AAA0BBB0,J60/0,J60/0").stretches(), 1u);
    EXPECT_EQ(always("AAA0BBB0,J60/0,J60/0").at(wall_time()).abbreviation, "AAA");
}

TEST(posix_tz, begins_where_it_is_told_to) {
    const posix_tz rules = parse_posix_tz("CET-1CEST,M3.5.0,M10.5.0/3");
    const auto second = [](const char* text) {
        return std::chrono::floor<std::chrono::seconds>(parse_instant(text)).time_since_epoch();
    };
    for (const auto& [from, then] :
         {std::pair("2026-07-01T00:00:00Z", "CEST"), std::pair("2026-12-01T00:00:00Z", "CET"),
          std::pair("2026-03-29T01:00:00Z", "CEST"), std::pair("2026-10-25T01:00:00Z", "CET")}) {
        timeline line({0s, false, "LMT"});
        append_changes(line, rules, second(from).count());
        const zone_rules table(line);
        const wall_time t = parse_instant(from);
        EXPECT_EQ(table.at(t - 1ns).abbreviation, "LMT");
        EXPECT_EQ(table.at(t).abbreviation, then);
        EXPECT_EQ(table.at(t).from, t);
    }
}

TEST(posix_tz, refuses_what_is_not_and_says_where) {
    struct refusal {
        const char* text;
        std::size_t offset;
        const char* expected;
    };
    for (const auto& [text, offset, expected] :
         {refusal{"", 0, "abbreviation"},
          {"ES5", 2, "abbreviation"},
          {"<+3>-3", 3, "abbreviation"},
          {"<+03-3", 6, "'>'"},
          {"EST", 3, "hours from 0 to 24"},
          {"EST25", 3, "hours from 0 to 24"},
          {"EST5:60", 5, "minutes"},
          {"EST5:30:60", 8, "seconds"},
          {"EST5EDT", 7, "when daylight time starts"},
          {"EST5EDT,M3.2.0", 14, "when daylight time starts"},
          {"EST5EDT,M0.2.0,M11.1.0", 9, "a month"},
          {"EST5EDT,M13.2.0,M11.1.0", 9, "a month"},
          {"EST5EDT,M3.6.0,M11.1.0", 11, "a week"},
          {"EST5EDT,M3.2.7,M11.1.0", 13, "a day of the week"},
          {"EST5EDT,M3.2,M11.1.0", 12, "'.'"},
          {"EST5EDT,J0,J365", 9, "a day from 1"},
          {"EST5EDT,J366,J365", 9, "a day from 1"},
          {"EST5EDT,366,J365", 8, "a day from 0"},
          {"EST5EDT,M3.2.0/168,M11.1.0", 15, "hours from 0 to 167"},
          {"EST5EDT,M3.2.0/-168,M11.1.0", 16, "hours from 0 to 167"},
          {"EST5EDT,M3.2.0/,M11.1.0", 15, "hours from 0 to 167"},
          {"EST99999999999999999999", 3, "hours from 0 to 24"},
          {"EST5EDT,M3.2.0,M11.1.0,", 22, "the end"}}) {
        try {
            parse_posix_tz(text);
            ADD_FAILURE() << "accepted: " << text;
        } catch (const parse_error& e) {
            EXPECT_EQ(e.offset(), offset) << e.what();
            EXPECT_NE(e.expected().find(expected), std::string::npos) << e.what();
        }
    }
}
