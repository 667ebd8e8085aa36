#pragma once

#include <cstddef>

#include <cicada/async/wait_queue.hpp>

namespace cicada {

/// A number of permits that tasks take and give back.
///
///     cicada::semaphore slots(8);
///     auto permit = co_await slots.acquire();     // given back when it goes out of scope
///     auto three = co_await slots.acquire(3);     // all at once
///
/// Threads:  loop thread.    Resumes: on the same loop; permits go to whoever has waited longest,
///           and none overtakes, be its own request small and the one in front large.
/// Cancel:   throws `cancelled`; no permit is taken.    Lifetime: outlives its waiters and permits.
/// Errors:   closed_error, once it is closed.
class CICADA_API semaphore {
public:
    explicit semaphore(std::size_t permits) noexcept : free_(permits) {}

    /// As many permits as were acquired at once.
    class [[nodiscard("it is given back at once when dropped")]] permit {
    public:
        permit() = default;
        permit(permit&& other) noexcept
            : from_(std::exchange(other.from_, nullptr)), many_(other.many_) {}
        /// Gives back what it held.
        permit& operator=(permit&& other) noexcept {
            permit replaced(std::move(other));
            std::swap(from_, replaced.from_);
            std::swap(many_, replaced.many_);
            return *this;
        }
        ~permit() { release(); }
        explicit operator bool() const noexcept { return from_ != nullptr; }
        void release() noexcept {
            if (from_) std::exchange(from_, nullptr)->release(many_);
        }

    private:
        friend class semaphore;
        permit(semaphore& from, std::size_t many) noexcept : from_(&from), many_(many) {}
        semaphore* from_ = nullptr;
        std::size_t many_ = 0;
    };

    class [[nodiscard("co_await it")]] CICADA_API awaiter : public detail::queued_waiter {
    public:
        awaiter(semaphore& s, std::size_t many) noexcept
            : queued_waiter(s.waiting_), semaphore_(s), many_(many) {}
        awaiter(awaiter&& other) noexcept : awaiter(other.semaphore_, other.many_) {
            std::swap(granted_, other.granted_);
        }
        bool await_ready() noexcept;
        permit await_resume();
        ~awaiter();
        detail::withdrawal withdraw() noexcept override;
        const char* waits_for() const noexcept override { return "a semaphore"; }

    private:
        friend class semaphore;
        semaphore& semaphore_;
        std::size_t many_;
        bool granted_ = false;
        bool refused_ = false;
    };

    /// Waits until `many` permits are free at once: for ever, if there never are so many.
    awaiter acquire(std::size_t many = 1) noexcept { return awaiter(*this, many); }
    /// Empty when so many are not free, or others wait. Throws closed_error once closed.
    permit try_acquire(std::size_t many = 1);
    /// Adds permits, as many as can be counted. (Those that were acquired come back by themselves.)
    void release(std::size_t many = 1) noexcept;
    /// Refuses further requests: those that wait throw closed_error. Permits that are out stay
    /// good.
    void close() noexcept;
    bool is_closed() const noexcept { return closed_; }
    std::size_t available() const noexcept { return free_; }

private:
    bool take(std::size_t many) noexcept;
    void grant() noexcept;

    detail::wait_queue waiting_; // the first of them wants more than is free
    std::size_t free_;
    bool closed_ = false;
};

/// Mutual exclusion between tasks of one loop, across their suspensions.
///
///     auto lock = co_await mutex.lock();
///
/// As a semaphore of one that is never closed.
class mutex {
public:
    class [[nodiscard("it is given back at once when dropped")]] lock_type {
    public:
        lock_type() = default;
        explicit operator bool() const noexcept { return static_cast<bool>(held_); }
        void release() noexcept { held_.release(); }

    private:
        friend class mutex;
        friend class condition;
        lock_type(mutex& of, semaphore::permit held) noexcept : of_(&of), held_(std::move(held)) {}
        mutex* of_ = nullptr;
        semaphore::permit held_;
    };
    class [[nodiscard("co_await it")]] awaiter final : public semaphore::awaiter {
    public:
        explicit awaiter(mutex& of) noexcept : semaphore::awaiter(of.one_, 1), of_(of) {}
        lock_type await_resume() { return {of_, semaphore::awaiter::await_resume()}; }
        const char* waits_for() const noexcept override { return "a mutex"; }

    private:
        mutex& of_;
    };

    awaiter lock() noexcept { return awaiter(*this); }
    lock_type try_lock() noexcept { return {*this, one_.try_acquire()}; }
    bool is_locked() const noexcept { return one_.available() == 0; }

private:
    semaphore one_{1};
};

} // namespace cicada
