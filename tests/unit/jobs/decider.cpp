// What happens to one job while all goes well: instants, runs and their ends, and what is asked.
// See decider_time.cpp for edits, clocks and restored backups.

#include <jobs/decider.hpp>

#include <cicada/base/rfc3339.hpp>
#include <gmock/gmock.h>

#include <schedule/progress_text.hpp>
#include <support/lone_node.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::lone_node;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using kind = decision::kind;
using enum run_state;

const wall_time noon = parse_instant("2026-11-26T12:00:00Z");

job every_ten_minutes() { return {.name = "poll", .when = interval(10min), .kind = "poll_feed"}; }
job after_ten_minutes() {
    return {.name = "poll", .when = fixed_delay(10min), .kind = "poll_feed"};
}

// ---- instants ----------------------------------------------------------------------------------

TEST(decider, begins_an_interval_as_it_is_applied_and_goes_on_on_its_grid) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min);
    EXPECT_EQ(n.open().of.nominal, noon);
    n.end();
    n.restart();
    n.run_until(noon + 25min);
    n.end();
    n.run_until(noon + 30min);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 10min, noon + 30min));
    ASSERT_THAT(n.reasons(), ElementsAre(kind::skipped_overlap)); // 12:20, as 12:10 still ran
    EXPECT_EQ(n.kept.stretches[0].because_of, run_id{2});
}

TEST(decider, begins_an_interval_where_it_is_told_to) {
    job one = every_ten_minutes();
    one.first = first::after_period;
    EXPECT_EQ(lone_node(one, noon).decides->wake_at(), noon + 10min);
    one.first = first(noon + 7min);
    EXPECT_EQ(lone_node(one, noon).decides->wake_at(), noon + 7min);
    one.first = first(noon - 7min); // which is caught up
    EXPECT_EQ(lone_node(one, noon).decides->wake_at(), noon - 7min);
    one = after_ten_minutes();
    one.first = first(noon + 7min);
    EXPECT_EQ(lone_node(one, noon).decides->wake_at(), noon + 7min);
}

TEST(decider, gives_a_run_what_its_job_says) {
    job one = every_ten_minutes();
    one.arguments = R"({"url": "x"})";
    one.label = "web";
    lone_node n(one, noon);
    n.run_until(noon);
    const run_row& run = n.open();
    EXPECT_EQ(run.of.kind, "poll_feed");
    EXPECT_EQ(run.of.arguments, one.arguments);
    EXPECT_EQ(run.of.origin, run_origin::scheduled);
    EXPECT_EQ(run.of.key, "poll@2026-11-26T12:00:00Z");
    EXPECT_EQ(run.label, "web");
    EXPECT_EQ(run.job, n.kept.row.id);
    EXPECT_EQ(run.number, 1u);
}

TEST(decider, catches_up_with_one_run_after_two_weeks_of_a_job_of_five_seconds) { // D16
    lone_node n({.name = "poll", .when = interval(5s), .kind = "poll_feed"}, noon);
    n.run_until(noon + 2s, 1s);
    n.restart();
    n.now = noon + 24h * 14 + 2s;
    n.decides->due(n.now);
    n.write();
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 24h * 14));
    ASSERT_THAT(n.reasons(), ElementsAre(kind::coalesced_into));
    EXPECT_EQ(n.kept.stretches[0].first, noon + 5s);
    EXPECT_EQ(n.kept.stretches[0].last, noon + 24h * 14 - 5s);
}

TEST(decider, runs_once_after_a_suspend_of_78_minutes) { // D27
    lone_node n({.name = "poll", .when = interval(10s), .kind = "poll_feed"}, noon);
    n.run_until(noon + 1min, 1s);
    const std::size_t before = n.kept.ended.size();
    n.now += 78min;
    n.decides->due(n.now);
    n.write();
    n.end();
    EXPECT_THAT(n.kept.ended, SizeIs(before + 1));
}

TEST(decider, has_no_step_before_its_time) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon);
    n.decides->due(noon + 9min);
    EXPECT_FALSE(n.decides->has_step());
}

TEST(decider, waits_out_the_jitter_of_an_instant) {
    job one = every_ten_minutes();
    one.jitter = 5min;
    lone_node n(one, noon);
    const wall_time wake = n.decides->wake_at().value();
    ASSERT_GT(wake, noon);
    n.decides->due(wake - 1ns);
    EXPECT_FALSE(n.decides->has_step());
    n.decides->due(wake);
    const step made = n.decides->take_step(node_id{1});
    EXPECT_EQ(made.not_before, wake);
    EXPECT_EQ(made.begins.at(0).of.nominal, noon);
}

TEST(decider, corrects_a_wake_at_that_is_not_its_own) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon);
    n.kept.row.at.wake_at = noon + 1min; // as another version has it
    n.restart();
    n.decides->due(noon + 1min);
    ASSERT_TRUE(n.decides->has_step());
    EXPECT_EQ(n.decides->take_step(node_id{1}).at.wake_at, noon + 10min);
}

TEST(decider, ends_a_job_by_times_and_by_until) {
    job one = every_ten_minutes();
    one.times = 2;
    lone_node twice(one, noon);
    twice.run_until(noon + 1h, 1s);
    EXPECT_THAT(twice.states(), ElementsAre(ok, ok));
    EXPECT_EQ(twice.kept.row.at.life, life::ended);
    EXPECT_EQ(twice.kept.row.at.wake_at, std::nullopt);
    one = every_ten_minutes();
    one.until = noon + 10min;
    lone_node once(one, noon);
    once.run_until(noon + 1h, 1s);
    EXPECT_THAT(once.states(), ElementsAre(ok));
    EXPECT_EQ(once.kept.row.at.life, life::ended);
}

// ---- ends --------------------------------------------------------------------------------------

TEST(decider, lets_a_run_that_has_failed_be_ready_for_its_retry) {
    job one = every_ten_minutes();
    one.retry = {.max = 2, .backoff = 10s, .factor = 3};
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed);
    EXPECT_EQ(n.open().of.state, ready);
    EXPECT_EQ(n.open().of.attempt, 2u);
    EXPECT_EQ(n.open().of.run_at, noon + 10s);
    EXPECT_EQ(n.open().of.reason, "because");
    n.run_until(noon + 10s);
    EXPECT_EQ(n.open().of.state, running);
    n.restart();
    n.end(run_end::failed);
    EXPECT_EQ(n.open().of.attempt, 3u);
    EXPECT_EQ(n.open().of.run_at, noon + 40s);
    n.restart();
    n.run_until(noon + 40s);
    n.end(run_end::failed);
    EXPECT_THAT(n.states(), ElementsAre(failed));
    EXPECT_EQ(n.decides->course().at().failed, 3u);
    EXPECT_EQ(n.decides->course().at().failed_in_a_row, 1u);
}

TEST(decider, retries_nothing_that_is_not_worth_it) {
    job one = every_ten_minutes();
    one.retry = {.max = 2};
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed_for_good);
    EXPECT_THAT(n.states(), ElementsAre(failed));
}

TEST(decider, counts_losses_apart_and_gives_up_after_three) { // D11
    job one = every_ten_minutes();
    one.retry = {.max = 1, .backoff = 1min};
    lone_node n(one, noon);
    n.run_until(noon);
    n.lose();
    EXPECT_EQ(n.open().of.state, ready);
    EXPECT_EQ(n.open().of.attempt, 1u);
    EXPECT_EQ(n.open().of.lost, 1u);
    EXPECT_EQ(n.open().of.run_at, noon + 1s);
    n.run_until(noon + 1s);
    n.end(run_end::failed); // which has a retry left
    EXPECT_EQ(n.open().of.attempt, 2u);
    n.run_until(noon + 2min);
    n.lose();
    EXPECT_EQ(n.open().of.lost, 2u);
    EXPECT_EQ(n.open().of.attempt, 2u);
    n.restart();
    n.run_until(noon + 3min);
    n.lose();
    EXPECT_THAT(n.states(), ElementsAre(lost));
    EXPECT_EQ(n.kept.ended[0].of.lost, 3u);
    EXPECT_EQ(n.decides->course().at().failed_in_a_row, 1u);
}

TEST(decider, runs_nothing_again_that_may_run_once_at_most) {
    job one = every_ten_minutes();
    one.on_lost = on_lost::fail;
    lone_node n(one, noon);
    n.run_until(noon);
    n.lose();
    EXPECT_THAT(n.states(), ElementsAre(lost));
}

TEST(decider, refuses_the_end_of_a_run_that_is_not_open) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon);
    n.end();
    EXPECT_FALSE(n.decides->run_ended(run_id{1}, {}, n.now));
    EXPECT_FALSE(n.decides->run_lost(run_id{1}, n.now));
    EXPECT_FALSE(n.decides->cancel_run(run_id{1}, n.now));
    EXPECT_FALSE(n.decides->has_step());
}

TEST(decider, cleans_what_a_handler_says) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon);
    n.decides->run_ended(n.open().of.id,
                         {.reason = std::string("a\0b", 3),
                          .log = std::string(100'000, 'x') + "the end",
                          .report = "\xFF"},
                         n.now);
    n.write();
    EXPECT_EQ(n.kept.ended[0].of.reason, "a\xEF\xBF\xBD"
                                         "b");
    EXPECT_EQ(n.kept.ended[0].of.log.size(), 65536u);
    EXPECT_TRUE(n.kept.ended[0].of.log.ends_with("the end"));
    EXPECT_EQ(n.kept.ended[0].of.report, "\xEF\xBF\xBD");
}

TEST(decider, counts_a_fixed_delay_from_each_kind_of_end) { // D14
    for (const run_end how : {run_end::ok, run_end::failed, run_end::failed_for_good,
                              run_end::cancelled, run_end::lost}) {
        lone_node n(after_ten_minutes(), noon);
        n.run_until(noon + 3min);
        EXPECT_EQ(n.decides->wake_at(), std::nullopt);
        n.end(how);
        EXPECT_EQ(n.kept.row.at.wake_at, noon + 13min);
        n.restart();
        EXPECT_EQ(n.decides->wake_at(), noon + 13min);
    }
}

TEST(decider, counts_a_fixed_delay_from_what_was_skipped_or_taken_over_or_paused) { // D14
    job one = after_ten_minutes();
    one.start_deadline = 1min;
    lone_node late(one, noon);
    late.now = noon + 2min;
    late.run_until(late.now);
    EXPECT_THAT(late.reasons(), ElementsAre(kind::too_late));
    EXPECT_EQ(late.decides->wake_at(), noon + 12min);

    lone_node taken_over(after_ten_minutes(), noon);
    taken_over.run_until(noon);
    taken_over.lose();
    EXPECT_EQ(taken_over.decides->wake_at(), std::nullopt);
    taken_over.run_until(noon + 5min);
    taken_over.end();
    EXPECT_EQ(taken_over.decides->wake_at(), noon + 15min);

    lone_node paused(after_ten_minutes(), noon);
    paused.run_until(noon);
    paused.tell([](decider& d) { d.pause("", "", {}); });
    paused.now = noon + 1min;
    paused.end();
    EXPECT_EQ(paused.decides->wake_at(), std::nullopt);
    paused.now = noon + 5min;
    paused.tell([&](decider& d) { d.resume(passed::skip, paused.now); });
    EXPECT_EQ(paused.decides->wake_at(), noon + 11min);
}

TEST(decider, counts_a_fixed_delay_from_what_was_skipped_for_another_or_resumed_meanwhile) { // D14
    lone_node skipped(after_ten_minutes(), noon);
    skipped.tell([](decider& d) { d.trigger({}, std::nullopt, noon - 1min); });
    skipped.run_until(noon); // 12:00 is in its way
    EXPECT_THAT(skipped.reasons(), ElementsAre(kind::skipped_overlap));
    EXPECT_EQ(skipped.decides->wake_at(), std::nullopt);
    skipped.now = noon + 1min;
    skipped.end();
    EXPECT_EQ(skipped.kept.row.at.wake_at, noon + 11min);

    lone_node resumed(after_ten_minutes(), noon);
    resumed.run_until(noon);
    resumed.tell([](decider& d) { d.pause("", "", {}); });
    resumed.now = noon + 1min;
    resumed.tell([&](decider& d) { d.resume(passed::skip, resumed.now); });
    EXPECT_EQ(resumed.decides->wake_at(), std::nullopt); // it runs
    resumed.restart();
    resumed.now = noon + 2min;
    resumed.end();
    EXPECT_EQ(resumed.kept.row.at.wake_at, noon + 12min);
}

TEST(decider, computes_the_next_instant_again_where_nothing_would_come_of_it) { // D14
    const auto stall = [](lone_node& n) {
        progress at = parse_progress(n.kept.row.at.progress);
        at.next.reset();
        n.kept.row.at.progress = to_text(at);
        n.kept.row.at.wake_at.reset();
        n.restart();
    };
    for (const job& one : {every_ten_minutes(), after_ten_minutes()}) {
        lone_node n(one, noon);
        n.run_until(noon + 2min);
        stall(n);
        EXPECT_FALSE(n.decides->mend(n.now)); // its run goes on
        EXPECT_FALSE(n.decides->has_step());
        n.end();
        stall(n);
        n.tell([&](decider& d) { EXPECT_TRUE(d.mend(n.now)); });
        const bool is_delay = one.when.is_fixed_delay();
        EXPECT_EQ(n.kept.row.at.wake_at, is_delay ? noon + 12min : noon + 10min);
        EXPECT_FALSE(n.decides->mend(n.now)); // once
        n.tell([](decider& d) { d.pause("", "", {}); });
        stall(n);
        EXPECT_FALSE(n.decides->mend(n.now));
        EXPECT_FALSE(n.decides->has_step());
    }
    job never = after_ten_minutes();
    never.when = fixed_delay(duration::max());
    lone_node n(never, noon);
    n.run_until(noon);
    n.end();
    EXPECT_EQ(n.kept.row.at.wake_at, std::nullopt);
    EXPECT_FALSE(n.decides->mend(n.now));
    EXPECT_FALSE(n.decides->has_step());
}

TEST(decider, keeps_a_job_paused_that_has_ended_and_is_edited) {
    const auto over = [] {
        job one = every_ten_minutes();
        one.times = 1;
        return one;
    }();
    for (const bool is_over_before : {true, false}) {
        lone_node n(over, noon);
        n.run_until(noon);
        if (is_over_before) n.end();
        n.tell([](decider& d) { d.pause("ops", "the feed is down", {}); });
        if (!is_over_before) n.end();
        EXPECT_EQ(n.kept.row.at.life, life::ended);
        n.restart();
        EXPECT_EQ(n.decides->notes().paused_by, "ops");
        n.now = noon + 5min;
        n.tell([&](decider& d) { d.edit({every_ten_minutes()}, n.now); });
        EXPECT_EQ(n.kept.row.at.life, life::paused);
        EXPECT_EQ(n.decides->notes().pause_note, "the feed is down");
        n.restart();
        n.run_until(noon + 1h);
        EXPECT_THAT(n.states(), ElementsAre(ok));
        n.tell([&](decider& d) { d.edit({over}, n.now); }); // it has had its one run
        n.tell([&](decider& d) { d.edit({every_ten_minutes()}, n.now); });
        EXPECT_EQ(n.kept.row.at.life, life::paused);
        n.tell([&](decider& d) { d.resume(passed::skip, n.now); });
        EXPECT_EQ(n.kept.row.at.life, life::active);
        EXPECT_EQ(n.kept.row.at.notes.find("paused"), std::string::npos);
    }
}

TEST(decider, ends_the_pause_of_a_job_that_has_ended_when_it_is_over_or_resumed_or_removed) {
    const auto ended_and_paused = [](std::optional<wall_time> until) {
        job one = every_ten_minutes();
        one.times = 1;
        lone_node n(one, noon);
        n.run_until(noon);
        n.end();
        n.tell([&](decider& d) { d.pause("", "", until); });
        return n.kept;
    };
    const auto life_after = [&](std::optional<wall_time> until, auto what) {
        lone_node n(every_ten_minutes(), noon);
        n.kept = ended_and_paused(until);
        n.restart();
        n.tell(what);
        n.run_until(noon + 5min);
        n.tell([&](decider& d) { d.edit({every_ten_minutes()}, n.now); });
        return n.kept.row.at.life;
    };
    const auto nothing = [](decider&) {};
    EXPECT_EQ(life_after(std::nullopt, nothing), life::paused);
    EXPECT_EQ(life_after(noon + 6min, nothing), life::paused);
    EXPECT_EQ(life_after(noon + 5min, nothing), life::active);
    const auto resume = [](decider& d) { d.resume(passed::skip, noon); };
    EXPECT_EQ(life_after(std::nullopt, resume), life::active);
    const auto remove = [](decider& d) { d.remove(noon); };
    EXPECT_EQ(life_after(std::nullopt, remove), life::active);
    const auto remove_and_pause = [](decider& d) {
        d.remove(noon);
        d.pause("", "", {});
    };
    EXPECT_EQ(life_after(std::nullopt, remove_and_pause), life::active);

    lone_node runs(every_ten_minutes(), noon);
    runs.run_until(noon);
    runs.tell([](decider& d) { d.pause("", "", {}); });
    runs.tell([](decider& d) { d.remove(noon); });
    EXPECT_EQ(runs.kept.row.at.life, life::ending); // what runs goes on
    runs.tell([](decider& d) { d.edit({every_ten_minutes()}, noon); });
    EXPECT_EQ(runs.kept.row.at.life, life::active);
}

TEST(decider, pauses_a_job_that_keeps_failing_and_says_why) {
    job one = every_ten_minutes();
    one.failures = {.in_a_row = 2, .then = failure_limit::action::pause};
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed);
    n.run_until(noon + 10min);
    n.end(run_end::failed);
    EXPECT_EQ(n.kept.row.at.life, life::paused);
    n.restart();
    EXPECT_EQ(n.decides->notes().pause_note, "2 runs in a row have failed");
    EXPECT_EQ(n.decides->wake_at(), std::nullopt);
}

TEST(decider, ends_a_job_that_stops_at_an_error) {
    job one = every_ten_minutes();
    one.on_error = on_error::stop;
    one.overlap = overlap::allow{2};
    lone_node n(one, noon);
    n.run_until(noon + 10min);
    n.end(run_end::failed, run_id{1});
    EXPECT_EQ(n.kept.row.at.life, life::cancelling);
    EXPECT_TRUE(n.open().of.is_asked_to_end);
    n.restart();
    n.end(run_end::cancelled);
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    EXPECT_THAT(n.states(), ElementsAre(failed, cancelled));
}

// ---- overlap -----------------------------------------------------------------------------------

TEST(decider, asks_what_runs_to_end_for_the_next_one) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    lone_node n(one, noon);
    n.run_until(noon + 10min);
    ASSERT_THAT(n.kept.row.open, SizeIs(1));
    EXPECT_TRUE(n.open().of.is_asked_to_end);
    n.restart(); // the instant of 12:10 waits
    n.end(run_end::cancelled);
    EXPECT_EQ(n.open().of.nominal, noon + 10min);
    EXPECT_THAT(n.states(), ElementsAre(cancelled, running));
}

TEST(decider, ends_what_nobody_has_claimed_at_once_for_the_next_one) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    lone_node n(one, noon);
    n.decides->due(noon);
    n.write();
    n.now = noon + 10min;
    n.decides->due(n.now);
    n.write();
    EXPECT_THAT(n.states(), ElementsAre(cancelled, ready));
    EXPECT_EQ(n.open().of.nominal, noon + 10min);
}

TEST(decider, ends_what_waits_for_a_retry_for_the_next_one) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    one.retry = {.max = 1, .backoff = 1h, .cap = 1h};
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed);
    n.restart();
    n.run_until(noon + 10min);
    EXPECT_THAT(n.states(), ElementsAre(failed, running));
    EXPECT_EQ(n.kept.ended[0].of.reason, "because");
    EXPECT_EQ(n.kept.ended[0].of.attempt, 1u) << "there was no second one";
}

TEST(decider, cancels_what_waits_because_its_worker_was_lost_for_the_next_one) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    one.retry = {.max = 1, .backoff = 1min};
    for (const bool has_failed_before : {false, true}) {
        lone_node n(one, noon);
        n.run_until(noon);
        if (has_failed_before) n.end(run_end::failed);
        n.run_until(noon + 10min - 1ms);
        n.lose();
        EXPECT_EQ(n.open().of.attempt, has_failed_before ? 2u : 1u);
        n.restart();
        n.run_until(noon + 10min);
        EXPECT_THAT(n.states(), ElementsAre(cancelled, running)); // it has not failed
    }
}

TEST(decider, records_a_stretch_for_what_was_to_begin_and_was_replaced_in_one_step) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    lone_node n(one, noon);
    n.decides->due(noon);
    n.decides->due(noon + 10min); // before anybody has written
    n.now = noon + 10min;
    n.write();
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon + 10min));
    EXPECT_THAT(n.reasons(), ElementsAre(kind::cancelled));
}

TEST(decider, asks_a_run_to_end_that_was_begun_by_the_step_in_flight) {
    job one = every_ten_minutes();
    one.overlap = overlap::cancel_other;
    for (const bool is_claimed : {true, false}) {
        lone_node n(one, noon);
        n.decides->due(noon);
        step begins = n.decides->take_step(node_id{1});
        n.decides->due(noon + 10min);
        EXPECT_FALSE(n.decides->has_step()); // one at a time
        if (is_claimed) begins.begins[0].of.state = running;
        n.now = noon + 10min;
        n.decides->taken(n.kept.take(begins, n.now));
        ASSERT_TRUE(n.decides->has_step());
        n.write();
        if (is_claimed) {
            EXPECT_THAT(n.states(), ElementsAre(running));
            EXPECT_TRUE(n.open().of.is_asked_to_end);
        } else {
            EXPECT_THAT(n.states(), ElementsAre(cancelled, ready));
        }
    }
}

TEST(decider, makes_one_stretch_of_instants_that_the_same_run_is_in_the_way_of) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 65min);
    ASSERT_THAT(n.kept.stretches, SizeIs(1));
    EXPECT_EQ(n.kept.stretches[0].count, 6u);
    EXPECT_EQ(n.kept.stretches[0].first, noon + 10min);
    EXPECT_EQ(n.kept.stretches[0].last, noon + 60min);
    n.end();
    n.run_until(noon + 85min); // 13:10 runs, and 13:20 is skipped for another
    EXPECT_THAT(n.kept.stretches, SizeIs(2));
}

TEST(decider, lets_what_waits_begin_as_what_runs_has_ended) {
    job one = every_ten_minutes();
    one.overlap = overlap::buffer_all{2};
    lone_node n(one, noon);
    n.run_until(noon + 35min); // 12:10 and 12:20 wait, 12:30 is dropped
    n.restart();
    n.end();
    n.end();
    n.end();
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 10min, noon + 20min));
    EXPECT_THAT(n.reasons(), ElementsAre(kind::skipped_overlap));
}

// ---- what is asked -----------------------------------------------------------------------------

TEST(decider, starts_nothing_during_a_pause_and_explains_it) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min, 1s);
    n.tell([](decider& d) { d.pause("ops", "the feed is down", {}); });
    n.restart();
    n.run_until(noon + 35min);
    EXPECT_EQ(n.decides->notes().paused_by, "ops");
    n.tell([&](decider& d) { d.resume(passed::skip, n.now); });
    ASSERT_THAT(n.kept.stretches, SizeIs(1));
    EXPECT_EQ(n.kept.stretches[0].kind, kind::paused);
    EXPECT_EQ(n.kept.stretches[0].count, 3u);
    EXPECT_EQ(n.kept.stretches[0].note, "ops: the feed is down");
    EXPECT_EQ(n.kept.row.at.notes, "");
    EXPECT_EQ(n.decides->wake_at(), noon + 40min);
}

TEST(decider, catches_up_after_a_pause_when_that_is_wanted) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min, 1s);
    n.tell([](decider& d) { d.pause("", "", {}); });
    n.run_until(noon + 35min);
    n.tell([&](decider& d) { d.resume(passed::catch_up, n.now); });
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 30min));
    ASSERT_THAT(n.reasons(), ElementsAre(kind::coalesced_into));
    EXPECT_EQ(n.kept.stretches[0].into, noon + 30min);
}

TEST(decider, resumes_by_itself_and_as_of_then) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min, 1s);
    n.tell([](decider& d) { d.pause("", "", noon + 25min); });
    n.restart();
    EXPECT_EQ(n.decides->wake_at(), noon + 25min);
    n.now = noon + 47min; // nobody was there in time
    n.decides->due(n.now);
    n.write();
    EXPECT_EQ(n.kept.row.at.life, life::active);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 40min));
    EXPECT_THAT(n.reasons(), ElementsAre(kind::paused, kind::coalesced_into));
    EXPECT_EQ(n.kept.stretches[0].count, 2u); // 12:10 and 12:20
}

TEST(decider, runs_both_what_was_triggered_and_the_instant_after_it) { // D27
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 9min, 1s);
    n.tell([&](decider& d) { EXPECT_TRUE(d.trigger({}, std::nullopt, n.now)); });
    EXPECT_EQ(n.open().of.origin, run_origin::triggered);
    EXPECT_EQ(n.open().of.key, "poll@2026-11-26T12:09:00Z/2");
    n.end();
    n.run_until(noon + 10min);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 9min, noon + 10min));
}

TEST(decider, triggers_with_a_key_and_arguments_also_during_a_pause) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min, 1s);
    n.tell([](decider& d) { d.pause("", "", {}); });
    n.tell([&](decider& d) { d.trigger({.key = "k", .arguments = "[1]"}, std::nullopt, n.now); });
    EXPECT_EQ(n.open().of.key, "k");
    EXPECT_EQ(n.open().of.arguments, "[1]");
}

TEST(decider, remembers_what_was_triggered_until_its_turn) {
    job one = every_ten_minutes();
    one.overlap = overlap::buffer_all{5};
    lone_node n(one, noon);
    n.run_until(noon + 1min);
    n.tell([&](decider& d) { EXPECT_TRUE(d.trigger({.key = "a"}, std::nullopt, n.now)); });
    n.tell([&](decider& d) { EXPECT_TRUE(d.trigger({.key = "b"}, std::nullopt, n.now)); });
    n.restart();
    n.tell([&](decider& d) { EXPECT_FALSE(d.trigger({.key = "a"}, std::nullopt, n.now)); });
    EXPECT_THAT(n.decides->notes().asked_for, SizeIs(2));
    n.restart();
    n.end();
    EXPECT_EQ(n.open().of.key, "a");
    n.end();
    EXPECT_EQ(n.open().of.key, "b");
    EXPECT_THAT(n.decides->notes().asked_for, IsEmpty());
    EXPECT_EQ(n.kept.row.at.notes, "");
}

TEST(decider, leaves_no_stretch_for_a_trigger_that_was_skipped) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min);
    n.tell([&](decider& d) { EXPECT_TRUE(d.trigger({}, std::nullopt, n.now)); });
    EXPECT_THAT(n.kept.stretches, IsEmpty());
    EXPECT_THAT(n.decides->notes().asked_for, IsEmpty());
    EXPECT_EQ(n.decides->course().at().dropped, 1u);
}

TEST(decider, triggers_nothing_of_a_job_that_has_ended) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon, 0s);
    n.tell([&](decider& d) { d.remove(n.now); });
    EXPECT_FALSE(n.decides->trigger({}, std::nullopt, n.now));
    EXPECT_THAT(n.decides->notes().asked_for, IsEmpty());
}

TEST(decider, gives_instants_of_the_past_a_run_when_there_is_room) { // D17
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 1min);
    EXPECT_FALSE(n.decides->has_room_for_backfill());
    n.end();
    ASSERT_TRUE(n.decides->has_room_for_backfill());
    n.tell([](decider& d) { d.backfill_at(noon + 2min); });
    EXPECT_EQ(n.decides->wake_at(), noon + 2min);
    n.tell([&](decider& d) {
        d.trigger({.origin = run_origin::backfilled}, noon - 24h, n.now);
        d.backfill_at(n.now);
    });
    EXPECT_EQ(n.open().of.nominal, noon - 24h);
    EXPECT_EQ(n.open().of.origin, run_origin::backfilled);
    n.restart();
    EXPECT_FALSE(n.decides->has_room_for_backfill());
    EXPECT_EQ(n.decides->wake_at(), noon + 10min);
}

TEST(decider, cancels_a_run_wherever_it_is) {
    job one = every_ten_minutes();
    one.retry = {.max = 1};
    lone_node n(one, noon);
    n.decides->due(noon);
    n.write(); // ready
    n.tell([&](decider& d) { EXPECT_TRUE(d.cancel_run(run_id{1}, n.now)); });
    n.run_until(noon + 10min);
    n.tell([&](decider& d) { d.cancel_run(run_id{2}, n.now); }); // running
    EXPECT_TRUE(n.open().of.is_asked_to_end);
    n.restart();
    n.end(run_end::failed); // and no retry: it was asked to end
    n.run_until(noon + 20min);
    n.end(run_end::failed);
    n.restart(); // its fence has moved
    n.tell([&](decider& d) { d.cancel_run(run_id{3}, n.now); }); // waits for its retry
    n.run_until(noon + 30min);
    n.tell([&](decider& d) { d.cancel_run(run_id{4}, n.now); });
    n.lose(); // asked to end, and gone with its worker: it does not come again
    EXPECT_THAT(n.states(), ElementsAre(cancelled, failed, failed, lost));
    EXPECT_EQ(n.decides->wake_at(), noon + 40min);
}

TEST(decider, keeps_nothing_of_a_pause_of_a_job_that_has_ended) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon, 0s);
    n.tell([&](decider& d) { d.remove(n.now); });
    n.decides->pause("ops", "", {});
    EXPECT_FALSE(n.decides->has_step());
    EXPECT_EQ(n.decides->notes().paused_by, "");
}

TEST(decider, says_what_the_last_step_has_decided) {
    lone_node n(every_ten_minutes(), noon);
    n.run_until(noon + 10min);
    ASSERT_THAT(n.decides->decided(), SizeIs(1));
    EXPECT_EQ(n.decides->decided()[0].what, kind::skipped_overlap);
    n.end();
    ASSERT_THAT(n.decides->decided(), SizeIs(1));
    EXPECT_EQ(n.decides->decided()[0].what, kind::ran);
}

} // namespace
