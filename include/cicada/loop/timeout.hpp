#pragma once

/// with_timeout, with_deadline: what is awaited has so much time, and is cancelled when that is up.
///
///     auto reply = co_await cicada::with_timeout(2s, ask());
///     co_await cicada::with_timeout(2s, ready.wait());             // anything that can be awaited
///     co_await cicada::with_timeout(2s, [&](cicada::timeout& limit) -> cicada::task<> {
///         const header h = co_await read_header();
///         limit.reschedule(h.is_large ? 1min : 10s);           // a section whose limit moves
///         co_await read_body();
///     });
///
/// `timeout_error` is thrown when the time has run out and what was awaited was cancelled for that.
/// It runs within the caller's activity and has ended when this returns. If it completes although
/// its time is up, its value is given: with `with_timeout(2s, channel.receive())` no value is lost.
/// A request from outside is told from the timeout's own, and throws `cancelled`.
///
/// Threads:  loop thread.    Resumes: as a plain co_await.    Cost: one frame; O(1) to arm, to move
///           and to cancel.
/// Cancel:   reaches what is awaited.
/// Lifetime: an rvalue is moved in; an lvalue, such as one's own handle, outlives the wait. After a
///           timeout it can be awaited again.

#include <optional>

#include <cicada/async/awaitable.hpp>
#include <cicada/loop/sleep.hpp>

namespace cicada {

namespace detail {

/// Requests cancel of the activity when its time is up, and takes the request back in the end:
/// asyncio.timeout.
class CICADA_API time_limit final : private timer {
public:
    time_limit(activity& self, elapsed_time deadline);
    ~time_limit() { stop(); }

    void move_to(elapsed_time deadline);
    elapsed_time ends_at() const noexcept { return ends_at_; }
    bool is_expired() const noexcept { return section_.has_asked(); }

    /// Ends the section, which was cancelled. Whether it was for this limit, and for nobody else.
    bool ends_as_timeout() noexcept;

private:
    void start();
    void stop() noexcept;
    void expired(const detail::expiry&) noexcept override;

    elapsed_time ends_at_;
    cancel_section section_;
};

} // namespace detail

/// The limit of a section, for its body: asyncio's Timeout. Lives as long as the body; its loop's
/// thread.
class timeout {
public:
    explicit timeout(detail::time_limit& limit) noexcept : limit_(limit) {}

    /// Moves the end to `time` from now; at once, if it is not positive.
    /// Throws std::logic_error when the limit has struck: the request to cancel is out.
    template <class Rep, class Period>
    void reschedule(std::chrono::duration<Rep, Period> time) {
        limit_.move_to(detail::sleep_end(to_duration(time)));
    }
    /// The same, to an instant of elapsed time; none: never.
    void reschedule(std::optional<elapsed_time> deadline) {
        limit_.move_to(deadline.value_or(elapsed_time::max()));
    }
    /// None: never.
    std::optional<elapsed_time> when() const noexcept {
        if (limit_.ends_at() == elapsed_time::max()) return std::nullopt;
        return limit_.ends_at();
    }
    /// Its time is up, and the body was asked to cancel for it.
    bool is_expired() const noexcept { return limit_.is_expired(); }

private:
    detail::time_limit& limit_;
};

namespace detail {

inline elapsed_time deadline_of(elapsed_time deadline) noexcept { return deadline; }
inline elapsed_time deadline_of(duration time) { return sleep_end(time); }

/// Awaits what `begin(limit)` gives. `end` is an instant, or a time that counts from here.
template <class T, class End, class F>
task<T> limited(End end, F begin) {
    time_limit limit(co_await this_activity{}, detail::deadline_of(end));
    auto& outcome = co_await handed_on(begin(limit));
    if (outcome.is_cancelled() && limit.ends_as_timeout())
        outcome.set_error(std::make_exception_ptr(timeout_error()));
    co_return given(outcome);
}

/// Something that exists already.
template <class A>
struct limited_wait {
    A what;
    A&& operator()(time_limit&) noexcept { return static_cast<A&&>(what); }
};

/// The body of a section.
template <class F>
struct limited_section {
    F body;
    std::optional<timeout> limit = std::nullopt;
    auto operator()(time_limit& whose) { return body(limit.emplace(whose)); }
};

template <class End, class W>
auto limit(End end, W&& work) {
    using body = std::decay_t<W>;
    if constexpr (std::is_invocable_v<body&, timeout&>) {
        using returned = std::invoke_result_t<body&, timeout&>;
        static_assert(is_task<returned>, "cicada: the body of a timeout is a coroutine function: "
                                         "let it return cicada::task<>");
        if constexpr (is_task<returned>) {
            return limited<typename returned::value_type>(
                end, limited_section<body>{static_cast<W&&>(work)});
        } else {
            return refused();
        }
    } else if constexpr (require_awaitable<W>()) {
        return limited<await_value<W>>(end, limited_wait<W>{static_cast<W&&>(work)});
    } else {
        return refused();
    }
}

template <class First>
struct call_of_with_timeout {
    static_assert(never<First>, "cicada: write with_timeout(time, what), the time with its unit, "
                                "such as 2s: what is a task, or anything else to await");
};
template <class First>
struct call_of_with_deadline {
    static_assert(never<First>, "cicada: write with_deadline(instant, what), the instant as "
                                "cicada::now() + 2s: what is a task, or anything else to await");
};

} // namespace detail

/// Awaits `work`, or the task of `work(timeout&)`, until `deadline`, and gives its value.
template <class W>
auto with_deadline(elapsed_time deadline, W&& work) {
    return detail::limit(deadline, static_cast<W&&>(work));
}
task<> with_deadline(detail::misuse<detail::call_of_with_deadline>, ...);

/// The same with the time counted from when it is awaited.
template <class Rep, class Period, class W>
auto with_timeout(std::chrono::duration<Rep, Period> time, W&& work) {
    return detail::limit(to_duration(time), static_cast<W&&>(work));
}
task<> with_timeout(detail::misuse<detail::call_of_with_timeout>, ...);

} // namespace cicada
