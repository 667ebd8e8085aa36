#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <string>
#include <vector>

#include <support/listed.hpp>
#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::task;
using support::listed;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

TEST(name_of_a_periodic, stays_with_a_run_after_its_first_suspension) {
    std::vector<std::string> slow;
    support::simulated sim(
        {.slow_callback = 100ms, .on_slow_callback = [&](const cicada::slow_callback& one) {
             slow.push_back(std::string(one.task) + " at " + std::to_string(sim.elapsed() / 1s));
         }});
    cicada::event go;
    const auto body = [&](cicada::tick t) -> task<> {
        co_await cicada::sleep(1s);
        if (t.attempt == 1) sim->stall(200ms); // resumed by a timer
        co_await go.wait();
        sim->stall(200ms); // resumed through the queue
        if (t.attempt == 1) throw 7;
    };
    auto named = cicada::every(1h, {.name = "flush", .retry = {.max = 1}}, body);
    sim->advance(2s);
    EXPECT_THAT(listed(sim->get()),
                UnorderedElementsAre("flush: the end of its run", "flush: an event"));
    go.set();
    sim->advance(10s);
    EXPECT_THAT(slow, ElementsAre("flush at 1", "flush at 2", "flush at 4"));
}

TEST(name_of_a_periodic, is_told_of_a_retry_that_holds_the_loop) {
    std::vector<std::string> slow;
    support::simulated sim(
        {.slow_callback = 100ms, .on_slow_callback = [&](const cicada::slow_callback& one) {
             slow.emplace_back(one.task);
         }});
    auto named = cicada::every(1h, {.name = "flush", .retry = {.max = 2}}, [&](cicada::tick t) {
        sim->stall(200ms);
        if (t.attempt < 3) throw 7;
    });
    sim->advance(1min);
    EXPECT_THAT(slow, ElementsAre("flush", "flush", "flush"));
}

TEST(name_of_a_periodic, is_no_name_where_it_was_given_none) {
    support::simulated sim;
    cicada::event never;
    auto unnamed = cicada::every(1h, [&]() -> task<> { co_await never.wait(); });
    sim->settle();
    EXPECT_THAT(listed(sim->get()), UnorderedElementsAre(": the end of its run", ": an event"));
}

TEST(name_of_a_periodic, costs_its_runs_no_memory) {
    support::simulated sim;
    cicada::event never;
    const auto blocks_of_a_run = [&](std::string_view name) {
        auto p = cicada::every(1h, {.name = name, .overlap = cicada::overlap::allow{3}},
                               [&]() -> task<> { co_await never.wait(); });
        sim->settle();
        p.trigger();
        sim->settle();
        const auto before = cicada::detail::pool_live_blocks();
        p.trigger();
        sim->settle();
        return cicada::detail::pool_live_blocks() - before;
    };
    EXPECT_EQ(blocks_of_a_run("a name that is too long to be kept within a string"),
              blocks_of_a_run(""));
}

} // namespace
