#include <gmock/gmock.h>

#include <cicada/cicada.hpp>
#include <cicada/jobs/cluster.hpp>

#include <map>
#include <vector>

#include <jobs/access.hpp>
#include <support/tz_directory.hpp>

namespace {

using namespace std::chrono_literals;
using cicada::detail::node_id;
using cicada::detail::reading;
using cicada::detail::store_link;
using cicada::detail::writing;

struct machines : testing::Test {
    cicada::simulation sim{"2026-03-28T00:00:00Z"};

    static store_link& link_of(const cicada::job_store& store) { return store.access().link(); }

    /// A node of this name enters, by way of `from`: "entered", or the fault.
    static cicada::task<std::string> enter(cicada::job_store from, std::string name) {
        auto entering =
            link_of(from).write([name](writing& in) { return in.enter({.name = name}, 1h); });
        try {
            co_await entering;
        } catch (const cicada::store_error& e) {
            co_return std::string(to_string(e.fault()));
        }
        co_return "entered";
    }

    static std::vector<std::string> entered(const cicada::simulated_cluster& in) {
        std::vector<std::string> names;
        in.store().access().where().read([&](reading& all) {
            for (const auto& one : all.nodes()) names.push_back(one.name);
        });
        return names;
    }

    /// What it gives within `time`; empty: it has not ended.
    std::string within(cicada::duration time, cicada::task<std::string> work) {
        std::string given;
        const auto running = cicada::spawn(keep(std::move(work), given));
        sim.advance(time);
        running.cancel();
        sim.settle();
        return given;
    }
    static cicada::task<> keep(cicada::task<std::string> work, std::string& in) {
        in = co_await std::move(work);
    }
};

TEST_F(machines, a_machine_runs_its_program_with_the_store) {
    cicada::simulated_cluster cluster({.delay = 2ms});
    auto a = cluster.machine("a");
    std::string said;
    a.run([&](cicada::job_store store) -> cicada::task<> { said = co_await enter(store, "node"); });
    EXPECT_TRUE(a.is_running());
    sim.advance(5ms);
    EXPECT_EQ(said, "entered");
    EXPECT_FALSE(a.is_running());
    EXPECT_THAT(entered(cluster), testing::ElementsAre("node"));
}

TEST_F(machines, each_machine_has_its_own_clocks) {
    cicada::simulated_cluster cluster;
    auto right = cluster.machine("right");
    auto fast = cluster.machine("fast", {.clock_ahead = 1h, .drift = 100});
    std::vector<std::string> said;
    const auto wait = [&](cicada::job_store) -> cicada::task<> {
        const auto before = cicada::now();
        co_await cicada::sleep(10'000s);
        EXPECT_EQ(cicada::now() - before, 10'000s);
        said.push_back(cicada::format_instant(cicada::wall_now()));
    };
    right.run(wait);
    fast.run(wait);
    sim.advance(10'000s - 1s); // 10,000 s at 100 millionths more are 0.9999 s less
    EXPECT_THAT(said, testing::IsEmpty());
    sim.advance(100us);
    EXPECT_THAT(said, testing::ElementsAre("2026-03-28T03:46:40Z"));
    sim.advance(1s);
    EXPECT_THAT(said, testing::ElementsAre("2026-03-28T03:46:40Z", "2026-03-28T02:46:40Z"));
    fast.step_clock(-2h);
    EXPECT_LT(fast.wall_now(), right.wall_now());
}

struct counts_at_end {
    int& count;
    ~counts_at_end() { ++count; }
};

TEST_F(machines, a_crash_destroys_tasks_where_they_stand) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    int steps = 0, destroyed = 0;
    a.run([&](cicada::job_store) -> cicada::task<> {
        const counts_at_end frame{destroyed};
        try {
            ++steps;
            co_await cicada::sleep(1h);
            ++steps;
        } catch (const cicada::cancelled&) {
            ++steps; // a crash is no cancel
            throw;
        }
    });
    sim.advance(1min);
    EXPECT_EQ(steps, 1);
    a.crash();
    EXPECT_EQ(destroyed, 1);
    EXPECT_FALSE(a.is_running());
    sim.advance(2h);
    EXPECT_EQ(steps, 1);
}

TEST_F(machines, what_destructors_send_after_a_crash_reaches_no_store) {
    struct enters_at_end {
        cicada::job_store store;
        ~enters_at_end() {
            const auto nobody_waits =
                link_of(store).write([](writing& in) { return in.enter({.name = "x"}, 1h); });
        }
    };
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    a.run([](cicada::job_store store) -> cicada::task<> {
        const enters_at_end last{store};
        co_await cicada::sleep(1h);
    });
    sim.advance(1min);
    a.crash();
    sim.advance(1min);
    EXPECT_THAT(entered(cluster), testing::IsEmpty());
    EXPECT_EQ(cluster.counts().requests_lost, 1u);
}

TEST_F(machines, a_task_may_crash_its_own_machine) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    int begun = 0, gone_on = 0;
    a.run([&](cicada::job_store) -> cicada::task<> {
        if (++begun == 1) a.restart();
        co_await cicada::sleep(1s);
        ++gone_on;
    });
    sim.advance(1min);
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(gone_on, 1);
}

TEST_F(machines, a_frozen_machine_takes_no_turn_and_then_all_that_came) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    std::vector<cicada::duration> at;
    a.run([&](cicada::job_store) -> cicada::task<> {
        for (;;) {
            co_await cicada::sleep(10s);
            at.push_back(sim.elapsed());
        }
    });
    sim.advance(15s);
    a.freeze(30s);
    sim.advance(45s);
    EXPECT_THAT(at, testing::ElementsAre(10s, 45s, 55s));
}

TEST_F(machines, an_answer_takes_a_way_there_and_back) {
    cicada::simulated_cluster cluster({.delay = 10ms});
    const auto store = cluster.machine("a").store();
    EXPECT_EQ(within(0s, enter(store, "early")), "");
    EXPECT_EQ(within(20ms, enter(store, "node")), "entered");
}

TEST_F(machines, a_lost_message_leaves_the_outcome_unknown) {
    cicada::simulated_cluster cluster({.lost_in_a_million = 300'000, .patience = 2s});
    const auto store = cluster.machine("a").store();
    std::size_t answered = 0;
    for (int i = 0; i < 100; ++i) {
        const auto how = within(2s, enter(store, std::to_string(i)));
        ASSERT_NE(how, "");
        if (how == "entered") ++answered;
    }
    const auto counts = cluster.counts();
    EXPECT_EQ(answered + counts.requests_lost + counts.answers_lost, 100u);
    EXPECT_GT(counts.requests_lost, 5u);
    EXPECT_GT(counts.answers_lost, 5u);
    EXPECT_EQ(entered(cluster).size(), answered + counts.answers_lost);
}

TEST_F(machines, who_is_cut_off_does_not_know_at_first_and_then_cannot_connect) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    a.cut_off(10s);
    EXPECT_EQ(within(5s, enter(a.store(), "a")), "unknown_outcome");
    EXPECT_EQ(within(5s, enter(a.store(), "a")), "unreachable");
    EXPECT_EQ(within(5s, enter(a.store(), "a")), "entered");
    EXPECT_EQ(entered(cluster).size(), 1u);
}

TEST_F(machines, what_was_held_back_is_done_though_nobody_waits_for_it_any_more) {
    cicada::simulated_cluster cluster({.patience = 5s});
    auto a = cluster.machine("a");
    a.hold_back(1min);
    EXPECT_EQ(within(10s, enter(a.store(), "a")), "unknown_outcome");
    EXPECT_THAT(entered(cluster), testing::IsEmpty());
    sim.advance(1min);
    EXPECT_THAT(entered(cluster), testing::ElementsAre("a"));
}

TEST_F(machines, nobody_reaches_a_store_that_is_down_but_who_stands_outside) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    cluster.take_down(1min);
    EXPECT_EQ(within(1s, enter(a.store(), "a")), "unreachable");
    EXPECT_EQ(within(0s, enter(cluster.store(), "outside")), "entered");
    EXPECT_EQ(cluster.counts().refused, 1u);
    sim.advance(1min);
    EXPECT_EQ(within(1s, enter(a.store(), "a")), "entered");
}

TEST_F(machines, a_failover_loses_the_last_commits_and_has_another_clock) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    for (const char* name : {"1", "2", "3"})
        EXPECT_EQ(within(1s, enter(a.store(), name)), "entered");
    const auto before = cluster.store_now();
    const auto server = link_of(a.store()).server();
    cluster.fail_over(2, 5min);
    EXPECT_THAT(entered(cluster), testing::ElementsAre("1"));
    EXPECT_EQ(cluster.store_now() - before, 5min);
    EXPECT_EQ(within(1s, enter(a.store(), "4")), "unreachable"); // the connection is to the old one
    EXPECT_NE(link_of(a.store()).server(), server);
    EXPECT_EQ(within(1s, enter(a.store(), "4")), "entered");
}

TEST_F(machines, a_machine_knows_the_time_of_the_store_and_is_never_ahead_of_it) {
    cicada::simulated_cluster cluster({.seed = 3, .delay = 50ms});
    for (const int drift : {-100, 0, 100}) {
        auto m = cluster.machine(std::to_string(drift), {.clock_ahead = 1h, .drift = drift});
        const auto store = m.store();
        EXPECT_EQ(link_of(store).now(), cicada::wall_time{});
        for (int i = 0; i < 200; ++i) {
            EXPECT_EQ(within(100ms, enter(store, "x")), "entered");
            for (int j = 0; j < 10; ++j) {
                EXPECT_LE(link_of(store).now(), cluster.store_now());
                EXPECT_GT(link_of(store).now(), cluster.store_now() - 150ms);
                sim.advance(30s);
            }
            if (i != 100) continue;
            cluster.step_clock(-10min);
            EXPECT_EQ(within(100ms, enter(store, "x")), "entered");
        }
    }
}

TEST_F(machines, a_stop_is_a_cancel) {
    cicada::simulated_cluster cluster;
    auto a = cluster.machine("a");
    bool was_asked = false;
    a.run([&](cicada::job_store) -> cicada::task<> {
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
            was_asked = true;
            throw;
        }
    });
    sim.advance(1s);
    a.stop();
    sim.advance(1s);
    EXPECT_TRUE(was_asked);
    EXPECT_FALSE(a.is_running());
}

TEST_F(machines, the_same_seed_gives_the_same_history) {
    const auto history = [this](std::uint64_t seed) {
        cicada::simulated_cluster cluster(
            {.seed = seed, .delay = 1s, .lost_in_a_million = 100'000});
        auto a = cluster.machine("a"), b = cluster.machine("b");
        std::vector<std::string> all;
        const auto serve = [&](cicada::job_store store) -> cicada::task<> {
            for (int i = 0; i < 20; ++i) {
                const auto how = co_await enter(store, std::to_string(i));
                all.push_back(std::to_string(i) + how);
            }
        };
        a.run(serve);
        b.run(serve);
        sim.advance(5min);
        return all;
    };
    const auto once = history(7);
    EXPECT_EQ(once, history(7));
    EXPECT_NE(once, history(8));
}

TEST_F(machines, each_has_the_rules_of_time_zones_that_it_was_given) {
    const support::tz_directory tz;
    tz.write("tzdata.zi", "# version 2026a\n");
    tz.write_zone("Test/City", "OLD-1");
    tz.write("newer/tzdata.zi", "# version 2026b\n");
    tz.write_zone("newer/Test/City", "NEW-2");
    cicada::reload_tz();
    const cicada::zone city("Test/City");
    const auto hours = [city] { return city.at(cicada::wall_time()).offset / 1h; };
    cicada::simulated_cluster cluster({.delay = 2ms});
    auto a = cluster.machine("a"), b = cluster.machine("b");
    a.update_zones(tz.path / "newer");
    std::map<std::string, long> seen;
    const auto look = [&](std::string as) {
        return [&, as](cicada::job_store) -> cicada::task<> {
            co_await cicada::sleep(1s);
            seen[as] = hours();
        };
    };
    a.run(look("a"));
    b.run(look("b"));
    sim.advance(1s - 1ms);
    EXPECT_EQ(hours(), 1);
    sim.advance(1s);
    EXPECT_THAT(seen, testing::ElementsAre(testing::Pair("a", 2), testing::Pair("b", 1)));
    // What it asks of the store is decided by them, too.
    const auto at_store = [&](const cicada::job_store& from) {
        long there = 0;
        auto asked = link_of(from).read([&](reading&) { there = hours(); });
        sim.advance(10ms);
        return there;
    };
    EXPECT_EQ(at_store(a.store()), 2);
    EXPECT_EQ(at_store(b.store()), 1);
    EXPECT_EQ(at_store(cluster.store()), 1);
    a.restart(); // they stay
    sim.advance(2s);
    EXPECT_EQ(seen["a"], 2);
    // A calendar at work follows them.
    std::vector<std::string> ticks;
    b.run([&](cicada::job_store) -> cicada::task<> {
        const auto daily = cicada::every(cicada::cron("0 14 * * *", "Test/City"), [&] {
            ticks.push_back(cicada::format_instant(cicada::wall_now()));
        });
        co_await cicada::sleep(72h);
    });
    sim.advance(24h);
    b.update_zones(tz.path / "newer");
    sim.advance(24h);
    EXPECT_THAT(ticks, testing::ElementsAre("2026-03-28T13:00:00Z", "2026-03-29T12:00:00Z"));
}

TEST_F(machines, errors_of_a_program_go_to_the_handler_of_the_simulation) {
    cicada::simulated_cluster cluster;
    testing::internal::CaptureStderr();
    cluster.machine("a").run([](cicada::job_store) -> cicada::task<> {
        throw std::runtime_error("out of paper");
        co_return;
    });
    sim.advance(1s);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("out of paper"));
}

TEST_F(machines, when_the_simulation_is_over_its_machines_are_off) {
    cicada::simulated_cluster cluster({.delay = 1s});
    auto a = cluster.machine("a");
    int destroyed = 0;
    a.run([&](cicada::job_store) -> cicada::task<> {
        const counts_at_end frame{destroyed};
        co_await cicada::sleep(24h);
    });
    std::string how;
    sim.run([](cicada::job_store store, std::string& to) -> cicada::task<> {
        co_await cicada::sleep(1h);
        auto late = cicada::spawn(
            [](cicada::job_store from, std::string& out) -> cicada::task<> {
                out = co_await cicada::shield(enter(from, "late")); // is under way at the end
            },
            store, std::ref(to));
        co_await cicada::sleep(0s);
    }(cluster.machine("b").store(), how));
    EXPECT_EQ(destroyed, 1);
    EXPECT_FALSE(a.is_running());
    EXPECT_EQ(how, "unknown_outcome");
}

TEST_F(machines, options_that_make_no_sense_are_refused) {
    EXPECT_THROW(cicada::simulated_cluster({.delay = -1ms}), std::invalid_argument);
    EXPECT_THROW(cicada::simulated_cluster({.patience = 0s}), std::invalid_argument);
    EXPECT_THROW(cicada::simulated_cluster({.lost_in_a_million = 1'000'001}),
                 std::invalid_argument);
    cicada::simulated_cluster cluster;
    cluster.machine("a");
    EXPECT_THROW(cluster.machine("a"), std::invalid_argument);
    EXPECT_THROW(cluster.machine("b", {.drift = 101}), std::invalid_argument);
}

TEST(machines_alone, needs_a_simulation) {
    EXPECT_THROW(cicada::simulated_cluster(), std::logic_error);
}

} // namespace
