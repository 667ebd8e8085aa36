// Of job_store: what is asked of a job, or of a run of it.

#include <algorithm>

#include <jobs/checks.hpp>
#include <jobs/control.hpp>
#include <jobs/submit.hpp>

namespace cicada {

using detail::decider;
using detail::job_of;
using detail::run_row;
using detail::take;
using detail::writing;

namespace {

/// Which one has this key, if there is any.
std::optional<run_id> run_with_key(detail::reading& in, detail::job_id job,
                                   const std::string& key) {
    if (key.empty()) return std::nullopt;
    const std::vector<run_row> found = in.runs({.job = job, .key = key, .most = 1});
    return found.empty() ? std::nullopt : std::optional(found.front().of.id);
}

/// Lets `job` have one run more, and gives its id, if it begins at once.
std::optional<run_id> begin(writing& in, decider& job, detail::job_notes::asked what,
                            std::optional<wall_time> nominal) {
    require_instants(job);
    const run_origin origin = what.origin;
    job.trigger(std::move(what), nominal, in.now());
    const detail::step_result result = take(in, job);
    if (result.is == detail::verdict::repeated) return result.is_there;
    for (const run_row& run : result.begun) {
        if (run.of.origin == origin) return run.of.id;
    }
    return std::nullopt;
}

} // namespace

namespace detail {

void pause_job(writing& in, const std::string& name, std::string by, std::string note,
               std::optional<wall_time> until) {
    decider job = job_of(in, name);
    if (until && *until <= in.now()) {
        throw std::invalid_argument("cicada: pause of \"" + name +
                                    "\": `until` is not in the future");
    }
    job.pause(by, note, until);
    take(in, job);
}

void resume_job(writing& in, const std::string& name, passed instants) {
    decider job = job_of(in, name);
    job.resume(instants, in.now());
    take(in, job);
}

std::optional<run_id> trigger_job(writing& in, const std::string& name,
                                  const job_notes::asked& what) {
    decider job = job_of(in, name);
    if (const auto there = run_with_key(in, job.id(), what.key)) return there;
    return begin(in, job, what, std::nullopt);
}

void carry_out(writing& in, const asked_row& one) {
    switch (one.what) {
    case asked_row::kind::trigger: {
        const std::string where = "trigger of \"" + one.job + '"';
        check_key(one.key, "key", where);
        if (one.arguments) check_arguments(*one.arguments, where);
        trigger_job(in, one.job,
                    {.origin = run_origin::triggered, .key = one.key, .arguments = one.arguments});
        return;
    }
    case asked_row::kind::pause:
        return pause_job(in, one.job, one.by, one.note, one.until);
    case asked_row::kind::resume:
        return resume_job(in, one.job, passed::skip);
    }
}

} // namespace detail

task<> job_store::pause(std::string name, pause_options options) {
    return detail::request<>(
        access_,
        [name, by = std::string(options.by), note = std::string(options.note),
         until = options.until](writing& in) { detail::pause_job(in, name, by, note, until); });
}

task<> job_store::resume(std::string name, passed instants) {
    return detail::request<>(
        access_, [name, instants](writing& in) { detail::resume_job(in, name, instants); });
}

task<std::optional<run_id>> job_store::trigger(std::string name, trigger_options options) {
    const std::string where = "trigger of \"" + name + '"';
    detail::check_key(options.key, "key", where);
    detail::job_notes::asked what{.origin = run_origin::triggered, .key = std::string(options.key)};
    if (options.arguments) {
        detail::check_arguments(*options.arguments, where);
        what.arguments = std::string(*options.arguments);
    }
    return detail::request<std::optional<run_id>>(
        access_, [name, what](writing& in) { return detail::trigger_job(in, name, what); });
}

task<> job_store::cancel(run_id id) {
    return detail::request<>(access_, [id](writing& in) {
        const run_row run = detail::run_of(in, id);
        if (!is_open(run.of.state)) return;
        if (run.job == detail::job_id::none) return detail::cancel_submitted(in, run);
        decider job(in.jobs({.ids = {run.job}}).at(0)); // perhaps removed: its runs go on
        job.cancel_run(id, in.now());
        take(in, job);
    });
}

task<std::optional<run_id>> job_store::rerun(run_id id) {
    return detail::request<std::optional<run_id>>(
        access_, [id](writing& in) -> std::optional<run_id> {
            const run_row run = detail::run_of(in, id);
            if (is_open(run.of.state)) {
                throw std::invalid_argument("cicada: run " +
                                            std::to_string(static_cast<std::int64_t>(id)) +
                                            " has not ended yet: cancel() it first");
            }
            if (run.job == detail::job_id::none) return detail::submit_again(in, run);
            decider job = job_of(in, run.of.job);
            return begin(in, job, {.origin = run_origin::rerun, .arguments = run.of.arguments},
                         run.of.nominal);
        });
}

} // namespace cicada
