#pragma once

#include <memory>
#include <optional>

#include <cicada/loop/loop.hpp>

namespace cicada::detail {

/// Turns a loop on the thread that made it, and sleeps in between: precisely, counting suspended
/// time, and noticing when the wall clock is set. What is particular to an operating system is in
/// one file for each.
class thread_driver final : public driver {
public:
    thread_driver(duration accuracy, duration spin);
    ~thread_driver();

    elapsed_time elapsed_now() noexcept override { return elapsed_clock::now(); }
    wall_time wall_now() noexcept override;
    void wake() noexcept override;

    /// Returns at the deadline, when woken, when the clock was set, or for no reason.
    void wait(const loop& turned, std::optional<elapsed_time> deadline) noexcept;

    /// SIGINT and SIGTERM wake the loop, and take_signal() then tells; a second one has its default
    /// effect. Throws std::logic_error when another driver of the process does so.
    void handle_signals();
    bool take_signal() noexcept;

private:
    void spin(const loop& turned, elapsed_time until) noexcept;

    struct os;
    std::unique_ptr<os> os_;
    duration spin_;
};

} // namespace cicada::detail
