#include <jobs/run_changes.hpp>

#include <jobs/text.hpp>

namespace cicada::detail {

namespace {

constexpr std::string_view worker_is_gone = "its worker is gone";
constexpr duration backoff_of_first_loss = std::chrono::seconds(1);

run_state state_after(run_end how) noexcept {
    switch (how) {
    case run_end::ok:
        return run_state::ok;
    case run_end::failed:
    case run_end::failed_for_good:
        return run_state::failed;
    case run_end::cancelled:
        return run_state::cancelled;
    case run_end::lost:
        return run_state::lost;
    }
    return run_state::failed;
}

} // namespace

void end_attempt(run_change& change, const attempt_end& how, std::optional<wall_time> retry_at) {
    change.state = state_after(how.how);
    if (how.how == run_end::lost) {
        ++change.lost;
        change.reason = worker_is_gone;
        return; // of its log and report what is there
    }
    change.reason = clean_text(how.reason, most_reason);
    if (change.reason == worker_is_gone) *change.reason += '.'; // that is a handler's: was_lost()
    change.log = clean_text(how.log, most_log, kept_part::end);
    change.report = clean_text(how.report, most_report);
    if (!retry_at) return;
    change.state = run_state::ready;
    ++change.attempt;
    change.run_at = *retry_at;
}

void give_up(run_change& change) noexcept {
    change.state = run_state::failed;
    --change.attempt;
}

void begin_anew(run_change& change, wall_time now) {
    ++change.lost;
    change.state = run_state::ready;
    change.reason = worker_is_gone;
    change.run_at = later(now, backoff_of_first_loss * (1 << (change.lost - 1)));
}

bool was_lost(const run_row& row) noexcept {
    return row.of.state == run_state::ready && row.of.lost > 0 && row.of.reason == worker_is_gone;
}

bool may_run_again(const run_row& row, on_lost policy) noexcept {
    return policy == on_lost::retry && row.of.lost + 1 < most_losses && !row.of.is_asked_to_end;
}

void apply_change(const run_change& change, run_row& row) {
    apply_change(change, row.of);
    if (change.state == run_state::running) return;
    row.node = node_id::none;
    row.claim = 0;
}

} // namespace cicada::detail
