#include <cicada/base/rfc3339.hpp>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;
using namespace std::chrono;

namespace {
constexpr wall_time new_year{sys_days{2026y / January / 1}};
}

TEST(parse_instant, reads_utc_and_offsets) {
    EXPECT_EQ(parse_instant("2026-01-01T00:00:00Z"), new_year);
    EXPECT_EQ(parse_instant("2026-01-01t00:00:00z"), new_year);
    EXPECT_EQ(parse_instant("2026-01-01 00:00:00Z"), new_year);
    EXPECT_EQ(parse_instant("2026-01-01T01:30:00+01:30"), new_year);
    EXPECT_EQ(parse_instant("2025-12-31T19:00:00-05:00"), new_year);
    EXPECT_EQ(parse_instant("2024-02-29T00:00:00Z"), wall_time(sys_days{2024y / February / 29}));
}

TEST(parse_instant, reads_up_to_nine_digits_of_a_second) {
    EXPECT_EQ(parse_instant("2026-01-01T00:00:00.5Z"), new_year + 500ms);
    EXPECT_EQ(parse_instant("2026-01-01T00:00:00.123456789Z"), new_year + 123456789ns);
}

TEST(parse_instant, takes_a_leap_second_for_the_first_instant_after_it) {
    EXPECT_EQ(parse_instant("2016-12-31T23:59:60Z"), wall_time(sys_days{2017y / January / 1}));
}

TEST(parse_instant, refuses_what_is_no_instant_and_says_where) {
    for (const char* text :
         {"", "2026", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00",
          "26-01-01T00:00:00Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.Z",
          "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00", "+2026-01-01T00:00:00Z",
          "2026-01-00T00:00:00Z"}) {
        try {
            parse_instant(text);
            ADD_FAILURE() << "accepted: " << text;
        } catch (const parse_error& e) {
            EXPECT_LE(e.offset(), std::string_view(text).size()) << text;
            EXPECT_FALSE(e.expected().empty()) << text;
        }
    }
}

TEST(parse_instant, refuses_instants_that_a_wall_time_cannot_hold) {
    EXPECT_THROW(parse_instant("1600-01-01T00:00:00Z"), parse_error);
    EXPECT_THROW(parse_instant("2300-01-01T00:00:00Z"), parse_error);
    EXPECT_NO_THROW(parse_instant("1678-01-01T00:00:00Z"));
    EXPECT_NO_THROW(parse_instant("2262-01-01T00:00:00Z"));
}

TEST(format_instant, writes_as_many_digits_as_it_needs) {
    EXPECT_EQ(format_instant(new_year), "2026-01-01T00:00:00Z");
    EXPECT_EQ(format_instant(new_year + 500ms), "2026-01-01T00:00:00.5Z");
    EXPECT_EQ(format_instant(new_year + 1ns), "2026-01-01T00:00:00.000000001Z");
    EXPECT_EQ(format_instant(wall_time(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(format_instant, is_read_back_as_the_same_instant) {
    for (std::int64_t ns :
         {0LL, 1LL, -1LL, 1'234'567'890'123'456'789LL, -9'000'000'000'000'000'000LL}) {
        const wall_time t{cicada::duration(ns)};
        EXPECT_EQ(parse_instant(format_instant(t)), t) << format_instant(t);
    }
    EXPECT_EQ(parse_instant(format_instant(wall_time::max() - 1s)), wall_time::max() - 1s);
    EXPECT_EQ(parse_instant(format_instant(wall_time::min() + 2s)), wall_time::min() + 2s);
}
