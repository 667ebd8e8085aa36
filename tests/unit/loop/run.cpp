#include <cicada/cicada.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <memory>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using cicada::task;

// These run on the thread driver, in real time: a few milliseconds each.

namespace {

task<int> value_of(int value) {
    co_await cicada::yield();
    if (value < 0) throw std::out_of_range("no value");
    co_return value;
}

task<> end_cancelled() {
    co_await cicada::yield();
    throw cicada::cancelled{};
}

task<int> end_cancelled_without_a_value() {
    co_await end_cancelled();
    co_return 1;
}

TEST(run, gives_the_value_and_throws_the_error) {
    EXPECT_EQ(cicada::run(value_of(7)), 7);
    EXPECT_THROW(cicada::run(value_of(-1)), std::out_of_range);
    EXPECT_EQ(
        *cicada::run([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); }()),
        5);
}

TEST(run, returns_from_a_void_task_that_ended_cancelled_and_throws_for_a_missing_value) {
    cicada::run(end_cancelled());
    EXPECT_THROW(cicada::run(end_cancelled_without_a_value()), cicada::task_cancelled);
}

TEST(run, inside_run_throws_and_leaves_the_outer_one_as_it_is) {
    cicada::run([]() -> task<> {
        EXPECT_THROW(cicada::run(value_of(1)), std::logic_error);
        EXPECT_THROW(cicada::simulation(), std::logic_error);
        EXPECT_EQ(co_await cicada::spawn(value_of(2)), 2);
    }());
    EXPECT_THROW(cicada::loop::current(), std::logic_error);
    EXPECT_EQ(cicada::run(value_of(3)), 3);
}

TEST(run, refuses_an_empty_task) {
    auto work = value_of(1);
    auto other = std::move(work);
    EXPECT_THROW(cicada::run(std::move(work)), std::invalid_argument);
    EXPECT_EQ(cicada::run(std::move(other)), 1);
}

TEST(run, sleeps_in_real_time_and_never_too_short) {
    cicada::run([]() -> task<> {
        for (const cicada::duration delay :
             {cicada::duration(1ns), cicada::duration(300us), cicada::duration(3ms)}) {
            const auto before = cicada::elapsed_clock::now();
            co_await cicada::sleep(delay);
            EXPECT_GE(cicada::elapsed_clock::now() - before, delay);
        }
        const auto instant = cicada::wall_now() + 2ms;
        co_await cicada::sleep_until(instant);
        EXPECT_GE(std::chrono::system_clock::now(), instant);
    }());
}

TEST(run, that_spins_is_not_early_either) {
    cicada::run(
        []() -> task<> {
            const auto before = cicada::elapsed_clock::now();
            co_await cicada::sleep(2ms);
            EXPECT_GE(cicada::elapsed_clock::now() - before, 2ms);
        }(),
        {.accuracy = 0ns, .spin = 500us});
}

TEST(run, cancels_and_joins_what_is_left_over) {
    const auto before = cicada::detail::pool_live_blocks();
    const auto held = std::make_shared<int>();
    std::vector<int> cleaned_up;
    const auto left_over = [&](int id) -> task<> {
        const auto keep = held;
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
        }
        co_await cicada::sleep(1ms);
        cleaned_up.push_back(id);
    };
    int ticks = 0;
    cicada::run([&]() -> task<> {
        cicada::spawn(left_over, 1).detach();
        cicada::spawn(left_over, 2).detach();
        cicada::every(1ms, [&ticks, held] { ++ticks; }).detach();
        cicada::every(1ms, [left_over]() -> task<> { co_await left_over(3); }).detach();
        co_await cicada::sleep(5ms);
    }());
    EXPECT_THAT(cleaned_up, testing::UnorderedElementsAre(1, 2, 3));
    EXPECT_GE(ticks, 2);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(run, takes_posts_from_other_threads_while_it_waits) {
    std::thread other;
    const int sum = cicada::run([&]() -> task<int> {
        cicada::loop& home = cicada::loop::current();
        cicada::event all_came;
        int total = 0;
        other = std::thread([&] {
            for (int i = 1; i <= 100; ++i) home.post([&total, i] { total += i; });
            home.post([&] { all_came.set(); });
        });
        co_await all_came.wait();
        co_return total;
    }());
    other.join();
    EXPECT_EQ(sum, 5050);
}

// A child process, which must end with the code that only the cleaned-up program gives.
[[noreturn]] void run_until_signal(int signal) {
    bool cleaned_up = false;
    cicada::run(
        [&]() -> task<> {
            auto killer = cicada::after(1ms, [signal] { std::raise(signal); });
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cleaned_up = true;
            }
        }(),
        {.cancel_on_signal = true});
    std::_Exit(cleaned_up ? 42 : 1);
}

TEST(run, requests_cancel_of_the_program_on_a_signal_if_told_so) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(run_until_signal(SIGTERM), testing::ExitedWithCode(42), "");
    EXPECT_EXIT(run_until_signal(SIGINT), testing::ExitedWithCode(42), "");
}

TEST(run, ends_the_process_on_a_second_signal) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto stubborn = [] {
        cicada::run(
            []() -> task<> {
                auto first = cicada::after(1ms, [] { std::raise(SIGTERM); });
                auto second = cicada::after(2ms, [] { std::raise(SIGTERM); });
                co_await cicada::shield([]() -> task<> { co_await cicada::sleep(1h); }());
            }(),
            {.cancel_on_signal = true});
    };
    EXPECT_EXIT(stubborn(), testing::KilledBySignal(SIGTERM), "");
}

TEST(run, leaves_signals_alone_unless_told_and_restores_the_handlers_afterwards) {
    static std::atomic<int> caught;
    caught = 0;
    const auto before = std::signal(SIGTERM, [](int) { ++caught; });
    cicada::run([]() -> task<> {
        std::raise(SIGTERM);
        co_await cicada::yield();
    }());
    EXPECT_EQ(caught, 1);
    cicada::run(value_of(1), {.cancel_on_signal = true});
    std::raise(SIGTERM);
    EXPECT_EQ(caught, 2);
    std::signal(SIGTERM, before);
}

TEST(loop_thread, runs_a_loop_on_a_thread_of_its_own) {
    cicada::loop_thread background;
    auto where = cicada::spawn(
        background.get(), []() -> task<std::thread::id> { co_return std::this_thread::get_id(); });
    EXPECT_NE(where.wait(), std::this_thread::get_id());
    auto failing = cicada::spawn(background.get(), value_of(-1));
    EXPECT_THROW(failing.wait(), std::out_of_range);
}

TEST(loop_thread, cancels_and_joins_everything_when_it_goes) {
    const auto before = cicada::detail::pool_live_blocks();
    const auto held = std::make_shared<int>();
    std::atomic<int> ticks{0};
    std::atomic<bool> cleaned_up{false};
    {
        cicada::loop_thread background;
        cicada::every(background.get(), 500us, [&ticks, held] { ++ticks; }).detach();
        auto sleeper = cicada::spawn(background.get(), [&cleaned_up, held]() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cleaned_up = true;
            }
        });
        while (ticks < 3) std::this_thread::yield();
        auto moved = std::move(background);
        sleeper.detach();
        EXPECT_FALSE(moved.get().is_closed());
        moved.close();
        EXPECT_FALSE(moved.get().post([] {}));
    }
    EXPECT_TRUE(cleaned_up);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(loop_thread, lets_any_thread_cancel_and_wait) {
    cicada::loop_thread background;
    std::atomic<int> ticks{0};
    auto beat = cicada::every(background.get(), 200us, {.name = "beat"}, [&] { ++ticks; });
    while (ticks < 3) std::this_thread::yield();
    EXPECT_THROW(beat.counters(), std::logic_error) << "belongs to the loop's thread";
    beat.cancel().wait();
    const int at_the_end = ticks;
    std::this_thread::sleep_for(2ms);
    EXPECT_EQ(ticks, at_the_end) << "no code of it runs any more";
}

TEST(loop_group, spreads_over_its_loops_in_turn) {
    cicada::loop_group loops(3);
    ASSERT_EQ(loops.size(), 3u);
    std::vector<std::thread::id> threads;
    for (int i = 0; i < 6; ++i) {
        auto where = cicada::spawn(
            loops.next(), []() -> task<std::thread::id> { co_return std::this_thread::get_id(); });
        threads.push_back(where.wait());
    }
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(threads[i], threads[i + 3]);
        EXPECT_NE(threads[i], threads[(i + 1) % 3]);
    }
    EXPECT_NE(&loops[0], &loops[1]);
}

TEST(loop_group, has_a_loop_for_each_core_if_not_told_otherwise) {
    cicada::loop_group loops;
    EXPECT_EQ(loops.size(), std::max(1u, std::thread::hardware_concurrency()));
}

TEST(loop_group, ends_as_one) {
    std::atomic<int> started{0};
    std::atomic<int> ended{0};
    {
        cicada::loop_group loops(2);
        for (int i = 0; i < 2; ++i) {
            cicada::spawn(loops.next(), [&]() -> task<> {
                ++started;
                try {
                    co_await cicada::sleep(1h);
                } catch (const cicada::cancelled&) {
                    ++ended;
                }
            }).detach();
        }
        while (started < 2) std::this_thread::yield();
    }
    EXPECT_EQ(ended, 2);
}

} // namespace
