// A set of periodics of several loops.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

TEST(periodic_set, of_several_loops_is_cancelled_as_one) {
    std::atomic<int> told{0};
    int failures = 0;
    int thrown = 0;
    {
        loop_group loops(3, {.loop = {.on_error = [&](const error_report&) { ++told; }}});
        loop_thread waiting;
        for (int round = 0; round < 50; ++round) {
            const auto alive = std::make_shared<std::atomic<int>>(0);
            const auto failed = std::make_shared<std::atomic<int>>(0);
            periodic_set set;
            for (int i = 0; i < 20; ++i) {
                set.add(every(loops.next(), 20us, [alive]() -> task<> {
                    ++*alive;
                    try {
                        co_await sleep(10us);
                    } catch (const cancelled&) {
                    }
                    --*alive;
                }));
                set.add(after(loops.next(), 1us * i, [] {}));
                set.add(every(loops.next(), 1h, {.on_error = on_error::stop}, [failed] {
                    ++*failed;
                    throw 7;
                }));
            }
            if (round % 2 == 0) std::this_thread::sleep_for(200us);
            if (round % 5 == 0) continue; // dropped
            spawn(waiting.get(), [&]() -> task<> {
                try {
                    co_await set.cancel();
                } catch (int) {
                    ++thrown;
                }
            }).wait();
            EXPECT_EQ(set.size(), 0u);
            EXPECT_EQ(*alive, 0);
            failures += *failed;
        }
    }
    EXPECT_GE(told + thrown, failures) << "those of a set that was dropped are told as well";
}

TEST(periodic_set, is_cancelled_and_waited_for_by_a_thread_without_a_loop) {
    cicada::loop_thread background;
    std::atomic<int> alive{0};
    cicada::periodic_set set;
    for (int i = 0; i < 3; ++i) {
        set.add(cicada::every(background.get(), std::chrono::hours(1), [&]() -> cicada::task<> {
            alive.fetch_add(1);
            try {
                co_await cicada::sleep(std::chrono::hours(1));
            } catch (const cicada::cancelled&) {
                alive.fetch_sub(1);
                throw;
            }
        }));
    }
    set.cancel().wait();
    EXPECT_EQ(alive.load(), 0);
    EXPECT_EQ(set.size(), 0u);
}

} // namespace
