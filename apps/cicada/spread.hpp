#pragma once

#include "schedule_file.hpp"

namespace cicada::app {

/// The file's schedules, with the minutes of patterns chosen by `H`: 0 becomes H, */15 becomes
/// H/15; and each interval begun at some time of its first period. Others stay as they are.
std::vector<planned_schedule> spread(const schedule_file& file);

} // namespace cicada::app
