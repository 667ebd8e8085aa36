#pragma once

/// plan: what to do about a nominal instant, and which one to look at next.
///
/// The one place where policies decide. Pure: no clock, no thread, no memory of its own; periodics in memory call it, and
/// durable jobs will. Instants are durations since the epoch of whatever time line the schedule is on.

#include <cstdint>
#include <optional>
#include <vector>

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/policy.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

struct plan_policy {
    cicada::missed missed = missed::skip;
    cicada::overlap overlap = overlap::skip;
    /// Lateness up to this is the noise of waking up, and no reason for missed::delay to move the grid.
    duration granule = std::chrono::milliseconds(1);
};

struct plan_state {
    duration due{}; // the nominal instant in question; not after now
    std::uint32_t running = 0; // runs that have not ended
    std::uint32_t buffered = 0; // nominal instants that wait for one of them
};

enum class verdict : std::uint8_t {
    run,
    buffer, // after those that wait already
    buffer_only, // in place of those that wait
    cancel_others, // ask those that run to cancel, and as buffer_only
    drop,
};

struct planned {
    verdict what = verdict::run;
    /// Nominal instants after `due`, up to now, that will get no run of their own.
    std::uint64_t missed = 0;
    /// The next instant to look at. None: when the run has ended (see after_run), or never again.
    std::optional<duration> next;
};

/// What happens to an instant when `running` and `buffered` others are there.
constexpr verdict judge(const overlap& policy, std::uint32_t running,
                        std::uint32_t buffered) noexcept {
    if (running == 0) return verdict::run;
    switch (policy.which()) {
    case overlap::mode::skip:
        return verdict::drop;
    case overlap::mode::buffer_one:
        return buffered == 0 ? verdict::buffer : verdict::drop;
    case overlap::mode::buffer_latest:
        return verdict::buffer_only;
    case overlap::mode::buffer_all:
        return buffered < policy.max() ? verdict::buffer : verdict::drop;
    case overlap::mode::cancel_other:
        return verdict::cancel_others;
    case overlap::mode::allow:
        return running < policy.max() ? verdict::run : verdict::drop;
    }
    return verdict::drop;
}

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

/// Precondition: state.due <= now.
constexpr planned plan(const interval& when, const plan_policy& policy, const plan_state& state,
                       duration now) noexcept {
    planned p;
    p.what = judge(policy.overlap, state.running, state.buffered);
    if (when.which() == interval::kind::fixed_delay) return p;

    const auto period = static_cast<std::uint64_t>(when.period().count());
    const std::uint64_t late = nanoseconds_between(state.due, now);
    duration grid = state.due;
    if (late >= period && policy.missed != missed::burst) {
        p.missed = late / period;
        grid = now - duration(static_cast<duration::rep>(late % period));
    }
    if (policy.missed == missed::delay && late > static_cast<std::uint64_t>(policy.granule.count()))
        grid = now;
    p.next = period_after(grid, when.period());
    return p;
}

struct calendar_policy {
    cicada::catch_up catch_up = catch_up::last;
    duration window = duration::max(); // what is longer ago is not caught up
    duration start_deadline = duration::max();
    std::optional<wall_time> until = std::nullopt; // there are no instants after it
    duration on_purpose{}; // how late the instant that is due was meant to be: jitter, accuracy
};

struct planned_instants {
    std::vector<wall_time> runs; // oldest first; nearly always one
    std::vector<decision> settled; // the others up to now, which get none
    std::optional<wall_time> next; // the first after now; none: never again
};

/// What becomes of the instants of a calendar schedule after `decided`, up to which all have been decided, and up to now.
/// A clock set back changes nothing: what was decided stays so, and the next instant is after it.
CICADA_API planned_instants plan(const schedule& when, const calendar_policy& policy,
                                 wall_time decided, wall_time now);

/// The next instant of a fixed delay, once a run has ended.
constexpr std::optional<duration> after_run(const interval& when, duration ended_at) noexcept {
    return period_after(ended_at, when.period());
}

/// The first nominal instant of an interval that begins now, on the elapsed line. None: never.
constexpr std::optional<duration> first_instant(const interval& when, const first& how,
                                                elapsed_time now, wall_time wall_now) noexcept {
    constexpr duration century = std::chrono::hours(24 * 36525); // an interval begins no earlier
    const elapsed_time earliest = later(now, -century);
    elapsed_time due = now;
    switch (how.which()) {
    case first::kind::immediately:
        break;
    case first::kind::after_period:
        return period_after(now.time_since_epoch(), when.period());
    case first::kind::at_elapsed:
        due = elapsed_time(how.at());
        break;
    case first::kind::at_wall:
        due = later(now, between(wall_now, wall_time(how.at())));
        break;
    }
    return (due < earliest ? earliest : due).time_since_epoch();
}

/// A delay in [0, most) that depends on nothing but its arguments, so that it is the same on every machine and after a
/// restart, and differs between names and between instants. (The mixer is the finaliser of SplitMix64: G. Steele,
/// D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014.)
constexpr duration jitter_of(std::uint64_t identity, duration nominal, duration most) noexcept {
    if (most <= duration::zero()) return duration::zero();
    std::uint64_t x = identity + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(nominal.count());
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return duration(static_cast<std::int64_t>(x % static_cast<std::uint64_t>(most.count())));
}

} // namespace cicada
