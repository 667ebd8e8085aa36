#include <cicada/jobs/job_run.hpp>

#include <jobs/running.hpp>

namespace cicada {

run_id job_run::id() const noexcept { return of_->row.of.id; }
const std::string& job_run::job() const noexcept { return of_->row.of.job; }
const std::string& job_run::kind() const noexcept { return of_->row.of.kind; }
run_origin job_run::origin() const noexcept { return of_->row.of.origin; }
wall_time job_run::nominal() const noexcept { return of_->row.of.nominal; }
std::uint32_t job_run::attempt() const noexcept { return of_->row.of.attempt; }
std::uint32_t job_run::lost() const noexcept { return of_->row.of.lost; }
std::uint64_t job_run::missed() const noexcept { return of_->row.missed; }
const std::string& job_run::arguments() const noexcept { return of_->row.of.arguments; }
const std::string& job_run::key() const noexcept { return of_->key; }
std::uint64_t job_run::fence() const noexcept { return of_->row.of.fence; }

void job_run::log(std::string_view line) const { of_->log(line); }
void job_run::report(std::string_view progress) const { of_->report(progress); }
bool job_run::is_asked_to_end() const noexcept { return of_->stop.stop_requested(); }
std::stop_token job_run::stop_token() const noexcept { return of_->stop.get_token(); }

} // namespace cicada
