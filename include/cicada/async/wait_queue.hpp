#pragma once

/// Tasks that wait for the same thing, first come first served: the common ground of event,
/// semaphore and gate.

#include <cicada/async/activity.hpp>

namespace cicada::detail {

class wait_queue;

/// A place in a wait_queue; the base of an awaiter. Leaves the queue when it is cancelled or
/// destroyed.
class CICADA_API queued_waiter : public waiter, public list_links<queued_waiter> {
public:
    withdrawal withdraw() noexcept override;

protected:
    queued_waiter() = default;
    queued_waiter(queued_waiter&&) noexcept = default;
    ~queued_waiter();
    bool is_queued() const noexcept { return queue_ != nullptr; }
    template <class Promise>
    bool wait_in(wait_queue& queue, std::coroutine_handle<Promise> frame) noexcept;

private:
    friend class wait_queue;
    wait_queue* queue_ = nullptr; // while in it
};

class wait_queue {
public:
    wait_queue() = default;
    wait_queue(const wait_queue&) = delete;
    wait_queue& operator=(const wait_queue&) = delete;

    bool empty() const noexcept { return waiting_.empty(); }
    queued_waiter* front() const noexcept { return waiting_.front(); }
    /// Resumes the first, if there is one.
    queued_waiter* wake_one() noexcept {
        queued_waiter* one = waiting_.pop_front();
        if (one) {
            one->queue_ = nullptr;
            one->wake();
        }
        return one;
    }
    void wake_all() noexcept {
        while (wake_one()) {
        }
    }

private:
    friend class queued_waiter;
    list<queued_waiter> waiting_;
};

template <class Promise>
bool queued_waiter::wait_in(wait_queue& queue, std::coroutine_handle<Promise> frame) noexcept {
    if (!suspend(frame)) return false;
    queue.waiting_.push_back(*this);
    queue_ = &queue;
    return true;
}

} // namespace cicada::detail
