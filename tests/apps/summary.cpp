#include "summary.hpp"

#include <gtest/gtest.h>

#include <cicada/base/rfc3339.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

const wall_time start = parse_instant("2026-01-01T00:00:00Z");

decision run(duration from, duration until) {
    return {.nominal = start + from,
            .last = start + from,
            .started_at = start + from,
            .ended_at = start + until,
            .attempts = 1};
}

} // namespace

TEST(summary, counts_decisions_gaps_and_what_runs_at_once) {
    const std::vector<planned_schedule> all = {{.name = "a", .when = interval(1h)},
                                               {.name = "bb", .when = interval(1h)}};
    app::summary s(all);
    s.add(all[0], run(0h, 2h));
    s.add(all[0], run(1h, 3h));
    s.add(all[0], run(5h, 6h));
    s.add(all[1], run(90min, 90min)); // takes no time, and yet is there
    s.add(all[1], {.what = decision::kind::missed, .nominal = start, .count = 1200, .last = start});
    EXPECT_EQ(s.text(zone()), "SCHEDULE  ran  missed  at once  longest gap between starts\n"
                              "a           3       0        2  4 h from 2026-01-01T01:00:00Z\n"
                              "bb          1   1,200        1  -\n"
                              "most at once: 3 runs, first at 2026-01-01T01:30:00Z\n");
}

TEST(summary, one_that_ends_as_another_starts_is_not_beside_it) {
    const std::vector<planned_schedule> all = {{.name = "a", .when = interval(1h)}};
    app::summary s(all);
    s.add(all[0], run(0h, 1h));
    s.add(all[0], run(1h, 2h));
    EXPECT_NE(s.text(zone()).find("most at once: 1 run, first at 2026-01-01T00:00:00Z"),
              std::string::npos);
}

TEST(summary, of_nothing_is_no_error) {
    const std::vector<planned_schedule> all = {{.name = "a", .when = interval(1h)}};
    EXPECT_EQ(app::summary(all).text(zone()), "SCHEDULE  ran  at once  longest gap between starts\n"
                                              "a           0        0  -\n");
}
