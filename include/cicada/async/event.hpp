#pragma once

#include <cicada/async/wait_queue.hpp>

namespace cicada {

/// A flag that tasks wait for. It stays set until it is reset.
///
///     cicada::event ready;
///     co_await ready.wait();      // elsewhere: ready.set();
///
/// Threads:  loop thread; from another, post a call to set().
/// Resumes: on the same loop, first come first served.
/// Cancel:   throws `cancelled`; nothing is lost.
/// Lifetime: the event outlives its waiters.
/// Cost: no allocation.
class event {
public:
    void set() noexcept {
        set_ = true;
        waiting_.wake_all();
    }
    void reset() noexcept { set_ = false; }
    bool is_set() const noexcept { return set_; }

    class [[nodiscard("co_await it")]] awaiter final : public detail::queued_waiter {
    public:
        explicit awaiter(event& e) noexcept : queued_waiter(e.waiting_), event_(e) {}
        bool await_ready() const noexcept { return event_.set_; }
        const char* waits_for() const noexcept override { return "an event"; }

    private:
        event& event_;
    };
    awaiter wait() noexcept { return awaiter(*this); }

private:
    detail::wait_queue waiting_;
    bool set_ = false;
};

} // namespace cicada
