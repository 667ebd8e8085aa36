#pragma once

/// The jobs of a chaos run: the same for each node, so that each may apply them.

#include <vector>

#include <cicada/jobs.hpp>

namespace chaos {

/// The job that is triggered. It has room for many runs side by side, so that a trigger is a run.
inline constexpr const char* triggered = "triggered";

/// `ticking` schedules of five instants a second, each with another mixture of policies, and one or
/// more of everything else: calendars, retries, long runs, fixed delays. All of them end at
/// `until`, so that it can be said of each instant what became of it.
std::vector<cicada::job> job_set(int ticking, cicada::wall_time until);

} // namespace chaos
