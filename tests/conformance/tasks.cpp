#include <conformance/conformance.hpp>

#include <functional>
#include <memory>

using namespace std::chrono_literals;
using cicada::task;

namespace {

task<int> give(int value, cicada::duration after = 1ms) {
    co_await cicada::sleep(after);
    if (value < 0) throw std::out_of_range("negative");
    co_return value;
}

TEST_P(conformance, a_spawned_task_gives_its_value_or_its_error_to_who_awaits_it) {
    run([]() -> task<> {
        auto good = cicada::spawn(give(7));
        auto bad = cicada::spawn(give(-1));
        EXPECT_EQ(co_await good, 7);
        EXPECT_EQ(co_await std::move(good), 7) << "and again";
        bool thrown = false;
        try {
            co_await bad;
        } catch (const std::out_of_range&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
    EXPECT_TRUE(errors.empty());
}

TEST_P(conformance, an_error_that_nobody_takes_goes_to_the_error_handler) {
    run([&]() -> task<> {
        auto lost = cicada::spawn(give(-1)).set_name("lost");
        lost.detach();
        while (errors.empty()) co_await cicada::sleep(1ms);
    });
    EXPECT_EQ(errors, std::vector<std::string>{"lost: negative"});
}

TEST_P(conformance, tasks_that_yield_take_turns) {
    run([]() -> task<> {
        std::string order;
        const auto yielder = [&](char id) -> task<> {
            for (int i = 0; i < 3; ++i) {
                order += id;
                co_await cicada::yield();
            }
        };
        co_await cicada::when_all(yielder('a'), yielder('b'), yielder('c'));
        EXPECT_EQ(order, "abcabcabc");
    });
}

TEST_P(conformance, a_scope_joins_its_children_and_an_error_cancels_the_others) {
    run([]() -> task<> {
        int ended = 0;
        co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
            for (int i = 1; i <= 3; ++i) {
                s.spawn([&ended, i]() -> task<> {
                    co_await cicada::sleep(i * 1ms);
                    ++ended;
                });
            }
            co_return;
        });
        EXPECT_EQ(ended, 3);

        bool cancelled = false;
        bool thrown = false;
        try {
            co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
                s.spawn([&]() -> task<> {
                    try {
                        co_await cicada::sleep(1h);
                    } catch (const cicada::cancelled&) {
                        cancelled = true;
                        throw;
                    }
                });
                co_await give(-1);
            });
        } catch (const std::out_of_range&) {
            thrown = true;
        }
        EXPECT_TRUE(cancelled);
        EXPECT_TRUE(thrown);
    });
}

TEST_P(conformance, when_any_gives_the_first_and_joins_the_rest) {
    run([]() -> task<> {
        bool joined = false;
        const auto slow = [&]() -> task<int> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                joined = true;
                throw;
            }
            co_return 0;
        };
        const auto first = co_await cicada::when_any(slow(), give(5));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_EQ(std::get<1>(first), 5);
        EXPECT_TRUE(joined);
    });
}

TEST_P(conformance, a_channel_passes_values_in_order_and_ends_when_it_is_closed) {
    run([]() -> task<> {
        cicada::channel<int> numbers(2);
        auto producer = cicada::spawn([&]() -> task<> {
            for (int i = 0; i < 10; ++i) {
                co_await numbers.send(i);
                if (i % 3 == 0) co_await cicada::sleep(1ms);
            }
            numbers.close();
        });
        int expected = 0;
        while (const auto n = co_await numbers.receive()) EXPECT_EQ(*n, expected++);
        EXPECT_EQ(expected, 10);
        co_await producer;
    });
}

TEST_P(conformance, events_mutexes_and_gates_wake_who_waits) {
    run([]() -> task<> {
        cicada::event go;
        cicada::mutex one;
        cicada::gate inside;
        int within = 0;
        int most = 0;
        for (int i = 0; i < 4; ++i) {
            cicada::spawn([&, here = inside.enter()]() -> task<> {
                co_await go.wait();
                const auto lock = co_await one.lock();
                most = std::max(most, ++within);
                co_await cicada::sleep(1ms);
                --within;
            }).detach();
        }
        auto starter = cicada::after(2ms, [&] { go.set(); });
        co_await inside.close();
        EXPECT_EQ(most, 1);
        EXPECT_EQ(within, 0);
    });
}

TEST_P(conformance, blocking_work_leaves_the_loop_and_comes_back_to_it) {
    run([]() -> task<> {
        cicada::loop& home = cicada::loop::current();
        const int sum = co_await cicada::blocking([](int a, int b) { return a + b; })(20, 22);
        EXPECT_EQ(sum, 42);
        EXPECT_EQ(&cicada::loop::current(), &home);
        bool thrown = false;
        try {
            co_await cicada::blocking([] { throw std::runtime_error("disk full"); })();
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
}

TEST_P(conformance, what_a_task_holds_is_destroyed_when_it_ends) {
    run([]() -> task<> {
        const auto held = std::make_shared<int>(1);
        auto handle = cicada::spawn([held]() -> task<> { co_await cicada::sleep(1ms); });
        EXPECT_EQ(held.use_count(), 2);
        co_await handle;
        EXPECT_EQ(held.use_count(), 1);
    });
}

} // namespace
