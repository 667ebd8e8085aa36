#pragma once

#include <string>

#include <cicada/base/time.hpp>

#include "terminal.hpp"

namespace cicada::app {

struct pressure_arguments {
    std::string file;
    std::string from = "now"; // some time of the week to look at
    std::string zone; // empty: the file's
    bool wants_json = false;
};

/// `cicada pressure`: how many runs start in each minute of a week.
int pressure(const pressure_arguments& given, wall_time now, output& out);

} // namespace cicada::app
