#include <cicada/schedule/zone.hpp>

#include <cicada/base/rfc3339.hpp>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <support/tz_directory.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

wall_time utc(const char* text) { return parse_instant(text); }
/// "2026-03-29T02:30:00" on the wall.
local_time local(const std::string& text) {
    return local_time(parse_instant(text + 'Z').time_since_epoch());
}
std::string wall(const zone& z, wall_time t) {
    std::string text = format_instant(wall_time(z.to_local(t).time_since_epoch()));
    text.pop_back();
    return text;
}
std::string instant_of(const zone& z, const char* text, gap in_gap = gap::run) {
    const auto t = z.to_instant(local(text), in_gap);
    return t ? format_instant(*t) : "none";
}

} // namespace

TEST(zone, is_utc_by_default_and_under_all_of_its_names) {
    EXPECT_EQ(zone().name(), "UTC");
    for (const char* name : {"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Universal"}) {
        EXPECT_EQ(zone(name), zone()) << name;
    }
    const zone::stretch always = zone().at(utc("2026-01-01T00:00:00Z"));
    EXPECT_EQ(always.from, wall_time::min());
    EXPECT_EQ(always.until, wall_time::max());
    EXPECT_EQ(always.offset, 0s);
    EXPECT_FALSE(always.is_dst);
    EXPECT_EQ(always.abbreviation, "UTC");
    EXPECT_NE(zone("Europe/Berlin"), zone());
    EXPECT_EQ(zone("Europe/Berlin"), zone("Europe/Berlin"));
}

TEST(zone, knows_when_berlin_changes_its_clocks) {
    const zone berlin("Europe/Berlin");
    EXPECT_EQ(berlin.name(), "Europe/Berlin");
    const zone::stretch summer = berlin.at(utc("2015-07-01T12:00:00Z"));
    EXPECT_EQ(summer.from, utc("2015-03-29T01:00:00Z"));
    EXPECT_EQ(summer.until, utc("2015-10-25T01:00:00Z"));
    EXPECT_EQ(summer.offset, 2h);
    EXPECT_TRUE(summer.is_dst);
    EXPECT_EQ(summer.abbreviation, "CEST");
    EXPECT_EQ(berlin.at(summer.from).from, summer.from) << "a stretch holds its first instant";
    EXPECT_EQ(berlin.at(summer.from - 1ns).until, summer.from);
    EXPECT_EQ(berlin.at(summer.until).abbreviation, "CET");
}

TEST(zone, leaps_over_a_gap_to_its_end_or_drops_it) {
    const zone berlin("Europe/Berlin");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T01:59:59.999999999"),
              "2015-03-29T00:59:59.999999999Z");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T02:00:00"), "2015-03-29T01:00:00Z");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T02:30:00"), "2015-03-29T01:00:00Z");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T03:00:00"), "2015-03-29T01:00:00Z");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T02:00:00", gap::skip), "none");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T02:59:59.999999999", gap::skip), "none");
    EXPECT_EQ(instant_of(berlin, "2015-03-29T03:00:00", gap::skip), "2015-03-29T01:00:00Z");
}

TEST(zone, takes_the_first_pass_of_an_overlap) {
    const zone berlin("Europe/Berlin");
    EXPECT_EQ(instant_of(berlin, "2015-10-25T01:59:59"), "2015-10-24T23:59:59Z");
    EXPECT_EQ(instant_of(berlin, "2015-10-25T02:00:00"), "2015-10-25T00:00:00Z");
    EXPECT_EQ(instant_of(berlin, "2015-10-25T02:30:00", gap::skip), "2015-10-25T00:30:00Z");
    EXPECT_EQ(instant_of(berlin, "2015-10-25T03:00:00"), "2015-10-25T02:00:00Z");
    EXPECT_EQ(wall(berlin, utc("2015-10-25T00:30:00Z")), "2015-10-25T02:30:00");
    EXPECT_EQ(wall(berlin, utc("2015-10-25T01:30:00Z")), "2015-10-25T02:30:00");
}

TEST(zone, knows_half_an_hour_of_dst_on_lord_howe) {
    const zone lord_howe("Australia/Lord_Howe");
    EXPECT_EQ(lord_howe.at(utc("2015-01-01T00:00:00Z")).offset, 11h);
    EXPECT_EQ(lord_howe.at(utc("2015-07-01T00:00:00Z")).offset, 10h + 30min);
    EXPECT_EQ(instant_of(lord_howe, "2015-10-04T02:15:00"), "2015-10-03T15:30:00Z");
    EXPECT_EQ(instant_of(lord_howe, "2015-10-04T02:30:00"), "2015-10-03T15:30:00Z");
    EXPECT_EQ(instant_of(lord_howe, "2015-04-05T01:45:00"), "2015-04-04T14:45:00Z");
}

TEST(zone, leaps_over_whole_days_at_the_date_line) {
    const zone apia("Pacific/Apia");
    for (const char* text : {"2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-30T23:59:59"}) {
        EXPECT_EQ(instant_of(apia, text), "2011-12-30T10:00:00Z");
        EXPECT_EQ(instant_of(apia, text, gap::skip), "none");
    }
    EXPECT_EQ(instant_of(apia, "2011-12-29T23:59:59"), "2011-12-30T09:59:59Z");
    EXPECT_EQ(instant_of(apia, "2011-12-31T00:00:00", gap::skip), "2011-12-30T10:00:00Z");

    const zone kwajalein("Pacific/Kwajalein"); // a day was left out in August 1993
    EXPECT_EQ(instant_of(kwajalein, "1993-08-21T12:00:00", gap::skip), "none");
    EXPECT_EQ(instant_of(kwajalein, "1993-08-20T12:00:00"), "1993-08-21T00:00:00Z");
    EXPECT_EQ(instant_of(kwajalein, "1993-08-22T12:00:00"), "1993-08-22T00:00:00Z");

    EXPECT_EQ(wall(apia, utc("2011-12-30T10:00:00Z")), "2011-12-31T00:00:00");
}

TEST(zone, takes_the_first_of_two_days_when_the_date_line_moved_the_other_way) {
    const zone sitka("America/Sitka"); // of Russia until the afternoon of October 18 (19), 1867
    EXPECT_EQ(wall(sitka, utc("1867-10-18T12:00:00Z")), "1867-10-19T02:58:47");
    EXPECT_EQ(wall(sitka, utc("1867-10-19T12:00:00Z")), "1867-10-19T02:58:47");
    EXPECT_EQ(instant_of(sitka, "1867-10-19T02:58:47"), "1867-10-18T12:00:00Z");
}

TEST(zone, takes_irish_winter_time_for_dst_as_the_database_does) {
    const zone dublin("Europe/Dublin");
    EXPECT_EQ(dublin.at(utc("2015-07-01T00:00:00Z")).offset, 1h);
    EXPECT_EQ(dublin.at(utc("2015-07-01T00:00:00Z")).abbreviation, "IST");
    EXPECT_EQ(dublin.at(utc("2015-01-01T00:00:00Z")).offset, 0h);
    EXPECT_EQ(dublin.at(utc("2015-01-01T00:00:00Z")).abbreviation, "GMT");
    EXPECT_NE(dublin.at(utc("2015-01-01T00:00:00Z")).is_dst,
              dublin.at(utc("2015-07-01T00:00:00Z")).is_dst);
}

TEST(zone, knows_two_hours_of_dst_at_troll) {
    const zone troll("Antarctica/Troll");
    EXPECT_EQ(instant_of(troll, "2015-03-29T01:00:00"), "2015-03-29T01:00:00Z");
    EXPECT_EQ(instant_of(troll, "2015-03-29T02:59:59"), "2015-03-29T01:00:00Z");
    EXPECT_EQ(instant_of(troll, "2015-03-29T03:00:01"), "2015-03-29T01:00:01Z");
    EXPECT_EQ(instant_of(troll, "2015-10-25T02:30:00"), "2015-10-25T00:30:00Z");
}

TEST(zone, knows_changes_at_a_minute_past_midnight_in_newfoundland) {
    const zone st_johns("America/St_Johns"); // so it was until 2011
    EXPECT_EQ(instant_of(st_johns, "2010-03-14T00:00:59"), "2010-03-14T03:30:59Z");
    EXPECT_EQ(instant_of(st_johns, "2010-03-14T00:30:00"), "2010-03-14T03:31:00Z");
    EXPECT_EQ(instant_of(st_johns, "2010-03-14T00:30:00", gap::skip), "none");
    // Set back at 00:01: the last hour of the day before comes twice.
    EXPECT_EQ(instant_of(st_johns, "2010-11-06T23:30:00"), "2010-11-07T02:00:00Z");
    EXPECT_EQ(wall(st_johns, utc("2010-11-07T03:00:00Z")), "2010-11-06T23:30:00");
    EXPECT_EQ(instant_of(st_johns, "2010-11-07T00:00:30"), "2010-11-07T02:30:30Z");
}

TEST(zone, knows_that_casablanca_goes_back_for_ramadan) {
    const zone casablanca("Africa/Casablanca");
    EXPECT_EQ(casablanca.at(utc("2024-03-20T00:00:00Z")).offset, 0h);
    EXPECT_EQ(casablanca.at(utc("2024-03-20T00:00:00Z")).from, utc("2024-03-10T02:00:00Z"));
    EXPECT_EQ(casablanca.at(utc("2024-03-20T00:00:00Z")).until, utc("2024-04-14T02:00:00Z"));
    EXPECT_EQ(casablanca.at(utc("2024-07-01T00:00:00Z")).offset, 1h);
}

TEST(zone, keeps_odd_minutes_and_seconds) {
    EXPECT_EQ(zone("Asia/Kathmandu").at(utc("2015-01-01T00:00:00Z")).offset, 5h + 45min);
    const zone monrovia("Africa/Monrovia");
    EXPECT_EQ(monrovia.at(utc("1971-06-01T00:00:00Z")).offset, -(44min + 30s));
    EXPECT_EQ(instant_of(monrovia, "1972-01-07T00:00:00"), "1972-01-07T00:44:30Z");
    EXPECT_EQ(instant_of(monrovia, "1972-01-07T00:44:29"), "1972-01-07T00:44:30Z");
}

TEST(zone, has_local_mean_time_before_the_first_change) {
    const zone berlin("Europe/Berlin");
    const zone::stretch first = berlin.at(utc("1800-01-01T00:00:00Z"));
    EXPECT_EQ(first.from, wall_time::min());
    EXPECT_EQ(first.until, utc("1893-03-31T23:06:32Z"));
    EXPECT_EQ(first.offset, 53min + 28s);
    EXPECT_EQ(first.abbreviation, "LMT");
}

TEST(zone, goes_on_by_the_rule_of_its_file_for_ever) {
    const support::tz_directory directory;
    directory.write_zone("Its/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
    const zone berlin("Its/Berlin");
    EXPECT_EQ(berlin.at(utc("2200-07-01T00:00:00Z")).from, utc("2200-03-30T01:00:00Z"));
    EXPECT_EQ(berlin.at(utc("2200-07-01T00:00:00Z")).until, utc("2200-10-26T01:00:00Z"));
    EXPECT_EQ(berlin.at(wall_time::max()).until, wall_time::max());
    EXPECT_EQ(berlin.at(wall_time::max()).abbreviation, "CEST") << "of April 2262";
}

TEST(zone, saturates_at_the_ends_of_time) {
    const zone east("<+09>-9");
    EXPECT_EQ(east.to_local(wall_time::max()), local_time::max());
    EXPECT_EQ(east.to_instant(local_time::max()), wall_time::max() - 9h);
    EXPECT_EQ(east.to_instant(local_time::min()), wall_time::min());
    const zone west("<-10>10");
    EXPECT_EQ(west.to_local(wall_time::min()), local_time::min());
    EXPECT_EQ(west.to_instant(local_time::max()), wall_time::max());
}

TEST(zone, finds_the_way_back_from_every_local_time_of_a_year) {
    for (const char* name : {"Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "UTC"}) {
        const zone z(name);
        for (wall_time t = utc("2011-06-01T00:10:00Z"); t < utc("2012-06-01T00:00:00Z");
             t += 20min) {
            const wall_time back = z.to_instant(z.to_local(t)).value();
            ASSERT_LE(back, t);
            ASSERT_EQ(z.to_local(back), z.to_local(t)) << name << ' ' << format_instant(t);
        }
    }
}

TEST(zone, lists_its_names_in_order) {
    const std::vector<std::string> names = zone::names();
    EXPECT_GT(names.size(), 400u);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    const auto has = [&](const char* n) { return std::count(names.begin(), names.end(), n) == 1; };
    EXPECT_TRUE(has("Europe/Berlin"));
    EXPECT_TRUE(has("America/Argentina/Buenos_Aires"));
    EXPECT_TRUE(has("UTC"));
    for (const char* other : {"posixrules", "localtime", "Factory", "tzdata.zi", "zone.tab",
                              "leapseconds", "posix/Europe/Berlin", "right/Europe/Berlin"}) {
        EXPECT_FALSE(has(other)) << other;
    }
}

TEST(zone, takes_posix_strings_that_cannot_be_mistaken_for_names) {
    const zone z("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(z.name(), "CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(z.at(utc("2026-07-01T00:00:00Z")).from, utc("2026-03-29T01:00:00Z"));
    EXPECT_EQ(zone("<+03>-3").at(wall_time()).offset, 3h);
    EXPECT_THROW(zone("UTC+3"), unknown_zone) << "is west of Greenwich in POSIX: who means that?";
    EXPECT_THROW(zone("CET-1CEST,M3.5.0,M13.5.0/3"), unknown_zone);
}

TEST(zone, refuses_an_unknown_name_and_says_which_are_near) {
    const auto message = [](std::string_view name) -> std::string {
        try {
            zone z(name);
            return "accepted";
        } catch (const unknown_zone& e) {
            return e.what();
        }
    };
    EXPECT_EQ(message("europe/berlin"), "cicada: there is no time zone \"europe/berlin\"; did you "
                                        "mean \"Europe/Berlin\"?");
    EXPECT_EQ(message("Berlin"),
              "cicada: there is no time zone \"Berlin\"; did you mean \"Europe/Berlin\"?");
    EXPECT_EQ(message("Nowhere/At_All"), "cicada: there is no time zone \"Nowhere/At_All\"");
}

TEST(tz_version, names_a_release) {
    const std::string version = tz_version();
    ASSERT_GE(version.size(), 5u);
    EXPECT_TRUE(version == "unknown" || version.starts_with("20")) << version;
}
