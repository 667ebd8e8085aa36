#pragma once

/// One seed of the model: jobs at random, on a cluster in which faults come at random, while people
/// pause, trigger, edit and cancel. In the end all faults are over, and everything has come to its
/// end; then the history is there to be checked.

#include <model/cluster/checker.hpp>
#include <model/cluster/world.hpp>

namespace cluster_model {

/// How long, and how dense: what is rare in time must be cheap in time.
struct shape {
    const char* name;
    duration lease;
    duration poll;
    duration time; // with jobs, and with faults
    duration calm; // after that, until all has ended
    duration work; // of an attempt, at most; some go on for a lease or two
    duration between; // faults, in the mean half of it
    std::vector<const char*> when; // of its jobs
};

extern const shape dense;
extern const shape days;
extern const shape years;

struct faults {
    std::uint64_t crashes = 0;
    std::uint64_t stops = 0;
    std::uint64_t freezes = 0;
    std::uint64_t cuts = 0;
    std::uint64_t lossy = 0; // times in which messages were lost
    std::uint64_t held = 0; // the same, in which they came late
    std::uint64_t clock_steps = 0; // of machines
    std::uint64_t downs = 0; // of the store
    std::uint64_t failovers = 0;
    std::uint64_t zone_updates = 0; // of machines
    std::uint64_t commits_lost = 0;
    std::uint64_t requests_lost = 0;
    std::uint64_t answers_lost = 0;
    std::uint64_t refused = 0;
};

struct calls {
    std::uint64_t edits = 0;
    std::uint64_t pauses = 0;
    std::uint64_t resumes = 0;
    std::uint64_t triggers = 0;
    std::uint64_t submits = 0;
    std::uint64_t cancels = 0;
    std::uint64_t backfills = 0;
};

struct trial_result {
    std::vector<violation> violations;
    checked what;
    faults injected;
    calls made;
    std::uint64_t attempts = 0;
    std::uint64_t messages = 0;
    std::chrono::duration<double> time{}; // that was simulated, of all seeds centuries

    trial_result& operator+=(const trial_result& one);
};

trial_result run_trial(std::uint64_t seed, const shape& of);

} // namespace cluster_model
