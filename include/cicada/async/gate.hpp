#pragma once

#include <cstddef>

#include <cicada/async/wait_queue.hpp>
#include <cicada/base/owned.hpp>

namespace cicada {

/// Graceful shutdown in one noun: work enters while the gate is open; `close()` refuses new work
/// and waits until all that entered has left. The idea is Seastar's gate.
///
///     auto inside = requests.enter();    // throws closed_error once closed; leaves with the scope
///     co_await requests.close();
///
/// Threads:  loop thread.
/// Resumes: close() when the last has left.
/// Lifetime: outlives its holders and waiters.
/// Cancel:   of close() throws `cancelled`; the gate stays closed.
class gate {
public:
    class [[nodiscard("it leaves at once when dropped")]] holder {
    public:
        holder() = default;
        explicit operator bool() const noexcept { return static_cast<bool>(gate_); }

    private:
        friend class gate;
        explicit holder(gate& g) noexcept : gate_(&g) { ++g.inside_; }
        static void leave(gate* from) noexcept {
            if (--from->inside_ == 0 && from->closed_) from->waiting_.wake_all();
        }
        detail::owned<gate, &leave> gate_;
    };

    holder enter() {
        if (closed_) throw closed_error("cicada: the gate is closed");
        return holder(*this);
    }
    /// Empty when the gate is closed.
    holder try_enter() noexcept { return closed_ ? holder() : holder(*this); }

    class awaiter final : public detail::queued_waiter {
    public:
        explicit awaiter(gate& g) noexcept : queued_waiter(g.waiting_), gate_(g) {}
        bool await_ready() const noexcept { return gate_.inside_ == 0; }
        const char* waits_for() const noexcept override { return "a gate to empty"; }

    private:
        gate& gate_;
    };
    /// Closes at once; awaiting it waits until nobody is inside. May be called again.
    awaiter close() noexcept {
        closed_ = true;
        return awaiter(*this);
    }

    bool is_closed() const noexcept { return closed_; }
    std::size_t inside() const noexcept { return inside_; }

private:
    detail::wait_queue waiting_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

} // namespace cicada
