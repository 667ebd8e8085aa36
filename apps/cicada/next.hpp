#pragma once

#include "pattern_arguments.hpp"
#include "terminal.hpp"

namespace cicada::app {

struct next_arguments : pattern_arguments {
    bool in_utc = false;
};

/// `cicada next`: the instants after a given one. Gives the exit status: 1 if there is none.
int next(const next_arguments& given, wall_time now, output& out);

} // namespace cicada::app
