#include <cicada/async/condition.hpp>

#include <string>
#include <vector>

#include <cicada/async/event.hpp>
#include <cicada/async/when_any.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

namespace {

/// Waits for one notification, and says its name with the lock held.
task<> wait_once(mutex& m, condition& c, std::string& log, char name) {
    auto lock = co_await m.lock();
    co_await c.wait(lock);
    EXPECT_TRUE(lock);
    EXPECT_TRUE(m.is_locked());
    log += name;
}

} // namespace

TEST(condition, frees_the_mutex_while_a_task_waits_and_holds_it_when_it_goes_on) {
    bare on;
    mutex m;
    condition c;
    std::string log;
    const auto a = spawn(wait_once(m, c, log, 'a'));
    on.settle();
    EXPECT_FALSE(m.is_locked());
    auto lock = m.try_lock();
    c.notify_one();
    on.settle();
    EXPECT_EQ(log, "") << "it needs the mutex first";
    lock.release();
    on.settle();
    EXPECT_EQ(log, "a");
    EXPECT_FALSE(m.is_locked());
}

TEST(condition, wakes_one_or_all_in_the_order_of_waiting) {
    bare on;
    mutex m;
    condition c;
    std::string log;
    std::vector<join_handle<>> waiting;
    for (const char name : {'a', 'b', 'c', 'd'})
        waiting.push_back(spawn(wait_once(m, c, log, name)));
    on.settle();
    c.notify_one();
    on.settle();
    EXPECT_EQ(log, "a");
    c.notify_all();
    c.notify_all(); // nobody is left
    on.settle();
    EXPECT_EQ(log, "abcd");
    c.notify_one();
}

TEST(condition, waits_until_its_predicate_holds) {
    bare on;
    mutex m;
    condition c;
    int value = 0;
    int asked = 0;
    const auto a = spawn([&]() -> task<> {
        auto lock = co_await m.lock();
        co_await c.wait(lock, [&] {
            EXPECT_TRUE(m.is_locked());
            ++asked;
            return value == 2;
        });
        EXPECT_TRUE(lock);
        value = 10;
    });
    on.settle();
    for (const int next : {1, 2}) {
        value = next;
        c.notify_all();
        on.settle();
    }
    EXPECT_EQ(value, 10);
    EXPECT_EQ(asked, 3);
}

TEST(condition, whose_predicate_holds_already_does_not_wait) {
    bare on;
    mutex m;
    condition c;
    on.run([&]() -> task<> {
        auto lock = co_await m.lock();
        co_await c.wait(lock, [] { return true; });
        EXPECT_TRUE(lock);
    });
}

TEST(condition, throws_cancelled_only_when_the_lock_is_held_again) {
    bare on;
    mutex m;
    condition c;
    std::string log;
    auto a = spawn([&]() -> task<> {
        auto lock = co_await m.lock();
        try {
            co_await c.wait(lock);
        } catch (const cancelled&) {
            EXPECT_TRUE(lock);
            log += "cancelled";
            throw;
        }
    });
    on.settle();
    auto lock = m.try_lock();
    a.cancel();
    on.settle();
    EXPECT_EQ(log, "");
    EXPECT_FALSE(a.has_ended());
    a.cancel(); // another request does not tear it from the mutex
    on.settle();
    EXPECT_FALSE(a.has_ended());
    lock.release();
    on.settle();
    EXPECT_EQ(log, "cancelled");
    EXPECT_FALSE(m.is_locked());
}

TEST(condition, passes_on_a_notification_to_a_task_that_has_lost_in_when_any) {
    for (const bool with_predicate : {false, true}) {
        bare on;
        mutex m;
        condition c;
        event stop;
        int items = 0;
        std::string log;
        const auto wait = [&](mutex::lock_type& lock) {
            return with_predicate ? c.wait(lock, [&] { return items > 0; }) : c.wait(lock);
        };
        const auto a = spawn([&]() -> task<> {
            auto lock = co_await m.lock();
            const auto first = co_await when_any(stop.wait(), wait(lock));
            log += first.index() == 0 ? "stopped " : "a ";
        });
        const auto b = spawn([&]() -> task<> {
            auto lock = co_await m.lock();
            co_await wait(lock);
            log += "b";
        });
        on.settle();
        stop.set();
        items = 1;
        c.notify_one();
        on.settle();
        EXPECT_EQ(log, "stopped b");
        EXPECT_TRUE(b.has_ended());
    }
}

TEST(condition, needs_a_lock_that_is_held) {
    bare on;
    condition c;
    on.run([&]() -> task<> {
        mutex::lock_type none;
        EXPECT_THROW(co_await c.wait(none), std::logic_error);
    });
}
