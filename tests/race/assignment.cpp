// Assigning to what owns something on another thread.
#include <gtest/gtest.h>

#include <atomic>
#include <utility>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;

task<> wait_long(std::atomic<int>& alive) {
    struct counted {
        explicit counted(std::atomic<int>& n) : n_(n) { n_.fetch_add(1); }
        ~counted() { n_.fetch_sub(1); }
        std::atomic<int>& n_;
    } here(alive);
    co_await sleep(1h);
}

TEST(assignment, of_a_loop_thread_closes_and_joins_the_one_before) {
    std::atomic<int> alive{0};
    loop_thread current;
    loop_thread next;
    auto work = spawn(current.get(), wait_long(alive));
    loop* const kept = &next.get();
    current = std::move(next);
    EXPECT_EQ(alive.load(), 0);
    EXPECT_THROW(work.wait(), task_cancelled);
    EXPECT_EQ(&current.get(), kept);
    loop_thread& same = current;
    current = std::move(same);
    EXPECT_TRUE(current.get().post([] {}));
    EXPECT_THROW(next.get(), std::logic_error) << "it was moved from";
    EXPECT_THROW(next.wait_until_drained(), std::logic_error);
    next.close(); // of nothing
}

TEST(assignment, of_handles_by_another_thread_ends_what_they_held) {
    loop_thread background;
    std::atomic<int> alive{0};
    std::atomic<int> ticks{0};
    auto work = spawn(background.get(), wait_long(alive));
    auto beat = every(background.get(), 1ms, [&] { ticks.fetch_add(1); });
    for (int i = 0; i < 200; ++i) {
        auto next_work = spawn(background.get(), wait_long(alive));
        auto next_beat = every(background.get(), 1h, [] {});
        work = std::move(next_work);
        beat = std::move(next_beat);
        beat.cancel().wait(); // what was requested before is done
        const int before = ticks.load();
        std::this_thread::yield();
        EXPECT_EQ(ticks.load(), before);
    }
    work.cancel().wait(); // the requests come in order
    EXPECT_EQ(alive.load(), 0);
}

} // namespace
