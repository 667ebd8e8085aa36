// Asking for the end of tasks on other loops, while those loops end.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/form.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::form;
using support::form_of_round;
using support::wait_in;

task<int> give(int n) { co_return n; }
task<> rest(form how) { co_await wait_in(how, sleep(24h)); }

TEST(loop_thread, that_was_closed_still_answers_until_it_is_destroyed) {
    for (int round = 0; round < 20; ++round) {
        loop_thread one;
        loop_thread other;
        auto answer = spawn(one.get(), give(42));
        auto resting = spawn(one.get(), rest(form_of_round(round)));
        one.close();
        if (round % 2 == 0) std::this_thread::sleep_for(1ms); // it has drained
        EXPECT_NO_THROW(resting.cancel().wait());
        EXPECT_THROW(resting.wait(), task_cancelled);
        auto far = spawn(other.get(), [&]() -> task<std::string> {
            try {
                co_await answer;
                co_return "value";
            } catch (const task_cancelled&) {
                co_return "cancelled"; // the loop was closed before it began
            }
        });
        const std::string outcome = far.wait();
        EXPECT_TRUE(outcome == "value" || outcome == "cancelled") << outcome;
    }
}

TEST(loop_group, ends_although_its_tasks_wait_for_each_other_while_they_clean_up) {
    for (int round = 0; round < 20; ++round) {
        const form how = form_of_round(round);
        std::atomic<int> begun{0};
        std::atomic<int> cleaned{0};
        {
            loop_group loops(3);
            for (std::size_t i = 0; i < 3; ++i) {
                // On loop i lives a task that ends only when it has joined one on the next loop.
                spawn(loops[i], [&, i]() -> task<> {
                    begun.fetch_add(1);
                    auto helper = spawn(loops[(i + 1) % 3], rest(how));
                    bool asked = false;
                    try {
                        co_await rest(how);
                    } catch (const cancelled&) {
                        asked = true;
                    }
                    const auto join = [](const join_handle<>& h) -> task<> { co_await h.cancel(); };
                    co_await shield(join(helper));
                    EXPECT_TRUE(asked);
                    cleaned.fetch_add(1);
                }).detach();
            }
            while (round % 2 == 0 && begun < 3) std::this_thread::yield();
        }
        EXPECT_EQ(cleaned.load(), begun.load());
    }
}

TEST(handle, is_awaited_by_tasks_of_several_loops_and_by_threads_at_once) {
    for (int round = 0; round < 50; ++round) {
        loop_thread home;
        loop_thread one;
        loop_thread other;
        auto value = spawn(
            home.get(),
            [](int n) -> task<int> {
                co_await sleep(50us);
                co_return n;
            },
            5);
        auto error = spawn(home.get(), []() -> task<> {
            co_await sleep(50us);
            throw std::runtime_error("no");
        });
        const auto ask = [&]() -> task<int> {
            bool failed = false;
            try {
                co_await error;
            } catch (const std::runtime_error&) {
                failed = true;
            }
            co_return failed ? co_await value : -1;
        };
        auto here = spawn(one.get(), ask);
        auto there = spawn(other.get(), ask);
        std::thread plain([&] {
            EXPECT_EQ(value.wait(), 5);
            EXPECT_THROW(error.wait(), std::runtime_error);
        });
        EXPECT_EQ(here.wait(), 5);
        EXPECT_EQ(there.wait(), 5);
        plain.join();
    }
}

TEST(handle, of_an_ended_task_is_used_and_dropped_while_its_loop_goes) {
    const auto before = detail::pool_live_blocks();
    for (int round = 0; round < 40; ++round) {
        std::atomic<bool> go{false};
        std::optional<loop_thread> background(std::in_place);
        std::vector<join_handle<int>> handles;
        for (int i = 0; i < 200; ++i) handles.push_back(spawn(background->get(), give(i)));
        for (auto& h : handles) static_cast<void>(h.wait());
        std::thread owner([&] {
            while (!go) {
            }
            for (auto& h : handles) {
                const auto kept = h.cancel();
                h = {};
            }
        });
        go = true;
        background.reset();
        owner.join();
    }
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

TEST(handle, of_a_one_shot_that_ends_just_when_it_is_cancelled_and_dropped) {
    // The request is still under way to the loop when the last handle goes.
    struct flags {
        std::atomic<bool> runs{false};
        std::atomic<bool> go{false};
    };
    const auto before = detail::pool_live_blocks();
    {
        loop_thread background;
        for (int round = 0; round < 300; ++round) {
            const auto f = std::make_shared<flags>();
            auto once = after(background.get(), 0s, [f] {
                f->runs = true;
                while (!f->go) {
                }
            });
            while (!f->runs) std::this_thread::yield();
            const auto kept = once.cancel();
            f->go = true;
            for (int spin = 0; spin < 10 * round; ++spin)
                std::atomic_signal_fence(std::memory_order_seq_cst);
        }
    }
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

TEST(spawn, from_many_threads_runs_each_task_once_on_the_loop_and_frees_every_frame) {
    const auto before = detail::pool_live_blocks();
    {
        loop_thread background;
        const auto loop_id = spawn(background.get(), []() -> task<std::thread::id> {
                                 co_return std::this_thread::get_id();
                             }).wait();
        std::atomic<int> ran{0};
        std::vector<std::thread> owners;
        for (int t = 0; t < 3; ++t) {
            owners.emplace_back([&, t] {
                for (int i = 0; i < 500; ++i) {
                    auto h = spawn(
                        background.get(),
                        [&](int n) -> task<int> {
                            EXPECT_EQ(std::this_thread::get_id(), loop_id);
                            co_await yield();
                            ran.fetch_add(1);
                            co_return n;
                        },
                        i);
                    if (i % 16 == t) {
                        EXPECT_EQ(h.wait(), i);
                    } else {
                        h.detach();
                    }
                }
            });
        }
        for (auto& o : owners) o.join();
        background.close();
    }
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

} // namespace
