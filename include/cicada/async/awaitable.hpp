#pragma once

/// What a task can `co_await`: a task, `event.wait()`, `sleep(1s)`, a handle, what
/// `handle.cancel()` returns, ...
///
/// The combinators (`with_timeout`, `when_any`, `when_all`, `shield`) take any of these. An rvalue
/// is moved in, and lives as long as it is awaited; an lvalue is awaited where it stands, and
/// outlives that:
///
///     auto reply = cicada::with_timeout(2s, replies.receive());   // safe to keep for a while
///     co_await cicada::with_timeout(2s, handle);                  // the handle stays one's own
///
/// A handle that is moved in is dropped with the wait, which requests cancel of what it stands for,
/// as always.

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

#include <cicada/async/invoke.hpp>

namespace cicada::detail {

/// The awaiter that `co_await` uses for such an operand; to ask for types.
template <class A>
decltype(auto) awaiter_of(A&& what) {
    if constexpr (requires { static_cast<A&&>(what).operator co_await(); }) {
        return static_cast<A&&>(what).operator co_await();
    } else if constexpr (requires { operator co_await(static_cast<A&&>(what)); }) {
        return operator co_await(static_cast<A&&>(what));
    } else {
        return static_cast<A&&>(what);
    }
}

/// A: an object type for an rvalue, an lvalue reference for an lvalue.
template <class A>
concept awaitable =
    !(is_task<std::remove_cvref_t<A>> && std::is_lvalue_reference_v<A>) && requires {
        { detail::awaiter_of(std::declval<A>()).await_ready() } -> std::convertible_to<bool>;
        detail::awaiter_of(std::declval<A>()).await_resume();
    };

/// What a function returns that would be lost if nobody awaited it: it is given as a value.
template <class T>
concept lost_unawaited = std::is_object_v<T> && awaitable<T>;

/// T, with std::monostate for void, so that it can be stored.
template <class T>
using regular = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <awaitable A>
using await_result = decltype(detail::awaiter_of(std::declval<A>()).await_resume());

/// The same as a task would give it: what refers to a temporary is given as a value.
template <awaitable A>
using await_value = std::conditional_t<std::is_rvalue_reference_v<await_result<A>>,
                                       std::remove_reference_t<await_result<A>>, await_result<A>>;

/// Says in one sentence why not.
template <class A>
consteval bool require_awaitable() {
    constexpr bool is_awaitable = awaitable<A>;
    if constexpr (is_task<std::remove_cvref_t<A>>) {
        static_assert(is_awaitable, "cicada: a task is handed over as an rvalue: std::move(t), or "
                                    "the call of its function");
    } else if constexpr (coroutine_function<A>) {
        static_assert(is_awaitable, "cicada: a coroutine function has to be called here, which "
                                    "makes a task: work()");
    } else {
        static_assert(is_awaitable, "cicada: this cannot be awaited: it takes a task, a handle, or "
                                    "what the likes of event.wait() and sleep(1s) return");
    }
    return is_awaitable;
}
/// The type to go on with after such an error; not defined.
task<> refused();

/// Awaits `what` in a coroutine that is to learn of a cancel by an answer, not by an exception. It
/// is noted as the coroutine's outcome, so that what it returns is not taken for an end of its own.
template <class A>
class told_wait {
public:
    explicit told_wait(A&& what) : inner_(detail::awaiter_of(static_cast<A&&>(what))) {}
    told_wait(const told_wait&) = delete;
    told_wait& operator=(const told_wait&) = delete;
    ~told_wait() {
        if constexpr (std::is_convertible_v<A, waiter&>) inner_.forget_owner(); // an lvalue
    }

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    auto await_suspend(std::coroutine_handle<Promise> frame) {
        using answer = decltype(inner_.await_suspend(frame));
        owner_of(frame);
        if constexpr (std::is_base_of_v<frame_links, Promise>) outcome_ = frame.promise().out;
        if constexpr (std::is_void_v<answer>) {
            if (inner_.await_ready()) return false;
            inner_.await_suspend(frame);
            return true;
        } else if constexpr (std::is_same_v<answer, bool>) {
            return !inner_.await_ready() && inner_.await_suspend(frame);
        } else {
            std::coroutine_handle<> next = frame;
            if (!inner_.await_ready()) next = inner_.await_suspend(frame);
            return next;
        }
    }
    bool takes_cancelled() {
        if constexpr (requires { inner_.takes_cancelled(); }) {
            return inner_.takes_cancelled();
        } else {
            return false;
        }
    }

protected:
    /// Gives the value to `take`, if there is one. False: cancelled.
    template <class F>
    bool resume(F take) {
        if (!takes_cancelled()) {
            try {
                if constexpr (std::is_void_v<await_result<A>>) {
                    inner_.await_resume();
                    take();
                } else {
                    take(inner_.await_resume());
                }
                return true;
            } catch (const cancelled&) { // an awaiter that is not ours knows no other way
            }
        }
        outcome_->set_cancelled();
        return false;
    }
    using awaiter = decltype(detail::awaiter_of(std::declval<A>()));
    awaiter inner_;
    result_base* outcome_ = nullptr; // of the awaiting coroutine
};

/// `result<T>& outcome = co_await handed_on(what);` in a coroutine of the same T: the outcome of
/// `what` becomes its own, and that of a task without a throw, whatever it is.
template <class A>
class handed_on final : public told_wait<A> {
    using value = await_value<A>;

public:
    explicit handed_on(A&& what) : told_wait<A>(static_cast<A&&>(what)) {}
    result<value>& await_resume() {
        auto& outcome = static_cast<result<value>&>(*this->outcome_);
        this->resume(
            [&](auto&&... given) { outcome.set_value(static_cast<decltype(given)>(given)...); });
        return outcome;
    }
};
template <class T>
class handed_on<task<T>> {
public:
    explicit handed_on(task<T>&& work) : frame_(work.frame()) { work.require_unspent(); }
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<promise<T>> awaiting) noexcept {
        outcome_ = awaiting.promise().out;
        return detail::run_for<T>(owner_of(awaiting), awaiting, frame_, *outcome_);
    }
    result<T>& await_resume() const noexcept { return *outcome_; }

private:
    std::coroutine_handle<promise<T>> frame_;
    result<T>* outcome_ = nullptr; // of the awaiting coroutine
};
template <class A>
handed_on(A&&) -> handed_on<A>;

template <class A>
task<await_value<A>> wait_for(A what) {
    co_return given(co_await handed_on(static_cast<A&&>(what)));
}

/// As a task: itself if it is one. Says so when it cannot be awaited.
template <class A>
auto to_task(A&& what) {
    if constexpr (!require_awaitable<A>()) {
        return refused();
    } else if constexpr (is_task<A>) {
        return task(static_cast<A&&>(what));
    } else {
        return wait_for<A>(static_cast<A&&>(what));
    }
}
template <class A>
using task_of = decltype(detail::to_task(std::declval<A>()));

} // namespace cicada::detail
