// The table "The races" of docs/cancellation.md, row by row, in both forms of waiting: what the
// task sees is the same, be it thrown or told. (A tick that is due: periodic/cancel.cpp.)

#include <stdexcept>
#include <string>
#include <thread>

#include <support/form.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::form;
using support::simulated;

namespace {

class race : public testing::TestWithParam<form> {
protected:
    bool is_told() const { return GetParam() == form::told; }

    /// Awaits `what` in the form under test, writes down what it sees, and ends by it.
    template <class W>
    task<> watch(W what) {
        try {
            if (is_told()) {
                const auto given = co_await unless_cancelled(static_cast<W&&>(what));
                log += given ? "value " : "cancelled ";
            } else {
                static_cast<void>(co_await static_cast<W&&>(what));
                log += "value ";
            }
        } catch (const cancelled&) {
            log += "cancelled ";
            throw;
        } catch (const std::exception& e) {
            log += e.what() + std::string(" ");
            throw;
        }
    }
    /// The same, and goes on.
    template <class W>
    task<> see(W what) {
        try {
            co_await watch<W>(static_cast<W&&>(what));
        } catch (const cancelled&) {
        } catch (const std::exception&) {
        }
    }
    /// And what comes at the next suspension: "cancelled ", or "value " if nothing does.
    template <class W>
    task<> see_and_rest(W what) {
        co_await see<W>(static_cast<W&&>(what));
        co_await watch(sleep(1h));
    }
    /// Fails when it is asked to cancel.
    task<> clean_up_badly() {
        if (is_told()) {
            const auto slept = co_await unless_cancelled(sleep(1h));
            EXPECT_FALSE(slept);
        } else {
            EXPECT_THROW(co_await sleep(1h), cancelled);
        }
        throw std::runtime_error("not closed");
    }

    /// What a task sees that waits for `what` while `happens()`, which it is given.
    template <class W, class F>
    std::string seen(W&& what, F happens) {
        log.clear();
        const auto waits = spawn(see_and_rest<W>(std::forward<W>(what)));
        sim->settle();
        happens(waits);
        sim->advance(3h);
        EXPECT_TRUE(waits.has_ended());
        return log;
    }

    std::string log;
    simulated sim;
};

std::string name_of(const testing::TestParamInfo<form>& is) {
    return is.param == form::told ? "told" : "thrown";
}
INSTANTIATE_TEST_SUITE_P(both, race, testing::Values(form::thrown, form::told), name_of);

task<int> give_after(event& e) {
    co_await e.wait();
    co_return 1;
}
task<> fail_after(event& e) {
    co_await e.wait();
    throw std::runtime_error("child");
}

} // namespace

TEST_P(race, value_then_cancel) {
    event e;
    EXPECT_EQ(seen(e.wait(),
                   [&](auto& waits) {
                       e.set();
                       waits.cancel();
                   }),
              "value cancelled ");
    mutex m;
    auto held = m.try_lock();
    EXPECT_EQ(seen(m.lock(),
                   [&](auto& waits) {
                       held.release();
                       waits.cancel();
                   }),
              "value cancelled ");
    event result;
    EXPECT_EQ(seen(give_after(result),
                   [&](auto& waits) {
                       result.set();
                       waits.cancel();
                   }),
              "value cancelled ");
    channel<int> numbers(1);
    EXPECT_EQ(seen(numbers.receive(),
                   [&](auto& waits) {
                       EXPECT_TRUE(numbers.try_send(1));
                       waits.cancel();
                   }),
              "value cancelled ");
    EXPECT_FALSE(numbers.try_receive());
}

TEST_P(race, cancel_then_value) {
    event e;
    EXPECT_EQ(seen(e.wait(),
                   [&](auto& waits) {
                       waits.cancel();
                       e.set();
                   }),
              "cancelled value ");
    EXPECT_TRUE(e.is_set());
    mutex m;
    auto held = m.try_lock();
    EXPECT_EQ(seen(m.lock(),
                   [&](auto& waits) {
                       waits.cancel();
                       held.release();
                       EXPECT_FALSE(m.is_locked());
                   }),
              "cancelled value ");
    channel<int> numbers(1);
    EXPECT_EQ(seen(numbers.receive(),
                   [&](auto& waits) {
                       waits.cancel();
                       EXPECT_TRUE(numbers.try_send(1));
                   }),
              "cancelled value ");
    EXPECT_EQ(numbers.try_receive(), 1);
}

TEST_P(race, cancel_then_cancel) {
    EXPECT_EQ(seen(sleep(1h),
                   [](auto& waits) {
                       waits.cancel();
                       waits.cancel();
                   }),
              "cancelled value ");
}

TEST_P(race, timeout_then_cancel_before_the_work_sees_either) {
    EXPECT_EQ(seen(with_timeout(1s, watch(sleep(1h))),
                   [&](auto& waits) {
                       const auto later = after(1s, [&] { waits.cancel(); });
                       sim->advance(1s);
                   }),
              "cancelled cancelled value ");
}

TEST_P(race, cancel_then_timeout_before_the_work_sees_either) {
    join_handle<> waits;
    const auto earlier = after(1s, [&] { waits.cancel(); });
    waits = spawn(see_and_rest(with_timeout(1s, watch(sleep(1h)))));
    sim->advance(3h);
    EXPECT_EQ(log, "cancelled cancelled value ");
}

TEST_P(race, cancel_seen_by_the_work_then_timeout) {
    EXPECT_EQ(seen(with_timeout(10s, see_and_rest(sleep(1h))),
                   [&](auto& waits) {
                       sim->advance(1s);
                       waits.cancel();
                   }),
              "cancelled cancelled " + std::string(timeout_error().what()) + " value ");
}

TEST_P(race, timeout_seen_by_the_work_then_cancel) {
    EXPECT_EQ(seen(with_timeout(1s, see_and_rest(sleep(1h))),
                   [&](auto& waits) {
                       sim->advance(2s);
                       waits.cancel();
                   }),
              "cancelled cancelled cancelled value ");
}

TEST_P(race, value_then_timeout) {
    event e;
    channel<int> numbers(1);
    const auto earlier = after(2s, [&] { e.set(); });
    EXPECT_EQ(seen(with_timeout(2s, watch(e.wait())), [](auto&) {}), "value value value ");
    const auto next = after(2s, [&] { EXPECT_TRUE(numbers.try_send(1)); });
    EXPECT_EQ(seen(with_timeout(2s, numbers.receive()), [](auto&) {}), "value value ");
    EXPECT_FALSE(numbers.try_receive());
}

TEST_P(race, error_of_the_work_while_it_is_cancelled_for_the_timeout) {
    EXPECT_EQ(seen(with_timeout(1s, clean_up_badly()), [](auto&) {}), "not closed value ");
}

TEST_P(race, error_of_a_child_then_cancel_of_the_parent) {
    event e;
    const auto body = [&](scope& s) {
        s.spawn(fail_after(e));
        return watch(sleep(1h));
    };
    EXPECT_EQ(
        seen(with_scope(body),
             [&](auto& waits) {
                 const auto next = spawn(
                     [](event& set, const join_handle<>& w) -> task<> {
                         co_await set.wait(); // the child has failed, and the body not yet seen
                         w.cancel();
                     },
                     std::ref(e), std::cref(waits));
                 sim->settle();
                 e.set();
                 sim->settle();
             }),
        "cancelled child cancelled ");
}

TEST_P(race, cancel_of_the_parent_then_error_of_a_child_that_is_cancelled_for_it) {
    const auto body = [&](scope& s) {
        s.spawn(clean_up_badly());
        return watch(sleep(1h));
    };
    EXPECT_EQ(seen(with_scope(body), [&](auto& waits) { waits.cancel(); }),
              "cancelled not closed cancelled ");
}

TEST_P(race, winner_of_when_any_then_cancel) {
    event e;
    EXPECT_EQ(seen(when_any(e.wait(), see_and_rest(sleep(1h))),
                   [&](auto& waits) {
                       e.set();
                       sim->settle(); // it has a winner, and waits for the loser
                       waits.cancel();
                   }),
              "cancelled value value cancelled ")
        << "the loser goes on to clean up";
}

TEST_P(race, winner_of_when_any_then_what_a_bare_wait_beside_it_waits_for) {
    event e;
    channel<int> numbers(1);
    semaphore slots(0);
    promise<int> kept;
    future<int> result = kept.future();
    const auto all_happen = [&](auto&) {
        e.set();
        EXPECT_TRUE(numbers.try_send(1));
        slots.release();
        kept.set_value(2);
    };
    if (is_told()) {
        EXPECT_EQ(seen(when_any(e.wait(), unless_cancelled(numbers.receive()),
                                unless_cancelled(slots.acquire()), unless_cancelled(result)),
                       all_happen),
                  "value value ");
    } else {
        EXPECT_EQ(seen(when_any(e.wait(), numbers.receive(), slots.acquire(), result), all_happen),
                  "value value ");
    }
    EXPECT_EQ(numbers.try_receive(), 1);
    EXPECT_TRUE(slots.try_acquire());
    EXPECT_EQ(seen(result, [](auto&) {}), "value value ");
}

TEST_P(race, notification_then_cancel_while_the_task_waits_for_the_mutex) {
    mutex m;
    condition changed;
    const auto first = [&]() -> task<> {
        auto lock = co_await m.lock();
        co_await see(changed.wait(lock));
        EXPECT_TRUE(lock);
        co_await watch(sleep(1h));
    };
    const auto next = [&]() -> task<> {
        auto lock = co_await m.lock();
        co_await changed.wait(lock);
        log += "next ";
    };
    const auto waits = spawn(first);
    const auto other = spawn(next);
    sim->settle();
    auto held = m.try_lock();
    changed.notify_one();
    sim->settle();
    waits.cancel();
    held.release();
    sim->settle();
    EXPECT_EQ(log, "value cancelled next ");
    EXPECT_TRUE(other.has_ended());
}

TEST_P(race, cancel_then_notification) {
    mutex m;
    condition changed;
    const auto first = [&]() -> task<> {
        auto lock = co_await m.lock();
        co_await see(changed.wait(lock));
        EXPECT_TRUE(lock);
    };
    const auto next = [&]() -> task<> {
        auto lock = co_await m.lock();
        co_await changed.wait(lock);
        log += "next ";
    };
    const auto waits = spawn(first);
    const auto other = spawn(next);
    sim->settle();
    waits.cancel();
    changed.notify_one();
    sim->settle();
    EXPECT_EQ(log, "cancelled next ");
    EXPECT_TRUE(other.has_ended());
}

TEST_P(race, promise_kept_on_another_thread_then_cancel_before_the_value_comes_over) {
    promise<int> kept;
    future<int> result = kept.future();
    EXPECT_EQ(seen(result,
                   [&](auto& waits) {
                       std::thread([&] { kept.set_value(1); }).join();
                       waits.cancel();
                   }),
              "cancelled value ");
    EXPECT_EQ(seen(result, [](auto&) {}), "value value ");
}

TEST_P(race, cancel_of_a_request_for_many_permits_in_front) {
    semaphore slots(1);
    const auto behind = [&]() -> task<> {
        const auto one = co_await slots.acquire();
        log += "behind ";
    };
    EXPECT_EQ(seen(slots.acquire(2),
                   [&](auto& waits) {
                       const auto other = spawn(behind);
                       sim->settle();
                       EXPECT_FALSE(other.has_ended());
                       waits.cancel();
                       sim->settle();
                       EXPECT_TRUE(other.has_ended());
                   }),
              "behind cancelled value ");
}

TEST_P(race, cancel_then_first_step) {
    const auto waits = spawn(watch(sleep(1h)));
    waits.cancel();
    sim->settle();
    EXPECT_TRUE(waits.has_ended());
    EXPECT_EQ(log, "");
}

TEST_P(race, cancel_of_a_periodic_then_the_end_of_its_body) {
    const auto beat = every(1h, [&] { return watch(sleep(2h)); });
    sim->advance(1s);
    beat.cancel();
    sim->advance(3h);
    EXPECT_EQ(log, "cancelled ");
    EXPECT_EQ(beat.counters().failed, 0u);
}

TEST_P(race, cancel_by_a_tick_then_the_rest_of_the_body) {
    const auto beat = every(1h, {.retry = {.max = 3}}, [&](tick now) -> task<> {
        now.cancel();
        co_await watch(sleep(1min));
    });
    sim->advance(5h);
    EXPECT_EQ(log, "cancelled ");
    EXPECT_TRUE(beat.has_ended());
    EXPECT_EQ(beat.counters().failed, 0u);
}
