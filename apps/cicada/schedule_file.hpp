#pragma once

/// The file of `simulate` and `pressure`: schedules, and outages.
///
///     timezone = "Europe/Berlin"        # of all schedules that name none; UTC
///
///     [schedule.backup]
///     cron = "30 2 * * *"               # or: every = "15m", fixed_delay = "15m",
///                                       #     when = 'every_days(2, "2026-01-01T04:00:00")'
///     takes = "2h"                      # how long a run is assumed to take
///     overlap = { buffer_all = 3 }
///
///     [[outage]]
///     from = 2026-03-29T00:30:00Z
///     until = 2026-03-29T03:00:00Z

#include <optional>
#include <string>
#include <vector>

#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/simulate.hpp>

namespace cicada::app {

struct schedule_file {
    zone where;
    std::vector<planned_schedule> schedules; // as they stand in the file
    std::vector<std::optional<cron>> patterns; // of each; none: it is no cron pattern
    std::vector<outage> outages;
};

/// Throws bad_input with every mistake.
schedule_file read_schedule_file(const std::string& path);

} // namespace cicada::app
