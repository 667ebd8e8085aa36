#pragma once

/// blocking: makes a coroutine function of one that blocks, by running it on a thread of the loop's
/// pool.
///
///     auto pack = cicada::every(1h, cicada::blocking(compact_database));
///     std::string text = co_await cicada::blocking(read_file)("notes.txt");
///
/// Threads:  called on the loop; the function runs on a pool thread, at most
///           loop_options::blocking_threads at a time, first come first served.
/// Resumes: on the loop.
/// Cancel:   what has not started never runs, and `cancelled` is thrown. What runs cannot be
///           stopped: the request stays pending until the next suspension, and the result is given.
///           (A std::stop_token can be passed in: see with_stop_token.)
/// Lifetime: function and arguments live in the coroutine's frame until the function has returned.
/// In a simulation the function runs on the loop itself and takes no simulated time.

#include <optional>

#include <cicada/async/unless_cancelled.hpp>

namespace cicada {

namespace detail {

class CICADA_API blocking_call final : public waiter, public list_links<blocking_call> {
public:
    blocking_call(void (*function)(void*) noexcept, void* context) noexcept
        : function_(function), context_(context) {}
    ~blocking_call();

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return start(owner_of(frame), frame);
    }
    void await_resume() const { throw_if_cancelled(); }
    withdrawal withdraw() noexcept override;
    const char* waits_for() const noexcept override { return "a blocking call"; }

private:
    friend class blocking_pool;
    enum class state : std::uint8_t { idle, waiting, started };
    class completion;

    /// False: in a simulation it has run.
    bool start(activity& owner, std::coroutine_handle<> frame);
    void run_here() noexcept;

    void (*function_)(void*) noexcept;
    void* context_;
    completion* completion_ = nullptr; // allocated beforehand, so that completing cannot fail
    state state_ = state::idle; // guarded by the pool once submitted
};

/// Stores the outcome of `f(args...)` run elsewhere.
template <class T, class F, class... Args>
task<T> run_blocking(F f, Args... args) {
    static_assert(!is_task<T>,
                  "cicada: blocking() runs a plain function on a thread; a coroutine is "
                  "awaited or spawned as it is");
    result<T> outcome;
    auto body = [&]() noexcept {
        try {
            if constexpr (std::is_void_v<T>) {
                detail::invoke(f, std::move(args)...);
                outcome.set_value();
            } else {
                outcome.set_value(detail::invoke(f, std::move(args)...));
            }
        } catch (...) {
            outcome.set_current_exception();
        }
    };
    const auto ran = co_await told(
        blocking_call([](void* p) noexcept { (*static_cast<decltype(body)*>(p))(); }, &body));
    if (!ran) co_return given(co_await this_outcome<T>{});
    co_return outcome.take();
}

/// Also: copies of the arguments can be made.
template <class F, class... Args>
concept callable_with = (std::is_constructible_v<std::decay_t<Args>, Args> && ...) &&
                        std::is_invocable_v<F&, std::decay_t<Args>...>;

} // namespace detail

/// What blocking() returns: a coroutine function.
template <class F>
class blocking_function {
public:
    explicit blocking_function(F f) : f_(std::move(f)) {}

    /// An lvalue outlives the coroutine, which calls its function; a temporary moves it in.
    template <class... Args>
        requires detail::callable_with<F, Args...>
    auto operator()(Args&&... args) & {
        using value = std::invoke_result_t<F&, std::decay_t<Args>...>;
        return detail::run_blocking<value, F&, std::decay_t<Args>...>(f_,
                                                                      std::forward<Args>(args)...);
    }
    template <class... Args>
        requires detail::callable_with<F, Args...>
    auto operator()(Args&&... args) && {
        using value = std::invoke_result_t<F&, std::decay_t<Args>...>;
        return detail::run_blocking<value, F, std::decay_t<Args>...>(std::move(f_),
                                                                     std::forward<Args>(args)...);
    }
    template <class Function = F>
    std::suspend_never operator co_await() const {
        static_assert(detail::never<Function>, "cicada: blocking(f) makes a coroutine function: "
                                               "co_await cicada::blocking(f)(args...)");
        return {};
    }

private:
    F f_;
};

template <class F>
blocking_function<F> blocking(F f) {
    if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
        if (f == nullptr) throw std::invalid_argument("cicada::blocking was given a null function");
    }
    return blocking_function<F>(std::move(f));
}

} // namespace cicada
