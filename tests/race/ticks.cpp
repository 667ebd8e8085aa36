// Blocking bodies that cancel their own periodic from the pool's threads.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

TEST(tick_cancel, by_a_pool_thread_ends_its_periodic) {
    loop_thread background;
    loop_thread other;
    for (int round = 0; round < 100; ++round) {
        std::atomic<int> ran{0};
        auto p = every(background.get(), 10us, blocking([&](tick t) {
                           if (ran.fetch_add(1) == round % 3) t.cancel();
                       }));
        spawn(other.get(), [](periodic& of) -> task<> { co_await of; }(p)).wait();
        EXPECT_EQ(ran.load(), round % 3 + 1);
    }
}

TEST(tick_cancel, by_a_pool_thread_meets_a_handle_that_is_dropped_and_a_loop_that_ends) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<bool> runs{false};
        loop_thread background;
        auto p = every(background.get(), 10us, blocking([&](tick t) {
                           runs = true;
                           t.cancel();
                           t.cancel();
                       }));
        while (!runs) std::this_thread::yield();
        if (round % 2 == 0) p.cancel();
        if (round % 3 == 0) p = periodic();
    }
}

} // namespace
