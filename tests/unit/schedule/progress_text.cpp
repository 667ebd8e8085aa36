#include <schedule/progress_text.hpp>

#include <cicada/base/rfc3339.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::life;
using cicada::parse_error;
using cicada::wall_time;
using cicada::detail::nominal_instant;
using cicada::detail::parse_progress;
using cicada::detail::progress;
using cicada::detail::time_line;
using cicada::detail::to_text;

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

/// Each field has a value of its own.
progress full() {
    progress p;
    p.state = life::held;
    p.next = nominal_instant{time_line::wall, 1h};
    p.delay = 2ns;
    p.is_horizon = true;
    p.is_counted = false;
    p.decided = wall_time(-3ns);
    p.last_run = 4;
    p.ran = 5;
    p.missed = 6;
    p.dropped = 7;
    p.failed = 8;
    p.untold = 9;
    p.failed_in_a_row = 10;
    p.arrived.push_back({{time_line::elapsed, 11ns}, progress::cause::trigger, 12});
    p.waiting.push_back({{time_line::wall, 13ns}});
    p.waiting.push_back({{time_line::wall, 14ns}, progress::cause::request, 15});
    return p;
}
const std::string_view full_text = "1 held w3600000000000 2 1 0 -3 4 5 6 7 8 9 10 1 e11 trigger 12 "
                                   "2 w13 schedule 0 w14 request 15";

/// Where a text is refused, and what was expected there.
std::string refusal(std::string_view text) {
    try {
        parse_progress(text);
        return "taken";
    } catch (const parse_error& e) {
        return std::to_string(e.offset()) + ": " + e.expected();
    }
}

TEST(progress_text, has_each_field_in_its_place) {
    EXPECT_EQ(to_text(full()), full_text);
    EXPECT_EQ(to_text(progress{}), "1 active - 0 0 0 0 0 0 0 0 0 0 0 0 0");
}

TEST(progress_text, is_read_back_as_the_same_progress) {
    EXPECT_EQ(parse_progress(full_text), full());
    EXPECT_EQ(parse_progress(to_text(progress{})), progress{});
    for (const life state :
         {life::active, life::paused, life::ending, life::held, life::cancelling, life::ended})
        EXPECT_EQ(parse_progress(to_text({.state = state})).state, state);
}

TEST(progress_text, holds_the_greatest_numbers_and_the_ends_of_time) {
    progress p = full();
    p.next = nominal_instant{time_line::elapsed, duration::max()};
    p.is_counted = true;
    p.decided = wall_time::min();
    p.missed = most;
    p.failed_in_a_row = std::numeric_limits<std::uint32_t>::max();
    p.arrived.push_back({{time_line::wall, duration::min()}, progress::cause::request, most});
    EXPECT_EQ(parse_progress(to_text(p)), p);
}

TEST(progress_text, leaves_the_runs_to_others) {
    progress p = full();
    p.runs.push_back({.id = 4});
    EXPECT_EQ(to_text(p), full_text);
}

TEST(progress_text, is_refused_where_it_is_malformed) {
    const std::string version = "0: a progress in form 1";
    EXPECT_EQ(refusal(""), version);
    EXPECT_EQ(refusal("2 active - 0 0 0 0 0 0 0 0 0 0 0 0 0"), version);
    EXPECT_EQ(refusal("1"), "1: more: it ends too early");
    EXPECT_EQ(refusal("1 "), "2: a state");
    EXPECT_EQ(refusal("1 asleep -"), "2: a state");
    EXPECT_EQ(refusal("1  active -"), "2: a state");
    const std::string instant = "9: an instant, such as w1767225600000000000";
    EXPECT_EQ(refusal("1 active 0 0 0"), instant);
    EXPECT_EQ(refusal("1 active  0 0"), instant);
    EXPECT_EQ(refusal("1 active w 0 0"), "9: a number");
    EXPECT_EQ(refusal("1 active w1x 0 0"), "9: a number");
    EXPECT_EQ(refusal("1 active w9223372036854775808 0 0"), "9: a number");
    EXPECT_EQ(refusal("1 active - 0 2 0"), "13: 0 or 1");
    EXPECT_EQ(refusal("1 active - 0 0 - 0"), "15: 0 or 1");
    EXPECT_EQ(refusal("1 active - 0 0 0 0 -1 0"), "19: a number");
    EXPECT_EQ(refusal("1 active - 0 0 0 0 0 0 0 0 0 0 4294967296 0 0"), "31: a number");
    EXPECT_EQ(refusal("1 active - 0 0 0 0 0 0 0 0 0 0 0 1 w1 magic 0 0"), "38: what brought it");
}

TEST(progress_text, is_refused_when_anything_is_left_out_or_added) {
    const std::string_view text = full_text;
    for (std::size_t end = 0; end < text.size(); ++end) {
        if (end == text.size() - 1) continue; // the last number may be a shorter one
        EXPECT_THROW(parse_progress(text.substr(0, end)), parse_error) << end;
    }
    const std::string end = std::to_string(text.size() + 1) + ": the end of the progress";
    EXPECT_EQ(refusal(std::string(text) + " "), end);
    EXPECT_EQ(refusal(std::string(text) + " 0"), end);
}

TEST(progress_text, does_not_believe_in_a_list_longer_than_the_text) {
    EXPECT_EQ(refusal("1 active - 0 0 0 0 0 0 0 0 0 0 0 18446744073709551615 w1 trigger 0"),
              "66: more: it ends too early");
}

} // namespace
