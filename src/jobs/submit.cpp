#include <jobs/submit.hpp>

#include <jobs/checks.hpp>
#include <jobs/request.hpp>
#include <jobs/submitted_run.hpp>

namespace cicada::detail {

task<submitted> submit(std::shared_ptr<store_access> access, std::string kind,
                       std::string arguments, submit_options options) {
    check_not_negative(options.after, "after", "submit(\"" + kind + "\")");
    const run_row row =
        row_of(std::move(kind), std::move(arguments), options, access->link().now());
    return request<submitted>(std::move(access), [row](writing& in) -> submitted {
        const step_result result = in.submit(row);
        if (result.is == verdict::repeated) return {.id = result.is_there, .is_new = false};
        return {.id = result.begun.front().of.id};
    });
}

run_id submit_again(writing& in, const run_row& one) {
    const wall_time now = in.now();
    run_row again;
    again.of.kind = one.of.kind;
    again.of.origin = run_origin::rerun;
    again.of.nominal = now;
    again.of.run_at = now;
    again.of.arguments = one.of.arguments;
    again.began_at = now;
    again.label = one.label;
    again.policy = one.policy;
    return in.submit(again).begun.front().of.id;
}

void cancel_submitted(writing& in, const run_row& one) {
    step cancel;
    cancel.changes = {after_cancel(one)};
    take(in, cancel);
}

} // namespace cicada::detail
