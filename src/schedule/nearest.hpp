#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cicada::detail {

/// Up to three names that may be meant by `wrong`, the likeliest first: by edit distance, regardless of case, of the
/// whole or, if `wrong` has no '/', of the last part ("Berlin" for "Europe/Berlin").
std::vector<std::string> nearest_names(std::string_view wrong,
                                       const std::vector<std::string>& names);

} // namespace cicada::detail
