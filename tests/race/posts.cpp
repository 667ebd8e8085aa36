// Posts from several threads while the loop runs, sleeps, and shuts down.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <cicada/cicada.hpp>
#include <loop/inbox.hpp>

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

// Small and large callables, records and works; some throw; a handle's requests come in between.
TEST(post, of_every_kind_keeps_the_order_of_its_thread) {
    constexpr int threads = 3;
    constexpr int calls = 6'000;
    std::atomic<int> errors{0};
    const auto held = std::make_shared<int>();
    std::vector<int> last(threads, -1); // the loop's
    std::atomic<int> out_of_order{0};
    std::atomic<int> ended{0};
    {
        loop_thread background(
            {.loop = {.on_error = [&](const error_report&) { errors.fetch_add(1); }}});
        loop& home = background.get();
        const loop_ref reference(home);
        std::vector<std::thread> producers;
        for (int t = 0; t < threads; ++t) {
            producers.emplace_back([&, t] {
                const auto note = [&, t](int i) {
                    if (std::exchange(last[static_cast<std::size_t>(t)], i) != i - 1)
                        out_of_order.fetch_add(1);
                };
                for (int i = 0; i < calls; ++i) {
                    switch (i % 5) {
                    case 0:
                        home.post([note, i] { note(i); });
                        break;
                    case 1:
                        home.post([note, i, held] { note(i); });
                        break;
                    case 2:
                        home.post([note, i, held, large = std::array<int, 80>()] {
                            note(i + large[79]);
                        });
                        break;
                    case 3:
                        reference.post([note, i, held] {
                            note(i);
                            throw std::runtime_error("no toner");
                        });
                        break;
                    default:
                        spawn(home, [held, &ended]() -> task<> {
                            ended.fetch_add(1);
                            co_return;
                        }).detach();
                        home.post([note, i] { note(i); });
                    }
                }
            });
        }
        for (auto& p : producers) p.join();
        while (ended.load() < threads * calls / 5) std::this_thread::yield(); // else cancelled
    }
    EXPECT_EQ(out_of_order.load(), 0);
    EXPECT_EQ(last, std::vector<int>(threads, calls - 1));
    EXPECT_EQ(errors.load(), threads * calls / 5);
    EXPECT_EQ(ended.load(), threads * calls / 5);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(post, in_bursts_wakes_a_loop_that_sleeps_in_between) {
    loop_thread background;
    std::atomic<int> ran{0};
    int posted = 0;
    for (int burst = 1; burst < 2'000; burst += burst / 8 + 1) {
        for (int i = 0; i < burst; ++i) background.get().post([&] { ran.fetch_add(1); });
        posted += burst;
        while (ran.load() < posted) std::this_thread::yield();
    }
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

// Who goes first may have been put to sleep, or may never be put to sleep while it waits.
TEST(brief_lock, excludes_and_outlasts_a_holder_that_is_away) {
    detail::brief_lock lock;
    int count = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 2'000; ++i) {
                const std::lock_guard here(lock);
                ++count;
                if (i % 1'000 == 0) std::this_thread::sleep_for(2ms);
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(count, 8'000);
}

} // namespace
