// The checker of histories finds what is planted in them, and nothing in one that is right.

#include <gmock/gmock.h>

#include <cicada/schedule/calendar.hpp>

#include <model/cluster/checker.hpp>

namespace {

using namespace cluster_model;
using rule = violation::rule;

wall_time minute(int n) { return cicada::parse_instant("2026-03-28T00:00:00Z") + n * 1min; }
elapsed_time elapsed(duration since) { return elapsed_time(24h) + since; }

/// A run of `job` for an instant, and the attempt that ended it.
void add_run(history& to, const job_history& job, int n, const std::string& machine = "a") {
    const auto id = cicada::run_id(static_cast<std::int64_t>(to.runs.size()) + 1);
    const auto fence = static_cast<std::uint64_t>(to.runs.size()) + 1;
    run_row row{.job = job.id};
    row.of = {.id = id, .job = job.name, .kind = "work", .nominal = minute(n)};
    row.of.state = cicada::run_state::ok;
    row.of.fence = fence;
    row.began_at = minute(n);
    row.of.ended_at = minute(n) + 30s;
    to.runs.push_back(row);
    attempt one{.run = id, .job = job.name, .nominal = minute(n), .fence = fence};
    one.machine = machine;
    one.started_at = elapsed(n * 1min + 1s);
    one.store_was_at = minute(n) + 1s;
    one.ended_at = one.alive_at = elapsed(n * 1min + 20s);
    one.ended_by_store = minute(n) + 20s;
    one.how = attempt::ending::returned;
    to.attempts.push_back(one);
}

/// Every minute of ten minutes: 1 to 4 run, 5 to 7 are missed, 8 and 9 run.
history right() {
    history all{.lease = 20s, .takeover = 30s};
    job_history job{.name = "poll", .id = cicada::detail::job_id(1)};
    job.versions = {{minute(0), cicada::every_interval(1min, minute(0))}};
    job.until = minute(10);
    job.life = cicada::life::ended;
    job.stretches = {{.kind = cicada::decision::kind::missed,
                      .first = minute(5),
                      .last = minute(7),
                      .count = 3}};
    for (const int n : {1, 2, 3, 4, 8, 9}) add_run(all, job, n);
    all.jobs = {job};
    all.machines = {{"a", {{elapsed(0s)}}}, {"b", {{elapsed(0s)}}}};
    return all;
}

std::vector<rule> rules_broken(const history& all) {
    std::vector<rule> rules;
    for (const violation& one : check(all)) rules.push_back(one.what);
    return rules;
}

#define EXPECT_BROKEN(all, ...) EXPECT_THAT(rules_broken(all), testing::ElementsAre(__VA_ARGS__))

/// The third run, by "a", is lost with it, and "b" takes it over.
history taken_over() {
    history all = right();
    attempt& first = all.attempts[2];
    first.how = attempt::ending::destroyed;
    attempt second = first;
    second.machine = "b";
    second.fence = all.runs[2].of.fence = 100;
    second.how = attempt::ending::returned;
    second.started_at = first.ended_at + 25s;
    second.alive_at = second.ended_at = second.started_at + 2s;
    second.ended_by_store = first.ended_by_store + 27s;
    all.runs[2].of.ended_at = second.ended_by_store + 1s;
    all.attempts.push_back(second);
    return all;
}

TEST(cluster_checker, finds_nothing_in_what_is_right) {
    checked what;
    EXPECT_THAT(check(right(), what), testing::IsEmpty());
    EXPECT_EQ(what.instants, 9u);
    EXPECT_EQ(what.runs, 6u);
    EXPECT_THAT(check(taken_over(), what), testing::IsEmpty());
    EXPECT_EQ(what.takeovers, 1u);
}

TEST(cluster_checker, finds_an_instant_without_a_decision) {
    history all = right();
    all.runs.erase(all.runs.begin() + 3);
    EXPECT_BROKEN(all, rule::undecided);
    all.jobs[0].may_stop = true;
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_an_instant_with_two_decisions) {
    history all = right();
    all.jobs[0].stretches[0].first = minute(4);
    all.jobs[0].stretches[0].count = 4;
    EXPECT_BROKEN(all, rule::decided_twice);

    all = right();
    all.runs.push_back(all.runs[3]);
    EXPECT_BROKEN(all, rule::decided_twice);
}

TEST(cluster_checker, knows_that_instants_come_again_when_a_wrong_clock_was_set_right) {
    history all = right();
    all.runs.push_back(all.runs[3]);
    EXPECT_BROKEN(all, rule::decided_twice);
    all.jobs[0].stretches.push_back({.kind = cicada::decision::kind::clock_went_back,
                                     .epoch = 1,
                                     .first = minute(3) + 1s,
                                     .last = minute(4),
                                     .count = 0});
    EXPECT_BROKEN(all);
    all.runs.push_back(all.runs[3]);
    EXPECT_BROKEN(all, rule::decided_twice);
}

TEST(cluster_checker, finds_what_is_no_instant_of_the_job) {
    history all = right();
    all.runs[0].of.nominal += 1ns;
    EXPECT_BROKEN(all, rule::no_instant, rule::undecided);

    all = right();
    all.jobs[0].stretches[0].last += 1s;
    EXPECT_BROKEN(all, rule::no_instant);
}

TEST(cluster_checker, goes_by_the_edit_that_was_in_force) {
    history all = right();
    all.jobs[0].versions.push_back({minute(8), cicada::every_interval(1min, minute(8) + 30s)});
    EXPECT_BROKEN(all, rule::no_instant, rule::undecided, rule::undecided); // 9:00, 8:30 and 9:30
}

TEST(cluster_checker, finds_a_stretch_that_counts_wrongly) {
    history all = right();
    all.jobs[0].stretches[0].count = 2;
    EXPECT_BROKEN(all, rule::miscounted);
}

TEST(cluster_checker, finds_a_pause_that_was_none) {
    history all = right();
    all.jobs[0].stretches[0].kind = cicada::decision::kind::paused;
    EXPECT_BROKEN(all, rule::never_paused, rule::never_paused, rule::never_paused);
    all.jobs[0].pauses = {{minute(4) + 30s, minute(6) + 30s}};
    EXPECT_BROKEN(all, rule::never_paused);
}

TEST(cluster_checker, finds_what_ran_during_a_pause) {
    history all = right();
    all.jobs[0].pauses = all.jobs[0].sure_pauses = {{minute(8) - 1s, minute(8) + 1s}};
    EXPECT_BROKEN(all, rule::ran_paused);
    all.runs[4].began_at = minute(8) + 2s; // it was resumed, and caught up
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_what_has_not_ended) {
    history all = right();
    all.runs[5].of.state = cicada::run_state::ready;
    all.jobs[0].life = cicada::life::ending;
    EXPECT_BROKEN(all, rule::left_open, rule::left_open);
}

TEST(cluster_checker, finds_an_instant_that_ran_as_two_runs) {
    history all = right();
    all.attempts.push_back(all.attempts[0]);
    all.attempts.back().run = cicada::run_id(100);
    EXPECT_BROKEN(all, rule::two_runs);
    all.attempts.back().is_in_doubt = true;
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_an_end_that_is_not_that_of_the_attempt) {
    history all = right();
    all.runs[0].of.state = cicada::run_state::failed; // and it had returned
    EXPECT_BROKEN(all, rule::not_its_end);

    all.attempts[0].how = attempt::ending::threw; // and its retry was handed back, and superseded
    all.attempts.push_back(all.attempts[0]);
    all.attempts.back().fence = all.runs[0].of.fence = 100;
    all.attempts.back().started_at = all.attempts[0].ended_at + 1s;
    all.attempts.back().how = attempt::ending::cancelled;
    EXPECT_BROKEN(all, rule::not_its_end);
    all.attempts.back().was_stopped = true;
    EXPECT_BROKEN(all);

    all = taken_over(); // a zombie's completion is taken for that of who took over
    all.runs[2].of.ended_at = all.attempts.back().ended_by_store - 1s;
    EXPECT_BROKEN(all, rule::not_its_end);
    all.set_back = {{all.attempts.back().ended_at, 2s}};
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_a_fence_that_went_back) {
    history all = taken_over();
    all.attempts.back().fence = all.runs[2].of.fence = 2;
    EXPECT_BROKEN(all, rule::fence_went_back, rule::late_takeover); // so it is none
}

TEST(cluster_checker, tells_what_was_given_to_the_dead) {
    history all = right();
    all.given_to_the_dead.push_back(all.runs[1]);
    EXPECT_BROKEN(all, rule::given_to_the_dead);
}

TEST(cluster_checker, finds_two_attempts_at_once) {
    history all = taken_over();
    all.attempts[2].alive_at = all.attempts.back().started_at + 1s;
    EXPECT_BROKEN(all, rule::two_at_once);
    all.jobs[0].when_cut_off = cicada::when_cut_off::carry_on;
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_a_takeover_that_came_too_late) {
    history all = taken_over();
    all.attempts.back().started_at += 10s;
    EXPECT_BROKEN(all, rule::late_takeover);
    all.attempts[2].heard_until = all.attempts[2].ended_at + 4s; // and by 34 s after: not enough
    EXPECT_BROKEN(all, rule::late_takeover);
    all.attempts[2].heard_until += 1s;
    EXPECT_BROKEN(all);
    all.attempts[2].heard_until = {};
    all.machines[0].healthy = {};
    all.machines[1].healthy = {{elapsed(3min + 1s)}}; // not for a lease before
    EXPECT_BROKEN(all);
}

TEST(cluster_checker, finds_a_start_before_its_time) {
    history all = right();
    all.attempts[0].store_was_at = minute(1) - 1ns;
    EXPECT_BROKEN(all, rule::early);
}

TEST(cluster_checker, finds_a_second_attempt_of_what_is_lost_with_its_worker) {
    history all = taken_over();
    all.jobs[0].on_lost = cicada::on_lost::fail;
    EXPECT_BROKEN(all, rule::again);
    all.attempts[2].how = attempt::ending::threw; // a retry is another matter
    EXPECT_BROKEN(all);
}

} // namespace
