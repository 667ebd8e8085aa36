#pragma once

/// when_any: runs tasks side by side, takes the first outcome, and cancels and joins the others.
///
///     auto first = co_await cicada::when_any(ask(a), ask(b));        // std::variant<reply, reply>
///     if (first.index() == 0) ...
///
/// Threads:  loop thread.    Resumes: when *all* have ended, the losers by cancellation.
/// Errors:   an error may win, and is rethrown; a loser's error goes to the error handler, a loser's value is dropped.
///           `task_cancelled` when every task ended cancelled of itself.
/// Cancel:   reaches all of them. If one had won by then, its value is given and the request comes at the next
///           suspension.

#include <optional>
#include <variant>

#include <cicada/async/when_all.hpp>

namespace cicada {

/// Gives a variant whose index() is that of the task that won; a void task gives std::monostate.
template <class... Ts>
    requires(sizeof...(Ts) > 0)
task<std::variant<detail::regular<Ts>...>> when_any(task<Ts>... work) {
    using values = std::variant<detail::regular<Ts>...>;
    std::tuple<detail::result<Ts>...> results;
    detail::nursery children(co_await detail::this_activity{}, detail::nursery::until::first_ended);
    std::apply(
        [&](auto&... out) { (detail::child_of<Ts>::start(children, std::move(work), &out), ...); },
        results);
    children.body_ended();
    co_await children.join();
    children.settle(children.winner() != nullptr);
    if (!children.winner()) throw task_cancelled{};
    std::optional<values> winner;
    const auto take_if_winner = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        auto& out = std::get<I>(results);
        if (children.winner() == &out)
            winner.emplace(std::in_place_index<I>, detail::take_regular(out));
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (take_if_winner(std::integral_constant<std::size_t, I>{}), ...);
    }(std::index_sequence_for<Ts...>{});
    co_return std::move(*winner);
}

} // namespace cicada
