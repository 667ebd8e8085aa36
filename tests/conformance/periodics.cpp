#include <conformance/conformance.hpp>

#include <algorithm>
#include <atomic>
#include <support/counted.hpp>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::task;

namespace {

/// Waits until `done()`, on any driver.
template <class F>
task<> until(F done) {
    while (!done()) co_await cicada::sleep(500us);
}

TEST_P(conformance, a_fixed_rate_keeps_its_grid_and_is_never_early) {
    run([]() -> task<> {
        std::vector<cicada::wall_time> nominal;
        auto p = cicada::every(2ms, [&](cicada::tick t) {
            nominal.push_back(t.nominal);
            EXPECT_GE(t.lateness, 0ns);
        });
        co_await until([&] { return nominal.size() >= 5; });
        co_await p.cancel();
        for (std::size_t i = 1; i < nominal.size(); ++i) {
            const duration apart = nominal[i] - nominal[i - 1];
            EXPECT_GT(apart, 0ns);
            EXPECT_EQ(apart % 2ms, 0ns) << "a missed tick does not move the grid";
        }
    });
}

TEST_P(conformance, a_fixed_delay_counts_from_the_end_of_the_run) {
    run([]() -> task<> {
        std::vector<cicada::elapsed_time> began;
        std::vector<cicada::elapsed_time> ended;
        auto p = cicada::every(cicada::fixed_delay(2ms), [&]() -> task<> {
            began.push_back(cicada::now());
            co_await cicada::sleep(1ms);
            ended.push_back(cicada::now());
        });
        co_await until([&] { return ended.size() >= 4; });
        co_await p.cancel();
        for (std::size_t i = 1; i < ended.size(); ++i) EXPECT_GE(began[i] - ended[i - 1], 2ms);
    });
}

TEST_P(conformance, the_first_tick_is_immediate_but_not_inside_the_call) {
    run([]() -> task<> {
        int immediate = 0;
        int later = 0;
        auto a = cicada::every(1h, [&] { ++immediate; });
        auto b = cicada::every(1h, {.first = cicada::first::after_period}, [&] { ++later; });
        EXPECT_EQ(immediate, 0);
        co_await until([&] { return immediate > 0; });
        EXPECT_EQ(immediate, 1);
        EXPECT_EQ(later, 0);
    });
}

TEST_P(conformance, overlapping_ticks_are_skipped_or_run_side_by_side_as_told) {
    run([]() -> task<> {
        int running = 0;
        int most = 0;
        int ran = 0;
        const auto body = [&]() -> task<> {
            const support::counted here(running);
            most = std::max(most, running);
            co_await cicada::sleep(5ms);
            ++ran;
        };
        auto skipping = cicada::every(1ms, body);
        co_await until([&] { return ran >= 3; });
        EXPECT_GT(skipping.counters().dropped, 0u);
        co_await skipping.cancel();
        EXPECT_EQ(most, 1);
        EXPECT_EQ(running, 0);
        most = ran = 0;
        auto side_by_side = cicada::every(1ms, {.overlap = cicada::overlap::allow{3}}, body);
        co_await until([&] { return ran >= 6; });
        co_await side_by_side.cancel();
        EXPECT_GT(most, 1);
        EXPECT_LE(most, 3);
    });
}

TEST_P(conformance, an_error_is_reported_and_the_next_tick_comes_or_ends_it_as_told) {
    run([]() -> task<> {
        int ran = 0;
        auto p = cicada::every(1ms, {.name = "flaky"}, [&] {
            if (++ran <= 2) throw std::runtime_error("not now");
        });
        co_await until([&] { return ran >= 4; });
        EXPECT_EQ(p.counters().failed, 2u);
        auto q = cicada::every(1ms, {.on_error = cicada::on_error::stop},
                               [] { throw std::out_of_range("never again"); });
        bool thrown = false;
        try {
            co_await q;
        } catch (const std::out_of_range&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
    EXPECT_EQ(errors, (std::vector<std::string>{"flaky: not now", "flaky: not now"}));
}

TEST_P(conformance, a_paused_periodic_does_not_tick_until_it_is_resumed) {
    run([]() -> task<> {
        int ran = 0;
        auto p = cicada::every(1ms, [&] { ++ran; });
        co_await until([&] { return ran >= 2; });
        p.pause();
        const int before = ran;
        co_await cicada::sleep(5ms);
        EXPECT_EQ(ran, before);
        p.resume();
        co_await until([&] { return ran > before; });
    });
}

TEST_P(conformance, trigger_runs_once_more_and_reschedule_changes_the_period) {
    run([]() -> task<> {
        int ran = 0;
        auto p = cicada::every(1h, [&] { ++ran; });
        co_await until([&] { return ran == 1; });
        p.trigger();
        co_await until([&] { return ran == 2; });
        p.reschedule(1ms);
        co_await until([&] { return ran >= 5; });
    });
}

TEST_P(conformance, times_and_one_shots_end_of_themselves) {
    run([]() -> task<> {
        int ran = 0;
        auto three = cicada::every(1ms, {.times = 3}, [&] { ++ran; });
        co_await three;
        EXPECT_EQ(ran, 3);
        const auto before = cicada::now();
        bool fired = false;
        auto once = cicada::after(3ms, [&] { fired = true; });
        co_await once;
        EXPECT_TRUE(fired);
        EXPECT_GE(cicada::now() - before, 3ms);
    });
}

TEST_P(conformance, no_code_of_a_periodic_runs_after_its_cancel) {
    run([]() -> task<> {
        int ran = 0;
        bool running = false;
        auto p = cicada::every(1ms, [&]() -> task<> {
            running = true;
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
            }
            co_await cicada::sleep(2ms);
            running = false;
            ++ran;
        });
        co_await until([&] { return running; });
        co_await p.cancel();
        EXPECT_FALSE(running);
        EXPECT_EQ(ran, 1);
        co_await cicada::sleep(4ms);
        EXPECT_EQ(ran, 1);
    });
}

TEST_P(conformance, a_blocking_body_ticks_again) {
    run([]() -> task<> {
        std::atomic<int> ran{0};
        auto p = cicada::every(2ms, cicada::blocking([&] { ++ran; }));
        co_await until([&] { return ran >= 3; });
        co_await p.cancel();
    });
}

} // namespace
