#pragma once

/// Runs of no job.

#include <cicada/jobs/job_store.hpp>
#include <jobs/access.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

task<submitted> submit(std::shared_ptr<store_access> access, std::string kind,
                       std::string arguments, submit_options options);
/// Another one like this, for now. Gives its id.
run_id submit_again(writing& in, const run_row& one);
/// Precondition: it is open.
void cancel_submitted(writing& in, const run_row& one);

} // namespace cicada::detail
