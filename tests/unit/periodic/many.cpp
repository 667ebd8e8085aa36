#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include <support/simulated.hpp>

// A periodic counts who holds it: 16 bits were too few.

using namespace std::chrono_literals;
using cicada::periodic;
using cicada::task;

namespace {

constexpr int very_many = 70'000;

task<> await_end(const periodic& p, int& ended) {
    co_await p;
    ++ended;
}

TEST(many, tasks_await_the_end_of_one_periodic) {
    support::simulated sim;
    int ended = 0;
    sim.run([&]() -> task<> {
        auto p = cicada::every(1s, [] {});
        std::vector<cicada::join_handle<>> waiting;
        for (int i = 0; i < very_many; ++i) waiting.push_back(cicada::spawn(await_end(p, ended)));
        co_await cicada::sleep(10500ms);
        EXPECT_EQ(p.counters().ran, 11u);
        p.cancel();
        for (const auto& one : waiting) co_await one;
        EXPECT_TRUE(p.has_ended());
    });
    EXPECT_EQ(ended, very_many);
}

TEST(many, requests_from_another_thread_find_a_loop_that_is_busy) {
    support::simulated sim;
    int ran = 0;
    auto triggered = cicada::every(1h, [&] { ++ran; });
    auto cancelled = cicada::every(1h, [] {});
    auto both = cicada::every(1h, [] {});
    std::thread([&] {
        for (int i = 0; i < very_many; ++i) triggered.trigger();
        for (int i = 0; i < very_many; ++i) cancelled.cancel();
        for (int i = 0; i < very_many; ++i) {
            both.trigger();
            both.cancel();
        }
    }).join();
    sim->advance(1s);
    EXPECT_EQ(ran, very_many + 1);
    EXPECT_FALSE(triggered.has_ended());
    EXPECT_TRUE(cancelled.has_ended());
    EXPECT_TRUE(both.has_ended());
}

TEST(many, missed_instants_are_counted_exactly) {
    for (const bool named : {false, true}) {
        support::simulated sim;
        auto p = named ? cicada::every(1ms, {.name = "named"}, [] {}) : cicada::every(1ms, [] {});
        sim->settle();
        std::uint64_t missed = 0;
        for (const auto pause : {1'048'575ms, 2ms, 2ms, 5'000'000ms, 7ms, 20'000'000'000ms}) {
            sim->stall(pause + 100us);
            sim->settle();
            missed += static_cast<std::uint64_t>(pause / 1ms) - 1;
            EXPECT_EQ(p.counters().missed, missed);
        }
        EXPECT_EQ(p.counters().ran, 7u);
    }
}

} // namespace
