#pragma once

/// What becomes of a run's row when an attempt of it has ended, by its course or by itself.

#include <optional>
#include <string>

#include <cicada/jobs/job.hpp>
#include <schedule/course.hpp>
#include <store/run_change.hpp>

namespace cicada::detail {

/// How an attempt ended. (Lost: nobody knows how.)
struct attempt_end {
    run_end how = run_end::ok;
    std::string reason = {};
    std::string log = {};
    std::string report = {};
};

/// The run ends, or another attempt follows at `retry_at`. Texts are cleaned, and cut: text.hpp.
void end_attempt(run_change& change, const attempt_end& how, std::optional<wall_time> retry_at);
/// It waits for a retry, and gets none: the attempt that failed was the last.
void give_up(run_change& change) noexcept;
/// The run begins anew: its worker was lost, which is no failure.
void begin_anew(run_change& change, wall_time now);

/// After so many losses a run is lost: D11.
inline constexpr std::uint32_t most_losses = 3;

/// It waits to begin anew, for the last attempt of it was lost, and did not fail.
bool was_lost(const run_row& row) noexcept;

/// Its worker is gone: whether another may run it again.
bool may_run_again(const run_row& row, on_lost policy) noexcept;

/// The row as the change makes it. (Its new fence, if it has one, only the store knows.)
void apply_change(const run_change& change, run_row& row);

} // namespace cicada::detail
