#pragma once

/// What people ask of jobs and runs: read, decide, write, in one transaction at the store; and
/// again, when somebody else was faster.
///
///     task<> pause(std::shared_ptr<store_access> access, std::string name) {
///         co_await request<>(std::move(access), [name](writing& in) {
///             decider job = job_of(in, name);
///             job.pause({}, {}, {});
///             take(in, job);
///         });
///     }
///
/// The function comes back in each attempt, perhaps on another thread, and may outlive who awaits
/// it; what it throws undoes what it has written.

#include <cicada/jobs/job_store.hpp>
#include <jobs/access.hpp>
#include <jobs/decider.hpp>

namespace cicada::detail {

/// Thrown within a request: what it has read was changed meanwhile. It comes again.
struct outpaced {};

/// By name; also of a job that was removed, whose history is there. Throws not_found.
job_row row_named(reading& in, const std::string& name);
/// The job as it stands. Throws not_found, also for one that was removed.
decider job_of(reading& in, const std::string& name);
/// Whether anything is to come of it any more, be it triggered.
bool has_instants(const decider& job) noexcept;
/// Throws closed_error unless it has.
void require_instants(const decider& job);
/// Throws not_found.
run_row run_of(reading& in, run_id id);
/// Writes what has been decided, if anything. Throws outpaced. The verdict is taken, or repeated.
step_result take(writing& in, decider& job);
step_result take(writing& in, const step& one);

[[noreturn]] void throw_no_job(const std::string& name);

/// What `f` gives. Workers are told.
template <class T = void>
task<T> request(std::shared_ptr<store_access> access,
                std::type_identity_t<function<T(writing&)>> f) {
    for (;;) {
        cicada::future<T> answer = access->link().write(f);
        try {
            if constexpr (std::is_void_v<T>) {
                co_await answer;
                access->changed();
                co_return;
            } else {
                T given = co_await answer;
                access->changed();
                co_return given;
            }
        } catch (const outpaced&) {
        }
    }
}

/// What `f(reading&)` gives: a question, which writes nothing.
template <class T>
task<T> ask(std::shared_ptr<store_access> access, std::type_identity_t<function<T(reading&)>> f) {
    cicada::future<T> answer = access->link().read(std::move(f));
    T given = co_await answer;
    co_return given;
}

} // namespace cicada::detail
