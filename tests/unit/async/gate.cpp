#include <cicada/async/gate.hpp>

#include <cicada/async/event.hpp>
#include <cicada/async/spawn.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

TEST(gate, lets_work_in_while_it_is_open_and_counts_it) {
    bare on;
    gate g;
    {
        auto a = g.enter();
        auto b = g.try_enter();
        EXPECT_TRUE(a);
        EXPECT_TRUE(b);
        EXPECT_EQ(g.inside(), 2u);
        auto moved = std::move(a);
        EXPECT_FALSE(a);
        EXPECT_EQ(g.inside(), 2u);
    }
    EXPECT_EQ(g.inside(), 0u);
    EXPECT_FALSE(g.is_closed());
}

TEST(gate, closes_at_once_and_waits_until_the_last_has_left) {
    bare on;
    gate g;
    event leave;
    const auto worker = spawn([&]() -> task<> {
        const auto inside = g.enter();
        co_await leave.wait();
    });
    on.settle();
    const auto closer = spawn([&]() -> task<> { co_await g.close(); });
    const auto second = spawn([&]() -> task<> { co_await g.close(); });
    on.settle();
    EXPECT_TRUE(g.is_closed());
    EXPECT_THROW(static_cast<void>(g.enter()), closed_error);
    EXPECT_FALSE(g.try_enter());
    EXPECT_FALSE(closer.has_ended());
    leave.set();
    on.settle();
    EXPECT_TRUE(closer.has_ended());
    EXPECT_TRUE(second.has_ended());
}

TEST(gate, that_nobody_entered_closes_without_waiting) {
    bare on;
    gate g;
    on.run([&]() -> task<> {
        co_await g.close();
        co_await g.close();
    });
    EXPECT_TRUE(g.is_closed());
}

TEST(gate, stays_closed_when_the_wait_for_it_is_cancelled) {
    bare on;
    gate g;
    {
        const auto inside = g.enter();
        const auto closer = spawn([&]() -> task<> { co_await g.close(); });
        on.settle();
        closer.cancel();
        on.settle();
        EXPECT_TRUE(closer.has_ended());
        EXPECT_TRUE(g.is_closed());
    }
    on.run([&]() -> task<> { co_await g.close(); });
}
