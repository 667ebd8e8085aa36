#pragma once

#include <cicada/async/semaphore.hpp>
#include <cicada/async/unless_cancelled.hpp>

namespace cicada {

/// Tasks that hold a mutex wait here until another one says that what they wait for may have come
/// true.
///
///     auto lock = co_await mutex.lock();
///     co_await changed.wait(lock, [&] { return !queue.empty(); });
///     // elsewhere: changed.notify_one();
///
/// While a task waits the mutex is free; whenever wait() returns or throws the lock is held again.
/// The semantics are those of asyncio.Condition; for a mere flag an `event` is enough, and for a
/// queue there is `channel`.
///
/// Threads:  loop thread.    Resumes: on the same loop, when it has the mutex again, first come
///           first served.
/// Cancel:   throws `cancelled`, when the lock is held again. A task that was notified and then
///           cancelled returns, and the request comes at its next suspension; because it may not
///           get to use the notification, as when it lost in a when_any, the next one is notified
///           as well.
/// Lifetime: outlives its waiters; the lock outlives the wait.
/// Errors:   std::logic_error when the lock is not held.    Cost: two frames.
class CICADA_API condition {
public:
    task<> wait(mutex::lock_type& lock);
    /// Until `holds()`, which is asked with the lock held: at once, and after each notification.
    template <class P>
        requires std::is_invocable_r_v<bool, P&>
    task<> wait(mutex::lock_type& lock, P holds) {
        while (!holds()) {
            const auto woken = co_await detail::told(wait(lock));
            if (!woken) co_return;
        }
    }

    /// Lets those go on who have waited longest, as soon as they get the mutex. One usually holds
    /// it oneself.
    void notify_one() noexcept { waiting_.wake_one(); }
    void notify_all() noexcept { waiting_.wake_all(); }

private:
    detail::wait_queue waiting_;
};

} // namespace cicada
