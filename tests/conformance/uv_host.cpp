// uv_host: its shutdown, its threads, and what it leaves behind.
#include <conformance/conformance.hpp>

#include <memory>
#include <optional>
#include <thread>

#include <cicada/hosts/uv.hpp>
#include <uv.h>

using namespace std::chrono_literals;
using cicada::task;

namespace {

class uv_host : public testing::Test {
protected:
    uv_host() {
        EXPECT_EQ(uv_loop_init(&loop), 0);
        host.emplace(&loop);
    }
    ~uv_host() override {
        host.reset();
        uv_run(&loop, UV_RUN_DEFAULT);
        EXPECT_EQ(uv_loop_close(&loop), 0) << "a handle was left open";
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before_);
    }

    std::int64_t live_before_ = cicada::detail::pool_live_blocks();
    uv_loop_t loop;
    std::optional<cicada::uv_host> host;
};

TEST_F(uv_host, lets_uv_run_return_when_nothing_is_left_and_begins_again) {
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    int ran = 0;
    for (int round = 1; round <= 3; ++round) {
        auto once = cicada::after(host->get(), 1ms, [&] { ++ran; });
        EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
        EXPECT_EQ(ran, round);
    }
}

TEST_F(uv_host, is_turned_by_every_mode_of_uv_run) {
    int ran = 0;
    auto beat = cicada::every(host->get(), 100us, {.times = 100}, [&] { ++ran; });
    for (const uv_run_mode mode : {UV_RUN_NOWAIT, UV_RUN_ONCE}) {
        const int before = ran;
        while (ran == before) EXPECT_NE(uv_run(&loop, mode), 0) << "something is left";
    }
    EXPECT_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    EXPECT_EQ(ran, 100);
}

TEST_F(uv_host, that_is_closed_cleans_up_before_uv_run_returns) {
    std::string log;
    cicada::spawn(host->get(), cleans_up_slowly(log)).detach();
    uv_run(&loop, UV_RUN_NOWAIT);
    std::thread other([&] { host->close(); }); // from any thread
    uv_run(&loop, UV_RUN_DEFAULT);
    other.join();
    log += "returned";
    EXPECT_EQ(log, "asked cleaned returned");
    EXPECT_TRUE(host->get().is_drained());
}

TEST_F(uv_host, that_goes_with_work_left_destroys_it) {
    const auto held = std::make_shared<int>();
    cicada::spawn(host->get(), [held]() -> task<> {
        for (;;) {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) { // does not want to
            }
        }
    }).detach();
    cicada::every(host->get(), 1h, [held] {}).detach();
    uv_run(&loop, UV_RUN_NOWAIT);
    host.reset();
    EXPECT_EQ(held.use_count(), 1);
}

TEST_F(uv_host, runs_what_its_thread_starts_after_another_has_posted_to_an_idle_loop) {
    uv_run(&loop, UV_RUN_DEFAULT); // nothing: the loop falls asleep
    std::string log;
    std::thread([&] { host->get().post([&] { log += "theirs "; }); }).join();
    cicada::spawn(host->get(), [&]() -> task<> {
        log += "ours";
        co_return;
    }).detach();
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(log, "theirs ours");
}

TEST_F(uv_host, may_be_made_on_another_thread_than_uv_run_is_called_on) {
    std::thread::id ran_on;
    auto first = cicada::after(host->get(), 1ms, [&] { ran_on = std::this_thread::get_id(); });
    auto until_closed = cicada::every(host->get(), 1h, [] {});
    std::thread other([&] { uv_run(&loop, UV_RUN_DEFAULT); });
    const auto other_id = other.get_id();
    int posted = 0;
    for (int i = 0; i < 1000; ++i) host->get().post([&] { ++posted; });
    auto answer = cicada::spawn(host->get(), []() -> task<int> { co_return 42; });
    EXPECT_EQ(answer.wait(), 42);
    first.cancel();
    host->close();
    other.join();
    EXPECT_EQ(posted, 1000);
    EXPECT_TRUE(ran_on == other_id || ran_on == std::thread::id());
}

TEST_F(uv_host, is_not_turned_by_a_task_that_calls_uv_run) {
    std::string log;
    cicada::spawn(host->get(), [&]() -> task<> {
        log += "a";
        cicada::spawn([&]() -> task<> {
            log += "c";
            co_return;
        }).detach();
        uv_run(&loop, UV_RUN_NOWAIT); // libuv forbids it
        log += "b";
        co_await cicada::sleep(1ms);
        log += "d";
    }).detach();
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(log, "abcd");
}

/// How most programs of libuv end.
void close_all(uv_loop_t& loop, uv_close_cb on_closed) {
    uv_walk(
        &loop,
        [](uv_handle_t* each, void* callback) {
            if (!uv_is_closing(each)) uv_close(each, *static_cast<uv_close_cb*>(callback));
        },
        &on_closed);
}

int closed_handles = 0;

TEST_F(uv_host, goes_after_its_handles_were_closed) {
    auto beat = cicada::every(host->get(), 1h, [] {});
    uv_run(&loop, UV_RUN_NOWAIT);
    beat.cancel();
    uv_run(&loop, UV_RUN_DEFAULT);
    closed_handles = 0;
    close_all(loop, [](uv_handle_t*) { ++closed_handles; });
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(closed_handles, 3);
    host.reset();
    EXPECT_EQ(uv_loop_close(&loop), 0) << "nothing was left to close";
    uv_loop_init(&loop);
}

TEST_F(uv_host, goes_while_its_handles_are_being_closed) {
    uv_run(&loop, UV_RUN_DEFAULT);
    close_all(loop, nullptr);
    host.reset(); // its memory stays until libuv has let go of it: ~uv_host() below
}

TEST_F(uv_host, goes_while_one_of_its_handles_is_being_closed) {
    uv_walk(
        &loop,
        [](uv_handle_t* each, void*) {
            if (each->type == UV_TIMER) uv_close(each, nullptr);
        },
        nullptr);
    host.reset();
}

TEST(uv_host_closed_by_others, cancels_what_is_left_and_says_so) {
    for (const bool from_task : {false, true}) {
        const auto live_before = cicada::detail::pool_live_blocks();
        uv_loop_t loop;
        ASSERT_EQ(uv_loop_init(&loop), 0);
        std::string log;
        std::vector<std::string> errors;
        {
            cicada::uv_host host(&loop, {.on_error = [&](const cicada::error_report& report) {
                errors.push_back(report.what());
            }});
            cicada::spawn(host.get(), cleans_up_slowly(log)).detach();
            if (from_task) {
                cicada::after(host.get(), 1ms, [&] { close_all(loop, nullptr); }).detach();
            } else {
                uv_run(&loop, UV_RUN_NOWAIT);
                close_all(loop, nullptr);
            }
            uv_run(&loop, UV_RUN_DEFAULT);
            host.get().post([&] { log += "posted "; }); // neither lost nor run by nobody
            uv_run(&loop, UV_RUN_DEFAULT);
            EXPECT_TRUE(host.get().is_closed());
            EXPECT_FALSE(host.get().post([] {}));
        }
        EXPECT_EQ(log, from_task ? "asked " : "posted asked ");
        ASSERT_EQ(errors.size(), 1u);
        EXPECT_NE(errors[0].find("uv_walk"), std::string::npos) << errors[0];
        EXPECT_EQ(uv_loop_close(&loop), 0);
        EXPECT_EQ(cicada::detail::pool_live_blocks(), live_before);
    }
}

TEST(uv_host_closed_by_others, tells_a_handler_that_uses_other_loops) {
    cicada::loop_thread other;
    const cicada::loop_ref log(other.get());
    uv_loop_t loop;
    ASSERT_EQ(uv_loop_init(&loop), 0);
    int told = 0;
    {
        cicada::uv_host host(&loop, {.on_error = [&](const cicada::error_report&) {
            if (log.post([] {})) ++told;
        }});
        auto beat = cicada::every(host.get(), 1h, [] {});
        uv_run(&loop, UV_RUN_NOWAIT);
        close_all(loop, nullptr);
        beat.cancel(); // wakes the loop, whose handler posts by itself
    }
    EXPECT_EQ(told, 1);
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop), 0);
}

TEST_F(uv_host, that_has_lost_its_timer_cancels_and_lets_uv_run_return) {
    std::string log;
    cicada::spawn(host->get(), cleans_up_slowly(log)).detach();
    cicada::after(host->get(), 1ms, [&] {
        uv_walk(
            &loop,
            [](uv_handle_t* each, void*) {
                if (each->type == UV_TIMER) uv_close(each, nullptr);
            },
            nullptr);
    }).detach();
    testing::internal::CaptureStderr();
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(log, "asked ") << "nobody tells it of time any more";
    EXPECT_NE(testing::internal::GetCapturedStderr().find("uv_walk"), std::string::npos);
}

TEST_F(uv_host, that_its_own_task_destroys_ends_the_process) {
    auto once = cicada::after(host->get(), 0s, [&] { host.reset(); });
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(uv_run(&loop, UV_RUN_DEFAULT), "destroyed by one of its own tasks");
    once.cancel();
}

} // namespace
