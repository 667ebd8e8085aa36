#pragma once

/// when_all: awaits several things side by side, and waits for all of them.
///
///     auto [name, size] = co_await cicada::when_all(read_name(), read_size());
///     auto [line, tick] = co_await cicada::when_all(lines.receive(), ticks.next());
///     std::vector<int> all = co_await cicada::when_all(std::move(tasks));
///
/// Each is a task or anything else that can be awaited: an rvalue is moved in; an lvalue, such as
/// one's own handle, is awaited where it stands and outlives the wait. The same goes for a vector
/// of them.
///
/// Threads:  loop thread; they interleave, they do not run in parallel.   Resumes: when all have
///           ended.
/// Errors:   the first cancels the others and is rethrown when all have ended; later ones go to the
///           error handler, and values are dropped.
/// Cancel:   reaches all of them; `cancelled` is thrown when they have ended. If all had values by
///           then, those are given and the request comes at the next suspension.

#include <tuple>
#include <variant>
#include <vector>

#include <cicada/async/awaitable.hpp>
#include <cicada/async/nursery.hpp>

namespace cicada {

namespace detail {

/// The same where references cannot be: a pointer for a reference.
template <class T>
using storable = std::conditional_t<std::is_reference_v<T>,
                                    std::add_pointer_t<std::remove_reference_t<T>>, regular<T>>;

template <class T>
regular<T> take_regular(result<T>& outcome) {
    if constexpr (std::is_void_v<T>) {
        outcome.take();
        return {};
    } else {
        return outcome.take();
    }
}
template <class T>
storable<T> take_storable(result<T>& outcome) {
    if constexpr (std::is_reference_v<T>) {
        return std::addressof(outcome.take());
    } else {
        return detail::take_regular(outcome);
    }
}

/// Of the awaitable A: a task is resumed whatever happens, a bare wait need not be.
template <class A>
inline constexpr when_late lateness_of = is_task<A> ? when_late::goes_on : when_late::gives_back;

template <class>
inline constexpr bool is_vector = false;
template <class A>
inline constexpr bool is_vector<std::vector<A>> = true;

/// What the elements of the vector V (an lvalue reference: of one that stays where it is) are
/// awaited as.
template <class V>
using element_of =
    std::conditional_t<std::is_lvalue_reference_v<V>, decltype(std::declval<V>().front()),
                       typename std::remove_cvref_t<V>::value_type>;
/// What each of them gives.
template <class V>
using element_value = typename task_of<element_of<V>>::value_type;

template <class... Ts>
task<std::tuple<regular<Ts>...>> all_of(task<Ts>... work) {
    auto& outcome = co_await this_outcome<std::tuple<regular<Ts>...>>{};
    std::tuple<result<Ts>...> results;
    nursery children(co_await this_activity{});
    std::apply([&](auto&... out) { (child_of<Ts>::start(children, std::move(work), &out), ...); },
               results);
    co_await children.join();
    const bool complete =
        std::apply([](auto&... out) { return (!out.is_cancelled() && ...); }, results);
    if (!children.settle(outcome, complete)) co_return given(outcome);
    co_return std::apply(
        [](auto&... out) { return std::tuple<regular<Ts>...>(detail::take_regular(out)...); },
        results);
}

template <class V>
task<std::vector<storable<element_value<V>>>> all_of_vector(V work) {
    using value = element_value<V>;
    auto& outcome = co_await this_outcome<std::vector<storable<value>>>{};
    std::vector<result<value>> results(work.size());
    nursery children(co_await this_activity{});
    for (std::size_t i = 0; i < work.size(); ++i) {
        child_of<value>::start(children, detail::to_task(static_cast<element_of<V>&&>(work[i])),
                               &results[i]);
    }
    co_await children.join();
    bool complete = true;
    for (const auto& out : results) complete = complete && !out.is_cancelled();
    if (!children.settle(outcome, complete)) co_return given(outcome);
    std::vector<storable<value>> values;
    values.reserve(results.size());
    for (auto& out : results) values.push_back(detail::take_storable(out));
    co_return values;
}

} // namespace detail

/// Gives a std::tuple of the values, in the order of the arguments; what gives none gives
/// std::monostate.
template <class... As>
    requires(sizeof...(As) > 0)
auto when_all(As&&... work) {
    return detail::all_of(detail::to_task(static_cast<As&&>(work))...);
}

/// Gives a std::vector of the values, in the order of the elements: pointers, where they are
/// references.
template <class V>
    requires detail::is_vector<std::remove_cvref_t<V>>
auto when_all(V&& work) {
    return detail::all_of_vector<V>(static_cast<V&&>(work));
}

} // namespace cicada
