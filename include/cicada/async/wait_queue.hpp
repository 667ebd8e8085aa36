#pragma once

/// Tasks that wait for the same thing, first come first served: the common ground of event,
/// semaphore and gate.

#include <cicada/async/activity.hpp>

namespace cicada::detail {

/// A place in a queue; the base of an awaiter. Leaves the queue when it is cancelled or destroyed.
class CICADA_API queued_waiter : public waiter, public list_links<queued_waiter> {
public:
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        if (!suspend(frame)) return false;
        queue_.push_back(*this);
        return true;
    }
    void await_resume() const { throw_if_cancelled(); }
    withdrawal withdraw() noexcept override;

protected:
    explicit queued_waiter(list<queued_waiter>& queue) noexcept : queue_(queue) {}
    queued_waiter(queued_waiter&&) noexcept = default;
    ~queued_waiter();

private:
    list<queued_waiter>& queue_;
};

class wait_queue : public list<queued_waiter> {
public:
    wait_queue() = default;
    wait_queue(const wait_queue&) = delete;
    wait_queue& operator=(const wait_queue&) = delete;

    /// Resumes the first, if there is one.
    queued_waiter* wake_one() noexcept {
        queued_waiter* one = pop_front();
        if (one) one->wake();
        return one;
    }
    void wake_all() noexcept {
        while (wake_one()) {
        }
    }
};

} // namespace cicada::detail
