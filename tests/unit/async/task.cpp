#include <cicada/async/task.hpp>

#include <memory>
#include <string>

#include <cicada/async/event.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

task<int> give(int n) { co_return n; }
task<> note(std::string& log, std::string what) {
    log += what;
    co_return;
}
task<> fail(const char* what) {
    throw std::runtime_error(what);
    co_return;
}
task<> hold(counted, event& until) { co_await until.wait(); }
task<std::size_t> depth(std::size_t n) {
    if (n == 0) co_return 0;
    co_return 1 + co_await depth(n - 1);
}
task<std::size_t> fall(std::size_t n) {
    if (n == 0) throw std::runtime_error("the bottom");
    co_return co_await fall(n - 1);
}
task<std::size_t> dive(std::size_t n, event& bottom) {
    if (n == 0) {
        co_await bottom.wait();
        co_return 0;
    }
    const std::size_t below = co_await dive(n - 1, bottom);
    co_return below + co_await depth(1);
}

} // namespace

TEST(task, does_not_start_until_it_is_awaited) {
    bare on;
    on.run([]() -> task<> {
        std::string log;
        task<> later = note(log, "started");
        EXPECT_EQ(log, "");
        co_await std::move(later);
        EXPECT_EQ(log, "started");
    });
}

TEST(task, runs_at_once_when_awaited_without_a_turn_in_between) {
    bare on;
    std::string log;
    const auto other = spawn([&]() -> task<> { co_await note(log, "c"); });
    const auto first = spawn([&]() -> task<> {
        co_await note(log, "a");
        co_await note(log, "b");
    });
    on.turn();
    EXPECT_EQ(log, "cab");
}

TEST(task, gives_a_value) {
    bare on;
    EXPECT_EQ(on.run([]() -> task<int> { co_return co_await give(40) + co_await give(2); }), 42);
}

TEST(task, gives_a_move_only_value) {
    bare on;
    const auto box =
        on.run([]() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); });
    EXPECT_EQ(*box, 7);
}

TEST(task, gives_a_reference_to_the_very_object) {
    bare on;
    int there = 1;
    on.run([&]() -> task<> {
        auto refer = [](int& n) -> task<int&> { co_return n; };
        int& here = co_await refer(there);
        here = 2;
        EXPECT_EQ(&here, &there);
    });
    EXPECT_EQ(there, 2);
}

TEST(task, gives_a_const_value_and_one_without_a_default_constructor) {
    struct only_from_int {
        explicit only_from_int(int given) : n(given) {}
        int n;
    };
    bare on;
    on.run([]() -> task<> {
        auto constant = []() -> task<const std::string> { co_return "text"; };
        EXPECT_EQ(co_await constant(), "text");
        auto plain = []() -> task<only_from_int> { co_return only_from_int(3); };
        EXPECT_EQ((co_await plain()).n, 3);
    });
}

TEST(task, destroys_the_value_that_nobody_took) {
    bare on;
    int alive = 0;
    on.run([&]() -> task<> {
        auto make = [&]() -> task<counted> { co_return counted(alive); };
        co_await make();
        EXPECT_EQ(alive, 0);
        {
            const counted kept = co_await make();
            EXPECT_EQ(alive, 1);
        }
        EXPECT_EQ(alive, 0);
    });
}

TEST(task, rethrows_what_was_thrown_in_it) {
    bare on;
    on.run([]() -> task<> {
        EXPECT_THROW(co_await fail("no"), std::runtime_error);
        auto odd = []() -> task<> {
            throw 7; // not a std::exception
            co_return;
        };
        EXPECT_THROW(co_await odd(), int);
    });
}

TEST(task, passes_an_exception_of_a_returned_values_constructor) {
    struct picky {
        explicit picky(int n) {
            if (n < 0) throw std::invalid_argument("negative");
        }
    };
    bare on;
    on.run([]() -> task<> {
        auto make = [](int n) -> task<picky> { co_return picky(n); };
        EXPECT_THROW(co_await make(-1), std::invalid_argument);
        EXPECT_NO_THROW(co_await make(1));
    });
}

TEST(task, destroys_the_arguments_of_one_that_was_never_awaited) {
    bare on;
    int alive = 0;
    event never;
    {
        const task<> unused = hold(counted(alive), never);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(task, is_empty_once_moved_from) {
    bare on;
    on.run([]() -> task<> {
        task<int> first = give(1);
        EXPECT_TRUE(first);
        task<int> second = std::move(first);
        EXPECT_FALSE(first);
        EXPECT_EQ(co_await std::move(second), 1);
    });
}

TEST(task, assigned_over_ends_up_with_the_new_work) {
    bare on;
    int alive = 0;
    event never;
    on.run([&]() -> task<> {
        task<> work = hold(counted(alive), never);
        std::string log;
        work = note(log, "new");
        co_await std::move(work);
        EXPECT_EQ(log, "new");
    });
    EXPECT_EQ(alive, 0);
}

TEST(task, awaits_a_million_that_complete_at_once_in_constant_stack) {
    bare on;
    const auto sum = on.run([]() -> task<std::int64_t> {
        std::int64_t all = 0;
        for (int i = 0; i < 1'000'000; ++i) all += co_await give(1);
        co_return all;
    });
    EXPECT_EQ(sum, 1'000'000);
}

TEST(task, nests_a_hundred_thousand_deep_in_constant_stack) {
    bare on;
    EXPECT_EQ(on.run(depth(100'000)), 100'000u);
}

TEST(task, suspends_at_the_bottom_of_a_chain_and_goes_on_all_the_way_up) {
    // Some frames run on top of those that await them, the rest one after another: each number of
    // frames is right.
    for (std::size_t n = 0; n < 100; ++n) {
        bare on;
        event bottom;
        std::size_t sum = 0;
        const auto diver = spawn([&]() -> task<> { sum = co_await dive(n, bottom); });
        on.turn();
        EXPECT_EQ(sum, 0u);
        EXPECT_FALSE(diver.has_ended());
        bottom.set();
        on.turn();
        EXPECT_EQ(sum, n);
        EXPECT_TRUE(diver.has_ended());
    }
}

TEST(task, passes_an_exception_through_a_hundred_thousand_frames) {
    bare on;
    EXPECT_THROW(on.run(fall(100'000)), std::runtime_error);
}

TEST(task, that_waits_is_destroyed_with_its_executor_and_all_it_holds) {
    int alive = 0;
    event never;
    {
        bare on;
        auto handle = spawn([&]() -> task<> {
            const counted outer(alive);
            co_await hold(counted(alive), never);
        });
        on.settle();
        EXPECT_GE(alive, 2);
        handle.detach();
    }
    EXPECT_EQ(alive, 0);
}
