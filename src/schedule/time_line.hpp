#pragma once

#include <cstdint>

#include <cicada/base/time.hpp>

namespace cicada::detail {

enum class time_line : std::uint8_t { elapsed, wall };

/// A nominal instant, which knows its own time line: what is under way keeps it, whatever its
/// schedule becomes.
struct nominal_instant {
    time_line line = time_line::elapsed;
    duration at{}; // since the epoch of the line

    friend bool operator==(const nominal_instant&, const nominal_instant&) = default;
};

/// Both clocks, read together. A driver that has one clock only gives that as both.
struct clock_reading {
    elapsed_time elapsed;
    wall_time wall;

    duration on(time_line line) const noexcept {
        return line == time_line::wall ? wall.time_since_epoch() : elapsed.time_since_epoch();
    }
    /// By the offset between the two clocks now.
    wall_time to_wall(const nominal_instant& instant) const noexcept {
        if (instant.line == time_line::wall) return wall_time(instant.at);
        return later(wall, between(elapsed, elapsed_time(instant.at)));
    }
};

} // namespace cicada::detail
