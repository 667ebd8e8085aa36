#pragma once

#include <cicada/async/activity.hpp>

namespace cicada {

/// `co_await cicada::yield();` lets everything else that is ready take its turn.
/// Threads: loop thread.
/// Resumes: in the next turn.
/// Cancel: a pending request is thrown; one that comes meanwhile is delivered at the next
/// suspension.
/// Cost: no allocation.
class [[nodiscard("co_await it")]] yield final : public detail::waiter {
public:
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        if (!suspend(frame)) return false;
        wake();
        return true;
    }
    void await_resume() const { throw_if_cancelled(); }
    detail::withdrawal withdraw() noexcept override { return detail::withdrawal::deferred; }
    const char* waits_for() const noexcept override { return "its turn"; }
};

} // namespace cicada
