#pragma once

#include <cicada/base/misuse.hpp>
#include <cicada/loop/loop.hpp>

namespace cicada {

namespace detail {

/// A timer in the awaiting frame, on one of the two time lines.
template <class Instant>
class CICADA_API sleep_until_awaiter final : public waiter, private timer {
public:
    explicit sleep_until_awaiter(Instant until) noexcept
        : timer(until.time_since_epoch().count()) {}
    sleep_until_awaiter(sleep_until_awaiter&&) noexcept = default;
    ~sleep_until_awaiter();
    bool await_ready() const noexcept { return false; }
    void await_resume() const { throw_if_cancelled(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return start(owner_of(frame), frame);
    }
    withdrawal withdraw() noexcept override;
    const char* waits_for() const noexcept override { return "a timer"; }

private:
    bool start(activity& owner, std::coroutine_handle<> frame);
    void expired(const expiry&) noexcept override;
    void expires_soon() const noexcept override;
    std::string_view task_name() const noexcept override { return owner().name(); }
};

extern template class sleep_until_awaiter<elapsed_time>;
extern template class sleep_until_awaiter<wall_time>;
using elapsed_sleep = sleep_until_awaiter<elapsed_time>;
using wall_sleep = sleep_until_awaiter<wall_time>;

CICADA_API elapsed_time sleep_end(duration delay);

template <class First>
struct call_of_sleep {
    static_assert(never<First>,
                  "cicada: sleep(delay) takes a duration with its unit, such as sleep(1s)");
};
template <class First>
struct call_of_sleep_until {
    static_assert(never<First>,
                  "cicada: sleep_until(instant) takes a cicada::elapsed_time, as cicada::now() "
                  "gives, or a cicada::wall_time; for a duration there is sleep()");
};

} // namespace detail

/// Suspends the caller for `delay` of elapsed time, counted from this call.
///
/// Never resumes early. A zero or negative delay still yields once; one beyond 292 years never
/// ends.
/// Threads:  loop thread.          Resumes: on the same loop, in deadline order, first armed first.
/// Cancel:   throws cancelled; nothing is lost.
/// Lifetime: the loop outlives the wait.
/// Cost:     O(1) to arm and to cancel; no allocation; one read of the clock.
template <class Rep, class Period>
[[nodiscard("co_await it")]] detail::elapsed_sleep sleep(std::chrono::duration<Rep, Period> delay) {
    return detail::elapsed_sleep(detail::sleep_end(to_duration(delay)));
}
detail::elapsed_sleep sleep(detail::misuse<detail::call_of_sleep>);

/// The same, until an instant of elapsed time (see now()).
[[nodiscard("co_await it")]] inline detail::elapsed_sleep sleep_until(elapsed_time instant) {
    return detail::elapsed_sleep(instant);
}

/// The same, until an instant of wall time: when the clock is set, the wait follows it.
[[nodiscard("co_await it")]] inline detail::wall_sleep sleep_until(wall_time instant) {
    return detail::wall_sleep(instant);
}
detail::elapsed_sleep sleep_until(detail::misuse<detail::call_of_sleep_until>);

/// The elapsed and the wall time of this thread's loop; simulated under a simulation.
CICADA_API elapsed_time now();
CICADA_API wall_time wall_now();

} // namespace cicada
