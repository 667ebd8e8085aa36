#pragma once

#include <chrono>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include <cicada/base/rfc3339.hpp>
#include <cicada/base/time.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada {

/// A time on the clock, as the duration since midnight.
struct time_of_day {
    constexpr time_of_day() = default;
    /// Throws std::invalid_argument when it is negative, or a day or more. Midnight is 0h, also as an end.
    template <class Rep, class Period>
    constexpr time_of_day(std::chrono::duration<Rep, Period> after_midnight)
        : since_midnight(to_duration(after_midnight)) {
        if (since_midnight < duration::zero() || since_midnight >= std::chrono::hours(24)) {
            throw std::invalid_argument("cicada: a time of day lies between 0h and 24h");
        }
    }

    duration since_midnight{};
    friend constexpr bool operator==(const time_of_day&, const time_of_day&) = default;
};

namespace detail {

/// All throw parse_error; that of a zone throws unknown_zone.
template <class T>
T from_text(std::string_view text);
template <>
CICADA_API wall_time from_text(std::string_view text); // "2026-01-31T09:00:00Z"
template <>
CICADA_API local_time from_text(std::string_view text); // "2026-01-31T09:00:00"
template <>
CICADA_API std::chrono::year_month_day from_text(std::string_view text); // "2026-01-31"
template <>
CICADA_API time_of_day from_text(std::string_view text); // "09:00", "09:00:00.25"
template <>
CICADA_API duration from_text(std::string_view text); // "PT1H30M", "90m"
template <>
CICADA_API zone from_text(std::string_view text); // "Europe/Berlin"

} // namespace detail

/// A parameter that is given as a value or as its text: `local_days(2026y/January/31) + 9h` or `"2026-01-31T09:00:00"`.
template <class T>
class or_text {
public:
    constexpr or_text() = default;
    template <class Value>
        requires std::is_convertible_v<Value, T>
    constexpr or_text(Value value) : value_(to_value(value)) {}
    template <class Text>
        requires(!std::is_convertible_v<const Text&, T> &&
                 std::is_convertible_v<const Text&, std::string_view>)
    or_text(const Text& text) : value_(detail::from_text<T>(text)) {}

    constexpr const T& value() const noexcept { return value_; }

private:
    /// Without overflow: an instant that is too far away becomes the furthest.
    template <class Value>
    static constexpr T to_value(Value value) {
        if constexpr (requires(T t) { t.time_since_epoch(); }) {
            return T(to_duration(value.time_since_epoch()));
        } else if constexpr (std::is_same_v<T, duration>) {
            return to_duration(value);
        } else {
            return value;
        }
    }

    T value_{};
};

} // namespace cicada
