// How a request to cancel travels: async/activity.hpp and the cancellation of async/spawn.hpp.

#include <cicada/async/spawn.hpp>

#include <string>

#include <cicada/async/event.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

task<int> give(int n) { co_return n; }
task<int> give_after(event& e, int n) {
    co_await e.wait();
    co_return n;
}
/// Waits for ever, and counts how often it was asked to stop before it did.
task<> resist(int times, int& seen) {
    event never;
    for (;;) {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
            if (++seen >= times) throw;
        }
    }
}

} // namespace

TEST(cancel, before_the_first_step_never_runs_the_body_and_destroys_its_arguments) {
    bare on;
    bool ran = false;
    int alive = 0;
    auto handle = spawn(
        [&](counted) -> task<> {
            ran = true;
            co_return;
        },
        counted(alive));
    handle.cancel();
    EXPECT_EQ(alive, 1);
    on.settle();
    EXPECT_FALSE(ran);
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(handle.has_ended());
}

TEST(cancel, resumes_a_waiting_task_with_cancelled_and_not_inside_the_call) {
    bare on;
    event never;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
            log += "cancelled";
            throw;
        }
    });
    on.settle();
    handle.cancel();
    EXPECT_EQ(log, "");
    on.settle();
    EXPECT_EQ(log, "cancelled");
}

TEST(cancel, is_not_swallowed_by_a_handler_of_standard_exceptions) {
    bare on;
    event never;
    bool swallowed = false;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await never.wait();
        } catch (const std::exception&) {
            swallowed = true;
        }
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_FALSE(swallowed);
    EXPECT_TRUE(handle.has_ended());
}

TEST(cancel, unwinds_all_frames_from_the_innermost_out) {
    bare on;
    event never;
    std::string log;
    struct says {
        std::string& log;
        const char* what;
        ~says() { log += what; }
    };
    auto handle = spawn([&]() -> task<> {
        const says outer{log, "outer "};
        co_await [](event& e, std::string& l) -> task<> {
            const says inner{l, "inner "};
            co_await e.wait();
        }(never, log);
        log += "not reached";
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_EQ(log, "inner outer ");
}

TEST(cancel, asked_for_again_before_it_was_delivered_is_one_request) {
    bare on;
    int seen = 0;
    auto handle = spawn(resist(2, seen));
    on.settle();
    handle.cancel();
    handle.cancel();
    handle.cancel();
    on.settle();
    EXPECT_EQ(seen, 1);
    EXPECT_FALSE(handle.has_ended());
    handle.cancel();
    on.settle();
    EXPECT_EQ(seen, 2);
    EXPECT_TRUE(handle.has_ended());
}

TEST(cancel, of_a_finished_task_does_nothing_and_leaves_its_value) {
    bare on;
    on.run([]() -> task<> {
        auto handle = spawn(give(6));
        EXPECT_EQ(co_await handle, 6);
        co_await handle.cancel();
        handle.cancel();
        EXPECT_EQ(co_await handle, 6);
    });
}

TEST(cancel, awaited_waits_until_the_task_has_cleaned_up_and_its_captures_are_gone) {
    bare on;
    int alive = 0;
    event never;
    event cleaned;
    bool was_gone = false;
    auto handle = spawn([&, kept = counted(alive)]() -> task<> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
        }
        co_await cleaned.wait();
    });
    on.settle();
    const auto waiter = spawn([&]() -> task<> {
        co_await handle.cancel();
        was_gone = alive == 0;
    });
    on.settle();
    EXPECT_FALSE(waiter.has_ended()) << "it still cleans up";
    cleaned.set();
    on.settle();
    EXPECT_TRUE(waiter.has_ended());
    EXPECT_TRUE(was_gone);
}

TEST(cancel, awaited_rethrows_the_error_of_the_task_but_never_cancelled) {
    bare on;
    on.run([]() -> task<> {
        event never;
        auto tidy = spawn(give_after(never, 1));
        auto untidy = spawn([&]() -> task<> {
            try {
                co_await never.wait();
            } catch (const cancelled&) {
                throw std::runtime_error("cleaning up failed");
            }
        });
        co_await yield();
        EXPECT_NO_THROW(co_await tidy.cancel());
        EXPECT_THROW(co_await untidy.cancel(), std::runtime_error);
    });
    EXPECT_TRUE(on.errors.empty());
}

TEST(cancel, makes_those_who_wanted_the_value_throw_task_cancelled) {
    bare on;
    on.run([]() -> task<> {
        event never;
        auto handle = spawn(give_after(never, 1));
        co_await yield();
        handle.cancel();
        EXPECT_THROW(co_await handle, task_cancelled);
        EXPECT_THROW(co_await std::move(handle), task_cancelled);
    });
}

TEST(cancel, that_comes_with_the_completion_of_the_last_wait_is_dropped_with_the_task) {
    bare on;
    event go;
    auto handle = spawn(give_after(go, 5));
    on.settle();
    go.set();
    handle.cancel();
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await handle; }), 5);
}

TEST(cancel, of_oneself_comes_at_the_next_suspension) {
    bare on;
    join_handle<> own;
    std::string log;
    own = spawn([&]() -> task<> {
        own.cancel();
        log += "goes on; ";
        co_await give(1); // this is no suspension
        log += "still; ";
        co_await yield();
        log += "not reached";
    });
    on.settle();
    EXPECT_EQ(log, "goes on; still; ");
    EXPECT_TRUE(own.has_ended());
}

TEST(cancel, of_oneself_may_be_awaited_and_just_ends_the_task) {
    bare on;
    join_handle<> own;
    bool went_on = false;
    own = spawn([&]() -> task<> {
        co_await own.cancel();
        went_on = true;
    });
    on.settle();
    EXPECT_FALSE(went_on);
    EXPECT_TRUE(own.has_ended());
}

TEST(cancel, may_be_swallowed_and_the_task_goes_on) {
    bare on;
    event never;
    event go;
    auto handle = spawn([&]() -> task<int> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
        }
        co_return co_await give_after(go, 8);
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_FALSE(handle.has_ended());
    go.set();
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await handle; }), 8);
}

TEST(cancel, dropped_without_awaiting_it_is_still_a_request) {
    bare on;
    event never;
    auto handle = spawn(give_after(never, 1));
    on.settle();
    static_cast<void>(handle.cancel());
    on.settle();
    EXPECT_TRUE(handle.has_ended());
}

TEST(cancel, may_be_kept_longer_than_the_handle) {
    bare on;
    event never;
    auto handle = std::make_unique<join_handle<int>>(spawn(give_after(never, 1)));
    on.settle();
    const auto kept = handle->cancel();
    handle.reset();
    on.run([&]() -> task<> { co_await kept; });
}

TEST(cancel, may_be_kept_any_number_of_times) {
    // Each counts as a handle: the count must not wrap around.
    bare on;
    event never;
    int alive = 0;
    auto handle = spawn([&, held = counted(alive)]() -> task<> { co_await never.wait(); });
    on.settle();
    {
        std::vector<cancellation<void>> kept;
        for (int i = 0; i < 1000; ++i) kept.push_back(handle.cancel());
        on.settle();
        EXPECT_EQ(alive, 0);
        for (int i = 0; i < 744; ++i) kept.pop_back();
        EXPECT_TRUE(handle.has_ended());
    }
    EXPECT_TRUE(handle.has_ended());
}

TEST(cancel, of_a_task_that_awaits_a_cancel_ends_only_that_wait) {
    bare on;
    event cleaned;
    event never;
    auto slow = spawn([&]() -> task<> {
        try {
            co_await never.wait();
        } catch (const cancelled&) {
        }
        co_await cleaned.wait();
    });
    on.settle();
    auto waiter = spawn([&]() -> task<> { co_await slow.cancel(); });
    on.settle();
    waiter.cancel();
    on.settle();
    EXPECT_TRUE(waiter.has_ended());
    EXPECT_FALSE(slow.has_ended());
    cleaned.set();
    on.settle();
    EXPECT_TRUE(slow.has_ended());
}

TEST(cancel, waits_behind_a_yield) {
    bare on;
    int turns = 0;
    auto handle = spawn([&]() -> task<> {
        for (;;) {
            co_await yield();
            ++turns;
        }
    });
    on.turn();
    handle.cancel(); // it is in the queue: the turn it waits for comes first
    on.settle();
    EXPECT_EQ(turns, 1);
    EXPECT_TRUE(handle.has_ended());
}

TEST(yield, lets_the_others_take_their_turn) {
    bare on;
    std::string log;
    const auto say = [&](std::string what) -> task<> {
        log += what;
        co_await yield();
        log += what;
    };
    const auto a = spawn(say, "a");
    const auto b = spawn(say, "b");
    on.settle();
    EXPECT_EQ(log, "abab");
}
