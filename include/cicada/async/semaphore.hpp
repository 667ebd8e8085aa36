#pragma once

#include <cstddef>

#include <cicada/async/wait_queue.hpp>

namespace cicada {

/// A number of permits that tasks take and give back.
///
///     cicada::semaphore slots(8);
///     auto permit = co_await slots.acquire();     // given back when it goes out of scope
///
/// Threads:  loop thread.    Resumes: on the same loop; permits go to whoever has waited longest, and none overtakes.
/// Cancel:   throws `cancelled`; no permit is taken.    Lifetime: outlives its waiters and permits.
class semaphore {
public:
    explicit semaphore(std::size_t permits) noexcept : free_(permits) {}

    class [[nodiscard("it is given back at once when dropped")]] permit {
    public:
        permit() = default;
        explicit permit(semaphore& from) noexcept : from_(&from) {}
        permit(permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
        permit& operator=(permit&& other) noexcept {
            permit replaced(std::move(other));
            std::swap(from_, replaced.from_);
            return *this;
        }
        ~permit() { release(); }
        explicit operator bool() const noexcept { return from_ != nullptr; }
        void release() noexcept {
            if (from_) std::exchange(from_, nullptr)->put_back();
        }

    private:
        semaphore* from_ = nullptr;
    };

    class [[nodiscard("co_await it")]] awaiter final : public detail::queued_waiter {
    public:
        awaiter(semaphore& s, const char* what) noexcept : semaphore_(s), what_(what) {}
        bool await_ready() noexcept { return granted_ = semaphore_.take(); }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
            return wait_in(semaphore_.waiting_, frame);
        }
        permit await_resume() {
            throw_if_cancelled();
            granted_ = false;
            return permit(semaphore_);
        }
        ~awaiter() {
            if (granted_) semaphore_.put_back(); // its frame was destroyed before it could resume
        }
        const char* waits_for() const noexcept override { return what_; }

    private:
        friend class semaphore;
        semaphore& semaphore_;
        const char* what_;
        bool granted_ = false;
    };

    awaiter acquire() noexcept { return awaiter(*this, "a semaphore"); }
    /// Empty when none is free, or others wait.
    permit try_acquire() noexcept { return take() ? permit(*this) : permit(); }
    std::size_t available() const noexcept { return free_; }

private:
    friend class mutex;
    bool take() noexcept {
        if (free_ == 0) return false;
        --free_;
        return true;
    }
    void put_back() noexcept {
        if (auto* next = static_cast<awaiter*>(waiting_.wake_one())) {
            next->granted_ = true;
        } else {
            ++free_;
        }
    }

    detail::wait_queue waiting_; // empty while permits are free
    std::size_t free_;
};

/// Mutual exclusion between tasks of one loop, across their suspensions.
///
///     auto lock = co_await mutex.lock();
///
/// As a semaphore of one.
class mutex {
public:
    using lock_type = semaphore::permit;
    semaphore::awaiter lock() noexcept { return {one_, "a mutex"}; }
    lock_type try_lock() noexcept { return one_.try_acquire(); }
    bool is_locked() const noexcept { return one_.available() == 0; }

private:
    semaphore one_{1};
};

} // namespace cicada
