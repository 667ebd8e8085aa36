#pragma once

#include <cicada/async/task.hpp>
#include <cicada/jobs/job_store.hpp>
#include <jobs/link.hpp>

namespace cicada::detail {

/// A part of a round through history, in a transaction of its own, between which others get their
/// turns. What may go is told as of now.
/// Lifetime: the link outlives it.
task<prune_result> prune_some(store_link& link, prune_options by, prune_place from);
/// Throws std::invalid_argument. `where`: "prune".
void check(const prune_options& by, const std::string& where);

} // namespace cicada::detail
