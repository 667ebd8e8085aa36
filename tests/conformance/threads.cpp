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

/// Hosts end by themselves when nothing is left, and a post that waits for its turn is something.
TEST_P(conformance, what_a_post_or_a_last_step_of_a_task_posts_runs_before_the_driver_ends) {
    for (const bool from_task : {false, true}) {
        bool was_closed = true; // its destructor closes the loop and runs posts, too late
        const auto start = [&](cicada::loop& home) {
            const auto last = [&] {
                was_closed = home.is_closed();
                home.close();
            };
            const auto post_last = [&home, last] { home.post(last); };
            if (from_task) {
                cicada::spawn(home, [post_last]() -> task<> {
                    post_last();
                    co_return;
                }).detach();
            } else {
                home.post(post_last);
            }
        };
        GetParam().run(
            {}, [](cicada::loop& home, void* f) { (*static_cast<decltype(start)*>(f))(home); },
            const_cast<void*>(static_cast<const void*>(&start)));
        EXPECT_FALSE(was_closed) << (from_task ? "a task's" : "a post's");
    }
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
