#pragma once

/// What the drivers of event loops share: the system's clocks, the loop, and when its shutdown
/// begins.

#include <cstdio>
#include <exception>
#include <optional>
#include <utility>

#include <cicada/loop/loop.hpp>

namespace cicada::detail {

class host_driver : public driver {
public:
    elapsed_time elapsed_now() noexcept final { return elapsed_clock::now(); }
    wall_time wall_now() noexcept final {
        return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
    }

    /// Also for what still runs while the loop is being destroyed.
    loop& get() noexcept { return *turned_; }

protected:
    host_driver() = default;
    ~host_driver() = default;

    void begin(loop_options options) { turned_ = &loop_.emplace(*this, std::move(options)); }
    /// While the driver can still be woken.
    void end() noexcept {
        if (turned_ && detail::executor::current() == turned_) {
            std::fputs("cicada: a host was destroyed by one of its own tasks\n", stderr);
            std::terminate();
        }
        loop_.reset();
        turned_ = nullptr;
    }
    bool has_ended() const noexcept { return !turned_; }

    /// A turn. Once the loop is closed everything on it is cancelled, and following turns join it.
    std::optional<elapsed_time> turn() {
        if (turned_->is_closed() && !std::exchange(is_shutting_down_, true)) turned_->shut_down();
        return turned_->run_ready();
    }

private:
    std::optional<loop> loop_;
    loop* turned_ = nullptr;
    bool is_shutting_down_ = false;
};

} // namespace cicada::detail
