#pragma once

#include <cicada/loop/sleep.hpp>

namespace cicada {

namespace detail {

/// Requests cancel of the activity when its time is up, and takes the request back in the end: asyncio.timeout.
class CICADA_API time_limit final : private timer {
public:
    time_limit(activity& self, elapsed_time deadline);
    ~time_limit();

    /// Ends the section. Whether it was this limit that cancelled it, and nobody else.
    bool ends_as_timeout(bool was_cancelled) noexcept;

private:
    void expired() noexcept override;

    activity& self_;
    std::uint32_t depth_;
    std::uint32_t requests_before_;
    bool requested_ = false;
};

} // namespace detail

/// Gives `work` until `deadline`; throws `timeout_error` when the time has run out and it was cancelled for that.
///
/// The work runs within the caller's activity and has ended when this returns. If it completes although its time is up,
/// its value is given. A request from outside is told from the timeout's own, and throws `cancelled`.
/// Threads:  loop thread.    Resumes: as a plain co_await.    Cost: one frame; O(1) to arm and to cancel.
/// Cancel:   reaches the work.
template <class T>
task<T> with_deadline(elapsed_time deadline, task<T> work) {
    detail::time_limit limit(co_await detail::this_activity{}, deadline);
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            limit.ends_as_timeout(false);
            co_return;
        } else {
            T value = co_await std::move(work);
            limit.ends_as_timeout(false);
            co_return static_cast<T&&>(value);
        }
    } catch (const cancelled&) {
        if (!limit.ends_as_timeout(true)) throw;
    }
    throw timeout_error();
}

/// The same with the time counted from when it is awaited.
template <class Rep, class Period, class T>
task<T> with_timeout(std::chrono::duration<Rep, Period> time, task<T> work) {
    co_return co_await with_deadline(detail::sleep_end(to_duration(time)), std::move(work));
}

} // namespace cicada
