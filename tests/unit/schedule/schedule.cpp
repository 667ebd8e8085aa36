#include <cicada/schedule/schedule.hpp>

#include <gtest/gtest.h>
#include <vector>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>

using cicada::every_interval;
using cicada::parse_instant;
using cicada::schedule;
using cicada::wall_time;
using namespace std::chrono_literals;

namespace {

const wall_time noon = parse_instant("2026-01-01T12:00:00Z");

std::vector<wall_time> all(const schedule::window& w) {
    std::vector<wall_time> instants;
    for (const wall_time t : w) instants.push_back(t);
    return instants;
}

TEST(schedule, is_made_of_anything_with_instants_and_a_text) {
    struct yearly_noon {
        std::optional<wall_time> next(wall_time after) const {
            return after < noon ? std::optional(noon) : std::nullopt;
        }
        std::optional<wall_time> previous(wall_time before) const {
            return noon < before ? std::optional(noon) : std::nullopt;
        }
        bool matches(wall_time t) const { return t == noon; }
        std::string text() const { return "noon()"; }
    };
    const schedule s = yearly_noon{};
    EXPECT_EQ(s.next(noon - 1ns), noon);
    EXPECT_EQ(s.next(noon), std::nullopt);
    EXPECT_EQ(s.previous(noon + 1ns), noon);
    EXPECT_TRUE(s.matches(noon));
    EXPECT_EQ(s.text(), "noon()");
}

TEST(schedule, tells_its_instants_as_candidates_that_are_not_excluded) {
    const schedule s = cicada::once(noon);
    const auto c = s.next_candidate(noon - 1h);
    ASSERT_TRUE(c);
    EXPECT_EQ(c->instant, noon);
    EXPECT_FALSE(c->is_excluded);
    EXPECT_FALSE(s.next_candidate(noon));
}

TEST(schedule, uses_a_rules_own_candidates_where_it_has_them) {
    struct always_excluded {
        std::optional<wall_time> next(wall_time) const { return std::nullopt; }
        std::optional<wall_time> previous(wall_time) const { return std::nullopt; }
        bool matches(wall_time) const { return false; }
        std::optional<cicada::candidate> next_candidate(wall_time after) const {
            return cicada::candidate{after + 1s, true};
        }
        std::string text() const { return "excluded()"; }
    };
    EXPECT_TRUE(schedule(always_excluded{}).next_candidate(noon)->is_excluded);
}

TEST(schedule, between_gives_the_instants_from_the_first_bound_on_and_before_the_second) {
    const schedule s = every_interval(1h);
    EXPECT_EQ(all(s.between(noon, noon + 3h)), (std::vector{noon, noon + 1h, noon + 2h}));
    EXPECT_EQ(all(s.between(noon + 1ns, noon + 1h + 1ns)), (std::vector{noon + 1h}));
    EXPECT_EQ(all(s.between(noon + 1ns, noon + 1h)), (std::vector<wall_time>{}));
}

TEST(schedule, between_bounds_in_the_wrong_order_there_is_nothing) {
    const schedule s = every_interval(1h);
    EXPECT_EQ(all(s.between(noon, noon)), (std::vector<wall_time>{}));
    EXPECT_EQ(all(s.between(noon + 2h, noon)), (std::vector<wall_time>{}));
}

TEST(schedule, between_reaches_from_the_beginning_to_the_end_of_time) {
    const schedule first = cicada::once(wall_time::min());
    EXPECT_EQ(all(first.between(wall_time::min(), wall_time::max())),
              (std::vector{wall_time::min()}));
    const schedule s = cicada::once(noon);
    EXPECT_EQ(all(s.between(wall_time::min(), wall_time::max())), (std::vector{noon}));
}

TEST(schedule, a_window_outlives_the_schedule_it_came_from) {
    const auto w = schedule(every_interval(1h)).between(noon, noon + 2h);
    EXPECT_EQ(all(w), (std::vector{noon, noon + 1h}));
}

TEST(schedule, copies_are_equal_and_share_their_rule) {
    schedule a = cicada::once(noon);
    const schedule b = a;
    EXPECT_EQ(a, b);
    a = every_interval(1h);
    EXPECT_NE(a, b);
    EXPECT_EQ(b.next(noon - 1s), noon);
    a = *&a;
    EXPECT_EQ(a.next(noon), noon + 1h);
}

TEST(schedule, those_that_say_the_same_are_equal) {
    EXPECT_EQ(cicada::once(noon), cicada::once("2026-01-01T13:00:00+01:00"));
    EXPECT_EQ(schedule(cicada::cron("0 7 * * MON-FRI")), schedule(cicada::cron("0 7 * * 1-5")));
    EXPECT_NE(schedule(cicada::cron("0 7 * * 1-5", "Europe/Berlin")),
              schedule(cicada::cron("0 7 * * 1-5")));
}

} // namespace
