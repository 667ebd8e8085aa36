#pragma once

#include <type_traits>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/time_of_day.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada {

namespace detail {

/// Of a wall_time "2026-01-31T09:00:00Z", a local_time "2026-01-31T09:00:00", a year_month_day
/// "2026-01-31", a time_of_day "09:00" or "09:00:00.25", a duration "PT1H30M" or "90m", a zone
/// "Europe/Berlin". Throws parse_error, of a zone unknown_zone.
template <class T>
CICADA_API T from_text(std::string_view text);

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
