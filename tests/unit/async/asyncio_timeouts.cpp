// Lib/test/test_asyncio/test_timeouts.py and test_waitfor.py of CPython, case by case: see
// docs/asyncio-cases.md. Each test is named after what it says, and a comment names the case.

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
task<> turn() { co_await yield(); }
/// Goes on for `time` whatever one asks of it.
task<> resist(duration time, bool& ended) {
    const elapsed_time until = now() + time;
    while (now() < until) {
        try {
            co_await sleep_until(until);
        } catch (const cancelled&) {
        }
    }
    ended = true;
}

} // namespace

TEST(asyncio_timeouts,
    // test_timeout_basic, test_timeout_at_basic, test_waiter_cancelled
     throws_when_the_time_is_up) {
    simulated sim;
    sim.run([]() -> task<> {
        bool seen = false;
        auto work = [&]() -> task<> {
            try {
                co_await sleep(10s);
            } catch (const cancelled&) {
                seen = true;
                throw;
            }
        };
        EXPECT_THROW(co_await with_timeout(10ms, work()), timeout_error);
        EXPECT_TRUE(seen);
        EXPECT_THROW(co_await with_deadline(now() + 10ms, work()), timeout_error);
    });
    EXPECT_EQ(sim.elapsed(), 20ms);
}

TEST(asyncio_timeouts, of_two_with_one_deadline_only_the_outer_throws) { // test_nested_timeouts
    simulated sim;
    sim.run([]() -> task<> {
        bool inner_cancelled = false;
        const auto deadline = now() + 10ms;
        auto inner = [&]() -> task<> {
            try {
                co_await with_deadline(deadline, nap(10s));
            } catch (const cancelled&) {
                inner_cancelled = true;
                throw;
            }
        };
        EXPECT_THROW(co_await with_deadline(deadline, inner()), timeout_error);
        EXPECT_TRUE(inner_cancelled);
        co_await turn();
    });
    EXPECT_EQ(sim.elapsed(), 10ms);
}

// test_timeout_not_called, test_repr_finished
TEST(asyncio_timeouts, leaves_no_timer_when_the_work_is_in_time) {
    simulated sim;
    sim.run([]() -> task<> {
        EXPECT_EQ(co_await with_timeout(10s, give_after(10ms, 3)), 3);
        EXPECT_EQ(loop::current().pending_timers(), 0u);
    });
    EXPECT_EQ(sim.elapsed(), 10ms);
}

TEST(asyncio_timeouts,
    // test_timeout_zero, _zero_sleep_zero, _in_the_past_sleep_zero
     of_zero_or_less_stops_the_work_at_its_first_suspension) {
    simulated sim;
    sim.run([]() -> task<> {
        for (const duration time : {duration(0s), duration(-11s)}) {
            EXPECT_THROW(co_await with_timeout(time, nap(10s)), timeout_error);
            EXPECT_THROW(co_await with_timeout(time, nap(0s)), timeout_error);
            EXPECT_THROW(co_await with_timeout(time, turn()), timeout_error);
        }
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

// test_wait_for_timeout_less_then_0_or_0_future_done
TEST(asyncio_timeouts, of_zero_gives_what_needs_no_suspension) {
    simulated sim;
    sim.run([]() -> task<> {
        auto at_once = []() -> task<std::string> { co_return "done"; };
        EXPECT_EQ(co_await with_timeout(0s, at_once()), "done");
        co_await turn(); // and the request was taken back
    });
}

// test_foreign_exception_passed, test_foreign_exception_on_timeout
TEST(asyncio_timeouts, passes_other_errors) {
    simulated sim;
    sim.run([]() -> task<> {
        auto crash = []() -> task<> {
            throw std::out_of_range("key");
            co_return;
        };
        auto crash_when_cancelled = []() -> task<> {
            try {
                co_await sleep(1s);
            } catch (const cancelled&) {
                throw std::range_error("cleaning up");
            }
        };
        EXPECT_THROW(co_await with_timeout(10ms, crash()), std::out_of_range);
        EXPECT_THROW(co_await with_timeout(10ms, crash_when_cancelled()), std::range_error);
        co_await turn();
    });
}

TEST(asyncio_timeouts,
     // test_foreign_cancel_doesnt_timeout_if_not_expired
     passes_a_request_from_elsewhere_as_cancelled) {
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<> own;
        own = spawn([&]() -> task<> {
            auto work = [&]() -> task<> {
                own.cancel();
                co_await sleep(10s);
            };
            co_await with_timeout(10s, work());
        });
        EXPECT_EQ(co_await ending(own), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_timeouts, does_not_cancel_the_task_around_it) { // test_outer_task_is_not_cancelled
    simulated sim;
    sim.run([]() -> task<> {
        auto t = spawn(
            []() -> task<> { EXPECT_THROW(co_await with_timeout(1ms, nap(10s)), timeout_error); });
        EXPECT_EQ(co_await ending(t), "value");
    });
}

TEST(asyncio_timeouts,
     // test_nested_timeouts_concurrent, test_nested_timeouts_loop_busy
     an_outer_one_strikes_although_the_loop_was_busy) {
    simulated sim;
    sim.run([&]() -> task<> {
        auto body = [&]() -> task<> {
            auto busy = [&]() -> task<> {
                sim->stall(100ms);
                co_await sleep(1s);
            };
            bool inner = false;
            try {
                co_await with_timeout(10ms, busy());
            } catch (const timeout_error&) {
                inner =
                    // both are due, so that the request of the outer one may have come as well
                    true;
            }
            EXPECT_FALSE(inner) << "both are due in one turn: it counts as the outer one's";
            co_await sleep(10s);
        };
        EXPECT_THROW(co_await with_timeout(100ms, body()), timeout_error);
        co_await turn();
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_timeouts, may_be_used_while_another_one_unwinds) { // test_nested_timeout_in_finally
    simulated sim;
    sim.run([]() -> task<> {
        auto work = []() -> task<> {
            bool asked = false;
            try {
                co_await sleep(1s);
            } catch (const cancelled&) {
                asked = true;
            }
            EXPECT_TRUE(asked);
            EXPECT_THROW(co_await with_timeout(10ms, nap(10s)), timeout_error);
            throw cancelled{};
        };
        EXPECT_THROW(co_await with_timeout(10ms, work()), timeout_error);
    });
    EXPECT_EQ(sim.elapsed(), 20ms);
}

// test_timeout_after_cancellation
TEST(asyncio_timeouts, works_after_a_request_that_was_swallowed) {
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<> own;
        own = spawn([&]() -> task<> {
            own.cancel();
            try {
                co_await sleep(1s);
            } catch (const cancelled&) {
            }
            EXPECT_THROW(co_await with_timeout(0s, nap(1s)), timeout_error);
            EXPECT_THROW(co_await with_timeout(1s, nap(5s)), timeout_error);
        });
        EXPECT_EQ(co_await ending(own), "value");
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(asyncio_timeouts,
     // test_cancel_in_timeout_after_cancellation
     passes_a_request_also_after_one_that_was_swallowed) {
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<> own;
        own = spawn([&]() -> task<> {
            own.cancel();
            try {
                co_await sleep(1s);
            } catch (const cancelled&) {
            }
            auto work = [&]() -> task<> {
                own.cancel();
                co_await sleep(2s);
            };
            co_await with_timeout(1s, work());
        });
        EXPECT_EQ(co_await ending(own), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_timeouts, does_not_take_a_request_that_was_pending_before_it_for_its_own) {
    // Regression: the request came first, and was not seen yet when the timeout counted.
    simulated sim;
    sim.run([]() -> task<> {
        join_handle<> own;
        own = spawn([&]() -> task<> {
            own.cancel();
            co_await with_timeout(0s, nap(1s));
        });
        EXPECT_EQ(co_await ending(own), "cancelled");
    });
}

TEST(asyncio_timeouts, can_be_moved_while_it_runs) { // test_reschedule
    simulated sim;
    sim.run([]() -> task<> {
        const elapsed_time first = now() + 10s;
        const elapsed_time second = first + 20s;
        timeout* limit = nullptr;
        bool expired = true;
        auto t = spawn([&]() -> task<> {
            co_await with_deadline(first, [&](timeout& given) -> task<> {
                limit = &given;
                try {
                    co_await sleep(50s);
                } catch (const cancelled&) {
                    expired = given.is_expired();
                    throw;
                }
            });
        });
        co_await turn();
        EXPECT_EQ(limit->when(), first);
        limit->reschedule(second);
        EXPECT_EQ(limit->when(), second);
        limit->reschedule(std::nullopt);
        EXPECT_EQ(limit->when(), std::nullopt);
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_FALSE(expired);
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_timeouts, of_no_end_never_strikes) { // test_timeout_disabled, test_timeout_at_disabled
    simulated sim;
    sim.run([]() -> task<> {
        co_await with_deadline(elapsed_time::max(), [](timeout& limit) -> task<> {
            EXPECT_EQ(limit.when(), std::nullopt);
            EXPECT_FALSE(limit.is_expired());
            co_await sleep(10ms);
            EXPECT_FALSE(limit.is_expired());
        });
    });
}

TEST(asyncio_timeouts, cannot_be_moved_once_it_has_struck) { // of Timeout.reschedule's own states
    simulated sim;
    sim.run([]() -> task<> {
        auto section = [](timeout& limit) -> task<> {
            try {
                co_await sleep(10s);
            } catch (const cancelled&) {
                EXPECT_TRUE(limit.is_expired());
                EXPECT_THROW(limit.reschedule(1s), std::logic_error);
                throw;
            }
        };
        EXPECT_THROW(co_await with_timeout(1s, section), timeout_error);
        co_await turn();
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

// test_waitfor.py

TEST(asyncio_timeouts,
     // test_asyncio_wait_for_cancelled, test_asyncio_wait_for_timeout
     waits_for_work_that_does_not_stop) {
    simulated sim;
    sim.run([]() -> task<> {
        bool ended = false;
        auto t = spawn(with_timeout(400ms, resist(200ms, ended)));
        co_await turn();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "value");
        EXPECT_TRUE(ended);
        ended = false;
        co_await with_timeout(100ms, resist(200ms, ended));
        EXPECT_TRUE(ended) << "it completed although its time was up";
        co_await turn();
    });
    EXPECT_EQ(sim.elapsed(), 400ms);
}

TEST(asyncio_timeouts,
     // test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started
     of_zero_lets_the_work_begin) {
    simulated sim;
    sim.run([]() -> task<> {
        bool started = false;
        auto work = [&]() -> task<> {
            started = true;
            co_await sleep(1s);
        };
        EXPECT_THROW(co_await with_timeout(0s, work()), timeout_error);
        EXPECT_TRUE(started);
    });
}

// test_wait_for, test_wait_for_timeout_less_then_0_or_0
TEST(asyncio_timeouts, has_ended_the_work_when_it_throws) {
    simulated sim;
    sim.run([]() -> task<> {
        int alive = 0;
        auto work = [](support::counted) -> task<> { co_await sleep(10s); };
        auto limited = [&]() -> task<> {
            co_await with_timeout(100ms, work(support::counted(alive)));
        };
        try {
            co_await limited();
            ADD_FAILURE();
        } catch (const timeout_error&) {
            EXPECT_EQ(alive, 0);
        }
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

// test_wait_for (of a task), WaitForShieldTests
TEST(asyncio_timeouts, of_a_handle_ends_the_wait_and_not_the_task) {
    simulated sim;
    sim.run([]() -> task<> {
        auto t = spawn(give_after(100ms, 5));
        const auto wait = [&]() -> task<int> { co_return co_await t; };
        EXPECT_THROW(co_await with_timeout(0s, wait()), timeout_error);
        EXPECT_THROW(co_await with_timeout(10ms, wait()), timeout_error);
        EXPECT_FALSE(t.has_ended());
        EXPECT_EQ(co_await t, 5);
    });
}

// test_wait_for_race_condition, test_wait_for_blocking
TEST(asyncio_timeouts, gives_what_completes_in_time) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        auto wait = [](event& done) -> task<std::string> {
            co_await done.wait();
            co_return "ok";
        };
        const auto setter = after(100ms, [&] { e.set(); });
        EXPECT_EQ(co_await with_timeout(200ms, wait(e)), "ok");
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_timeouts,
     // test_wait_for_cancellation_race_condition, test_wait_for_cancel_suppressed
     gives_the_value_of_work_that_swallowed_the_request) {
    simulated sim;
    sim.run([]() -> task<> {
        auto inner = []() -> task<int> {
            try {
                co_await sleep(1s);
            } catch (const cancelled&) {
                co_return 42;
            }
            co_return 0;
        };
        EXPECT_EQ(co_await with_timeout(10ms, inner()), 42);
        co_await turn();
    });
}

// test_wait_for_waits_for_task_cancellation, _w_timeout_0
TEST(asyncio_timeouts, waits_for_the_work_to_clean_up) {
    simulated sim;
    sim.run([]() -> task<> {
        for (const duration time : {duration(1ms), duration(0)}) {
            bool cleaned = false;
            auto inner = [&]() -> task<> {
                try {
                    co_await sleep(10s);
                } catch (const cancelled&) {
                }
                co_await sleep(1ms);
                cleaned = true;
                throw cancelled{};
            };
            EXPECT_THROW(co_await with_timeout(time, inner()), timeout_error);
            EXPECT_TRUE(cleaned);
        }
    });
}

// test_wait_for_reraises_exception_during_cancellation
TEST(asyncio_timeouts, rethrows_an_error_of_cleaning_up) {
    simulated sim;
    sim.run([]() -> task<> {
        auto inner = []() -> task<> {
            try {
                co_await sleep(200ms);
            } catch (const cancelled&) {
                throw std::domain_error("foo");
            }
        };
        EXPECT_THROW(co_await with_timeout(1ms, inner()), std::domain_error);
    });
}

// test_wait_for_self_cancellation
TEST(asyncio_timeouts, can_itself_be_cancelled_while_the_work_resists) {
    simulated sim;
    sim.run([]() -> task<> {
        bool ended = false;
        auto inner = spawn(resist(300ms, ended));
        const auto wait = [&]() -> task<> { co_await inner; };
        auto t = spawn(with_timeout(100ms, wait()));
        co_await turn();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_FALSE(ended);
        co_await inner;
        EXPECT_TRUE(ended);
    });
}

// test_cancel_wait_for, test_cancel_blocking_wait_for
TEST(asyncio_timeouts, passes_a_request_on_to_the_work) {
    simulated sim;
    sim.run([]() -> task<> {
        event never;
        bool seen = false;
        auto work = [&]() -> task<> {
            try {
                co_await never.wait();
            } catch (const cancelled&) {
                seen = true;
                throw;
            }
        };
        auto t = spawn(with_timeout(60s, work()));
        co_await turn();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_TRUE(seen);
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_timeouts,
     // test_wait_for_issue86296
     a_request_that_meets_the_completion_of_the_work_comes_after_its_value) {
    simulated sim;
    sim.run([]() -> task<> {
        event done;
        std::string log;
        auto t = spawn([&]() -> task<> {
            auto inner = [](event& e) -> task<std::string> {
                co_await e.wait();
                co_return "done";
            };
            log += co_await with_timeout(100s, inner(done));
            co_await sleep(1s);
            log += " reached the end";
        });
        co_await turn();
        done.set();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_EQ(log, "done");
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}
