#include <cicada/jobs/worker.hpp>

#include <gmock/gmock.h>

#include <support/diary.hpp>
#include <support/nodes.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::diary;
using support::nodes;
using support::simulated;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::vector<duration> since(wall_time begin, const std::vector<wall_time>& those) {
    std::vector<duration> all;
    for (const wall_time one : those) all.push_back(one - begin);
    return all;
}

const wall_time start = parse_instant("2026-01-01T00:00:00Z");

} // namespace

TEST(worker, begins_a_run_at_its_instant) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(10s), .kind = "work"});
    all.start("a", {}, {{"work", d.writes()}});
    sim->advance(35s);
    EXPECT_THAT(since(start, d.starts), ElementsAre(0s, 10s, 20s, 30s));
    EXPECT_THAT(all.states("tick"),
                ElementsAre(run_state::ok, run_state::ok, run_state::ok, run_state::ok));
    EXPECT_TRUE(sim.errors.empty()) << sim.errors.front();
}

TEST(worker, tries_again_after_the_backoff_of_its_retry) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "once", .when = interval(24h), .kind = "work", .retry = {.max = 2}});
    all.start("a", {}, {{"work", d.writes("disk full")}});
    sim->advance(1h);
    EXPECT_THAT(since(start, d.starts), ElementsAre(0s, 1s, 3s));
    const auto runs = all.of("once");
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].of.state, run_state::failed);
    EXPECT_EQ(runs[0].of.attempt, 3u);
    EXPECT_EQ(runs[0].of.reason, "disk full");
}

TEST(worker, tries_no_more_when_no_retry_was_thrown) {
    simulated sim;
    nodes all;
    int calls = 0;
    all.add({.name = "once", .when = interval(24h), .kind = "work", .retry = {.max = 2}});
    all.start("a", {}, {{"work", [&](job_run) -> task<> {
                             ++calls;
                             throw no_retry("never");
                             co_return;
                         }}});
    sim->advance(1h);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(all.of("once").at(0).of.reason, "never");
    EXPECT_THAT(all.states("once"), ElementsAre(run_state::failed));
}

TEST(worker, runs_what_was_submitted) {
    simulated sim;
    nodes all;
    diary d;
    all.start("a", {}, {{"work", d.writes()}});
    sim->advance(100ms);
    all.submit("work");
    all.submit("work", {.after = 5s});
    sim->advance(4s);
    EXPECT_EQ(d.done, 1);
    sim->advance(10s);
    EXPECT_THAT(since(start, d.starts), ElementsAre(100ms, 5100ms));
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok, run_state::ok));
}

TEST(worker, tries_again_what_was_submitted) {
    simulated sim;
    nodes all;
    diary d;
    all.submit("work", {.retry = {.max = 1, .backoff = 10s}});
    all.start("a", {}, {{"work", d.writes("no")}});
    sim->advance(1min);
    EXPECT_THAT(since(start, d.starts), ElementsAre(0s, 10s));
    EXPECT_THAT(all.states(), ElementsAre(run_state::failed));
}

TEST(worker, runs_no_more_at_a_time_than_it_has_slots) {
    simulated sim;
    nodes all;
    diary d;
    for (int i = 0; i < 10; ++i) all.submit(i % 2 == 0 ? "long" : "short");
    for (int i = 0; i < 5; ++i)
        all.add({.name = "job" + std::to_string(i), .when = interval(24h), .kind = "long"});
    all.start("a", {.most = 3}, {{"long", d.writes({}, 10s)}, {"short", d.writes({}, 4s)}});
    sim->advance(30s); // 120 s of work, by three
    EXPECT_EQ(d.now, 3);
    EXPECT_EQ(d.most, 3);
    sim->advance(20s);
    EXPECT_EQ(d.done, 15);
    EXPECT_EQ(d.most, 3);
}

TEST(worker, leaves_to_others_what_it_has_no_handler_or_label_for) {
    simulated sim;
    nodes all;
    diary plain, gpu, other;
    all.start("a", {}, {{"work", plain.writes()}});
    sim->advance(1s); // it fires them all
    all.add({.name = "a", .when = interval(24h), .kind = "work"});
    all.add({.name = "b", .when = interval(24h), .kind = "work", .label = "gpu"});
    all.add({.name = "c", .when = interval(24h), .kind = "other"});
    all.start("b", {.labels = {"gpu"}}, {{"work", gpu.writes()}});
    all.start("c", {.labels = {"gpu"}}, {{"other", other.writes()}});
    sim->advance(1min);
    EXPECT_EQ(plain.done + gpu.done, 2);
    EXPECT_GE(gpu.done, 1);
    EXPECT_EQ(other.done, 1);
    EXPECT_TRUE(sim.errors.empty()) << sim.errors.front();
}

TEST(worker, tells_once_of_a_kind_that_nobody_handles_and_it_waits) {
    simulated sim;
    nodes all;
    diary d;
    all.start("a", {}, {{"work", d.writes()}});
    all.add(
        {.name = "tick", .when = interval(10s), .kind = "strange", .overlap = overlap::allow{10}});
    all.submit("strange");
    sim->advance(35s);
    ASSERT_EQ(sim.errors.size(), 1u);
    EXPECT_THAT(sim.errors[0], HasSubstr("no worker handles the kind \"strange\""));
    EXPECT_EQ(all.states("tick"), std::vector<run_state>(4, run_state::ready));
    diary late;
    all.start("b", {}, {{"strange", late.writes()}});
    sim->advance(1s);
    EXPECT_EQ(late.done, 5);
}

TEST(worker, whose_lease_ends_loses_what_it_runs_to_another_and_not_before) {
    simulated sim;
    nodes all;
    diary first, second;
    auto& a = all.start("a", {.lease = 20s}, {{"work", first.writes({}, 1h)}});
    sim->advance(1s);
    all.submit("work");
    sim->advance(1s);
    ASSERT_EQ(first.now, 1);
    all.start("b", {.lease = 20s}, {{"work", second.writes()}});
    sim->advance(30s);
    a.crash(); // its last renewal was at 30 s
    sim->advance(17s);
    EXPECT_EQ(second.done, 0);
    sim->advance(20s);
    EXPECT_EQ(second.done, 1);
    const auto run = all.of().at(0);
    EXPECT_EQ(run.of.state, run_state::ok);
    EXPECT_EQ(run.of.attempt, 1u);
    EXPECT_EQ(run.of.lost, 1u);
    EXPECT_EQ(run.of.node, "b");
    EXPECT_GE(second.starts.at(0) - start, 50s); // a lease later
    EXPECT_LE(second.starts.at(0) - start, 50s + 1s + 10ms); // at once, but for a backoff
}

TEST(worker, is_not_evicted_because_the_clock_was_set_forward) {
    simulated sim;
    nodes all;
    diary told;
    all.start("a", {.lease = 20s}, {{"work", told.writes({}, 10min)}});
    all.start("b", {.lease = 20s}, {{"work", told.writes({}, 10min)}});
    all.submit("work");
    sim->advance(1min);
    sim->step_wall(1h); // all leases are over, and nobody has had trouble
    sim->advance(10min);
    EXPECT_EQ(told.starts.size(), 1u);
    EXPECT_EQ(all.of().at(0).of.state, run_state::ok);
    EXPECT_EQ(all.of().at(0).of.lost, 0u);
}

TEST(worker, does_not_run_again_what_is_to_run_at_most_once) {
    simulated sim;
    nodes all;
    diary first, second;
    auto& a = all.start("a", {.lease = 20s}, {{"work", first.writes({}, 1h)}});
    sim->advance(1s);
    all.add({.name = "once", .when = interval(24h), .kind = "work", .on_lost = on_lost::fail});
    all.submit("work", {.on_lost = on_lost::fail});
    sim->advance(1s);
    ASSERT_EQ(first.now, 2);
    all.start("b", {.lease = 20s}, {{"work", second.writes()}});
    sim->advance(30s);
    a.crash();
    sim->advance(1min);
    EXPECT_EQ(second.done, 0);
    EXPECT_THAT(all.states("once"), ElementsAre(run_state::lost));
    EXPECT_THAT(all.states(), ElementsAre(run_state::lost));
}

TEST(worker, gives_up_a_run_that_was_lost_three_times) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "once", .when = interval(24h), .kind = "work"});
    for (int i = 0; i < 5; ++i) {
        auto& a = all.start("a" + std::to_string(i), {.lease = 10s}, {{"work", d.writes({}, 1h)}});
        sim->advance(1min);
        a.crash();
    }
    diary last;
    all.start("last", {.lease = 10s}, {{"work", last.writes()}});
    sim->advance(5min);
    EXPECT_EQ(d.starts.size(), 3u);
    EXPECT_TRUE(last.starts.empty());
    EXPECT_THAT(all.states("once"), ElementsAre(run_state::lost));
    EXPECT_EQ(all.of("once").at(0).of.lost, 3u);
}

TEST(worker, that_is_cancelled_lets_go_on_what_runs_and_begins_nothing) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(1s), .kind = "other"});
    all.submit("work");
    diary ticks;
    auto& a =
        all.start("a", {.grace = 10s}, {{"work", d.writes({}, 5s)}, {"other", ticks.writes()}});
    sim->advance(2500ms);
    a.stop();
    sim->advance(2s);
    EXPECT_FALSE(a.has_ended());
    sim->advance(1s);
    EXPECT_TRUE(a.has_ended());
    EXPECT_EQ(d.done, 1);
    EXPECT_EQ(ticks.done, 3);
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok));
}

TEST(worker, that_is_cancelled_hands_back_what_does_not_end_in_its_grace) {
    simulated sim;
    nodes all;
    diary first, second;
    all.submit("work");
    auto& a = all.start("a", {.grace = 10s}, {{"work", first.writes({}, 60s)}});
    sim->advance(1s);
    all.start("b", {}, {{"work", second.writes({}, 60s)}});
    a.stop();
    sim->advance(9s);
    EXPECT_EQ(first.now, 1); // D24: it is not begun a second time while it runs
    EXPECT_EQ(second.now, 0);
    sim->advance(2s);
    EXPECT_EQ(first.cancelled_ones, 1);
    EXPECT_TRUE(a.has_ended());
    EXPECT_EQ(second.now, 1);
    sim->advance(1min);
    const auto run = all.of().at(0);
    EXPECT_EQ(run.of.state, run_state::ok);
    EXPECT_EQ(run.of.attempt, 1u);
    EXPECT_EQ(run.of.lost, 0u);
}

TEST(worker, that_is_cancelled_twice_ends_as_when_it_was_cancelled_once) {
    simulated sim;
    nodes all;
    diary d;
    all.submit("work");
    auto& a = all.start("a", {.grace = 10s}, {{"work", d.writes({}, 5s)}});
    sim->advance(1s);
    a.stop();
    sim->advance(1s);
    a.stop();
    sim->advance(1s);
    EXPECT_FALSE(a.has_ended());
    sim->advance(10s);
    EXPECT_TRUE(a.has_ended());
    EXPECT_EQ(d.done, 1);
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok));
}

TEST(worker, that_stops_does_not_hand_back_what_may_run_only_once) {
    simulated sim;
    nodes all;
    diary first, second;
    all.submit("work", {.on_lost = on_lost::fail});
    auto& a = all.start("a", {.grace = 1s}, {{"work", first.writes({}, 1h)}});
    sim->advance(1s);
    all.start("b", {}, {{"work", second.writes()}});
    a.stop();
    sim->advance(1min);
    EXPECT_TRUE(second.starts.empty());
    EXPECT_THAT(all.states(), ElementsAre(run_state::lost));
}

TEST(worker, rolling_restarts_use_up_neither_attempts_nor_losses) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "long", .when = interval(24h), .kind = "work", .retry = {.max = 1}});
    nodes::one* running = nullptr;
    for (int i = 0; i < 20; ++i) {
        auto& next =
            all.start("a" + std::to_string(i), {.grace = 2s}, {{"work", d.writes({}, 1min)}});
        if (running) running->stop();
        running = &next;
        sim->advance(20s);
    }
    EXPECT_EQ(d.most, 1);
    EXPECT_GE(d.cancelled_ones, 19);
    sim->advance(5min);
    const auto run = all.of("long").at(0);
    EXPECT_EQ(run.of.state, run_state::ok);
    EXPECT_EQ(run.of.attempt, 1u);
    EXPECT_EQ(run.of.lost, 0u);
}

TEST(worker, ends_a_run_that_somebody_asks_to_end) {
    simulated sim;
    nodes all;
    bool token_was_stopped = false;
    diary d;
    const auto id = all.submit("work", {.retry = {.max = 5}});
    all.start("a", {}, {{"work", [&](job_run run) -> task<> {
                             co_await unless_cancelled(sleep(1h));
                             token_was_stopped =
                                 run.stop_token().stop_requested() && run.is_asked_to_end();
                         }}});
    sim->advance(1s);
    all.write([&](detail::writing& in) {
        const auto row = in.runs({.ids = {id}}).at(0);
        EXPECT_EQ(in.take({.changes = {detail::after_cancel(row)}}).is, detail::verdict::taken);
    });
    sim->advance(100ms);
    EXPECT_TRUE(token_was_stopped);
    EXPECT_THAT(all.states(), ElementsAre(run_state::cancelled));
}

TEST(worker, ends_the_run_before_where_the_overlap_policy_says_so) {
    simulated sim;
    nodes all;
    diary d;
    all.add(
        {.name = "tick", .when = interval(10s), .kind = "work", .overlap = overlap::cancel_other});
    all.start("a", {}, {{"work", d.writes({}, 15s)}});
    sim->advance(29s);
    EXPECT_EQ(d.most, 1);
    EXPECT_EQ(d.cancelled_ones, 2);
    EXPECT_THAT(since(start, d.starts), ElementsAre(0s, 10s, 20s));
    EXPECT_THAT(all.states("tick"),
                ElementsAre(run_state::cancelled, run_state::cancelled, run_state::running));
}

TEST(worker, counts_what_ends_as_cancelled_of_itself_as_failed) {
    simulated sim;
    nodes all;
    all.submit("work");
    all.start("a", {}, {{"work", [](job_run) -> task<> {
                             throw cancelled();
                             co_return;
                         }}});
    sim->advance(1s);
    EXPECT_THAT(all.states(), ElementsAre(run_state::failed));
}

TEST(worker, keeps_the_log_and_the_report_of_the_last_attempt) {
    simulated sim;
    nodes all;
    all.submit("work");
    all.start("a", {}, {{"work", [](job_run run) -> task<> {
                             run.log("hello");
                             run.report("1 of 1");
                             co_return;
                         }}});
    sim->advance(1s);
    EXPECT_EQ(all.of().at(0).of.log, "hello\n");
    EXPECT_EQ(all.of().at(0).of.report, "1 of 1");
}

TEST(worker, writes_the_end_of_a_run_when_the_store_is_back) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(24h), .kind = "work"});
    auto& a = all.start("a", {}, {{"work", d.writes({}, 5s)}});
    sim->advance(1s);
    a.cut();
    sim->advance(10s);
    EXPECT_EQ(d.done, 1);
    EXPECT_THAT(all.states("tick"), ElementsAre(run_state::running));
    a.mend();
    sim->advance(6s);
    EXPECT_THAT(all.states("tick"), ElementsAre(run_state::ok));
    EXPECT_EQ(sim.errors.size(), 1u); // one line, not one for each try
}

TEST(worker, begins_once_what_it_is_not_told_that_it_has_begun) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(24h), .kind = "work", .first = first(start + 5s)});
    auto& a = all.start("a", {}, {{"work", d.writes({}, 1s)}});
    sim->advance(4s);
    all.submit("work", {.after = 1s});
    sim->advance(500ms);
    a.lose_answers();
    sim->advance(700ms); // it looks, and finds them
    EXPECT_EQ(d.starts.size(), 2u);
    a.mend();
    sim->advance(1min);
    EXPECT_EQ(d.starts.size(), 2u);
    EXPECT_EQ(d.done, 2);
    EXPECT_THAT(all.states("tick"), ElementsAre(run_state::ok));
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok));
}

TEST(worker, asks_what_it_runs_to_end_before_its_lease_does_unless_that_may_carry_on) {
    simulated sim;
    nodes all;
    diary stops, carries_on;
    all.add({.name = "stops", .when = interval(24h), .kind = "a"});
    all.add({.name = "carries_on",
             .when = interval(24h),
             .kind = "b",
             .when_cut_off = when_cut_off::carry_on});
    auto& a = all.start("a", {.lease = 20s},
                        {{"a", stops.writes({}, 30s)}, {"b", carries_on.writes({}, 60s)}});
    sim->advance(1s);
    a.cut(); // the last renewal was at 0 s
    sim->advance(16s);
    EXPECT_EQ(stops.now, 1);
    sim->advance(1s); // 17.5 s: the lease, less its margin
    EXPECT_EQ(stops.cancelled_ones, 1);
    EXPECT_EQ(carries_on.now, 1);
    sim->advance(22s);
    a.mend(); // twice a lease later; nobody has evicted it
    sim->advance(2min);
    EXPECT_EQ(carries_on.done, 1);
    EXPECT_THAT(all.states("carries_on"), ElementsAre(run_state::ok));
    EXPECT_THAT(all.states("stops"), ElementsAre(run_state::ok));
    EXPECT_EQ(all.of("stops").at(0).of.lost, 1u);
    EXPECT_EQ(all.of("carries_on").at(0).of.lost, 0u);
}

TEST(worker, enters_anew_when_it_was_evicted_and_what_it_did_is_not_counted) {
    simulated sim;
    nodes all;
    diary first, second;
    auto& a = all.start("a", {.lease = 20s}, {{"work", first.writes({}, 100s)}});
    sim->advance(1s);
    all.submit("work", {.when_cut_off = when_cut_off::carry_on});
    sim->advance(1s);
    auto& b = all.start("b", {.lease = 20s}, {{"work", second.writes({}, 10s)}});
    sim->advance(30s);
    a.cut();
    sim->advance(50s);
    EXPECT_EQ(second.done, 1); // it has taken it over
    a.mend();
    sim->advance(1min);
    EXPECT_EQ(first.done, 1);
    const auto run = all.of().at(0);
    EXPECT_EQ(run.of.state, run_state::ok);
    EXPECT_EQ(run.of.node, "b");
    b.stop();
    sim->advance(11s);
    all.submit("work");
    sim->advance(1s);
    EXPECT_EQ(first.now, 1); // it is in again
}

TEST(worker, releases_what_runs_in_its_name_and_nobody_knows_of) { // D9
    simulated sim;
    nodes all;
    diary d;
    all.start("a", {.lease = 10s}, {{"work", d.writes()}});
    sim->advance(1s);
    const auto id = all.submit("work", {.after = 1h});
    all.write([&](detail::writing& in) { // as if it had been claimed, and the answer was dropped
        const auto by = in.nodes().at(0).id;
        auto row = in.runs({.ids = {id}}).at(0);
        auto change = detail::change_of(row);
        change.run_at = in.now();
        ASSERT_EQ(in.take({.changes = {change}}).is, detail::verdict::taken);
        ASSERT_EQ(in.claim_runs({.by = by, .id = 7, .kinds = {"work"}, .most = 1}).size(), 1u);
    });
    sim->advance(25s); // within two leases, and a backoff
    EXPECT_EQ(d.done, 1);
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok));
    EXPECT_EQ(all.run(id).of.lost, 1u);
}

TEST(worker, goes_on_while_a_survey_takes_long) { // D22
    simulated sim;
    nodes all;
    diary d;
    auto& a = all.start("a", {.lease = 10s}, {{"work", d.writes()}});
    a.link().holds_surveys = true;
    sim->advance(1s);
    all.submit("another"); // which nobody handles
    all.submit("work");
    sim->advance(1min);
    EXPECT_EQ(d.done, 1);
    EXPECT_EQ(a.link().surveys.size(), 1u);
    EXPECT_THAT(sim.errors, ElementsAre());
    a.link().answer_surveys();
    sim->advance(1s);
    EXPECT_THAT(sim.errors, ElementsAre(HasSubstr("\"another\"")));
}

TEST(worker, fires_an_instant_once_however_many_there_are) {
    simulated sim;
    nodes all;
    diary d;
    for (int i = 0; i < 10; ++i)
        all.add({.name = "job" + std::to_string(i), .when = interval(10s), .kind = "work"});
    for (const char* name : {"a", "b", "c"}) all.start(name, {}, {{"work", d.writes()}});
    sim->advance(95s);
    EXPECT_EQ(d.done, 100);
    for (int i = 0; i < 10; ++i) {
        for (const auto& run : all.of("job" + std::to_string(i)))
            EXPECT_LE(*run.of.started_at - run.of.nominal, 100ms);
    }
}

TEST(worker, is_not_early_and_follows_the_wall_clock) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "daily", .when = cron("0 7 * * *"), .kind = "work"});
    all.start("a", {}, {{"work", d.writes()}});
    sim->advance(1h);
    sim->set_wall(start + 6h + 59min + 59s);
    sim->advance(999ms);
    EXPECT_EQ(d.done, 0);
    sim->advance(1ms);
    EXPECT_EQ(d.done, 1);
    sim->step_wall(24h);
    sim->advance(1s); // at the latest at the next poll
    EXPECT_EQ(d.done, 2);
}

TEST(worker, forgets_history_that_is_not_to_be_kept) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(10s), .kind = "work"});
    all.start("a", {.keep = {.keep = 10}}, {{"work", d.writes()}});
    sim->advance(30min);
    EXPECT_EQ(d.done, 181);
    EXPECT_LE(all.of("tick").size(), 20u);
    EXPECT_GE(all.of("tick").size(), 10u);
}

TEST(worker, forgets_much_in_parts_that_do_not_wait_for_its_next_poll) {
    simulated sim;
    nodes all;
    diary d;
    for (int n = 0; n < 3000; ++n) all.submit("work");
    nodes::one& a = all.start("a", {}, {{"work", d.writes()}});
    sim->advance(1min);
    EXPECT_EQ(d.done, 3000);
    a.stop();
    nodes::one& b = all.start("b", {.poll = 1h, .keep = {.keep = 5}}, {{"work", d.writes()}});
    sim->advance(10s);
    EXPECT_EQ(all.of().size(), 5u);
    EXPECT_LT(b.link().writes, 20);
}

TEST(worker, tells_once_what_its_store_warns_of_and_that_it_has_passed) {
    simulated sim;
    nodes all;
    all.start("a", {}, {});
    sim->advance(10s);
    all.warnings().emplace_back(store_fault::log_held, "jobs.db", "has a long log", "end that");
    sim->advance(10s);
    EXPECT_THAT(sim.errors, ElementsAre("a: cicada: \"jobs.db\" has a long log: end that"));
    EXPECT_EQ(all.handle().warnings().at(0).fault(), store_fault::log_held);
    all.warnings().clear();
    sim->advance(10s);
    EXPECT_THAT(sim.errors,
                ElementsAre(testing::_, "a: cicada: \"jobs.db\" is as it should be again "
                                        "(log_held): nothing is left to do"));
}

TEST(worker, forgets_what_may_go_at_once_when_the_disk_is_full) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(1s), .kind = "work"});
    all.start("a", {.keep = {.keep = 10}}, {{"work", d.writes()}});
    sim->advance(90s); // half a minute after a round
    EXPECT_GT(all.of("tick").size(), 30u);
    all.warnings().emplace_back(store_fault::full, "jobs.db", "is full", "free some space");
    sim->advance(2s);
    EXPECT_LE(all.of("tick").size(), 12u);
    EXPECT_EQ(sim.errors.size(), 1u);
}

TEST(worker, refuses_options_that_make_no_sense_and_a_kind_twice) {
    simulated sim;
    nodes all;
    EXPECT_THROW(all.start("a", {.most = 0}, {}), std::invalid_argument);
    EXPECT_THROW(all.start("a", {.lease = 0s}, {}), std::invalid_argument);
    EXPECT_THROW(all.start("a", {.keep = {.older_than = -1ns}}, {}), std::invalid_argument);
    diary d;
    EXPECT_THROW(all.start("a", {}, {{"work", d.writes()}, {"work", d.writes()}}),
                 std::logic_error);
}

TEST(worker, tells_what_it_has_decided) {
    simulated sim;
    nodes all;
    diary d;
    std::vector<std::string> told;
    all.add({.name = "tick", .when = interval(10s), .kind = "work"});
    all.start("a",
              {.on_decision =
                   [&](std::string_view job, const decision& what) {
                       told.push_back(std::string(job) + " " + std::string(to_string(what.what)));
                       throw std::runtime_error("no matter");
                   }},
              {{"work", d.writes({}, 15s)}});
    sim->advance(29s);
    EXPECT_THAT(told, ElementsAre("tick skipped_overlap", "tick ran"));
    EXPECT_EQ(sim.errors.size(), 2u);
}

TEST(worker, decides_ends_in_their_order_also_when_it_must_read_their_job_again) {
    simulated sim;
    nodes all;
    diary d;
    std::vector<wall_time> told;
    all.add(
        {.name = "tick", .when = fixed_delay(1h), .kind = "work", .overlap = overlap::allow{2}});
    all.start("a",
              {.lease = 1h,
               .on_decision = [&](std::string_view,
                                  const decision& what) { told.push_back(what.nominal); }},
              {{"work", d.writes({}, 1min)}});
    sim->advance(10s);
    const auto asks = // of which its view of the job does not know
        spawn([](job_store store) -> task<> { co_await store.trigger("tick"); }(all.handle()));
    sim->advance(5s);
    sim->stall(5min); // both have ended
    sim->advance(1s);
    EXPECT_THAT(since(start, told), ElementsAre(0s, 10s));
}

TEST(worker, begins_nothing_late_that_was_held_up_until_its_lease_was_over) { // G3
    simulated sim;
    nodes all;
    for (int i = 0; i < 2; ++i) all.submit("work");
    std::vector<std::uint64_t> fences;
    const auto holds_up_the_next = [&](job_run run) -> task<> {
        fences.push_back(run.fence());
        if (fences.size() == 1) sim->stall(10s);
        co_return;
    };
    all.start("a", {.most = 2, .lease = 2s}, {{"work", holds_up_the_next}});
    sim->advance(15s);
    ASSERT_EQ(fences.size(), 2u);
    EXPECT_GT(fences[1], fences[0] + 1); // it was claimed once more
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok, run_state::ok));
}

TEST(worker, notices_a_clock_that_was_set_back_since_what_it_decided_last) { // D5
    simulated sim;
    nodes all;
    diary d;
    std::vector<decision> told;
    all.add({.name = "tick", .when = cron("*/10 * * * *"), .kind = "work"});
    all.start("a",
              {.poll = 1h, .on_decision = [&](auto, const decision& one) { told.push_back(one); }},
              {{"work", d.writes()}});
    sim->advance(5h + 55min);
    told.clear();
    sim->step_wall(-3h - 30min); // since it looked, only 2 h 35 min
    sim->advance(6min);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told[0].what, decision::kind::clock_went_back);
}

TEST(worker, brings_backfills_on_one_run_at_a_time) {
    simulated sim;
    nodes all;
    std::vector<wall_time> nominals;
    all.add({.name = "hourly", .when = cron("0 * * * *"), .kind = "work"});
    all.start("a", {}, {{"work", [&](job_run run) -> task<> {
                             EXPECT_EQ(run.origin(), run_origin::backfilled);
                             nominals.push_back(run.nominal());
                             co_await sleep(1min);
                         }}});
    sim->advance(1s);
    const auto asks = spawn([](job_store store) -> task<> {
        co_await store.backfill("hourly", start - 3h, start);
    }(all.handle()));
    sim->advance(2min);
    EXPECT_EQ(nominals.size(), 2u);
    sim->advance(5min);
    EXPECT_THAT(since(start, nominals), ElementsAre(-3h, -2h, -1h));
    EXPECT_EQ(all.states("hourly"), std::vector<run_state>(3, run_state::ok));
}

TEST(worker, runs_what_is_triggered_through_a_handle_at_once) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "daily", .when = cron("0 7 * * *"), .kind = "work"});
    all.start("a", {}, {{"work", d.writes()}});
    sim->advance(1500ms);
    const auto asks =
        spawn([](job_store store) -> task<> { co_await store.trigger("daily"); }(all.handle()));
    sim->advance(2s);
    ASSERT_EQ(d.done, 1);
    EXPECT_LE(d.starts[0] - start, 2500ms); // of another machine: at the next poll
}

TEST(worker, whose_store_was_away_for_three_leases_is_not_evicted_by_another_that_came_back_first) {
    simulated sim;
    nodes all;
    diary d;
    all.submit("work", {.when_cut_off = when_cut_off::carry_on});
    auto& a = all.start("a", {.lease = 20s}, {{"work", d.writes({}, 3min)}});
    sim->advance(1s);
    auto& b = all.start("b", {.lease = 20s}, {{"work", d.writes({}, 3min)}});
    sim->advance(30s);
    a.cut();
    b.cut();
    sim->advance(1min);
    b.mend();
    sim->advance(8s);
    a.mend();
    sim->advance(3min);
    EXPECT_EQ(d.starts.size(), 1u);
    EXPECT_THAT(all.states(), ElementsAre(run_state::ok));
    EXPECT_EQ(all.of().at(0).of.lost, 0u);
}

TEST(worker, stores_all_ends_but_that_which_the_store_does_not_take_and_that_without_its_texts) {
    simulated sim;
    nodes all;
    for (int i = 0; i < 20; ++i) all.submit("work");
    all.add({.name = "job", .when = interval(24h), .kind = "work"});
    auto& a = all.start("a", {}, {{"work", [](job_run run) -> task<> {
                                       const bool is_bad =
                                           run.id() == run_id{5} || !run.job().empty();
                                       run.log(is_bad ? "poison" : "fine");
                                       co_await sleep(1s);
                                   }}});
    a.link().looks = [](const detail::step& one) {
        for (const auto& each : one.changes) {
            if (each.log && each.log->starts_with("poison"))
                throw store_error(store_fault::too_large, "here", "takes no poison", "leave it");
        }
    };
    sim->advance(3s);
    EXPECT_EQ(all.states(), std::vector<run_state>(20, run_state::ok));
    EXPECT_THAT(all.states("job"), ElementsAre(run_state::ok));
    for (const auto& run : all.of()) {
        const bool is_bad = run.of.id == run_id{5};
        EXPECT_EQ(run.of.reason, is_bad ? "result could not be stored" : "");
        EXPECT_EQ(run.of.log, is_bad ? "" : "fine\n");
    }
    EXPECT_EQ(all.of("job").at(0).of.reason, "result could not be stored");
}

TEST(worker, goes_on_when_one_of_its_jobs_decides_what_the_store_does_not_take) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "bad", .when = interval(10s), .kind = "work"});
    all.add({.name = "good", .when = interval(10s), .kind = "work"});
    auto& a = all.start("a", {}, {{"work", d.writes()}});
    a.link().looks = [](const detail::step& one) {
        if (one.job == detail::job_id{1})
            throw store_error(store_fault::too_large, "here", "does not take it", "make it small");
    };
    sim->advance(59s);
    EXPECT_EQ(all.of("good").size(), 6u);
    EXPECT_THAT(sim.errors, ElementsAre(HasSubstr("job 'bad'"))); // and again in a minute
}

TEST(worker, keeps_the_end_of_a_run_that_the_store_does_not_take_and_tries_it_again) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "bad", .when = interval(24h), .kind = "work"});
    auto& a = all.start("a", {}, {{"work", d.writes({}, 1s)}});
    sim->advance(500ms);
    a.link().looks = [](const detail::step&) {
        throw store_error(store_fault::too_large, "here", "does not take it", "make it small");
    };
    sim->advance(30s);
    EXPECT_EQ(d.done, 1);
    EXPECT_EQ(sim.errors.size(), 1u);
    EXPECT_THAT(all.states("bad"), ElementsAre(run_state::running));
    a.link().looks = nullptr;
    sim->advance(1min);
    EXPECT_THAT(all.states("bad"), ElementsAre(run_state::ok));
}

TEST(worker, throws_what_only_a_person_mends_when_what_it_runs_has_ended) {
    simulated sim;
    nodes all;
    diary d;
    all.submit("work");
    auto& a = all.start("a", {}, {{"work", d.writes({}, 1h)}});
    sim->advance(1s);
    a.link().looks = [](const detail::step&) {
        throw store_error(store_fault::corrupt, "here", "is damaged", "restore a backup");
    };
    all.add({.name = "tick", .when = interval(10s), .kind = "work"});
    sim->advance(2s);
    EXPECT_TRUE(a.has_ended());
    EXPECT_EQ(d.cancelled_ones, 1);
    EXPECT_THAT(a.thrown(), HasSubstr("is damaged"));
}

TEST(worker, does_not_run_what_has_a_label_that_it_lacks) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = interval(24h), .kind = "work", .label = "gpu"});
    all.submit("work", {.label = "gpu"});
    all.start("a", {.labels = {"cpu"}}, {{"work", d.writes()}});
    sim->advance(1min);
    EXPECT_EQ(d.starts.size(), 0u);
    EXPECT_THAT(all.states("tick"), ElementsAre(run_state::ready));
    ASSERT_EQ(sim.errors.size(), 1u);
    EXPECT_THAT(sim.errors[0], HasSubstr("has the label \"gpu\""));
    all.start("b", {.labels = {"gpu"}}, {{"work", d.writes()}});
    sim->advance(1s);
    EXPECT_EQ(d.done, 2);
}

TEST(worker, fires_within_a_period_when_a_clock_that_was_ahead_is_set_right) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "each minute", .when = cron("* * * * *"), .kind = "work"});
    all.start("a", {}, {{"work", d.writes()}});
    sim->advance(3min);
    EXPECT_EQ(d.done, 3);
    sim->step_wall(72h);
    sim->advance(2min);
    const int before = d.done;
    EXPECT_GE(before, 5);
    sim->step_wall(-72h);
    sim->advance(1min + 2s);
    EXPECT_GE(d.done, before + 1);
    sim->advance(10min);
    EXPECT_GE(d.done, before + 11);
}

TEST(worker, fires_within_a_period_when_it_starts_on_a_clock_that_was_set_right) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "each minute", .when = cron("* * * * *"), .kind = "work"});
    auto& a = all.start("a", {}, {{"work", d.writes()}});
    sim->step_wall(24h * 365 * 70);
    sim->advance(3min);
    a.stop();
    sim->advance(1min);
    sim->step_wall(-24h * 365 * 70);
    const int before = d.done;
    all.start("b", {}, {{"work", d.writes()}});
    sim->advance(1min + 2s);
    EXPECT_GE(d.done, before + 1);
}
