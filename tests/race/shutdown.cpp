// Loops that end under load, blocking work that is withdrawn, memory that crosses threads.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/form.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::form;
using support::form_of_round;
using support::wait_in;

TEST(loop_group, ends_as_one_with_everything_that_was_started_on_it) {
    std::atomic<int> ticks{0};
    for (int round = 0; round < 20; ++round) {
        loop_group loops(3);
        for (int i = 0; i < 100; ++i) {
            every(loops.next(), 100us, [&] { ticks.fetch_add(1); }).detach();
            spawn(
                loops.next(),
                [](form how) -> task<> {
                    for (;;) co_await wait_in(how, sleep(10us));
                },
                form_of_round(i))
                .detach();
        }
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_GT(ticks.load(), 0);
}

TEST(loop, that_is_closed_cancels_at_once_what_is_started_on_it) {
    loop_thread background;
    background.close();
    background.wait_until_drained();
    bool ran = false;
    const auto beat = every(background.get(), 1s, [&] { ran = true; });
    const auto late = spawn(background.get(), []() -> task<> { co_return; }());
    beat.cancel().wait();
    EXPECT_THROW(late.wait(), task_cancelled);
    EXPECT_FALSE(ran);
}

TEST(blocking_work, is_withdrawn_or_completes_but_never_both) {
    std::atomic<int> started{0};
    std::atomic<int> completed{0};
    {
        loop_thread background({.loop = {.blocking_threads = 2}});
        for (int round = 0; round < 20; ++round) {
            std::vector<join_handle<void>> calls;
            for (int i = 0; i < 20; ++i) {
                calls.push_back(spawn(background.get(), [&, i]() -> task<> {
                    auto work = blocking([&] {
                        started.fetch_add(1);
                        std::this_thread::sleep_for(20us);
                    });
                    const auto count = [&](auto) { completed.fetch_add(1); };
                    co_await wait_in(form_of_round(i), work(), count);
                }));
            }
            if (round % 2 == 0) std::this_thread::sleep_for(100us);
            for (auto& c : calls) c.cancel().wait();
        }
    }
    EXPECT_EQ(started.load(), completed.load());
}

TEST(pool, takes_blocks_back_from_other_threads_and_from_threads_that_have_ended) {
    const auto before = detail::pool_live_blocks();
    constexpr std::size_t size = 120;
    for (int round = 0; round < 20; ++round) {
        std::vector<void*> blocks(2000);
        std::thread producer([&] {
            for (void*& b : blocks) b = detail::pool_allocate(size);
        });
        producer.join(); // its memory is the next thread's now
        std::thread consumers[2];
        for (std::size_t half = 0; half < 2; ++half) {
            consumers[half] = std::thread([&, half] {
                for (std::size_t i = half; i < blocks.size(); i += 2)
                    detail::pool_deallocate(blocks[i], size);
            });
        }
        void* own = detail::pool_allocate(size);
        for (auto& c : consumers) c.join();
        detail::pool_deallocate(own, size);
    }
    EXPECT_EQ(detail::pool_live_blocks(), before);
}

} // namespace
