#pragma once

/// ticker: the instants of a schedule, to await one after the other.
///
///     cicada::ticker ticks(250ms);
///     for (;;) {
///         const auto next = co_await cicada::when_any(ticks.next(), lines.receive());
///         if (next.index() == 0) flush();                 // every 250 ms, however many lines come
///         else use(*std::get<1>(next));
///     }
///
/// `every` runs a function; a ticker paces a loop of one's own, with other things to wait for. An
/// interval's instants lie at t0 + k * period for ever, as those of `every`; t0 is when the ticker
/// is made. When the loop comes late, `missed` says which instant is next, by the same arithmetic.
/// next() never gives a tick early, and always suspends.
///
/// Cancel:   loses nothing, in when_any and with_timeout neither: the next call waits for the same
///           instant.
/// Threads:  loop thread, from its construction on.    Resumes: on the same loop, in deadline
///           order.
/// Lifetime: outlives its waiter; one task waits at a time.    Cost: no allocation; on a calendar,
///           a list for each tick.

#include <cicada/loop/loop.hpp>
#include <cicada/periodic/tick.hpp>
#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/policy.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

struct ticker_options {
    /// The first tick; default: at once.
    cicada::first first = {};
    cicada::missed missed = missed::skip;
};

class CICADA_API ticker {
public:
    /// Throws std::invalid_argument for a fixed delay, and std::logic_error without a loop.
    explicit ticker(interval period, const ticker_options& options = {});
    /// Of a calendar, from its next instant on. What was missed gets one tick, at the newest of its
    /// instants.
    explicit ticker(schedule when);
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

    class CICADA_API awaiter final : public detail::waiter, private detail::timer {
    public:
        explicit awaiter(ticker& of) noexcept : of_(of) {}
        awaiter(awaiter&&) noexcept = default;
        ~awaiter();
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> frame) {
            return start(detail::owner_of(frame), frame);
        }
        tick await_resume();
        detail::withdrawal withdraw() noexcept override;
        const char* waits_for() const noexcept override { return "a tick"; }

    private:
        bool start(detail::activity& owner, std::coroutine_handle<> frame);
        void arm();
        void expired(const detail::expiry&) noexcept override;
        std::string_view task_name() const noexcept override { return owner().name(); }

        ticker& of_;
        std::optional<tick> taken_;
    };

    /// Awaits the next tick. std::logic_error when another task waits for it; closed_error when the
    /// calendar names no further instant.
    [[nodiscard("co_await it")]] awaiter next() noexcept { return awaiter(*this); }

private:
    std::optional<tick> take();
    std::optional<tick> take_of_calendar();

    loop& home_;
    interval period_;
    cicada::missed missed_ = missed::skip;
    bool is_awaited_ = false;
    // When to look, on its time line: the next instant, or how far none was found; none: never.
    std::optional<duration> due_;
    std::optional<schedule> calendar_;
    wall_time decided_{}; // of a calendar: all instants up to it have been told
};

} // namespace cicada
