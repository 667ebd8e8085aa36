#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <cicada/schedule/or_text.hpp>
#include <cicada/schedule/policy_text.hpp>

namespace cicada::detail {

/// The arguments of an expression, each as from_text reads it, in quotes.
std::string in_quotes(std::string_view text);
std::string in_quotes(wall_time instant); // "2026-01-31T09:00:00Z"
std::string in_quotes(local_time local); // "2026-01-31T09:00:00"
std::string in_quotes(std::chrono::year_month_day date); // "2026-01-31"
std::string in_quotes(time_of_day time); // "09:00", or with seconds where there are some

/// `, "Europe/Berlin"`, or nothing for UTC.
std::string zone_argument(const zone& where);

/// `, gap::skip`.
template <class E>
std::string enumerator_argument(std::string_view type, E value) {
    return ", " + std::string(type) + "::" + to_text(value);
}

} // namespace cicada::detail
