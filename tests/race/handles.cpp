// Handles used by other threads than their loop's: spawn, every, cancel, wait, drop.
#include <gtest/gtest.h>

#include <atomic>
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

task<int> give_after(duration delay, int value) {
    co_await sleep(delay);
    co_return value;
}

task<> never_ending(std::atomic<int>& alive, form how) {
    struct counted {
        explicit counted(std::atomic<int>& n) : n_(n) { n_.fetch_add(1); }
        ~counted() { n_.fetch_sub(1); }
        std::atomic<int>& n_;
    } here(alive);
    co_await wait_in(how, sleep(24h));
}

TEST(handle, is_waited_for_by_a_thread_without_a_loop) {
    loop_thread background;
    auto answer = spawn(background.get(), give_after(1ms, 42));
    EXPECT_EQ(answer.wait(), 42);
    EXPECT_EQ(answer.wait(), 42) << "again";
}

TEST(handle, misused_from_another_thread_tells_the_loops_error_handler_and_keeps_nothing) {
    // The posted call threw before it gave its hold on the one-shot back.
    const auto before = detail::pool_live_blocks();
    std::atomic<int> told{0};
    {
        loop_thread background(
            {.loop = {.on_error = [&](const error_report& report) {
                 told += report.what().find("one-shot cannot be rescheduled") != std::string::npos;
                 told += report.what().find("names no instant after") != std::string::npos;
             }}});
        const auto once = after(background.get(), 1h, [] {});
        once.reschedule(1s);
        const auto daily = every(background.get(), cron("@daily"), [] {});
        daily.reschedule(cron("0 0 30 2 *"));
        once.cancel().wait();
        daily.cancel().wait();
    }
    EXPECT_EQ(told.load(), 2);
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

TEST(handle, cancelled_and_waited_for_by_another_thread_has_no_code_left_running) {
    loop_thread background;
    for (int i = 0; i < 300; ++i) {
        std::atomic<int> alive{0};
        auto task = spawn(background.get(), never_ending(alive, form_of_round(i)));
        if (i % 2 == 0) std::this_thread::yield();
        task.cancel().wait();
        EXPECT_EQ(alive.load(), 0);
    }
}

TEST(handle, of_a_periodic_cancelled_by_another_thread_is_followed_by_no_tick) {
    loop_thread background;
    for (int i = 0; i < 200; ++i) {
        std::atomic<int> ticks{0};
        auto beat = every(background.get(), 10us, [&] { ticks.fetch_add(1); });
        if (i % 2 == 0) std::this_thread::sleep_for(100us);
        beat.pause();
        beat.resume();
        beat.trigger();
        beat.cancel().wait();
        const int before = ticks.load();
        std::this_thread::yield();
        EXPECT_EQ(ticks.load(), before);
    }
}

TEST(handle, is_dropped_by_many_threads_while_the_loop_ends) {
    for (int round = 0; round < 30; ++round) {
        std::atomic<int> alive{0};
        std::vector<std::thread> owners;
        {
            loop_thread background;
            for (int t = 0; t < 3; ++t) {
                std::vector<join_handle<void>> tasks;
                std::vector<periodic> periodics;
                for (int i = 0; i < 20; ++i) {
                    tasks.push_back(
                        spawn(background.get(), never_ending(alive, form_of_round(round))));
                    periodics.push_back(every(background.get(), 1ms, {.name = "beat"}, [] {}));
                }
                owners.emplace_back(
                    [tasks = std::move(tasks), periodics = std::move(periodics)]() mutable {
                        std::this_thread::yield();
                        tasks.clear();
                        periodics.clear();
                    });
            }
        }
        for (auto& o : owners) o.join();
        EXPECT_EQ(alive.load(), 0);
    }
}

TEST(handle, is_awaited_and_cancelled_by_a_task_of_another_loop) {
    loop_thread one;
    loop_thread other;
    std::atomic<int> alive{0};
    auto awaiting = spawn(one.get(), [&]() -> task<int> {
        int sum = 0;
        for (int i = 0; i < 100; ++i) {
            auto far = spawn(other.get(), give_after(i % 3 == 0 ? 0us : 50us, i));
            sum += co_await far;
            auto endless = spawn(other.get(), never_ending(alive, form_of_round(i)));
            co_await endless.cancel();
            EXPECT_EQ(alive.load(), 0);
        }
        co_return sum;
    });
    EXPECT_EQ(awaiting.wait(), 4950);
}

TEST(handle, whose_remote_wait_is_cancelled_leaves_nothing_behind) {
    loop_thread one;
    loop_thread other;
    for (int i = 0; i < 200; ++i) {
        auto far = spawn(other.get(), give_after(20us, 1));
        auto awaiting = spawn(one.get(), wait_in<join_handle<int>&>(form_of_round(i), far));
        if (i % 2 == 0) std::this_thread::yield();
        awaiting.cancel().wait();
    }
}

} // namespace
