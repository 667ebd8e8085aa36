#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::detail {

/// How many letters to add, drop, change, or swap with their neighbours: Damerau's distance, by
/// optimal string alignment.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Up to three names that may be meant by `wrong`, the likeliest first: by edit distance,
/// regardless of case, of the whole or, if `wrong` has no '/', of the last part ("Berlin" for
/// "Europe/Berlin").
std::vector<std::string> nearest_names(std::string_view wrong,
                                       const std::vector<std::string>& names);

} // namespace cicada::detail
