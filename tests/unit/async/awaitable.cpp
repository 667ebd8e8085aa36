#include <cicada/async/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

#include <support/ending.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::counted;
using support::ending;
using support::simulated;

namespace {

task<int> give_after(duration time, int n) {
    co_await sleep(time);
    co_return n;
}
task<std::unique_ptr<int>> make(int n) {
    co_await yield();
    co_return std::make_unique<int>(n);
}

/// What with_timeout(time, wait) does: "value" or "timeout".
template <class W>
task<std::string> within(duration time, W wait) {
    try {
        static_cast<void>(co_await with_timeout(time, std::move(wait)));
        co_return "value";
    } catch (const timeout_error&) {
        co_return "timeout";
    }
}

} // namespace

static_assert(detail::awaitable<task<int>> && !detail::awaitable<task<int>&>);
static_assert(detail::awaitable<join_handle<int>> && detail::awaitable<join_handle<int>&>);
static_assert(detail::awaitable<const join_handle<int>&> && detail::awaitable<periodic&>);
static_assert(detail::awaitable<event::awaiter> && !detail::awaitable<event&>);
static_assert(std::is_same_v<detail::await_value<join_handle<int>>, int>);
static_assert(std::is_same_v<detail::await_value<join_handle<int>&>, int&>);

TEST(awaitable, of_every_kind_can_be_given_a_time) {
    simulated sim;
    sim.run([]() -> task<> {
        const elapsed_time begun_at = now();
        event e;
        channel<int> numbers(1);
        channel<int> full(0);
        semaphore slots(0);
        mutex m;
        gate g;
        const auto inside = g.enter();
        const auto lock = m.try_lock();
        const auto endless = spawn(give_after(1h, 0));
        auto never = every(1h, [] {});
        EXPECT_EQ(co_await within(1s, e.wait()), "timeout");
        EXPECT_EQ(co_await within(1s, numbers.receive()), "timeout");
        EXPECT_EQ(co_await within(1s, full.send(1)), "timeout");
        EXPECT_EQ(co_await within(1s, slots.acquire()), "timeout");
        EXPECT_EQ(co_await within(1s, m.lock()), "timeout");
        EXPECT_EQ(co_await within(1s, g.close()), "timeout");
        EXPECT_EQ(co_await within(1s, sleep(2s)), "timeout");
        EXPECT_EQ(co_await within(1s, sleep_until(wall_now() + 2s)), "timeout");
        EXPECT_THROW(co_await with_timeout(1s, endless), timeout_error);
        EXPECT_THROW(co_await with_timeout(1s, never), timeout_error);
        EXPECT_EQ(now() - begun_at, 10s);

        e.set();
        EXPECT_EQ(co_await within(1s, e.wait()), "value");
        EXPECT_EQ(co_await within(1s, numbers.send(7)), "value");
        EXPECT_EQ(co_await with_timeout(1s, numbers.receive()), 7);
        EXPECT_EQ(co_await within(2s, sleep(1s)), "value");
        EXPECT_EQ(co_await within(1s, yield()), "value");
        EXPECT_EQ(co_await with_timeout(1s, spawn(give_after(1ms, 5))), 5);
        EXPECT_EQ(co_await within(1s, endless.cancel()), "value");
        EXPECT_EQ(co_await within(1s, never.cancel()), "value");
        EXPECT_EQ(co_await within(1s, after(1ms, [] {})), "value");
    });
}

TEST(awaitable, that_is_an_rvalue_is_moved_in_and_one_that_is_kept_waits_until_it_is_awaited) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        auto limited = with_timeout(2s, e.wait());
        auto any = when_any(e.wait(), sleep(1h));
        auto all = when_all(e.wait(), sleep(1s));
        auto kept = shield(e.wait());
        co_await sleep(1h);
        e.set();
        co_await std::move(limited);
        EXPECT_EQ((co_await std::move(any)).index(), 0u);
        co_await std::move(all);
        co_await std::move(kept);
    });
}

TEST(awaitable, that_was_moved_in_and_is_never_awaited_is_just_destroyed) {
    simulated sim;
    int alive = 0;
    sim.run([&]() -> task<> {
        channel<counted> values(1);
        {
            const auto unused = with_timeout(2s, values.send(counted(alive)));
            EXPECT_EQ(alive, 1);
        }
        EXPECT_EQ(alive, 0);
        EXPECT_EQ(values.size(), 0u);
        co_await yield();
    });
}

TEST(awaitable, that_is_an_lvalue_is_awaited_where_it_stands_and_can_be_awaited_again) {
    simulated sim;
    sim.run([]() -> task<> {
        auto handle = spawn(give_after(10s, 5));
        EXPECT_THROW(co_await with_timeout(1s, handle), timeout_error);
        EXPECT_EQ((co_await when_any(handle, sleep(1s))).index(), 1u);
        int& value = co_await with_timeout(1h, handle);
        EXPECT_EQ(&value, &co_await handle);
        auto [same, nothing] = co_await when_all(handle, sleep(1s));
        EXPECT_EQ(&same, &value);
        const auto first = co_await when_any(sleep(1h), handle);
        EXPECT_EQ(std::get<1>(first), &value);
    });
}

TEST(awaitable, handle_that_is_moved_in_is_dropped_with_the_wait_which_cancels_its_task) {
    simulated sim;
    sim.run([]() -> task<> {
        int alive = 0;
        auto held = [](counted) -> task<> { co_await sleep(1h); };
        EXPECT_THROW(co_await with_timeout(1s, spawn(held(counted(alive)))), timeout_error);
        co_await yield();
        EXPECT_EQ(alive, 0);
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(awaitable, gives_values_that_can_only_be_moved) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<std::unique_ptr<int>> values(2);
        co_await with_timeout(1s, values.send(std::make_unique<int>(1)));
        EXPECT_EQ(**(co_await with_timeout(1s, values.receive())), 1);
        EXPECT_EQ(*co_await with_timeout(1s, spawn(make(2))), 2);
        co_await values.send(std::make_unique<int>(3));
        const auto first = co_await when_any(values.receive(), make(4));
        EXPECT_EQ(**std::get<0>(first), 3);
        const auto [a, b] = co_await when_all(spawn(make(5)), make(6));
        EXPECT_EQ(*a + *b, 11);
        EXPECT_EQ(*co_await shield(spawn(make(7))), 7);
    });
}

TEST(awaitable, passes_an_error_on_whoever_awaits_it) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> closed(1);
        closed.close();
        EXPECT_THROW(co_await with_timeout(1s, closed.send(1)), closed_error);
        EXPECT_THROW(co_await when_any(closed.send(1), sleep(1h)), closed_error);
        EXPECT_THROW(co_await when_all(closed.send(1), sleep(1h)), closed_error);
        EXPECT_THROW(co_await shield(closed.send(1)), closed_error);
    });
    EXPECT_TRUE(sim.errors.empty());
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(awaitable, in_a_shield_ends_before_a_request_is_delivered) {
    simulated sim;
    sim.run([]() -> task<> {
        std::string log;
        auto t = spawn([&]() -> task<> {
            co_await shield(sleep(2s));
            log += "slept";
            co_await yield();
            log += " not reached";
        });
        co_await sleep(1s);
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
        EXPECT_EQ(log, "slept");
    });
    EXPECT_EQ(sim.elapsed(), 2s);
}

TEST(awaitable, value_that_comes_in_the_turn_in_which_the_time_is_up_is_given) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(1);
        const auto sender = after(1s, [&] { values.try_send(7); });
        // The value was there first; then the timeout struck, before the task could take it.
        auto limited = spawn([&]() -> task<int> {
            co_return (co_await with_timeout(1s, values.receive())).value();
        });
        EXPECT_EQ(co_await limited, 7);
    });
}

// ---- when_any: what the losers had won

namespace {

/// Lets `first` and `second` happen in a moment, in this order, before anybody is resumed.
template <class F, class G>
[[nodiscard]] periodic happen_together(F first, G second) {
    return after(1ms, [first, second] {
        first();
        second();
    });
}

} // namespace

TEST(when_any, loses_no_value_of_a_channel_when_another_has_won_in_the_same_turn) {
    simulated sim;
    sim.run([]() -> task<> {
        for (const std::size_t capacity : {0u, 1u, 2u}) {
            channel<int> values(capacity);
            event e;
            const auto both = happen_together([&] { e.set(); }, [&] { values.try_send(1); });
            const auto first = co_await when_any(values.receive(), e.wait());
            EXPECT_EQ(first.index(), 1u);
            EXPECT_EQ(values.size(), 1u);
            EXPECT_EQ(values.try_receive(), 1);
        }
    });
}

TEST(when_any, puts_the_value_of_a_lost_receive_back_in_front_of_those_that_came_after_it) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<std::string> values(2);
        event e;
        const auto send = [](channel<std::string>& to) -> task<> { co_await to.send("d"); };
        const auto both = happen_together([&] { e.set(); },
                                          [&] {
                                              for (const char* each : {"a", "b", "c"})
                                                  EXPECT_TRUE(values.try_send(each));
                                          });
        auto lost = when_any(e.wait(), values.receive());
        EXPECT_EQ((co_await std::move(lost)).index(), 0u);
        EXPECT_EQ(values.size(), 3u) << "one more than its capacity, until the next is taken";
        const auto fourth = spawn(send, std::ref(values));
        std::string log;
        for (int i = 0; i < 4; ++i) log += (co_await values.receive()).value();
        EXPECT_EQ(log, "abcd");
    });
}

TEST(when_any, gives_the_value_of_a_lost_receive_to_whoever_waits_for_one) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(0);
        event e;
        const auto receive = [](channel<int>& from) -> task<int> {
            co_return (co_await from.receive()).value();
        };
        auto lost = spawn([&]() -> task<> { co_await when_any(e.wait(), values.receive()); });
        co_await yield();
        co_await yield();
        const auto other = spawn(receive, std::ref(values));
        co_await yield();
        co_await yield();
        e.set();
        EXPECT_TRUE(values.try_send(1));
        co_await lost;
        EXPECT_EQ(co_await other, 1);
    });
}

TEST(when_any, keeps_the_order_of_values_that_several_lost_receives_give_back) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(0);
        event e;
        const auto both = happen_together([&] { e.set(); },
                                          [&] {
                                              for (int i = 1; i <= 3; ++i)
                                                  EXPECT_TRUE(values.try_send(i));
                                          });
        co_await when_any(e.wait(), values.receive(), values.receive(), values.receive());
        EXPECT_EQ(values.size(), 3u);
        for (int i = 1; i <= 3; ++i) EXPECT_EQ(values.try_receive(), i);
    });
}

TEST(when_any, keeps_the_order_for_a_receiver_that_waits_behind_one_that_loses) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(2);
        event e;
        const auto lost = spawn([&]() -> task<> { co_await when_any(e.wait(), values.receive()); });
        co_await sleep(1ms);
        std::vector<int> got;
        const auto behind = spawn([&]() -> task<> {
            while (const auto n = co_await values.receive()) got.push_back(*n);
        });
        co_await sleep(1ms);
        e.set();
        for (int i = 1; i <= 3; ++i) EXPECT_TRUE(values.try_send(i));
        EXPECT_EQ(values.size(), 1u) << "two are as good as taken";
        co_await lost;
        values.close();
        co_await behind;
        EXPECT_EQ(got, (std::vector<int>{1, 2, 3}));
    });
}

TEST(when_any, leaves_no_value_behind_in_a_channel_that_is_closed_while_a_receive_loses) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(2);
        event e;
        const auto receive = [&]() -> task<std::optional<int>> {
            co_return co_await values.receive();
        };
        const auto lost = spawn([&]() -> task<> { co_await when_any(e.wait(), values.receive()); });
        co_await sleep(1ms);
        const auto behind = spawn(receive());
        co_await sleep(1ms);
        e.set();
        EXPECT_TRUE(values.try_send(42));
        values.close();
        EXPECT_EQ(values.try_receive(), std::nullopt) << "it is promised to the first";
        const auto late = spawn(receive());
        EXPECT_EQ(co_await behind, 42);
        EXPECT_EQ(co_await late, std::nullopt);
        EXPECT_EQ(values.size(), 0u);
    });
}

TEST(when_any, leaves_with_an_lvalue_what_it_was_given_until_it_is_awaited_again_or_goes) {
    simulated sim;
    sim.run([]() -> task<> {
        for (const bool is_awaited_again : {true, false}) {
            channel<int> values(2);
            semaphore slots(1);
            event e;
            auto held = slots.try_acquire();
            {
                auto value = values.receive();
                auto permit = slots.acquire();
                const auto all = happen_together([&] { e.set(); },
                                                 [&] {
                                                     EXPECT_TRUE(values.try_send(1));
                                                     held.release();
                                                 });
                EXPECT_EQ((co_await when_any(e.wait(), value, permit)).index(), 0u);
                EXPECT_TRUE(values.try_send(2));
                if (is_awaited_again) {
                    EXPECT_EQ(co_await value, 1);
                    EXPECT_TRUE(co_await permit);
                }
            }
            EXPECT_EQ(slots.available(), 1u);
            EXPECT_EQ(values.try_receive(), is_awaited_again ? 2 : 1);
        }
    });
}

TEST(when_any, leaves_a_permit_to_a_wait_that_lost_and_was_then_moved) {
    // Regression: both had it, and both gave it back.
    simulated sim;
    sim.run([]() -> task<> {
        for (const bool is_awaited_again : {true, false}) {
            semaphore slots(1);
            event e;
            auto held = slots.try_acquire();
            {
                auto lost = slots.acquire();
                const auto both = happen_together([&] { e.set(); }, [&] { held.release(); });
                EXPECT_EQ((co_await when_any(e.wait(), lost)).index(), 0u);
                auto moved = std::move(lost);
                EXPECT_EQ(slots.available(), 0u);
                if (is_awaited_again) {
                    EXPECT_TRUE(co_await std::move(moved));
                }
            }
            EXPECT_EQ(slots.available(), 1u);
        }
    });
}

TEST(when_any, leaves_a_wait_that_lost_to_whoever_awaits_it_next) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        auto wait = e.wait();
        EXPECT_EQ((co_await when_any(wait, sleep(1s))).index(), 1u);
        e.set();
        co_await wait;
        EXPECT_EQ((co_await when_any(wait, sleep(1s))).index(), 0u);
    });
}

TEST(when_any, gives_back_the_permit_of_a_lost_wait) {
    simulated sim;
    sim.run([]() -> task<> {
        semaphore slots(1);
        event e;
        auto held = slots.try_acquire();
        const auto both = happen_together([&] { e.set(); }, [&] { held.release(); });
        EXPECT_EQ((co_await when_any(slots.acquire(), e.wait())).index(), 1u);
        EXPECT_EQ(slots.available(), 1u);
    });
}

TEST(when_any, leaves_what_was_sent_with_the_receiver_although_the_send_lost) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(0);
        event e;
        std::optional<int> got;
        const auto both = happen_together([&] { e.set(); }, [&] { got = values.try_receive(); });
        EXPECT_EQ((co_await when_any(values.send(7), e.wait())).index(), 1u);
        EXPECT_EQ(got, 7);
    });
}

TEST(when_any, lets_a_task_that_lost_have_what_it_waited_for) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(1);
        event e;
        int got = 0;
        const auto receive = [&]() -> task<> { got = (co_await values.receive()).value(); };
        const auto both = happen_together([&] { e.set(); }, [&] { values.try_send(1); });
        EXPECT_EQ((co_await when_any(e.wait(), receive())).index(), 0u);
        EXPECT_EQ(got, 1) << "a task decides itself what becomes of it";
    });
}

TEST(when_any, in_a_loop_over_two_channels_gets_each_value_once) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> left(1);
        channel<int> right(1);
        const auto send = [](channel<int>& to, int from) -> task<> {
            for (int i = 0; i < 100; ++i) {
                co_await to.send(from + i);
                if (i % 3 == 0) co_await yield();
            }
        };
        const auto a = spawn(send, std::ref(left), 0);
        const auto b = spawn(send, std::ref(right), 100);
        int next_left = 0;
        int next_right = 100;
        while (next_left < 100 || next_right < 200) {
            const auto got = co_await when_any(left.receive(), right.receive());
            if (got.index() == 0) {
                EXPECT_EQ(std::get<0>(got), next_left++);
            } else {
                EXPECT_EQ(std::get<1>(got), next_right++);
            }
        }
    });
}

TEST(when_any, leaves_the_error_of_a_lost_handle_to_whoever_awaits_that_next) {
    simulated sim;
    sim.run([]() -> task<> {
        event e;
        const auto fail = []() -> task<> {
            co_await sleep(1s);
            throw std::runtime_error("out of paper");
        };
        const auto first = after(1s, [&] { e.set(); });
        auto failing = spawn(fail());
        EXPECT_EQ((co_await when_any(failing, e.wait())).index(), 1u);
        EXPECT_TRUE(failing.has_ended());
        EXPECT_THROW(co_await failing, std::runtime_error);
    });
    EXPECT_TRUE(sim.errors.empty());
}

// ---- vectors

TEST(when_any, of_a_vector_gives_the_index_and_the_value) {
    simulated sim;
    sim.run([]() -> task<> {
        std::vector<task<int>> tasks;
        for (const auto time : {3s, 1s, 2s}) tasks.push_back(give_after(time, int(time.count())));
        const auto [index, value] = co_await when_any(std::move(tasks));
        EXPECT_EQ(index, 1u);
        EXPECT_EQ(value, 1);

        std::vector<detail::elapsed_sleep> sleeps;
        for (const auto time : {3s, 2s, 1s}) sleeps.push_back(sleep(time));
        EXPECT_EQ((co_await when_any(std::move(sleeps))).index, 2u);
    });
    EXPECT_EQ(sim.elapsed(), 2s);
}

TEST(when_any, of_a_vector_of_handles_leaves_those_that_lost_to_their_owner) {
    simulated sim;
    sim.run([]() -> task<> {
        std::vector<join_handle<int>> handles;
        for (const auto time : {3s, 1s, 2s}) {
            handles.push_back(spawn(give_after(time, int(time.count()))));
        }
        const auto [index, value] = co_await when_any(handles);
        EXPECT_EQ(index, 1u);
        EXPECT_EQ(*value, 1);
        handles.erase(handles.begin() + 1);
        EXPECT_EQ((co_await when_any(handles)).index, 1u);
        const auto all = co_await when_all(handles);
        EXPECT_EQ(*all[0] + *all[1], 5);
    });
    EXPECT_EQ(sim.elapsed(), 3s);
}

TEST(when_any, of_a_vector_cancels_and_joins_the_losers_before_it_returns) {
    simulated sim;
    int alive = 0;
    sim.run([&]() -> task<> {
        const auto held = [](duration time, counted) -> task<> { co_await sleep(time); };
        std::vector<task<>> tasks;
        for (const auto time : {3s, 1s, 2s}) tasks.push_back(held(time, counted(alive)));
        EXPECT_EQ((co_await when_any(std::move(tasks))).index, 1u);
        EXPECT_EQ(alive, 0);
    });
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(when_any, of_a_vector_rethrows_an_error_that_won) {
    simulated sim;
    sim.run([]() -> task<> {
        const auto fail = []() -> task<int> {
            throw std::runtime_error("out of paper");
            co_return 0;
        };
        std::vector<task<int>> tasks;
        tasks.push_back(give_after(1s, 1));
        tasks.push_back(fail());
        EXPECT_THROW(co_await when_any(std::move(tasks)), std::runtime_error);
    });
}

TEST(when_any, of_an_empty_vector_is_an_invalid_argument) {
    EXPECT_THROW(static_cast<void>(when_any(std::vector<task<int>>())), std::invalid_argument);
}

TEST(when_all, takes_a_vector_of_anything_that_can_be_awaited) {
    simulated sim;
    sim.run([]() -> task<> {
        channel<int> values(3);
        std::vector<channel<int>::receiver> receivers;
        for (int i = 0; i < 3; ++i) receivers.push_back(values.receive());
        auto all = when_all(std::move(receivers));
        for (int i = 0; i < 3; ++i) co_await values.send(i);
        const auto got = co_await std::move(all);
        EXPECT_EQ(got, (std::vector<std::optional<int>>{0, 1, 2}));
    });
}
