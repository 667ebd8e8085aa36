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

namespace {

task<> take_many(semaphore& s, std::size_t many, event& go, std::string& log, char name) {
    const auto permit = co_await s.acquire(many);
    log += name;
    co_await go.wait();
}

TEST(semaphore, counts_no_further_than_it_can) {
    semaphore many(2);
    many.release(SIZE_MAX);
    EXPECT_EQ(many.available(), SIZE_MAX);
    EXPECT_TRUE(many.try_acquire(SIZE_MAX));
}

} // namespace

TEST(semaphore, gives_several_permits_at_once_and_takes_them_back_together) {
    bare on;
    semaphore s(5);
    auto three = s.try_acquire(3);
    EXPECT_TRUE(three);
    EXPECT_EQ(s.available(), 2u);
    EXPECT_FALSE(s.try_acquire(3));
    EXPECT_EQ(s.available(), 2u);
    auto moved = std::move(three);
    EXPECT_EQ(s.available(), 2u);
    moved.release();
    EXPECT_EQ(s.available(), 5u);
}

TEST(semaphore, lets_no_small_request_overtake_a_large_one) {
    bare on;
    semaphore s(3);
    event never;
    std::string log;
    auto one = s.try_acquire();
    const auto large = spawn(take_many(s, 3, never, log, 'l'));
    const auto small = spawn(take_many(s, 1, never, log, 's'));
    on.settle();
    EXPECT_EQ(log, "") << "two are free, but the large request was there first";
    EXPECT_FALSE(s.try_acquire());
    one.release();
    on.settle();
    EXPECT_EQ(log, "l");
    large.cancel();
    on.settle();
    EXPECT_EQ(log, "ls");
    EXPECT_EQ(s.available(), 2u);
}

TEST(semaphore, lets_those_behind_go_on_when_the_large_request_in_front_is_cancelled) {
    bare on;
    semaphore s(2);
    event never;
    std::string log;
    const auto large = spawn(take_many(s, 3, never, log, 'l'));
    const auto a = spawn(take_many(s, 1, never, log, 'a'));
    const auto b = spawn(take_many(s, 1, never, log, 'b'));
    const auto c = spawn(take_many(s, 1, never, log, 'c'));
    on.settle();
    EXPECT_EQ(log, "");
    large.cancel();
    on.settle();
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(s.available(), 0u);
}

TEST(semaphore, lets_those_behind_go_on_when_the_task_in_front_is_destroyed) {
    semaphore s(2);
    event never;
    std::string log;
    bare behind;
    join_handle<> small(detail::spawned<void>::start(behind, take_many(s, 2, never, log, 's')));
    {
        bare on;
        spawn(take_many(s, 3, never, log, 'l')).detach();
        on.settle();
        behind.settle();
        EXPECT_EQ(log, "");
    }
    behind.settle();
    EXPECT_EQ(log, "s");
}

TEST(semaphore, gives_as_many_as_are_added) {
    bare on;
    semaphore s(0);
    event never;
    std::string log;
    const auto a = spawn(take_many(s, 2, never, log, 'a'));
    const auto b = spawn(take_many(s, 2, never, log, 'b'));
    on.settle();
    s.release();
    on.settle();
    EXPECT_EQ(log, "");
    s.release(4);
    on.settle();
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(s.available(), 1u);
}

TEST(semaphore, that_is_closed_refuses_those_who_wait_and_those_who_come) {
    bare on;
    semaphore s(1);
    event never;
    std::string log;
    auto held = s.try_acquire();
    const auto waiting = spawn([&]() -> task<> { co_await take(s, never, log, "a"); });
    on.settle();
    s.close();
    EXPECT_TRUE(s.is_closed());
    on.run([&]() -> task<> {
        EXPECT_THROW(co_await waiting, closed_error);
        EXPECT_THROW(static_cast<void>(co_await s.acquire()), closed_error);
        EXPECT_THROW(static_cast<void>(s.try_acquire()), closed_error);
    });
    held.release();
    EXPECT_EQ(s.available(), 1u);
    EXPECT_EQ(log, "");
}

TEST(semaphore, leaves_a_permit_that_was_granted_before_it_was_closed) {
    bare on;
    semaphore s(1);
    event never;
    std::string log;
    auto held = s.try_acquire();
    const auto a = spawn(take(s, never, log, "a"));
    on.settle();
    held.release(); // granted, but the task did not run yet
    s.close();
    on.settle();
    EXPECT_EQ(log, "a");
}

TEST(semaphore, gets_back_what_a_permit_held_when_another_is_assigned_to_it) {
    bare on;
    semaphore s(3);
    auto one = s.try_acquire();
    auto two = s.try_acquire(2);
    one = std::move(two);
    EXPECT_EQ(s.available(), 1u);
    EXPECT_FALSE(two);
    auto& same = one;
    one = std::move(same);
    EXPECT_TRUE(one);
    EXPECT_EQ(s.available(), 1u);
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
