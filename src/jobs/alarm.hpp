#pragma once

#include <cicada/base/function.hpp>
#include <cicada/loop/loop.hpp>

namespace cicada::detail {

/// A timer that calls a function; it is set anew each time. One may be set while it rings.
/// Threads: that of its loop.    Cost: as a sleep; no allocation.
class CICADA_API alarm final : private timer {
public:
    explicit alarm(function<void()> rings) : rings_(std::move(rings)) {}
    ~alarm() { off(); }

    /// In place of when it was set to.
    void set(elapsed_time at);
    void off() noexcept;

private:
    void expired(const expiry&) noexcept override { rings_(); }

    const function<void()> rings_;
    loop* on_ = nullptr;
};

inline void alarm::set(elapsed_time at) {
    off();
    on_ = &loop::current();
    on_->arm(*this, at);
}

inline void alarm::off() noexcept {
    if (is_armed()) on_->disarm(*this);
}

} // namespace cicada::detail
