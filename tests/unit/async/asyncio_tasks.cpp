// Lib/test/test_asyncio/test_tasks.py of CPython, case by case: see docs/asyncio-cases.md. Each
// test is named after what it says, and a comment names the case.

#include <string>

#include <support/ending.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::ending;
using support::simulated;

namespace {

task<> nap(duration time) { co_await sleep(time); }
task<int> give_after(duration time, int n) {
    co_await sleep(time);
    co_return n;
}
task<int> give_after(event& e, int n) {
    co_await e.wait();
    co_return n;
}
task<int> fail_after(duration time, std::string what) {
    co_await sleep(time);
    throw std::runtime_error(what);
}
/// Whether a request came while it waited for `e`; swallows it.
task<bool> swallow(event& e) {
    try {
        co_await e.wait();
        co_return false;
    } catch (const cancelled&) {
        co_return true;
    }
}

} // namespace

TEST(asyncio_tasks, cancel_ends_a_sleeping_task) { // test_cancel, test_task_cancel_sleeping_task
    simulated sim;
    sim.run([]() -> task<> {
        auto sleeper = spawn(give_after(5000s, 12));
        const auto later = after(100ms, [&] { sleeper.cancel(); });
        EXPECT_EQ(co_await ending(sleeper), "cancelled");
        EXPECT_EQ(loop::current().now() - loop::current().turn_at(), 0s);
        sleeper.cancel(); // once more does nothing
        EXPECT_EQ(co_await ending(sleeper), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_tasks, cancel_comes_behind_a_yield_at_the_next_suspension) { // test_cancel_yield
    simulated sim;
    sim.run([]() -> task<> {
        int turns = 0;
        auto t = spawn([&]() -> task<int> {
            co_await yield();
            ++turns;
            co_await yield();
            co_return 12;
        });
        co_await yield();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_EQ(turns, 1);
    });
}

// test_cancel_inner_future
TEST(asyncio_tasks, a_task_that_waits_for_a_cancelled_one_gets_an_error) {
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        auto inner = spawn(give_after(never, 12));
        auto outer = spawn([&]() -> task<int> { co_return co_await inner; });
        co_await yield();
        inner.cancel();
        try {
            co_await outer;
            ADD_FAILURE();
        } catch (const task_cancelled&) {
        }
        EXPECT_EQ(co_await ending(inner), "cancelled");
    });
}

TEST(asyncio_tasks,
    // test_cancel_both_task_and_inner_future
     both_the_waiting_task_and_what_it_waits_for_may_be_cancelled) {
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        bool seen = false;
        auto inner = spawn(give_after(never, 12));
        auto outer = spawn([&]() -> task<> {
            try {
                co_await inner;
            } catch (const cancelled&) {
                seen = true;
                throw;
            }
        });
        co_await yield();
        inner.cancel();
        outer.cancel();
        EXPECT_EQ(co_await ending(outer), "cancelled");
        EXPECT_EQ(co_await ending(inner), "cancelled");
        EXPECT_TRUE(seen) << "its own request, not the error";
    });
}

TEST(asyncio_tasks, a_task_that_catches_the_request_may_give_a_value) { // test_cancel_task_catching
    simulated sim;
    sim.run([]() -> task<> {
        event one;
        event two;
        auto t = spawn([&]() -> task<int> {
            co_await one.wait();
            co_return co_await swallow(two) ? 42 : 0;
        });
        co_await yield();
        one.set();
        co_await yield();
        t.cancel();
        EXPECT_EQ(co_await t, 42);
    });
}

TEST(asyncio_tasks, a_task_that_ignores_the_request_goes_on_waiting) { // test_cancel_task_ignoring
    simulated sim;
    sim.run([]() -> task<> {
        event two;
        event three;
        auto t = spawn([&]() -> task<int> {
            co_await swallow(two);
            co_return co_await give_after(three, 42);
        });
        co_await yield();
        t.cancel();
        co_await yield();
        co_await yield();
        EXPECT_FALSE(t.has_ended());
        three.set();
        EXPECT_EQ(co_await t, 42);
    });
}

// test_cancel_current_task
TEST(asyncio_tasks, a_task_that_cancels_itself_stops_at_its_next_suspension) {
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<int> own;
        own = spawn([&]() -> task<int> {
            own.cancel();
            co_await sleep(100s);
            co_return 12;
        });
        EXPECT_EQ(co_await ending(own), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_tasks, a_task_that_cancels_itself_and_ends_keeps_its_value) { // test_cancel_at_end
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<int> own;
        own = spawn([&]() -> task<int> {
            own.cancel();
            co_return 12;
        });
        EXPECT_EQ(co_await own, 12);
    });
}

TEST(asyncio_tasks,
     // test_cancel_awaited_task
     a_task_that_cancels_itself_does_not_cancel_the_handle_it_then_awaits) {
    simulated sim;
    sim.run([]() -> task<> {
        event go;
        auto nested = spawn(give_after(go, 1));
        join_handle<> own;
        own = spawn([&]() -> task<> {
            own.cancel();
            co_await nested;
        });
        EXPECT_EQ(co_await ending(own), "cancelled");
        EXPECT_FALSE(nested.has_ended());
        go.set();
        EXPECT_EQ(co_await nested, 1);
    });
}

TEST(asyncio_tasks, two_requests_before_the_task_runs_are_delivered_once) { // test_cancelling
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        int seen = 0;
        auto t = spawn([&]() -> task<> {
            seen += co_await swallow(never) ? 1 : 0;
            co_await sleep(1s);
        });
        co_await yield();
        t.cancel();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "value");
        EXPECT_EQ(seen, 1);
    });
}

TEST(asyncio_tasks, after_a_swallowed_request_the_next_one_is_delivered) { // test_uncancel_basic
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        auto t = spawn([&]() -> task<> {
            EXPECT_TRUE(co_await swallow(never));
            co_await sleep(10s);
        });
        co_await sleep(10ms);
        t.cancel();
        co_await sleep(10ms);
        EXPECT_FALSE(t.has_ended());
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 20ms);
}

TEST(asyncio_tasks, code_after_a_timeout_is_not_affected_by_it) { // test_uncancel_structured_blocks
    simulated sim;
    sim.run([]() -> task<> {
        EXPECT_THROW(co_await with_timeout(100ms, nap(10s)), timeout_error);
        co_await yield();
        co_await sleep(1s);
        co_await with_timeout(10s, nap(0s));
        co_await yield();
    });
    EXPECT_EQ(sim.elapsed(), 1100ms);
}

TEST(asyncio_tasks,
     // test_uncancel_resets_must_cancel
     a_request_that_is_taken_back_before_its_delivery_never_comes) {
    simulated sim;
    sim.run([]() -> task<> {
        // The time is up in the turn in which the work completes: the value counts, and nothing is
        // left over.
        event go;
        // Armed before the timeout: it fires before it.
        const auto setter = after(1s, [&] { go.set(); });
        EXPECT_EQ(co_await with_timeout(1s, give_after(go, 42)), 42);
        co_await yield();
        EXPECT_EQ(co_await give_after(1s, 42), 42);
    });
}

TEST(asyncio_tasks, a_swallowed_request_does_not_come_back_through_a_timeout_that_was_taken_back) {
    // Regression of the same kind: the pending delivery belongs to the timeout, the count to the
    // request before.
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        event go;
        bool went_on = false;
        auto t = spawn([&]() -> task<> {
            EXPECT_TRUE(co_await swallow(never));
            // Before the timeout, in the same turn.
            const auto setter = after(1s, [&] { go.set(); });
            EXPECT_EQ(co_await with_timeout(1s, give_after(go, 42)), 42);
            co_await yield();
            went_on = true;
        });
        co_await yield();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "value");
        EXPECT_TRUE(went_on);
    });
}

TEST(asyncio_tasks,
     // test_cancellation_exception_context
     that_an_awaited_task_was_cancelled_can_be_made_another_error) {
    simulated sim;
    sim.run([]() -> task<> {
        auto outer = spawn([]() -> task<> {
            auto inner = spawn(nap(10s));
            co_await yield();
            inner.cancel();
            try {
                co_await inner;
            } catch (const task_cancelled&) {
                throw std::invalid_argument("cancelled there");
            }
        });
        EXPECT_EQ(co_await ending(outer), "cancelled there");
    });
}

// test_cancel_with_message_before_starting_task
TEST(asyncio_tasks, cancelled_before_the_start_it_never_runs) {
    simulated sim;
    sim.run([]() -> task<> {
        bool ran = false;
        auto t = spawn([&]() -> task<> {
            ran = true;
            co_return;
        });
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_FALSE(ran);
    });
}

// test_baseexception_during_cancel
TEST(asyncio_tasks, an_error_thrown_in_place_of_the_request_is_the_outcome) {
    simulated sim;
    sim.run([]() -> task<> {
        auto t = spawn([]() -> task<> {
            try {
                co_await sleep(10s);
            } catch (const cancelled&) {
                throw 7;
            }
        });
        co_await yield();
        t.cancel();
        EXPECT_THROW(co_await t, int);
        EXPECT_THROW(co_await t.cancel(), int);
    });
}

TEST(asyncio_tasks,
     // test_yield_future_passes_cancel
     a_request_passes_through_awaited_tasks_and_may_be_caught_outside) {
    simulated sim;
    int proof = 0;
    sim.run([&]() -> task<> {
        event never;
        auto f = spawn([&]() -> task<> {
            auto inner = [&]() -> task<> {
                try {
                    co_await never.wait();
                } catch (const cancelled&) {
                    proof += 1;
                    throw;
                }
            };
            try {
                co_await inner();
                proof += 10;
            } catch (const cancelled&) {
                proof += 100;
            }
        });
        co_await yield();
        f.cancel();
        EXPECT_EQ(co_await ending(f), "value");
    });
    EXPECT_EQ(proof, 101);
}

TEST(asyncio_tasks,
     // test_yield_wait_does_not_shield_cancel
     cancelling_who_awaits_a_handle_leaves_its_task_running) {
    simulated sim;
    sim.run([]() -> task<> {
        event go;
        auto inner = spawn(give_after(go, 1));
        auto outer = spawn([&]() -> task<> { co_await inner; });
        co_await yield();
        outer.cancel();
        EXPECT_EQ(co_await ending(outer), "cancelled");
        go.set();
        EXPECT_EQ(co_await inner, 1);
    });
}

TEST(asyncio_tasks,
     // test_sleep, test_sleep_cancel
     sleep_takes_its_time_and_leaves_no_timer_when_it_is_cancelled) {
    simulated sim;
    sim.run([]() -> task<> {
        co_await sleep(50ms);
        co_await sleep(50ms);
        auto t = spawn(nap(10s));
        co_await yield();
        EXPECT_EQ(loop::current().pending_timers(), 1u);
        t.cancel();
        EXPECT_EQ(loop::current().pending_timers(), 0u);
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_tasks, a_yield_lets_the_others_run) { // test_sleep_zero
    simulated sim;
    sim.run([]() -> task<> {
        int result = 0;
        loop::current().post([&] { result += 1; });
        EXPECT_EQ(result, 0);
        co_await yield();
        EXPECT_EQ(result, 1);
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_tasks, waiting_for_all_takes_as_long_as_the_longest_and_again_no_time) { // test_wait
    simulated sim;
    sim.run([]() -> task<> {
        auto a = spawn(give_after(100ms, 1));
        auto b = spawn(give_after(150ms, 2));
        const auto wait = [&]() -> task<int> { co_return co_await a + co_await b; };
        EXPECT_EQ(co_await wait(), 3);
        EXPECT_EQ(co_await wait(), 3);
    });
    EXPECT_EQ(sim.elapsed(), 150ms);
}

TEST(asyncio_tasks, waiting_for_the_first_cancels_the_others) { // test_wait_first_completed
    simulated sim;
    sim.run([]() -> task<> {
        const auto first = co_await when_any(nap(10s), nap(100ms));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_EQ(loop::current().pending_timers(), 0u);
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_tasks,
     // test_wait_first_exception, test_wait_first_exception_in_wait
     waiting_for_all_ends_with_the_first_error) {
    simulated sim;
    sim.run([]() -> task<> {
        EXPECT_THROW(co_await when_all(nap(10s), fail_after(0s, "err")), std::runtime_error);
        EXPECT_THROW(co_await when_all(nap(10s), fail_after(10ms, "err")), std::runtime_error);
    });
    EXPECT_EQ(sim.elapsed(), 10ms);
}

TEST(asyncio_tasks,
     // test_wait_with_timeout, test_wait_concurrent_complete
     a_wait_that_times_out_leaves_the_spawned_tasks_running) {
    simulated sim;
    sim.run([]() -> task<> {
        auto a = spawn(nap(100ms));
        auto b = spawn(nap(150ms));
        const auto both = [&]() -> task<> {
            co_await a;
            co_await b;
        };
        EXPECT_THROW(co_await with_timeout(110ms, both()), timeout_error);
        EXPECT_TRUE(a.has_ended());
        EXPECT_FALSE(b.has_ended());
        co_await b;
    });
    EXPECT_EQ(sim.elapsed(), 150ms);
}

TEST(asyncio_tasks,
     // test_shield_result, test_shield_exception, test_shield_shortcut
     shield_gives_value_and_error) {
    simulated sim;
    sim.run([]() -> task<> {
        EXPECT_EQ(co_await shield(give_after(1s, 42)), 42);
        EXPECT_THROW(co_await shield(fail_after(1s, "expected")), std::runtime_error);
        event now;
        now.set();
        EXPECT_EQ(co_await shield(give_after(now, 42)), 42);
    });
}

// test_shield_cancel_inner
TEST(asyncio_tasks, shield_of_a_wait_for_a_cancelled_task_throws_its_error) {
    simulated sim;
    sim.run([]() -> task<> {
        auto inner = spawn(give_after(10s, 1));
        const auto wait = [&]() -> task<int> { co_return co_await inner; };
        const auto cancel = after(1s, [&] { inner.cancel(); });
        EXPECT_THROW(co_await shield(wait()), task_cancelled);
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(asyncio_tasks,
     // test_shield_effect, test_shield_cancel_outer, _result
     shield_ends_its_section_before_the_request_is_delivered) {
    simulated sim;
    int proof = 0;
    sim.run([&]() -> task<> {
        event go;
        auto f = spawn([&]() -> task<> {
            proof += co_await shield(give_after(go, 1));
            proof += 100; // no suspension lies between
            co_await yield();
            proof += 1000;
        });
        co_await yield();
        f.cancel();
        co_await sleep(1s);
        EXPECT_EQ(proof, 0);
        go.set();
        EXPECT_EQ(co_await ending(f), "cancelled");
    });
    EXPECT_EQ(proof, 101);
    EXPECT_TRUE(sim.errors.empty());
}

TEST(asyncio_tasks,
     // test_shield_cancel_outer_exception, _duplicate_log_once
     an_error_in_a_shield_reaches_its_caller_although_a_request_came) {
    simulated sim;
    sim.run([]() -> task<> {
        auto f = spawn([]() -> task<> { co_await shield(fail_after(1s, "foo")); });
        co_await yield();
        f.cancel();
        EXPECT_EQ(co_await ending(f), "foo");
    });
    EXPECT_TRUE(sim.errors.empty());
}

TEST(asyncio_tasks, shield_around_when_all_keeps_a_request_from_its_tasks) { // test_shield_gather
    simulated sim;
    sim.run([]() -> task<> {
        int sum = 0;
        auto outer = spawn([&]() -> task<> {
            const auto [a, b] = co_await shield(when_all(give_after(1s, 1), give_after(2s, 2)));
            sum = a + b;
            co_await yield();
        });
        co_await yield();
        outer.cancel();
        EXPECT_EQ(co_await ending(outer), "cancelled");
        EXPECT_EQ(sum, 3);
    });
    EXPECT_EQ(sim.elapsed(), 2s);
}

TEST(asyncio_tasks, when_all_of_shields_lets_each_end) { // test_gather_shield
    simulated sim;
    int sum = 0;
    sim.run([&]() -> task<> {
        const auto section = [&](int n) -> task<> {
            sum += co_await shield(give_after(std::chrono::seconds(n), n));
            co_await yield();
            sum += 100;
        };
        auto parent = spawn([&]() -> task<> { co_await when_all(section(1), section(2)); });
        co_await yield();
        co_await yield();
        parent.cancel();
        EXPECT_EQ(co_await ending(parent), "cancelled");
    });
    EXPECT_EQ(sum, 3);
}

TEST(asyncio_tasks,
     // GatherTests: test_success, test_constructor_empty_sequence
     when_all_keeps_the_order_of_its_arguments) {
    simulated sim;
    sim.run([]() -> task<> {
        std::vector<task<int>> tasks;
        tasks.push_back(give_after(2s, 2));
        tasks.push_back(give_after(1s, 1));
        tasks.push_back(give_after(3s, 3));
        const std::vector<int> expected{2, 1, 3};
        EXPECT_EQ(co_await when_all(std::move(tasks)), expected);
        EXPECT_TRUE((co_await when_all(std::vector<task<int>>{})).empty());
    });
    EXPECT_EQ(sim.elapsed(), 3s);
}

TEST(asyncio_tasks, when_all_passes_a_request_on_to_all_its_tasks) { // test_cancellation_broadcast
    simulated sim;
    int proof = 0;
    sim.run([&]() -> task<> {
        event never;
        int seen = 0;
        const auto inner = [&]() -> task<> {
            seen += co_await swallow(never) ? 1 : 0;
            throw cancelled{};
        };
        auto f = spawn([&]() -> task<> {
            co_await when_all(inner(), inner());
            proof += 100;
        });
        co_await yield();
        co_await yield();
        f.cancel();
        EXPECT_EQ(co_await ending(f), "cancelled");
        EXPECT_EQ(seen, 2);
    });
    EXPECT_EQ(proof, 0);
}

// test_one_exception, test_exception_marking
TEST(asyncio_tasks, when_all_cancels_those_that_had_not_failed_yet) {
    simulated sim;
    sim.run([]() -> task<> {
        EXPECT_THROW(co_await when_all(fail_after(1s, "first"), fail_after(2s, "second")),
                     std::runtime_error);
        co_await sleep(5s);
    });
    EXPECT_TRUE(sim.errors.empty());
}

// test_cancel_gather_1
TEST(asyncio_tasks, when_all_whose_tasks_have_all_ended_cannot_be_cancelled_any_more) {
    simulated sim;
    sim.run([]() -> task<> {
        event go;
        auto gatherer = spawn([&]() -> task<std::vector<int>> {
            std::vector<task<int>> tasks;
            tasks.push_back(give_after(go, 42));
            co_return co_await when_all(std::move(tasks));
        });
        co_await yield();
        co_await yield();
        go.set();
        co_await yield(); // the child has ended, and its parent is ready
        gatherer.cancel();
        EXPECT_EQ((co_await gatherer).at(0), 42);
    });
}

TEST(asyncio_tasks, when_all_in_a_loop_does_not_drop_a_request) { // test_cancel_gather_2
    simulated sim;
    sim.run([]() -> task<> {
        auto t = spawn([]() -> task<> {
            for (int i = 0; i < 20; ++i) co_await when_all(nap(50ms));
        });
        co_await sleep(200ms);
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 200ms);
}

TEST(asyncio_tasks,
     // test_tb_logger_not_called_after_cancel
     an_error_that_nobody_saw_is_reported_also_after_a_cancel) {
    simulated sim;
    sim.run([]() -> task<> {
        auto t = spawn(fail_after(0s, "lost"));
        co_await sleep(50ms);
        t.cancel();
        co_return;
    });
    EXPECT_EQ(sim.errors, std::vector<std::string>{": lost"});
}

// test_log_destroyed_pending_task
TEST(asyncio_tasks, a_task_without_references_is_cancelled_and_not_just_gone) {
    simulated sim;
    bool seen = false;
    sim.run([&]() -> task<> {
        event never;
        {
            const auto dropped = spawn([&]() -> task<> { seen = co_await swallow(never); });
            co_await yield();
        }
        co_await sleep(1s);
    });
    EXPECT_TRUE(seen);
}
