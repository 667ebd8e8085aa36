// Memory runs out at each allocation of a call in turn: the call throws std::bad_alloc, and nothing
// is left behind. Most telling under AddressSanitizer, where each frame is an allocation of its
// own.
#include <cicada/cicada.hpp>

#include <memory>
#include <new>

#include <gtest/gtest.h>

#include <fault/failing_new.hpp>
#include <support/listed.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using fault::until_failure;

namespace {

/// Makes `call` on a loop again and again: its first allocation fails, then its second, until none
/// does.
template <class Call>
void fail_each_allocation_of(Call call) {
    bool failed = true;
    for (long nth = 0; failed; ++nth) {
        SCOPED_TRACE(nth);
        const auto before = detail::pool_live_blocks();
        {
            simulation sim;
            until_failure = nth;
            try {
                call();
            } catch (const std::bad_alloc&) {
            }
            failed = until_failure < 0;
            until_failure = -1;
            sim.settle();
            EXPECT_EQ(support::listed(sim.get()).size(), 0u);
        }
        ASSERT_EQ(detail::pool_live_blocks(), before);
#if defined(__SANITIZE_ADDRESS__)
        EXPECT_TRUE(failed || nth > 0) << "it allocates nothing: there is nothing to test";
#endif
    }
}

task<int> give(int n) { co_return n; }

const zone utc; // made once in a process

} // namespace

TEST(allocation, that_fails_in_spawn_leaves_nothing) {
    fail_each_allocation_of([] { static_cast<void>(spawn(give(1))); });
    fail_each_allocation_of([] { static_cast<void>(spawn(give, 1)); });
    const spawn_options options{.name =
                                    "a name that is too long to be stored in the string itself"};
    fail_each_allocation_of([&] { static_cast<void>(spawn(give(1), options)); });
    fail_each_allocation_of([&] { static_cast<void>(spawn(options, give, 1)); });
    fail_each_allocation_of([] {
        auto named = spawn(give(1));
        named.set_name("a name that is too long to be stored in the string itself");
    });
}

TEST(allocation, that_fails_in_every_leaves_nothing) {
    const auto held = std::make_shared<int>(0);
    fail_each_allocation_of([&] { static_cast<void>(every(1s, [held] {})); });
    fail_each_allocation_of([&] {
        static_cast<void>(every(1s, {.name = "n", .jitter = 1ms, .history = 4}, [held] {}));
    });
    fail_each_allocation_of([&] { static_cast<void>(every(cron("*/2 * * * *"), [held] {})); });
    fail_each_allocation_of([&] {
        static_cast<void>(every(cron("@daily", "Europe/Berlin"), {.name = "n"}, [held] {}));
    });
    fail_each_allocation_of([&] { static_cast<void>(after(1s, [held] {})); });
    fail_each_allocation_of(
        [&] { static_cast<void>(after(1s, {.name = "n", .retry = {.max = 1}}, [held] {})); });
    EXPECT_EQ(held.use_count(), 1);
}

TEST(allocation, that_fails_in_control_leaves_the_periodic_as_it_was) {
    const auto before = detail::pool_live_blocks();
    for (const int which : {0, 1, 2, 3}) {
        simulation sim;
        int ticks = 0;
        const auto p = every(1s, [&] { ++ticks; });
        bool failed = true;
        for (long nth = 0; failed; ++nth) {
            until_failure = nth;
            try {
                if (which == 0) p.pause();
                if (which == 1) p.trigger();
                if (which == 2) p.reschedule(1s);
                if (which == 3) p.reschedule(cron("* * * * * *"));
            } catch (const std::bad_alloc&) {
            }
            failed = until_failure < 0;
            until_failure = -1;
        }
        p.resume();
        sim.advance(10s);
        EXPECT_GE(ticks, 9) << which;
    }
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

TEST(allocation, that_fails_in_post_and_combinators_leaves_nothing) {
    const auto held = std::make_shared<int>(0);
    fail_each_allocation_of([&] { loop::current().post([held] {}); });
    fail_each_allocation_of([] { static_cast<void>(when_all(give(1), give(2))); });
    fail_each_allocation_of([] { static_cast<void>(when_any(give(1), give(2))); });
    fail_each_allocation_of([] { static_cast<void>(with_timeout(1s, give(1))); });
    fail_each_allocation_of([] { static_cast<void>(shield(give(1))); });
    fail_each_allocation_of([] { static_cast<void>(when_any(give(1), sleep(1s))); });
    fail_each_allocation_of([] { static_cast<void>(with_timeout(1s, sleep(1s))); });
    fail_each_allocation_of([] { static_cast<void>(channel<int>(100)); });
    fail_each_allocation_of([] { static_cast<void>(promise<int>().future()); });
    EXPECT_EQ(held.use_count(), 1);
}

/// A loop that a test turns; nobody is on it when others post.
struct still_driver final : driver {
    elapsed_time elapsed_now() noexcept override { return elapsed_time(100s); }
    wall_time wall_now() noexcept override { return wall_time(1'000'000s); }
    void wake() noexcept override {}
};

TEST(allocation, that_fails_in_a_post_from_another_thread_loses_nothing) {
    const auto before = detail::pool_live_blocks();
    const auto held = std::make_shared<int>(0);
    {
        still_driver driver;
        loop home(driver);
        long ran = 0;
        long posted = 0;
        for (int round = 0; round < 3; ++round) {
            until_failure = round; // the memory of so many chunks
            try {
                for (;; ++posted) home.post([&ran, held] { ++ran; });
            } catch (const std::bad_alloc&) {
            }
            until_failure = -1;
            EXPECT_EQ(held.use_count(), 1 + posted - ran);
            home.run_ready();
            EXPECT_EQ(ran, posted);
        }
        EXPECT_GT(posted, 0);
    }
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

TEST(allocation, is_none_in_posts_once_the_loop_has_seen_as_many) {
    still_driver driver;
    loop home(driver);
    long ran = 0;
    for (int round = 0; round < 10; ++round) {
        if (round == 2) until_failure = 0;
        for (int i = 0; i < 2'000; ++i) home.post([&ran] { ++ran; });
        home.run_ready();
    }
    until_failure = -1;
    EXPECT_EQ(ran, 20'000);
}

TEST(allocation, is_none_in_keeping_a_promise_that_is_awaited) {
    still_driver driver;
    loop home(driver);
    std::vector<promise<int>> promises(2);
    int sum = 0;
    for (auto& p : promises)
        spawn(
            home, [](auto answer, int& to) -> task<> { to += co_await answer; }, p.future(),
            std::ref(sum))
            .detach();
    home.run_ready();
    until_failure = 0;
    for (auto& p : promises) p.set_value(21);
    until_failure = -1;
    for (int turns = 0; turns < 3; ++turns) home.run_ready();
    EXPECT_EQ(sum, 42);
}
