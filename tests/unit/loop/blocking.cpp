#include <cicada/cicada.hpp>

#include <atomic>
#include <condition_variable>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using cicada::task;

namespace {

TEST(blocking, runs_on_the_loop_itself_in_a_simulation_and_takes_no_time) {
    cicada::simulation sim;
    sim.run([&]() -> task<> {
        const auto here = std::this_thread::get_id();
        EXPECT_EQ(co_await cicada::blocking([] { return std::this_thread::get_id(); })(), here);
        EXPECT_EQ(sim.elapsed(), 0s);
    }());
}

TEST(blocking, runs_off_the_loops_thread_and_resumes_on_it) {
    cicada::run([]() -> task<> {
        const auto here = std::this_thread::get_id();
        EXPECT_NE(co_await cicada::blocking([] { return std::this_thread::get_id(); })(), here);
        EXPECT_EQ(std::this_thread::get_id(), here);
    }());
}

TEST(blocking, passes_arguments_values_and_errors) {
    const auto program = []() -> task<> {
        const auto join = [](const std::string& a, std::unique_ptr<int> b) {
            return a + std::to_string(*b);
        };
        EXPECT_EQ(co_await cicada::blocking(join)(std::string("a"), std::make_unique<int>(7)),
                  "a7");
        const auto fail = [] { throw std::runtime_error("disk full"); };
        EXPECT_THROW(co_await cicada::blocking(fail)(), std::runtime_error);
        const auto throw_int = []() -> int { throw 7; };
        EXPECT_THROW(co_await cicada::blocking(throw_int)(), int);
        int calls = 0;
        co_await cicada::blocking([&] { ++calls; })();
        EXPECT_EQ(calls, 1);
    };
    cicada::run(program());
    cicada::simulation().run(program());
}

TEST(blocking, refuses_a_null_function) {
    void (*none)() = nullptr;
    EXPECT_THROW(static_cast<void>(cicada::blocking(none)), std::invalid_argument);
}

TEST(blocking, is_a_body_of_every) {
    cicada::simulation sim;
    int calls = 0;
    auto pack = cicada::every(1h, cicada::blocking([&] { ++calls; }));
    sim.advance(3h);
    EXPECT_EQ(calls, 4);
}

TEST(blocking, uses_no_more_threads_than_it_may) {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<int> calls{0};
    const auto work = [&] {
        const int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(1ms);
        --running;
        ++calls;
    };
    cicada::run(
        [&]() -> task<> {
            co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
                for (int i = 0; i < 20; ++i) s.spawn(cicada::blocking(work));
                co_return;
            });
        }(),
        {.loop = {.blocking_threads = 3}});
    EXPECT_EQ(calls, 20);
    EXPECT_LE(most, 3);
    EXPECT_GE(most, 2);
}

// An idle thread used to stand for all calls that were waiting, which then ran one after the other.
TEST(blocking, starts_a_thread_for_each_call_that_no_idle_one_is_left_for) {
    std::mutex mutex;
    std::condition_variable changed;
    int here = 0;
    const auto meet = [&] {
        std::unique_lock lock(mutex);
        ++here;
        changed.notify_all();
        return changed.wait_for(lock, 5s, [&] { return here == 3; });
    };
    const auto meets = [&]() -> task<> { EXPECT_TRUE(co_await cicada::blocking(meet)()); };
    cicada::run([&]() -> task<> {
        co_await cicada::blocking([] {})(); // its thread is idle from here on
        co_await cicada::blocking([] { std::this_thread::sleep_for(1ms); })();
        co_await cicada::with_scope([&](cicada::scope& s) -> task<> {
            for (int i = 0; i < 3; ++i) s.spawn(meets);
            co_return;
        });
    }());
}

TEST(blocking, never_runs_what_was_cancelled_before_it_started) {
    std::atomic<bool> release{false};
    std::atomic<bool> ran{false};
    cicada::run(
        [&]() -> task<> {
            auto busy = cicada::spawn(cicada::blocking([&] {
                while (!release) std::this_thread::yield();
            }));
            auto withdrawn = cicada::spawn(cicada::blocking([&] { ran = true; }));
            co_await cicada::sleep(1ms);
            co_await withdrawn.cancel();
            EXPECT_TRUE(withdrawn.has_ended());
            EXPECT_FALSE(busy.has_ended());
            release = true;
            co_await busy;
        }(),
        {.loop = {.blocking_threads = 1}});
    EXPECT_FALSE(ran);
}

TEST(blocking, that_runs_gives_its_value_and_leaves_the_request_to_the_next_suspension) {
    std::atomic<bool> started{false};
    std::atomic<bool> release{false};
    cicada::run([&]() -> task<> {
        int value = 0;
        bool cancelled = false;
        auto caller = cicada::spawn([&]() -> task<> {
            value = co_await cicada::blocking([&] {
                started = true;
                while (!release) std::this_thread::yield();
                return 7;
            })();
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cancelled = true;
            }
        });
        while (!started) co_await cicada::yield();
        auto ended = caller.cancel();
        co_await cicada::yield();
        EXPECT_FALSE(caller.has_ended()) << "what runs cannot be stopped";
        release = true;
        co_await ended;
        EXPECT_EQ(value, 7);
        EXPECT_TRUE(cancelled);
    }());
}

TEST(blocking, with_a_request_pending_does_not_run_in_a_simulation_either) {
    const auto program = []() -> task<> {
        bool ran = false;
        cicada::join_handle<void> self;
        self = cicada::spawn([&]() -> task<> {
            self.cancel();
            EXPECT_THROW(co_await cicada::blocking([&] { ran = true; })(), cicada::cancelled);
        });
        co_await self;
        EXPECT_FALSE(ran);
    };
    cicada::run(program());
    cicada::simulation().run(program());
}

struct hand final : cicada::driver {
    cicada::elapsed_time elapsed_now() noexcept override { return cicada::elapsed_clock::now(); }
    cicada::wall_time wall_now() noexcept override { return {}; }
    void wake() noexcept override {}
};

TEST(blocking, that_still_runs_when_its_loop_is_destroyed_is_waited_for) {
    const auto before = cicada::detail::pool_live_blocks();
    std::atomic<bool> started{false};
    std::atomic<bool> ended{false};
    const auto held = std::make_shared<int>();
    {
        hand driver;
        cicada::loop loop(driver);
        cicada::spawn(loop, cicada::blocking([&started, &ended, held] {
                          started = true;
                          std::this_thread::sleep_for(20ms);
                          ended = true;
                      }))
            .detach();
        while (!started) loop.run_ready();
    }
    EXPECT_TRUE(ended);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

} // namespace
