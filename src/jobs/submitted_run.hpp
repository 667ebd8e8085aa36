#pragma once

/// A run of no job: it decides for itself what follows when an attempt of it has ended, by the
/// policies that are in its row.

#include <jobs/run_changes.hpp>

#include <cicada/jobs/job_store.hpp>

namespace cicada::detail {

/// The row that submit() is to store. Throws std::invalid_argument, which names the field.
run_row row_of(std::string kind, std::string arguments, const submit_options& how, wall_time now);

/// Its policies. `place` is for messages. Throws store_error.
cicada::job policies_of(const run_row& row, const std::string& place);

/// An attempt has ended, or its worker is gone (run_end::lost): what becomes of the run.
run_change after_attempt(const run_row& row, const attempt_end& how, wall_time now,
                         const std::string& place);
/// It is asked to end: at once, when it is ready.
run_change after_cancel(const run_row& row);

} // namespace cicada::detail
