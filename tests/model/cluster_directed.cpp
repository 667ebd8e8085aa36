// The rules of the design that need machines, one by one: D4, D6 to D9, D12, D24, and what each
// check of the store is for.

#include <gmock/gmock.h>

#include <model/cluster/checker.hpp>
#include <model/cluster/world.hpp>

namespace {

using namespace cluster_model;
using cicada::run_state;
using cicada::detail::node_state;
using cicada::detail::store_check;

struct cluster_of : world {
    explicit cluster_of(const setting& of) : world(of) {}

    /// `jobs` are applied, and then all machines start.
    void begin(std::vector<cicada::job> those) {
        jobs = std::move(those);
        auto outside = cluster.store();
        const auto applied = cicada::spawn(outside.apply("the test", jobs));
        sim.advance(1s);
        for (host& one : hosts) start(one);
        sim.advance(1s);
    }

    /// What is submitted now, by someone outside.
    void submit(cicada::submit_options options = {}, std::string kind = "work") {
        auto outside = cluster.store();
        const auto done = cicada::spawn(outside.submit(kind, "{}", options));
        sim.settle();
    }

    history whole() const {
        history all = seen();
        for (const cicada::job& one : jobs) all.jobs.push_back(history_of(one));
        return all;
    }
    using windows = std::vector<std::pair<wall_time, wall_time>>;
    /// What is found; its only job, if any, was paused then.
    std::vector<violation::rule> broken(const windows& paused = {}) const {
        std::vector<violation::rule> rules;
        history all = whole();
        for (job_history& one : all.jobs) one.pauses = one.sure_pauses = paused;
        for (job_history& one : all.jobs) {
            for (auto& window : one.pauses) window.first -= how.lease; // what was not decided yet
        }
        for (const violation& one : check(all)) {
            rules.push_back(one.what);
            std::cout << "(" << one << ")\n";
        }
        return rules;
    }
    std::size_t evicted() const {
        return static_cast<std::size_t>(
            std::ranges::count(nodes(), node_state::dead, &cicada::detail::node_row::state));
    }
    std::size_t count(run_state state) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            runs(), [&](const run_row& one) { return one.of.state == state; }));
    }

    std::vector<cicada::job> jobs;
};

cicada::job every(const char* when, const char* until) {
    return {.name = when,
            .when = cicada::recurrence::parse(when),
            .kind = "work",
            .until = cicada::parse_instant(until)};
}

TEST(cluster_rules, d4_wrong_clocks_make_nothing_early_and_lose_nothing) {
    cluster_of all({.machines = 0});
    all.add({});
    all.add({.clock_ahead = 1h});
    all.add({.clock_ahead = -1h});
    all.begin({every("every 5s", "2026-03-20T00:10:00Z"),
               every("cron(\"*/10 * * * * *\")", "2026-03-20T00:10:00Z")});
    all.sim.advance(11min);
    EXPECT_THAT(all.broken(), testing::IsEmpty());
    EXPECT_EQ(all.count(run_state::ok), 120u + 60u - 1u); // one job begins on a second, at 1 s
    const wall_time began_at = cicada::parse_instant("2026-03-20T00:00:02.2Z");
    for (const run_row& one : all.runs()) {
        if (one.of.nominal < began_at) continue;
        EXPECT_LE(*one.of.started_at - one.of.nominal, 10ms)
            << cicada::format_instant(one.of.nominal);
    }
}

TEST(cluster_rules, d6_nobody_is_evicted_because_the_store_was_away) {
    cluster_of all({.machines = 3});
    all.begin({});
    for (int i = 0; i < 3; ++i) {
        all.take_down(3 * all.how.lease);
        all.sim.advance(5 * all.how.lease);
    }
    EXPECT_EQ(all.nodes().size(), 3u);
    EXPECT_EQ(all.evicted(), 0u);
}

TEST(cluster_rules, d6_nobody_is_evicted_because_another_server_has_another_clock) {
    cluster_of all({.machines = 3});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 40, .step = 1s}; };
    all.begin({});
    for (int i = 0; i < 10; ++i) all.submit();
    all.sim.advance(10s);
    all.fail_over(0, 5min);
    all.sim.advance(5min);
    EXPECT_EQ(all.nodes().size(), 3u);
    EXPECT_EQ(all.evicted(), 0u);
    EXPECT_THAT(all.broken(), testing::IsEmpty());
    EXPECT_EQ(all.attempts().size(), 10u);
}

TEST(cluster_rules, d7_of_long_runs_those_stop_that_are_to_stop_when_they_are_cut_off) {
    cluster_of all({.machines = 1});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 120, .step = 1s}; };
    all.begin({});
    for (int i = 0; i < 10; ++i) {
        all.submit({.key = "stops " + std::to_string(i)});
        all.submit({.key = "carries on " + std::to_string(i),
                    .when_cut_off = cicada::when_cut_off::carry_on});
    }
    all.sim.advance(5s);
    all.take_down(3 * all.how.lease);
    all.sim.advance(30min);
    EXPECT_EQ(all.evicted(), 0u);
    EXPECT_EQ(all.count(run_state::ok), 20u);
    for (const attempt& one : all.attempts()) {
        if (!one.key.starts_with("carries on")) continue;
        EXPECT_EQ(one.how, attempt::ending::returned);
    }
    EXPECT_EQ(all.attempts().size(), 10u + 20u); // those that stopped ran again
    EXPECT_EQ(std::ranges::count(all.attempts(), attempt::ending::cancelled, &attempt::how), 10);
}

TEST(cluster_rules, d8_a_completion_from_before_a_failover_is_refused) {
    cluster_of all({.machines = 2});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 60, .step = 1s}; };
    all.jobs = {every("cron(\"0 * * * * *\")", "2026-03-20T00:01:30Z")};
    all.jobs[0].when_cut_off = cicada::when_cut_off::carry_on;
    auto outside = all.cluster.store();
    const auto applied = cicada::spawn(outside.apply("the test", all.jobs));
    all.sim.advance(1s);
    world::host &a = all.hosts[0], &b = all.hosts[1];
    all.start(a);
    all.sim.advance(59s); // the run has begun, by the last commit
    ASSERT_EQ(all.attempts().size(), 1u);
    all.cut_off(a, 75s);
    all.fail_over(1, 0s);
    EXPECT_EQ(all.runs().size(), 0u);
    all.sim.advance(30s);
    all.start(b);
    all.sim.advance(10s);
    ASSERT_EQ(all.attempts().size(), 2u); // the same instant, and all the same numbers
    EXPECT_EQ(all.attempts()[0].run, all.attempts()[1].run);
    EXPECT_EQ(all.attempts()[0].fence, all.attempts()[1].fence);
    EXPECT_EQ(all.attempts()[1].machine, "b");
    // The first has ended, and says so when it can; it is not taken for the second.
    all.sim.advance(40s);
    EXPECT_EQ(all.attempts()[0].how, attempt::ending::returned);
    EXPECT_EQ(all.attempts()[1].how, attempt::ending::none);
    EXPECT_EQ(all.count(run_state::running), 1u);
    all.sim.advance(5min);
    ASSERT_EQ(all.runs().size(), 1u);
    EXPECT_EQ(all.runs()[0].of.state, run_state::ok);
    EXPECT_EQ(all.runs()[0].of.node, "b");
    EXPECT_THAT(all.broken(), testing::IsEmpty());
}

TEST(cluster_rules, d9_what_ended_while_the_store_was_away_is_stored_when_it_is_back) {
    cluster_of all({.machines = 1});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 1, .step = 30s}; };
    all.begin({});
    for (int i = 0; i < 100; ++i) all.submit({.when_cut_off = cicada::when_cut_off::carry_on});
    all.sim.advance(10s);
    ASSERT_EQ(all.attempts().size(), 100u);
    all.take_down(5min);
    all.sim.advance(5min + 1min);
    EXPECT_EQ(all.count(run_state::ok), 100u);
    EXPECT_EQ(all.attempts().size(), 100u);
}

TEST(cluster_rules, d12_versions_that_alternate_fail_nothing_of_one_another) {
    cluster_of all({.machines = 2});
    world::host &old = all.hosts[0], &next = all.hosts[1];
    old.kinds = {"old"};
    next.kinds = {"new"};
    cicada::job one = every("every 7s", "2026-03-20T00:10:00Z");
    one.kind = "old";
    cicada::job other = every("cron(\"*/11 * * * * *\")", "2026-03-20T00:10:00Z");
    other.kind = "new";
    other.overlap = cicada::overlap::buffer_all{100};
    one.overlap = cicada::overlap::buffer_all{100};
    all.begin({one, other});
    for (int i = 0; i < 10; ++i) { // one of them is there at a time
        world::host& on = i % 2 == 0 ? old : next;
        all.stop(on);
        all.sim.advance(30s);
        all.start(on);
        all.sim.advance(30s);
    }
    all.sim.advance(10min);
    EXPECT_THAT(all.broken(), testing::IsEmpty());
    EXPECT_EQ(all.count(run_state::failed), 0u);
    EXPECT_EQ(all.count(run_state::lost), 0u);
    for (const attempt& each : all.attempts())
        EXPECT_EQ(each.machine, each.job == one.name ? "a" : "b");
}

/// Of two machines, that which has it.
void stop_within_a_minutes_run(cluster_of& all) {
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 60, .step = 1s}; };
    all.begin({});
    all.submit();
    all.sim.advance(1s);
    ASSERT_EQ(all.attempts().size(), 1u);
    all.stop(all.hosts[all.attempts()[0].machine == "a" ? 0 : 1]);
    all.sim.advance(5min);
}

TEST(cluster_rules, d24_who_stops_lets_its_run_end_and_nobody_else_begins_it) {
    cluster_of all({.machines = 2, .grace = 2min});
    stop_within_a_minutes_run(all);
    EXPECT_EQ(all.attempts().size(), 1u);
    EXPECT_EQ(all.count(run_state::ok), 1u);
    EXPECT_EQ(all.evicted(), 0u);
}

TEST(cluster_rules, d24_what_has_not_ended_by_then_is_handed_back_and_is_not_lost) {
    cluster_of all({.machines = 2, .grace = 10s});
    stop_within_a_minutes_run(all);
    ASSERT_EQ(all.attempts().size(), 2u);
    EXPECT_EQ(all.attempts()[0].how, attempt::ending::cancelled);
    EXPECT_EQ(all.runs()[0].of.state, run_state::ok);
    EXPECT_EQ(all.runs()[0].of.lost, 0u);
    EXPECT_EQ(all.runs()[0].of.attempt, 1u);
    EXPECT_THAT(all.broken(), testing::IsEmpty());
}

TEST(cluster_rules, a_run_whose_machine_crashed_is_taken_over) {
    cluster_of all({.machines = 2});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 60, .step = 1s}; };
    all.begin({});
    all.sim.advance(all.how.lease);
    all.submit();
    all.sim.advance(1s);
    ASSERT_EQ(all.attempts().size(), 1u);
    all.crash(all.hosts[all.attempts()[0].machine == "a" ? 0 : 1]);
    all.sim.advance(3min);
    ASSERT_EQ(all.attempts().size(), 2u);
    EXPECT_LE(all.attempts()[1].started_at - all.attempts()[0].ended_at,
              all.how.lease + 1s + 50ms); // at once, but for a backoff
    EXPECT_EQ(all.runs()[0].of.lost, 1u);
    EXPECT_THAT(all.broken(), testing::IsEmpty());
}

// ---- a store without one of its checks is found out ---------------------------------------------

/// A machine that was frozen for longer than its lease ends its run, which was taken over.
std::vector<violation::rule> broken_by_a_zombie(std::vector<store_check> left_out) {
    cluster_of all({.machines = 2, .left_out = std::move(left_out)});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 1, .step = 60s}; };
    all.begin({});
    all.sim.advance(all.how.lease);
    all.submit({.when_cut_off = cicada::when_cut_off::carry_on});
    all.sim.advance(1s);
    EXPECT_EQ(all.attempts().size(), 1u);
    all.freeze(all.hosts[all.attempts()[0].machine == "a" ? 0 : 1], 70s);
    all.sim.advance(10min);
    EXPECT_EQ(all.attempts().size(), 2u);
    return all.broken();
}

/// A machine has sent a step; before it arrives, somebody pauses the job.
std::vector<violation::rule> broken_by_a_stale_step(std::vector<store_check> left_out) {
    cluster_of all({.machines = 1, .left_out = std::move(left_out)});
    all.begin({every("cron(\"*/5 * * * * *\")", "2026-03-20T00:10:00Z")});
    all.sim.advance(28s - 200ms);
    all.hold_back(all.hosts[0], 2s); // from 29.92 s until 31.92 s
    all.sim.advance(1s);
    auto outside = all.cluster.store();
    const auto paused = cicada::spawn(outside.pause(all.jobs[0].name));
    all.sim.settle();
    const wall_time from = all.cluster.store_now();
    all.sim.advance(1min);
    const wall_time until = all.cluster.store_now();
    const auto resumed = cicada::spawn(outside.resume(all.jobs[0].name));
    all.sim.advance(10min);
    return all.broken({{from, until}});
}

TEST(cluster_controls, a_step_that_is_stale_is_refused) {
    EXPECT_THAT(broken_by_a_stale_step({}), testing::IsEmpty());
}

TEST(cluster_controls, a_store_without_the_compare_and_set_is_found_out) {
    EXPECT_THAT(broken_by_a_stale_step({store_check::revision}),
                testing::Contains(violation::rule::ran_paused));
}

/// A machine asks for what only it can run, and is dead by the time that this arrives.
std::vector<violation::rule> broken_by_the_dead(std::vector<store_check> left_out) {
    cluster_of all({.machines = 2, .left_out = std::move(left_out)});
    all.plan = [](const cicada::job_run&) { return behaviour{.steps = 60, .step = 1s}; };
    all.hosts[0].kinds = {"rare"};
    all.begin({});
    all.sim.advance(58s);
    all.submit({.after = 1s}, "rare");
    all.sim.advance(1s - 1ms);
    all.hold_back(all.hosts[0], 90s);
    all.sim.advance(10min);
    EXPECT_EQ(all.evicted(), 1u);
    return all.broken();
}

TEST(cluster_controls, a_claim_by_a_node_that_is_dead_is_refused) {
    EXPECT_THAT(broken_by_the_dead({}), testing::IsEmpty());
}

TEST(cluster_controls, a_store_without_the_check_of_leases_is_found_out) {
    EXPECT_THAT(broken_by_the_dead({store_check::lease}),
                testing::Contains(violation::rule::given_to_the_dead));
}

TEST(cluster_controls, a_completion_by_a_zombie_is_refused) {
    EXPECT_THAT(broken_by_a_zombie({}), testing::IsEmpty());
}

TEST(cluster_controls, a_store_without_the_check_of_fences_is_found_out) {
    EXPECT_THAT(broken_by_a_zombie({store_check::fence}),
                testing::Contains(violation::rule::not_its_end));
}

} // namespace
