#pragma once

// The search for the local times that a pattern matches: civil arithmetic, without a zone.

#include <chrono>
#include <optional>

#include <cicada/schedule/cron.hpp>

namespace cicada::detail {

/// The first matching second at or after `local`.
std::optional<std::chrono::local_seconds> first_match(const cron_fields& fields,
                                                      std::chrono::local_seconds local) noexcept;
/// The last matching second at or before `local`.
std::optional<std::chrono::local_seconds> last_match(const cron_fields& fields,
                                                     std::chrono::local_seconds local) noexcept;

} // namespace cicada::detail
