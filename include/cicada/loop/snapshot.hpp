#pragma once

/// What loop::snapshot() gives: what lives on a loop, as plain values. They hold nothing of the
/// loop, and may be kept, and handed to other threads.
///
///     for (const cicada::periodic_snapshot& one : loop.snapshot().periodics)
///         std::cout << one.name << ": " << one.recurrence << ", " << one.waits_for << '\n';

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/life.hpp>

namespace cicada {

struct task_snapshot {
    std::string name; // empty: it was given none
    std::string waits_for; // "a timer", "a mutex", "its turn", ...
};

/// How a periodic has fared.
struct periodic_counters {
    std::uint64_t ran = 0; // runs started
    std::uint64_t missed = 0; // nominal instants without a run, because the loop came too late
    std::uint64_t dropped = 0; // nominal instants without a run, because of the overlap policy
    std::uint64_t failed = 0; // attempts that threw
};

/// A run that is under way, or waits for its next attempt.
struct run_snapshot {
    /// Of these two nothing is kept, while it runs, for a function that is no coroutine and has no
    /// policies: only a snapshot that the function itself takes shows such a run.
    std::optional<wall_time> nominal;
    std::optional<wall_time> started_at; // its first attempt
    std::uint32_t attempt = 1;
    std::optional<wall_time> retry_at; // it has failed, and waits for this
};

/// A periodic, or a one-shot.
struct periodic_snapshot {
    std::string name; // empty: it was given none
    /// As recurrence::text(): `every 15m`, `cron("0 7 * * 1-5", "Europe/Berlin")`; of a one-shot
    /// `once after 10s`, `once at 2026-01-01T00:00:00Z`.
    std::string recurrence;
    cicada::life life = life::active;
    std::optional<wall_time> next; // as periodic::next()
    std::string waits_for; // "its next tick", "its retry", "the end of its run", "resume()"
    periodic_counters counters;
    std::uint32_t failed_in_a_row = 0; // runs
    std::vector<run_snapshot> runs; // oldest first
    /// None yet; or it is of the plainest kind, which keeps none: a function that is no coroutine
    /// and never threw, without policies and observers.
    std::optional<decision> last_decision;
};

struct loop_snapshot {
    wall_time taken_at{};
    /// In the order in which they began; the runs of periodics that are suspended, by their names,
    /// among them.
    std::vector<task_snapshot> tasks;
    /// In no particular order. A one-shot, or one with a fixed delay, whose function takes the
    /// snapshot and is as plain as that, is not among them.
    std::vector<periodic_snapshot> periodics;
};

} // namespace cicada
