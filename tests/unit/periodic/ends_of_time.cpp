#include <cicada/cicada.hpp>

#include <cstdint>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include <support/simulated.hpp>

// What lies at the ends of time, or further from now than a duration can say, saturates. Under
// UndefinedBehaviorSanitizer.

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::elapsed_time;
using cicada::first;
using cicada::interval;
using cicada::task;
using cicada::wall_time;
using testing::ElementsAre;

namespace {

const cicada::every_options watched{.history = 99};

TEST(ends_of_time, of_one_shots) {
    support::simulated sim;
    std::vector<std::string> ran;
    const auto body = [&](const char* what) {
        return [&ran, what](cicada::tick t) {
            ran.push_back(what);
            EXPECT_GE(t.lateness, 0s);
            EXPECT_GE(t.now, t.nominal);
        };
    };
    std::vector<cicada::periodic> all;
    for (const auto* options : {static_cast<const cicada::every_options*>(nullptr), &watched}) {
        const auto after = [&](duration delay, const char* what) {
            all.push_back(options ? cicada::after(delay, *options, body(what))
                                  : cicada::after(delay, body(what)));
        };
        const auto at = [&](wall_time instant, const char* what) {
            all.push_back(options ? cicada::at(instant, *options, body(what))
                                  : cicada::at(instant, body(what)));
        };
        after(duration::max(), "never");
        after(duration::min(), "after min");
        at(wall_time::max(), "never");
        at(wall_time::min(), "at min");
        at(wall_time::min() + 1ns, "at min + 1");
    }
    sim->advance(1s);
    EXPECT_THAT(
        ran, ElementsAre("after min", "after min", "at min", "at min", "at min + 1", "at min + 1"));
    for (const auto& p : all) static_cast<void>(p.next());
    sim->stall(1h);
    for (const auto& p : all) p.cancel();
    EXPECT_EQ(ran.size(), 6u);
}

TEST(ends_of_time, of_one_shots_with_a_deadline_jitter_and_accuracy) {
    support::simulated sim;
    std::vector<decision::kind> told;
    const auto told_of = [&](cicada::every_options how) {
        how.on_decision = [&](const decision& d) { told.push_back(d.what); };
        return how;
    };
    std::vector<cicada::periodic> all;
    for (const wall_time instant :
         {wall_time::min(), wall_time::min() + 1ns, wall_time::max() - 1ns, wall_time::max()}) {
        for (const duration many : {duration(1h), duration::max() - 1ns, duration::max()}) {
            all.push_back(cicada::at(instant, told_of({.start_deadline = 1h}), [] {}));
            all.push_back(cicada::at(instant, told_of({.jitter = many}), [] {}));
            all.push_back(cicada::at(instant, told_of({.accuracy = many}), [] {}));
            all.push_back(cicada::at(instant, told_of({.jitter = many, .accuracy = many}), [] {}));
            all.push_back(cicada::after(instant.time_since_epoch(),
                                        told_of({.jitter = many, .accuracy = many}), [] {}));
        }
    }
    sim->advance(24h);
    EXPECT_EQ(std::count(told.begin(), told.end(), decision::kind::too_late), 6);
    for (const auto& p : all) p.cancel();
}

TEST(ends_of_time, of_intervals) {
    support::simulated sim;
    std::vector<cicada::periodic> all;
    int ran = 0;
    const auto body = [&](cicada::tick t) {
        ++ran;
        EXPECT_GE(t.lateness, 0s);
    };
    for (const interval& when :
         {interval(1h), cicada::fixed_delay(1h), interval(duration::max() - 1ns),
          cicada::fixed_delay(duration::max() - 1ns), interval(duration::max()),
          cicada::fixed_delay(duration::max())}) {
        for (const first& begin :
             {first(), first::after_period, first(elapsed_time::min()), first(elapsed_time::max()),
              first(wall_time::min()), first(wall_time::max())}) {
            all.push_back(cicada::every(when, {.first = begin}, body));
            all.push_back(cicada::every(when, {.first = begin, .history = 9}, body));
            all.push_back(cicada::every(
                when, {.first = begin, .jitter = duration::max(), .accuracy = duration::max()},
                body));
        }
        all.push_back(cicada::every(when, body));
    }
    sim->advance(24h);
    EXPECT_GT(ran, 50);
    for (const auto& p : all) static_cast<void>(p.next());
    for (const auto& p : all) p.pause();
    sim->stall(std::chrono::hours(24 * 365 * 250));
    for (const auto& p : all) p.resume();
    sim->settle();
    sim->stall(1h);
    for (const auto& p : all) p.reschedule(interval(duration::max() - 1ns));
    for (const auto& p : all) p.cancel();
}

TEST(ends_of_time, of_what_passed_during_a_pause_or_before_a_cancel_is_counted) {
    // From a century ago until 250 years from now is more than a duration holds.
    support::simulated sim;
    auto resumed = cicada::every(1h, {.first = first(elapsed_time::min()), .history = 9}, [] {});
    auto cancelled = cicada::every(1h, {.first = first(elapsed_time::min()), .history = 9}, [] {});
    auto missed = cicada::every(1h, {.first = first(elapsed_time::min()), .history = 9}, [] {});
    auto burst = cicada::every(
        1ns, {.first = first(elapsed_time::min()), .missed = cicada::missed::delay, .history = 9},
        [] {});
    resumed.pause();
    sim->stall(std::chrono::hours(24 * 365 * 250));
    cancelled.cancel();
    resumed.resume();
    sim->settle();
    const std::uint64_t hours = 24 * 36525 + 24 * 365 * 250;
    ASSERT_GE(resumed.history().size(), 1u);
    EXPECT_EQ(resumed.history()[0].what, decision::kind::paused);
    EXPECT_EQ(resumed.history()[0].count, hours);
    ASSERT_EQ(cancelled.history().size(), 1u);
    EXPECT_EQ(cancelled.history()[0].what, decision::kind::cancelled);
    EXPECT_EQ(cancelled.history()[0].count, hours + 1) << "the one that is now, too";
    EXPECT_EQ(missed.counters().missed, hours);
    EXPECT_EQ(burst.counters().missed, hours * 3'600'000'000'000);
}

TEST(ends_of_time, of_a_run_that_fails_there) {
    support::simulated sim;
    auto p = cicada::at(
        wall_time::min(),
        {.retry = {.max = 2, .backoff = duration::max(), .cap = duration::max()}, .history = 9},
        [] { throw 7; });
    auto q = cicada::after(
        duration::min(),
        {.retry = {.max = 2, .backoff = 1h, .cap = duration::max(), .jitter = duration::max()}},
        [] { throw 7; });
    sim->advance(24h);
    EXPECT_FALSE(p.has_ended());
    EXPECT_EQ(sim.errors.size(), 2u);
}

TEST(ends_of_time, of_a_calendar) {
    support::simulated sim;
    int ran = 0;
    std::vector<cicada::periodic> all;
    for (const wall_time instant : {wall_time::min(), wall_time::max()}) {
        const cicada::schedule daily = cicada::every_interval(24h, instant);
        for (const first& begin : {first(), first(wall_time::min()), first(wall_time::max()),
                                   first(elapsed_time::min()), first(elapsed_time::max())}) {
            for (const auto until : {wall_time::min(), wall_time::max()}) {
                cicada::every_options how{.first = begin, .history = 9};
                how.until = until;
                how.if_never = cicada::if_never::end;
                how.jitter = duration::max();
                all.push_back(cicada::every(daily, how, [&] { ++ran; }));
                how.catch_up = cicada::catch_up::all{9};
                how.accuracy = duration::max();
                all.push_back(cicada::every(daily, how, [&] { ++ran; }));
            }
        }
    }
    sim->advance(72h);
    for (const auto& p : all) p.pause();
    sim->stall(std::chrono::hours(24 * 365 * 200));
    for (const auto& p : all) p.resume();
    sim->settle();
    EXPECT_GT(ran, 3);
}

} // namespace
