// What the contenders of cicada share.
#pragma once

#include <cicada/cicada.hpp>
#include <loop/loop_engine.hpp>
#include <loop/timer_store.hpp>

#include "harness.hpp"

namespace bench {

/// A timer that does nothing.
struct idle_timer final : cicada::detail::timer {
    void expired(const cicada::detail::expiry&) noexcept override {}
};

/// An instant of the harness's clock, CLOCK_MONOTONIC, as cicada's elapsed time, CLOCK_BOOTTIME.
inline cicada::elapsed_time to_elapsed(std::int64_t ns) {
    static const std::int64_t apart =
        cicada::elapsed_clock::now().time_since_epoch().count() - elapsed_ns();
    return cicada::elapsed_time{nanoseconds{ns + apart}};
}

/// A clock that the benchmark moves.
struct stepped_clock final : cicada::driver {
    cicada::elapsed_time at{};
    cicada::elapsed_time elapsed_now() noexcept override { return at; }
    cicada::wall_time wall_now() noexcept override {
        return cicada::wall_time{at.time_since_epoch()};
    }
    void wake() noexcept override {}
    bool is_simulated() const noexcept override { return true; }
};

/// A loop in our hands: no thread, no system call.
struct stepped_loop {
    stepped_clock clock;
    cicada::loop loop{clock};
    cicada::detail::loop_engine::scope here{loop};

    void run(cicada::task<> work) {
        const auto handle = cicada::spawn(std::move(work));
        while (!handle.has_ended()) loop.run_ready();
    }
};

}  // namespace bench
