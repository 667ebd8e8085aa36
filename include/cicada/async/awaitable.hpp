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

template <class A>
task<await_value<A>> wait_for(A what) {
    co_return co_await static_cast<A&&>(what);
}

/// The same for an awaiter that stays where it stands, and outlives the activity of this wait.
struct owner_to_forget {
    waiter& of;
    ~owner_to_forget() { of.forget_owner(); }
};
template <class A>
task<await_value<A&>> wait_where_it_stands(A& what) {
    const owner_to_forget when_done{what};
    co_return co_await what;
}

/// As a task: itself if it is one.
template <class A>
task<await_value<A>> to_task(A&& what) {
    if constexpr (is_task<A>) {
        return static_cast<A&&>(what);
    } else if constexpr (std::is_convertible_v<A, waiter&>) { // an lvalue
        return detail::wait_where_it_stands(what);
    } else {
        return wait_for<A>(static_cast<A&&>(what));
    }
}

} // namespace cicada::detail
