#pragma once

/// when_any: awaits several things side by side, takes the first outcome, and cancels and joins
/// the rest.
///
///     auto first = co_await cicada::when_any(lines.receive(), stop.wait());    // a std::variant
///     if (first.index() == 0) ...
///     auto [index, reply] = co_await cicada::when_any(std::move(tasks));       // of a std::vector
///
/// Each is a task or anything else that can be awaited: an rvalue is moved in; an lvalue, such as
/// one's own handle, is awaited where it stands, outlives the wait, and can be awaited again when
/// it has lost. The same goes for a vector.
///
/// Losers:   a bare wait that loses has taken nothing, also when it completed in the same turn: the
///           value is in its channel, in front; the permit, the lock, the tick are free. But a send
///           that had completed stays sent. A *task* that had got what it waited for goes on with
///           it, and its own value is dropped: so it is with_timeout around when_any, not one
///           within it, that loses nothing.
/// Threads:  loop thread.    Resumes: when *all* have ended, the losers by cancellation.
/// Errors:   an error may win, and is rethrown; a loser's error goes to the error handler.
///           `task_cancelled` when every one ended cancelled of itself. std::invalid_argument, from
///           the call, for an empty vector.
/// Cancel:   reaches all of them. If one had won by then, its value is given and the request comes
///           at the next suspension.

#include <stdexcept>
#include <variant>

#include <cicada/async/when_all.hpp>

namespace cicada {

/// Of several of one kind: which one, and what it gave.
template <class T>
struct winner {
    std::size_t index;
    T value;
};

namespace detail {

/// What the one of `results` gave that is the `winner`.
template <class Values, std::size_t I = 0, class... Ts>
Values take_winner(std::tuple<result<Ts>...>& results, const result_base* winner) {
    if constexpr (I + 1 < sizeof...(Ts)) {
        if (winner != &std::get<I>(results))
            return detail::take_winner<Values, I + 1>(results, winner);
    }
    return Values(std::in_place_index<I>, detail::take_storable(std::get<I>(results)));
}

template <when_late... Late, class... Ts>
task<std::variant<storable<Ts>...>> any_of(task<Ts>... work) {
    using values = std::variant<storable<Ts>...>;
    auto& outcome = co_await this_outcome<values>{};
    std::tuple<result<Ts>...> results;
    nursery children(co_await this_activity{}, nursery::until::first_ended);
    std::apply(
        [&](auto&... out) { (child_of<Ts, Late>::start(children, std::move(work), &out), ...); },
        results);
    co_await children.join();
    if (!children.settle(outcome, children.winner() != nullptr)) co_return given(outcome);
    if (!children.winner()) throw task_cancelled{};
    co_return detail::take_winner<values>(results, children.winner());
}

template <class V>
task<winner<storable<element_value<V>>>> any_of_vector(V work) {
    using value = element_value<V>;
    auto& outcome = co_await this_outcome<winner<storable<value>>>{};
    std::vector<result<value>> results(work.size());
    nursery children(co_await this_activity{}, nursery::until::first_ended);
    for (std::size_t i = 0; i < work.size(); ++i) {
        child_of<value, lateness_of<element_of<V>>>::start(
            children, detail::to_task(static_cast<element_of<V>&&>(work[i])), &results[i]);
    }
    co_await children.join();
    if (!children.settle(outcome, children.winner() != nullptr)) co_return given(outcome);
    if (!children.winner()) throw task_cancelled{};
    const auto index = static_cast<std::size_t>(
        static_cast<const result<value>*>(children.winner()) - results.data());
    co_return winner<storable<value>>{index, detail::take_storable(results[index])};
}

} // namespace detail

/// Gives a std::variant whose index() is that of the one that won; what gives no value gives
/// std::monostate, and what gives a reference, such as a handle that is one's own, a pointer.
template <class... As>
    requires(sizeof...(As) > 0)
auto when_any(As&&... work) {
    return detail::any_of<detail::lateness_of<As>...>(detail::to_task(static_cast<As&&>(work))...);
}

/// Of a vector: gives a `winner`, the index and the value.
template <class V>
    requires detail::is_vector<std::remove_cvref_t<V>>
auto when_any(V&& work) {
    if (work.empty())
        throw std::invalid_argument("cicada: when_any of an empty vector would wait for ever");
    return detail::any_of_vector<V>(static_cast<V&&>(work));
}

} // namespace cicada
