#include <cicada/schedule/duration_text.hpp>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::weeks;

namespace {

struct refusal {
    const char* text;
    std::size_t offset;
    const char* expected;
    const char* hint = "";
};

void expect_refused(const refusal& r) {
    try {
        parse_duration(r.text);
        ADD_FAILURE() << "accepted: " << r.text;
    } catch (const parse_error& e) {
        EXPECT_EQ(e.offset(), r.offset) << e.what();
        EXPECT_NE(e.expected().find(r.expected), std::string::npos) << e.what();
        EXPECT_NE(e.hint().find(r.hint), std::string::npos) << e.what();
    }
}

} // namespace

TEST(parse_duration, reads_iso_8601) {
    EXPECT_EQ(parse_duration("PT15M"), 15min);
    EXPECT_EQ(parse_duration("P1DT2H"), 26h);
    EXPECT_EQ(parse_duration("PT0.25S"), 250ms);
    EXPECT_EQ(parse_duration("PT0,25S"), 250ms);
    EXPECT_EQ(parse_duration("P2W"), weeks(2));
    EXPECT_EQ(parse_duration("P1W2DT3H4M5.000000006S"), days(9) + 3h + 4min + 5s + 6ns);
    EXPECT_EQ(parse_duration("PT36H"), 36h);
    EXPECT_EQ(parse_duration("P0D"), 0ns);
}

TEST(parse_duration, reads_the_short_form) {
    EXPECT_EQ(parse_duration("15m"), 15min);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("10us"), 10us);
    EXPECT_EQ(parse_duration("7ns"), 7ns);
    EXPECT_EQ(parse_duration("2d"), days(2));
    EXPECT_EQ(parse_duration("1w"), weeks(1));
    EXPECT_EQ(parse_duration("0.5s"), 500ms);
    EXPECT_EQ(parse_duration("1w2d3h4m5s6ms7us8ns"), days(9) + 3h + 4min + 5s + 6ms + 7us + 8ns);
    EXPECT_EQ(parse_duration("0s"), 0ns);
}

TEST(parse_duration, takes_a_fraction_of_any_last_unit_exactly) {
    EXPECT_EQ(parse_duration("1.5h"), 90min);
    EXPECT_EQ(parse_duration("PT1H0.5M"), 1h + 30s);
    EXPECT_EQ(parse_duration("P0.5D"), 12h);
    EXPECT_EQ(parse_duration("0.000000001s"), 1ns);
    EXPECT_EQ(parse_duration("0.00000000100000s"), 1ns);
    EXPECT_EQ(parse_duration("0.123456789h"), 444'444'440'400ns);
    EXPECT_EQ(parse_duration("1.500us"), 1500ns);
}

TEST(parse_duration, refuses_what_is_no_whole_number_of_nanoseconds) {
    for (const refusal& r : {refusal{"0.0000000001s", 0, "whole number of nanoseconds"},
                             {"1s0.0001us", 2, "whole number of nanoseconds"},
                             {"0.05ns", 0, "whole number of nanoseconds"},
                             {"1.5ns", 0, "whole number of nanoseconds"}}) {
        expect_refused(r);
    }
}

TEST(parse_duration, refuses_years_and_months_and_says_why) {
    expect_refused({"P1Y", 2, "W or D", "no fixed length"});
    expect_refused({"P1M", 2, "W or D", "no fixed length"});
    expect_refused({"P1DT1Y", 5, "H, M or S", "no fixed length"});
    expect_refused({"1y", 1, "a unit", "no fixed length"});
    expect_refused({"3mo", 1, "a unit", "no fixed length"});
}

TEST(parse_duration, refuses_what_is_no_duration_and_says_where) {
    for (const refusal& r : {refusal{"", 0, "1h30m or PT1H30M"},
                             {"P", 1, "a digit"},
                             {"PT", 2, "a digit"},
                             {"P1DT", 4, "a digit"},
                             {"x", 0, "a digit"},
                             {"+1s", 0, "a digit"},
                             {" 1s", 0, "a digit"},
                             {"1s ", 2, "a digit"},
                             {"1h 30m", 2, "a digit"},
                             {".5s", 0, "a digit"},
                             {"1.s", 2, "a digit of a fraction"},
                             {"10", 2, "a unit", "needs a unit"},
                             {"P10", 3, "W or D", "needs a unit"},
                             {"1H", 1, "a unit"},
                             {"1sec", 1, "a unit"},
                             {"P1H", 2, "a T before hours"},
                             {"PT1D", 3, "H, M or S"},
                             {"PT1HT2M", 4, "the end"},
                             {"0,5s", 1, "a unit"},
                             {"p1d", 0, "a digit"},
                             {"30m1h", 4, "a unit", "greatest to the least"},
                             {"1h1h", 3, "a unit", "at most once"},
                             {"PT1S1M", 5, "H, M or S", "greatest to the least"},
                             {"1.5h30m", 4, "the end", "only the last"},
                             {"P0.5DT1H", 5, "the end", "only the last"}}) {
        expect_refused(r);
    }
}

TEST(parse_duration, refuses_what_is_negative) {
    expect_refused({"-1s", 0, "a duration", "negative"});
    expect_refused({"-PT1S", 0, "a duration", "negative"});
    expect_refused({"PT-1S", 2, "a digit"});
}

TEST(parse_duration, refuses_what_a_duration_cannot_hold) {
    EXPECT_EQ(parse_duration("9223372036854775807ns"), duration::max());
    EXPECT_EQ(parse_duration("PT9223372036.854775807S"), duration::max());
    expect_refused({"9223372036854775808ns", 0, "292 years"});
    expect_refused({"PT9223372036.854775808S", 2, "292 years"});
    expect_refused({"106752d", 0, "292 years"});
    expect_refused({"P106751DT24H", 9, "292 years"});
    expect_refused({"99999999999999999999999999999w", 0, "292 years"});
}

TEST(format_duration, writes_days_hours_minutes_and_seconds) {
    EXPECT_EQ(format_duration(90min), "PT1H30M");
    EXPECT_EQ(format_duration(250ms), "PT0.25S");
    EXPECT_EQ(format_duration(days(1)), "P1D");
    EXPECT_EQ(format_duration(1h), "PT1H");
    EXPECT_EQ(format_duration(1min), "PT1M");
    EXPECT_EQ(format_duration(1s), "PT1S");
    EXPECT_EQ(format_duration(0s), "PT0S");
    EXPECT_EQ(format_duration(26h), "P1DT2H");
    EXPECT_EQ(format_duration(weeks(2)), "P14D");
    EXPECT_EQ(format_duration(1h + 1s), "PT1H1S");
    EXPECT_EQ(format_duration(1min + 1ns), "PT1M0.000000001S");
    EXPECT_EQ(format_duration(days(1) + 10s), "P1DT10S");
}

TEST(format_duration, puts_a_minus_in_front_of_what_is_negative) {
    EXPECT_EQ(format_duration(-90s), "-PT1M30S");
    EXPECT_EQ(format_duration(duration::min()), "-P106751DT23H47M16.854775808S");
}

TEST(format_short_duration, writes_each_unit_that_is_not_zero) {
    EXPECT_EQ(format_short_duration(15min), "15m");
    EXPECT_EQ(format_short_duration(90min), "1h30m");
    EXPECT_EQ(format_short_duration(weeks(2)), "14d");
    EXPECT_EQ(format_short_duration(1500ms), "1s500ms");
    EXPECT_EQ(format_short_duration(1h + 1ns), "1h1ns");
    EXPECT_EQ(format_short_duration(999us), "999us");
    EXPECT_EQ(format_short_duration(0s), "0s");
    EXPECT_EQ(format_short_duration(-90s), "-1m30s");
    EXPECT_EQ(format_short_duration(duration::max()), "106751d23h47m16s854ms775us807ns");
    EXPECT_EQ(format_short_duration(duration::min()), "-106751d23h47m16s854ms775us808ns");
}

TEST(format_duration, is_read_back_as_the_same_duration) {
    for (const duration d : {duration(0ns), duration(1ns), duration(999'999'999ns), duration(1s),
                             duration(59s), duration(60s), duration(24h), duration(24h + 1ns),
                             duration(1'234'567'890'123'456'789ns), duration::max()}) {
        EXPECT_EQ(parse_duration(format_duration(d)), d) << format_duration(d);
        EXPECT_EQ(parse_duration(format_short_duration(d)), d) << format_short_duration(d);
    }
}
