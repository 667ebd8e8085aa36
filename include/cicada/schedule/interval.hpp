#pragma once

#include <stdexcept>

#include <cicada/base/time.hpp>

namespace cicada {

/// The schedule of `every(3s, ...)`: a period, at a fixed rate or with a fixed delay.
///
/// At a *fixed rate* nominal instants lie at t0 + k * period for ever: no drift. With a *fixed
/// delay* each run starts one period after the end of the run before it.
class interval {
public:
    enum class kind : std::uint8_t { fixed_rate, fixed_delay };

    /// Converts from any chrono duration; beyond 292 years means never again.
    /// Throws std::invalid_argument when it is not positive.
    template <class Rep, class Period>
    constexpr interval(std::chrono::duration<Rep, Period> period, kind which = kind::fixed_rate)
        : period_(to_duration(period)), kind_(which) {
        if (!(period > std::chrono::duration<Rep, Period>::zero()))
            throw std::invalid_argument("cicada: a period must be greater than zero");
    }

    constexpr duration period() const noexcept { return period_; }
    constexpr kind which() const noexcept { return kind_; }
    friend constexpr bool operator==(const interval&, const interval&) = default;

private:
    duration period_;
    kind kind_;
};

/// `every(fixed_delay(3s), ...)`.
template <class Rep, class Period>
constexpr interval fixed_delay(std::chrono::duration<Rep, Period> delay) {
    return interval(delay, interval::kind::fixed_delay);
}

} // namespace cicada
