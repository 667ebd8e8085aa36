// Of job_store: what is asked about jobs and runs.

#include <iterator>

#include <jobs/request.hpp>
#include <jobs/why.hpp>

namespace cicada {

using detail::decider;
using detail::job_row;
using detail::reading;
using detail::row_named;
using detail::run_row;

namespace {

std::vector<run_record> records_of(std::vector<run_row> rows) {
    std::vector<run_record> all;
    for (run_row& row : rows) all.push_back(std::move(row.of));
    return all;
}

job_status status_of(const job_row& row, const decider& job) {
    const detail::progress& at = job.course().at();
    job_status is{.job = job.definition().of,
                  .owner = row.owner,
                  .life = at.state,
                  .decided = row.at.decided,
                  .paused_by = job.notes().paused_by,
                  .pause_note = job.notes().pause_note,
                  .paused_until = job.notes().paused_until,
                  .ran = at.ran,
                  .missed = at.missed,
                  .dropped = at.dropped,
                  .failed = at.failed,
                  .failed_in_a_row = at.failed_in_a_row,
                  .open = records_of(row.open)};
    if (const auto next = job.course().next()) is.next = wall_time(next->at);
    return is;
}

struct page_of_jobs {
    std::vector<job_status> jobs;
    std::optional<std::string> next_after; // none: it is the last
};

page_of_jobs page_after(reading& in, const std::string& name) {
    const detail::job_query which{.after = name};
    const std::vector<job_row> rows = in.jobs(which);
    page_of_jobs page;
    for (const job_row& row : rows) {
        const decider job(row);
        if (!job.notes().is_removed) page.jobs.push_back(status_of(row, job));
    }
    if (rows.size() == which.most) page.next_after = rows.back().name;
    return page;
}

/// By several questions, for a store of a file answers none that takes long.
task<std::vector<job_status>> all_jobs(std::shared_ptr<detail::store_access> access) {
    std::vector<job_status> all;
    for (std::optional<std::string> after = ""; after;) {
        const auto next = [name = *after](reading& in) { return page_after(in, name); };
        task<page_of_jobs> asked = detail::ask<page_of_jobs>(access, next);
        page_of_jobs page = co_await std::move(asked);
        std::move(page.jobs.begin(), page.jobs.end(), std::back_inserter(all));
        after = std::move(page.next_after);
    }
    co_return all;
}

} // namespace

task<std::vector<job_status>> job_store::jobs() { return all_jobs(access_); }

task<job_status> job_store::status(std::string name) {
    return detail::ask<job_status>(access_, [name](reading& in) {
        const job_row row = row_named(in, name);
        const decider job(row);
        if (job.notes().is_removed) detail::throw_no_job(name);
        return status_of(row, job);
    });
}

task<std::vector<run_record>> job_store::runs(std::string name, runs_options options) {
    return detail::ask<std::vector<run_record>>(access_, [name, options](reading& in) {
        const auto job = name.empty() ? detail::job_id::none : row_named(in, name).id;
        return records_of(in.runs({.job = job,
                                   .state = options.state,
                                   .nominal_from = options.from,
                                   .nominal_until = options.until,
                                   .before = options.before.value_or(detail::no_run),
                                   .most = options.most}));
    });
}

task<run_record> job_store::run(run_id id) {
    return detail::ask<run_record>(access_,
                                   [id](reading& in) { return detail::run_of(in, id).of; });
}

task<reason_why> job_store::why(std::string name, wall_time instant) {
    return detail::ask<reason_why>(access_, [name, instant](reading& in) {
        return detail::why(in, row_named(in, name), instant);
    });
}

} // namespace cicada
