#pragma once

/// run: a loop on this thread, for as long as one task takes. loop_thread: a loop on a thread of
/// its own.
///
///     int main() { cicada::run(program(), {.cancel_on_signal = true}); }

#include <cicada/loop/loop.hpp>

namespace cicada {

struct thread_options {
    /// How much later than its deadline the thread may wake, so that wake-ups can be shared; they
    /// cost more than the timers do. It never moves a schedule. 0: as precise as the system can, at
    /// up to ten times the CPU.
    duration accuracy = std::chrono::microseconds(50);
    /// Wake this much before a deadline and spin until it has come: lateness of a microsecond, for
    /// CPU. 0: never.
    duration spin = duration::zero();
    loop_options loop = {};
};

struct run_options {
    duration accuracy = thread_options{}.accuracy;
    duration spin = duration::zero();
    /// SIGINT and SIGTERM request cancel of the task; a second one ends the process at once. The
    /// handlers are those of the process while run() runs.
    bool cancel_on_signal = false;
    loop_options loop = {};
};

namespace detail {

class thread_turned;

/// A loop and the driver that turns it on the calling thread.
class CICADA_API thread_runner {
public:
    /// Throws std::logic_error on a thread that already has a loop.
    explicit thread_runner(run_options options);
    ~thread_runner();

    loop& get() noexcept;
    /// Turns the loop until `main` has ended, then cancels and joins everything else.
    void run_until_ended(activity& main);

private:
    owned<thread_turned> turned_;
};

template <class First>
struct call_of_run {
    static_assert(never<First>, "cicada: run(task, {options}) takes a task, which the call of a "
                                "coroutine function makes: run(program())");
};
template <class T>
struct call_of_run<task<T>> {
    static_assert(never<T>, "cicada: write run(program()) or run(std::move(task), {options}), the "
                            "options by name, in the order of run_options");
};

} // namespace detail

/// Runs `work` on a loop on this thread until it ends; then everything that is left is cancelled
/// and joined.
///
/// Gives the task's value and throws its error. A void task that ended cancelled just returns; one
/// with a value throws task_cancelled. Throws std::logic_error on a thread that already runs a
/// loop. The task is called "main" in lists and messages.
template <class T>
T run(task<T>&& work, run_options options = {}) {
    detail::thread_runner runner(std::move(options));
    auto& main = detail::spawned<T>::start(runner.get(), std::move(work), {.name = "main"});
    const detail::holdable_ref hold(&main);
    runner.run_until_ended(main);
    return detail::value_of_run(main);
}
void run(detail::misuse<detail::call_of_run>, ...);

/// A loop on a thread of its own. The destructor, and an assignment, closes it, cancels everything
/// on it, and joins.
///
///     cicada::loop_thread background;
///     auto beat = cicada::every(background.get(), 1s, send_heartbeat);
class CICADA_API loop_thread {
public:
    explicit loop_thread(thread_options options = {});
    /// Not on its own thread: std::terminate.
    ~loop_thread();
    loop_thread(loop_thread&&) noexcept;
    loop_thread& operator=(loop_thread&&) noexcept;

    /// Throws std::logic_error when it was moved from.
    loop& get() const;
    /// Any thread: starts the shutdown without waiting for it.
    void close() noexcept;
    /// After close(): until everything on the loop has ended. It still takes handles' requests, and
    /// cancels what is new.
    void wait_until_drained();

private:
    struct state;
    detail::owned<state> state_;
};

/// Starts `work` on another loop; any thread. See spawn(task).
template <class T>
join_handle<T> spawn(loop& home, task<T>&& work, const spawn_options& options = {}) {
    return join_handle<T>(detail::spawned<T>::start(home, std::move(work), options));
}
template <class F, class... Args>
    requires detail::coroutine_function<F, Args...>
auto spawn(loop& home, const spawn_options& options, F&& f, Args&&... args) {
    return spawn(home, detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...), options);
}
template <class F, class... Args>
    requires detail::coroutine_function<F, Args...>
auto spawn(loop& home, F&& f, Args&&... args) {
    return spawn(home, detail::kept_call(std::forward<F>(f), std::forward<Args>(args)...));
}

} // namespace cicada
