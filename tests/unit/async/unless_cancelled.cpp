#include <cicada/async/unless_cancelled.hpp>

#include <dlfcn.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

#include <support/counted.hpp>
#include <support/ending.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::counted;
using support::ending;
using support::simulated;

namespace {
thread_local int thrown = 0; // `cancelled`, anywhere in the program
}

/// In place of the C++ library's __cxa_throw: counts, and goes on to it.
extern "C" [[noreturn]] void count_and_throw(void* object, void* type,
                                             void (*destructor)(void*)) asm("__cxa_throw");
void count_and_throw(void* object, void* type, void (*destructor)(void*)) {
    using function = void (*)(void*, void*, void (*)(void*));
    static const auto next = reinterpret_cast<function>(dlsym(RTLD_NEXT, "__cxa_throw"));
    if (*static_cast<std::type_info*>(type) == typeid(cancelled)) ++thrown;
    next(object, type, destructor);
    __builtin_unreachable();
}

namespace {

task<> rest() { static_cast<void>(co_await unless_cancelled(sleep(1h))); }
task<int> give_after(duration time, int n) {
    co_await sleep(time);
    co_return n;
}

/// "told" or "value".
template <class W>
task<std::string> answer(W wait) {
    const auto given = co_await unless_cancelled(std::move(wait));
    EXPECT_FALSE(given) << "what it gave cannot be seen";
    co_return given ? "value" : "told";
}
/// Cancels, after 1 s, what waits so; gives how it ended.
template <class W>
task<std::string> cancelled_while(W wait) {
    const int before = thrown;
    const auto waits = spawn(answer(std::move(wait)));
    co_await sleep(1s);
    co_await waits.cancel();
    EXPECT_EQ(thrown, before);
    co_return co_await ending(waits);
}

/// Of another library: cannot be cancelled, and ends by `cancelled` of its own.
struct throwing_wait {
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    int await_resume() const { throw cancelled{}; }
};
struct transferring_wait {
    bool is_ready = false;
    bool await_ready() const noexcept { return is_ready; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> frame) const noexcept {
        return frame;
    }
    int await_resume() const noexcept { return 7; }
};

} // namespace

TEST(unless_cancelled, gives_what_a_plain_await_would_give) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        e.set();
        channel<std::unique_ptr<int>> values(1);
        int n = 0;
        const auto refer = [&n]() -> task<int&> { co_return n; };
        auto handle = spawn(give_after(1s, 5));
        promise<int> kept;
        kept.set_value(8);
        EXPECT_TRUE(co_await unless_cancelled(e.wait()));
        EXPECT_TRUE(co_await unless_cancelled(sleep(1s)));
        EXPECT_EQ(co_await unless_cancelled(give_after(1s, 4)), 4);
        EXPECT_EQ(co_await unless_cancelled(refer()), &n);
        EXPECT_EQ(co_await unless_cancelled(handle), &co_await handle);
        EXPECT_EQ(co_await unless_cancelled(std::move(handle)), 5);
        EXPECT_EQ(co_await unless_cancelled(kept.future()), 8);
        EXPECT_TRUE(co_await unless_cancelled(values.send(std::make_unique<int>(6))));
        auto value = co_await unless_cancelled(values.receive());
        EXPECT_EQ(***value, 6);
        values.close();
        value = co_await unless_cancelled(values.receive());
        EXPECT_TRUE(value && !*value) << "closed, and not cancelled";
        EXPECT_EQ(co_await unless_cancelled(transferring_wait{}), 7);
        EXPECT_EQ(co_await unless_cancelled(transferring_wait{true}), 7);
        EXPECT_EQ(**co_await unless_cancelled(unless_cancelled(give_after(1s, 9))), 9);
    });
}

TEST(unless_cancelled, tells_without_a_throw_whatever_the_task_waits_for) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        channel<int> numbers(1);
        channel<int> full(0);
        semaphore slots(0);
        mutex m;
        mutex free;
        gate g;
        condition changed;
        promise<int> unkept;
        ticker ticks(1h, {.first = first::after_period});
        const auto inside = g.enter();
        const auto lock = m.try_lock();
        auto held = free.try_lock();
        const auto endless = spawn(give_after(24h, 0));
        const auto cleaning = spawn([]() -> task<> { co_await shield(sleep(24h)); });
        co_await yield(); // cleaning has begun
        const auto scoped = [](scope& s) -> task<> {
            s.spawn(rest());
            static_cast<void>(co_await unless_cancelled(rest()));
        };
        const auto joins = [](scope& s) -> task<> {
            s.spawn(rest());
            co_return;
        };
        const auto section = [](timeout&) -> task<> {
            static_cast<void>(co_await unless_cancelled(rest()));
        };
        std::vector<task<>> some;
        some.push_back(rest());
        std::vector<task<>> others;
        others.push_back(rest());
        std::vector<std::string> how;
        how.push_back(co_await cancelled_while(e.wait()));
        how.push_back(co_await cancelled_while(numbers.receive()));
        how.push_back(co_await cancelled_while(full.send(1)));
        how.push_back(co_await cancelled_while(slots.acquire()));
        how.push_back(co_await cancelled_while(m.lock()));
        how.push_back(co_await cancelled_while(g.close()));
        how.push_back(co_await cancelled_while(unkept.future()));
        how.push_back(co_await cancelled_while(ticks.next()));
        how.push_back(co_await cancelled_while(sleep(1h)));
        how.push_back(co_await cancelled_while(sleep_until(wall_now() + 1h)));
        how.push_back(co_await cancelled_while(cleaning.cancel()));
        how.push_back(co_await cancelled_while(every(1h, [] {})));
        how.push_back(co_await cancelled_while(rest()));
        how.push_back(co_await cancelled_while(unless_cancelled(sleep(1h))));
        how.push_back(co_await cancelled_while(unless_cancelled(rest())));
        how.push_back(co_await cancelled_while(changed.wait(held)));
        how.push_back(co_await cancelled_while(changed.wait(held, [] { return false; })));
        how.push_back(co_await cancelled_while(with_timeout(2h, e.wait())));
        how.push_back(co_await cancelled_while(with_timeout(2h, unless_cancelled(e.wait()))));
        how.push_back(co_await cancelled_while(with_timeout(2h, section)));
        how.push_back(
            co_await cancelled_while(with_deadline(now() + 2h, unless_cancelled(sleep(1h)))));
        how.push_back(co_await cancelled_while(with_scope(scoped)));
        how.push_back(co_await cancelled_while(with_scope(joins)));
        how.push_back(
            co_await cancelled_while(when_any(e.wait(), unless_cancelled(sleep(1h)), rest())));
        how.push_back(
            co_await cancelled_while(when_all(e.wait(), unless_cancelled(sleep(1h)), rest())));
        how.push_back(co_await cancelled_while(when_any(std::move(some))));
        how.push_back(co_await cancelled_while(when_all(std::move(others))));
        how.push_back(co_await cancelled_while(spawn(rest())));
        EXPECT_EQ(how, std::vector<std::string>(how.size(), "cancelled"));
        EXPECT_TRUE(held) << "a condition gives the lock back";
        endless.cancel();
        cleaning.cancel();
    });
}

TEST(unless_cancelled, tells_of_a_request_that_was_pending_when_the_wait_began) {
    simulated sim;
    sim.run([]() -> task<> {
        std::vector<std::string> seen;
        const auto body = [&]() -> task<int> {
            event ready;
            ready.set();
            co_await shield(sleep(2s));
            if (co_await unless_cancelled(ready.wait())) seen.push_back("it does not suspend");
            if (!co_await unless_cancelled(yield())) seen.push_back("told");
            co_return 1;
        };
        const auto told = spawn(body);
        const auto before = spawn([]() -> task<> {
            co_await shield(sleep(2s));
            const auto ran = co_await unless_cancelled(blocking([] { ADD_FAILURE(); })());
            EXPECT_FALSE(ran);
        });
        co_await sleep(1s);
        const int count = thrown;
        told.cancel();
        before.cancel();
        EXPECT_EQ(co_await ending(told), "cancelled");
        EXPECT_EQ(co_await ending(before), "cancelled");
        EXPECT_EQ(thrown, count);
        EXPECT_EQ(seen, (std::vector<std::string>{"it does not suspend", "told"}));
    });
}

TEST(unless_cancelled, lets_completion_win_and_tells_at_the_next_suspension) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        int values = 0;
        int told = 0;
        const auto waits = spawn([&]() -> task<> {
            const auto first = co_await unless_cancelled(e.wait());
            (first ? values : told) += 1;
            const auto second = co_await unless_cancelled(sleep(1h));
            (second ? values : told) += 10;
            const auto third = co_await unless_cancelled(sleep(1s));
            (third ? values : told) += 100;
        });
        co_await sleep(1s);
        e.set();
        waits.cancel();
        co_await sleep(0s);
        EXPECT_EQ(values, 1);
        EXPECT_EQ(told, 10);
        EXPECT_EQ(co_await ending(waits), "cancelled");
        EXPECT_EQ(values, 101) << "what it has been told of is over";
    });
}

TEST(unless_cancelled, leaves_a_body_that_has_not_begun_alone) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto waits = spawn(answer(sleep(1h)));
        co_await waits.cancel();
        EXPECT_EQ(co_await ending(waits), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(unless_cancelled, tells_of_each_request_once) {
    simulated sim;
    sim.run([]() -> task<> {
        std::vector<bool> slept;
        const auto waits = spawn([&]() -> task<> {
            for (int i = 0; i < 4; ++i)
                slept.push_back((co_await unless_cancelled(sleep(10s))).has_value());
        });
        co_await sleep(1s);
        waits.cancel();
        waits.cancel();
        co_await sleep(1s);
        waits.cancel();
        EXPECT_EQ(co_await ending(waits), "cancelled");
        EXPECT_EQ(slept, (std::vector<bool>{false, false, true, true}));
    });
}

TEST(unless_cancelled, ends_a_task_as_cancelled_whatever_it_returns) {
    simulated sim;
    int alive = 0;
    sim.run([&]() -> task<> {
        std::vector<std::string> seen;
        const auto told = [&]() -> task<counted> {
            const auto slept = co_await unless_cancelled(sleep(1h));
            seen.push_back(slept ? "slept" : "told");
            co_return counted(alive);
        };
        const auto plain = [&]() -> task<counted> {
            try {
                co_return co_await told();
            } catch (const cancelled&) {
                seen.push_back("thrown");
                throw;
            }
        };
        const auto program = spawn([&]() -> task<int> {
            const auto given = co_await unless_cancelled(plain());
            seen.push_back(given ? "given" : "told of it");
            co_return 1;
        });
        co_await sleep(1s);
        co_await program.cancel();
        EXPECT_EQ(seen, (std::vector<std::string>{"told", "thrown", "told of it"}));
        EXPECT_EQ(co_await ending(program), "cancelled");
        EXPECT_THROW(co_await unless_cancelled(program), task_cancelled);
    });
    EXPECT_EQ(alive, 0);
}

TEST(unless_cancelled, ends_a_task_without_the_value_that_it_promises) {
    simulated sim;
    sim.run([]() -> task<> {
        std::string outcome;
        const auto told = spawn(
            [](std::string& how) -> task<int> {
                const auto slept = co_await unless_cancelled(sleep(1h));
                if (slept) co_return 1;
                how = "told";
                co_await yield();
                co_return 2;
            },
            std::ref(outcome));
        co_await sleep(1s);
        told.cancel();
        EXPECT_EQ(co_await ending(told), "cancelled");
        EXPECT_EQ(outcome, "told");
    });
}

TEST(unless_cancelled, does_not_hide_the_error_of_a_task_that_was_told) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto fails = [](auto what) -> task<int> {
            const auto slept = co_await unless_cancelled(std::move(what));
            if (!slept) throw std::runtime_error("not closed in order");
            co_return 1;
        };
        const auto told = spawn(fails(sleep(1h)));
        const auto outer = spawn(fails(fails(sleep(1h))));
        co_await sleep(1s);
        EXPECT_THROW(co_await told.cancel(), std::runtime_error);
        EXPECT_EQ(co_await ending(told), "not closed in order");
        outer.cancel();
        EXPECT_EQ(co_await ending(outer), "not closed in order");
    });
}

TEST(unless_cancelled, leaves_it_to_the_awaiting_task_to_go_on_as_if_nothing_had_been) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto goes_on = spawn([]() -> task<int> {
            try {
                static_cast<void>(co_await answer(sleep(1h)));
            } catch (const cancelled&) {
            }
            co_return 3;
        });
        co_await sleep(1s);
        goes_on.cancel();
        EXPECT_EQ(co_await goes_on, 3);
    });
}

TEST(unless_cancelled, tells_of_a_cancelled_that_nobody_asked_for) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto throws = []() -> task<> {
            co_await yield();
            throw cancelled{};
        };
        EXPECT_EQ(co_await ending(spawn(answer(throws()))), "cancelled");
        EXPECT_EQ(co_await ending(spawn(answer(throwing_wait{}))), "cancelled");
    });
}

TEST(unless_cancelled, puts_nothing_between_a_timeout_and_its_error) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto body = [](duration cleaning) -> task<int> {
            const auto slept = co_await unless_cancelled(sleep(1h));
            if (!slept) co_await sleep(cleaning);
            co_return 1;
        };
        const int before = thrown;
        EXPECT_THROW(co_await with_timeout(1s, body(0s)), timeout_error);
        EXPECT_THROW(co_await with_timeout(1s, unless_cancelled(body(5s))), timeout_error);
        EXPECT_THROW(co_await with_timeout(1s, unless_cancelled(sleep(1h))), timeout_error);
        EXPECT_THROW(co_await unless_cancelled(with_timeout(1s, sleep(1h))), timeout_error);
        EXPECT_THROW(co_await unless_cancelled(with_timeout(
                         1s, [&](timeout&) -> task<int> { co_return co_await body(0s); })),
                     timeout_error);
        EXPECT_EQ(thrown, before + 1) << "the last one's body awaits plainly";

        // From outside as well: passes.
        const auto limited = spawn([&]() -> task<int> {
            const auto given = co_await unless_cancelled(with_timeout(2s, body(5s)));
            EXPECT_FALSE(given);
            co_return 1;
        });
        co_await sleep(1s);
        limited.cancel();
        EXPECT_EQ(co_await ending(limited), timeout_error().what())
            << "what it was told of first is over";
        const auto inner = spawn([&]() -> task<int> {
            const auto given = co_await unless_cancelled(with_timeout(2s, body(100ms)));
            EXPECT_FALSE(given);
            co_return 1;
        });
        co_await sleep(1500ms);
        inner.cancel();
        EXPECT_EQ(co_await ending(inner), "cancelled");
    });
}

TEST(unless_cancelled, is_no_end_of_its_own_to_a_scope_or_to_those_who_race) {
    simulated sim;
    sim.run([&]() -> task<> {
        const auto told = []() -> task<int> {
            const auto slept = co_await unless_cancelled(sleep(1h));
            co_return slept ? 1 : 2;
        };
        const auto fails = []() -> task<> {
            co_await sleep(1s);
            throw std::runtime_error("no");
        };
        const auto before = thrown;
        // The body is told because a child has failed.
        EXPECT_THROW(co_await with_scope([&](scope& s) -> task<int> {
                         s.spawn(fails());
                         s.spawn(told());
                         const auto given = co_await unless_cancelled(told());
                         EXPECT_FALSE(given);
                         co_return 3;
                     }),
                     std::runtime_error);
        const auto first = co_await when_any(told(), give_after(1s, 5), unless_cancelled(told()));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_THROW(co_await when_all(told(), fails()), std::runtime_error);
        EXPECT_EQ(thrown, before);
        EXPECT_TRUE(sim.errors.empty()) << "that a task was told is no error";
    });
}

TEST(unless_cancelled, counts_the_run_of_a_periodic_that_was_told_as_cancelled) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto throws = []() -> task<> {
            co_await yield();
            throw cancelled{};
        };
        auto wrong = every(1h, [&]() -> task<> {
            const auto given = co_await unless_cancelled(throws());
            EXPECT_FALSE(given);
        });
        std::vector<bool> slept;
        auto right = every(1h, [&]() -> task<> {
            slept.push_back((co_await unless_cancelled(sleep(1min))).has_value());
        });
        co_await sleep(1s);
        EXPECT_EQ(wrong.counters().failed, 1u) << "nobody had asked";
        co_await right.cancel();
        EXPECT_EQ(slept, std::vector<bool>{false});
        EXPECT_EQ(right.counters().failed, 0u);
    });
}

TEST(unless_cancelled, loses_no_request_when_the_move_of_the_value_throws) {
    struct fragile {
        explicit fragile(int& count) : moves(count) {}
        fragile(fragile&& other) : moves(other.moves) {
            if (++moves == 2) throw std::runtime_error("broken"); // out of the task's outcome
        }
        int& moves;
    };
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        int moves = 0;
        std::vector<std::string> seen;
        const auto make = [&]() -> task<fragile> {
            co_await e.wait();
            co_return fragile(moves);
        };
        const auto waits = spawn([&]() -> task<> {
            try {
                const auto given = co_await unless_cancelled(make());
                seen.push_back(given ? "value" : "told");
            } catch (const std::runtime_error& error) {
                seen.push_back(error.what());
            }
            seen.push_back(co_await unless_cancelled(sleep(1s)) ? "slept" : "told");
        });
        co_await sleep(1s);
        e.set();
        waits.cancel();
        EXPECT_EQ(co_await ending(waits), "cancelled");
        EXPECT_EQ(seen, (std::vector<std::string>{"broken", "told"}));
    });
}

TEST(unless_cancelled, tells_a_chain_of_any_length_in_bounded_stack) {
    struct chain {
        static task<int> of(int length) {
            if (length == 0) {
                const auto slept = co_await unless_cancelled(sleep(1h));
                co_return slept ? 0 : -1;
            }
            const auto below = co_await unless_cancelled(of(length - 1));
            co_return below ? *below + 1 : -1;
        }
    };
    const auto top = [](int& answer) -> task<> {
        const auto given = co_await unless_cancelled(chain::of(100'000));
        answer = given.value_or(-1);
    };
    int told = 0;
    int given = 0;
    int left = 0;
    simulated sim;
    const auto first = spawn(top, std::ref(told));
    const auto second = spawn(top, std::ref(given));
    sim->advance(1s);
    first.cancel();
    sim->advance(2h);
    EXPECT_EQ(told, -1);
    EXPECT_EQ(given, 100'000);
    spawn(top, std::ref(left)).detach(); // the loop goes meanwhile
    sim->advance(1s);
    EXPECT_EQ(left, 0);
}

TEST(unless_cancelled, awaits_an_lvalue_where_it_stands) {
    simulated sim;
    sim.run([]() -> task<> {
        semaphore slots(0);
        auto permit = slots.acquire();
        const auto first = co_await when_any(unless_cancelled(permit), sleep(1s));
        EXPECT_EQ(first.index(), 1u);
        slots.release();
        EXPECT_TRUE(co_await unless_cancelled(permit));
    });
}

TEST(unless_cancelled, leaves_nothing_when_the_loop_goes_meanwhile) {
    int alive = 0;
    {
        simulated sim;
        auto held = [](counted) -> task<> {
            auto lvalue = sleep(1h);
            static_cast<void>(co_await unless_cancelled(lvalue));
        };
        auto waits = spawn(sim->get(), held(counted(alive)));
        sim->advance(1s);
        EXPECT_EQ(alive, 1);
        waits.detach();
    }
    EXPECT_EQ(alive, 0);
}
