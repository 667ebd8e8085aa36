#pragma once

#include <cicada/base/time.hpp>

namespace cicada {

/// What turns a loop: a thread, a simulation, or the event loop of a host.
///
/// A driver calls `loop.run_ready()` when the loop is woken, when the deadline that the last call
/// returned has come, and when the wall clock was set; in between it waits as it likes. That is the
/// whole contract.
class CICADA_API driver {
public:
    /// Loop thread. Never goes back.
    virtual elapsed_time elapsed_now() noexcept = 0;
    virtual wall_time wall_now() noexcept = 0;
    /// Any thread, and it may post; but the loop does not go before it returns, so let it not wait
    /// for the loop. Have run_ready() called soon. Of the posts between two calls of run_ready()
    /// the first calls it, and no other unless wants_every_post().
    virtual void wake() noexcept = 0;
    /// For a driver on which a wake from another thread may have no effect: posts of its own thread
    /// must wake it again.
    virtual bool wants_every_post() const noexcept { return false; }
    /// Whether time stands still while the loop works, so that blocking work runs on the loop
    /// itself.
    virtual bool is_simulated() const noexcept { return false; }

protected:
    ~driver() = default;
};

} // namespace cicada
