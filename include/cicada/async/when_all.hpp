#pragma once

/// when_all: runs tasks side by side and waits for all of them.
///
///     auto [name, size] = co_await cicada::when_all(read_name(), read_size());
///     std::vector<int> all = co_await cicada::when_all(std::move(tasks));
///
/// Threads:  loop thread; the tasks interleave, they do not run in parallel.   Resumes: when all have ended.
/// Errors:   the first cancels the others and is rethrown when all have ended; later ones go to the error handler.
/// Cancel:   reaches all of them; `cancelled` is thrown when they have ended. If all had values by then, those are given
///           and the request comes at the next suspension.

#include <tuple>
#include <variant>
#include <vector>

#include <cicada/async/nursery.hpp>

namespace cicada {

namespace detail {

/// T, with std::monostate for void, so that it can be stored.
template <class T>
using regular = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
regular<T> take_regular(result<T>& outcome) {
    if constexpr (std::is_void_v<T>) {
        outcome.take();
        return {};
    } else {
        return outcome.take();
    }
}

} // namespace detail

/// Gives a tuple of the values, in the order of the arguments; a void task gives std::monostate.
template <class... Ts>
    requires(sizeof...(Ts) > 0)
task<std::tuple<detail::regular<Ts>...>> when_all(task<Ts>... work) {
    std::tuple<detail::result<Ts>...> results;
    detail::nursery children(co_await detail::this_activity{});
    std::apply(
        [&](auto&... out) { (detail::child_of<Ts>::start(children, std::move(work), &out), ...); },
        results);
    children.body_ended();
    co_await children.join();
    children.settle(std::apply([](auto&... out) { return (!out.is_cancelled() && ...); }, results));
    co_return std::apply(
        [](auto&... out) {
            return std::tuple<detail::regular<Ts>...>(detail::take_regular(out)...);
        },
        results);
}

/// Gives a vector of the values, in the order of the tasks.
template <class T>
task<std::vector<detail::regular<T>>> when_all(std::vector<task<T>> work) {
    std::vector<detail::result<T>> results(work.size());
    detail::nursery children(co_await detail::this_activity{});
    for (std::size_t i = 0; i < work.size(); ++i) {
        detail::child_of<T>::start(children, std::move(work[i]), &results[i]);
    }
    work.clear();
    children.body_ended();
    co_await children.join();
    bool complete = true;
    for (const auto& out : results) complete = complete && !out.is_cancelled();
    children.settle(complete);
    std::vector<detail::regular<T>> values;
    values.reserve(results.size());
    for (auto& out : results) values.push_back(detail::take_regular(out));
    co_return values;
}

} // namespace cicada
