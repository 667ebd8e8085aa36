#include "sentence.hpp"

#include <gtest/gtest.h>

using namespace cicada;

namespace {

struct sentence_case {
    const char* pattern;
    const char* sentence;
};

std::string said(const char* pattern, dialect language = dialect::ocps) {
    return app::sentence(cron(pattern, zone(), {.dialect = language}));
}

} // namespace

TEST(sentence, names_times_of_a_day) {
    for (const auto& [pattern, expected] : {
             sentence_case{"0 7 * * *", "At 07:00 every day, in UTC."},
             {"0,30 9,17 * * *", "At 09:00, 09:30, 17:00 and 17:30 every day, in UTC."},
             {"15 30 2 * * *", "At 02:30:15 every day, in UTC."},
             {"5-5 7 * * *", "At 07:05 every day, in UTC."},
             {"1,2,5 1,2,5 * * *", "At the minutes 1, 2 and 5 of the hours 1, 2 and 5, in UTC."},
             {"@daily", "At 00:00 every day, in UTC."},
         }) {
        EXPECT_EQ(said(pattern), expected) << pattern;
    }
}

TEST(sentence, says_how_often_a_repeating_pattern_comes) {
    for (const auto& [pattern, expected] : {
             sentence_case{"* * * * *", "Every minute, in UTC."},
             {"*/15 * * * *", "Every 15 minutes, in UTC."},
             {"*/15 9-17 * * *", "Every 15 minutes from 09:00 to 17:45, in UTC."},
             {"*/7 * * * *", "Every 7 minutes from minute 0 to 56 of every hour, in UTC."},
             {"0-20 9 * * *", "Every minute from 09:00 to 09:20, in UTC."},
             {"* 7 * * *", "Every minute from 07:00 to 07:59, in UTC."},
             {"* 7,9 * * *", "Every minute in the hours 7 and 9, in UTC."},
             {"* */2 * * *", "Every minute in every 2nd hour, in UTC."},
             {"0 * * * *", "Every hour, in UTC."},
             {"5 * * * *", "At minute 5 of every hour, in UTC."},
             {"0 */2 * * *", "Every 2 hours, in UTC."},
             {"30 */2 * * *", "Every 2 hours from 00:30 to 22:30, in UTC."},
             {"0 9-17 * * *", "Every hour from 09:00 to 17:00, in UTC."},
             {"0 9-17/2 * * *", "Every 2 hours from 09:00 to 17:00, in UTC."},
             {"0 9-12,15 * * *", "At minute 0 of the hours 9, 10, 11, 12 and 15, in UTC."},
         }) {
        EXPECT_EQ(said(pattern), expected) << pattern;
    }
}

TEST(sentence, says_which_seconds) {
    for (const auto& [pattern, expected] : {
             sentence_case{"* * * * * *", "Every second, in UTC."},
             {"*/10 * * * * *", "Every 10 seconds, in UTC."},
             {"*/10 * 9-10 * * *", "Every 10 seconds from 09:00:00 to 10:59:50, in UTC."},
             {"30 * * * * *", "At second 30 of every minute, in UTC."},
             {"10,20 */5 * * * *", "At the seconds 10 and 20 of every 5th minute, in UTC."},
             {"* 0 7 * * *", "Every second of the minute 07:00, in UTC."},
             {"*/5 */5 7 * * *",
              "Every 5 seconds of every 5th minute from 07:00 to 07:55, in UTC."},
             {"*/5 1 * * * *", "Every 5 seconds of minute 1 of every hour, in UTC."},
         }) {
        EXPECT_EQ(said(pattern), expected) << pattern;
    }
}

TEST(sentence, says_on_which_days) {
    for (const auto& [pattern, expected] : {
             sentence_case{"0 7 * * MON-FRI", "At 07:00 from Monday to Friday, in UTC."},
             {"0 7 * * SAT,SUN", "At 07:00 on Saturdays and Sundays, in UTC."},
             {"0 7 * * 5-7", "At 07:00 from Friday to Sunday, in UTC."},
             {"0 7 * * TUE#3", "At 07:00 on the third Tuesday of every month, in UTC."},
             {"0 7 * * FRI#L,MON",
              "At 07:00 on Mondays and the last Friday of every month, in UTC."},
             {"0 7 1 * *", "At 07:00 on the 1st of every month, in UTC."},
             {"0 7 1,22 * *", "At 07:00 on the 1st and the 22nd of every month, in UTC."},
             {"0 7 1-7 * *", "At 07:00 from the 1st to the 7th of every month, in UTC."},
             {"0 7 */2 * *",
              "At 07:00 on every 2nd day from the 1st to the 31st of every month, in UTC."},
             {"0 7 L * *", "At 07:00 on the last day of every month, in UTC."},
             {"0 7 15W * *", "At 07:00 on the weekday nearest to the 15th of every month, in UTC."},
             {"0 7 13 * 5", "At 07:00 on the 13th of every month or on Fridays, in UTC."},
             {"0 7 13 * +5", "At 07:00 on the 13th of every month, but only on Fridays, in UTC."},
         }) {
        EXPECT_EQ(said(pattern), expected) << pattern;
    }
}

TEST(sentence, says_in_which_months_and_years) {
    for (const auto& [pattern, expected] : {
             sentence_case{"0 0 1 1 *", "At 00:00 on the 1st of January, in UTC."},
             {"0 0 1 3,6 *", "At 00:00 on the 1st of March and June, in UTC."},
             {"0 0 1 6-8 *", "At 00:00 on the 1st of every month from June to August, in UTC."},
             {"0 0 * 6 *", "At 00:00 every day in June, in UTC."},
             {"0 0 * 6-8 *", "At 00:00 every day in the months from June to August, in UTC."},
             {"0 0 * 6 MON", "At 00:00 on Mondays in June, in UTC."},
             {"0 0 13 6 5", "At 00:00 on the 13th of June or on Fridays in June, in UTC."},
             {"0 0 0 * * * 2027", "At 00:00 every day in 2027, in UTC."},
             {"0 0 0 1 1 * 2026-2030", "At 00:00 on the 1st of January from 2026 to 2030, in UTC."},
             {"0 0 0 1 1 * 2000-2020/10",
              "At 00:00 on the 1st of January in every 10th year from 2000 to 2020, in UTC."},
         }) {
        EXPECT_EQ(said(pattern), expected) << pattern;
    }
}

TEST(sentence, speaks_of_what_only_quartz_can_say) {
    EXPECT_EQ(said("0 0 12 LW * ?", dialect::quartz),
              "At 12:00 on the last weekday (Monday to Friday) of every month, in UTC.");
    EXPECT_EQ(said("0 0 12 L-3 * ?", dialect::quartz),
              "At 12:00 on the 3rd day before the last of every month, in UTC.");
}

TEST(sentence, names_the_zone_and_the_event) {
    EXPECT_EQ(app::sentence(cron("0 7 * * *", "Europe/Berlin")),
              "At 07:00 every day, in Europe/Berlin.");
    EXPECT_EQ(said("@reboot"), "When the system starts: an event, which no clock can tell.");
}
