#include <cicada/async/when_all.hpp>

#include <memory>
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
task<int> fail_when_cancelled(event& never) {
    try {
        co_await never.wait();
    } catch (const cancelled&) {
    }
    throw std::runtime_error("second");
}

} // namespace

TEST(when_all, gives_a_tuple_in_the_order_of_the_arguments) {
    bare on;
    event one;
    event two;
    const auto handle = spawn([&]() -> task<> {
        auto text = [](event& e) -> task<std::unique_ptr<std::string>> {
            co_await e.wait();
            co_return std::make_unique<std::string>("text");
        };
        auto [n, s, nothing] = co_await when_all(give_after(two, 2), text(one), wait(one));
        static_assert(std::is_same_v<decltype(nothing), std::monostate>);
        EXPECT_EQ(n, 2);
        EXPECT_EQ(*s, "text");
    });
    on.settle();
    one.set();
    on.settle();
    EXPECT_FALSE(handle.has_ended());
    two.set();
    on.settle();
    EXPECT_TRUE(handle.has_ended());
    EXPECT_NO_THROW(on.run([&]() -> task<> { co_await handle; }));
}

TEST(when_all, gives_a_vector_in_the_order_of_the_tasks) {
    bare on;
    event even;
    event odd;
    const auto handle = spawn([&]() -> task<std::vector<int>> {
        std::vector<task<int>> tasks;
        for (int i = 0; i < 6; ++i) tasks.push_back(give_after(i % 2 == 0 ? even : odd, i));
        co_return co_await when_all(std::move(tasks));
    });
    on.settle();
    odd.set();
    on.settle();
    even.set();
    EXPECT_EQ(on.run([&]() -> task<std::vector<int>> { co_return co_await handle; }),
              (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(when_all, of_nothing_is_an_empty_vector_at_once) {
    bare on;
    EXPECT_TRUE(on.run(
        []() -> task<bool> { co_return (co_await when_all(std::vector<task<int>>{})).empty(); }));
}

TEST(when_all, runs_its_tasks_side_by_side) {
    bare on;
    std::string log;
    const auto say = [](std::string& l, const char* what) -> task<> {
        l += what;
        co_await yield();
        l += what;
    };
    on.run([&]() -> task<> { co_await when_all(say(log, "a"), say(log, "b")); });
    EXPECT_EQ(log, "abab");
}

TEST(when_all, cancels_and_joins_the_others_after_the_first_error) {
    bare on;
    event never;
    int alive = 0;
    on.run([&]() -> task<> {
        auto held = [](event& e, counted) -> task<int> {
            co_await e.wait();
            co_return 1;
        };
        EXPECT_THROW(co_await when_all(held(never, counted(alive)), fail("first")),
                     std::runtime_error);
        EXPECT_EQ(alive, 0) << "joined before it throws";
        co_await yield();
    });
    EXPECT_TRUE(on.errors.empty());
}

TEST(when_all, brings_later_errors_to_the_error_handler) {
    bare on;
    event never;
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await when_all(fail_when_cancelled(never), fail("first")),
                     std::runtime_error);
    });
    EXPECT_EQ(on.errors, std::vector<std::string>{": second"});
}

TEST(when_all, passes_a_request_on_to_all_and_throws_cancelled_when_they_have_ended) {
    bare on;
    event never;
    int alive = 0;
    auto handle = spawn([&]() -> task<> {
        auto held = [](event& e, counted) -> task<> { co_await e.wait(); };
        try {
            co_await when_all(held(never, counted(alive)), held(never, counted(alive)));
        } catch (const cancelled&) {
            EXPECT_EQ(alive, 0);
            throw;
        }
    });
    on.settle();
    EXPECT_GE(alive, 2);
    handle.cancel();
    on.settle();
    EXPECT_TRUE(handle.has_ended());
    on.run([&]() -> task<> { EXPECT_THROW(co_await handle, task_cancelled); });
}

TEST(when_all, gives_the_values_if_all_have_one_and_the_request_at_the_next_suspension) {
    bare on;
    event never;
    std::string log;
    const auto swallow = [](event& e) -> task<int> {
        try {
            co_await e.wait();
        } catch (const cancelled&) {
        }
        co_return 1;
    };
    auto handle = spawn([&]() -> task<> {
        auto [a, b] = co_await when_all(swallow(never), swallow(never));
        log += std::to_string(a + b);
        co_await yield();
        log += " not reached";
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_EQ(log, "2");
    EXPECT_TRUE(handle.has_ended());
}

TEST(when_all, of_an_empty_task_throws_and_runs_none) {
    bare on;
    event now;
    now.set();
    bool ran = false;
    on.run([&]() -> task<> {
        auto note = [](bool& r) -> task<int> {
            r = true;
            co_return 1;
        };
        task<int> empty = give_after(now, 1);
        const task<int> elsewhere = std::move(empty);
        EXPECT_THROW(co_await when_all(note(ran), std::move(empty)), std::invalid_argument);
        co_await yield();
    });
    EXPECT_FALSE(ran);
}
