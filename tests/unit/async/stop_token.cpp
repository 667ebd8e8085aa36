#include <cicada/async/stop_token.hpp>

#include <cicada/async/event.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/spawn.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

TEST(with_stop_token, gives_the_value_of_a_function_that_nobody_stopped) {
    bare on;
    EXPECT_EQ(on.run([]() -> task<int> {
        co_return co_await with_stop_token([](std::stop_token token) -> task<int> {
            EXPECT_TRUE(token.stop_possible());
            co_return token.stop_requested() ? 0 : 1;
        });
    }),
              1);
}

TEST(with_stop_token, stops_the_token_inside_the_request) {
    bare on;
    event never;
    std::stop_token seen;
    auto handle = spawn([&]() -> task<> {
        co_await with_stop_token([&](std::stop_token token) -> task<> {
            seen = token;
            co_await never.wait();
        });
    });
    on.settle();
    EXPECT_FALSE(seen.stop_requested());
    handle.cancel();
    EXPECT_TRUE(seen.stop_requested());
    on.settle();
    EXPECT_TRUE(handle.has_ended());
}

TEST(with_stop_token, starts_stopped_when_a_request_is_pending) {
    bare on;
    join_handle<> own;
    bool stopped = false;
    own = spawn([&]() -> task<> {
        own.cancel();
        co_await with_stop_token([&](std::stop_token token) -> task<> {
            stopped = token.stop_requested();
            co_return;
        });
    });
    on.settle();
    EXPECT_TRUE(stopped);
}

TEST(with_stop_token, inside_a_shield_does_not_see_a_request_from_outside) {
    bare on;
    event go;
    std::stop_token seen;
    auto handle = spawn([&]() -> task<> {
        auto work = [&](std::stop_token token) -> task<> {
            seen = token;
            co_await go.wait();
        };
        co_await shield(with_stop_token(work));
    });
    on.settle();
    handle.cancel();
    EXPECT_FALSE(seen.stop_requested());
    go.set();
    on.settle();
    EXPECT_TRUE(handle.has_ended());
}

TEST(with_stop_token, does_not_start_stopped_by_a_request_that_was_swallowed) {
    bare on;
    event never;
    bool stopped = true;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
        }
        co_await with_stop_token([&](std::stop_token token) -> task<> {
            stopped = token.stop_requested();
            co_return;
        });
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_FALSE(stopped);
}
