#include "instants.hpp"

#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

using namespace cicada;
using namespace cicada::app;
using namespace std::chrono_literals;

TEST(format_instant_in, has_the_offset_of_the_zone) {
    const wall_time t = parse_instant("2015-03-30T05:00:00Z");
    EXPECT_EQ(format_instant_in(zone("Europe/Berlin"), t), "2015-03-30T07:00:00+02:00");
    EXPECT_EQ(format_instant_in(zone("America/St_Johns"), t), "2015-03-30T02:30:00-02:30");
    EXPECT_EQ(format_instant_in(zone(), t), "2015-03-30T05:00:00Z");
    EXPECT_EQ(format_instant_in(zone("Europe/Berlin"), t + 250ms), "2015-03-30T07:00:00.25+02:00");
}

TEST(format_instant_in, falls_back_to_utc_where_an_offset_has_seconds) {
    EXPECT_EQ(format_instant_in(zone("Africa/Monrovia"), parse_instant("1971-01-01T00:00:00Z")),
              "1971-01-01T00:00:00Z");
}

TEST(format_span, has_two_units) {
    EXPECT_EQ(format_span(6h + 12min + 3s), "6 h 12 min");
    EXPECT_EQ(format_span(3 * 24h), "3 d");
    EXPECT_EQ(format_span(90s), "1 min 30 s");
    EXPECT_EQ(format_span(12s + 3ms), "12 s");
    EXPECT_EQ(format_span(5ms), "5 ms");
    EXPECT_EQ(format_span(0s), "0 s");
    EXPECT_EQ(format_span(4 * 365 * 24h), "about 4 years");
}

TEST(read_instant, takes_rfc3339_local_times_dates_and_now) {
    const zone berlin("Europe/Berlin");
    const wall_time now = parse_instant("2015-01-01T00:00:00Z");
    const auto read = [&](const char* text) { return read_instant(text, berlin, now); };
    EXPECT_EQ(read("now"), now);
    EXPECT_EQ(read("2015-06-01T00:00:00Z"), parse_instant("2015-06-01T00:00:00Z"));
    EXPECT_EQ(read("2015-06-01T00:00:00-02:30"), parse_instant("2015-06-01T02:30:00Z"));
    EXPECT_EQ(read("2015-06-01T00:00"), parse_instant("2015-05-31T22:00:00Z"));
    EXPECT_EQ(read("2015-06-01 00:00:30.5"), parse_instant("2015-05-31T22:00:30.5Z"));
    EXPECT_EQ(read("2015-06-01"), parse_instant("2015-05-31T22:00:00Z"));
    for (const char* wrong : {"", "then", "2015", "2015-02-30", "2015-06-01T", "2015-06-01T25:00",
                              "2015-06-01T00:00Z", "2015-06-01Z"}) {
        EXPECT_THROW(read(wrong), parse_error) << wrong;
    }
}
