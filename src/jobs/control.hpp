#pragma once

/// What people ask of a job, within a transaction: see request.hpp. They throw as job_store does.

#include <jobs/request.hpp>

namespace cicada::detail {

void pause_job(writing& in, const std::string& name, std::string by, std::string note,
               std::optional<wall_time> until);
void resume_job(writing& in, const std::string& name, passed instants);
std::optional<run_id> trigger_job(writing& in, const std::string& name,
                                  const job_notes::asked& what);
/// D25.
void carry_out(writing& in, const asked_row& one);

} // namespace cicada::detail
