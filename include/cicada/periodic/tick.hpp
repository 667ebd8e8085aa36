#pragma once

#include <cstdint>

#include <cicada/base/time.hpp>

namespace cicada {

/// What a periodic function may be told, by taking it as its first argument.
struct tick {
    wall_time nominal; // the instant that the schedule names
    wall_time now;     // when this attempt was started
    duration lateness; // between the two, in elapsed time; never negative
    /// Nominal instants that got no run of their own since the tick before, as known now: missed or dropped.
    std::uint64_t missed;
    /// 1, or more when this is a retry for the same nominal instant.
    std::uint32_t attempt;
};

} // namespace cicada
