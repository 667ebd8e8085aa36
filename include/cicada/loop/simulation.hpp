#pragma once

/// simulation: the same program under virtual time, deterministic, and as fast as the processor.
///
///     cicada::simulation sim{"2026-01-01T00:00:00Z"};
///     sim.run(program());                                   // a year of sleeps takes milliseconds
///
///     TEST(heartbeat, beats_once_a_second) {                // or step by step, in a unit test
///         cicada::simulation sim;
///         auto beat = cicada::every(1s, send_heartbeat);
///         sim.advance(10s);
///         EXPECT_EQ(beats, 11);
///     }
///
/// Time moves only when there is nothing left to do now, and then straight to the next deadline.
/// Elapsed and wall time move together, but for `set_wall` and `step_wall`. Within its lifetime a
/// simulation is the loop of its thread: spawn, every and the like work directly. std::chrono's
/// clocks stay real: use cicada::now() and cicada::wall_now(). After run() or shut_down() it is
/// over: only its clocks still go.
/// Threads: one. Posts from other threads are taken in the next turn, and are not deterministic.
/// Errors:  std::logic_error from run, advance, settle, spawn, every and the like when it is over,
///          where nothing would happen any more; and from what turns it (run, advance, settle,
///          shut_down) within one of its own tasks, which can co_await cicada::sleep, or stall().

#include <string_view>

#include <cicada/base/rfc3339.hpp>
#include <cicada/loop/loop.hpp>

namespace cicada {

class CICADA_API simulation {
public:
    explicit simulation(wall_time start = wall_time{}, loop_options options = {});
    /// An instant of RFC 3339. Throws parse_error.
    explicit simulation(std::string_view start, loop_options options = {});
    /// As the end of run().
    ~simulation();

    loop& get() noexcept;

    /// Runs `work` to its end, moving time as needed; then everything that is left is cancelled and
    /// joined, and the simulation is over. As cicada::run. Throws cicada::error when nothing is
    /// left that could ever happen.
    template <class T>
    T run(task<T>&& work) {
        require_open();
        auto& main = detail::spawned<T>::start(get(), std::move(work), {.name = "main"});
        const detail::holdable_ref hold(&main);
        run_until_ended(main);
        return detail::value_of_run(main);
    }

    /// Lets everything happen that is due within `time` from now, and ends at exactly now + time.
    template <class Rep, class Period>
    void advance(std::chrono::duration<Rep, Period> time) {
        advance_to(later(now(), to_duration(time)));
    }
    void advance_to(elapsed_time instant);
    /// Lets happen what is ready without time moving.
    void settle();
    /// Cancels and joins everything, moving time as far as their cleaning up needs. Over, as after
    /// run(); may be called again.
    void shut_down();

    /// Time passes and nothing runs: a suspended machine, a stopped process, or, called by a task,
    /// work that takes long.
    template <class Rep, class Period>
    void stall(std::chrono::duration<Rep, Period> time) {
        pass(to_duration(time));
    }
    /// Sets the wall clock. Elapsed time does not notice.
    void set_wall(wall_time instant) noexcept;
    template <class Rep, class Period>
    void step_wall(std::chrono::duration<Rep, Period> by) noexcept {
        set_wall(later(wall_now(), to_duration(by)));
    }

    elapsed_time now() const noexcept;
    wall_time wall_now() const noexcept;
    /// Elapsed time since the simulation was made.
    duration elapsed() const noexcept;

private:
    void run_until_ended(const detail::activity& main);
    void pass(duration time) noexcept;
    void require_open() const;

    struct state;
    detail::owned<state> state_;
};

} // namespace cicada
