#include <cicada/schedule/combine.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>
#include <schedule/search.hpp>

using namespace std::chrono;
using namespace std::chrono_literals;
using cicada::all_of;
using cicada::any_of;
using cicada::cron;
using cicada::daily_between;
using cicada::every_interval;
using cicada::except;
using cicada::format_instant;
using cicada::on_dates;
using cicada::on_weekdays;
using cicada::parse_instant;
using cicada::schedule;
using cicada::starting;
using cicada::until;
using cicada::wall_time;

namespace {

using texts = std::vector<std::string>;

const wall_time t0 = parse_instant("2015-01-01T00:00:00Z"); // a Thursday

std::vector<wall_time> forwards(const schedule& s, wall_time from, wall_time end) {
    std::vector<wall_time> instants;
    for (const wall_time t : s.between(from, end)) instants.push_back(t);
    return instants;
}

/// From `before` back to `from`, but in ascending order.
std::vector<wall_time> backwards(const schedule& s, wall_time from, wall_time before) {
    std::vector<wall_time> instants;
    for (auto t = s.previous(before); t && *t >= from; t = s.previous(*t)) {
        instants.insert(instants.begin(), *t);
    }
    return instants;
}

/// Each candidate from `from` on, with a '-' before those that are excluded.
texts candidates(const schedule& s, wall_time from, int count) {
    texts result;
    for (auto c = s.next_candidate(from - 1ns); c && count > 0; --count) {
        // 01-01T00:00
        result.push_back((c->is_excluded ? "-" : "") + format_instant(c->instant).substr(5, 11));
        c = s.next_candidate(c->instant);
    }
    return result;
}

// ---- any_of -------------------------------------------------------------------------------------

// every 2h     0   2   4   6
// every 3h     0     3     6
TEST(any_of, names_each_instant_once) {
    const schedule s = any_of(every_interval(2h), every_interval(3h));
    const std::vector expected{t0, t0 + 2h, t0 + 3h, t0 + 4h, t0 + 6h};
    EXPECT_EQ(forwards(s, t0, t0 + 8h), expected);
    EXPECT_EQ(backwards(s, t0, t0 + 8h), expected);
    EXPECT_TRUE(s.matches(t0 + 3h));
    EXPECT_FALSE(s.matches(t0 + 5h));
}

TEST(any_of, goes_on_when_some_have_ended) {
    const schedule s = any_of(cicada::once(t0), cicada::once(t0 + 1h), cron("@reboot"));
    EXPECT_EQ(forwards(s, t0, t0 + 2h), (std::vector{t0, t0 + 1h}));
    EXPECT_EQ(s.next(t0 + 1h), std::nullopt);
    EXPECT_EQ(s.previous(t0 + 1h), t0);
    EXPECT_EQ(s.previous(t0), std::nullopt);
}

TEST(any_of, names_what_only_one_of_them_excludes) {
    const schedule hourly = every_interval(1h);
    const schedule without_first = except(hourly, cicada::once(t0));
    EXPECT_EQ(candidates(any_of(without_first, without_first), t0, 2),
              (texts{"-01-01T00:00", "01-01T01:00"}));
    EXPECT_EQ(candidates(any_of(without_first, hourly), t0, 1), (texts{"01-01T00:00"}));
    EXPECT_EQ(candidates(any_of(hourly, without_first), t0, 1), (texts{"01-01T00:00"}));
}

// ---- all_of -------------------------------------------------------------------------------------

TEST(all_of, names_what_all_of_them_name) {
    const schedule s = all_of(every_interval(2h), every_interval(3h), every_interval(1h));
    const std::vector expected{t0, t0 + 6h, t0 + 12h};
    EXPECT_EQ(forwards(s, t0, t0 + 13h), expected);
    EXPECT_EQ(backwards(s, t0, t0 + 13h), expected);
    EXPECT_TRUE(s.matches(t0 + 6h));
    EXPECT_FALSE(s.matches(t0 + 4h));
}

TEST(all_of, of_one_is_that_one) {
    EXPECT_EQ(all_of(every_interval(2h)).next(t0), t0 + 2h);
    EXPECT_EQ(all_of(every_interval(2h)).previous(t0), t0 - 2h);
}

TEST(all_of, leaps_over_what_the_rarest_leaves_out) {
    const cicada::detail::search few_steps(20);
    const schedule s = all_of(cron("* * * * * *"), cron("0 0 1 1 *"), cron("0 * * * *"));
    EXPECT_EQ(s.next(t0), parse_instant("2016-01-01T00:00:00Z"));
    EXPECT_EQ(s.previous(t0), parse_instant("2014-01-01T00:00:00Z"));
}

TEST(all_of, tells_an_instant_as_excluded_if_any_of_them_excludes_it) {
    const schedule s =
        all_of(every_interval(2h), except(every_interval(1h), cicada::once(t0 + 4h)));
    EXPECT_EQ(candidates(s, t0 + 1h, 3), (texts{"01-01T02:00", "-01-01T04:00", "01-01T06:00"}));
}

TEST(all_of, ends_with_the_first_of_them_that_ends) {
    const schedule s = all_of(every_interval(1h), cicada::once(t0));
    EXPECT_EQ(s.next(t0 - 1s), t0);
    EXPECT_EQ(s.next(t0), std::nullopt);
    EXPECT_EQ(s.next(wall_time::max()), std::nullopt);
    EXPECT_EQ(s.previous(wall_time::min()), std::nullopt);
    EXPECT_FALSE(s.next_candidate(wall_time::max()));
}

TEST(all_of, gives_up_when_nothing_is_agreed_on) {
    const schedule never = all_of(every_interval(2s), every_interval(2s, t0 + 1s));
    const cicada::detail::search bounded(10'000);
    EXPECT_EQ(never.next(t0), std::nullopt);
    EXPECT_EQ(never.previous(t0 + 24h), std::nullopt);
    EXPECT_FALSE(never.next_candidate(t0));
}

// ---- except -------------------------------------------------------------------------------------

TEST(except, leaves_out_dates) {
    const schedule s = except(cron("0 9 * * *", "Europe/Berlin"),
                              on_dates({"2015-01-02", 2015y / January / 4}, "Europe/Berlin"));
    EXPECT_EQ(candidates(s, t0, 5),
              (texts{"01-01T08:00", "-01-02T08:00", "01-03T08:00", "-01-04T08:00", "01-05T08:00"}));
    EXPECT_EQ(s.next(t0 + 12h), t0 + 56h);
    EXPECT_EQ(s.previous(t0 + 56h), t0 + 8h);
    EXPECT_FALSE(s.matches(t0 + 32h));
    EXPECT_TRUE(s.matches(t0 + 56h));
}

TEST(except, leaves_out_weekdays_of_the_filters_zone) {
    // 00:30 in Berlin is the day before in UTC.
    const cron night("30 0 * * *", "Europe/Berlin");
    const std::vector<weekday> weekend{Saturday, Sunday};
    EXPECT_EQ(candidates(except(night, on_weekdays(weekend, "Europe/Berlin")), t0, 4),
              (texts{"01-01T23:30", "-01-02T23:30", "-01-03T23:30", "01-04T23:30"}));
    EXPECT_EQ(candidates(except(night, on_weekdays(weekend)), t0, 4),
              (texts{"01-01T23:30", "01-02T23:30", "-01-03T23:30", "-01-04T23:30"}));
}

// window     22:00 ======= 06:00
// instants   20        0   4     8
TEST(except, leaves_out_a_window_around_midnight) {
    const schedule s = except(every_interval(4h), daily_between(22h, "06:00"));
    const std::vector expected{t0 + 8h, t0 + 12h, t0 + 16h, t0 + 20h, t0 + 32h};
    EXPECT_EQ(forwards(s, t0, t0 + 33h), expected);
    EXPECT_EQ(backwards(s, t0, t0 + 33h), expected);
}

TEST(except, leaves_out_a_window_within_a_day_with_its_beginning_but_not_its_end) {
    const schedule s = except(every_interval(1h), daily_between("06:00", 8h));
    EXPECT_EQ(forwards(s, t0 + 5h, t0 + 10h), (std::vector{t0 + 5h, t0 + 8h, t0 + 9h}));
}

TEST(except, leaves_out_a_window_to_the_nanosecond) {
    const schedule s = except(every_interval(1ns), daily_between(6h, 8h));
    EXPECT_EQ(s.next(t0 + 6h - 1ns), t0 + 8h);
    EXPECT_EQ(s.previous(t0 + 8h), t0 + 6h - 1ns);
}

TEST(except, follows_the_clock_on_the_wall_through_an_overlap) {
    // Berlin, 2015-10-25: 02:00 to 03:00 comes twice, from 00:00 and from 01:00 UTC on.
    const schedule s =
        except(every_interval(30min), daily_between("02:00", "02:30", "Europe/Berlin"));
    const wall_time o = parse_instant("2015-10-25T00:00:00Z");
    EXPECT_EQ(forwards(s, o - 30min, o + 121min),
              (std::vector{o - 30min, o + 30min, o + 90min, o + 120min}));
}

TEST(except, leaves_out_the_instants_of_another_schedule) {
    const schedule s = except(every_interval(1h), every_interval(2h));
    EXPECT_EQ(forwards(s, t0, t0 + 4h), (std::vector{t0 + 1h, t0 + 3h}));
    EXPECT_EQ(backwards(s, t0, t0 + 4h), (std::vector{t0 + 1h, t0 + 3h}));
    EXPECT_EQ(candidates(s, t0, 3), (texts{"-01-01T00:00", "01-01T01:00", "-01-01T02:00"}));
}

TEST(except, tells_what_an_inner_one_excludes_as_well) {
    const schedule s = except(except(every_interval(1h), every_interval(2h)), every_interval(3h));
    EXPECT_EQ(candidates(s, t0, 6), (texts{"-01-01T00:00", "01-01T01:00", "-01-01T02:00",
                                           "-01-01T03:00", "-01-01T04:00", "01-01T05:00"}));
}

TEST(except, passes_a_day_that_a_filter_removes_in_one_step) {
    const schedule s = except(cron("* * * * * *"), on_weekdays({Saturday, Sunday}));
    const cicada::detail::search few_steps(10);
    EXPECT_EQ(s.next(parse_instant("2015-01-02T23:59:59Z")), parse_instant("2015-01-05T00:00:00Z"));
    EXPECT_EQ(s.previous(parse_instant("2015-01-05T00:00:00Z")),
              parse_instant("2015-01-02T23:59:59Z"));
}

TEST(except, gives_up_when_it_leaves_nothing) {
    const schedule nothing = except(every_interval(1ns), every_interval(1ns));
    const cicada::detail::search bounded(10'000);
    EXPECT_EQ(nothing.next(t0), std::nullopt);
    EXPECT_EQ(nothing.previous(t0), std::nullopt);
    EXPECT_TRUE(nothing.next_candidate(t0)->is_excluded);
}

TEST(except, stops_at_the_ends_of_time) {
    const schedule s =
        except(any_of(cicada::once(wall_time::min()), cicada::once(wall_time::max())),
               daily_between("00:00", "23:59:59.999999999"));
    const cicada::detail::search few_steps(10);
    EXPECT_EQ(s.next(wall_time::min()), std::nullopt);
    EXPECT_EQ(s.previous(wall_time::max()), std::nullopt);
    EXPECT_EQ(s.next(wall_time::max()), std::nullopt);
    EXPECT_EQ(s.previous(wall_time::min()), std::nullopt);
}

// ---- searches within searches -------------------------------------------------------------------

TEST(search, has_a_common_bound_with_those_inside_of_it) {
    int steps = 0;
    const auto exhaust = [&steps](int most) {
        for (cicada::detail::search inner(most); inner.step();) ++steps;
    };
    cicada::detail::search outer(1000);
    while (outer.step()) exhaust(100'000);
    EXPECT_LT(steps, 1000);
}

TEST(search, leaves_enough_for_the_one_outside) {
    const schedule never = all_of(every_interval(2s), every_interval(2s, t0 + 1s));
    const schedule s =
        except(any_of(never, cron("0 9 * * *")), on_weekdays({Friday, Saturday, Sunday}));
    EXPECT_EQ(s.next(t0 + 9h), parse_instant("2015-01-05T09:00:00Z"));
}

TEST(search, goes_through_many_exceptions_within_each_other) {
    schedule s = cron("0 9 * * *");
    for (int day = 1; day <= 200; ++day) {
        s = except(std::move(s), on_dates({sys_days(2015y / January / 1) + days(day)}));
    }
    EXPECT_EQ(s.next(t0 + 9h), t0 + 9h + days(201));
}

// ---- windows ------------------------------------------------------------------------------------

TEST(starting, holds_its_bound_and_until_does_not) {
    const schedule hourly = every_interval(1h);
    EXPECT_EQ(starting(hourly, t0).next(wall_time::min()), t0);
    EXPECT_EQ(starting(hourly, t0).previous(t0 + 1ns), t0);
    EXPECT_EQ(starting(hourly, t0).previous(t0), std::nullopt);
    EXPECT_FALSE(starting(hourly, t0).matches(t0 - 1h));
    EXPECT_TRUE(starting(hourly, t0).matches(t0));
    EXPECT_EQ(until(hourly, t0).next(t0 - 2h), t0 - 1h);
    EXPECT_EQ(until(hourly, t0).next(t0 - 1h), std::nullopt);
    EXPECT_EQ(until(hourly, t0).previous(wall_time::max()), t0 - 1h);
    EXPECT_FALSE(until(hourly, t0).matches(t0));
}

TEST(starting, and_until_the_same_instant_share_out_a_schedule) {
    const schedule hourly = every_interval(1h);
    const schedule both = any_of(until(hourly, "2015-01-01T00:00:00Z"), starting(hourly, t0));
    EXPECT_EQ(forwards(both, t0 - 2h, t0 + 2h), forwards(hourly, t0 - 2h, t0 + 2h));
    EXPECT_EQ(all_of(until(hourly, t0), starting(hourly, t0)).next(wall_time::min()), std::nullopt);
}

TEST(starting, tells_the_exceptions_inside_of_the_window_only) {
    const schedule s = except(every_interval(1h), every_interval(2h));
    EXPECT_EQ(candidates(until(starting(s, t0 + 2h), t0 + 4h), t0, 5),
              (texts{"-01-01T02:00", "01-01T03:00"}));
}

// ---- refusals -----------------------------------------------------------------------------------

TEST(any_of, refuses_an_empty_list) {
    EXPECT_THROW(any_of(std::vector<schedule>{}), std::invalid_argument);
    EXPECT_THROW(all_of(), std::invalid_argument);
}

TEST(time_filter, refuses_what_does_not_exist) {
    EXPECT_THROW(on_dates({}), std::invalid_argument);
    EXPECT_THROW(on_dates({2015y / February / 30}), std::invalid_argument);
    EXPECT_THROW(on_dates({1500y / January / 1}), std::invalid_argument);
    EXPECT_THROW(on_dates({"2015-02-30"}), cicada::parse_error);
    EXPECT_THROW(on_dates({"2015-02-03T00:00:00"}), cicada::parse_error);
    EXPECT_THROW(on_weekdays({}), std::invalid_argument);
    EXPECT_THROW(on_weekdays({weekday(9)}), std::invalid_argument);
    EXPECT_THROW(daily_between(6h, "06:00"), std::invalid_argument);
    EXPECT_THROW(daily_between(6h, 24h), std::invalid_argument);
    EXPECT_THROW(daily_between(-1h, 6h), std::invalid_argument);
    EXPECT_THROW(daily_between("06:00", "23:59:60"), cicada::parse_error);
    EXPECT_THROW(daily_between("06:00", "07:00Z"), cicada::parse_error);
    EXPECT_THROW(on_dates({"2015-01-01"}, "Europe/Nowhere"), cicada::unknown_zone);
}

TEST(time_filter, tells_how_long_it_holds) {
    const auto night = daily_between("22:00", "06:00", "Europe/Berlin");
    const wall_time t = parse_instant("2015-03-28T22:30:00Z"); // 23:30
    EXPECT_TRUE(night.at(t).holds);
    EXPECT_EQ(night.at(t).from, parse_instant("2015-03-28T21:00:00Z"));
    EXPECT_EQ(night.at(t).until, parse_instant("2015-03-28T23:00:00Z")); // goes on after midnight
    // 01:30, half an hour before clocks are set.
    EXPECT_EQ(night.at(t + 2h).until, parse_instant("2015-03-29T01:00:00Z"));
    EXPECT_EQ(night.at(t + 3h).until, parse_instant("2015-03-29T04:00:00Z"));
    EXPECT_FALSE(night.holds(parse_instant("2015-03-29T04:00:00Z")));
}

} // namespace
