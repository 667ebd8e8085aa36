#pragma once

#include "pattern_arguments.hpp"
#include "terminal.hpp"

namespace cicada::app {

/// `cicada explain`: a pattern in words, its next instants, what clock changes do to it, and
/// remarks.
int explain(const pattern_arguments& given, wall_time now, output& out);

} // namespace cicada::app
