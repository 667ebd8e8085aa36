#pragma once

#include <cicada/jobs/job_store.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

/// What of history may go, as of now. A worker prunes by it bit by bit.
prune_request to_prune(const prune_options& by, wall_time now) noexcept;
/// Throws std::invalid_argument. `where`: "prune".
void check(const prune_options& by, const std::string& where);

} // namespace cicada::detail
