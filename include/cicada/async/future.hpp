#pragma once

/// future, promise: one value, from any thread to a task that waits for it.
///
///     cicada::promise<reply> promise;
///     cicada::future<reply> answer = promise.future();
///     client.ask([p = std::move(promise)](reply r) mutable {      // called on whatever thread
///         p.set_value(std::move(r));
///     });
///     reply r = co_await answer;
///
/// Either side may come first. For several values there is `channel`, for a mere flag `event`, and
/// the value of a task of one's own comes with its handle.
///
/// Threads:  of a promise: any, one at a time. A future is awaited on a loop, by one task at a
///           time.
/// Resumes:  on the loop of the task that waits; a value from another thread comes by a post.
/// Cancel:   of the wait throws `cancelled`; nothing is lost: awaiting the future again gives the
///           value. So it is after `co_await cicada::with_timeout(2s, answer)` has timed out.
/// Errors:   what set_error() gave is rethrown; closed_error when the promise was dropped without
///           having been kept. std::logic_error: to keep a promise twice, to ask twice for its
///           future, to await a future whose value was taken. An error that nobody awaited goes to
///           the error handler of the loop on whose thread the last of the two is dropped, or to
///           stderr.
/// Lifetime: each may go before the other, and the future may be moved or dropped while a task
///           waits.    Cost: one small object; another for a wait that has to suspend.

#include <atomic>
#include <cstdint>
#include <stdexcept>

#include <cicada/async/activity.hpp>
#include <cicada/async/result.hpp>
#include <cicada/base/owned.hpp>

namespace cicada {

template <class T = void>
class future;

namespace detail {

class future_arrival;

/// What a promise and its future share. One word says how far it is:
///
///     open (null)  --wait-->  awaited (the arrival)  --withdraw-->  open
///     open, awaited  --keep-->  kept (`this`)                       for ever
class CICADA_API future_state : public pooled {
public:
    virtual ~future_state() = default;
    /// For a wait, which keeps it as well.
    void share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
    static void release(future_state* share) noexcept;

    bool is_kept() const noexcept { return place_.load(std::memory_order_acquire) == this; }
    /// After the outcome has been stored; without one, the promise was dropped. Releases a share.
    static void keep(future_state* share) noexcept;

protected:
    virtual std::exception_ptr unobserved_error() const noexcept = 0;

private:
    friend class future_waiter;
    std::atomic<void*> place_{nullptr};
    std::atomic<std::uint32_t> shares_{2}; // a promise and its future begin
};

template <class T>
class future_outcome final : public future_state {
public:
    result<T> outcome;
    bool is_taken = false; // by the task that awaited it

private:
    std::exception_ptr unobserved_error() const noexcept override {
        return outcome.is_unobserved_error() ? outcome.error() : nullptr;
    }
};

template <class T>
using future_share = owned<future_outcome<T>, &future_state::release>;

class CICADA_API future_waiter : public waiter {
public:
    withdrawal withdraw() noexcept override;
    const char* waits_for() const noexcept override { return "a future"; }

protected:
    future_waiter() = default;
    ~future_waiter();
    /// False: there is nothing to wait for.
    bool wait_for(future_state& state, activity& owner, std::coroutine_handle<> frame);

private:
    friend class future_arrival;
    future_state* state_ = nullptr; // while it waits
    future_arrival* arrival_ = nullptr;
};

} // namespace detail

/// The side that gives, once. Movable; dropping it without having given fails the future.
template <class T = void>
class promise {
public:
    promise() : unkept_(new detail::future_outcome<T>), future_(unkept_.get()) {}

    /// The side that waits; once.
    cicada::future<T> future() {
        if (!future_) throw std::logic_error("cicada: a promise has one future");
        return cicada::future<T>(std::move(future_));
    }

    void set_value()
        requires std::is_void_v<T>
    {
        outcome().set_value();
        unkept_.reset();
    }
    template <class U = T>
        requires std::is_constructible_v<T, U&&>
    void set_value(U&& value) {
        outcome().set_value(std::forward<U>(value));
        unkept_.reset();
    }
    void set_error(std::exception_ptr error) {
        if (!error) throw std::invalid_argument("cicada: set_error needs an error");
        outcome().set_error(std::move(error));
        unkept_.reset();
    }
    /// set_error(std::runtime_error("out of paper"))
    template <class E>
        requires(!std::is_convertible_v<E, std::exception_ptr>)
    void set_error(E error) {
        set_error(std::make_exception_ptr(std::move(error)));
    }

private:
    detail::result<T>& outcome() const {
        if (!unkept_)
            throw std::logic_error(
                "cicada: a promise is kept once, and this one has been, or was moved from");
        return unkept_->outcome;
    }

    detail::owned<detail::future_outcome<T>, &detail::future_state::keep> unkept_;
    detail::future_share<T> future_; // until it is given away
};

/// The side that waits. `co_await` gives the value, and leaves the future empty.
template <class T>
class [[nodiscard("co_await it")]] future {
public:
    future() = default;
    explicit future(detail::future_share<T> share) noexcept : state_(std::move(share)) {}

    /// False when its value has been taken, and after a move.
    explicit operator bool() const noexcept { return state_ && !state_->is_taken; }
    /// Awaiting it gives the outcome at once.
    bool is_ready() const noexcept { return *this && state_->is_kept(); }

    /// Waits on, should the future be moved or dropped meanwhile.
    class awaiter final : public detail::future_waiter {
    public:
        explicit awaiter(detail::future_share<T> of) noexcept : of_(std::move(of)) {}
        bool await_ready() const noexcept { return of_->is_kept(); }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return wait_for(*of_, detail::owner_of(frame), frame);
        }
        T await_resume() {
            throw_if_cancelled();
            of_->is_taken = true;
            detail::result<T>& outcome = of_->outcome;
            outcome.mark_observed();
            if (outcome.is_none())
                throw closed_error("cicada: a promise was dropped without having been kept");
            // The error goes along: whoever kept the promise has no part in it any more.
            if (outcome.is_error()) std::rethrow_exception(outcome.take_error());
            return outcome.take();
        }

    private:
        const detail::future_share<T> of_;
    };
    awaiter operator co_await() const {
        if (!*this)
            throw std::logic_error(
                "cicada: an empty future was awaited (its value was taken, or it was moved from)");
        state_->share();
        return awaiter(detail::future_share<T>(state_.get()));
    }

private:
    detail::future_share<T> state_;
};

} // namespace cicada
