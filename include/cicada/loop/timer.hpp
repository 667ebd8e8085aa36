#pragma once

#include <cstdint>

#include <cicada/base/export.hpp>
#include <cicada/base/time.hpp>
#include <cicada/loop/resident.hpp>

namespace cicada {
class loop;

namespace detail {
class timer_store;

/// Where a timer expires, and when: the turn's now, on the time line of its store.
struct expiry {
    loop& on;
    timer_store& by;
    std::int64_t now;
};

/// One pending wake, a part of whoever waits for it: 24 bytes, and a pointer in the store while it
/// is armed.
class CICADA_API timer : public resident {
public:
    bool is_armed() const noexcept { return place_ != 0; }

    /// The deadline has come; the timer is no longer armed, and may be armed again or destroyed.
    virtual void expired(const expiry& at) noexcept = 0;

    /// Called shortly before it may expire: prefetch what expired() will look into first.
    virtual void expires_soon() const noexcept {}

protected:
    timer() = default;
    explicit timer(std::int64_t deadline) noexcept : deadline_(deadline) {}
    /// While it is not armed.
    timer(timer&& other) noexcept : deadline_(other.deadline_) {}
    timer& operator=(const timer&) = delete;
    ~timer() = default;

    std::int64_t deadline() const noexcept { return deadline_; }

private:
    friend struct timer_place;
    std::int64_t deadline_ = 0; // in ns since the epoch of the store's time line
    std::uint32_t place_ = 0; // where the store keeps the pointer; 0: nowhere
};

} // namespace detail
} // namespace cicada
