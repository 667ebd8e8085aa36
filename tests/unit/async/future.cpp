#include <cicada/async/future.hpp>

#include <memory>
#include <optional>
#include <string>

#include <cicada/async/when_any.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;
using support::counted;

namespace {

/// What it gives, or what its error says.
task<std::string> outcome(future<std::string>& f) {
    try {
        co_return co_await f;
    } catch (const std::exception& e) {
        co_return std::string("error: ") + e.what();
    }
}

} // namespace

TEST(future, gives_a_value_that_was_there_before) {
    bare on;
    promise<int> p;
    p.set_value(7);
    auto f = p.future();
    EXPECT_TRUE(f.is_ready());
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await f; }), 7);
    EXPECT_FALSE(f);
}

TEST(future, waits_for_a_value_that_comes_later) {
    bare on;
    promise<int> p;
    auto f = p.future();
    int got = 0;
    const auto t = spawn([&]() -> task<> { got = co_await f; });
    on.settle();
    EXPECT_FALSE(f.is_ready());
    EXPECT_FALSE(t.has_ended());
    p.set_value(7);
    on.settle();
    EXPECT_EQ(got, 7);
}

TEST(future, takes_values_of_every_kind) {
    bare on;
    on.run([]() -> task<> {
        promise<> nothing;
        nothing.set_value();
        co_await nothing.future();

        promise<std::unique_ptr<int>> movable;
        movable.set_value(std::make_unique<int>(1));
        EXPECT_EQ(*co_await movable.future(), 1);

        int n = 2;
        promise<int&> reference;
        reference.set_value(n);
        EXPECT_EQ(&co_await reference.future(), &n);

        promise<std::string> text;
        text.set_value("converted");
        EXPECT_EQ(co_await text.future(), "converted");
    });
}

TEST(future, rethrows_the_error_that_it_was_given) {
    bare on;
    promise<std::string> p;
    auto f = p.future();
    p.set_error(std::runtime_error("out of paper"));
    EXPECT_EQ(on.run([&]() -> task<std::string> { co_return co_await outcome(f); }),
              "error: out of paper");
}

TEST(future, whose_promise_was_dropped_throws_closed_error) {
    bare on;
    std::optional<promise<int>> p(std::in_place);
    auto f = p->future();
    const auto t = spawn([&]() -> task<> { EXPECT_THROW(co_await f, closed_error); });
    on.settle();
    p.reset();
    on.settle();
    EXPECT_TRUE(t.has_ended());
    EXPECT_TRUE(on.errors.empty());
}

TEST(future, loses_nothing_when_its_waiter_is_cancelled) {
    bare on;
    promise<int> p;
    auto f = p.future();
    const auto wait = [&]() -> task<int> { co_return co_await f; };
    auto t = spawn(wait());
    on.settle();
    t.cancel();
    on.settle();
    EXPECT_TRUE(t.has_ended());
    EXPECT_TRUE(f);
    p.set_value(7);
    EXPECT_EQ(on.run(wait()), 7);
}

TEST(future, that_is_kept_before_the_request_gives_its_value) {
    bare on;
    promise<int> p;
    auto f = p.future();
    std::string log;
    auto t = spawn([&]() -> task<> {
        log += std::to_string(co_await f);
        co_await yield();
        log += " not reached";
    });
    on.settle();
    p.set_value(7);
    t.cancel();
    on.settle();
    EXPECT_EQ(log, "7");
    EXPECT_TRUE(t.has_ended());
}

TEST(future, that_lost_in_when_any_can_be_awaited_again) {
    bare on;
    promise<int> one;
    promise<int> other;
    auto f = one.future();
    auto g = other.future();
    int got = 0;
    const auto t = spawn([&]() -> task<> {
        EXPECT_EQ((co_await when_any(f, g)).index(), 1u);
        got = co_await f;
    });
    on.settle();
    other.set_value(1);
    one.set_value(2); // in the same turn, but later
    on.settle();
    EXPECT_EQ(got, 2);
}

TEST(future, has_one_waiter_at_a_time) {
    bare on;
    promise<int> p;
    auto f = p.future();
    const auto t = spawn([&]() -> task<int> { co_return co_await f; });
    on.settle();
    on.run([&]() -> task<> { EXPECT_THROW(co_await f, std::logic_error); });
    p.set_value(7);
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await t; }), 7);
}

TEST(future, may_be_moved_or_dropped_while_a_task_waits_for_it) {
    for (const bool is_dropped : {false, true}) {
        bare on;
        promise<int> p;
        auto f = std::make_unique<future<int>>(p.future());
        int got = 0;
        const auto t = spawn([&]() -> task<> { got = co_await *f; });
        on.settle();
        future<int> other = std::move(*f);
        f.reset();
        if (is_dropped) other = future<int>();
        p.set_value(7);
        on.settle();
        EXPECT_EQ(got, 7);
        EXPECT_FALSE(other);
    }
}

TEST(future, gives_its_value_once) {
    bare on;
    promise<int> p;
    auto f = p.future();
    p.set_value(7);
    on.run([&]() -> task<> {
        EXPECT_EQ(co_await f, 7);
        EXPECT_THROW(co_await f, std::logic_error);
        future<int> none;
        EXPECT_THROW(co_await none, std::logic_error);
    });
}

TEST(promise, is_kept_once_and_has_one_future) {
    bare on;
    promise<int> p;
    auto f = p.future();
    EXPECT_THROW(static_cast<void>(p.future()), std::logic_error);
    p.set_value(1);
    EXPECT_THROW(p.set_value(2), std::logic_error);
    EXPECT_THROW(p.set_error(std::runtime_error("late")), std::logic_error);
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await f; }), 1);
    promise<int> q = std::move(p);
    EXPECT_THROW(p.set_value(3), std::logic_error);
    EXPECT_THROW(q.set_error(nullptr), std::invalid_argument);
}

TEST(promise, that_another_is_assigned_to_counts_as_dropped) {
    bare on;
    promise<int> p;
    auto f = p.future();
    p = promise<int>();
    on.run([&]() -> task<> { EXPECT_THROW(co_await f, closed_error); });
    auto g = p.future();
    p.set_value(2);
    EXPECT_EQ(on.run([&]() -> task<int> { co_return co_await g; }), 2);
}

TEST(promise, may_be_kept_when_nobody_waits_any_more) {
    bare on;
    int alive = 0;
    promise<counted> p;
    static_cast<void>(p.future());
    p.set_value(counted(alive));
    EXPECT_EQ(alive, 0);
    promise<int> unused;
}

TEST(promise, whose_error_nobody_awaited_brings_it_to_the_error_handler) {
    bare on;
    {
        promise<int> p;
        auto f = p.future();
        p.set_error(std::runtime_error("out of paper"));
    }
    EXPECT_EQ(on.errors, std::vector<std::string>{"a promise: out of paper"});
}

TEST(promise, outlives_the_loop_of_who_waited) {
    promise<int> p;
    auto f = p.future();
    {
        bare on;
        spawn([&]() -> task<> { co_await f; }).detach();
        on.settle();
    }
    EXPECT_FALSE(f.is_ready());
    p.set_value(7); // nobody is there
    EXPECT_TRUE(f.is_ready());
}

TEST(promise, that_is_kept_as_its_waiter_is_destroyed_keeps_the_value) {
    promise<int> p;
    auto f = p.future();
    {
        bare on;
        spawn([&]() -> task<> { co_await f; }).detach();
        on.settle();
        p.set_value(7); // it is ready, and never resumed
    }
    EXPECT_TRUE(f.is_ready());
}
