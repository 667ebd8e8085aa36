#pragma once

/// simulate: what becomes of every nominal instant of a set of schedules, without running anything.
///
///     std::vector<cicada::planned_schedule> all = {
///         {.name = "backup", .when = cicada::cron("30 2 * * *", "Europe/Berlin"), .takes = 2h},
///         {.name = "poll", .when = cicada::interval(15min), .jitter = 1min, .takes = 20s},
///     };
///     cicada::simulate(all, {.from = from, .until = until},
///                      [&](const cicada::planned_schedule& s, const cicada::decision& d) { ... });
///
/// It decides by the same plan() and overlap policy as periodics do, so what it says is what they
/// will do; a run takes as long as `takes` says, and succeeds. (But for the jitter of intervals,
/// which is as large, and differs with each start of a machine.)
///
/// Threads: any; pure.
/// Cost:    a year of 1,000 hourly schedules: see the cron rows of the benchmark.

#include <vector>

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/policy.hpp>
#include <cicada/schedule/recurrence.hpp>

namespace cicada {

/// The policies mean what they mean in every_options, and come in the same order.
struct planned_schedule {
    std::string name;
    recurrence when;
    cicada::overlap overlap = {};
    cicada::missed missed = missed::skip;
    cicada::catch_up catch_up = catch_up::last;
    duration catch_up_window = duration::max();
    duration start_deadline = duration::max();
    duration jitter = duration::zero();
    duration takes = duration::zero(); // how long a run is assumed to take
};

/// A time in which nothing can run: the machine is off, or asleep.
struct outage {
    wall_time from;
    wall_time until;
};

struct simulated_window {
    wall_time from; // intervals begin here
    wall_time until;
    std::vector<outage> outages = {}; // in order, and apart from each other
    std::uint64_t most = 1'000'000'000; // instants of a schedule; see too_many_instants
};

/// A schedule has more instants in a window than simulated_window::most. (A day has 86,400,000 of
/// a period of 1 ms, and takes some 10 s.)
class CICADA_API too_many_instants final : public std::invalid_argument {
public:
    too_many_instants(const planned_schedule& of, std::uint64_t most);
    const std::string& name() const noexcept { return name_; }
    std::uint64_t most() const noexcept { return most_; }

private:
    std::string name_;
    std::uint64_t most_;
};

/// Calls `each(schedule, decision)` in the order in which the decisions fall; runs that last beyond
/// the window are told as if they ended at its end. Throws std::invalid_argument when the window
/// ends before it begins, or for outages out of order, and too_many_instants: of intervals before
/// anything is told, of calendars as it comes to that.
CICADA_API void simulate(
    const std::vector<planned_schedule>& all, const simulated_window& window,
    const detail::function<void(const planned_schedule&, const decision&)>& each);

} // namespace cicada
