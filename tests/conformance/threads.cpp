#include <conformance/conformance.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace std::chrono_literals;
using cicada::task;

namespace {

TEST_P(conformance, posts_of_one_thread_run_in_order_and_wake_a_waiting_loop) {
    if (GetParam().is_simulated) GTEST_SKIP() << "does not wait for other threads";
    std::thread other;
    run([&]() -> task<> {
        cicada::loop& home = cicada::loop::current();
        cicada::event all_came;
        std::vector<int> order;
        other = std::thread([&] {
            for (int i = 0; i < 100; ++i) {
                if (i % 25 == 0) std::this_thread::sleep_for(1ms); // lets the loop fall asleep
                home.post([&order, i] { order.push_back(i); });
            }
            home.post([&] { all_came.set(); });
        });
        co_await all_came.wait();
        co_await cicada::blocking([&] { other.join(); })(); // it posts, so it goes before the loop
        EXPECT_EQ(order.size(), 100u);
        EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    });
}

TEST_P(conformance, a_post_from_the_loop_itself_runs_in_its_next_turn) {
    run([]() -> task<> {
        bool ran = false;
        cicada::loop::current().post([&] { ran = true; });
        EXPECT_FALSE(ran);
        while (!ran) co_await cicada::yield();
    });
}

TEST_P(conformance, another_thread_spawns_waits_and_cancels) {
    if (GetParam().is_simulated) GTEST_SKIP() << "does not wait for other threads";
    std::thread other;
    run([&]() -> task<> {
        cicada::loop& home = cicada::loop::current();
        cicada::event done;
        other = std::thread([&] {
            auto answer = cicada::spawn(home, []() -> task<int> {
                co_await cicada::sleep(1ms);
                co_return 42;
            });
            EXPECT_EQ(answer.wait(), 42);
            std::atomic<bool> cleaned_up{false};
            auto endless = cicada::spawn(home, [&]() -> task<> {
                try {
                    co_await cicada::sleep(1h);
                } catch (const cicada::cancelled&) {
                    cleaned_up = true;
                }
            });
            std::atomic<int> ticks{0};
            auto beat = cicada::every(home, 500us, [&] { ++ticks; });
            while (ticks < 2) std::this_thread::yield();
            endless.cancel().wait();
            EXPECT_TRUE(cleaned_up);
            beat.cancel().wait();
            home.post([&] { done.set(); });
        });
        co_await done.wait();
        co_await cicada::blocking([&] { other.join(); })();
    });
}

TEST_P(conformance, a_task_of_another_loop_can_be_awaited) {
    if (GetParam().is_simulated) GTEST_SKIP() << "does not wait for other threads";
    cicada::loop_thread background;
    run([&]() -> task<> {
        auto there = cicada::spawn(background.get(), []() -> task<std::thread::id> {
            co_await cicada::sleep(1ms);
            co_return std::this_thread::get_id();
        });
        const auto where = co_await there;
        EXPECT_NE(where, std::this_thread::get_id());
    });
}

TEST_P(conformance, a_closed_loop_refuses_posts) {
    run([]() -> task<> {
        cicada::loop& home = cicada::loop::current();
        home.close();
        EXPECT_FALSE(home.post([] {}));
        EXPECT_TRUE(home.is_closed());
        co_return;
    });
}

} // namespace
