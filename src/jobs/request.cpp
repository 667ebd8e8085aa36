#include <jobs/request.hpp>

namespace cicada::detail {

void throw_no_job(const std::string& name) {
    throw not_found("cicada: there is no job \"" + name + '"');
}

job_row row_named(reading& in, const std::string& name) {
    std::vector<job_row> found = in.jobs({.names = {name}});
    if (found.empty()) throw_no_job(name);
    return std::move(found.front());
}

decider job_of(reading& in, const std::string& name) {
    decider job(row_named(in, name));
    if (job.notes().is_removed) throw_no_job(name);
    return job;
}

bool has_instants(const decider& job) noexcept { return job.course().state() <= life::paused; }

void require_instants(const decider& job) {
    if (has_instants(job)) return;
    throw closed_error("cicada: job \"" + job.definition().of.name +
                       "\" has come to its end, and runs no more");
}

run_row run_of(reading& in, run_id id) {
    std::vector<run_row> found = in.runs({.ids = {id}});
    if (found.empty()) {
        throw not_found("cicada: there is no run " + std::to_string(static_cast<std::int64_t>(id)) +
                        ", or it is not kept any more");
    }
    return std::move(found.front());
}

step_result take(writing& in, const step& one) {
    step_result result = in.take(one);
    if (result.is != verdict::taken && result.is != verdict::repeated) throw outpaced();
    return result;
}

step_result take(writing& in, decider& job) {
    if (!job.has_step()) return {};
    return take(in, job.take_step(node_id::none));
}

} // namespace cicada::detail
