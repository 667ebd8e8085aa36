#pragma once

/// The four that decide what becomes of instants, playing one history: periodics, simulate(), and
/// jobs in either store.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <model/jobs/history.hpp>

namespace jobs_model {

/// What a driver has decided of one job.
struct account {
    /// In order, as it was told, but for what was decided while somebody asked for something: of a
    /// job that is decided by who asks, and told to nobody.
    std::vector<std::string> told;
    /// What is known of instants afterwards, whoever decided it: of each that was told to anybody.
    std::map<wall_time, std::string> known;
    /// Its counters, and what comes next.
    std::string figures;
};

using accounts = std::map<std::string, account>; // by the name of the job

accounts as_periodics(const history& of);

/// Of what is quiet; it has no figures.
accounts as_simulated(const history& of);

/// When the machine is off, a worker
enum class worker_then : std::uint8_t {
    sleeps, // as the machine does
    leaves, // and another one comes afterwards: of histories that run in no time
};

/// By a worker in a simulation, through the public interface. It is asked about all that is `known`
/// elsewhere.
accounts as_jobs(const history& of, const std::string& url, worker_then then,
                 const accounts& known);

} // namespace jobs_model
