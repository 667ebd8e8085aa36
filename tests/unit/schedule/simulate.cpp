#include <cicada/schedule/simulate.hpp>

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::format_instant;
using cicada::planned_schedule;
using cicada::wall_time;

namespace {

cicada::wall_time at(const char* text) { return cicada::parse_instant(text); }

std::vector<std::string> decisions(const std::vector<planned_schedule>& all,
                                   const cicada::simulated_window& window) {
    std::vector<std::string> lines;
    simulate(all, window, [&](const planned_schedule& s, const decision& d) {
        const auto time = [](cicada::wall_time t) { return format_instant(t).substr(11, 5); };
        std::string line = s.name + ' ' + std::string(to_string(d.what)) + ' ' + time(d.nominal);
        if (d.count > 1) line += ".." + time(d.last);
        if (d.into) line += " into " + time(*d.into);
        if (d.attempts > 0) line += " at " + time(d.started_at) + '-' + time(d.ended_at);
        lines.push_back(line);
    });
    return lines;
}

TEST(simulate, tells_every_decision_in_order) {
    EXPECT_EQ(
        decisions({{.name = "a", .when = cicada::cron("0 * * * *"), .takes = 90min},
                   {.name = "b", .when = cicada::interval(2h), .takes = 0s}},
                  {.from = at("2026-01-01T00:30:00Z"), .until = at("2026-01-01T05:00:00Z")}),
        (std::vector<std::string>{"b ran 00:30 at 00:30-00:30", "a skipped_overlap 02:00",
                                  "b ran 02:30 at 02:30-02:30", // armed before that sleep
                                  "a ran 01:00 at 01:00-02:30", "a skipped_overlap 04:00",
                                  "b ran 04:30 at 04:30-04:30", "a ran 03:00 at 03:00-04:30"}));
}

TEST(simulate, plays_outages_by_the_catch_up_policy) {
    const cicada::simulated_window night{
        .from = at("2026-01-01T00:30:00Z"),
        .until = at("2026-01-01T06:30:00Z"),
        .outages = {{at("2026-01-01T01:30:00Z"), at("2026-01-01T05:10:00Z")}}};
    EXPECT_EQ(decisions({{.name = "a", .when = cicada::cron("0 * * * *")}}, night),
              (std::vector<std::string>{
                  "a ran 01:00 at 01:00-01:00", "a coalesced_into 02:00..04:00 into 05:00",
                  "a ran 05:00 at 05:10-05:10", "a ran 06:00 at 06:00-06:00"}));
    EXPECT_EQ(
        decisions(
            {{.name = "a", .when = cicada::cron("0 * * * *"), .catch_up = cicada::catch_up::none}},
            night),
        (std::vector<std::string>{"a ran 01:00 at 01:00-01:00", "a missed 02:00..05:00",
                                  "a ran 06:00 at 06:00-06:00"}));
}

TEST(simulate, tells_what_still_runs_at_the_end) {
    EXPECT_EQ(
        decisions({{.name = "a", .when = cicada::fixed_delay(1h), .takes = 30min}},
                  {.from = at("2026-01-01T00:00:00Z"), .until = at("2026-01-01T01:45:00Z")}),
        (std::vector<std::string>{"a ran 00:00 at 00:00-00:30", "a ran 01:30 at 01:30-01:45"}));
}

/// How many decisions are told before it is refused, and for which schedule.
std::pair<std::size_t, std::string> told(const std::vector<planned_schedule>& all, duration length,
                                         std::uint64_t most) {
    const auto from = at("2026-01-01T00:00:00Z");
    std::size_t count = 0;
    try {
        simulate(all, {.from = from, .until = from + length, .most = most},
                 [&](const planned_schedule&, const decision&) { ++count; });
        return {count, "none"};
    } catch (const cicada::too_many_instants& e) {
        EXPECT_EQ(e.most(), most);
        return {count, e.name()};
    }
}
using told_before = std::pair<std::size_t, std::string>;

// It ran for hours.
TEST(simulate, refuses_intervals_with_too_many_instants_at_once) {
    const std::uint64_t most = cicada::simulated_window{}.most;
    const planned_schedule hourly{.name = "hourly", .when = cicada::interval(1h)};
    const planned_schedule poll{.name = "poll", .when = cicada::interval(1ns)};
    EXPECT_EQ(told({hourly, poll}, 24h, most), told_before(0, "poll"));
    EXPECT_EQ(told({{.name = "poll", .when = cicada::fixed_delay(1ns)}}, 24h, most),
              told_before(0, "poll"));
    EXPECT_EQ(told({poll}, wall_time::max() - at("2026-01-01T00:00:00Z"), most),
              told_before(0, "poll"));
    // What takes time has as many fewer instants with a fixed delay.
    EXPECT_EQ(told({{.name = "poll", .when = cicada::fixed_delay(1ns), .takes = 1h}}, 24h, most),
              told_before(24, "none"));
}

TEST(simulate, goes_through_as_many_instants_as_it_is_told) {
    const planned_schedule interval{.name = "a", .when = cicada::interval(1s)};
    const planned_schedule calendar{.name = "b", .when = cicada::every_interval(1s)};
    EXPECT_EQ(told({interval, calendar}, 10s, 10), told_before(20, "none"));
    EXPECT_EQ(told({interval}, 10s, 9), told_before(0, "a"));
    EXPECT_EQ(told({interval}, 10s + 1ns, 10), told_before(0, "a"));
    EXPECT_EQ(told({calendar}, 10s, 9), told_before(9, "b"));
}

TEST(simulate, does_not_look_for_ever_for_an_instant_that_never_comes) {
    const auto never = cicada::all_of(
        cicada::every_interval(2ns), cicada::every_interval(2ns, at("2026-01-01T00:00:00Z") + 1ns));
    EXPECT_EQ(told({{.name = "a", .when = never}}, 24h, 1'500'000), told_before(0, "a"));
}

TEST(simulate, says_what_to_do_about_too_many_instants) {
    const planned_schedule poll{.name = "poll", .when = cicada::interval(1ms)};
    const auto from = at("2026-01-01T00:00:00Z");
    try {
        cicada::simulate({poll}, {.from = from, .until = from + 1h, .most = 1000},
                         [](auto&, auto&) {});
        FAIL() << "it went on";
    } catch (const std::invalid_argument& e) {
        EXPECT_EQ(std::string(e.what()),
                  "cicada: \"poll\", every 1ms, has more than 1000 instants in this window: "
                  "simulate a shorter one, give the schedule a longer period, or the window a "
                  "greater .most");
    }
}

TEST(simulate, refuses_a_window_or_outages_out_of_order) {
    const auto a = at("2026-01-01T00:00:00Z"), b = at("2026-01-02T00:00:00Z");
    EXPECT_THROW(decisions({}, {.from = b, .until = a}), std::invalid_argument);
    EXPECT_THROW(decisions({}, {.from = a, .until = b, .outages = {{b, a}}}),
                 std::invalid_argument);
    EXPECT_THROW(decisions({}, {.from = a, .until = b, .outages = {{a, b}, {a, b}}}),
                 std::invalid_argument);
}

} // namespace
