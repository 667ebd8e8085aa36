#include <cicada/async/shield.hpp>

#include <string>

#include <cicada/async/event.hpp>
#include <cicada/async/scope.hpp>
#include <cicada/async/yield.hpp>
#include <support/bare.hpp>

using namespace cicada;
using support::bare;

namespace {

task<int> give_after(event& e, int n) {
    co_await e.wait();
    co_return n;
}
task<> fail_after(event& e) {
    co_await e.wait();
    throw std::runtime_error("inside");
}

} // namespace

TEST(shield, gives_the_value_and_the_error_of_the_section) {
    bare on;
    on.run([]() -> task<> {
        event now;
        now.set();
        EXPECT_EQ(co_await shield(give_after(now, 4)), 4);
        EXPECT_THROW(co_await shield(fail_after(now)), std::runtime_error);
    });
}

TEST(shield, lets_the_section_end_and_delivers_the_request_at_the_first_suspension_after_it) {
    bare on;
    event go;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        log += std::to_string(co_await shield(give_after(go, 4)));
        log += " given; ";
        try {
            co_await yield();
        } catch (const cancelled&) {
            log += "cancelled";
            throw;
        }
    });
    on.settle();
    handle.cancel();
    on.settle();
    EXPECT_EQ(log, "") << "the section goes on";
    go.set();
    on.settle();
    EXPECT_EQ(log, "4 given; cancelled");
}

TEST(shield, keeps_a_request_that_came_before_it_outside) {
    bare on;
    join_handle<> own;
    std::string log;
    own = spawn([&]() -> task<> {
        own.cancel();
        co_await shield([](std::string& l) -> task<> {
            co_await yield();
            l += "inside; ";
        }(log));
        log += "after; ";
        co_await yield();
        log += "not reached";
    });
    on.settle();
    EXPECT_EQ(log, "inside; after; ");
}

TEST(shield, may_be_nested_and_each_keeps_the_request_outside) {
    bare on;
    event go;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        co_await shield([](event& e, std::string& l) -> task<> {
            co_await shield(give_after(e, 1));
            l += "inner; ";
            co_await yield();
            l += "outer; ";
        }(go, log));
        co_await yield();
        log += "not reached";
    });
    on.settle();
    handle.cancel();
    go.set();
    on.settle();
    EXPECT_EQ(log, "inner; outer; ");
    EXPECT_TRUE(handle.has_ended());
}

TEST(shield, lets_a_request_from_inside_work) {
    // A scope in the section cancels its own body when a child fails.
    bare on;
    event never;
    on.run([&]() -> task<> {
        auto body = [&](scope& s) -> task<> {
            s.spawn([]() -> task<> {
                co_await yield();
                throw std::runtime_error("child");
            });
            co_await never.wait();
        };
        EXPECT_THROW(co_await shield(with_scope(body)), std::runtime_error);
        co_await yield(); // nothing is left to deliver
    });
}

TEST(shield, delivers_an_error_first_and_the_request_after_it) {
    bare on;
    event go;
    std::string log;
    auto handle = spawn([&]() -> task<> {
        try {
            co_await shield(fail_after(go));
        } catch (const std::runtime_error& e) {
            log += e.what();
        }
        co_await yield();
        log += " not reached";
    });
    on.settle();
    handle.cancel();
    go.set();
    on.settle();
    EXPECT_EQ(log, "inside");
}

TEST(shield, of_a_task_that_completes_at_once_leaves_nothing_behind) {
    bare on;
    on.run([]() -> task<> {
        auto nothing = []() -> task<> { co_return; };
        for (int i = 0; i < 3; ++i) co_await shield(nothing());
        co_await yield();
    });
}

TEST(shield, finds_a_task_that_awaits_its_own_cancel_inside) {
    // The request would wait for the section, and the section for the request.
    bare on;
    join_handle<> own;
    bool threw = false;
    own = spawn([&]() -> task<> {
        auto section = [&]() -> task<> {
            try {
                co_await own.cancel();
            } catch (const std::logic_error&) {
                threw = true;
            }
        };
        co_await shield(section());
    });
    on.settle();
    EXPECT_TRUE(threw);
    EXPECT_TRUE(own.has_ended());
}
