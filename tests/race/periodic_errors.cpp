// The error that ended a periodic, whose handle goes on another thread than its loop's.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

every_options stops() { return {.name = "flush", .on_error = on_error::stop}; }

/// Two turns: whatever was posted before has run.
void settle(loop& l) {
    for (int i = 0; i < 2; ++i) spawn(l, []() -> task<> { co_return; }).wait();
}

TEST(error_that_ended_a_periodic, goes_to_its_own_loop_whichever_thread_drops_the_handle) {
    std::atomic<std::thread::id> home{};
    std::atomic<int> told{0};
    std::atomic<int> told_elsewhere{0};
    loop_thread background({.loop = {.on_error = [&](const error_report& report) {
                                (std::this_thread::get_id() == home.load() &&
                                         report.task == "flush" && report.what() == "disk full"
                                     ? told
                                     : told_elsewhere)++;
                            }}});
    loop_thread other({.loop = {.on_error = [&](const error_report&) { ++told_elsewhere; }}});
    spawn(background.get(), [&]() -> task<> {
        home = std::this_thread::get_id();
        co_return;
    }).wait();

    constexpr int many = 60;
    for (int round = 0; round < many; ++round) {
        std::atomic<bool> throws{false};
        auto p = every(background.get(), 1h, stops(), [&] {
            throws = true;
            throw std::runtime_error("disk full");
        });
        while (!throws) std::this_thread::yield();
        if (round % 2 == 0) settle(background.get()); // it has ended; else it is just about to
        if (round % 3 == 0) {
            p = periodic();
        } else if (round % 3 == 1) {
            p.detach();
        } else {
            other.get().post([held = std::make_shared<periodic>(std::move(p))] {});
            settle(other.get());
        }
    }
    settle(background.get());
    EXPECT_EQ(told, many);
    EXPECT_EQ(told_elsewhere, 0);
}

TEST(error_that_ended_a_periodic, is_not_lost_though_its_loop_ends_meanwhile) {
    for (int round = 0; round < 30; ++round) {
        std::atomic<int> told{0};
        testing::internal::CaptureStderr();
        std::thread owner;
        {
            loop_thread background({.loop = {.on_error = [&](const error_report&) { ++told; }}});
            auto p = every(background.get(), 1h, stops(), [] { throw std::runtime_error("no"); });
            settle(background.get());
            owner = std::thread([p = std::move(p), round]() mutable {
                if (round % 3 != 0) std::this_thread::yield();
                if (round % 3 == 2) std::this_thread::sleep_for(500us);
                p = periodic();
            });
        }
        owner.join();
        const std::string line = testing::internal::GetCapturedStderr();
        EXPECT_EQ(told + (line == "cicada: task 'flush' failed: no\n"), 1) << line;
    }
}

TEST(error_that_ended_a_periodic, goes_to_stderr_when_its_loop_is_gone) {
    testing::internal::CaptureStderr();
    std::atomic<int> told_elsewhere{0};
    periodic p;
    {
        loop_thread background;
        p = every(background.get(), 1h, stops(), [] { throw std::runtime_error("no"); });
        settle(background.get());
    }
    {
        loop_thread other({.loop = {.on_error = [&](const error_report&) { ++told_elsewhere; }}});
        other.get().post([held = std::make_shared<periodic>(std::move(p))] {});
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "cicada: task 'flush' failed: no\n");
    EXPECT_EQ(told_elsewhere, 0) << "another loop's handler has nothing to do with it";
}

} // namespace
