#include <schedule/course.hpp>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/legal.hpp>

using namespace std::chrono_literals;
using cicada::catch_up;
using cicada::decision;
using cicada::duration;
using cicada::elapsed_time;
using cicada::failure_limit;
using cicada::first;
using cicada::fixed_delay;
using cicada::interval;
using cicada::life;
using cicada::on_error;
using cicada::overlap;
using cicada::recurrence;
using cicada::schedule;
using cicada::wall_time;
using cicada::detail::clock_reading;
using cicada::detail::course;
using cicada::detail::nominal_instant;
using cicada::detail::outcome;
using cicada::detail::policies;
using cicada::detail::progress;
using cicada::detail::rules;
using cicada::detail::run_end;
using cicada::detail::time_line;

namespace {

/// Both clocks show seconds since the beginning of a test, one from 1000 s on and the other from
/// 5000 s on, so that an instant of the wrong line is seen.
constexpr duration elapsed_zero = 1000s, wall_zero = 5000s;
constexpr wall_time wall(duration since) { return wall_time(wall_zero + since); }
constexpr elapsed_time elapsed(duration since) { return elapsed_time(elapsed_zero + since); }

std::string text_of(duration d) {
    if (d % 1s == 0s) return std::to_string(d / 1s);
    return std::to_string(d / 1ms) + "ms";
}
std::string text_of(wall_time t) { return text_of(t - wall(0s)); }
/// e10: elapsed; w10: wall.
std::string text_of(const std::optional<nominal_instant>& n) {
    if (!n) return "none";
    return n->line == time_line::wall ? 'w' + text_of(n->at - wall_zero)
                                      : 'e' + text_of(n->at - elapsed_zero);
}
std::string text_of(const decision& d) {
    std::string text = std::string(to_string(d.what)) + ' ' + text_of(d.nominal);
    if (d.count != 1) text += ".." + text_of(d.last) + " x" + std::to_string(d.count);
    if (d.into) text += " > " + text_of(*d.into);
    if (d.attempts > 1) text += " after " + std::to_string(d.attempts);
    return text + ", ";
}
std::string text_of(const outcome& o) {
    std::string text;
    for (const decision& d : o.decided) text += text_of(d);
    if (o.cancel_runs) text += "ask to end, ";
    if (o.cancel_run > 0) text += "ask " + std::to_string(o.cancel_run) + " to end, ";
    if (o.start) {
        text += "start " + text_of(o.start->nominal);
        if (o.start->attempt > 1) text += " attempt " + std::to_string(o.start->attempt);
        if (o.start->tag > 0) text += " tag " + std::to_string(o.start->tag);
        if (o.start->missed > 0) text += " missed " + std::to_string(o.start->missed);
        text += ", ";
    }
    if (o.is_error_final) text += "error is final, ";
    if (o.failing > 0) text += "failing " + std::to_string(o.failing) + ", ";
    return text;
}

/// Drives a course, tells in words what it says, and looks whether its state is a legal one.
class driver {
public:
    explicit driver(rules by, const first& how = first::immediately) : c(std::move(by)) {
        step([&](outcome&) { c.begin(how, now()); });
    }
    driver(recurrence when, policies how, const first& begin = first::immediately)
        : driver(rules{.when = std::move(when), .how = how}, begin) {}

    clock_reading now() const {
        return {elapsed(has_one_clock_ ? at_ + ahead_ : at_), wall(at_ + ahead_)};
    }
    driver& at(duration since) {
        at_ = since;
        return *this;
    }
    /// The wall clock is set.
    driver& ahead(duration by) {
        ahead_ = by;
        return *this;
    }

    /// It is that of a store, and elapsed time, too.
    driver& with_one_clock() {
        has_one_clock_ = true;
        return *this;
    }

    std::string due() {
        return step([&](outcome& o) { c.due(now(), o); });
    }
    /// All that may.
    std::string start() {
        std::string text;
        for (bool more = true; more;) {
            const bool may = c.look_at().may_start;
            text += step([&](outcome& o) { more = c.start_next(now(), o); });
            EXPECT_EQ(more, may);
        }
        return text;
    }
    /// What a driver does when the time that look_at() said has come.
    std::string wake() {
        std::string text = step([&](outcome&) { c.retry_due(now()); });
        text += due();
        return text + start();
    }
    std::string end(std::uint64_t id, run_end how = run_end::ok) {
        return step([&](outcome& o) { c.run_ended(id, how, now(), o); });
    }
    std::string pause() {
        return step([&](outcome&) { c.pause(); });
    }
    std::string resume(cicada::passed instants = cicada::passed::skip) {
        return step([&](outcome& o) { c.resume(now(), o, instants); });
    }
    std::string cancel_run(std::uint64_t id) {
        return step([&](outcome& o) { c.cancel_run(id, now(), o); });
    }
    std::string edit(rules by) {
        return step([&](outcome& o) { c.edit(std::move(by), now(), o); });
    }
    std::string restored() {
        return step([&](outcome& o) { c.restored(now(), o); });
    }
    std::string cancel() {
        return step([&](outcome& o) { c.cancel(now(), o); });
    }
    std::string trigger() {
        return step([&](outcome&) { c.trigger(now()); });
    }
    std::string trigger(std::optional<nominal_instant> nominal, std::uint64_t tag) {
        return step([&](outcome&) { c.trigger(now(), nominal, tag); });
    }
    bool would_start_at_once() const { return c.would_start_at_once(); }
    std::string reschedule(recurrence when) {
        return step([&](outcome& o) { c.reschedule(std::move(when), now(), o); });
    }
    std::string reconsider() {
        return step([&](outcome& o) { c.reconsider(now(), o); });
    }
    std::string next() const { return text_of(c.at().next); }
    std::string looks_at() const {
        const course::wake w = c.look_at();
        std::string text = text_of(w.due);
        if (w.retry) text += " retry " + text_of(*w.retry - elapsed(0s));
        return text;
    }
    life state() const { return c.state(); }
    const progress& progressed() const { return c.at(); }

private:
    template <class F>
    std::string step(F f) {
        outcome o;
        f(o);
        EXPECT_EQ(support::illegal(c), nullptr);
        return text_of(o);
    }

    course c;
    duration at_{};
    duration ahead_{};
    bool has_one_clock_ = false;
};

/// 0, 10, 20, ... in wall time.
schedule tens() { return cicada::every_interval(10s); }
constexpr first later = first::after_period;

// ---- begin
// ---------------------------------------------------------------------------------------

TEST(course_begin, knows_its_first_instant) {
    const auto first_of = [](recurrence when, const first& how) {
        return driver(std::move(when), {}, how).next();
    };
    EXPECT_EQ(first_of(interval(10s), first::immediately), "e0");
    EXPECT_EQ(first_of(interval(10s), later), "e10");
    EXPECT_EQ(first_of(interval(10s), elapsed(7s)), "e7");
    EXPECT_EQ(first_of(interval(10s), wall(7s)), "e7");
    EXPECT_EQ(first_of(interval(10s), wall(-7s)), "e-7");
    EXPECT_EQ(first_of(fixed_delay(10s), later), "e10");
    EXPECT_EQ(first_of(interval(duration::max()), later), "none");
    EXPECT_EQ(first_of(tens(), first::immediately), "w10") << "a calendar knows when";
    EXPECT_EQ(first_of(tens(), wall(25s)), "w30");
    EXPECT_EQ(first_of(tens(), wall(30s)), "w30");
    EXPECT_EQ(first_of(tens(), elapsed(30s)), "w30");
    EXPECT_EQ(first_of(tens(), wall(-25s)), "w-20") << "what has passed since is caught up";
}

TEST(course_begin, of_a_one_shot_keeps_its_line) {
    const rules once{.when = interval(duration::max()), .is_once = true};
    EXPECT_EQ(driver(once, first(elapsed(7s))).next(), "e7");
    EXPECT_EQ(driver(once, first(wall(7s))).next(), "w7");
}

TEST(course_begin, of_what_has_no_instant_has_ended) {
    EXPECT_EQ(driver({.when = interval(10s), .until = wall(0s)}).state(), life::ended);
    EXPECT_EQ(driver({.when = interval(10s), .until = wall(10s)}, later).state(), life::ended);
    EXPECT_EQ(driver({.when = interval(10s), .until = wall(10s) + 1ns}, later).state(),
              life::active);
    EXPECT_EQ(driver({.when = tens(), .until = wall(10s)}).state(), life::ended);
    EXPECT_EQ(driver({.when = schedule(cicada::cron("0 0 30 2 *"))}).state(), life::ended);
}

TEST(course_begin, of_a_calendar_leaves_out_what_lies_before_from) {
    driver d({.when = tens(), .from = wall(25s)});
    EXPECT_EQ(d.next(), "w30");
    EXPECT_EQ(d.at(30s).wake(), "start w30, ");
}

// ---- due
// -----------------------------------------------------------------------------------------

TEST(course_due, of_an_interval_stays_on_its_grid) {
    driver d(interval(10s), {});
    EXPECT_EQ(d.at(0s).wake(), "start e0, ");
    EXPECT_EQ(d.next(), "e10");
    d.end(1);
    EXPECT_EQ(d.at(10s - 1ns).wake(), "");
    EXPECT_EQ(d.at(13s).wake(), "start e10, ");
    EXPECT_EQ(d.end(2), "ran 10, ");
    EXPECT_EQ(d.at(47s).wake(), "missed 30..40 x2, start e20 missed 2, ");
    EXPECT_EQ(d.next(), "e50");
}

TEST(course_due, of_missed_burst_comes_for_each) {
    driver d(interval(10s), {.missed = cicada::missed::burst}, later);
    EXPECT_EQ(d.at(25s).wake(), "start e10, ");
    d.end(1);
    EXPECT_EQ(d.looks_at(), "e20");
    EXPECT_EQ(d.wake(), "start e20, ");
    EXPECT_EQ(d.next(), "e30");
}

TEST(course_due, of_missed_delay_begins_a_new_grid) {
    driver d(interval(10s), {.missed = cicada::missed::delay}, later);
    EXPECT_EQ(d.at(25s).wake(), "missed 20, start e10 missed 1, ");
    EXPECT_EQ(d.next(), "e35");
}

TEST(course_due, of_a_fixed_delay_leaves_the_next_to_the_end_of_the_run) {
    driver d(fixed_delay(10s), {});
    EXPECT_EQ(d.wake(), "start e0, ");
    EXPECT_EQ(d.next(), "none");
    EXPECT_EQ(d.looks_at(), "none");
    d.at(3s).end(1);
    EXPECT_EQ(d.next(), "e13");
}

TEST(course_due, of_a_fixed_delay_goes_on_after_an_instant_that_did_not_run) {
    driver d(fixed_delay(10s), {.start_deadline = 1s}, later);
    EXPECT_EQ(d.at(15s).wake(), "too_late 10, ");
    EXPECT_EQ(d.next(), "e25");
}

TEST(course_due, of_a_calendar_decides_all_that_have_come) {
    driver d(tens(), {.overlap = overlap::buffer_all{9}, .catch_up = catch_up::all{2}});
    EXPECT_EQ(d.at(45s).wake(), "missed 10..20 x2, start w30 missed 2, ");
    EXPECT_EQ(d.next(), "w50");
    EXPECT_EQ(d.end(1), "ran 30, ");
    EXPECT_EQ(d.start(), "start w40, ");
}

TEST(course_due, of_a_one_shot_is_its_end) {
    driver d({.when = interval(duration::max()), .is_once = true}, elapsed(7s));
    EXPECT_EQ(d.at(8s).wake(), "start e7, ");
    EXPECT_EQ(d.state(), life::ending);
    EXPECT_EQ(d.end(1), "ran 7, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_due, ends_a_calendar_with_its_last_instant) {
    driver d({.when = schedule(cicada::once(wall(10s)))});
    EXPECT_EQ(d.at(10s).wake(), "start w10, ");
    EXPECT_EQ(d.state(), life::ending);
    d.end(1);
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_due, comes_no_earlier_than_its_jitter_says) {
    const rules by{.when = interval(10s), .how = {.jitter = 4s}, .identity = 7};
    driver d(by, later);
    const duration delay = d.progressed().delay;
    EXPECT_GT(delay, 0s);
    EXPECT_LT(delay, 4s);
    EXPECT_EQ(d.looks_at(), "e" + text_of(10s + delay));
    EXPECT_EQ(d.next(), "e10") << "the nominal instant stays";
}

TEST(course_due, gathers_by_accuracy_but_never_beyond_the_next_instant) {
    const auto looks_at = [](duration accuracy, const first& begin) {
        return driver(interval(10s), {.accuracy = accuracy}, begin).looks_at();
    };
    EXPECT_EQ(looks_at(5s, elapsed(2s)), "e5");
    EXPECT_EQ(looks_at(5s, elapsed(5s)), "e5");
    EXPECT_EQ(looks_at(60s, elapsed(2s)), "e10") << "at most a period";
    EXPECT_EQ(driver(tens(), {.accuracy = 7s}).looks_at(), "w12") << "5012 is one of 7 s";
}

// ---- runs
// ----------------------------------------------------------------------------------------

TEST(course_start_next, judges_by_the_overlap_policy) {
    struct example {
        overlap policy;
        std::string then; // at 10, 20 and 30, as the run of 0 goes on
        std::string after; // it has ended
    };
    const std::vector<example> table{
        {overlap::skip, "skipped_overlap 10, skipped_overlap 20, skipped_overlap 30, ", ""},
        {overlap::buffer_one, "skipped_overlap 20, skipped_overlap 30, ", "start e10 missed 2, "},
        {overlap::buffer_latest, "skipped_overlap 10, skipped_overlap 20, ",
         "start e30 missed 2, "},
        {overlap::buffer_all{0}, "skipped_overlap 10, skipped_overlap 20, skipped_overlap 30, ",
         ""},
        {overlap::buffer_all{2}, "skipped_overlap 30, ", "start e10 missed 1, "},
        {overlap::cancel_other,
         "ask to end, skipped_overlap 10, ask to end, skipped_overlap 20, ask to end, ",
         "start e30 missed 2, "},
        {overlap::allow{0}, "skipped_overlap 10, skipped_overlap 20, skipped_overlap 30, ", ""},
        {overlap::allow{1}, "skipped_overlap 10, skipped_overlap 20, skipped_overlap 30, ", ""},
        {overlap::allow{2}, "start e10, skipped_overlap 20, skipped_overlap 30, ", ""},
        {overlap::allow{4}, "start e10, start e20, start e30, ", ""},
    };
    for (const example& e : table) {
        driver d(interval(10s), {.overlap = e.policy});
        d.wake();
        std::string then;
        for (const duration t : {10s, 20s, 30s}) then += d.at(t).wake();
        EXPECT_EQ(then, e.then) << &e - table.data();
        d.at(31s).end(1);
        EXPECT_EQ(d.start(), e.after) << &e - table.data();
    }
}

TEST(course_start_next, does_not_start_what_has_passed_its_deadline_in_a_buffer) {
    driver d(interval(10s), {.overlap = overlap::buffer_all{9}, .start_deadline = 12s});
    d.wake();
    d.at(10s).wake();
    d.at(20s).wake();
    d.at(23s).end(1);
    EXPECT_EQ(d.start(), "too_late 10, start e20 missed 1, ");
}

TEST(course_run_ended, tells_how) {
    driver d(interval(10s), {.overlap = overlap::allow{4}});
    for (const duration t : {0s, 10s, 20s, 30s}) d.at(t).wake();
    EXPECT_EQ(d.end(4), "ran 30, ") << "in the order in which they end";
    EXPECT_EQ(d.end(1, run_end::failed), "failed 0, ");
    EXPECT_EQ(d.end(3, run_end::failed_for_good), "failed 20, ");
    EXPECT_EQ(d.end(2, run_end::cancelled), "cancelled 10, ");
    EXPECT_EQ(d.progressed().failed, 2u);
}

TEST(course_run_ended, lost_has_failed_for_good_and_is_told_as_lost) {
    driver d(fixed_delay(10s), {.retry = {.max = 9},
                                .failures = {.in_a_row = 2, .then = failure_limit::action::stop}});
    d.wake();
    EXPECT_EQ(d.at(3s).end(1, run_end::lost), "lost 0, ");
    EXPECT_EQ(d.next(), "e13") << "a fixed delay counts from every end";
    EXPECT_EQ(d.progressed().failed, 1u);
    EXPECT_EQ(d.progressed().failed_in_a_row, 1u);
    d.at(13s).wake();
    EXPECT_EQ(d.end(2, run_end::lost), "lost 13, ask to end, error is final, failing 2, ");
}

TEST(course_run_ended, is_told_with_its_times) {
    course c({.when = interval(10s), .how = {.retry = {.max = 1, .backoff = 3s}}});
    outcome o;
    c.begin({}, {elapsed(0s), wall(0s)});
    c.due({elapsed(1s), wall(1s)}, o);
    c.start_next({elapsed(2s), wall(2s)}, o);
    c.run_ended(1, run_end::failed, {elapsed(4s), wall(4s)}, o);
    c.retry_due({elapsed(7s), wall(7s)});
    c.start_next({elapsed(7s), wall(7s)}, o);
    EXPECT_TRUE(o.decided.empty());
    c.run_ended(1, run_end::ok, {elapsed(9s), wall(9s)}, o);
    ASSERT_EQ(o.decided.size(), 1u);
    EXPECT_EQ(o.decided[0], (decision{.what = decision::kind::ran,
                                      .nominal = wall(0s),
                                      .last = wall(0s),
                                      .started_at = wall(2s),
                                      .ended_at = wall(9s),
                                      .attempts = 2}));
}

TEST(course_retry_due, tries_again_for_the_same_instant) {
    driver d(interval(10s), {.retry = {.max = 2, .backoff = 4s}});
    d.wake();
    EXPECT_EQ(d.at(1s).end(1, run_end::failed), "");
    EXPECT_EQ(d.looks_at(), "e10 retry 5");
    EXPECT_EQ(d.at(5s - 1ns).wake(), "");
    EXPECT_EQ(d.at(5s).wake(), "start e0 attempt 2, ");
    EXPECT_EQ(d.end(1, run_end::failed), "");
    EXPECT_EQ(d.at(10s).wake(), "skipped_overlap 10, ") << "it counts as running while it waits";
    EXPECT_EQ(d.at(13s).wake(), "start e0 attempt 3, ");
    EXPECT_EQ(d.end(1, run_end::failed), "failed 0 after 3, ");
    EXPECT_EQ(d.progressed().failed, 3u);
}

TEST(course_retry_due, is_not_for_what_failed_for_good_or_was_asked_to_end) {
    driver d(interval(10s), {.overlap = overlap::cancel_other, .retry = {.max = 9}});
    d.wake();
    EXPECT_EQ(d.end(1, run_end::failed_for_good), "failed 0, ");
    d.at(10s).wake();
    EXPECT_EQ(d.at(20s).wake(), "ask to end, ");
    EXPECT_EQ(d.end(2, run_end::failed), "failed 10, ");
    EXPECT_EQ(d.start(), "start e20, ") << "which would have waited for nine attempts";
}

TEST(course_retry_due, is_waited_for_no_longer_when_another_takes_its_place) {
    driver d(interval(10s),
             {.overlap = overlap::cancel_other, .retry = {.max = 9, .backoff = 1h, .cap = 1h}});
    d.wake();
    d.end(1, run_end::failed);
    EXPECT_EQ(d.at(10s).wake(), "failed 0, ask to end, start e10, ");
}

TEST(course_failures, are_counted_in_a_row) {
    using action = failure_limit::action;
    driver d(interval(10s), {.failures = {.in_a_row = 2, .then = action::pause}});
    const std::vector<std::pair<run_end, std::string>> ends{
        {run_end::failed, "failed 0, "},
        {run_end::ok, "ran 10, "},
        {run_end::failed, "failed 20, "},
        {run_end::cancelled, "cancelled 30, "},
        {run_end::failed, "failed 40, failing 2, "}};
    std::uint64_t id = 0;
    for (const auto& [how, told] : ends) {
        EXPECT_EQ(d.state(), life::active);
        d.at(static_cast<int>(id) * 10s).wake();
        EXPECT_EQ(d.end(++id, how), told);
    }
    EXPECT_EQ(d.state(), life::paused);
    EXPECT_EQ(d.looks_at(), "none");
}

TEST(course_failures, end_it_by_on_error_stop_and_by_their_limit) {
    driver stops(interval(10s), {.overlap = overlap::allow{2}, .on_error = on_error::stop});
    stops.wake();
    stops.at(10s).wake();
    EXPECT_EQ(stops.end(1, run_end::failed), "failed 0, ask to end, error is final, ");
    EXPECT_EQ(stops.state(), life::cancelling);
    EXPECT_EQ(stops.end(2, run_end::cancelled), "cancelled 10, ");
    EXPECT_EQ(stops.state(), life::ended);

    driver limited(interval(10s),
                   {.failures = {.in_a_row = 1, .then = failure_limit::action::stop}});
    limited.wake();
    EXPECT_EQ(limited.end(1, run_end::failed), "failed 0, ask to end, error is final, failing 1, ");
    EXPECT_EQ(limited.state(), life::ended);
}

TEST(course_times, ends_with_its_last_run) {
    driver d({.when = interval(10s), .times = 2});
    d.wake();
    d.end(1);
    EXPECT_EQ(d.at(10s).wake(), "start e10, ");
    EXPECT_EQ(d.state(), life::ending);
    EXPECT_EQ(d.trigger(), "") << "no more";
    EXPECT_EQ(d.start(), "");
    d.end(2);
    EXPECT_EQ(d.state(), life::ended);
}

// ---- pause, resume
// -------------------------------------------------------------------------------

TEST(course_pause, holds_what_has_not_started_but_not_what_runs) {
    driver d(interval(10s),
             {.overlap = overlap::buffer_all{9}, .retry = {.max = 1, .backoff = 5s}});
    d.wake();
    d.at(10s).wake();
    d.pause();
    EXPECT_EQ(d.looks_at(), "none");
    d.at(11s).end(1, run_end::failed);
    EXPECT_EQ(d.looks_at(), "none retry 16");
    EXPECT_EQ(d.at(16s).wake(), "start e0 attempt 2, ");
    EXPECT_EQ(d.end(1), "ran 0 after 2, ");
    EXPECT_EQ(d.start(), "") << "10 is in the buffer, and stays there";
    EXPECT_EQ(d.at(36s).wake(), "");
    EXPECT_EQ(d.resume(), "paused 20..30 x2, ");
    EXPECT_EQ(d.start(), "start e10, ");
    EXPECT_EQ(d.next(), "e40");
}

TEST(course_pause, holds_also_what_is_the_last) {
    driver d(
        {.when = interval(10s), .how = {.overlap = overlap::buffer_all{9}}, .until = wall(25s)});
    for (const duration t : {0s, 10s, 20s}) d.at(t).wake();
    d.pause();
    EXPECT_EQ(d.at(30s).end(1), "ran 0, ");
    EXPECT_EQ(d.start(), "");
    d.resume();
    EXPECT_EQ(d.start(), "start e10, ");
    d.pause();
    d.end(2);
    EXPECT_EQ(d.start(), "");
    EXPECT_EQ(d.cancel(), "cancelled 20, ask to end, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_pause, holds_what_waits_also_when_no_instant_is_left_meanwhile) {
    driver d(interval(10s), {.overlap = overlap::buffer_one});
    for (const duration t : {0s, 10s}) d.at(t).wake();
    d.pause();
    d.reschedule(schedule(cicada::once(wall(5s)))); // has passed
    d.end(1);
    EXPECT_EQ(d.start(), "");
    d.resume();
    EXPECT_EQ(d.start(), "start e10, ");
    d.end(2);
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_resume, goes_on_on_the_grid_and_an_instant_that_is_now_runs) {
    driver d(interval(10s), {}, later);
    d.pause();
    EXPECT_EQ(d.at(30s).resume(), "paused 10..20 x2, ");
    EXPECT_EQ(d.next(), "e30");
    EXPECT_EQ(d.wake(), "start e30, ");
}

TEST(course_resume, of_a_calendar_leaves_an_instant_that_is_now) {
    driver d(tens(), {});
    d.pause();
    EXPECT_EQ(d.at(30s).resume(), "paused 10..20 x2, ");
    EXPECT_EQ(d.wake(), "start w30, ");
}

TEST(course_resume, brings_at_once_what_was_to_come_once_or_after_a_delay) {
    driver delayed(fixed_delay(10s), {}, later);
    driver once({.when = interval(duration::max()), .is_once = true}, wall(10s));
    for (driver* d : {&delayed, &once}) {
        d->pause();
        EXPECT_EQ(d->at(15s).resume(), "");
    }
    EXPECT_EQ(delayed.wake(), "start e15, ");
    EXPECT_EQ(once.wake(), "start w15, ");
}

TEST(course_resume, is_the_end_when_nothing_is_left) {
    driver d({.when = interval(10s), .until = wall(25s)}, later);
    d.pause();
    EXPECT_EQ(d.at(40s).resume(), "paused 10..20 x2, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_resume, of_what_is_not_paused_is_nothing) {
    driver d(interval(10s), {}, later);
    EXPECT_EQ(d.at(35s).resume(), "");
    EXPECT_EQ(d.next(), "e10");
}

TEST(course_resume, may_leave_what_has_passed_to_the_policy_for_what_is_late) {
    driver calendar(tens(), {.catch_up = catch_up::all{2}}, later);
    calendar.pause();
    EXPECT_EQ(calendar.at(35s).resume(cicada::passed::catch_up), "") << "nothing is told of it";
    EXPECT_EQ(calendar.state(), life::active);
    EXPECT_EQ(calendar.looks_at(), "w10") << "at once";
    EXPECT_EQ(calendar.wake(), "missed 10, start w20 missed 1, skipped_overlap 30, ");
    driver grid(interval(10s), {}, later);
    grid.pause();
    EXPECT_EQ(grid.at(35s).resume(cicada::passed::catch_up), "");
    EXPECT_EQ(grid.wake(), "missed 20..30 x2, start e10 missed 2, ");
    driver held(rules{.when = interval(10s), .until = wall(5s)});
    held.wake();
    held.pause();
    held.resume(cicada::passed::catch_up);
    EXPECT_EQ(held.state(), life::ending);
}

// ---- cancel
// --------------------------------------------------------------------------------------

TEST(course_cancel, tells_in_the_order_of_instants_and_waits_for_what_runs) {
    driver d(interval(10s), {.overlap = overlap::buffer_all{1}});
    d.wake();
    d.at(10s).wake(); // waits
    d.at(20s).due(); // has arrived
    EXPECT_EQ(d.at(40s).cancel(), "cancelled 10, cancelled 20, cancelled 30..40 x2, ask to end, ");
    EXPECT_EQ(d.state(), life::cancelling);
    EXPECT_EQ(d.looks_at(), "none");
    EXPECT_EQ(d.cancel(), "ask to end, ") << "again";
    EXPECT_EQ(d.trigger() + d.resume() + d.reconsider() + d.wake(), "");
    EXPECT_EQ(d.end(1, run_end::cancelled), "cancelled 0, ");
    EXPECT_EQ(d.state(), life::ended);
    EXPECT_EQ(d.cancel(), "");
}

TEST(course_cancel, of_what_is_paused_tells_what_came_meanwhile_as_paused) {
    driver d(tens(), {});
    d.pause();
    EXPECT_EQ(d.at(30s).cancel(), "paused 10..30 x3, ask to end, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_cancel, fails_what_waits_for_a_retry) {
    driver d(interval(10s), {.retry = {.max = 1}});
    d.wake();
    d.end(1, run_end::failed);
    EXPECT_EQ(d.cancel(), "failed 0, ask to end, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_cancel, leaves_no_retry_to_what_fails_on_it) {
    driver d(interval(10s), {.retry = {.max = 1}});
    d.wake();
    d.cancel();
    EXPECT_EQ(d.end(1, run_end::failed), "failed 0, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_cancel_run, asks_one_to_end_and_leaves_the_others) {
    driver d(interval(10s), {.overlap = overlap::allow{2}, .retry = {.max = 9}});
    d.wake();
    d.at(10s).wake();
    EXPECT_EQ(d.cancel_run(1), "ask 1 to end, ");
    EXPECT_TRUE(d.progressed().runs.at(0).is_asked_to_end);
    EXPECT_FALSE(d.progressed().runs.at(1).is_asked_to_end);
    EXPECT_EQ(d.cancel_run(1), "ask 1 to end, ") << "also when it was asked before";
    EXPECT_EQ(d.end(1, run_end::failed), "failed 0, ") << "it has no retry";
    EXPECT_EQ(d.cancel_run(1), "") << "it has ended";
    EXPECT_EQ(d.cancel_run(2), "ask 2 to end, ");
    EXPECT_EQ(d.end(2, run_end::cancelled), "cancelled 10, ");
    EXPECT_EQ(d.state(), life::active);
}

TEST(course_cancel_run, is_the_end_of_what_waits_for_a_retry) {
    driver d(fixed_delay(10s), {.retry = {.max = 9, .backoff = 1h, .cap = 1h}});
    d.wake();
    d.end(1, run_end::failed);
    EXPECT_EQ(d.at(2s).cancel_run(1), "failed 0, ");
    EXPECT_EQ(d.looks_at(), "e12") << "a fixed delay counts from every end";
}

// ---- trigger
// -------------------------------------------------------------------------------------

TEST(course_trigger, is_one_more_instant_which_is_now) {
    driver d(interval(10s), {}, later);
    d.at(3s).trigger();
    EXPECT_EQ(d.wake(), "start e3, ");
    EXPECT_EQ(d.next(), "e10");
    d.trigger();
    EXPECT_EQ(d.start(), "skipped_overlap 3, ") << "the overlap policy holds";
    driver calendar(tens(), {});
    calendar.at(3s).trigger();
    EXPECT_EQ(calendar.start(), "start w3, ");
}

TEST(course_trigger, starts_also_during_a_pause) {
    driver d(interval(10s), {.overlap = overlap::buffer_all{9}});
    d.wake();
    d.at(10s).wake();
    d.pause();
    d.at(12s).trigger();
    EXPECT_EQ(d.start(), "");
    EXPECT_EQ(d.end(1), "ran 0, ");
    EXPECT_EQ(d.start(), "start e12, ") << "10 goes on to wait";
    d.end(2);
    d.resume();
    EXPECT_EQ(d.start(), "start e10, ");
}

TEST(course_trigger, starts_an_instant_that_is_given_however_long_ago) {
    driver d(tens(), {.start_deadline = 5s}, later);
    const nominal_instant past{time_line::wall, wall_zero - 1h};
    d.at(3s).trigger(past, 7);
    EXPECT_EQ(d.start(), "start w-3600 tag 7, ");
    EXPECT_EQ(d.progressed().runs.at(0).tag, 7u);
    EXPECT_EQ(d.end(1), "ran -3600, ");
    EXPECT_EQ(d.next(), "w10");
}

TEST(course_trigger, keeps_its_deadline_when_it_is_of_now) {
    driver d(tens(), {.overlap = overlap::buffer_all{9}, .start_deadline = 5s}, later);
    d.at(1s).trigger({}, 1);
    d.trigger({}, 2);
    d.trigger(nominal_instant{time_line::wall, wall_zero}, 3);
    EXPECT_EQ(d.start(), "start w1 tag 1, ");
    d.at(9s).end(1);
    EXPECT_EQ(d.start(), "too_late 1, start w0 tag 3 missed 1, ");
}

TEST(course_trigger, would_start_at_once_when_there_is_room_and_nothing_is_before_it) {
    driver d(interval(10s), {.overlap = overlap::allow{2}}, later);
    EXPECT_TRUE(d.would_start_at_once());
    d.trigger();
    EXPECT_FALSE(d.would_start_at_once()) << "what is triggered may take the room";
    d.start();
    EXPECT_TRUE(d.would_start_at_once());
    d.trigger();
    d.start();
    EXPECT_FALSE(d.would_start_at_once());
    d.end(1);
    EXPECT_TRUE(d.would_start_at_once());
    d.cancel();
    EXPECT_FALSE(d.would_start_at_once()) << "nothing starts any more";

    driver replaces(interval(10s), {.overlap = overlap::cancel_other});
    replaces.wake();
    EXPECT_FALSE(replaces.would_start_at_once()) << "only when the other one has ended";

    driver paused(interval(10s), {});
    paused.due();
    paused.pause();
    EXPECT_TRUE(paused.would_start_at_once()) << "what waits for the end of a pause is no obstacle";
    paused.trigger();
    EXPECT_EQ(paused.start(), "start e0, ");
}

// ---- reschedule
// ----------------------------------------------------------------------------------

TEST(course_reschedule, counts_from_now_on) {
    driver d(interval(10s), {}, later);
    EXPECT_EQ(d.at(5s).reschedule(interval(3s)), "");
    EXPECT_EQ(d.next(), "e8");
    EXPECT_EQ(d.reschedule(tens()), "");
    EXPECT_EQ(d.next(), "w10");
    EXPECT_EQ(d.reschedule(fixed_delay(7s)), "");
    EXPECT_EQ(d.next(), "e12");
    EXPECT_EQ(d.at(12s).wake(), "start e12, ");
    EXPECT_EQ(d.reschedule(fixed_delay(3s)), "");
    EXPECT_EQ(d.next(), "none");
    d.at(20s).end(1);
    EXPECT_EQ(d.next(), "e23") << "from the end of what runs";
}

TEST(course_reschedule, to_what_has_no_instant_ends_it) {
    driver d(interval(10s), {}, later);
    d.reschedule(schedule(cicada::cron("0 0 30 2 *")));
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_reschedule, of_a_one_shot_is_refused) {
    driver d({.when = interval(duration::max()), .is_once = true}, later);
    EXPECT_THROW(d.reschedule(interval(1s)), std::logic_error);
}

TEST(course_reschedule, runs_no_instant_a_second_time_when_the_clock_was_set_back) {
    driver d(tens(), {});
    d.at(100s).wake();
    d.end(1);
    d.at(101s).ahead(-60s);
    EXPECT_EQ(d.reschedule(cicada::every_interval(20s)), "");
    EXPECT_EQ(d.next(), "w120") << "all up to 100 had their decisions";
}

// ---- edit
// ----------------------------------------------------------------------------------------

/// D2: the old rules decide what has come, the new ones count strictly after now.
TEST(course_edit, is_decided_by_the_old_rules_up_to_now_and_by_the_new_ones_from_then_on) {
    driver d(rules{.when = tens()}, later);
    EXPECT_EQ(d.at(20s).edit({.when = cicada::every_interval(5s)}), "coalesced_into 10 > 20, ");
    EXPECT_EQ(d.start(), "start w20 missed 1, ") << "in the moment of the edit, once";
    EXPECT_EQ(d.next(), "w25");
    d.end(1);
    d.at(25s).wake();
    EXPECT_EQ(d.end(2), "ran 25, ");
}

TEST(course_edit, within_the_jitter_of_an_instant_leaves_that_to_the_old_rules) {
    driver d(rules{.when = tens(), .how = {.jitter = 9s}, .identity = 3}, later);
    ASSERT_GT(d.progressed().delay, 1s);
    EXPECT_EQ(d.at(11s).edit({.when = cicada::every_interval(7s)}), "");
    EXPECT_EQ(d.start(), "start w10, ");
    EXPECT_EQ(d.next(), "w12") << "5012 s is a multiple of 7 s";
}

TEST(course_edit, changes_the_policies_of_what_goes_on) {
    driver d(interval(10s), {.overlap = overlap::skip});
    d.wake();
    EXPECT_EQ(d.at(3s).edit({.when = interval(10s),
                             .how = {.overlap = overlap::buffer_one, .retry = {.max = 1}}}),
              "");
    EXPECT_EQ(d.next(), "e10") << "an interval that is the same stays on its grid";
    EXPECT_EQ(d.at(10s).wake(), "");
    EXPECT_EQ(d.end(1, run_end::failed), "") << "there is a retry now";
    EXPECT_EQ(d.at(11s).wake(), "start e0 attempt 2, ");
    EXPECT_EQ(d.end(1), "ran 0 after 2, ");
    EXPECT_EQ(d.start(), "start e10, ");
}

TEST(course_edit, of_what_is_the_same_does_not_put_off_a_fixed_delay) {
    driver d(fixed_delay(10s), {}, later);
    d.at(9s).edit({.when = fixed_delay(10s), .how = {.start_deadline = 1s}});
    EXPECT_EQ(d.next(), "e10");
    d.edit({.when = fixed_delay(5s)});
    EXPECT_EQ(d.next(), "e14");
}

TEST(course_edit, until_now_is_its_end_when_what_waits_and_runs_has_ended) {
    for (const recurrence& when : {recurrence(tens()), recurrence(interval(10s))}) {
        driver d(rules{.when = when, .how = {.overlap = overlap::buffer_one}}, later);
        d.at(10s).wake();
        EXPECT_EQ(d.at(20s).edit({.when = when, .until = wall(20s)}), "") << "20 has come";
        EXPECT_EQ(d.state(), life::ending);
        EXPECT_EQ(d.next(), "none");
        EXPECT_EQ(d.start(), "skipped_overlap 20, ") << "by the overlap policy of now";
        EXPECT_EQ(d.end(1), "ran 10, ");
        EXPECT_EQ(d.state(), life::ended);
    }
    driver delay(fixed_delay(10s), {});
    delay.wake();
    delay.edit({.when = fixed_delay(10s), .until = wall(0s)});
    EXPECT_EQ(delay.state(), life::ending) << "though it would learn its next only later";
    delay.end(1);
    EXPECT_EQ(delay.state(), life::ended);
    driver idle(tens(), {}, later);
    idle.edit({.when = tens(), .until = wall(0s)});
    EXPECT_EQ(idle.state(), life::ended);
}

TEST(course_edit, brings_back_to_life_what_has_instants_again) {
    driver ended(tens(), {});
    ended.cancel();
    ended.at(15s).edit({.when = tens()});
    EXPECT_EQ(ended.state(), life::active);
    EXPECT_EQ(ended.at(20s).wake(), "start w20, ") << "10 came while it had no schedule";

    driver ending(rules{.when = interval(10s), .until = wall(5s)});
    ending.wake();
    ASSERT_EQ(ending.state(), life::ending);
    ending.at(3s).edit({.when = fixed_delay(10s)});
    EXPECT_EQ(ending.state(), life::active);
    ending.at(4s).end(1);
    EXPECT_EQ(ending.next(), "e14");

    driver held(rules{.when = interval(10s), .until = wall(5s)});
    held.wake();
    held.pause();
    held.edit({.when = tens()});
    EXPECT_EQ(held.state(), life::paused);

    driver cancelling(tens(), {});
    cancelling.at(10s).wake();
    cancelling.cancel();
    ASSERT_EQ(cancelling.state(), life::cancelling);
    cancelling.edit({.when = tens(), .until = wall(10s)});
    EXPECT_EQ(cancelling.state(), life::cancelling);
    cancelling.edit({.when = tens()});
    EXPECT_EQ(cancelling.state(), life::active);
    EXPECT_EQ(cancelling.end(1, run_end::cancelled), "cancelled 10, ");
    EXPECT_EQ(cancelling.next(), "w20");
}

TEST(course_edit, of_what_is_paused_stays_paused_and_tells_what_passed) {
    for (const recurrence& when : {recurrence(tens()), recurrence(interval(10s))}) {
        driver d(rules{.when = when}, later);
        d.pause();
        EXPECT_EQ(d.at(25s).edit({.when = when}), "paused 10..20 x2, ");
        EXPECT_EQ(d.state(), life::paused);
        EXPECT_EQ(d.at(26s).resume(), "") << "no instant is told twice";
        EXPECT_EQ(d.at(30s).wake().substr(0, 5), "start");
    }
    driver delay(fixed_delay(10s), {}, later);
    delay.pause();
    EXPECT_EQ(delay.at(25s).edit({.when = fixed_delay(10s)}), "paused 10, ");
    delay.resume();
    EXPECT_EQ(delay.next(), "e35");
}

TEST(course_edit, of_times_counts_the_runs_that_were) {
    driver d(interval(10s), {.overlap = overlap::buffer_one});
    d.wake();
    d.at(10s).wake();
    EXPECT_EQ(d.edit({.when = interval(10s), .times = 1}), "cancelled 10, ");
    EXPECT_EQ(d.state(), life::ending);
    d.edit({.when = interval(10s), .times = 2});
    EXPECT_EQ(d.state(), life::active);
    d.end(1);
    EXPECT_EQ(d.at(20s).wake(), "start e20, ");
    d.end(2);
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_edit, from_or_to_a_one_shot_is_refused) {
    const rules once{.when = interval(duration::max()), .is_once = true};
    driver d(once, later);
    EXPECT_THROW(d.edit({.when = tens()}), std::logic_error);
    driver other(tens(), {});
    EXPECT_THROW(other.edit(once), std::logic_error);
}

// ---- a backup
// ------------------------------------------------------------------------------------

/// D28.
TEST(course_restored, tells_what_passed_since_the_backup_and_runs_none_of_it) {
    driver d(tens(), {.catch_up = catch_up::all{9}}, later);
    EXPECT_EQ(d.at(40s).restored(), "restored 10..40 x4, ");
    EXPECT_EQ(d.wake(), "");
    EXPECT_EQ(d.next(), "w50");
    driver delay(fixed_delay(10s), {}, later);
    EXPECT_EQ(delay.at(40s).restored(), "restored 10, ");
    EXPECT_EQ(delay.next(), "e50");
    driver grid(interval(10s), {}, later);
    EXPECT_EQ(grid.at(45s).restored(), "restored 10..40 x4, ");
    EXPECT_EQ(grid.next(), "e50");
    driver once({.when = interval(duration::max()), .is_once = true});
    EXPECT_EQ(once.at(1s).restored(), "restored 0, ");
    EXPECT_EQ(once.state(), life::ended);
    EXPECT_EQ(once.restored(), "");
}

TEST(course_restored, leaves_what_is_still_to_come) {
    driver d(fixed_delay(10s), {}, later);
    EXPECT_EQ(d.at(4s).restored(), "");
    EXPECT_EQ(d.next(), "e10");
    d.pause();
    EXPECT_EQ(d.at(11s).restored(), "restored 10, ") << "also during a pause";
    EXPECT_EQ(d.state(), life::paused);
    EXPECT_EQ(d.at(12s).resume(), "");
}

// ---- the wall clock, and time zones
// --------------------------------------------------------------

TEST(course_reconsider, after_a_small_step_back_changes_nothing) {
    driver d(tens(), {});
    d.at(10s).wake();
    EXPECT_EQ(d.ahead(-3h).reconsider(), "");
    EXPECT_EQ(d.next(), "w20");
    EXPECT_EQ(d.ahead(-3h).wake(), "");
}

TEST(course_reconsider, after_a_step_forward_finds_what_has_come) {
    driver d(tens(), {}, later);
    EXPECT_EQ(d.ahead(25s).reconsider(), "");
    EXPECT_EQ(d.wake(), "coalesced_into 10 > 20, start w20 missed 1, ");
}

TEST(course_reconsider, is_nothing_to_an_interval) {
    driver d(interval(10s), {}, later);
    EXPECT_EQ(d.ahead(24h).reconsider(), "");
    EXPECT_EQ(d.next(), "e10");
}

/// D5.
TEST(course_reconsider, sets_right_a_fixed_delay_when_its_clock_was_years_ahead) {
    for (const bool is_due : {false, true}) {
        driver d(fixed_delay(10s), {});
        d.with_one_clock().ahead(24h * 365 * 4).wake();
        d.end(1);
        d.ahead(0h);
        EXPECT_EQ(is_due ? d.due() : d.reconsider(), "clock_went_back 0..126144000 x0, ");
        EXPECT_EQ(d.next(), "e10");
    }
}

TEST(course_reconsider, leaves_a_fixed_delay_whose_clock_was_set_back_by_no_more_than_3_h) {
    driver d(fixed_delay(1h), {});
    d.with_one_clock().wake();
    d.end(1);
    EXPECT_EQ(d.ahead(-3h).reconsider(), "");
    EXPECT_EQ(d.next(), "e3600");
    EXPECT_EQ(d.ahead(-3h - 1ns).reconsider(), "clock_went_back -10800000ms..0 x0, ");
}

TEST(course_reconsider, ends_what_has_no_instant_by_the_clock_that_is_right) {
    driver d(rules{.when = fixed_delay(10s), .until = wall(11h)});
    d.at(10h).wake();
    d.end(1);
    d.at(0h).ahead(12h);
    EXPECT_EQ(d.due(), "clock_went_back 43200..79200 x0, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_reconsider, leaves_a_fixed_delay_that_begins_far_ahead) {
    driver d(fixed_delay(10s), {}, first(elapsed(24h)));
    EXPECT_EQ(d.reconsider() + d.due(), "");
    EXPECT_EQ(d.next(), "e86400");
}

// ---- what went wrong before
// ----------------------------------------------------------------------

TEST(course_fault, reschedule_between_kinds_leaves_what_is_under_way_on_its_own_line) {
    const policies how{.overlap = overlap::buffer_all{9}, .retry = {.max = 1, .backoff = 5s}};
    driver d(interval(10s), how);
    d.wake();
    d.at(10s).wake(); // 10 is buffered
    d.at(12s).end(1, run_end::failed); // 0 waits for its retry
    d.reschedule(tens());
    EXPECT_EQ(d.at(17s).wake(), "start e0 attempt 2, ");
    EXPECT_EQ(d.end(1), "ran 0 after 2, ");
    EXPECT_EQ(d.start(), "start e10, ");
    EXPECT_EQ(d.end(2), "ran 10, ");

    driver back(tens(), {.overlap = overlap::buffer_all{9}, .catch_up = catch_up::all{3}});
    EXPECT_EQ(back.at(30s).wake(), "start w10, "); // two more are caught up
    back.reschedule(interval(7s));
    EXPECT_EQ(back.end(1), "ran 10, ");
    EXPECT_EQ(back.start(), "start w20, ");
    EXPECT_EQ(back.next(), "e37");
}

TEST(course_fault, an_interval_tells_no_instant_from_until_on) {
    driver d({.when = interval(1s), .until = wall(2500ms)});
    for (const duration t : {0s, 1s}) {
        d.at(t).wake();
        d.end(t == 0s ? 1 : 2);
    }
    EXPECT_EQ(d.at(10s).wake(), "start e2, ") << "stalled since 1.5 s";
    EXPECT_EQ(d.end(3), "ran 2, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_fault, an_interval_ends_with_its_last_run_before_until) {
    driver d({.when = interval(24h), .until = wall(1h)});
    d.wake();
    EXPECT_EQ(d.end(1), "ran 0, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_fault, reschedule_decides_what_is_due_by_the_rule_that_was) {
    driver hourly(interval(1h), {}, later);
    EXPECT_EQ(hourly.at(3h).reschedule(interval(7s)), "missed 7200..10800 x2, ");
    EXPECT_EQ(hourly.start(), "start e3600 missed 2, ");
    driver calendar(tens(), {});
    EXPECT_EQ(calendar.at(30s).reschedule(interval(7s)), "coalesced_into 10..20 x2 > 30, ");
    EXPECT_EQ(calendar.start(), "start w30 missed 2, ");
    driver paused(tens(), {});
    paused.pause();
    EXPECT_EQ(paused.at(30s).reschedule(tens()), "paused 10..30 x3, ");
    EXPECT_EQ(paused.next(), "w40");
}

TEST(course_fault, a_reload_leaves_no_instant_that_is_due_undecided) {
    driver d(tens(), {});
    EXPECT_EQ(d.at(30s).reconsider(), "");
    EXPECT_EQ(d.wake(), "coalesced_into 10..20 x2 > 30, start w30 missed 2, ");
}

TEST(course_fault, what_has_come_within_its_jitter_is_decided_by_all_who_end_its_schedule) {
    const rules spread{.when = interval(10s), .how = {.jitter = 9s}, .identity = 7};
    driver cancelled(spread, later), moved(spread, later);
    ASSERT_GT(moved.progressed().delay, 1s);
    EXPECT_EQ(cancelled.at(11s).cancel(), "cancelled 10, ask to end, ");
    EXPECT_EQ(moved.at(11s).reschedule(interval(7s)), "");
    EXPECT_EQ(moved.start(), "start e10, ");
}

TEST(course_fault, what_is_buffered_as_the_last_run_starts_is_cancelled) {
    driver d({.when = interval(10s), .how = {.overlap = overlap::buffer_all{3}}, .times = 2});
    for (const duration t : {0s, 10s, 20s, 30s}) d.at(t).wake();
    d.end(1);
    EXPECT_EQ(d.start(), "cancelled 20, cancelled 30, start e10, ");
    EXPECT_EQ(d.end(2), "ran 10, ");
    EXPECT_EQ(d.state(), life::ended);
}

TEST(course_fault, a_clock_that_was_years_ahead_does_not_hold_up_a_calendar) {
    driver d(tens(), {});
    EXPECT_EQ(d.ahead(24h * 1461).at(5s).wake().substr(0, 14), "coalesced_into");
    d.end(1);
    EXPECT_EQ(d.ahead(0h).reconsider(), "clock_went_back 5..126230405 x0, ");
    EXPECT_EQ(d.next(), "w10");
    EXPECT_EQ(d.reconsider(), "") << "told once";
    EXPECT_EQ(d.at(10s).wake(), "start w10, ");
}

TEST(course_fault, a_clock_that_was_ahead_is_told_by_whatever_comes_first) {
    const auto ahead = [] {
        driver d(tens(), {});
        d.ahead(4h).wake();
        d.end(1);
        d.ahead(0h);
        return d;
    };
    const std::string told = "clock_went_back 0..14400 x0, ";
    EXPECT_EQ(ahead().due(), told);
    EXPECT_EQ(ahead().reschedule(interval(1s)), told);
    EXPECT_EQ(ahead().cancel(), told + "ask to end, ");
    driver d = ahead();
    d.pause();
    EXPECT_EQ(d.resume(), told);
}

TEST(course_fault, a_search_that_gives_up_is_looked_at_again_from_there) {
    const schedule weeks = cicada::except(cicada::cron("* * * * * *"), // all but
                                          cicada::cron("* * * 2-16 * *"));
    const wall_time second = wall_time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 2));
    course c({.when = weeks});
    const clock_reading begin{elapsed_time(0s), second};
    c.begin({}, begin);
    ASSERT_EQ(c.state(), life::active);
    EXPECT_EQ(c.next(), std::nullopt) << "not known yet";
    const course::wake wake = c.look_at();
    ASSERT_TRUE(wake.due);
    const clock_reading then{elapsed_time(wall_time(wake.due->at) - second),
                             wall_time(wake.due->at)};
    outcome what;
    c.due(then, what);
    EXPECT_EQ(wall_time(c.next().value().at),
              wall_time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 17)));
    EXPECT_FALSE(what.start);
    for (const decision& d : what.decided) EXPECT_EQ(d.what, decision::kind::excluded);
}

TEST(course_fault, a_period_of_for_ever_waits_for_another_one) {
    driver d(interval(duration::max()), {});
    EXPECT_EQ(d.wake(), "start e0, ");
    EXPECT_EQ(d.end(1), "ran 0, ");
    EXPECT_EQ(d.state(), life::active);
    EXPECT_EQ(d.looks_at(), "none");
    d.at(5s).reschedule(interval(1s));
    EXPECT_EQ(d.next(), "e6");
}

// ---- progress
// ------------------------------------------------------------------------------------

TEST(course_progress, counts_what_became_of_the_instants) {
    driver d(interval(10s), {.overlap = overlap::skip});
    d.wake();
    d.at(10s).wake(); // dropped
    d.at(45s).end(1);
    d.wake(); // 20, which is late; 30 and 40 are missed
    const progress& p = d.progressed();
    EXPECT_EQ(p.ran, 2u);
    EXPECT_EQ(p.dropped, 1u);
    EXPECT_EQ(p.missed, 2u);
    EXPECT_EQ(p.untold, 0u) << "the run of 20 was told of all three";
    EXPECT_EQ(p.runs.at(0).missed, 3u);
}

TEST(course_progress, is_the_same_when_nobody_is_told) {
    course told({.when = tens()});
    course untold({.when = tens()}, {}, false);
    outcome a, b;
    for (course* c : {&told, &untold}) {
        outcome& what = c == &told ? a : b;
        c->begin({}, {elapsed(0s), wall(0s)});
        c->due({elapsed(35s), wall(35s)}, what);
        c->start_next({elapsed(35s), wall(35s)}, what);
        c->run_ended(1, run_end::ok, {elapsed(36s), wall(36s)}, what);
    }
    EXPECT_EQ(a.decided.size(), 2u);
    EXPECT_TRUE(b.decided.empty());
    EXPECT_EQ(told.at(), untold.at());
    EXPECT_EQ(a.start, b.start);
}

} // namespace
