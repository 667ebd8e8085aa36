#pragma once

/// backfill: runs for instants of the past, one at a time, oldest first.
///
/// It is a row: how far it has come. A node that finds job_notes::backfill_at come, and room in the
/// job, sends feed_backfills() as an errand, and then reads the job again. What that begins is
/// ready, and whoever can claims it; in the same step the row moves past the instant, so that each
/// gets one run, however often nodes send it, and wherever they crash.
///
/// An instant that has not been decided yet is waited for: whether it runs anyway is not known.

#include <cicada/jobs/job_store.hpp>
#include <jobs/access.hpp>
#include <jobs/definition.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

/// backfill_row::how
struct backfill_how {
    cicada::reprocess reprocess = cicada::reprocess::none;
    duration pace = duration::zero();
    std::optional<wall_time> not_before = std::nullopt; // the next start
};
std::string to_json(const backfill_how& how);
backfill_how parse_backfill_how(std::string_view json);

/// Instants of `in` that come next in a backfill.
struct backfill_window {
    std::vector<wall_time> instants; // up to `most`
    wall_time searched_to{}; // there are no others up to here
    bool is_last = false; // and none after them
};
backfill_window next_instants(const schedule& in, const backfill_row& of, std::size_t most);

/// Whether an instant with these runs, oldest first, gets another one.
bool is_to_run(const std::vector<run_state>& of, reprocess which) noexcept;

/// Brings the first of the job's backfills that is not over on by one run, if it may start now, or
/// by some instants that get none.
void feed_backfills(writing& in, job_id of);

task<std::string> backfill(std::shared_ptr<store_access> access, std::string name, wall_time from,
                           wall_time until, backfill_options options);

} // namespace cicada::detail
