#pragma once

/// What a zone's clock changes do to a pattern.

#include <string>
#include <vector>

#include <cicada/schedule/cron.hpp>

namespace cicada::app {

struct clock_change {
    wall_time at;
    std::chrono::seconds from; // offsets
    std::chrono::seconds to;

    bool is_gap() const noexcept { return to > from; }
    /// The local times that do not come, or come twice: from the first to before the second.
    local_time begin() const noexcept { return at_offset(is_gap() ? from : to); }
    local_time end() const noexcept { return at_offset(is_gap() ? to : from); }

private:
    local_time at_offset(std::chrono::seconds offset) const noexcept {
        return local_time(later(at, offset).time_since_epoch());
    }
};

/// Those after `from` and before `until`, in order.
std::vector<clock_change> clock_changes(const zone& where, wall_time from, wall_time until);

/// What will happen: "02:30 comes twice: runs once, at the first pass (+02:00)". Empty: the pattern
/// names nothing there.
std::string effect(const clock_change& change, const cron& rule);

} // namespace cicada::app
