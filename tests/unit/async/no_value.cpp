// A coroutine that ends without the value it promises: an error that says so, and where.
#include <cicada/async/task.hpp>

#include <string>
#include <vector>

#include <cicada/async/scope.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/when_any.hpp>
#include <cicada/async/yield.hpp>
#include <cicada/loop/run.hpp>
#include <cicada/loop/simulation.hpp>
#include <cicada/periodic/every.hpp>
#include <gmock/gmock.h>
#include <support/bare.hpp>

#pragma GCC diagnostic ignored "-Wreturn-type" // which users ought to heed

using namespace cicada;
using namespace std::chrono_literals;
using support::bare;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

task<int> give(int n) { co_return n; }

task<int> forget(bool is_given = false) {
    if (is_given) co_return 1;
}
task<int&> forget_reference(int* there) {
    if (there) co_return *there;
}
task<std::string> forget_late(bool is_given = false) {
    co_await yield();
    if (is_given) co_return "text";
}

template <class F>
task<std::string> error_of(F f) {
    try {
        co_await f();
    } catch (const std::logic_error& e) {
        co_return e.what();
    }
    co_return "no logic_error was thrown";
}

constexpr const char* of_unnamed =
    "cicada: a task ended without a value: on a path through it `co_return value` is missing. It "
    "ran in an unnamed task (give it {.name = \"...\"} where it is started)";
constexpr const char* of_named =
    "cicada: a task ended without a value: on a path through it `co_return value` is missing. It "
    "ran in task 'sum'";

} // namespace

TEST(task, that_forgets_its_value_throws_a_logic_error_where_it_is_awaited) {
    // It looked like a cancelled one, and ended the process so, without a word.
    bare on;
    on.run([]() -> task<> {
        EXPECT_EQ(co_await forget(true), 1);
        EXPECT_EQ(co_await error_of([] { return forget(); }), of_unnamed);
        EXPECT_EQ(co_await error_of([] { return forget_reference(nullptr); }), of_unnamed);
        EXPECT_EQ(co_await error_of([] { return forget_late(); }), of_unnamed);
        EXPECT_EQ(co_await error_of([] { return shield(forget()); }), of_unnamed);
    });
}

TEST(join_handle, of_a_task_that_forgot_its_value_throws_and_names_it) {
    bare on;
    const auto sum = spawn(forget()).set_name("sum");
    on.settle();
    EXPECT_EQ(on.run(error_of([&]() -> task<> { co_await sum; })), of_named);
    EXPECT_EQ(on.run(error_of([&]() -> task<> { co_await sum.cancel(); })), of_named);
    spawn(forget_late()).set_name("sum").detach();
    on.settle();
    EXPECT_THAT(on.errors, ElementsAre(std::string("sum: ") + of_named)) << "nobody took it";
}

TEST(scope, whose_child_forgot_its_value_throws) {
    bare on;
    EXPECT_EQ(on.run(error_of([] {
        return with_scope([](scope& s) -> task<> {
            s.spawn(forget_late());
            co_return;
        });
    })),
              of_unnamed);
}

TEST(when_all, one_of_which_forgot_its_value_throws) {
    bare on;
    EXPECT_EQ(on.run(error_of([] { return when_all(give(1), forget()); })), of_unnamed);
    EXPECT_EQ(on.run(error_of([] { return when_any(forget(), forget_late()); })), of_unnamed);
}

TEST(run, of_a_task_that_forgot_its_value_throws) {
    EXPECT_THROW(run(forget()), std::logic_error);
    EXPECT_THROW(simulation().run(forget_late()), std::logic_error);
}

TEST(periodic, whose_body_forgot_its_value_reports_that) {
    std::vector<std::string> errors;
    simulation sim(wall_time{},
                   {.on_error = [&](const error_report& r) { errors.push_back(r.what()); }});
    const auto beat = every(1s, [] { return forget(); });
    sim.settle();
    EXPECT_THAT(errors, ElementsAre(of_unnamed));
}
