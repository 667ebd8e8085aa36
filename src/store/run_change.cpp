#include <store/run_change.hpp>

namespace cicada::detail {

run_change change_of(const run_row& row) {
    return {.id = row.of.id,
            .was = row.of.state,
            .fence = row.of.fence,
            .claim = row.claim,
            .state = row.of.state,
            .attempt = row.of.attempt,
            .lost = row.of.lost,
            .run_at = row.of.run_at,
            .is_asked_to_end = row.of.is_asked_to_end};
}

void apply_change(const run_change& change, run_record& to) {
    to.state = change.state;
    to.attempt = change.attempt;
    to.lost = change.lost;
    to.run_at = change.run_at;
    to.is_asked_to_end = change.is_asked_to_end;
    if (change.reason) to.reason = *change.reason;
    if (change.log) to.log = *change.log;
    if (change.report) to.report = *change.report;
}

} // namespace cicada::detail
