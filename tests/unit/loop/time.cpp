#include <cicada/base/rfc3339.hpp>
#include <cicada/base/time.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <ratio>
#include <type_traits>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::elapsed_time;
using cicada::format_instant;
using cicada::parse_instant;
using cicada::to_duration;
using cicada::wall_time;

namespace {

static_assert(!std::is_convertible_v<elapsed_time, wall_time> &&
              !std::is_convertible_v<wall_time, elapsed_time>);
static_assert(std::is_same_v<decltype(cicada::wall_time{} - cicada::wall_time{}), duration>);

TEST(between, subtracts_and_saturates_at_both_ends) {
    using cicada::between;
    EXPECT_EQ(between(wall_time(5s), wall_time(7s)), 2s);
    EXPECT_EQ(between(wall_time(7s), wall_time(5s)), -2s);
    EXPECT_EQ(between(wall_time(7s), wall_time::min()), duration::min());
    EXPECT_EQ(between(wall_time(-7s), wall_time::max()), duration::max());
}

TEST(parse_instant, takes_a_leap_second_as_the_first_instant_after_it) {
    EXPECT_EQ(parse_instant("2016-12-31T23:59:60Z"), parse_instant("2017-01-01T00:00:00Z"));
    EXPECT_EQ(parse_instant("2017-01-01T00:59:60+01:00"), parse_instant("2017-01-01T00:00:00Z"));
}

TEST(parse_instant, says_where_it_gave_up_and_what_it_expected) {
    struct wrong {
        const char* text;
        std::size_t offset;
        const char* expected;
    };
    for (const wrong& w :
         {wrong{"", 0, "a year of 4 digits"}, wrong{"26-01-01T00:00:00Z", 2, "a year of 4 digits"},
          wrong{"2026/01-01T00:00:00Z", 4, "a '-' after the year"},
          wrong{"2026-13-01T00:00:00Z", 5, "a month from 1 to 12"},
          wrong{"2026-01-00T00:00:00Z", 8, "a day from 1 to 31"},
          wrong{"2026-02-29T00:00:00Z", 8, "a day of that month"},
          wrong{"2026-01-01", 10, "a 'T' between date and time"},
          wrong{"2026-01-01T24:00:00Z", 11, "an hour from 0 to 23"},
          wrong{"2026-01-01T00:60:00Z", 14, "a minute from 0 to 59"},
          wrong{"2026-01-01T00:00:61Z", 17, "a second from 0 to 60"},
          wrong{"2026-01-01T00:00:00.Z", 20, "a digit of a fraction of a second"},
          wrong{"2026-01-01T00:00:00", 19, "'Z' or an offset such as +01:00"},
          wrong{"2026-01-01T00:00:00X", 19, "'Z' or an offset such as +01:00"},
          wrong{"2026-01-01T00:00:00+0100", 22, "a ':' in the offset"},
          wrong{"2026-01-01T00:00:00+24:00", 20, "the hours of an offset from 0 to 23"},
          wrong{"2026-01-01T00:00:00Z ", 20, "the end"},
          wrong{"1500-01-01T00:00:00Z", 0, "an instant between 1677-09-21 and 2262-04-11"},
          wrong{"2263-01-01T00:00:00Z", 0, "an instant between 1677-09-21 and 2262-04-11"}}) {
        SCOPED_TRACE(w.text);
        try {
            parse_instant(w.text);
            ADD_FAILURE() << "was accepted";
        } catch (const cicada::parse_error& e) {
            EXPECT_EQ(e.offset(), w.offset);
            EXPECT_EQ(e.expected(), w.expected);
            EXPECT_NE(std::string(e.what()).find("column " + std::to_string(w.offset + 1)),
                      std::string::npos);
        }
    }
}

TEST(parse_instant, has_a_remedy_for_a_missing_offset) {
    try {
        parse_instant("2026-01-01T00:00:00");
        ADD_FAILURE();
    } catch (const cicada::parse_error& e) {
        EXPECT_EQ(e.hint(), "append Z if the instant is in UTC");
        EXPECT_STREQ(
            e.what(),
            "\"2026-01-01T00:00:00\", column 20: expected 'Z' or an offset such as +01:00; "
            "append Z if the instant is in UTC");
    }
}

TEST(format_instant, writes_the_first_and_the_last_instant) {
    EXPECT_EQ(format_instant(wall_time::min()), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(format_instant(wall_time::max()), "2262-04-11T23:47:16.854775807Z");
}

} // namespace
