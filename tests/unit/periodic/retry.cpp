#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::task;

namespace {

struct tried {
    duration at;
    std::uint32_t attempt;
    duration nominal;
    bool operator==(const tried&) const = default;
};
void PrintTo(const tried& t, std::ostream* out) {
    *out << t.at / 1ms << " ms: attempt " << t.attempt << " for " << t.nominal / 1ms;
}
using attempts = std::vector<tried>;

/// A body that fails until its n-th attempt, and what became of it.
struct fixture {
    std::vector<std::string> errors;
    cicada::simulation sim{cicada::wall_time{}, {.on_error = [this](const cicada::error_report& r) {
                               errors.push_back(r.what());
                           }}};
    attempts seen;
    auto failing(std::uint32_t until) {
        return [this, until](cicada::tick t) {
            seen.push_back({sim.elapsed(), t.attempt, t.nominal.time_since_epoch()});
            if (t.attempt < until) throw std::runtime_error("no");
        };
    }
    auto failing_slowly(std::uint32_t until) {
        return [this, until](cicada::tick t) -> task<> {
            seen.push_back({sim.elapsed(), t.attempt, t.nominal.time_since_epoch()});
            co_await cicada::sleep(100ms);
            if (t.attempt < until) throw std::runtime_error("no");
        };
    }
};

TEST(retry, refuses_a_backoff_that_its_cap_would_cut) {
    fixture f;
    const auto refusal_of = [](const cicada::every_options& options) -> std::string {
        try {
            cicada::every(1h, options, [] {}).detach();
            cicada::after(1h, options, [] {}).detach();
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
        return "none";
    };
    EXPECT_EQ(refusal_of({.retry = {.backoff = 20min}}),
              "cicada: a retry's `backoff` of 20m is longer than its `cap` of 5m, which would cut "
              "it; give a `cap` of 20m or more");
    EXPECT_EQ(refusal_of({.retry = {.backoff = 2s, .cap = 1s}}),
              "cicada: a retry's `backoff` of 2s is longer than its `cap` of 1s, which would cut "
              "it; give a `cap` of 2s or more");
    EXPECT_EQ(refusal_of({.retry = {.backoff = 20min, .cap = 20min}}), "none");
    EXPECT_EQ(refusal_of({.retry = {.backoff = 5min}}), "none");
}

TEST(retry, tries_again_for_the_same_instant_and_keeps_the_schedule) {
    fixture f;
    auto p = cicada::every(10s, {.retry = {.max = 3}, .history = 9}, f.failing(3));
    f.sim.advance(12s);
    EXPECT_EQ(f.seen,
              (attempts{{0s, 1, 0s}, {1s, 2, 0s}, {3s, 3, 0s}, {10s, 1, 10s}, {11s, 2, 10s}}));
    EXPECT_EQ(f.errors.size(), 4u) << "each failed attempt is told";
    EXPECT_EQ(p.counters().ran, 2u);
    EXPECT_EQ(p.counters().failed, 4u);
    ASSERT_EQ(p.history().size(), 1u) << "the second is still being tried";
    EXPECT_EQ(p.history()[0].what, decision::kind::ran);
    EXPECT_EQ(p.history()[0].attempts, 3u);
    EXPECT_EQ(p.history()[0].ended_at - p.history()[0].started_at, 3s);
}

TEST(retry, gives_up_after_its_last_attempt_and_the_next_tick_comes) {
    fixture f;
    auto p = cicada::every(10s, {.retry = {.max = 1}, .history = 9}, f.failing(9));
    f.sim.advance(11s);
    EXPECT_EQ(f.seen, (attempts{{0s, 1, 0s}, {1s, 2, 0s}, {10s, 1, 10s}, {11s, 2, 10s}}));
    ASSERT_EQ(p.history().size(), 2u);
    EXPECT_EQ(p.history()[1].what, decision::kind::failed);
    EXPECT_EQ(p.history()[1].attempts, 2u);
}

TEST(retry, holds_for_coroutines_and_counts_as_running_while_it_waits) {
    fixture f;
    auto p = cicada::every(1s, {.retry = {.max = 3, .backoff = 1500ms, .factor = 1}, .history = 9},
                           f.failing_slowly(2));
    f.sim.advance(2s);
    EXPECT_EQ(f.seen, (attempts{{0s, 1, 0s}, {1600ms, 2, 0s}, {2s, 1, 2s}}));
    EXPECT_EQ(p.counters().dropped, 1u) << "1 s came while 0 s waited for its retry";
}

TEST(retry, asks_its_predicate) {
    fixture f;
    const auto only_runtime = [](const std::exception_ptr& e) {
        try {
            std::rethrow_exception(e);
        } catch (const std::runtime_error&) {
            return true;
        } catch (...) {
            return false;
        }
    };
    int ran = 0;
    auto a = cicada::every(1h, {.retry = {.max = 5, .when = only_runtime}}, f.failing(3));
    auto b = cicada::every(1h, {.retry = {.max = 5, .when = only_runtime}}, [&] {
        ++ran;
        throw 1;
    });
    f.sim.advance(1min);
    EXPECT_EQ(f.seen.size(), 3u);
    EXPECT_EQ(ran, 1);
}

TEST(retry, starts_what_was_buffered_meanwhile) {
    fixture f;
    auto p = cicada::every(1s,
                           {.times = 2,
                            .overlap = cicada::overlap::buffer_one,
                            .retry = {.max = 1, .backoff = 1200ms}},
                           f.failing(2));
    f.sim.advance(5s);
    EXPECT_EQ(f.seen, (attempts{{0s, 1, 0s}, {1200ms, 2, 0s}, {1200ms, 1, 1s}, {2400ms, 2, 1s}}));
    EXPECT_TRUE(p.has_ended());
}

TEST(retry, is_waited_for_no_longer_once_it_is_cancelled) {
    fixture f;
    auto p = cicada::every(1s, {.retry = {.max = 9, .backoff = 1h, .cap = 1h}, .history = 9},
                           f.failing(9));
    f.sim.settle();
    p.cancel();
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(f.sim.get().pending_timers(), 0u);
    ASSERT_EQ(p.history().size(), 1u);
    EXPECT_EQ(p.history()[0].what, decision::kind::failed);
    EXPECT_EQ(p.history()[0].attempts, 1u);
}

TEST(retry, comes_before_on_error_stop) {
    fixture f;
    auto p =
        cicada::every(10s, {.on_error = cicada::on_error::stop, .retry = {.max = 1}}, f.failing(9));
    f.sim.advance(500ms);
    EXPECT_FALSE(p.has_ended());
    f.sim.advance(500ms);
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(f.errors.size(), 1u) << "the last one is for whoever awaits the handle";
    f.sim.run([](cicada::periodic& ended) -> task<> {
        bool thrown = false;
        try {
            co_await ended;
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    }(p));
}

TEST(retry, of_all_runs_of_an_allowed_overlap_goes_on_side_by_side) {
    fixture f;
    auto p = cicada::every(
        1s,
        {.times = 3, .overlap = cicada::overlap::allow{3}, .retry = {.max = 1, .backoff = 1500ms}},
        f.failing(2));
    f.sim.advance(10s);
    EXPECT_EQ(f.seen, (attempts{{0s, 1, 0s},
                                {1s, 1, 1s},
                                {1500ms, 2, 0s},
                                {2s, 1, 2s},
                                {2500ms, 2, 1s},
                                {3500ms, 2, 2s}}));
    EXPECT_TRUE(p.has_ended());
}

// ---- failing again and again --------------------------------------------------------------------

TEST(failure_limit, notifies_after_so_many_in_a_row_and_again_after_as_many) {
    fixture f;
    auto p =
        cicada::every(1s, {.failures = {.in_a_row = 2}}, [] { throw std::runtime_error("no"); });
    f.sim.advance(4s);
    EXPECT_EQ(f.errors,
              (std::vector<std::string>{"no", "no", "cicada: 2 runs in a row have failed", "no",
                                        "no", "cicada: 4 runs in a row have failed", "no"}));
    EXPECT_FALSE(p.has_ended());
}

TEST(failure_limit, begins_anew_after_a_success) {
    fixture f;
    int ran = 0;
    auto p = cicada::every(1s, {.failures = {.in_a_row = 2}}, [&] {
        if (++ran % 2 == 0) throw std::runtime_error("no");
    });
    f.sim.advance(10s);
    EXPECT_EQ(f.errors, std::vector<std::string>(5, "no"));
}

TEST(failure_limit, pauses_until_it_is_resumed) {
    fixture f;
    int ran = 0;
    auto p = cicada::every(
        1s, {.failures = {.in_a_row = 2, .then = cicada::failure_limit::action::pause}}, [&] {
            ++ran;
            throw std::runtime_error("no");
        });
    f.sim.advance(10s);
    EXPECT_EQ(ran, 2);
    p.resume();
    f.sim.advance(10s);
    EXPECT_EQ(ran, 4);
}

TEST(failure_limit, stops_and_gives_the_last_error_to_who_awaits) {
    fixture f;
    auto p = cicada::every(
        1s, {.failures = {.in_a_row = 3, .then = cicada::failure_limit::action::stop}},
        [] { throw std::runtime_error("no"); });
    f.sim.advance(10s);
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(p.counters().failed, 3u);
    std::string what;
    f.sim.run([](cicada::periodic& ended, std::string& into) -> task<> {
        try {
            co_await ended;
        } catch (const std::runtime_error& e) {
            into = e.what();
        }
    }(p, what));
    EXPECT_EQ(what, "no");
}

// ---- decisions of intervals ---------------------------------------------------------------------

TEST(decisions, of_an_interval_are_one_for_each_instant) {
    cicada::simulation sim;
    std::uint64_t told = 0;
    std::vector<std::string> kinds;
    auto p = cicada::every(1s,
                           {.on_decision =
                                [&](const decision& d) {
                                    kinds.push_back(
                                        std::string(to_string(d.what)) + ' ' +
                                        std::to_string(d.nominal.time_since_epoch() / 1s) + '-' +
                                        std::to_string(d.last.time_since_epoch() / 1s));
                                    told += d.count;
                                }},
                           []() -> task<> { co_await cicada::sleep(1500ms); });
    sim.advance(2500ms);
    sim.stall(4s);
    sim.advance(2s);
    p.pause();
    sim.advance(3s);
    p.resume();
    sim.advance(1s);
    p.cancel();
    sim.settle();
    EXPECT_EQ(kinds,
              (std::vector<std::string>{"skipped_overlap 1-1", "ran 0-0", "missed 4-6",
                                        "skipped_overlap 3-3", "ran 2-2", "skipped_overlap 8-8",
                                        "ran 7-7", "paused 9-11", "cancelled 12-12"}));
    EXPECT_EQ(told, 13u) << "0 to 12";
}

TEST(decisions, history_keeps_the_last_ones) {
    cicada::simulation sim;
    auto p = cicada::every(1s, {.history = 3}, [] {});
    sim.advance(10s);
    std::vector<long> nominal;
    for (const decision& d : p.history()) nominal.push_back(d.nominal.time_since_epoch() / 1s);
    EXPECT_EQ(nominal, (std::vector<long>{8, 9, 10}));
}

TEST(decisions, a_callback_that_throws_is_reported_and_may_cancel) {
    std::vector<std::string> errors;
    cicada::simulation sim{cicada::wall_time{}, {.on_error = [&](const cicada::error_report& r) {
                               errors.push_back(r.what());
                           }}};
    auto a = cicada::every(
        1s, {.on_decision = [](const decision&) { throw std::runtime_error("listener"); }}, [] {});
    cicada::periodic b;
    b = cicada::every(1s, {.on_decision = [&](const decision&) { b.cancel(); }}, [] {});
    sim.advance(1s);
    EXPECT_EQ(errors, (std::vector<std::string>{"listener", "listener"}));
    EXPECT_TRUE(b.has_ended());
    EXPECT_EQ(b.counters().ran, 1u);
}

TEST(decisions, a_callback_that_cancels_at_a_missed_instant_leaves_the_due_one_without_a_run) {
    cicada::simulation sim;
    int runs = 0;
    cicada::periodic p;
    const auto cancel = [&](const decision&) { p.cancel(); };
    const auto body = [&runs, held = std::make_shared<int>(1)] { runs += *held; };
    p = cicada::every(
        1s, {.first = cicada::first::after_period, .on_decision = cancel, .history = 9}, body);
    sim.stall(5s);
    sim.settle();
    EXPECT_EQ(runs, 0);
    EXPECT_TRUE(p.has_ended());
    ASSERT_EQ(p.history().size(), 2u);
    EXPECT_EQ(p.history()[0].what, decision::kind::missed);
    EXPECT_EQ(p.history()[1].what, decision::kind::cancelled);
}

TEST(decisions, a_callback_may_drop_the_handle) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    int runs = 0;
    std::optional<cicada::periodic> a, b;
    a.emplace(cicada::every(
        1h,
        {.first = cicada::first::after_period, .on_decision = [&](const decision&) { a.reset(); }},
        [&] { ++runs; }));
    b.emplace(cicada::every(cicada::cron("@hourly"),
                            {.on_decision = [&](const decision&) { b.reset(); }}, [&] { ++runs; }));
    sim.stall(5h);
    sim.settle();
    EXPECT_EQ(runs, 0);
    EXPECT_FALSE(a || b);
}

TEST(decisions, of_what_is_due_when_its_periodic_is_cancelled_are_cancelled) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    cicada::periodic p;
    p = cicada::every(cicada::cron("@hourly"), {.catch_up = cicada::catch_up::all{3}, .history = 9},
                      [&] { p.cancel(); });
    sim.stall(3h);
    sim.settle();
    std::vector<decision::kind> told;
    for (const decision& d : p.history()) told.push_back(d.what);
    EXPECT_EQ(told, (std::vector{decision::kind::cancelled, decision::kind::cancelled,
                                 decision::kind::ran}))
        << "that run ends last";
}

TEST(decisions, of_what_has_passed_as_its_periodic_is_cancelled_are_cancelled) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    const cicada::every_options how{.first = cicada::first::after_period, .history = 9};
    auto hourly = cicada::every(1h, how, [] {});
    auto daily = cicada::every(cicada::cron("@hourly"), how, [] {});
    sim.get().post([&] { // before what is due
        hourly.cancel();
        daily.cancel();
    });
    sim.stall(3h + 1min);
    sim.settle();
    for (auto* p : {&hourly, &daily}) {
        ASSERT_EQ(p->history().size(), 1u);
        EXPECT_EQ(p->history()[0].what, decision::kind::cancelled);
        EXPECT_EQ(p->history()[0].count, 3u);
    }
}

TEST(decisions, of_a_pause_are_none_beyond_until) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    auto hourly = cicada::every(
        1h,
        {.first = cicada::first::after_period, .until = sim.wall_now() + 2h + 30min, .history = 9},
        [] {});
    hourly.pause();
    sim.advance(5h + 1min);
    hourly.resume();
    sim.settle();
    ASSERT_EQ(hourly.history().size(), 1u);
    EXPECT_EQ(hourly.history()[0].what, decision::kind::paused);
    EXPECT_EQ(hourly.history()[0].count, 2u);
}

TEST(decisions, of_a_pause_are_told_also_when_it_ends_otherwise) {
    cicada::simulation sim{"2026-01-01T00:30:00Z"};
    const auto brief = [](const cicada::periodic& p) {
        std::string text;
        for (const decision& d : p.history())
            text += std::string(to_string(d.what)) + ' ' + std::to_string(d.count) + ' ';
        return text;
    };
    const cicada::every_options how{.first = cicada::first::after_period, .history = 9};
    auto hourly = cicada::every(1h, how, [] {});
    auto daily = cicada::every(cicada::cron("@hourly"), how, [] {});
    auto moved = cicada::every(1h, how, [] {});
    auto other = cicada::every(cicada::cron("@hourly"), how, [] {});
    for (auto* p : {&hourly, &daily, &moved, &other}) p->pause();
    sim.advance(3h + 1min);
    hourly.cancel();
    daily.cancel();
    moved.reschedule(2h);
    other.reschedule(cicada::cron("@daily"));
    for (auto* p : {&hourly, &daily, &moved, &other}) EXPECT_EQ(brief(*p), "paused 3 ");
}

} // namespace
