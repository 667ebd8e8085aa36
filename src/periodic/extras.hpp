#pragma once

#include <string>
#include <vector>

#include <cicada/periodic/core.hpp>

namespace cicada::detail {

/// What only some periodics need.
struct periodic_extras final : home_context {
    explicit periodic_extras(periodic_core& of) noexcept : home_context(false), link(of) {}

    resident_link link; // it may have no armed timer by which its loop would find it
    std::string name;
    std::uint64_t identity = 0; // what jitter depends on
    cicada::overlap overlap;
    duration jitter{};
    duration accuracy{};
    std::uint64_t times = 0;
    std::optional<wall_time> until;

    duration nominal{}; // of the tick that is armed, or will be on resume
    std::uint64_t ran = 0; // of these two, what does not fit the core
    std::uint64_t missed = 0;
    std::uint64_t dropped = 0;
    std::uint64_t failed = 0;
    std::uint64_t untold = 0; // missed and dropped since the last tick
    list<periodic_run> runs;
    std::uint32_t running = 0;
    std::vector<duration> buffered; // nominal instants that wait for a run to end
    list<listener> listeners;
    std::exception_ptr error; // that ended it
    bool error_taken = false;
};

} // namespace cicada::detail
