#include "schedule_file.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

#include "display.hpp"
#include "problem.hpp"

using namespace cicada;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

/// A file that is there for the length of a test.
class file_of {
public:
    explicit file_of(const std::string& text)
        : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() +
                ".toml") {
        std::ofstream(path_) << text;
    }
    ~file_of() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

app::schedule_file read(const std::string& text) {
    return app::read_schedule_file(file_of(text).path());
}

/// "line:column what; help" of each.
std::vector<std::string> errors(const std::string& text) {
    std::vector<std::string> all;
    try {
        read(text);
    } catch (const app::bad_input& e) {
        for (const app::problem& p : e.problems()) {
            std::string one =
                std::to_string(p.line_number) + ':' +
                std::to_string(app::character_at(p.shown->line, p.shown->offset) + 1) + ' ' +
                p.what;
            if (!p.help.empty()) one += "; " + p.help;
            all.push_back(one);
        }
    }
    return all;
}

} // namespace

TEST(schedule_file, reads_every_key) {
    const app::schedule_file file = read(R"(
timezone = "Europe/Berlin"
[schedule.b]
cron = "30 2 * * *"
timezone = "America/New_York"
gap = "skip"
catch_up = { all = 10 }
catch_up_window = "1d"
start_deadline = "10m"
overlap = { allow = 2 }
jitter = "5m"
takes = "2h"
[schedule.a]
every = "15m"
missed = "burst"
overlap = "buffer_latest"
[schedule.c]
when = 'every_days(2, "2015-01-01T04:00:00")'
[[outage]]
from = 2015-03-29T00:30:00Z
until = "2015-03-29T05:00"
)");
    ASSERT_EQ(file.schedules.size(), 3u);
    const planned_schedule& b = file.schedules[0];
    EXPECT_EQ(b.name, "b"); // in the order of the file
    EXPECT_EQ(file.patterns[0], cron("30 2 * * *", "America/New_York", {.gap = gap::skip}));
    EXPECT_EQ(b.catch_up, catch_up(catch_up::all{10}));
    EXPECT_EQ(b.catch_up_window, 24h);
    EXPECT_EQ(b.start_deadline, 10min);
    EXPECT_EQ(b.overlap, overlap(overlap::allow{2}));
    EXPECT_EQ(b.jitter, 5min);
    EXPECT_EQ(b.takes, 2h);
    EXPECT_EQ(file.schedules[1].when.as_interval(), interval(15min));
    EXPECT_EQ(file.schedules[1].missed, missed::burst);
    EXPECT_EQ(file.schedules[1].overlap, overlap::buffer_latest);
    EXPECT_EQ(file.schedules[2].when.as_calendar().text(),
              "every_days(2, \"2015-01-01T04:00:00\")");
    ASSERT_EQ(file.outages.size(), 1u);
    EXPECT_EQ(file.outages[0].until, parse_instant("2015-03-29T03:00:00Z"));
}

TEST(schedule_file, gives_all_mistakes_with_their_places) {
    EXPECT_THAT(
        errors("timezone = \"Europe/Berln\"\n"
               "[schedule.backup]\n"
               "cron = \"30 25 * * *\"\n"
               "jiter = \"2m\"\n"
               "overlap = \"skp\"\n"
               "takes = 20\n"),
        ElementsAre(
            "1:12 there is no time zone \"Europe/Berln\"; did you mean \"Europe/Berlin\" or "
            "\"Europe/Dublin\" or \"Europe/Jersey\"?",
            "3:12 expected an hour from 0 to 23",
            "4:1 unknown key \"jiter\" in [schedule.backup]; did you mean \"jitter\"?",
            "5:11 expected \"skip\", \"buffer_one\", \"buffer_latest\", \"cancel_other\", { "
            "buffer_all = N } or "
            "{ allow = N } for \"overlap\"; did you mean \"skip\"?",
            "6:9 expected a duration for \"takes\"; say of what: \"15m\", \"30s\", \"1h30m\""));
}

TEST(schedule_file, points_into_texts_also_after_other_alphabets) {
    EXPECT_THAT(errors("[schedule]\n\"größe\" = { cron = '0 7 * * XYZ' } # ü\n"),
                ElementsAre("2:29 expected a day of the week from 0 to 7 or SUN to SAT"));
    EXPECT_THAT(errors("[schedule.a]\nwhen = 'ever_days(1)'\n"),
                ElementsAre(testing::StartsWith("2:9 expected ")));
    // Escapes: the value as a whole.
    EXPECT_THAT(errors("[schedule.a]\ncron = \"0 7 *\\u0020* XYZ\"\n"),
                ElementsAre("2:8 expected a day of the week from 0 to 7 or SUN to SAT"));
}

TEST(schedule_file, names_the_place_of_what_is_no_toml) {
    EXPECT_THAT(errors("[schedule.a]\ncron = \n"), ElementsAre(testing::StartsWith("2:")));
    EXPECT_THAT(errors("[schedule.a]\r\ncron = \"unfinished\r\n"),
                ElementsAre(testing::StartsWith("2:")));
}

TEST(schedule_file, wants_schedules_and_one_way_to_say_when) {
    EXPECT_THAT(
        errors(""),
        ElementsAre("1:1 there are no schedules; give each one a table: [schedule.backup]"));
    EXPECT_THAT(errors("schedule = 5"),
                ElementsAre(testing::StartsWith("1:12 there are no schedules")));
    EXPECT_THAT(errors("[schedule]\na = 5"), ElementsAre("2:1 expected a table: [schedule.a]"));
    EXPECT_THAT(
        errors("[schedule.a]\n"),
        ElementsAre(
            "1:1 nothing says when \"a\" runs; give one of cron, every, fixed_delay and when"));
    EXPECT_THAT(errors("[schedule.a]\ncron = \"* * * * *\"\nevery = \"5m\"\n"),
                ElementsAre(testing::StartsWith("1:1 more than one key says when \"a\" runs")));
}

TEST(schedule_file, refuses_patterns_that_never_come) {
    EXPECT_THAT(errors("[schedule.a]\ncron = \"0 0 30 2 *\"\n"),
                ElementsAre("2:1 this pattern never comes"));
    EXPECT_THAT(errors("[schedule.a]\ncron = \"@reboot\"\n"),
                ElementsAre("2:1 @reboot is an event: it has no instants"));
}

TEST(schedule_file, refuses_keys_that_would_have_no_effect) {
    EXPECT_THAT(
        errors("[schedule.a]\ncron = \"* * * * *\"\nmissed = \"skip\"\n"),
        ElementsAre("3:1 \"missed\" is for every and fixed_delay; here it is \"catch_up\""));
    EXPECT_THAT(errors("[schedule.a]\nevery = \"5m\"\ncatch_up = \"last\"\ngap = \"run\"\n"),
                ElementsAre("3:1 \"catch_up\" is for calendars; here it is \"missed\"",
                            "4:1 \"gap\" is for cron"));
}

TEST(schedule_file, refuses_durations_and_numbers_that_are_none) {
    EXPECT_THAT(errors("[schedule.a]\nevery = \"5m\"\njitter = \"2m\"\nstart_deadline = \"1m\"\n"),
                ElementsAre("4:1 it is shorter than \"jitter\", which would delay runs beyond it"));
    EXPECT_THAT(errors("[schedule.a]\nevery = \"15x\"\n"),
                ElementsAre(testing::StartsWith("2:12 expected ")));
    EXPECT_THAT(errors("[schedule.a]\nevery = \"0s\"\n"),
                ElementsAre("2:9 a period must be greater than zero"));
    EXPECT_THAT(errors("[schedule.a]\nfixed_delay = \"PT0.0001S\"\n"), // a week would take hours
                ElementsAre("2:15 a file's schedules are at least 1 ms apart"));
    EXPECT_THAT(errors("[schedule.a]\nevery = \"5m\"\noverlap = { allow = 0 }\n"),
                ElementsAre("3:21 expected a number from 1 to 4294967295 for \"allow\""));
    EXPECT_THAT(errors("[schedule.a]\nevery = \"5m\"\noverlap = \"allow\"\n"),
                ElementsAre(testing::EndsWith("; write { allow = 3 }")));
    EXPECT_THAT(errors("[schedule.a]\nevery = true\n"),
                ElementsAre("2:9 expected a text in quotes for \"every\""));
}

TEST(schedule_file, refuses_outages_out_of_order) {
    const std::string schedule = "[schedule.a]\nevery = \"5m\"\n";
    EXPECT_THAT(errors(schedule + "[[outage]]\nfrom = 2026-01-02\nuntil = 2026-01-01\n"),
                ElementsAre("5:1 the outage ends before it begins"));
    EXPECT_THAT(errors(schedule + "[[outage]]\nfrom = 2026-01-02\n"),
                ElementsAre("3:1 an outage needs \"from\" and \"until\""));
    EXPECT_THAT(errors(schedule +
                       "[[outage]]\nfrom = 2026-01-02\nuntil = 2026-01-03\n[[outage]]\nfrom = "
                       "2026-01-03\nuntil = 2026-01-04\n"),
                ElementsAre("7:1 outages are given in order, and apart from each other"));
    EXPECT_THAT(errors(schedule + "outage = 5\n"), ElementsAre(testing::StartsWith("3:")));
}

TEST(schedule_file, tells_no_more_than_fifty_mistakes) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "[schedule.s" + std::to_string(i) + "]\n";
    try {
        read(text);
        FAIL();
    } catch (const app::bad_input& e) {
        ASSERT_EQ(e.problems().size(), 51u);
        EXPECT_EQ(e.problems().back().what, "10 further errors");
    }
}
