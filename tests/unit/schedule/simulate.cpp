#include <cicada/schedule/simulate.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <cicada/schedule/cron.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::format_instant;
using cicada::planned_schedule;

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

TEST(simulate, refuses_a_window_or_outages_out_of_order) {
    const auto a = at("2026-01-01T00:00:00Z"), b = at("2026-01-02T00:00:00Z");
    EXPECT_THROW(decisions({}, {.from = b, .until = a}), std::invalid_argument);
    EXPECT_THROW(decisions({}, {.from = a, .until = b, .outages = {{b, a}}}),
                 std::invalid_argument);
    EXPECT_THROW(decisions({}, {.from = a, .until = b, .outages = {{a, b}, {a, b}}}),
                 std::invalid_argument);
}

} // namespace
