#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <cicada/base/export.hpp>

namespace cicada {

/// Up to three of `names` that may be meant by `wrong`, the likeliest first, for who asks "did you
/// mean ...?": by how many letters differ, regardless of case, of the whole or, if `wrong` has no
/// '/', of the last part ("Berlin" for "Europe/Berlin").
CICADA_API std::vector<std::string> nearest_names(std::string_view wrong,
                                                  const std::vector<std::string>& names);

} // namespace cicada
