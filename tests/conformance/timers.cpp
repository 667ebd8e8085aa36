#include <conformance/conformance.hpp>

using namespace std::chrono_literals;
using cicada::task;

namespace {

TEST_P(conformance, sleep_is_never_early) {
    run([]() -> task<> {
        const std::vector<cicada::duration> delays{1ns, 1us, 300us, 1ms, 1500us, 7ms};
        for (const cicada::duration delay : delays) {
            const auto before = cicada::now();
            co_await cicada::sleep(delay);
            EXPECT_GE(cicada::now() - before, delay);
        }
    });
}

TEST_P(conformance, sleepers_wake_by_deadline_and_then_in_the_order_in_which_they_began) {
    run([]() -> task<> {
        std::vector<int> order;
        const auto base = cicada::now() + 5ms;
        const auto sleeper = [&](cicada::duration offset, int id) -> task<> {
            co_await cicada::sleep_until(base + offset);
            order.push_back(id);
        };
        co_await cicada::when_all(sleeper(2ms, 0), sleeper(0ms, 1), sleeper(1ms, 2),
                                  sleeper(1ms, 3), sleeper(0ms, 4), sleeper(2ms, 5));
        EXPECT_EQ(order, (std::vector{1, 4, 2, 3, 0, 5}));
    });
}

TEST_P(conformance, an_earlier_deadline_that_comes_later_is_kept_nevertheless) {
    run([]() -> task<> {
        auto distant = cicada::spawn([]() -> task<> { co_await cicada::sleep(1h); });
        co_await cicada::sleep(1ms);
        const auto before = cicada::now();
        co_await cicada::sleep(2ms); // the host already waits for the distant one
        EXPECT_GE(cicada::now() - before, 2ms);
        co_await distant.cancel();
        co_await cicada::sleep(2ms); // and had set its timer for one that is gone
    });
}

TEST_P(conformance, wall_sleep_ends_at_its_instant) {
    run([]() -> task<> {
        const auto instant = cicada::wall_now() + 3ms;
        co_await cicada::sleep_until(instant);
        EXPECT_GE(cicada::wall_now(), instant);
        bool ran = false;
        auto once = cicada::at(cicada::wall_now() + 2ms, [&] { ran = true; });
        co_await once;
        EXPECT_TRUE(ran);
    });
}

TEST_P(conformance, the_ends_of_time_never_come_and_have_passed) {
    run([]() -> task<> {
        int ran = 0;
        int never = 0;
        auto last = cicada::after(cicada::duration::max(), [&] { ++never; });
        auto last_of_wall = cicada::at(cicada::wall_time::max(), [&] { ++never; });
        auto first = cicada::after(cicada::duration::min(), [&] { ++ran; });
        auto first_of_wall = cicada::at(cicada::wall_time::min(), [&] { ++ran; });
        co_await first;
        co_await first_of_wall;
        const auto before = cicada::now();
        co_await cicada::sleep(2ms);
        EXPECT_GE(cicada::now() - before, 2ms);
        co_await cicada::sleep_until(cicada::elapsed_time::min());
        EXPECT_EQ(ran, 2);
        EXPECT_EQ(never, 0);
        co_await last.cancel();
        co_await last_of_wall.cancel();
    });
}

TEST_P(conformance, a_timeout_cancels_the_work_and_is_told_from_a_value) {
    run([]() -> task<> {
        bool cleaned_up = false;
        const auto endless = [&]() -> task<int> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cleaned_up = true;
                throw;
            }
            co_return 0;
        };
        const auto before = cicada::now();
        bool timed_out = false;
        try {
            co_await cicada::with_timeout(3ms, endless());
        } catch (const cicada::timeout_error&) {
            timed_out = true;
        }
        EXPECT_TRUE(timed_out);
        EXPECT_TRUE(cleaned_up);
        EXPECT_GE(cicada::now() - before, 3ms);
        const auto quick = []() -> task<int> { co_return 9; };
        EXPECT_EQ(co_await cicada::with_timeout(1h, quick()), 9);
    });
}

TEST_P(conformance, a_thousand_timers_all_come_and_none_before_its_time) {
    run([]() -> task<> {
        int woken = 0;
        co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
            const auto start = cicada::now();
            for (int i = 0; i < 1000; ++i) {
                s.spawn([&woken, start, i]() -> task<> {
                    const auto until = start + (i * 37 % 1000) * 5us;
                    co_await cicada::sleep_until(until);
                    EXPECT_GE(cicada::now(), until);
                    ++woken;
                });
            }
            co_return;
        });
        EXPECT_EQ(woken, 1000);
    });
}

} // namespace
