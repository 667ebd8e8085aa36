// What a periodic does by its course: what is under way as it is rescheduled, paused, or comes to
// its end, and what callbacks may do meanwhile.

#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::cron;
using cicada::decision;
using cicada::first;
using cicada::overlap;
using cicada::task;
using cicada::wall_time;

namespace {

using lines = std::vector<std::string>;

std::string clock(wall_time t) {
    const std::string text = cicada::format_instant(t);
    return text.substr(0, 10) == "2026-01-01" ? text.substr(11, 8) : text;
}
/// "ran 01:00:00", or "paused 01:00:00..03:00:00 x3".
std::string brief(const decision& d) {
    std::string text = std::string(to_string(d.what)) + ' ' + clock(d.nominal);
    if (d.count != 1) text += ".." + clock(d.last) + " x" + std::to_string(d.count);
    return text;
}
lines brief(const std::vector<decision>& all) {
    lines texts;
    for (const decision& d : all) texts.push_back(brief(d));
    return texts;
}

// ---- another schedule while an instant is under way
// ----------------------------------------------

TEST(reschedule, in_a_body_leaves_its_instant_on_its_own_time_line) {
    support::simulated sim;
    lines ran;
    cicada::periodic p;
    const auto there_and_back = [&](cicada::tick t) -> task<> {
        ran.push_back(clock(t.nominal) + " late by " + std::to_string(t.lateness / 1s));
        if (ran.size() % 2 == 1) {
            p.reschedule(cron("@hourly"));
        } else {
            p.reschedule(10min);
        }
        co_await cicada::sleep(1s);
    };
    p = cicada::every(10min, {.history = 9}, there_and_back);
    sim->advance(2h + 30min);
    EXPECT_EQ(ran, (lines{"00:00:00 late by 0", "01:00:00 late by 0", "01:10:00 late by 0",
                          "02:00:00 late by 0", "02:10:00 late by 0"}));
    EXPECT_EQ(brief(p.history()), (lines{"ran 00:00:00", "ran 01:00:00", "ran 01:10:00",
                                         "ran 02:00:00", "ran 02:10:00"}));
}

TEST(reschedule, leaves_what_is_buffered_on_its_own_time_line) {
    support::simulated sim;
    auto p = cicada::every(10min, {.overlap = overlap::buffer_one, .history = 9},
                           []() -> task<> { co_await cicada::sleep(15min); });
    sim->advance(12min); // 00:00 runs, 00:10 waits
    p.reschedule(cron("@hourly"));
    sim->advance(1h);
    EXPECT_EQ(brief(p.history()), (lines{"ran 00:00:00", "ran 00:10:00"}));
    EXPECT_EQ(p.history()[1].started_at, cicada::parse_instant("2026-01-01T00:15:00Z"));
}

TEST(reschedule, leaves_what_waits_for_a_retry_on_its_own_time_line) {
    support::simulated sim;
    lines tried;
    auto p = cicada::every(cron("@hourly"), {.retry = {.max = 1, .backoff = 1min}, .history = 9},
                           [&](cicada::tick t) {
                               tried.push_back(clock(t.nominal));
                               if (t.attempt == 1) throw 1;
                           });
    sim->advance(1h); // fails
    p.reschedule(12h);
    sim->advance(2min);
    EXPECT_EQ(tried, (lines{"01:00:00", "01:00:00"}));
    EXPECT_EQ(brief(p.history()), (lines{"ran 01:00:00"}));
}

TEST(reschedule, leaves_the_runs_that_are_to_be_caught_up_on_their_own_time_line) {
    support::simulated sim;
    lines ran;
    cicada::periodic p;
    p = cicada::every(cron("@hourly"), {.catch_up = cicada::catch_up::all{3}, .history = 9},
                      [&](cicada::tick t) {
                          ran.push_back(clock(t.nominal));
                          if (ran.size() == 1) p.reschedule(2h);
                      });
    sim->stall(3h + 30min);
    sim->advance(2h);
    EXPECT_EQ(ran, (lines{"01:00:00", "02:00:00", "03:00:00", "05:30:00"}));
}

TEST(reschedule, decides_what_has_come_by_the_schedule_that_was) {
    for (const bool is_calendar : {false, true}) {
        support::simulated sim;
        cicada::every_options how{.first = first::after_period, .history = 9};
        auto p = is_calendar ? cicada::every(cron("@hourly"), how, [] {})
                             : cicada::every(1h, how, [] {});
        sim->get().post([&] { p.reschedule(30min); }); // before the loop comes to what is due
        sim->stall(3h + 10min);
        sim->advance(30min);
        EXPECT_EQ(p.counters().ran, 2u);
        EXPECT_EQ(p.counters().missed, 2u);
        std::uint64_t told = 0;
        for (const decision& d : p.history()) told += d.count;
        EXPECT_EQ(told, 4u) << "three of the old, and 03:40";
        EXPECT_EQ(brief(p.history().back()), "ran 03:40:00");
    }
}

TEST(reschedule, decides_what_its_jitter_delays_by_the_schedule_that_was) {
    support::simulated sim;
    auto p = cicada::every(cron("@hourly"), {.name = "herd", .jitter = 50min, .history = 9}, [] {});
    sim->advance(1h);
    ASSERT_EQ(p.counters().ran, 0u) << "not yet";
    p.reschedule(cron("45 * * * *"));
    sim->settle();
    EXPECT_EQ(brief(p.history()), (lines{"ran 01:00:00"}));
}

TEST(reschedule, of_a_one_shot_is_refused_also_in_its_own_body) {
    support::simulated sim;
    bool refused = false;
    cicada::periodic p;
    p = cicada::after(1s, [&] {
        try {
            p.reschedule(1s);
        } catch (const std::logic_error&) {
            refused = true;
        }
    });
    sim->advance(2s);
    EXPECT_TRUE(refused);
    EXPECT_THROW(p.reschedule(1s), std::logic_error) << "and after its end";
}

TEST(reschedule, to_a_calendar_counts_from_now_and_not_from_the_last_turn) {
    support::simulated sim;
    auto p = cicada::every(10s, [] {});
    sim->advance(1500ms);
    p.reschedule(cron("* * * * * *"));
    EXPECT_EQ(p.next(), cicada::parse_instant("2026-01-01T00:00:02Z"));
}

TEST(trigger, in_a_body_runs_in_the_next_turn_also_when_the_rules_of_zones_are_reloaded) {
    support::simulated sim;
    lines ran;
    cicada::periodic p;
    p = cicada::every(1h, [&](cicada::tick t) {
        ran.push_back(clock(t.nominal));
        if (ran.size() == 1) p.trigger();
    });
    sim->settle();
    EXPECT_EQ(ran, (lines{"00:00:00", "00:00:00"}));
    p.trigger();
    sim->get().reconsider();
    sim->settle();
    EXPECT_EQ(ran.size(), 3u);
}

// ---- who is told may do anything with the handle
// -------------------------------------------------

TEST(on_decision, may_reschedule_as_a_pause_ends) {
    for (const bool resumes : {true, false}) {
        support::simulated sim;
        cicada::periodic p;
        lines told;
        p = cicada::every(cron("@hourly"),
                          {.on_decision =
                               [&](const decision& d) {
                                   told.push_back(brief(d));
                                   if (told.size() < 4) p.reschedule(cron("30 * * * *"));
                               }},
                          [] {});
        p.pause();
        sim->advance(3h + 10min);
        if (resumes) {
            p.resume();
        } else {
            p.reschedule(cron("15 * * * *"));
            p.resume();
        }
        sim->advance(1h);
        EXPECT_EQ(told[0], "paused 01:00:00..03:00:00 x3");
        EXPECT_EQ(told[1], "ran 03:30:00");
        EXPECT_EQ(told.size(), 2u);
        EXPECT_EQ(p.next(), cicada::parse_instant("2026-01-01T04:30:00Z"));
        EXPECT_EQ(sim->get().pending_timers(), 1u) << "armed once";
    }
}

TEST(on_decision, may_drop_the_handle_as_a_pause_ends) {
    for (const bool resumes : {true, false}) {
        support::simulated sim;
        std::optional<cicada::periodic> p;
        int told = 0;
        const auto drop = [&](const decision&) {
            ++told;
            p.reset();
        };
        p.emplace(cicada::every(cron("@hourly"), {.on_decision = drop}, [] {}));
        p->pause();
        sim->advance(3h + 10min);
        if (resumes) {
            p->resume();
        } else {
            p->reschedule(30min);
        }
        sim->advance(1h);
        EXPECT_FALSE(p);
        EXPECT_EQ(told, 1);
        EXPECT_EQ(sim->get().pending_timers(), 0u);
    }
}

TEST(on_decision, that_asks_for_more_is_told_of_it_after_what_it_was_being_told) {
    support::simulated sim;
    lines told;
    cicada::periodic p;
    p = cicada::every(except(cron("@hourly"), cron("0 2 * * *")),
                      {.on_decision =
                           [&](const decision& d) {
                               told.push_back(brief(d));
                               p.cancel();
                           }},
                      [] {});
    p.pause();
    sim->advance(3h + 30min);
    p.resume();
    EXPECT_EQ(told, (lines{"paused 01:00:00", "excluded 02:00:00", "paused 03:00:00"}));
    EXPECT_TRUE(p.has_ended());
}

// ---- until, and times
// ----------------------------------------------------------------------------

TEST(until, ends_an_interval_with_its_last_run_and_counts_no_instants_beyond) {
    support::simulated sim;
    const auto start = sim->wall_now();
    auto stalled = cicada::every(1s, {.until = start + 2500ms, .history = 9}, [] {});
    auto daily = cicada::every(24h, {.until = start + 1h}, [] {});
    auto slow = cicada::every(1s, {.until = start + 500ms},
                              []() -> task<> { co_await cicada::sleep(1min); });
    sim->advance(1500ms);
    EXPECT_TRUE(daily.has_ended()) << "it has no further instant";
    EXPECT_FALSE(slow.has_ended()) << "its run goes on";
    sim->stall(8500ms);
    sim->settle();
    EXPECT_EQ(brief(stalled.history()), (lines{"ran 00:00:00", "ran 00:00:01", "ran 00:00:02"}));
    EXPECT_EQ(stalled.counters().missed, 0u);
    EXPECT_TRUE(stalled.has_ended());
    sim->advance(1min);
    EXPECT_TRUE(slow.has_ended());
}

TEST(until, means_the_same_as_an_option_and_as_a_schedule) {
    support::simulated sim;
    const auto end = sim->wall_now() + 3h;
    auto option = cicada::every(cron("@hourly"), {.until = end, .history = 9}, [] {});
    auto schedule = cicada::every(until(cron("@hourly"), end), {.history = 9}, [] {});
    auto interval =
        cicada::every(1h, {.first = first::after_period, .until = end, .history = 9}, [] {});
    sim->advance(4h);
    for (const auto* p : {&option, &schedule, &interval}) {
        EXPECT_EQ(brief(p->history()), (lines{"ran 01:00:00", "ran 02:00:00"}));
        EXPECT_TRUE(p->has_ended());
    }
}

TEST(times, tells_of_what_waits_in_the_buffer_as_the_last_run_starts) {
    support::simulated sim;
    auto p = cicada::every(1s, {.times = 2, .overlap = overlap::buffer_all{3}, .history = 9},
                           []() -> task<> { co_await cicada::sleep(2500ms); });
    sim->advance(10s);
    EXPECT_EQ(brief(p.history()), (lines{"ran 00:00:00", "cancelled 00:00:02", "ran 00:00:01"}));
    EXPECT_TRUE(p.has_ended());
}

// ---- pauses
// --------------------------------------------------------------------------------------

TEST(pause, holds_what_is_buffered_and_lets_what_runs_go_on) {
    support::simulated sim;
    std::vector<std::string> ran;
    auto p = cicada::every(10s, {.overlap = overlap::buffer_one, .history = 9},
                           [&](cicada::tick t) -> task<> {
                               ran.push_back(clock(t.nominal));
                               co_await cicada::sleep(15s);
                           });
    sim->advance(12s);
    p.pause(); // 00:00:10 waits
    sim->advance(13s);
    EXPECT_EQ(ran, (lines{"00:00:00"}));
    p.resume();
    sim->advance(1s);
    EXPECT_EQ(ran, (lines{"00:00:00", "00:00:10"})) << "it was not lost";
    EXPECT_EQ(brief(p.history()), (lines{"ran 00:00:00", "paused 00:00:20"}));
}

TEST(pause, lets_retries_go_on_and_what_is_triggered_start) {
    support::simulated sim;
    lines tried;
    auto p = cicada::every(1h, {.overlap = overlap::buffer_one, .retry = {.max = 1, .backoff = 1s}},
                           [&](cicada::tick t) {
                               tried.push_back(clock(t.nominal));
                               if (t.attempt == 1 && tried.size() == 1) throw 1;
                           });
    sim->settle();
    p.pause();
    p.trigger(); // while the retry is waited for
    sim->advance(2s);
    EXPECT_EQ(tried, (lines{"00:00:00", "00:00:00", "00:00:00"}));
    EXPECT_EQ(p.counters().ran, 2u);
}

// ---- the wall clock
// ------------------------------------------------------------------------------

TEST(clock_went_back, by_years_lets_a_calendar_decide_from_the_new_now_on) {
    support::simulated sim("2030-01-01T00:30:00Z");
    auto daily = cicada::every(cron("0 12 * * *"), {.history = 9}, [] {});
    auto plain = cicada::every(cron("0 12 * * *"), [] {});
    sim->advance(5s);
    sim->set_wall(cicada::parse_instant("2026-01-01T00:30:05Z"));
    sim->advance(24h);
    EXPECT_EQ(plain.counters().ran, 1u);
    const auto told = daily.history();
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].what, decision::kind::clock_went_back);
    EXPECT_EQ(told[0].count, 0u);
    EXPECT_EQ(brief(told[1]), "ran 12:00:00");
    ASSERT_EQ(sim.errors.size(), 1u) << "once, not for each";
    EXPECT_NE(sim.errors[0].find("ahead"), std::string::npos) << sim.errors[0];
}

TEST(clock_went_back, is_noticed_also_by_a_loop_that_had_no_calendar_before) {
    support::simulated sim;
    auto p = cicada::every(1s, {.history = 1}, [] {});
    sim->advance(1min);
    p.reschedule(cron("@hourly"));
    sim->step_wall(-5h);
    sim->settle();
    EXPECT_EQ(p.next(), cicada::parse_instant("2025-12-31T20:00:00Z"));
}

TEST(clock_went_back, by_three_hours_changes_nothing) {
    support::simulated sim("2026-01-01T04:30:00Z");
    auto hourly = cicada::every(cron("@hourly"), {.history = 9}, [] {});
    sim->advance(1h); // 05:00 has run
    sim->step_wall(-3h); // 02:30
    sim->advance(3h + 15min);
    EXPECT_EQ(brief(hourly.history()), (lines{"ran 05:00:00"}));
    sim->advance(30min);
    EXPECT_EQ(brief(hourly.history()), (lines{"ran 05:00:00", "ran 06:00:00"}));
}

TEST(clock_went_back, leaves_a_schedule_that_begins_later_alone) {
    support::simulated sim;
    auto p = cicada::every(cron("@hourly"), {.first = first(sim->wall_now() + 30h), .history = 9},
                           [] {});
    sim->advance(40h);
    EXPECT_EQ(p.history().front().what, decision::kind::ran);
    EXPECT_EQ(p.counters().ran, 11u);
}

// ---- what is far away
// ----------------------------------------------------------------------------

TEST(gave_up, is_not_never_and_the_periodic_looks_on) {
    support::simulated sim("2026-01-02T00:00:00Z");
    auto p = cicada::every(except(cron("* * * * * *"), cron("* * * 2-16 * *")), [] {});
    EXPECT_FALSE(p.has_ended());
    EXPECT_EQ(p.next(), std::nullopt) << "not known yet";
    sim->advance(24h * 15 - 1s);
    EXPECT_EQ(p.counters().ran, 0u);
    sim->advance(10s);
    EXPECT_EQ(p.counters().ran, 10u);
}

} // namespace
