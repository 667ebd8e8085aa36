#include <conformance/conformance.hpp>

#include <algorithm>
#include <memory>

using namespace std::chrono_literals;
using cicada::task;

namespace {

TEST_P(conformance, cancel_waits_until_the_task_has_cleaned_up) {
    run([]() -> task<> {
        std::string log;
        const auto held = std::make_shared<int>();
        auto worker = cicada::spawn([&log, held]() -> task<> { co_await cleans_up_slowly(log); });
        co_await cicada::sleep(1ms);
        co_await worker.cancel();
        log += "joined";
        EXPECT_EQ(log, "asked cleaned joined");
        EXPECT_EQ(held.use_count(), 1);
    });
}

TEST_P(conformance, a_task_that_is_cancelled_before_its_first_step_never_runs) {
    run([]() -> task<> {
        bool ran = false;
        auto never = cicada::spawn([&]() -> task<> {
            ran = true;
            co_return;
        });
        co_await never.cancel();
        EXPECT_FALSE(ran);
    });
}

TEST_P(conformance, who_awaits_a_cancelled_task_gets_task_cancelled) {
    run([]() -> task<> {
        auto target = cicada::spawn([]() -> task<int> {
            co_await cicada::sleep(1h);
            co_return 1;
        });
        auto canceller = cicada::after(1ms, [&] { target.cancel(); });
        bool thrown = false;
        try {
            co_await target;
        } catch (const cicada::task_cancelled&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
}

TEST_P(conformance, shield_keeps_a_request_out_until_the_section_ends) {
    run([]() -> task<> {
        bool committed = false;
        bool went_on = false;
        auto worker = cicada::spawn([&]() -> task<> {
            const auto commit = [&]() -> task<> {
                co_await cicada::sleep(3ms);
                committed = true;
            };
            co_await cicada::shield(commit());
            co_await cicada::sleep(1h);
            went_on = true;
        });
        co_await cicada::sleep(1ms);
        co_await worker.cancel();
        EXPECT_TRUE(committed);
        EXPECT_FALSE(went_on);
    });
}

TEST_P(conformance, dropping_a_handle_requests_cancel_and_detaching_does_not) {
    run([]() -> task<> {
        int cancelled = 0;
        int completed = 0;
        const auto worker = [&]() -> task<> {
            try {
                co_await cicada::sleep(4ms);
                ++completed;
            } catch (const cicada::cancelled&) {
                ++cancelled;
                throw;
            }
        };
        {
            auto dropped = cicada::spawn(worker);
            auto detached = cicada::spawn(worker);
            co_await cicada::sleep(1ms);
            detached.detach();
        }
        co_await cicada::sleep(10ms);
        EXPECT_EQ(cancelled, 1);
        EXPECT_EQ(completed, 1);
    });
}

TEST_P(conformance, a_request_reaches_through_scopes_and_timeouts) {
    run([]() -> task<> {
        int cancelled = 0;
        const auto leaf = [&]() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                ++cancelled;
                throw;
            }
        };
        auto root = cicada::spawn([&]() -> task<> {
            co_await cicada::with_timeout(1h, cicada::with_scope([&](cicada::scope& s) -> task<> {
                                              s.spawn(leaf());
                                              s.spawn(leaf());
                                              co_await leaf();
                                          }));
        });
        co_await cicada::sleep(1ms);
        co_await root.cancel();
        EXPECT_EQ(cancelled, 3);
    });
}

TEST_P(conformance, what_is_left_over_is_cancelled_and_joined_in_the_end) {
    const auto held = std::make_shared<int>();
    std::vector<std::string> cleaned;
    const auto left_over = [&](std::string name) -> task<> {
        const auto keep = held;
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
        }
        co_await cicada::sleep(1ms); // a cleaning up that takes time
        cleaned.push_back(name);
    };
    run([&]() -> task<> {
        cicada::spawn(left_over, "a").detach();
        cicada::spawn(left_over, "b").detach();
        cicada::every(1ms, [held] {}).detach();
        cicada::every(1ms, [&]() -> task<> { co_await left_over("c"); }).detach();
        cicada::at(cicada::wall_now() + 1h, [held] {}).detach();
        co_await cicada::sleep(4ms);
    });
    std::sort(cleaned.begin(), cleaned.end());
    EXPECT_EQ(cleaned, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(held.use_count(), 1);
}

TEST_P(conformance, a_loop_with_work_left_that_never_ends_by_itself_is_closed_all_the_same) {
    if (GetParam().is_simulated) GTEST_SKIP() << "time stands still while something can run";
    run([]() -> task<> {
        cicada::spawn([]() -> task<> {
            for (;;) co_await cicada::yield(); // the loop is never idle
        }).detach();
        co_await cicada::sleep(2ms);
    });
}

} // namespace
