#pragma once

#include <string>

#include <cicada/base/time.hpp>

#include "terminal.hpp"

namespace cicada::app {

struct simulate_arguments {
    std::string file;
    std::string from = "now";
    std::string to; // empty: a day after `from`
    std::string zone; // empty: the file's
    bool wants_summary = false;
    bool wants_json = false;
};

/// `cicada simulate`: what becomes of each nominal instant of a file's schedules.
int simulate(const simulate_arguments& given, wall_time now, output& out);

} // namespace cicada::app
