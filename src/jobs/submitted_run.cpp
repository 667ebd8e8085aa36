#include <jobs/submitted_run.hpp>

#include <jobs/checks.hpp>
#include <jobs/definition.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

namespace {

/// When the next attempt is, by a course that has this run alone.
std::optional<wall_time> retry_of(const run_row& row, const cicada::job& by, run_end how,
                                  wall_time now) {
    rules once{.when = interval(duration::max()),
               .how = policies_of(by),
               .is_once = true,
               .identity = name_hash(row.of.kind)};
    progress at;
    at.state = life::ending;
    at.runs.push_back({.id = 1,
                       .nominal = {time_line::wall, row.of.nominal.time_since_epoch()},
                       .attempt = row.of.attempt,
                       .started_at = row.began_at,
                       .is_asked_to_end = row.of.is_asked_to_end});
    course decides(std::move(once), std::move(at), false);
    outcome what;
    decides.run_ended(1, how, {elapsed_time(now.time_since_epoch()), now}, what);
    if (decides.at().runs.empty()) return std::nullopt;
    return wall_time(decides.at().runs.front().retry_at->time_since_epoch());
}

} // namespace

run_row row_of(std::string kind, std::string arguments, const submit_options& how, wall_time now) {
    const wall_time at = how.at.value_or(later(now, how.after));
    const std::string where = "submit(\"" + kind + "\")";
    const job as{.name = "submitted",
                 .when = interval(duration::max()),
                 .kind = std::move(kind),
                 .arguments = std::move(arguments),
                 .retry = how.retry,
                 .on_lost = how.on_lost,
                 .when_cut_off = how.when_cut_off,
                 .label = std::string(how.label)};
    check(as, where);
    check_key(how.key, "key", where);
    run_row row;
    row.of.kind = as.kind;
    row.of.origin = run_origin::submitted;
    row.of.nominal = at;
    row.of.run_at = at;
    row.of.arguments = as.arguments;
    row.of.key = std::string(how.key);
    row.began_at = now;
    row.label = as.label;
    row.policy = policies_to_json(as);
    return row;
}

cicada::job policies_of(const run_row& row, const std::string& place) {
    return parse_policies(row.policy, row.of.kind, place);
}

run_change after_attempt(const run_row& row, const attempt_end& how, wall_time now,
                         const std::string& place) {
    run_change change = change_of(row);
    if (how.how == run_end::ok) { // whatever its policies are
        end_attempt(change, how, std::nullopt);
        return change;
    }
    const cicada::job by = policies_of(row, place);
    if (how.how == run_end::lost && may_run_again(row, by.on_lost)) {
        begin_anew(change, now);
    } else {
        end_attempt(change, how, retry_of(row, by, how.how, now));
    }
    return change;
}

run_change after_cancel(const run_row& row) {
    run_change change = change_of(row);
    change.is_asked_to_end = true;
    if (row.of.state != run_state::ready) return change;
    change.state = run_state::cancelled;
    if (row.of.attempt > 1) give_up(change);
    return change;
}

} // namespace cicada::detail
