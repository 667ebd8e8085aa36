#pragma once

#include <cicada/base/export.hpp>

namespace cicada::detail {

class activity;
class executor;
class listener;

/// What handles hold, and tasks wait for the end of: an activity, or a periodic. It is on one
/// executor, which destroys it when it has ended and the last handle has gone.
///
/// Threads: that of its executor, but for what says otherwise.
class CICADA_API holdable {
public:
    /// Any thread: compare with executor::current() before calling anything else. Null: the
    /// executor is gone, or, of a periodic, it has ended; then every thread may call.
    virtual executor* home() const noexcept = 0;
    virtual bool has_ended() const noexcept = 0;

    /// To add one is any thread's right who has one.
    virtual void add_handle() noexcept = 0;
    virtual void release_handle() noexcept = 0;

    /// Requests cancel, through a handle.
    virtual void ask_to_cancel() noexcept = 0;
    /// The same, unless that was done before: a second request would disturb the cleaning up.
    virtual void owner_dropped() noexcept = 0;

    /// Not after the end.
    virtual void add_listener(listener& one) = 0;
    virtual void remove_listener(listener& one) noexcept = 0;

    /// Whether waiting for this within `one` would be waiting for oneself.
    virtual bool contains(const activity& one) const noexcept = 0;

protected:
    ~holdable() = default;
};

} // namespace cicada::detail
