#pragma once

/// unless_cancelled: waits, and *tells* a task that it was cancelled, without an exception.
///
///     while (auto slept = co_await cicada::unless_cancelled(cicada::sleep(1h))) beat();
///
///     auto size = co_await cicada::unless_cancelled(read_size());
///     if (!size) co_return;                                       // else *size
///
/// It takes a task or anything else that can be awaited, as the combinators do. A task that was
/// told ends as cancelled, whatever it returns, unless it throws an error: whoever awaits it
/// plainly gets `cancelled`, whoever does it by unless_cancelled is told. So from the sleep to the
/// root nothing is thrown. To go on as if nothing had been, catch `cancelled`.
///
/// Threads, Resumes, Lifetime: as what is awaited.
/// Gives:    a std::optional of the value, of std::monostate where there is none; of a reference, a
///           pointer. Cancelled: nullopt, or null, wherever a plain co_await would throw.
/// Errors:   as what is awaited; that another's task was cancelled, `task_cancelled`, is one.
/// Cost:     no throw and no allocation. What is awaited is in the frame twice.

#include <memory>
#include <optional>

#include <cicada/async/awaitable.hpp>

namespace cicada {

namespace detail {

template <class A>
class told final : public told_wait<A> {
    using value = await_value<A>;

public:
    explicit told(A&& what) : told_wait<A>(static_cast<A&&>(what)) {}
    auto await_resume() {
        if constexpr (std::is_reference_v<value>) {
            std::remove_reference_t<value>* given = nullptr;
            this->resume([&](auto& to) { given = std::addressof(to); });
            return given;
        } else {
            std::optional<regular<value>> given;
            this->resume([&](auto&&... of) { given.emplace(static_cast<decltype(of)>(of)...); });
            return given;
        }
    }
};

template <class A>
told(A&&) -> told<A>;

/// What unless_cancelled() returns; as a task, it is awaited as an rvalue.
template <class A>
struct [[nodiscard("co_await it")]] to_be_told {
    A what;
    told<A> operator co_await() && { return told<A>(static_cast<A&&>(what)); }
};

} // namespace detail

template <class A>
auto unless_cancelled(A&& what) {
    if constexpr (detail::require_awaitable<A>()) {
        return detail::to_be_told<A>{static_cast<A&&>(what)};
    } else {
        return detail::to_be_told<task<>>{detail::refused()};
    }
}

} // namespace cicada
