#include "schedule_file.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

#include "problem.hpp"

using namespace cicada;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

/// A file that is there for the length of a test.
class file_of {
public:
    explicit file_of(const std::string& text)
        : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml") {
        std::ofstream(path_) << text;
    }
    ~file_of() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

app::schedule_file read(const std::string& text) { return app::read_schedule_file(file_of(text).path()); }

/// "line:column what; help" of each.
std::vector<std::string> errors(const std::string& text) {
    std::vector<std::string> all;
    try {
        read(text);
    } catch (const app::bad_input& e) {
        for (const app::problem& p : e.problems()) {
            std::string one = std::to_string(p.line_number) + ':' + std::to_string(p.shown->offset + 1) + ' ' + p.what;
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
when = 'every_days(2, "2026-01-01T04:00:00")'
[[outage]]
from = 2026-03-29T00:30:00Z
until = "2026-03-29T05:00"
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
    EXPECT_EQ(file.schedules[2].when.as_calendar()->text(), "every_days(2, \"2026-01-01T04:00:00\")");
    ASSERT_EQ(file.outages.size(), 1u);
    EXPECT_EQ(file.outages[0].until, parse_instant("2026-03-29T03:00:00Z"));
}

TEST(schedule_file, gives_all_mistakes_with_their_places) {
    EXPECT_THAT(errors("timezone = \"Europe/Berln\"\n"
                       "[schedule.backup]\n"
                       "cron = \"30 25 * * *\"\n"
                       "timout = \"2h\"\n"
                       "overlap = \"skp\"\n"
                       "takes = 20\n"),
                ElementsAre("1:12 there is no time zone \"Europe/Berln\"; did you mean \"Europe/Berlin\" or \"Europe/Dublin\" or \"Europe/Jersey\"?",
                            "3:12 expected an hour from 0 to 23",
                            "4:1 unknown key \"timout\" in [schedule.backup]; the keys are cron, every, fixed_delay, when, timezone, gap, "
                            "dialect, missed, catch_up, catch_up_window, start_deadline, overlap, jitter and takes",
                            "5:11 expected \"skip\" or \"buffer_one\" or \"buffer_latest\" or \"cancel_other\" or { buffer_all = N } or { allow = N } for \"overlap\"; did you mean \"skip\"?",
                            "6:9 expected a duration for \"takes\"; say of what: \"15m\", \"30s\", \"1h30m\""));
}
