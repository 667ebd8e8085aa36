#include <cicada/jobs/job_store.hpp>

#include <cicada/loop/blocking.hpp>
#include <jobs/apply.hpp>
#include <jobs/backfill.hpp>
#include <jobs/request.hpp>
#include <jobs/submit.hpp>

namespace cicada {

namespace detail {

namespace {

task<> back_up(std::shared_ptr<store_access> access, std::string to) {
    auto copy = blocking([access, to] { access->where().back_up(to); });
    co_await copy();
}

/// All jobs in one transaction: until it is through, no node sees that something was due.
void restore_all(writing& in) {
    job_query page;
    for (bool is_last = false; !is_last;) {
        const std::vector<job_row> rows = in.jobs(page);
        is_last = rows.size() < page.most;
        if (!is_last) page.after = rows.back().name;
        for (const job_row& row : rows) {
            decider job(row);
            job.restored(in.now());
            take(in, job);
        }
    }
}

} // namespace

} // namespace detail

task<apply_plan> job_store::apply(std::string owner, std::vector<job> jobs, apply_options options) {
    return detail::apply_jobs(access_, detail::check_wanted(std::move(owner), std::move(jobs)),
                              options);
}

task<submitted> job_store::submit(std::string kind, std::string arguments, submit_options options) {
    return detail::submit(access_, std::move(kind), std::move(arguments), std::move(options));
}

task<std::string> job_store::backfill(std::string name, wall_time from, wall_time until,
                                      backfill_options options) {
    return detail::backfill(access_, std::move(name), from, until, options);
}

std::vector<store_error> job_store::warnings() const { return access_->where().warnings(); }

task<> job_store::back_up(std::string to) { return detail::back_up(access_, std::move(to)); }

task<> job_store::restored() { return detail::request<>(access_, detail::restore_all); }

} // namespace cicada
