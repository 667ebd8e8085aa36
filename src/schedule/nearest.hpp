#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/schedule/nearest.hpp>

namespace cicada::detail {

/// How many letters to add, drop, change, or swap with their neighbours: Damerau's distance, by
/// optimal string alignment.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "did you mean every_days?"; empty: no name is near.
CICADA_API std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names);

/// `there is no ...; did you mean "Europe/Berlin" or "Europe/Dublin"?`
std::string with_names(std::string reason, const std::vector<std::string>& near);

} // namespace cicada::detail
