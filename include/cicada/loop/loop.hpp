#pragma once

/// The loop: runs the tasks and timers of one thread.
///
/// It is an engine, not a thread. A turn, `run_ready()`, never blocks; a *driver* decides when to
/// call it. Most programs never make one themselves: see run.hpp (a thread), simulation.hpp,
/// loop_group.hpp (a thread for each core).
///
///     loop.post([] { ... });                    // from any thread: runs in the loop's next turn
///     auto h = cicada::spawn(loop, work());     // from any thread
///     for (auto& t : loop.snapshot().tasks) ... // what is there, and what it waits for
///
/// Threads: the functions say which; everything else belongs to the thread that calls run_ready().

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/async/awaitable.hpp>
#include <cicada/async/spawn.hpp>
#include <cicada/base/function.hpp>
#include <cicada/base/owned.hpp>
#include <cicada/base/time.hpp>
#include <cicada/loop/driver.hpp>
#include <cicada/loop/timer.hpp>

namespace cicada {

struct decision;
struct loop_snapshot;

namespace detail {
class loop_engine;

/// A callable as it lies in the inbox: behind what calls it, once, and goes on to what lies behind.
template <class F>
struct small_call {
    static constexpr bool fits =
        sizeof(F) <= 128 && alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;
    static void put(void* f, void* to) noexcept {
        ::new (to) small_call{take_and_call, std::move(*static_cast<F*>(f))};
    }
    static void take_and_call(void*& at) {
        auto* const self = static_cast<small_call*>(at);
        at = self + 1;
        F f(std::move(self->f));
        self->~small_call();
        f();
    }
    void (*run)(void*& at);
    F f;
};

/// Whether post() takes it. A coroutine would be made, and dropped unrun.
template <class F>
constexpr bool can_be_posted() {
    if constexpr (!std::is_invocable_v<F&>) {
        static_assert(never<F>, "cicada: post(f) takes a function that is called without arguments "
                                "(a lambda holds them); to start a task use cicada::spawn(loop, "
                                "std::move(task))");
        return false;
    } else {
        using given = std::invoke_result_t<F&>;
        constexpr bool starts = is_task<std::remove_cvref_t<given>>;
        constexpr bool loses = !starts && lost_unawaited<given>;
        static_assert(!starts, "cicada: post() runs a plain function; to start a coroutine use "
                               "cicada::spawn(loop, f, args...)");
        static_assert(!loses, "cicada: post() drops what the function returns, and this would be "
                              "lost: detach() the handle, or use cicada::spawn(loop, f, args...) "
                              "with a coroutine that awaits it");
        return !starts && !loses;
    }
}
} // namespace detail

/// An error that no one was there to take: of a periodic, of a task whose handle was dropped, of a
/// loser of when_any.
struct error_report {
    std::string_view task; // its name; empty: it was given none
    std::exception_ptr error;

    /// One line: what the exception says of itself, or the type of what was thrown.
    CICADA_API std::string what() const;
};

/// A step of a task, a tick or a posted call that held the loop for longer than
/// `loop_options::slow_callback`.
struct slow_callback {
    std::string_view task;
    duration held;
};

struct loop_options {
    /// Called on the loop's thread. Default: one line on stderr.
    detail::function<void(const error_report&)> on_error = nullptr;
    /// Report callbacks that hold the loop for at least this long; zero: never. Costs a clock read
    /// for each callback.
    duration slow_callback = duration::zero();
    /// Default: one line on stderr.
    detail::function<void(const cicada::slow_callback&)> on_slow_callback = nullptr;
    /// Told, on the loop's thread, what became of each nominal instant, and why, of everything that
    /// has some, by its name; after its own `.on_decision`. It may come back with requests, and is
    /// told of what they decide when it has returned; what it throws goes to on_error. While it is
    /// set, each costs as much as one with a policy.
    detail::function<void(std::string_view name, const decision&)> on_decision = nullptr;
    /// The most threads that blocking() may use at a time. They are started on demand.
    unsigned blocking_threads = 8;
    /// Makes the jitter of what has no name reproducible.
    std::uint64_t seed = 0;
};

class CICADA_API loop final : public detail::executor {
public:
    /// The driver outlives the loop.
    explicit loop(driver& turned_by, loop_options options = {});
    /// Cancels what is left and lets it finish as far as it can without waiting for time or for
    /// others; the rest is destroyed where it stands. Drivers drain the loop first, so that nothing
    /// is left.
    ~loop();

    /// The loop that this thread turns. Throws std::logic_error when there is none.
    static loop& current();

    /// Runs `f()` on the loop's thread, in order, in its next turn. Any thread. False, and `f` is
    /// destroyed unused, once the loop is closed. What `f` throws goes to the error handler. Not
    /// for coroutines: see spawn(loop, f, args...). A move of `f` that is noexcept posts nothing.
    template <class F>
    bool post(F f) {
        if (is_closed()) return false;
        if constexpr (!detail::can_be_posted<F>()) {
        } else if constexpr (detail::small_call<F>::fits) {
            post_small(detail::small_call<F>::put, sizeof(detail::small_call<F>), &f);
        } else {
            post_work(detail::make_work(std::move(f)));
        }
        return true;
    }

    /// One turn:
    ///   1. read the clock: the turn's now
    ///   2. run what was posted, in order
    ///   3. let each task that was ready take its step, in the order in which they became ready
    ///   4. take all timers that are due, and run them by deadline, then in the order in which they
    ///      were armed
    ///   5. say when to come back: now, if something became ready in between; else the earliest
    ///      deadline, if any
    /// What comes up in a step is left to the next turn, so a turn ends even when the loop is
    /// saturated.
    std::optional<elapsed_time> run_ready();

    /// For drivers, when what a task waits for completes between two turns: the task goes on here
    /// and now, and says when to come back, as run_ready() does. Posts have woken the driver
    /// already.
    std::optional<elapsed_time> run_between_turns(detail::activity& ready);

    /// Any thread: refuses posts from here on, and wakes the driver.
    void close() noexcept;
    bool is_closed() const noexcept override { return closed_.load(std::memory_order_relaxed); }
    /// Cancels everything, now and to come. What was there ends in the following turns; see
    /// is_drained().
    void shut_down() noexcept;
    /// For drivers of what ends without a word, as a process does that is killed: all tasks are
    /// destroyed where they stand. What follows is ~loop().
    void abandon_tasks() noexcept;
    /// Nothing is left: no task, no resident, no timer, and no post that waits for its turn.
    bool is_drained() const noexcept;
    /// Lets all calendar schedules find their next instants anew, after reload_tz(). Any thread.
    void reconsider();

    elapsed_time now() const noexcept { return driver_.elapsed_now(); }
    wall_time wall_now() const noexcept { return driver_.wall_now(); }
    /// The wall time of an instant of elapsed time, by the offset between the two clocks now.
    /// Offsets that differ by no more than the reading of two clocks explains count as the same, so
    /// that instants a second apart stay a second apart.
    wall_time to_wall(elapsed_time instant) noexcept;
    /// When the current turn began. Never later than now().
    elapsed_time turn_at() const noexcept { return turn_at_; }
    /// The wall clock as of the current turn: read at most once, when it is first asked for, and
    /// what the turn's timers of wall time go by. Between turns, where it may be that of the last
    /// one, use wall_now().
    ///
    /// A clock that is read more than 3 h behind where it should be by elapsed time was wrong
    /// before: the error handler gets a clock_error, and all calendar schedules find their next
    /// instants anew, as by reconsider(). Where it should be goes by the furthest ahead that it has
    /// been since the last time, so that steps may sum up.
    wall_time turn_wall();
    const loop_options& options() const noexcept { return options_; }

    /// What is there, as plain values: see snapshot.hpp. O(n). Loop thread; others post for it.
    loop_snapshot snapshot() const;
    std::size_t pending_timers() const noexcept;

    // For awaiters, residents and drivers.
    void arm(detail::timer& t, elapsed_time deadline);
    void disarm(detail::timer& t) noexcept;
    void arm(detail::timer& t, wall_time deadline);
    void disarm_wall(detail::timer& t) noexcept;
    bool has_posts() const noexcept;
    driver& turned_by() const noexcept { return driver_; }
    void report_error(std::string_view task, std::exception_ptr error) noexcept override;
    detail::loop_engine& engine() const noexcept { return *engine_; }

private:
    bool push_work(detail::work* item) noexcept override;
    void wake() noexcept override;
    bool close_inbox() noexcept override;
    void post_small(void (*put)(void* f, void* to) noexcept, std::size_t size, void* f);

    driver& driver_;
    loop_options options_;
    elapsed_time turn_at_;
    std::atomic<bool> closed_{false};
    const detail::owned<detail::loop_engine> engine_;
};

} // namespace cicada
