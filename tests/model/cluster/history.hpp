#pragma once

/// What happened in a simulated cluster, as it was seen from outside of the engine: by the
/// handlers, by who made the faults, and by who reads the store in the end. See checker.hpp.

#include <memory>
#include <string>
#include <vector>

#include <cicada/jobs/job.hpp>
#include <cicada/schedule/schedule.hpp>
#include <schedule/tz_edition.hpp>
#include <store/rows.hpp>

namespace cluster_model {

using namespace std::chrono_literals;
using cicada::duration;
using cicada::elapsed_time;
using cicada::wall_time;
using cicada::detail::run_row;
using cicada::detail::stretch;

/// From an instant to another, by the simulation's elapsed clock.
struct span {
    elapsed_time from{};
    elapsed_time until = elapsed_time::max();

    bool holds(elapsed_time t) const { return from <= t && t <= until; }
};

/// One call of a handler.
struct attempt {
    enum class ending {
        none, // it runs
        returned,
        threw,
        cancelled, // it was asked to end
        destroyed, // with its process
    };
    cicada::run_id run{};
    std::string job; // empty: it was submitted
    std::string key;
    cicada::run_origin origin = cicada::run_origin::scheduled;
    wall_time nominal{};
    std::uint64_t fence = 0;
    std::string machine;

    elapsed_time started_at{};
    wall_time store_was_at{}; // the furthest that the store's clock had come by then
    /// The last time that it did something; but not as its machine thawed, when it could not know
    /// yet.
    elapsed_time alive_at{};
    ending how = ending::none;
    elapsed_time ended_at{};
    wall_time ended_by_store{}; // the store's clock then
    /// By then the store has had all that its process had sent: what was held back renews a lease.
    elapsed_time heard_until{};
    bool was_stopped = false; // its process had been asked to end when it ended
    bool is_in_doubt = false; // the store has forgotten that it gave this run away
};

/// A job as it was from `since` on: of its instants those after it count.
struct version {
    wall_time since{};
    cicada::schedule when;
    std::shared_ptr<cicada::detail::tz_edition> zones = nullptr; // null: of this process
};

struct job_history {
    std::string name;
    cicada::detail::job_id id{};
    std::vector<version> versions; // empty: a fixed delay
    wall_time until{};
    cicada::on_lost on_lost = cicada::on_lost::retry;
    cicada::when_cut_off when_cut_off = cicada::when_cut_off::stop;
    bool may_stop = false; // by its policies, and begin again as it is edited
    std::vector<std::pair<wall_time, wall_time>> pauses; // when it may have been paused
    std::vector<std::pair<wall_time, wall_time>> sure_pauses; // when it was
    cicada::life life = cicada::life::active; // in the end
    std::vector<stretch> stretches; // of all epochs, in order
};

struct machine_history {
    std::string name;
    std::vector<span> healthy; // it ran, and nothing was wrong with it or its way to the store
};

struct history {
    duration lease{};
    duration takeover{}; // so long after a crash others may have taken over, the lease included
    std::vector<std::pair<elapsed_time, duration>> set_back; // the store's clock: when, and how far
    std::vector<attempt> attempts;
    std::vector<job_history> jobs;
    std::vector<run_row> runs; // of the store, in the end
    std::vector<machine_history> machines;
    std::vector<run_row> given_to_the_dead; // they began by a node that was dead by then
};

} // namespace cluster_model
