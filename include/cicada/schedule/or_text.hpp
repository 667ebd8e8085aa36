#pragma once

#include <chrono>
#include <string_view>
#include <type_traits>

#include <cicada/base/rfc3339.hpp>
#include <cicada/base/time.hpp>
#include <cicada/schedule/time_of_day.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada {

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

/// A parameter that is given as a value or as its text: `local_days(2026y/January/31) + 9h` or
/// `"2026-01-31T09:00:00"`.
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
