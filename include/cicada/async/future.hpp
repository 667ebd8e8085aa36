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
    void release() noexcept;

    bool is_kept() const noexcept { return place_.load(std::memory_order_acquire) == this; }
    /// After the outcome has been stored; without one, the promise was dropped.
    void keep() noexcept;

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
    promise() : state_(new detail::future_outcome<T>), future_(state_) {}
    promise(promise&& other) noexcept
        : state_(std::exchange(other.state_, nullptr)),
          future_(std::exchange(other.future_, nullptr)) {}
    promise& operator=(promise&& other) noexcept {
        promise taken(std::move(other));
        std::swap(state_, taken.state_);
        std::swap(future_, taken.future_);
        return *this;
    }
    ~promise() {
        if (state_) keep(); // without an outcome
        if (future_) future_->release();
    }

    /// The side that waits; once.
    cicada::future<T> future() {
        if (!future_) throw std::logic_error("cicada: a promise has one future");
        return cicada::future<T>(std::exchange(future_, nullptr));
    }

    void set_value()
        requires std::is_void_v<T>
    {
        unkept().outcome.set_value();
        keep();
    }
    template <class U = T>
        requires std::is_constructible_v<T, U&&>
    void set_value(U&& value) {
        unkept().outcome.set_value(std::forward<U>(value));
        keep();
    }
    void set_error(std::exception_ptr error) {
        if (!error) throw std::invalid_argument("cicada: set_error needs an error");
        unkept().outcome.set_error(std::move(error));
        keep();
    }
    /// set_error(std::runtime_error("out of paper"))
    template <class E>
        requires(!std::is_convertible_v<E, std::exception_ptr>)
    void set_error(E error) {
        set_error(std::make_exception_ptr(std::move(error)));
    }

private:
    detail::future_outcome<T>& unkept() const {
        if (!state_)
            throw std::logic_error(
                "cicada: a promise is kept once, and this one has been, or was moved from");
        return *state_;
    }
    void keep() noexcept {
        state_->keep();
        std::exchange(state_, nullptr)->release();
    }

    detail::future_outcome<T>* state_; // null: kept
    detail::future_outcome<T>* future_; // null: given away
};

/// The side that waits. `co_await` gives the value, and leaves the future empty.
template <class T>
class [[nodiscard("co_await it")]] future {
public:
    future() = default;
    /// Takes over one half of a state.
    explicit future(detail::future_outcome<T>* half) noexcept : state_(half) {}
    future(future&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    future& operator=(future&& other) noexcept {
        future taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~future() {
        if (state_) state_->release();
    }

    /// False when its value has been taken, and after a move.
    explicit operator bool() const noexcept { return state_ && !state_->is_taken; }
    /// Awaiting it gives the outcome at once.
    bool is_ready() const noexcept { return *this && state_->is_kept(); }

    /// Waits on, should the future be moved or dropped meanwhile.
    class awaiter;
    awaiter operator co_await() const {
        if (!*this)
            throw std::logic_error(
                "cicada: an empty future was awaited (its value was taken, or it was moved from)");
        state_->share();
        return awaiter(future(state_));
    }

private:
    detail::future_outcome<T>* state_ = nullptr;
};

template <class T>
class future<T>::awaiter final : public detail::future_waiter {
public:
    explicit awaiter(future of) noexcept : of_(std::move(of)) {}
    bool await_ready() const noexcept { return of_.state_->is_kept(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return wait_for(*of_.state_, detail::owner_of(frame), frame);
    }
    T await_resume() {
        throw_if_cancelled();
        of_.state_->is_taken = true;
        detail::result<T>& outcome = of_.state_->outcome;
        outcome.mark_observed();
        if (outcome.is_none())
            throw closed_error("cicada: a promise was dropped without having been kept");
        // The error goes along: whoever kept the promise has no part in it any more.
        if (outcome.is_error()) std::rethrow_exception(outcome.take_error());
        return outcome.take();
    }

private:
    const future of_;
};

} // namespace cicada
