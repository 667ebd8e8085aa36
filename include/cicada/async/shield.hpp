#pragma once

/// shield: a section that a request to cancel does not enter.
///
///     co_await cicada::shield(commit(transaction));
///
/// It takes a task or anything else that can be awaited: an rvalue is moved in, an lvalue outlives
/// it. What it takes runs to its end, within the activity that awaits it. Requests from outside
/// wait, and are delivered at the first suspension after the section; timeouts and scopes inside it
/// work. Unlike asyncio.shield it never leaves the inner task running on its own.

#include <cicada/async/awaitable.hpp>

namespace cicada {

namespace detail {

template <class A>
task<await_value<A>> wait_shielded(A work) {
    const cancel_section section(co_await this_activity{}, cancel_section::kind::shields);
    co_return given(co_await handed_on(static_cast<A&&>(work)));
}

} // namespace detail

/// Gives what `work` gives.
template <class A>
auto shield(A&& work) {
    if constexpr (detail::require_awaitable<A>()) {
        return detail::wait_shielded<A>(static_cast<A&&>(work));
    } else {
        return detail::refused();
    }
}

} // namespace cicada
