// Posts from several threads while the loop runs, and while it shuts down.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

TEST(post, from_many_threads_runs_each_call_once_and_in_the_order_of_its_thread) {
    constexpr int threads = 4;
    constexpr int calls = 20'000;
    loop_thread background;
    std::vector<int> last(threads, -1); // the loop's
    std::atomic<int> ran{0};
    std::atomic<bool> in_order{true};
    std::vector<std::thread> producers;
    for (int t = 0; t < threads; ++t) {
        producers.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                background.get().post([&, t, i] {
                    if (last[static_cast<std::size_t>(t)] != i - 1) in_order = false;
                    last[static_cast<std::size_t>(t)] = i;
                    ran.fetch_add(1);
                });
            }
        });
    }
    for (auto& p : producers) p.join();
    while (ran.load() < threads * calls) std::this_thread::yield();
    EXPECT_TRUE(in_order.load());
}

TEST(post, that_was_accepted_runs_even_if_the_loop_is_closed_meanwhile) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> accepted{0};
        std::atomic<int> ran{0};
        std::atomic<bool> go{false};
        auto background = std::make_unique<loop_thread>();
        loop& l = background->get();
        std::vector<std::thread> producers;
        for (int t = 0; t < 2; ++t) {
            producers.emplace_back([&] {
                while (!go) std::this_thread::yield();
                while (l.post([&] { ran.fetch_add(1); })) accepted.fetch_add(1);
            });
        }
        go = true;
        std::this_thread::sleep_for(1ms);
        background->close();
        for (auto& p : producers) p.join(); // a loop outlives those who post to it
        background.reset();
        EXPECT_EQ(ran.load(), accepted.load());
    }
}

// The loop wakes for a timer, runs the post and ends, while the poster has yet to wake it.
TEST(post, may_be_the_end_of_its_loop) {
    for (int round = 0; round < 500; ++round) {
        std::atomic<bool> go{false};
        std::thread poster;
        const auto program = [&]() -> task<> {
            loop& here = loop::current();
            event done;
            poster = std::thread([&] {
                while (!go.load()) {
                }
                here.post([&] { done.set(); });
            });
            const auto ticks = every(20us, [&] { go = true; });
            co_await done.wait();
        };
        run(program(), {.accuracy = 1ns});
        poster.join();
    }
}

} // namespace
