#include "problem.hpp"

#include <gtest/gtest.h>

#include <cicada/schedule/cron.hpp>

using namespace cicada;
using namespace cicada::app;

TEST(problem, shows_the_place_in_an_argument) {
    EXPECT_EQ(format({.where = "PATTERN",
                      .what = "expected an hour",
                      .help = "so",
                      .shown = excerpt{"30 25 * * *", 3, 2}},
                     false),
              "cicada: error: PATTERN, column 4: expected an hour\n"
              " | 30 25 * * *\n"
              " |    ^~\n"
              " = help: so\n");
}

TEST(problem, shows_the_place_in_a_file) {
    EXPECT_EQ(format({.where = "a.toml",
                      .what = "wrong",
                      .help = "so",
                      .shown = excerpt{"x = 5", 4, 1},
                      .line_number = 14},
                     false),
              "a.toml:14:5: error: wrong\n"
              " 14 | x = 5\n"
              "    |     ^\n"
              "    = help: so\n");
}

TEST(problem, keeps_the_caret_in_its_column_after_wide_and_combining_characters) {
    EXPECT_EQ(format({.where = "P", .what = "w", .shown = excerpt{"日e\u0301\tx", 7, 1}}, false),
              "cicada: error: P, column 5: w\n"
              " | 日e\u0301 x\n"
              " |     ^\n");
}

TEST(problem, points_behind_the_end_and_at_nothing) {
    EXPECT_EQ(format({.where = "P", .what = "w", .shown = excerpt{"ab", 2, 1}}, false),
              "cicada: error: P, column 3: w\n | ab\n |   ^\n");
    EXPECT_EQ(format({.where = "P", .what = "w", .shown = excerpt{"", 0, 1}}, false),
              "cicada: error: P, column 1: w\n | \n | ^\n");
    EXPECT_EQ(format({.where = "", .what = "w"}, false), "cicada: error: w\n");
}

TEST(problem, asks_for_a_zone_that_may_be_meant) {
    const problem p = problem_of(unknown_zone("A", "there is no A", {"B", "C/D"}), "--tz", "A");
    EXPECT_EQ(p.what, "there is no A");
    EXPECT_EQ(p.help, "did you mean \"B\" or \"C/D\"?");
    EXPECT_EQ(problem_of(unknown_zone("A", "there is no A"), "--tz", "A").help, "");
}

TEST(problem, speaks_of_options_instead_of_the_library) {
    try {
        cron("H 7 * * *");
        FAIL();
    } catch (const parse_error& e) {
        EXPECT_EQ(problem_of(e, "PATTERN", "H 7 * * *").help, "give one with --name");
    }
    try {
        cron("0 0 12 LW * ?");
        FAIL();
    } catch (const parse_error& e) {
        EXPECT_EQ(problem_of(e, "PATTERN", "").help,
                  "only Quartz has LW and L-3: then say --dialect quartz");
    }
    try {
        cron("@every 5m");
        FAIL();
    } catch (const parse_error& e) {
        EXPECT_EQ(problem_of(e, "PATTERN", "").help,
                  "a period is no pattern; a file for simulate has every = \"5m\"");
    }
}
