#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <utility>

using namespace std::chrono_literals;
using cicada::task;

namespace {

/// Does something of its own when it is woken, once.
struct busy_driver final : cicada::driver {
    cicada::elapsed_time elapsed_now() noexcept override { return cicada::elapsed_time(100s); }
    cicada::wall_time wall_now() noexcept override { return cicada::wall_time(1'000'000s); }
    void wake() noexcept override {
        if (const auto f = std::exchange(on_wake, nullptr)) f();
    }
    std::function<void()> on_wake;
};

task<> wait_for_ever() { co_await cicada::sleep(24h * 365); }

// Handles post under a lock that all loops of the process share: a wake-up within it that came to
// the same lock again would stand still for ever.
TEST(driver, may_post_to_another_loop_when_it_is_woken_by_a_handle) {
    busy_driver driver;
    busy_driver quiet;
    cicada::loop loop(driver);
    cicada::loop other(quiet);
    const auto work = cicada::spawn(loop, wait_for_ever());
    loop.run_ready();
    bool ran = false;
    driver.on_wake = [&ran, to = cicada::loop_ref(other)] { to.post([&ran] { ran = true; }); };
    work.cancel();
    EXPECT_FALSE(driver.on_wake);
    other.run_ready();
    EXPECT_TRUE(ran);
}

TEST(driver, may_drop_a_handle_when_it_is_woken_by_another) {
    busy_driver driver;
    cicada::loop loop(driver);
    const auto work = cicada::spawn(loop, wait_for_ever());
    auto held = std::make_shared<cicada::join_handle<>>(cicada::spawn(loop, wait_for_ever()));
    loop.run_ready();
    EXPECT_EQ(loop.snapshot().tasks.size(), 2u);
    driver.on_wake = [held] { *held = {}; };
    held.reset();
    work.cancel();
    for (int turns = 0; turns < 3; ++turns) loop.run_ready();
    EXPECT_TRUE(loop.is_drained());
}

TEST(driver, may_be_woken_by_a_reference_that_posts_to_its_own_loop_meanwhile) {
    busy_driver driver;
    cicada::loop loop(driver);
    loop.run_ready();
    int ran = 0;
    const cicada::loop_ref home(loop);
    driver.on_wake = [&ran, home] { home.post([&ran] { ran = 10 * ran + 2; }); };
    home.post([&ran] { ran = 1; });
    loop.run_ready();
    EXPECT_EQ(ran, 12);
}

} // namespace
