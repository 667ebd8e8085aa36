#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "terminal.hpp"

namespace cicada::app {

/// A strip of cells, the darker the more; each shows the most of its share of `values`. `most` is
/// the top of the scale.
std::string heat_strip(std::span<const std::uint32_t> values, std::size_t cells, std::uint32_t most,
                       const terminal& shown_on);

/// The hours below it: "00    06    12    18"
std::string axis_of_a_day(std::size_t cells);

} // namespace cicada::app
