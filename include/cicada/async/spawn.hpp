#pragma once

/// spawn: starts a task as an activity of its own, and gives a handle to it.
///
///     auto answer = cicada::spawn(compute());                  // starts in this loop's next turn
///     auto lines = cicada::spawn(count_lines, std::string("a.txt"));        // keeps both alive
///     auto third = cicada::spawn(watch(), {.name = "watch"});  // its name in lists and messages
///     int n = co_await answer;                                 // its value, or its error
///     co_await lines.cancel();                         // request, and wait until it has finished
///
/// Lifetime: dropping a join_handle, or assigning to it, requests cancel; `detach()` gives the
///           task to the loop, which still cancels and joins it when it shuts down.
/// Errors:   whatever the task throws is given to each who awaits the handle; when nobody did, the
///           loop's error handler gets it.

#include <string_view>
#include <utility>

#include <cicada/async/awaitable.hpp>
#include <cicada/async/ending.hpp>
#include <cicada/base/misuse.hpp>
#include <cicada/base/owned.hpp>

namespace cicada {

/// Options of `spawn`: `spawn(work(), {.name = "work"})`, `spawn({.name = "work"}, work, args...)`.
struct spawn_options {
    /// For lists of tasks, error reports and slow callbacks, from the first step on. Copied.
    std::string_view name = {};
};

namespace detail {

/// An activity with room for the outcome of its root.
template <class T>
class spawned : public activity {
public:
    /// Queues `work` on `home`, with one handle counted. Any thread.
    static spawned& start(executor& home, task<T> work, const spawn_options& options = {}) {
        work.require_unspent();
        owned<spawned> self(new spawned);
        if (!options.name.empty()) self->set_name(options.name);
        self->add_handle();
        self->activity::start_from_anywhere(home, self->root_of(work));
        work.release();
        return *self.release();
    }

    result<T>& outcome() noexcept {
        result_.mark_observed();
        return result_;
    }
    /// For who awaits it: that *it* was cancelled is an error to whoever wanted its value.
    std::add_lvalue_reference_t<T> value() {
        require_not_cancelled();
        return outcome().value();
    }
    T take() {
        require_not_cancelled();
        return outcome().take();
    }
    void rethrow_error() {
        if (outcome().is_error()) std::rethrow_exception(result_.error());
    }

protected:
    spawned() = default;
    void require_not_cancelled() const {
        if (result_.is_cancelled()) throw task_cancelled{};
    }
    std::coroutine_handle<> root_of(const task<T>& work) noexcept {
        const auto root = work.frame();
        root.promise().owner = this;
        root.promise().out = &result_;
        return root;
    }
    void set_cancelled() noexcept override { result_.set_cancelled(); }
    std::exception_ptr unobserved_error() noexcept override {
        return result_.is_unobserved_error() ? result_.error() : nullptr;
    }

    result<T> result_;
};

/// What the run of a program gives, whose task `main` has ended: its value or its error. A void one
/// that ended cancelled just returns.
template <class T>
T value_of_run(spawned<T>& main) {
    if constexpr (std::is_void_v<T>) {
        main.rethrow_error();
    } else {
        return main.take();
    }
}

/// Waits for the end of a task, and gives what `Give` does.
template <class T, auto Give>
class spawned_awaiter : public end_awaiter<spawned<T>> {
public:
    using end_awaiter<spawned<T>>::end_awaiter;
    decltype(auto) await_resume() const {
        end_wait::await_resume();
        return (this->target().*Give)();
    }
};

} // namespace detail

/// What `cancel()` returns. The request has been made; awaiting it waits until no code of the
/// target runs or will run and its captures are destroyed, and rethrows the target's error, but
/// never `cancelled`. May be dropped.
/// Threads: any. From a thread without a loop use wait().
template <class T>
class cancellation {
public:
    explicit cancellation(detail::ending_ref<detail::spawned<T>> target) noexcept
        : target_(std::move(target)) {}

    using awaiter = detail::spawned_awaiter<T, &detail::spawned<T>::rethrow_error>;
    awaiter operator co_await() const { return awaiter(target_.target()); }
    void wait() const {
        target_.wait();
        target_.target().rethrow_error();
    }

private:
    detail::ending_ref<detail::spawned<T>> target_;
};

/// The owner of a spawned task. `co_await handle` gives a reference to the value,
/// `co_await std::move(handle)` the value itself; it may be awaited by several, and again after the
/// end.
/// Threads: cancel, detach, wait and destruction from any; the rest on a loop.
/// Resumes: on the awaiting task's loop.
/// Cancel:  of the awaiting task: only the wait ends, the awaited task goes on (asyncio would
///          cancel it as well).
/// Errors:  rethrows the task's; `task_cancelled` when it was cancelled; std::logic_error for one's
///          own handle.
template <class T = void>
class [[nodiscard("dropping a join_handle requests cancel: keep it, or detach() it")]] join_handle {
public:
    join_handle() = default;
    explicit join_handle(detail::spawned<T>& adopted) noexcept : target_(&adopted) {}
    join_handle(join_handle&&) noexcept = default;
    join_handle& operator=(join_handle&& other) noexcept {
        join_handle replaced(std::move(other));
        target_.swap(replaced.target_);
        return *this;
    }
    ~join_handle() { target_.drop(); }

    cancellation<T> cancel() const {
        target_.request_cancel();
        return cancellation<T>(target_.share());
    }
    void detach() noexcept { target_.reset(); }

    /// Loop thread.
    bool has_ended() const { return target_.target().has_ended(); }
    /// Loop thread. For lists of tasks and error messages.
    join_handle& set_name(std::string_view name) & {
        target_.target().set_name(name);
        return *this;
    }
    join_handle&& set_name(std::string_view name) && { return std::move(set_name(name)); }

    using ref_awaiter = detail::spawned_awaiter<T, &detail::spawned<T>::value>;
    using value_awaiter = detail::spawned_awaiter<T, &detail::spawned<T>::take>;
    ref_awaiter operator co_await() const& { return ref_awaiter(target_.target()); }
    value_awaiter operator co_await() && { return value_awaiter(target_.target()); }

    /// Blocks a thread that has no loop until the task has ended; then as co_await.
    std::add_lvalue_reference_t<T> wait() const {
        target_.wait();
        return target_.target().value();
    }

private:
    detail::ending_ref<detail::spawned<T>> target_;
};

namespace detail {

/// Keeps a coroutine function and its arguments alive while its coroutine runs.
template <class T, class F, class... Args>
task<T> call(F f, Args... args) {
    co_return given(co_await handed_on(detail::invoke(f, std::move(args)...)));
}
template <class F, class... Args>
auto kept_call(F&& f, Args&&... args) {
    return call<coroutine_value<F, Args...>, std::decay_t<F>, std::decay_t<Args>...>(
        std::forward<F>(f), std::forward<Args>(args)...);
}

template <class First>
struct call_of_spawn {
    static_assert(
        never<First>,
        "cicada: spawn(f, args...) needs a coroutine function, one that can be called with the "
        "arguments and returns a cicada::task (a lambda: -> cicada::task<>); for another function "
        "use post() of a loop, or after(0s, f)");
};
template <class T>
struct call_of_spawn<task<T>> {
    static_assert(never<T>,
                  "cicada: write spawn(work()) or spawn(std::move(task)), and the options "
                  "after it: {.name = \"its name\"}");
};

} // namespace detail

/// Starts `work` on the loop of this thread, in its next turn. Throws std::logic_error without a
/// loop and std::invalid_argument for an empty task.
template <class T>
join_handle<T> spawn(task<T>&& work, const spawn_options& options = {}) {
    return join_handle<T>(detail::spawned<T>::start(detail::executor::required("cicada::spawn"),
                                                    std::move(work), options));
}

/// Starts the coroutine of `f(args...)`. The function object and the arguments are copied or moved
/// in, and live as long as the coroutine; std::ref opts out.
template <class F, class... Args>
    requires detail::coroutine_function<F, Args...>
auto spawn(const spawn_options& options, F&& f, Args&&... args) {
    return spawn(detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...), options);
}
template <class F, class... Args>
    requires detail::coroutine_function<F, Args...>
auto spawn(F&& f, Args&&... args) {
    return spawn(detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...));
}
/// What fits none of these: says how to write it.
join_handle<> spawn(detail::misuse<detail::call_of_spawn>, ...);

} // namespace cicada
