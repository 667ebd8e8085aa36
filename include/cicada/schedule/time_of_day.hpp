#pragma once

#include <stdexcept>

#include <cicada/base/time.hpp>

namespace cicada {

/// A time on the clock, as the duration since midnight.
struct time_of_day {
    constexpr time_of_day() = default;
    /// Throws std::invalid_argument when it is negative, or a day or more. Midnight is 0h, also as
    /// an end.
    template <class Rep, class Period>
    constexpr time_of_day(std::chrono::duration<Rep, Period> after_midnight)
        : since_midnight(to_duration(after_midnight)) {
        if (since_midnight < duration::zero() || since_midnight >= std::chrono::hours(24))
            throw std::invalid_argument("cicada: a time of day lies between 0h and 24h");
    }

    duration since_midnight{};
    friend constexpr bool operator==(const time_of_day&, const time_of_day&) = default;
};

} // namespace cicada
