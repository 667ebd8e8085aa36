#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <periodic/extras.hpp>
#include <schedule/search.hpp>
#include <support/tz_directory.hpp>

using namespace std::chrono_literals;
using cicada::catch_up;
using cicada::cron;
using cicada::decision;
using cicada::task;
using cicada::wall_time;

namespace {

wall_time at(const char* text) { return cicada::parse_instant(text); }

using instants = std::vector<std::string>;

/// "what nominal" or, of several, "what nominal..last xN"; with what stands for it.
std::string brief(const decision& d) {
    std::string text(to_string(d.what));
    text += ' ' + cicada::format_instant(d.nominal);
    if (d.count > 1) text += ".." + cicada::format_instant(d.last) + " x" + std::to_string(d.count);
    if (d.into) text += " -> " + cicada::format_instant(*d.into);
    return text;
}
instants brief(const std::vector<decision>& all) {
    instants texts;
    for (const decision& d : all) texts.push_back(brief(d));
    return texts;
}

struct recorded {
    instants nominal;
    auto body() {
        return [this](cicada::tick t) { nominal.push_back(cicada::format_instant(t.nominal)); };
    }
};

TEST(calendar_periodic, runs_at_the_instants_of_its_pattern_from_the_next_one_on) {
    cicada::simulation sim{"2015-03-27T06:30:00Z"}; // a Friday; Berlin sets its clocks on Sunday
    recorded r;
    auto report =
        cicada::every(cron("0 7 * * MON-FRI", "Europe/Berlin"), {.name = "report"}, r.body());
    EXPECT_EQ(report.next(), at("2015-03-30T05:00:00Z"));
    sim.advance(24h * 5);
    EXPECT_EQ(r.nominal,
              (instants{"2015-03-30T05:00:00Z", "2015-03-31T05:00:00Z", "2015-04-01T05:00:00Z"}));
}

TEST(calendar_periodic, ends_when_its_schedule_does) {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    recorded r;
    auto p = cicada::every(cron("0 0 12 1,2 1 * 2026"), r.body());
    sim.advance(24h * 3);
    EXPECT_EQ(r.nominal, (instants{"2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z"}));
    EXPECT_TRUE(p.has_ended());
}

TEST(calendar_periodic, that_never_comes_is_refused_unless_that_is_allowed) {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    try {
        static_cast<void>(cicada::every(cron("0 0 30 2 *"), [] {}));
        ADD_FAILURE() << "it was taken";
    } catch (const cicada::never_error& e) {
        EXPECT_EQ(e.rule(), cicada::schedule(cron("0 0 30 2 *")));
        EXPECT_EQ(e.after(), at("2026-01-01T00:00:00Z"));
        EXPECT_NE(
            std::string(e.what()).find("cron(\"0 0 30 2 *\") names no instant after 2026-01-01"),
            std::string::npos)
            << e.what();
    }
    try {
        static_cast<void>(cicada::every(cron("@reboot"), [] {}));
        ADD_FAILURE() << "it was taken";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("@reboot is an event"), std::string::npos) << e.what();
    }
    try { // of which the event is a part only
        static_cast<void>(cicada::every(
            cicada::any_of(cron("@reboot"), cicada::once("2020-01-01T00:00:00Z")), [] {}));
        ADD_FAILURE() << "it was taken";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("\"2020-01-01T00:00:00Z\")) names no instant after"),
                  std::string::npos)
            << e.what();
    }
    auto p = cicada::every(cron("0 0 30 2 *"), {.if_never = cicada::if_never::end}, [] {});
    EXPECT_TRUE(p.has_ended());
    auto q = cicada::every(cron("@hourly"), [] {});
    EXPECT_THROW(q.reschedule(cron("0 0 30 2 *")), std::invalid_argument);
    EXPECT_EQ(q.next(), at("2026-01-01T01:00:00Z")) << "it goes on as before";
}

TEST(calendar_periodic, whose_search_is_given_up_is_not_refused_as_one_that_never_comes) {
    cicada::simulation sim{"2026-01-01T23:59:59Z"};
    const cicada::detail::search few_steps(1000);
    const cicada::schedule s = except(cron("* * * * * *"), cron("* * * 2-16 * *"));
    EXPECT_NO_THROW(static_cast<void>(cicada::every(s, [] {})));
    auto q = cicada::every(1h, [] {});
    EXPECT_NO_THROW(q.reschedule(s));
}

TEST(calendar_periodic, refuses_what_is_for_intervals_and_the_other_way_round) {
    cicada::simulation sim;
    EXPECT_THROW(static_cast<void>(
                     cicada::every(cron("* * * * *"), {.missed = cicada::missed::burst}, [] {})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(1s, {.catch_up = catch_up::first}, [] {})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cicada::every(1s, {.retry = {.max = 1, .factor = 0.5}}, [] {})),
                 std::invalid_argument);
}

TEST(calendar_periodic, refuses_options_by_which_it_would_not_run) {
    cicada::simulation sim;
    const auto refuses = [](const cicada::every_options& how) {
        EXPECT_THROW(static_cast<void>(cicada::every(cron("* * * * *"), how, [] {})),
                     std::invalid_argument);
    };
    refuses({.catch_up = catch_up::all{0}});
    refuses({.catch_up_window = -1s});
    refuses({.start_deadline = -1s});
    refuses({.start_deadline = 1min, .jitter = 2min});
}

TEST(calendar_periodic, keeps_until_and_times_and_first) {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    recorded until, times, first;
    auto a = cicada::every(cron("@hourly"), {.until = at("2026-01-01T03:00:00Z")}, until.body());
    auto b = cicada::every(cron("@hourly"), {.times = 2}, times.body());
    auto c = cicada::every(cron("@hourly"), {.first = at("2026-01-01T04:00:00Z")}, first.body());
    sim.advance(5h);
    EXPECT_EQ(until.nominal, (instants{"2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"}));
    EXPECT_EQ(times.nominal, (instants{"2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"}));
    EXPECT_EQ(first.nominal, (instants{"2026-01-01T04:00:00Z", "2026-01-01T05:00:00Z"}));
    EXPECT_TRUE(a.has_ended() && b.has_ended() && !c.has_ended());
}

TEST(calendar_periodic, jitter_is_never_early_and_stays_before_the_next_instant) {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    std::vector<cicada::duration> late;
    auto p = cicada::every(cron("* * * * *"), {.name = "herd", .jitter = 5min},
                           [&](cicada::tick t) { late.push_back(t.lateness); });
    sim.advance(1h);
    ASSERT_GE(late.size(), 59u);
    cicada::duration least = 1h, most{};
    for (const auto l : late) {
        EXPECT_GE(l, 0s);
        EXPECT_LT(l, 1min);
        least = std::min(least, l);
        most = std::max(most, l);
    }
    EXPECT_LT(least, 20s);
    EXPECT_GT(most, 40s);
}

// ---- what was missed ----------------------------------------------------------------------------

// Hourly; the machine sleeps from 00:30 to 05:10.
struct suspended {
    instants nominal;
    instants decisions;
    std::uint64_t told = 0;
};
suspended asleep_with(cicada::every_options options) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    suspended s;
    options.history = 100;
    auto p = cicada::every(cron("@hourly"), options, [&](cicada::tick t) {
        s.nominal.push_back(cicada::format_instant(t.nominal).substr(11, 5));
        s.told += t.missed;
    });
    sim.stall(4h + 40min);
    sim.advance(1h);
    for (const decision& d : p.history()) {
        std::string text(to_string(d.what));
        text += ' ' + cicada::format_instant(d.nominal).substr(11, 5);
        if (d.count > 1) text += '-' + cicada::format_instant(d.last).substr(11, 5);
        if (d.into) text += " into " + cicada::format_instant(*d.into).substr(11, 5);
        s.decisions.push_back(text);
    }
    return s;
}

TEST(catch_up, last_runs_the_newest_that_was_missed_for_all) {
    const suspended s = asleep_with({});
    EXPECT_EQ(s.nominal, (instants{"05:00", "06:00"}));
    EXPECT_EQ(s.decisions,
              (instants{"coalesced_into 01:00-04:00 into 05:00", "ran 05:00", "ran 06:00"}));
    EXPECT_EQ(s.told, 4u);
}

TEST(catch_up, first_runs_the_oldest) {
    const suspended s = asleep_with({.catch_up = catch_up::first});
    EXPECT_EQ(s.nominal, (instants{"01:00", "06:00"}));
    EXPECT_EQ(s.decisions,
              (instants{"coalesced_into 02:00-05:00 into 01:00", "ran 01:00", "ran 06:00"}));
}

TEST(catch_up, all_runs_the_newest_so_many_oldest_first) {
    const suspended s = asleep_with({.catch_up = catch_up::all{3}});
    EXPECT_EQ(s.nominal, (instants{"03:00", "04:00", "05:00", "06:00"}));
    EXPECT_EQ(s.decisions,
              (instants{"missed 01:00-02:00", "ran 03:00", "ran 04:00", "ran 05:00", "ran 06:00"}));
}

TEST(catch_up, none_runs_nothing_that_is_a_minute_late) {
    const suspended s = asleep_with({.catch_up = catch_up::none});
    EXPECT_EQ(s.nominal, (instants{"06:00"}));
    EXPECT_EQ(s.decisions, (instants{"missed 01:00-05:00", "ran 06:00"}));
}

TEST(catch_up, keeps_to_its_window_and_to_the_start_deadline) {
    EXPECT_EQ(asleep_with({.catch_up = catch_up::all{10}, .catch_up_window = 2h + 30min}).decisions,
              (instants{"missed 01:00-02:00", "ran 03:00", "ran 04:00", "ran 05:00", "ran 06:00"}));
    EXPECT_EQ(asleep_with({.start_deadline = 5min}).decisions,
              (instants{"too_late 01:00-05:00", "ran 06:00"}));
}

TEST(catch_up, takes_no_jitter_for_lateness) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded none, window;
    const cicada::every_options spread{.name = "herd", .jitter = 30min};
    cicada::every_options how = spread;
    how.catch_up = catch_up::none;
    auto a = cicada::every(cron("@hourly"), how, none.body());
    how = spread;
    how.catch_up_window = 1min;
    auto b = cicada::every(cron("@hourly"), how, window.body());
    sim.advance(24h);
    EXPECT_EQ(none.nominal.size(), 24u);
    EXPECT_EQ(window.nominal.size(), 24u);
    sim.stall(4h);
    sim.advance(10min);
    EXPECT_LE(none.nominal.size(), 25u) << "what is late beyond its jitter is missed all the same";
    EXPECT_LE(window.nominal.size(), 25u);
    EXPECT_EQ(a.counters().missed, 28 - none.nominal.size());
}

TEST(catch_up, of_ages_is_bounded) {
    cicada::simulation sim{"2026-01-01T00:00:00Z"};
    recorded r;
    auto p = cicada::every(cron("* * * * * *"), {.history = 10}, r.body());
    sim.stall(24h * 365 * 20);
    sim.advance(1s);
    EXPECT_EQ(r.nominal, (instants{"2045-12-27T00:00:00Z", "2045-12-27T00:00:01Z"}));
    EXPECT_GE(p.history().front().count, 100'000u);
    EXPECT_TRUE(p.history().front().is_at_least);
    EXPECT_EQ(p.history().front().last, at("2045-12-26T23:59:59Z")) << "none is left out";
}

// ---- the wall clock -----------------------------------------------------------------------------

TEST(calendar_periodic, loses_nothing_and_doubles_nothing_when_the_clock_is_set) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto p = cicada::every(cron("@hourly"), {.history = 20}, r.body());
    sim.advance(1h); // 01:00 has run
    sim.step_wall(-2h); // 23:30 of the day before
    sim.advance(2h + 15min); // 01:45 once more
    EXPECT_EQ(r.nominal, (instants{"2026-01-01T01:00:00Z"})) << "01:00 was decided already";
    sim.advance(30min);
    sim.step_wall(2h); // from 02:15 to 04:15
    sim.advance(1h);
    EXPECT_EQ(brief(p.history()),
              (instants{"ran 2026-01-01T01:00:00Z", "ran 2026-01-01T02:00:00Z",
                        "coalesced_into 2026-01-01T03:00:00Z -> 2026-01-01T04:00:00Z",
                        "ran 2026-01-01T04:00:00Z", "ran 2026-01-01T05:00:00Z"}));
}

TEST(calendar_periodic, paused_tells_what_passed_and_resumes_with_the_next) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto p = cicada::every(cron("@hourly"), {.history = 20}, r.body());
    p.pause();
    sim.advance(3h);
    EXPECT_EQ(p.next(), std::nullopt);
    p.resume();
    EXPECT_EQ(p.next(), at("2026-01-01T04:00:00Z"));
    sim.advance(1h);
    EXPECT_EQ(brief(p.history()), (instants{"paused 2026-01-01T01:00:00Z..2026-01-01T03:00:00Z x3",
                                            "ran 2026-01-01T04:00:00Z"}));
}

TEST(calendar_periodic, paused_tells_what_was_excluded_meanwhile_as_excluded) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    const auto but_two = except(cron("@hourly"), cron("0 2 * * *"));
    auto p = cicada::every(but_two, {.history = 20}, r.body());
    p.pause();
    sim.advance(2h); // 01:00 and 02:00
    p.resume();
    p.pause();
    sim.advance(1h); // 03:00
    p.resume();
    EXPECT_EQ(brief(p.history()),
              (instants{"paused 2026-01-01T01:00:00Z", "excluded 2026-01-01T02:00:00Z",
                        "paused 2026-01-01T03:00:00Z"}));
}

TEST(calendar_periodic, that_is_plain_takes_three_small_blocks) {
    cicada::simulation sim{"2015-01-01T00:30:00Z"};
    const auto before = cicada::detail::pool_live_blocks();
    auto p = cicada::every(cron("@hourly", "Europe/Berlin"), [] {});
    EXPECT_EQ(cicada::detail::pool_live_blocks() - before, 3) << "itself, its state, its schedule";
    EXPECT_EQ(sizeof(cicada::detail::periodic_core), 48u);
    EXPECT_EQ(sizeof(cicada::detail::calendar_state), 16u);
    EXPECT_EQ(sizeof(cron), 80u);
    sim.advance(3h);
    EXPECT_EQ(cicada::detail::pool_live_blocks() - before, 3);
    EXPECT_EQ(p.counters().ran, 3u);
    EXPECT_EQ(p.next(), at("2015-01-01T04:00:00Z"));
}

TEST(calendar_periodic, that_is_plain_counts_and_tells_what_was_missed) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    std::uint64_t told = 0;
    auto p = cicada::every(cron("@hourly"), [&](cicada::tick t) { told += t.missed; });
    sim.stall(4h + 40min); // 01:00 to 05:00
    sim.advance(10min);
    EXPECT_EQ(told, 4u);
    EXPECT_EQ(p.counters().missed, 4u);
    EXPECT_EQ(p.counters().ran, 1u);
}

TEST(calendar_periodic, that_is_plain_grows_what_it_needs_when_it_needs_it) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    int runs = 0;
    auto p = cicada::every(cron("@hourly"), [&]() -> task<> {
        ++runs;
        co_await cicada::sleep(90min);
    });
    sim.advance(1h); // 01:00 runs until 02:30
    EXPECT_EQ(p.next(), at("2026-01-01T02:00:00Z"));
    sim.advance(1h); // 02:00 finds it running
    EXPECT_EQ(p.counters().dropped, 1u);
    p.pause();
    sim.advance(2h);
    p.resume();
    EXPECT_EQ(p.next(), at("2026-01-01T05:00:00Z"));
    sim.advance(1h);
    EXPECT_EQ(runs, 2);
}

TEST(calendar_periodic, can_be_rescheduled_to_another_calendar_and_to_an_interval_and_back) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto p = cicada::every(cron("@hourly"), r.body());
    sim.advance(1h);
    p.reschedule(cron("15 * * * *"));
    sim.advance(1h);
    p.reschedule(20min);
    sim.advance(20min);
    p.reschedule(cron("@hourly"));
    sim.advance(1h);
    EXPECT_EQ(r.nominal, (instants{"2026-01-01T01:00:00Z", "2026-01-01T02:15:00Z",
                                   "2026-01-01T02:50:00Z", "2026-01-01T03:00:00Z"}));
}

TEST(calendar_periodic, triggered_runs_once_more_and_keeps_its_schedule) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto p = cicada::every(cron("@hourly"), r.body());
    p.trigger();
    sim.advance(30min);
    EXPECT_EQ(r.nominal, (instants{"2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"}));
}

TEST(calendar_periodic, with_a_long_coroutine_obeys_its_overlap_policy) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    std::vector<decision> seen;
    const auto body = []() -> task<> { co_await cicada::sleep(90min); };
    auto p = cicada::every(cron("@hourly"),
                           {.overlap = cicada::overlap::buffer_one,
                            .on_decision = [&](const decision& d) { seen.push_back(d); }},
                           body);
    sim.advance(5h);
    p.cancel();
    sim.settle();
    EXPECT_EQ(brief(seen),
              (instants{"ran 2026-01-01T01:00:00Z", "ran 2026-01-01T02:00:00Z",
                        "skipped_overlap 2026-01-01T05:00:00Z", "ran 2026-01-01T03:00:00Z",
                        "cancelled 2026-01-01T04:00:00Z"}));
    EXPECT_EQ(seen[1].started_at, at("2026-01-01T02:30:00Z")) << "buffered, with its own instant";
    EXPECT_EQ(seen[1].ended_at, at("2026-01-01T04:00:00Z"));
}

// ---- the tz database ----------------------------------------------------------------------------

void reload(cicada::simulation& sim) {
    ASSERT_TRUE(cicada::reload_tz());
    sim.get().reconsider();
    sim.settle();
}

TEST(calendar_periodic, follows_a_change_of_its_zone_without_losing_or_doubling_an_instant) {
    const support::tz_directory database;
    database.write_zone("Test/Republic", "OLD-1");
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto daily = cicada::every(cron("0 3 * * *", "Test/Republic"), r.body());
    EXPECT_EQ(daily.next(), at("2026-01-01T02:00:00Z"));
    sim.advance(1h);

    database.write_zone("Test/Republic", "NEW-3"); // 03:00 was at midnight, before the periodic was
    reload(sim);
    EXPECT_EQ(daily.next(), at("2026-01-01T00:00:00Z") + 24h);
    sim.advance(24h);
    EXPECT_EQ(r.nominal, (instants{"2026-01-02T00:00:00Z"}));

    database.write_zone("Test/Republic", "OLD-1"); // and back, after today's 03:00 has run
    reload(sim);
    EXPECT_EQ(daily.next(), at("2026-01-02T02:00:00Z")) << "a later instant, and so another one";
}

TEST(calendar_periodic, catches_up_what_a_change_of_its_zone_moved_into_the_past) {
    const support::tz_directory database;
    database.write_zone("Test/Isle", "OLD+5");
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    recorded r;
    auto daily = cicada::every(cron("0 3 * * *", "Test/Isle"), r.body());
    EXPECT_EQ(daily.next(), at("2026-01-01T08:00:00Z"));
    sim.advance(2h);
    database.write_zone("Test/Isle", "NEW+1:30"); // it would have been at 04:30, no: it will be
    reload(sim);
    EXPECT_EQ(daily.next(), at("2026-01-01T04:30:00Z"));
    database.write_zone("Test/Isle", "NEW-2"); // 01:00, an hour and a half ago
    reload(sim);
    EXPECT_EQ(r.nominal, (instants{"2026-01-01T01:00:00Z"}));
    EXPECT_EQ(daily.next(), at("2026-01-02T01:00:00Z"));
}

} // namespace
