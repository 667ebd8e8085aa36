#pragma once

/// The instants of an interval: arithmetic on durations since the epoch of its time line. Pure, and
/// exact from one end of time to the other.

#include <cstdint>
#include <optional>

#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/policy.hpp>

namespace cicada::detail {

/// `instant + period`, or nothing when that is beyond the end of time.
constexpr std::optional<duration> period_after(duration instant, duration period) noexcept {
    std::int64_t sum = 0;
    if (period == duration::max() || __builtin_add_overflow(instant.count(), period.count(), &sum))
        return std::nullopt;
    return duration(sum);
}

/// `to - from`, which is not negative, exactly: from one end of time to the other is more than a
/// duration holds.
constexpr std::uint64_t nanoseconds_between(duration from, duration to) noexcept {
    return static_cast<std::uint64_t>(to.count()) - static_cast<std::uint64_t>(from.count());
}

/// `instant + many * period`, which is known not to be beyond the end of time, though the product
/// may be more than a duration holds.
constexpr duration after_periods(duration instant, duration period, std::uint64_t many) noexcept {
    return duration(static_cast<duration::rep>(static_cast<std::uint64_t>(instant.count()) +
                                               static_cast<std::uint64_t>(period.count()) * many));
}

/// How many whole periods lie between two instants, of which the second is not the earlier.
constexpr std::uint64_t periods_between(duration from, duration to, duration period) noexcept {
    return nanoseconds_between(from, to) / static_cast<std::uint64_t>(period.count());
}

/// The first of `instant + k * period` that is not before `from`, which is not before `instant`.
constexpr std::optional<duration> first_on_grid(duration instant, duration period,
                                                duration from) noexcept {
    const std::uint64_t past =
        nanoseconds_between(instant, from) % static_cast<std::uint64_t>(period.count());
    if (past == 0) return from;
    return period_after(from - duration(static_cast<duration::rep>(past)), period);
}

/// What follows an instant that is due.
struct grid_step {
    /// Nominal instants after it, up to now, that will get no run of their own.
    std::uint64_t missed = 0;
    /// None: beyond the end of time.
    std::optional<duration> next;
};

/// Lateness up to this is the noise of waking up, and no reason for missed::delay to move the grid.
inline constexpr duration wake_up_noise = std::chrono::milliseconds(1);

/// At a fixed rate, by the formulas of `missed`. Precondition: due <= now. `noise`: with jitter and
/// accuracy, by which the tick was late on purpose.
constexpr grid_step step_on_grid(duration period, missed policy, duration due, duration now,
                                 duration noise = wake_up_noise) noexcept {
    grid_step step;
    const auto p = static_cast<std::uint64_t>(period.count());
    const std::uint64_t late = nanoseconds_between(due, now);
    duration grid = due;
    if (late >= p && policy != missed::burst) {
        step.missed = late / p;
        grid = now - duration(static_cast<duration::rep>(late % p));
    }
    if (policy == missed::delay && late > static_cast<std::uint64_t>(noise.count())) grid = now;
    step.next = period_after(grid, period);
    return step;
}

/// The first nominal instant of an interval of this period that begins now, on the elapsed line.
/// None: never.
constexpr std::optional<duration> first_instant(duration period, const first& how, elapsed_time now,
                                                wall_time wall_now) noexcept {
    constexpr duration century = std::chrono::hours(24 * 36525); // an interval begins no earlier
    const elapsed_time earliest = later(now, -century);
    elapsed_time due = now;
    switch (how.which()) {
    case first::kind::immediately:
        break;
    case first::kind::after_period:
        return period_after(now.time_since_epoch(), period);
    case first::kind::at_elapsed:
        due = elapsed_time(how.at());
        break;
    case first::kind::at_wall:
        due = later(now, between(wall_now, wall_time(how.at())));
        break;
    }
    return (due < earliest ? earliest : due).time_since_epoch();
}

} // namespace cicada::detail
