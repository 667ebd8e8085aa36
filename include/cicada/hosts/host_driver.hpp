#pragma once

/// What the drivers of event loops share: the system's clocks, the loop, and when its shutdown
/// begins.

#include <cicada/loop/loop.hpp>

namespace cicada::detail {

class CICADA_API host_driver : public driver {
public:
    elapsed_time elapsed_now() noexcept final;
    wall_time wall_now() noexcept final;
    /// Also for what still runs while the loop is being destroyed.
    loop& get() noexcept { return *turned_; }

protected:
    host_driver() = default;
    ~host_driver() = default;

    void begin(loop_options options);
    /// While the driver can still be woken.
    void end() noexcept;
    bool has_ended() const noexcept { return !turned_; }

    /// A turn. Once the loop is closed everything on it is cancelled, and following turns join it.
    std::optional<elapsed_time> turn();

private:
    std::optional<loop> loop_;
    loop* turned_ = nullptr;
    bool is_shutting_down_ = false;
};

} // namespace cicada::detail
