#pragma once

/// shield: a section that a request to cancel does not enter.
///
///     co_await cicada::shield(commit(transaction));
///
/// The task runs to its end, within the activity that awaits it. Requests from outside wait, and are delivered at the
/// first suspension after the section; timeouts and scopes inside it work. Unlike asyncio.shield it never leaves the
/// inner task running on its own.

#include <cicada/async/task.hpp>

namespace cicada {

namespace detail {

class shielded {
public:
    explicit shielded(activity& self) noexcept : self_(self) { self_.enter(section_); }
    shielded(const shielded&) = delete;
    shielded& operator=(const shielded&) = delete;
    ~shielded() { self_.leave(section_); }

private:
    activity& self_;
    shield_section section_;
};

} // namespace detail

template <class T>
task<T> shield(task<T> work) {
    const detail::shielded section(co_await detail::this_activity{});
    co_return co_await std::move(work);
}

} // namespace cicada
