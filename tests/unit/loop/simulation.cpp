#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::task;
using testing::HasSubstr;

namespace {

TEST(simulation, starts_where_it_is_told_and_with_both_time_lines_apart) {
    cicada::simulation sim("2026-01-01T01:00:00+01:00");
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2026-01-01T00:00:00Z"));
    EXPECT_EQ(sim.elapsed(), 0s);
    EXPECT_NE(sim.now(), cicada::elapsed_time{}) << "or an instant could pass for a duration";
    EXPECT_EQ(cicada::now(), sim.now());
    EXPECT_EQ(cicada::wall_now(), sim.wall_now());
    EXPECT_EQ(&cicada::loop::current(), &sim.get());
}

TEST(simulation, refuses_a_start_that_is_no_instant) {
    EXPECT_THROW(cicada::simulation("yesterday"), cicada::parse_error);
    EXPECT_THROW(cicada::loop::current(), std::logic_error) << "and leaves no loop behind";
}

TEST(simulation, refuses_to_be_nested_and_so_does_run) {
    cicada::simulation sim;
    EXPECT_THROW(cicada::simulation(), std::logic_error);
    EXPECT_THROW(cicada::run([]() -> task<> { co_return; }()), std::logic_error);
}

TEST(simulation, gives_the_value_the_error_and_the_cancellation_of_what_it_runs) {
    const auto give = [](int value) -> task<int> {
        co_await cicada::yield();
        if (value == 1) throw std::out_of_range("no");
        if (value == 2) throw cicada::cancelled{};
        co_return value;
    };
    const auto end_cancelled = []() -> task<> {
        co_await cicada::yield();
        throw cicada::cancelled{};
    };
    EXPECT_EQ(cicada::simulation().run(give(3)), 3);
    EXPECT_THROW(cicada::simulation().run(give(1)), std::out_of_range);
    EXPECT_THROW(cicada::simulation().run(give(2)), cicada::task_cancelled);
    cicada::simulation().run(end_cancelled());
}

TEST(simulation, takes_a_year_in_no_time) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    int days = 0;
    sim.run([&]() -> task<> {
        for (; days < 365; ++days) co_await cicada::sleep(24h);
    }());
    EXPECT_EQ(days, 365);
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2027-01-01T00:00:00Z"));
}

TEST(simulation, advances_to_exactly_the_instant_and_runs_what_is_due_by_then) {
    cicada::simulation sim;
    std::vector<cicada::duration> fired;
    auto each = [&]() -> task<> {
        for (;;) {
            co_await cicada::sleep(3s);
            fired.push_back(sim.elapsed());
        }
    };
    auto sleeper = cicada::spawn(each);
    sim.advance(9s);
    EXPECT_EQ(fired, (std::vector<cicada::duration>{3s, 6s, 9s}));
    sim.advance(1s);
    EXPECT_EQ(sim.elapsed(), 10s);
    sim.advance(-5s);
    EXPECT_EQ(sim.elapsed(), 10s) << "time does not go back";
    sim.advance_to(sim.now() + 2s);
    EXPECT_EQ(fired.back(), 12s);
}

TEST(simulation, settles_what_is_ready_without_moving_time) {
    cicada::simulation sim;
    std::string done;
    auto chain = cicada::spawn([&]() -> task<> {
        for (const char c : {'a', 'b', 'c'}) {
            co_await cicada::yield();
            done += c;
        }
        co_await cicada::sleep(0s);
        done += 'd';
        co_await cicada::sleep(1ns);
        done += 'e';
    });
    EXPECT_EQ(done, "");
    sim.settle();
    EXPECT_EQ(done, "abcd");
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(simulation, stalls_time_passes_and_nothing_runs) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    cicada::duration woke{};
    auto sleeper = cicada::spawn([&]() -> task<> {
        co_await cicada::sleep(1s);
        woke = sim.elapsed();
    });
    sim.settle();
    sim.stall(10min);
    EXPECT_EQ(woke, 0s);
    EXPECT_EQ(sim.elapsed(), 10min);
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2026-01-01T00:10:00Z"));
    sim.settle();
    EXPECT_EQ(woke, 10min);
}

TEST(simulation, sets_the_wall_clock_without_elapsed_time_noticing) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    const auto before = sim.now();
    sim.set_wall(cicada::parse_instant("2030-01-01T00:00:00Z"));
    EXPECT_EQ(sim.now(), before);
    sim.advance(1s);
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2030-01-01T00:00:01Z"));
    sim.step_wall(-2s);
    EXPECT_EQ(sim.wall_now(), cicada::parse_instant("2029-12-31T23:59:59Z"));
    EXPECT_EQ(sim.now() - before, 1s);
}

TEST(simulation, that_stands_still_says_who_waits_for_what) {
    cicada::event never;
    cicada::simulation sim;
    auto other = cicada::spawn([&]() -> task<> { co_await never.wait(); }).set_name("postman");
    try {
        sim.run([&]() -> task<> { co_await other; }());
        ADD_FAILURE() << "it ended";
    } catch (const cicada::error& e) {
        EXPECT_THAT(e.what(), HasSubstr("postman waits for an event"));
        EXPECT_THAT(e.what(), HasSubstr("main waits for the end of a task"));
    }
}

TEST(simulation, cancels_and_joins_what_is_left_at_the_end_of_run) {
    cicada::simulation sim;
    std::vector<std::string> ended;
    const auto left_over = [&](std::string name, bool slow) -> task<> {
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
        }
        if (slow) co_await cicada::sleep(5s);
        ended.push_back(name);
    };
    const auto count = std::make_shared<int>(0);
    sim.run([&]() -> task<> {
        cicada::spawn(left_over, std::string("slow"), true).detach();
        cicada::spawn(left_over, std::string("quick"), false).detach();
        cicada::every(1s, [count] { ++*count; }).detach();
        co_await cicada::sleep(3s);
    }());
    EXPECT_EQ(ended, (std::vector<std::string>{"quick", "slow"}));
    EXPECT_EQ(*count, 4);
    EXPECT_EQ(count.use_count(), 1) << "the periodic's captures are gone";
    EXPECT_EQ(sim.elapsed(), 8s) << "time moves as far as cleaning up needs";
    EXPECT_TRUE(sim.get().is_drained());
    EXPECT_TRUE(sim.get().is_closed());
}

std::string trace_of_a_busy_program() {
    cicada::simulation sim("2026-01-01T00:00:00Z", {.seed = 7});
    std::string trace;
    const auto note = [&](std::string what) {
        trace += std::to_string(sim.elapsed().count()) + what + "\n";
    };
    sim.run([&]() -> task<> {
        auto a = cicada::every(10ms, {.jitter = 9ms}, [&] { note("a"); });
        auto b =
            cicada::every(7ms, {.name = "b", .jitter = 3ms, .accuracy = 2ms}, [&] { note("b"); });
        co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
            for (int i = 0; i < 5; ++i) {
                s.spawn([&note, i]() -> task<> {
                    for (int k = 0; k < 20; ++k) {
                        co_await cicada::sleep(std::chrono::milliseconds(k * i % 7));
                        note(std::to_string(i));
                    }
                });
            }
            co_return;
        });
    }());
    return trace;
}

TEST(simulation, gives_the_same_program_the_same_trace_twice) {
    const std::string once = trace_of_a_busy_program();
    EXPECT_GT(once.size(), 500u);
    EXPECT_EQ(once, trace_of_a_busy_program());
}

} // namespace
