#pragma once

/// with_scope: child tasks that end before their parent goes on.
///
///     co_await cicada::with_scope([&](cicada::scope& s) -> cicada::task<> {
///         s.spawn(left());
///         s.spawn(right());
///         co_return;
///     });                                              // both have ended here
///
/// Threads:  loop thread.    Resumes: when the body and every child have ended.
/// Errors:   the first one, of the body or of a child, cancels the others and is rethrown in the
///           end; further ones go to the loop's error handler.
/// Cancel:   reaches the body, or the children once the body has ended; all are joined, then
///           `cancelled` is thrown. An error goes before it, and the request is then delivered at
///           the next suspension.
/// The semantics are those of asyncio.TaskGroup.

#include <type_traits>

#include <cicada/async/nursery.hpp>

namespace cicada {

class scope;

namespace detail {

template <class F>
concept scope_body = is_task<std::invoke_result_t<F&, scope&>>;

template <class First>
struct call_of_with_scope {
    static_assert(never<First>,
                  "cicada: with_scope takes a coroutine function that returns a task: "
                  "[](cicada::scope& s) -> cicada::task<> { s.spawn(...); co_return; }");
};

} // namespace detail

/// The door through which a scope's body starts its children. Lives as long as the body and its
/// children.
class scope {
public:
    explicit scope(detail::activity& parent) noexcept : children_(parent) {}

    /// Starts a child in this loop's next turn; its value is dropped. A scope that is being
    /// cancelled cancels it before its first step.
    template <class T>
    void spawn(task<T>&& work, const spawn_options& options = {}) {
        detail::child_of<T>::start(children_, std::move(work), nullptr, options.name);
    }
    template <class F, class... Args>
        requires detail::coroutine_function<F, Args...>
    void spawn(const spawn_options& options, F&& f, Args&&... args) {
        spawn(detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...), options);
    }
    template <class F, class... Args>
        requires detail::coroutine_function<F, Args...>
    void spawn(F&& f, Args&&... args) {
        spawn(detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...));
    }
    void spawn(detail::misuse<detail::call_of_spawn>, ...);
    /// Requests cancel of every child, also of those that come. The body goes on.
    void cancel_children() noexcept { children_.cancel_children(); }
    /// Children that have not ended.
    std::size_t size() const noexcept { return children_.size(); }

private:
    template <detail::scope_body F>
    friend auto with_scope(F body) -> task<typename std::invoke_result_t<F&, scope&>::value_type>;
    detail::nursery children_;
};

/// Runs `body(scope&)`, a coroutine, and then waits for the children it has started. Gives what the
/// body gave.
template <detail::scope_body F>
auto with_scope(F body) -> task<typename std::invoke_result_t<F&, scope&>::value_type> {
    scope here(co_await detail::this_activity{});
    auto& outcome = co_await detail::handed_on(body(here));
    here.children_.body_ended(outcome, outcome.is_error() ? outcome.error() : nullptr);
    co_await here.children_.join();
    here.children_.settle(outcome, false);
    co_return detail::given(outcome);
}
task<> with_scope(detail::misuse<detail::call_of_with_scope>);

} // namespace cicada
