// What becomes of timers when the machine was suspended or its clock was set. Neither can be done
// in a test, so this program sees both through a fake: clock_gettime() and timerfd_create() are its
// own.
#include <conformance/conformance.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <ctime>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
using cicada::task;

namespace {

std::atomic<std::int64_t> suspended{0}; // ns that CLOCK_BOOTTIME is ahead of the system's
std::atomic<std::int64_t> stepped{0}; // and CLOCK_REALTIME

/// While it lives, clock watches wait for an event of ours in place of the kernel's.
class clock_events {
public:
    clock_events() { current = this; }
    ~clock_events() {
        current = nullptr;
        for (const auto& fd : fds_) {
            if (fd >= 0) ::close(fd);
        }
    }
    /// What timerfd_create() gives; we keep another descriptor of the same.
    int make() {
        const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        fds_.at(static_cast<std::size_t>(made_++)) = ::dup(fd);
        return fd;
    }
    void happen() {
        for (const auto& fd : fds_) {
            if (fd >= 0) ::eventfd_write(fd, 1);
        }
    }

    static inline std::atomic<clock_events*> current{nullptr};

private:
    std::array<std::atomic<int>, 4> fds_{-1, -1, -1, -1};
    std::atomic<int> made_{0};
};

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
    const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
    std::int64_t ahead = 0;
    if (clock == CLOCK_BOOTTIME) ahead = suspended;
    if (clock == CLOCK_REALTIME) ahead = stepped;
    if (ahead != 0) {
        const std::int64_t ns = now->tv_nsec + ahead;
        now->tv_sec += ns / 1'000'000'000;
        now->tv_nsec = ns % 1'000'000'000;
    }
    return result;
}

extern "C" int timerfd_create(clockid_t clock, int flags) noexcept {
    // The clock watch's; reactors have others.
    if (clock_events* fake = clock_events::current; fake && clock == CLOCK_REALTIME)
        return fake->make();
    return static_cast<int>(::syscall(SYS_timerfd_create, clock, flags));
}

namespace {

task<> sleep_for(cicada::duration time) { co_await cicada::sleep(time); }
task<> sleep_until(cicada::wall_time instant) { co_await cicada::sleep_until(instant); }

/// Lets `change()` happen in the middle of `wait`, while the loop sleeps. False: it made no
/// difference.
template <class F>
task<bool> is_ended_by(F change, clock_events& events, task<> wait) {
    cicada::loop& home = cicada::loop::current();
    auto waiting = cicada::spawn(std::move(wait));
    co_await cicada::sleep(1ms); // it waits
    std::atomic<bool> ended{false};
    std::thread other([&] {
        std::this_thread::sleep_for(3ms); // the loop has gone to sleep
        change();
        events.happen();
        for (int ms = 0; ms < 3000 && !ended; ++ms) std::this_thread::sleep_for(1ms);
        if (!ended) waiting.cancel();
    });
    bool by_itself = true;
    try {
        co_await waiting;
    } catch (const cicada::task_cancelled&) {
        by_itself = false;
    }
    ended = true;
    EXPECT_EQ(&cicada::loop::current(), &home);
    co_await cicada::blocking([&] { other.join(); })();
    co_return by_itself;
}

TEST_P(conformance, a_suspend_counts_for_elapsed_timers_and_wakes_the_loop) {
    if (GetParam().is_simulated) GTEST_SKIP() << "see tests/unit/loop/simulation.cpp";
    clock_events events;
    run([&]() -> task<> {
        int ticks = 0;
        auto hourly =
            cicada::every(1h, {.first = cicada::first::after_period}, [&](cicada::tick t) {
                ++ticks;
                EXPECT_EQ(t.missed, 1u);
            });
        const auto before = cicada::now();
        const bool ended =
            co_await is_ended_by([] { suspended += 150min / 1ns; }, events, sleep_for(2h));
        EXPECT_TRUE(ended) << "nobody noticed";
        EXPECT_GE(cicada::now() - before, 150min);
        co_await cicada::sleep(1ms);
        EXPECT_EQ(ticks, 1) << "missed ticks are skipped, by default";
    });
}

TEST_P(conformance, a_loop_whose_last_timer_is_due_by_a_step_of_the_clock_ends) {
    if (GetParam().is_simulated) GTEST_SKIP() << "see tests/unit/loop/simulation.cpp";
    clock_events events;
    std::thread other;
    run([&]() -> task<> { // a host may not go on waiting for what it had set its timer for
        const auto instant = cicada::wall_now() + 1h;
        other = std::thread([&] {
            std::this_thread::sleep_for(3ms);
            stepped += 2h / 1ns;
            events.happen();
        });
        co_await cicada::sleep_until(instant);
    });
    other.join();
    stepped = 0;
}

TEST_P(conformance, a_step_of_the_wall_clock_moves_wall_timers_and_no_others) {
    if (GetParam().is_simulated) GTEST_SKIP() << "see tests/unit/loop/simulation.cpp";
    clock_events events;
    run([&]() -> task<> {
        bool elapsed_timer_came = false;
        auto distant = cicada::after(1h, [&] { elapsed_timer_came = true; });
        const bool ended = co_await is_ended_by([] { stepped += 2h / 1ns; }, events,
                                                sleep_until(cicada::wall_now() + 1h));
        EXPECT_TRUE(ended) << "nobody noticed";
        EXPECT_FALSE(elapsed_timer_came);
    });
    stepped = 0;
}

} // namespace
