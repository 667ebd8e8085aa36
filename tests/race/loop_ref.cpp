// Posts through references that race with the end of their loop.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <cicada/cicada.hpp>

namespace {

using namespace cicada;

TEST(loop_ref, posts_while_its_loop_goes_and_each_runs_or_is_refused) {
    for (int round = 0; round < 20; ++round) {
        auto held = std::make_shared<std::atomic<int>>(0);
        std::atomic<int> accepted{0};
        std::atomic<bool> is_gone{false};
        std::vector<std::thread> others;
        {
            loop_thread background;
            const loop_ref home(background.get());
            for (int i = 0; i < 3; ++i) {
                others.emplace_back([&accepted, &is_gone, home, held] {
                    while (!is_gone.load()) {
                        if (home.post([held] { held->fetch_add(1); })) {
                            accepted.fetch_add(1);
                        } else { // it is going: leave the lock to it
                            std::this_thread::yield();
                        }
                    }
                    EXPECT_FALSE(home.post([held] { held->fetch_add(1); }));
                });
            }
            while (accepted.load() < 100) std::this_thread::yield();
        }
        is_gone.store(true);
        for (auto& t : others) t.join();
        EXPECT_EQ(held->load(), accepted.load());
        EXPECT_EQ(held.use_count(), 1);
    }
}

TEST(loop_ref, whose_refused_function_holds_a_handle_drops_it_without_a_deadlock) {
    // It is destroyed when no lock is held: to drop a handle to another thread's task takes one.
    loop_thread background;
    const loop_ref gone(simulation().get());
    auto work = spawn(background.get(), []() -> task<> { co_return; });
    EXPECT_FALSE(gone.post([work = std::move(work)] {}));
    loop_thread closed;
    closed.close();
    auto other = spawn(background.get(), []() -> task<> { co_return; });
    EXPECT_FALSE(loop_ref(closed.get()).post([other = std::move(other)] {}));
}

} // namespace
