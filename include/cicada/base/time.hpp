#pragma once

/// Time in cicada: two lines that never mix, and durations in nanoseconds.
///
/// *Elapsed* time (`elapsed_clock`) counts suspended time and never feels a clock step: intervals, sleeps and timeouts
/// use it. *Wall* time (`std::chrono::system_clock`, UTC) is what calendars and people use. An instant of one line does
/// not convert to the other: ask a loop for both.
///
///     cicada::duration d = cicada::to_duration(1.5h);             // saturates, rounds up
///     cicada::elapsed_time due = cicada::later(cicada::elapsed_clock::now(), d);

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <cicada/base/export.hpp>

namespace cicada {

using duration = std::chrono::nanoseconds;

/// The elapsed clock of the operating system: CLOCK_BOOTTIME on Linux. Under a simulation ask the loop instead
/// (`cicada::now()`).
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

/// Converts any chrono duration to nanoseconds: rounds up, so that nothing is early, and saturates instead of
/// overflowing (about 292 years, which stands for "never").
template <class Rep, class Period>
constexpr duration to_duration(std::chrono::duration<Rep, Period> d) noexcept {
    if constexpr (std::chrono::treat_as_floating_point_v<Rep>) {
        using wide = std::chrono::duration<long double, std::nano>;
        const auto exact = std::chrono::duration_cast<wide>(d);
        if (!(exact < wide(duration::max()))) return duration::max();
        if (!(exact > wide(duration::min()))) return duration::min();
        return std::chrono::ceil<duration>(exact);
    } else {
        // In whole numbers, for Clang 19 converts `1 << n` to long double wrongly.
        using ns_each = std::ratio_divide<Period, std::nano>;
        using wide = std::common_type_t<Rep, std::int64_t>;
        constexpr std::int64_t num = ns_each::num, den = ns_each::den;
        const wide count = d.count();
        const auto rest = static_cast<std::int64_t>(count % wide{den}) * num;
        std::int64_t sum = 0;
        if (__builtin_mul_overflow(count / wide{den}, num, &sum) ||
            __builtin_add_overflow(sum, (rest + (rest > 0 ? den - 1 : 0)) / den, &sum)) {
            return count > 0 ? duration::max() : duration::min();
        }
        return duration(sum);
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
