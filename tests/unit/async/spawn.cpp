#include <cicada/async/spawn.hpp>

#include <memory>
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
task<> fail(std::string what) {
    throw std::runtime_error(what);
    co_return;
}

} // namespace

TEST(spawn, starts_in_the_next_turn_and_not_inside_the_call) {
    bare on;
    bool ran = false;
    const auto handle = spawn([&]() -> task<> {
        ran = true;
        co_return;
    });
    EXPECT_FALSE(ran);
    EXPECT_FALSE(handle.has_ended());
    on.turn();
    EXPECT_TRUE(ran);
    EXPECT_TRUE(handle.has_ended());
}

TEST(spawn, needs_a_loop_on_this_thread) {
    try {
        const auto handle = spawn(give(1));
        ADD_FAILURE() << "it started without a loop";
    } catch (const std::logic_error& e) {
        EXPECT_NE(std::string(e.what()).find("cicada::spawn needs a loop"), std::string::npos)
            << e.what();
    }
}

TEST(spawn, refuses_an_empty_task) {
    bare on;
    task<int> work = give(1);
    const auto handle = spawn(std::move(work));
    EXPECT_THROW(static_cast<void>(spawn(std::move(work))), std::invalid_argument);
    on.settle();
}

TEST(spawn, keeps_function_and_arguments_alive_and_std_ref_opts_out) {
    bare on;
    int alive = 0;
    int outside = 0;
    event go;
    auto handle = spawn(
        [kept = counted(alive)](std::unique_ptr<int> n, int& out, event& e) -> task<> {
            co_await e.wait();
            out = *n;
        },
        std::make_unique<int>(5), std::ref(outside), std::ref(go));
    on.settle();
    EXPECT_EQ(alive, 1);
    go.set();
    on.settle();
    EXPECT_EQ(outside, 5);
    EXPECT_EQ(alive, 0) << "captures go when the task ends, not with the handle";
}

TEST(spawn, takes_member_functions) {
    struct account {
        int balance = 3;
        task<int> add(int n) { co_return balance += n; }
    } own;
    bare on;
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await spawn(&account::add, &own, 4); }), 7);
    EXPECT_EQ(
        on.run([&]() -> task<int> { co_return co_await spawn(&account::add, std::ref(own), 1); }),
        8);
}

TEST(join_handle, gives_a_reference_when_awaited_as_an_lvalue_and_the_value_as_an_rvalue) {
    bare on;
    on.run([]() -> task<> {
        auto handle =
            spawn([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(1); });
        std::unique_ptr<int>& there = co_await handle;
        EXPECT_EQ(*there, 1);
        *there = 2;
        EXPECT_EQ(&co_await handle, &there) << "it may be awaited again";
        const std::unique_ptr<int> taken = co_await std::move(handle);
        EXPECT_EQ(*taken, 2);
    });
}

TEST(join_handle, of_a_reference_gives_that_reference) {
    bare on;
    int there = 1;
    on.run([&]() -> task<> {
        auto handle = spawn([&]() -> task<int&> { co_return there; });
        EXPECT_EQ(&co_await handle, &there);
        EXPECT_EQ(&co_await std::move(handle), &there);
    });
}

TEST(join_handle, is_awaited_by_several_who_resume_in_order) {
    bare on;
    event go;
    std::string log;
    auto handle = spawn(give_after(go, 7));
    const auto wait = [&](std::string name) -> task<> {
        log += name + std::to_string(co_await handle);
    };
    const auto first = spawn(wait, "a");
    const auto second = spawn(wait, "b");
    on.settle();
    go.set();
    on.settle();
    EXPECT_EQ(log, "a7b7");
}

TEST(join_handle, rethrows_the_error_to_each_who_awaits) {
    bare on;
    on.run([]() -> task<> {
        auto handle = spawn(fail("no"));
        EXPECT_THROW(co_await handle, std::runtime_error);
        EXPECT_THROW(co_await handle, std::runtime_error);
    });
    EXPECT_TRUE(on.errors.empty());
}

TEST(join_handle, brings_an_error_that_nobody_awaited_to_the_error_handler) {
    bare on;
    {
        const auto handle = spawn(fail("lost")).set_name("worker");
        on.settle();
        EXPECT_TRUE(on.errors.empty()) << "somebody may still ask";
    }
    EXPECT_EQ(on.errors, std::vector<std::string>{"worker: lost"});
}

TEST(join_handle, brings_the_error_of_a_detached_task_to_the_error_handler) {
    bare on;
    spawn(fail("lost")).detach();
    on.settle();
    EXPECT_EQ(on.errors, std::vector<std::string>{": lost"});
}

TEST(join_handle, requests_cancel_when_it_is_dropped) {
    bare on;
    event never;
    bool was_cancelled = false;
    {
        const auto handle = spawn([&]() -> task<> {
            try {
                co_await never.wait();
            } catch (const cancelled&) {
                was_cancelled = true;
                throw;
            }
        });
        on.settle();
    }
    EXPECT_FALSE(was_cancelled) << "it is a request";
    on.settle();
    EXPECT_TRUE(was_cancelled);
    EXPECT_TRUE(on.is_idle());
}

TEST(join_handle, requests_cancel_of_what_it_held_when_it_is_assigned_over) {
    bare on;
    event never;
    auto handle = spawn(give_after(never, 1));
    on.settle();
    handle = spawn(give(2));
    on.settle();
    EXPECT_TRUE(on.is_idle());
    EXPECT_TRUE(handle.has_ended());
}

TEST(join_handle, detached_lets_the_task_go_on) {
    bare on;
    event go;
    int got = 0;
    auto handle = spawn([&]() -> task<> { got = co_await give_after(go, 3); });
    handle.detach();
    on.settle();
    go.set();
    on.settle();
    EXPECT_EQ(got, 3);
}

TEST(join_handle, that_is_empty_says_so) {
    bare on;
    join_handle<int> none;
    EXPECT_THROW(static_cast<void>(none.has_ended()), std::logic_error);
    EXPECT_THROW(static_cast<void>(none.cancel()), std::logic_error);
    EXPECT_THROW(none.wait(), std::logic_error);
    EXPECT_THROW(none.set_name("x"), std::logic_error);
    EXPECT_NO_THROW(none.detach());
    on.run([&]() -> task<> { EXPECT_THROW(co_await none, std::logic_error); });
}

TEST(join_handle, of_the_awaiting_task_itself_is_a_logic_error_and_not_a_deadlock) {
    bare on;
    join_handle<> own;
    bool threw = false;
    own = spawn([&]() -> task<> {
        co_await yield();
        try {
            co_await own;
        } catch (const std::logic_error&) {
            threw = true;
        }
    });
    on.settle();
    EXPECT_TRUE(threw);
    EXPECT_TRUE(own.has_ended());
}

TEST(join_handle, refuses_to_block_the_thread_of_a_loop) {
    bare on;
    const auto handle = spawn(give(1));
    EXPECT_THROW(handle.wait(), std::logic_error);
    EXPECT_THROW(handle.cancel().wait(), std::logic_error);
    on.settle();
}

TEST(join_handle, may_be_owned_by_the_task_itself) {
    // It ends, and takes its own last handle with it.
    struct session {
        join_handle<> running;
        event go;
    };
    bare on;
    auto own = std::make_shared<session>();
    event& go = own->go;
    own->running =
        spawn([](std::shared_ptr<session> self) -> task<> { co_await self->go.wait(); }, own);
    const auto other = spawn(give(1));
    own.reset();
    on.settle();
    go.set();
    on.settle();
    EXPECT_TRUE(on.is_idle());
}

TEST(join_handle, may_be_detached_while_another_task_awaits_it) {
    bare on;
    event go;
    auto handle = spawn(give_after(go, 9));
    int got = 0;
    const auto waiter = spawn([&]() -> task<> { got = co_await handle; });
    on.settle();
    handle.detach();
    go.set();
    on.settle();
    EXPECT_EQ(got, 9);
}

TEST(join_handle, and_the_awaiting_task_may_be_cancelled_without_the_awaited_one) {
    bare on;
    event go;
    auto inner = spawn(give_after(go, 1));
    auto outer = spawn([&]() -> task<> { co_await inner; });
    on.settle();
    outer.cancel();
    on.settle();
    EXPECT_TRUE(outer.has_ended());
    EXPECT_FALSE(inner.has_ended());
    go.set();
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await inner; }), 1);
}

TEST(executor, cancels_what_is_spawned_after_everything_was_cancelled) {
    bare on;
    on.cancel_all();
    bool ran = false;
    const auto handle = spawn([&]() -> task<> {
        ran = true;
        co_return;
    });
    on.settle();
    EXPECT_TRUE(handle.has_ended());
    EXPECT_FALSE(ran);
}

TEST(executor, ends_a_turn_although_its_tasks_keep_each_other_busy) {
    bare on;
    int steps = 0;
    const auto busy = [&]() -> task<> {
        for (;;) {
            ++steps;
            co_await yield();
        }
    };
    const auto a = spawn(busy);
    const auto b = spawn(busy);
    on.turn();
    EXPECT_EQ(steps, 2);
    on.turn();
    EXPECT_EQ(steps, 4);
}

TEST(executor, leaves_an_ended_task_to_its_handle_when_it_goes) {
    join_handle<std::string> handle;
    {
        bare on;
        handle = spawn([]() -> task<std::string> { co_return "kept"; });
        on.settle();
        on.outlived_by = 1;
    }
    EXPECT_TRUE(handle.has_ended());
    EXPECT_EQ(handle.wait(), "kept");
    EXPECT_NO_THROW(handle.cancel().wait());
}

TEST(spawn, a_handle_dropped_after_cancel_does_not_disturb_the_cleaning_up) {
    bare on;
    event forever;
    event cleaned;
    bool done = false;
    {
        const auto handle = spawn([&]() -> task<> {
            bool asked = false;
            try {
                co_await forever.wait();
            } catch (const cancelled&) {
                asked = true;
            }
            if (asked) co_await cleaned.wait();
            done = true;
        });
        on.settle();
        handle.cancel();
        on.settle();
    }
    on.settle();
    EXPECT_FALSE(done);
    cleaned.set();
    on.settle();
    EXPECT_TRUE(done) << "the drop was a second request";
}
