#pragma once

#include <cicada/schedule/zone.hpp>

namespace cicada::detail {

/// As zone::to_local, for any instant: at the ends of time it saturates.
inline local_time local_at(const zone& where, wall_time instant) noexcept {
    return later(local_time(instant.time_since_epoch()), where.at(instant).offset);
}

} // namespace cicada::detail
