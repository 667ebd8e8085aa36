#include <cicada/async/event.hpp>

#include <string>

#include <support/bare.hpp>

using namespace cicada;
using support::bare;

namespace {

task<> say(event& e, std::string& log, const char* what) {
    co_await e.wait();
    log += what;
}

} // namespace

TEST(event, holds_its_waiters_until_it_is_set_and_resumes_them_in_order) {
    bare on;
    event e;
    std::string log;
    const auto a = spawn(say(e, log, "a"));
    const auto b = spawn(say(e, log, "b"));
    on.settle();
    EXPECT_EQ(log, "");
    e.set();
    EXPECT_EQ(log, "") << "not inside set()";
    on.settle();
    EXPECT_EQ(log, "ab");
}

TEST(event, stays_set_until_it_is_reset) {
    bare on;
    event e;
    std::string log;
    e.set();
    e.set();
    EXPECT_TRUE(e.is_set());
    on.run([&]() -> task<> {
        co_await e.wait();
        co_await say(e, log, "a");
    });
    e.reset();
    EXPECT_FALSE(e.is_set());
    const auto late = spawn(say(e, log, "b"));
    on.settle();
    EXPECT_EQ(log, "a");
    e.set();
    on.settle();
    EXPECT_EQ(log, "ab");
}

TEST(event, set_and_reset_at_once_still_resumes_those_who_waited) {
    bare on;
    event e;
    std::string log;
    const auto a = spawn(say(e, log, "a"));
    on.settle();
    e.set();
    e.reset();
    on.settle();
    EXPECT_EQ(log, "a");
}

TEST(event, loses_only_the_waiter_that_was_cancelled) {
    bare on;
    event e;
    std::string log;
    const auto a = spawn(say(e, log, "a"));
    const auto b = spawn(say(e, log, "b"));
    const auto c = spawn(say(e, log, "c"));
    on.settle();
    b.cancel();
    on.settle();
    EXPECT_TRUE(b.has_ended());
    e.set();
    on.settle();
    EXPECT_EQ(log, "ac");
}
