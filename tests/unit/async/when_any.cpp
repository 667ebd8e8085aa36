#include <cicada/async/when_any.hpp>

#include <string>

#include <cicada/async/event.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

task<int> give_after(event& e, int n) {
    co_await e.wait();
    co_return n;
}
task<> wait(event& e) { co_await e.wait(); }
task<int> fail(std::string what) {
    throw std::runtime_error(what);
    co_return 0;
}
task<int> cancelled_ending(event& e, int n) {
    try {
        co_await e.wait();
    } catch (const cancelled&) {
    }
    co_return n;
}

} // namespace

TEST(when_any, gives_the_first_value_and_which_it_was) {
    bare on;
    event never;
    event now;
    now.set();
    on.run([&]() -> task<> {
        const auto first = co_await when_any(give_after(never, 1), give_after(now, 2), wait(never));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_EQ(std::get<1>(first), 2);
        const auto nothing = co_await when_any(give_after(never, 1), wait(now));
        EXPECT_EQ(nothing.index(), 1u);
    });
}

TEST(when_any, gives_the_earlier_of_two_that_complete_in_the_same_turn) {
    bare on;
    event now;
    now.set();
    on.run([&]() -> task<> {
        const auto first = co_await when_any(give_after(now, 1), give_after(now, 2));
        EXPECT_EQ(first.index(), 0u);
    });
}

TEST(when_any, cancels_and_joins_the_losers_before_it_returns) {
    bare on;
    event never;
    event now;
    now.set();
    int alive = 0;
    on.run([&]() -> task<> {
        auto held = [](event& e, counted) -> task<> { co_await e.wait(); };
        co_await when_any(held(never, counted(alive)), give_after(now, 1));
        EXPECT_EQ(alive, 0);
    });
}

TEST(when_any, drops_a_losers_value) {
    bare on;
    event never;
    event now;
    now.set();
    EXPECT_EQ(on.run([&]() -> task<int> {
        co_return std::get<1>(co_await when_any(cancelled_ending(never, 7), give_after(now, 1)));
    }),
              1);
}

TEST(when_any, rethrows_an_error_that_won) {
    bare on;
    event never;
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await when_any(give_after(never, 1), fail("first")), std::runtime_error);
    });
    EXPECT_TRUE(on.errors.empty());
}

TEST(when_any, brings_a_losers_error_to_the_error_handler) {
    bare on;
    event never;
    event now;
    now.set();
    auto fail_when_cancelled = [](event& e) -> task<int> {
        co_await cancelled_ending(e, 0);
        co_return co_await fail("late");
    };
    on.run([&]() -> task<> { co_await when_any(fail_when_cancelled(never), give_after(now, 1)); });
    EXPECT_EQ(on.errors, std::vector<std::string>{": late"});
}

TEST(when_any, passes_a_request_on_to_all) {
    bare on;
    event never;
    auto handle = spawn([&]() -> task<> { co_await when_any(wait(never), wait(never)); });
    on.settle();
    handle.cancel();
    on.settle();
    on.run([&]() -> task<> { EXPECT_THROW(co_await handle, task_cancelled); });
}

TEST(when_any, throws_task_cancelled_when_all_were_cancelled_of_themselves) {
    bare on;
    on.run([]() -> task<> {
        auto give_up = []() -> task<> {
            throw cancelled{};
            co_return;
        };
        EXPECT_THROW(co_await when_any(give_up(), give_up()), task_cancelled);
    });
}
