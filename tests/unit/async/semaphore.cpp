#include <cicada/async/semaphore.hpp>

#include <string>

#include <cicada/async/event.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

namespace {

/// Takes a permit, says its name, and keeps the permit until it is told to go.
task<> take(semaphore& s, event& go, std::string& log, const char* name) {
    const auto permit = co_await s.acquire();
    log += name;
    co_await go.wait();
}

} // namespace

TEST(semaphore, gives_permits_until_none_is_left_and_then_in_the_order_of_asking) {
    bare on;
    semaphore s(2);
    event first;
    event never;
    std::string log;
    const auto a = spawn(take(s, first, log, "a"));
    const auto b = spawn(take(s, never, log, "b"));
    const auto c = spawn(take(s, never, log, "c"));
    const auto d = spawn(take(s, never, log, "d"));
    on.settle();
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(s.available(), 0u);
    first.set();
    on.settle();
    EXPECT_EQ(log, "abc");
    b.cancel();
    on.settle();
    EXPECT_EQ(log, "abcd");
}

TEST(semaphore, lets_nobody_overtake_those_who_wait) {
    bare on;
    semaphore s(1);
    event never;
    std::string log;
    auto held = s.try_acquire();
    EXPECT_TRUE(held);
    const auto a = spawn(take(s, never, log, "a"));
    on.settle();
    held.release();
    EXPECT_FALSE(s.try_acquire())
        << "the permit belongs to the one who waits, although it has not run yet";
    EXPECT_EQ(s.available(), 0u);
    on.settle();
    EXPECT_EQ(log, "a");
}

TEST(semaphore, takes_a_permit_back_once_however_often_it_is_released_or_moved) {
    bare on;
    semaphore s(1);
    {
        auto one = s.try_acquire();
        auto two = std::move(one);
        EXPECT_FALSE(one);
        EXPECT_TRUE(two);
        two.release();
        two.release();
        EXPECT_FALSE(two);
        EXPECT_EQ(s.available(), 1u);
        one = s.try_acquire();
        EXPECT_EQ(s.available(), 0u);
    }
    EXPECT_EQ(s.available(), 1u);
}

TEST(semaphore, gives_no_permit_to_a_waiter_that_was_cancelled) {
    bare on;
    semaphore s(0);
    semaphore one(1);
    event never;
    std::string log;
    auto held = one.try_acquire();
    const auto a = spawn(take(one, never, log, "a"));
    on.settle();
    a.cancel();
    on.settle();
    held.release();
    on.settle();
    EXPECT_EQ(log, "");
    EXPECT_EQ(one.available(), 1u);
    EXPECT_FALSE(s.try_acquire());
}

TEST(semaphore, keeps_the_permit_with_the_task_when_a_request_comes_after_the_grant) {
    bare on;
    semaphore s(1);
    event never;
    std::string log;
    auto held = s.try_acquire();
    const auto a = spawn(take(s, never, log, "a"));
    on.settle();
    held.release(); // granted, but the task did not run yet
    a.cancel();
    on.settle();
    EXPECT_EQ(log, "a") << "the permit was delivered, and the request came at the next suspension";
    EXPECT_EQ(s.available(), 1u);
}

TEST(semaphore, gets_back_the_permit_of_a_task_that_is_destroyed_before_it_could_take_it) {
    semaphore s(1);
    event never;
    std::string log;
    {
        bare on;
        auto held = s.try_acquire();
        spawn(take(s, never, log, "a")).detach();
        on.settle();
        held.release();
        EXPECT_EQ(s.available(), 0u);
    }
    EXPECT_EQ(s.available(), 1u);
    EXPECT_EQ(log, "");
}

TEST(mutex, lets_one_in_at_a_time) {
    bare on;
    mutex m;
    event go;
    std::string log;
    const auto enter = [&](const char* name) -> task<> {
        const auto lock = co_await m.lock();
        log += name;
        co_await go.wait();
        log += name;
    };
    const auto a = spawn(enter, "a");
    const auto b = spawn(enter, "b");
    on.settle();
    EXPECT_EQ(log, "a");
    EXPECT_TRUE(m.is_locked());
    EXPECT_FALSE(m.try_lock());
    go.set();
    on.settle();
    EXPECT_EQ(log, "aabb");
    EXPECT_FALSE(m.is_locked());
    EXPECT_TRUE(m.try_lock());
}

TEST(mutex, is_unlocked_by_cancel) {
    bare on;
    mutex m;
    event never;
    const auto holder = spawn([&]() -> task<> {
        const auto lock = co_await m.lock();
        co_await never.wait();
    });
    on.settle();
    holder.cancel();
    on.settle();
    EXPECT_FALSE(m.is_locked());
}
