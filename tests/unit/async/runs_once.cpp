// A task runs once: what a second use says.
#include <cicada/async/task.hpp>

#include <string>
#include <vector>

#include <cicada/async/event.hpp>
#include <cicada/async/scope.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/when_any.hpp>
#include <cicada/loop/simulation.hpp>
#include <cicada/loop/timeout.hpp>
#include <cicada/periodic/every.hpp>
#include <support/bare.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::bare;

namespace {

constexpr const char* sentence =
    "cicada: a task runs once, and this one was awaited, spawned or moved from before: call the "
    "coroutine function again";

task<int> give(int n) { co_return n; }
task<int> give_after(event& e, int n) {
    co_await e.wait();
    co_return n;
}

/// What the logic_error says that `f()` throws.
template <class F>
task<std::string> refusal(F f) {
    try {
        co_await f();
    } catch (const std::logic_error& e) {
        co_return e.what();
    }
    co_return "nothing was thrown";
}

} // namespace

TEST(task, awaited_in_a_loop_runs_once_and_then_says_what_to_do) {
    // The first retry loop that one writes. It called a null pointer.
    bare on;
    on.run([]() -> task<> {
        auto work = give(1);
        EXPECT_TRUE(work);
        for (int i = 0; i < 3; ++i) {
            try {
                EXPECT_EQ(co_await std::move(work), 1);
                EXPECT_EQ(i, 0);
            } catch (const std::logic_error& e) {
                EXPECT_GT(i, 0);
                EXPECT_STREQ(e.what(), sentence);
            }
            EXPECT_FALSE(work) << "nothing is left to run";
        }
    });
}

TEST(task, awaited_again_while_it_runs_says_the_same) {
    bare on;
    event go;
    task<int> work = give_after(go, 1);
    int got = 0;
    const auto first = spawn([&]() -> task<> { got = co_await std::move(work); });
    on.settle();
    EXPECT_EQ(on.run(refusal([&]() -> task<> { co_await std::move(work); })), sentence);
    go.set();
    on.settle();
    EXPECT_EQ(got, 1);
}

TEST(task, moved_from_and_awaited_says_the_same) {
    bare on;
    on.run([]() -> task<> {
        task<int> work = give(1);
        const task<int> elsewhere = std::move(work);
        EXPECT_EQ(co_await refusal([&]() -> task<> { co_await std::move(work); }), sentence);
    });
}

TEST(task, awaited_before_and_given_to_what_runs_tasks_says_the_same) {
    simulation().run([]() -> task<> {
        std::vector<task<int>> spent; // what was awaited stays so when it is moved
        const auto take = [&] {
            task<int> one = std::move(spent.back());
            spent.pop_back();
            return one;
        };
        for (int i = 0; i < 6; ++i) {
            spent.push_back(give(i));
            co_await std::move(spent.back());
        }
        EXPECT_EQ(co_await refusal([&] { return spawn(take()); }), sentence);
        EXPECT_EQ(co_await refusal([&]() -> task<> { co_await shield(take()); }), sentence);
        EXPECT_EQ(co_await refusal([&]() -> task<> { co_await with_timeout(1s, take()); }),
                  sentence);
        EXPECT_EQ(co_await refusal([&]() -> task<> { co_await when_all(give(1), take()); }),
                  sentence);
        EXPECT_EQ(co_await refusal([&]() -> task<> { co_await when_any(give(1), take()); }),
                  sentence);
        EXPECT_EQ(co_await refusal([&]() -> task<> {
                      co_await with_scope([&](scope& s) -> task<> {
                          s.spawn(take());
                          co_return;
                      });
                  }),
                  sentence);
    }());
}

TEST(task, awaited_before_and_given_to_run_says_the_same) {
    task<int> spent = give(1);
    {
        bare on;
        on.run([&]() -> task<> { co_await std::move(spent); });
    }
    try {
        simulation().run(std::move(spent));
        ADD_FAILURE() << "it ran";
    } catch (const std::logic_error& e) {
        EXPECT_STREQ(e.what(), sentence);
    }
}

TEST(periodic, whose_body_gives_a_task_that_was_awaited_or_moved_from_reports_it_and_goes_on) {
    std::vector<std::string> errors;
    simulation sim(wall_time{},
                   {.on_error = [&](const error_report& r) { errors.push_back(r.what()); }});
    task<int> work = give(1);
    const auto beat = every(1s, [&] { return std::move(work); }); // the same each time
    sim.advance(2s);
    EXPECT_EQ(errors, std::vector<std::string>(2, sentence));
    EXPECT_EQ(beat.counters().ran, 3u);
}
