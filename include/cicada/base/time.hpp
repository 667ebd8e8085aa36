#pragma once

/// Time in cicada: two lines that never mix, and durations in nanoseconds.
///
/// *Elapsed* time (`elapsed_clock`) counts suspended time and never feels a clock step: intervals,
/// sleeps and timeouts use it. *Wall* time (`std::chrono::system_clock`, UTC) is what calendars and
/// people use. An instant of one line does not convert to the other: ask a loop for both.
///
///     cicada::duration d = cicada::to_duration(1.5h);             // saturates, rounds up
///     cicada::elapsed_time due = cicada::later(cicada::elapsed_clock::now(), d);

#include <chrono>
#include <concepts>
#include <cstdint>
#include <ratio>
#include <type_traits>

#include <cicada/base/export.hpp>

namespace cicada {

using duration = std::chrono::nanoseconds;

/// The elapsed clock of the operating system: CLOCK_BOOTTIME on Linux. Under a simulation ask the
/// loop instead (`cicada::now()`).
struct CICADA_API elapsed_clock {
    using duration = cicada::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<elapsed_clock>;
    static constexpr bool is_steady = true;
    static time_point now() noexcept;
};

using elapsed_time = elapsed_clock::time_point;
using wall_time = std::chrono::sys_time<duration>;

/// A wall clock that is set back by no more than this changes nothing that was decided (the bound
/// of cronie); by more, it was wrong before, and what it had decided ahead of time is decided anew.
inline constexpr duration most_set_back = std::chrono::hours(3);

namespace detail {
/// Products of two counts fit; -Wpedantic wants the mark.
__extension__ using int128 = __int128;
} // namespace detail

/// Converts any chrono duration to nanoseconds: rounds up, so that nothing is early, and saturates
/// instead of overflowing (about 292 years, which stands for "never").
template <class Rep, class Period>
constexpr duration to_duration(std::chrono::duration<Rep, Period> d) noexcept {
    // A unit is num / den seconds, which is num * scale / rest nanoseconds.
    using reduced = std::ratio<Period::den, std::nano::den>;
    constexpr std::intmax_t scale = reduced::den, rest = reduced::num;
    if constexpr (std::chrono::treat_as_floating_point_v<Rep>) {
        using wide = std::chrono::duration<long double, std::nano>;
        constexpr long double ns_each = static_cast<long double>(Period::num) * scale;
        const wide exact(static_cast<long double>(d.count()) * ns_each / rest);
        if (!(exact < wide(duration::max()))) return duration::max();
        if (!(exact > wide(duration::min()))) return duration::min();
        return std::chrono::ceil<duration>(exact);
    } else {
        // In whole numbers, for Clang 19 converts `1 << n` to long double wrongly. What exceeds 128
        // bits exceeds the range also when it is divided by `rest`, which has no more than 63.
        const auto count = static_cast<detail::int128>(d.count());
        detail::int128 ns = 0;
        if (__builtin_mul_overflow(count, Period::num, &ns) ||
            __builtin_mul_overflow(ns, scale, &ns)) {
            return count > 0 ? duration::max() : duration::min();
        }
        ns = ns / rest + (ns % rest > 0 ? 1 : 0);
        if (ns > duration::max().count()) return duration::max();
        if (ns < duration::min().count()) return duration::min();
        return duration(static_cast<std::int64_t>(ns));
    }
}

/// `start + delay`, saturating at both ends.
template <class Clock>
constexpr std::chrono::time_point<Clock, duration> later(
    std::chrono::time_point<Clock, duration> start, duration delay) noexcept {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(start.time_since_epoch().count(), delay.count(), &sum)) {
        return std::chrono::time_point<Clock, duration>(duration(sum));
    }
    return delay > duration::zero() ? std::chrono::time_point<Clock, duration>::max()
                                    : std::chrono::time_point<Clock, duration>::min();
}

/// `end - start`, saturating at both ends.
template <class Clock>
constexpr duration between(std::chrono::time_point<Clock, duration> start,
                           std::chrono::time_point<Clock, duration> end) noexcept {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(end.time_since_epoch().count(), start.time_since_epoch().count(),
                                &difference)) {
        return duration(difference);
    }
    return end > start ? duration::max() : duration::min();
}

} // namespace cicada
