#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

#include "heat_strip.hpp"
#include "spread.hpp"
#include "week.hpp"

using namespace cicada;
using namespace cicada::app;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

schedule_file file_with(std::vector<std::pair<std::string, recurrence>> all) {
    schedule_file file;
    for (auto& [name, when] : all) {
        file.schedules.push_back({.name = name, .when = when});
        file.patterns.emplace_back();
    }
    return file;
}

schedule_file file_with_pattern(const cron& pattern) {
    schedule_file file = file_with({{"a", pattern}});
    file.patterns[0] = pattern;
    return file;
}

std::string spread_text(const cron& pattern) {
    return spread(file_with_pattern(pattern)).front().when.as_calendar().text();
}

} // namespace

TEST(week, counts_the_starts_of_each_minute) {
    const auto file = file_with({{"daily", cron("30 2 * * *", "Europe/Berlin")},
                                 {"weekly", cron("30 2 * * TUE", "Europe/Berlin")},
                                 {"half", interval(12h)}});
    const week w(file.schedules, zone("Europe/Berlin"), parse_instant("2026-06-04T12:00:00Z"));
    EXPECT_EQ(w.begins_at(), local_time(std::chrono::local_days(std::chrono::year(2026) / 6 / 1)));
    EXPECT_EQ(w.runs(), 7u + 1u + 14u);
    EXPECT_EQ(w.most(), 2u);
    EXPECT_EQ(w.day(1)[2 * 60 + 30], 2u);
    EXPECT_EQ(w.day(2)[2 * 60 + 30], 1u);
    EXPECT_EQ(w.busiest_day()[2 * 60 + 30], 2u);
    EXPECT_EQ(w.busiest_day()[12 * 60], 1u);
    EXPECT_THAT(w.names_at(minutes_a_day + 2 * 60 + 30), ElementsAre("daily", "weekly"));
}

TEST(week, a_week_with_a_clock_change_has_all_its_minutes) {
    const auto file = file_with({{"a", cron("*/10 * * * *", "Europe/Berlin")}});
    const week spring(file.schedules, zone("Europe/Berlin"), parse_instant("2015-03-29T12:00:00Z"));
    EXPECT_EQ(spring.runs(), 6u * (7 * 24 - 1));
    const week autumn(file.schedules, zone("Europe/Berlin"), parse_instant("2015-10-25T12:00:00Z"));
    EXPECT_EQ(autumn.runs(), 6u * (7 * 24 + 1));
    EXPECT_EQ(autumn.day(6)[2 * 60 + 10], 2u); // it comes twice
}

TEST(spread, puts_H_in_the_place_of_a_minute) {
    EXPECT_EQ(spread_text(cron("0 7 * * *")), cron("H 7 * * *", zone(), {.name = "a"}).text());
    EXPECT_EQ(spread_text(cron("*/15 * * * *")),
              cron("H/15 * * * *", zone(), {.name = "a"}).text());
    EXPECT_EQ(spread_text(cron("*/30 * * * *")),
              cron("H/30 * * * *", zone(), {.name = "a"}).text());
    EXPECT_EQ(spread_text(cron("30 0 7 * * *")),
              cron("30 H 7 * * *", zone(), {.name = "a"}).text());
}

TEST(spread, leaves_what_H_cannot_say) {
    for (const char* pattern : {"* * * * *", "0,20 7 * * *", "10-20 7 * * *"}) {
        EXPECT_EQ(spread_text(cron(pattern)), cron(pattern).text());
    }
    const cron quartz("0 0 12 LW * ?", zone(), {.dialect = dialect::quartz});
    EXPECT_EQ(spread_text(quartz), quartz.text());
}

TEST(spread, gives_intervals_jitter) {
    EXPECT_EQ(spread(file_with({{"a", interval(5min)}})).front().jitter, 5min);
}

TEST(heat_strip, has_a_step_for_each_run_while_there_are_few) {
    const std::uint32_t values[] = {0, 1, 2, 8};
    EXPECT_EQ(heat_strip(values, 4, 8, {.is_utf8 = true}), " ▁▂█");
    EXPECT_EQ(heat_strip(values, 4, 8, {}), " .:@");
    EXPECT_EQ(heat_strip(values, 4, 2, {}), " .:@"); // the scale never has less than 8 steps
}

TEST(heat_strip, scales_many_runs_and_shows_the_most_of_each_cell) {
    const std::uint32_t values[] = {0, 1, 40, 0, 80, 0};
    EXPECT_EQ(heat_strip(values, 3, 80, {}), ".=@");
}

TEST(heat_strip, is_coloured_on_a_terminal) {
    const std::uint32_t values[] = {0, 8, 8};
    EXPECT_EQ(heat_strip(values, 3, 8, {.has_colours = true}), " \033[38;5;196m@@\033[0m");
}
