#include <store/sqlite/pruning.hpp>

#include <algorithm>
#include <functional>
#include <limits>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

constexpr std::int64_t jobs_at_once = 500;
constexpr run_id no_bound{std::numeric_limits<std::int64_t>::max()};
constexpr int first_end = static_cast<int>(run_state::ok); // these, and all after them, have ended
constexpr int last_end = static_cast<int>(run_state::lost);

} // namespace

sqlite_pruning::sqlite_pruning(sqlite_database& in)
    : aged_(in, named(sql_prune, "aged")), jobs_(in, named(sql_prune, "jobs")),
      next_kind_(in, named(sql_prune, "next_kind")),
      newest_of_job_(in, named(sql_prune, "newest_of_job")),
      newest_of_kind_(in, named(sql_prune, "newest_of_kind")),
      oldest_of_job_(in, named(sql_prune, "oldest_of_job")),
      oldest_of_kind_(in, named(sql_prune, "oldest_of_kind")),
      stretches_(in, named(sql_prune, "stretches")), edits_(in, named(sql_prune, "edits")),
      backfills_(in, named(sql_prune, "backfills")),
      forget_run_(in, named(sql_prune, "forget_run")),
      forget_stretch_(in, named(sql_prune, "forget_stretch")),
      forget_edit_(in, named(sql_prune, "forget_edit")),
      forget_backfill_(in, named(sql_prune, "forget_backfill")),
      keep_from_(in, named(sql_prune, "keep_from")) {}

void sqlite_pruning::job_known::keep_after(wall_time gone) noexcept {
    kept_from = std::max(kept_from, later(gone, duration(1)));
}

prune_result sqlite_pruning::prune(const prune_request& what) {
    prune_budget left{what.most};
    prune_place at = what.from;
    prune_aged(what, at, left);
    if (!left.is_spent() && at.history.job == job_id::none) prune_kinds(what, at, left);
    if (!left.is_spent()) prune_jobs(what, at, left);
    return {what.most - left.rows, left.is_spent() ? std::optional(at) : std::nullopt};
}

// ---- by age ------------------------------------------------------------------------------------

void sqlite_pruning::prune_aged(const prune_request& what, prune_place& at, prune_budget& left) {
    struct aged_run {
        run_id id;
        job_id job;
        bool moves_kept_from;
        wall_time nominal;
        wall_time ended_at;
        bool goes;
    };
    std::vector<aged_run> seen;
    std::size_t going = 0;
    {
        const std::size_t most = left.looks / looks_at_aged_run;
        sqlite_rows rows = aged_.with({what.ended_before, at.ended_at, at.run, most});
        while (going < left.rows && rows.next()) {
            const bool is_scheduled = rows.number<run_origin>(2) == run_origin::scheduled;
            seen.push_back({.id = rows.number<run_id>(0),
                            .job = rows.number<job_id>(1),
                            .moves_kept_from = is_scheduled && !rows.is_null(1),
                            .nominal = rows.instant(3),
                            .ended_at = rows.instant(4),
                            .goes = rows.integer(5) != 0});
            if (seen.back().goes) ++going;
        }
        left.looked(seen.size() == most ? left.looks : seen.size() * looks_at_aged_run);
    }
    for (const aged_run& one : seen) {
        at.ended_at = one.ended_at;
        at.run = one.id;
        if (!one.goes) continue;
        if (one.moves_kept_from) keep_from_.run({one.job, later(one.nominal, duration(1))});
        forget_run_.run({one.id});
    }
    left.rows -= going;
}

// ---- one history after the other ---------------------------------------------------------------

void sqlite_pruning::prune_kinds(const prune_request& what, prune_place& at, prune_budget& left) {
    if (what.kept_of_each == 0) return;
    for (;;) {
        std::string kind;
        {
            sqlite_rows rows = next_kind_.with({at.history.kind});
            if (!rows.next() || rows.is_null(0)) return;
            kind = rows.text(0);
        }
        forget_surplus({kind, newest_of_kind_, oldest_of_kind_}, what.kept_of_each, left);
        if (left.rows == 0) return;
        at.history.kind = std::move(kind);
        if (left.looks == 0) return;
    }
}

void sqlite_pruning::prune_jobs(const prune_request& what, prune_place& at, prune_budget& left) {
    std::vector<job_known> some;
    do {
        some.clear();
        {
            sqlite_rows rows = jobs_.with({at.history.job, jobs_at_once});
            while (rows.next()) {
                some.push_back({rows.number<job_id>(0), rows.integer(1), rows.instant(2)});
            }
        }
        for (job_known& job : some) {
            const wall_time kept_from = job.kept_from;
            prune_job(job, what, left);
            if (job.kept_from != kept_from) keep_from_.run({job.id, job.kept_from});
            if (left.rows == 0) return;
            at.history = {.job = job.id};
            left.looked(1);
            if (left.looks == 0) return;
        }
    } while (!some.empty());
}

void sqlite_pruning::prune_job(job_known& of, const prune_request& what, prune_budget& left) {
    if (what.kept_of_each > 0) {
        const history runs{of.id, newest_of_job_, oldest_of_job_};
        for (const old_run& gone : forget_surplus(runs, what.kept_of_each, left)) {
            if (gone.is_scheduled) of.keep_after(gone.nominal);
        }
    }
    const wall_time end = std::max(what.ended_before, of.kept_from);
    forget_stretches(of, end, left);
    forget_edits(of, end, left);
    forget_backfills(of.id, what, left);
}

/// Those that went.
std::vector<sqlite_pruning::old_run> sqlite_pruning::forget_surplus(const history& of,
                                                                    std::uint64_t kept,
                                                                    prune_budget& left) {
    std::vector<old_run> gone;
    if (kept >= std::numeric_limits<std::int64_t>::max()) return gone;
    std::vector<run_id> ended; // of each state as many as would have to stay, and one
    for (int state = first_end; state <= last_end; ++state) {
        sqlite_rows rows = of.newest.with({of.of, state, no_bound, kept + 1});
        while (rows.next()) ended.push_back(rows.number<run_id>(0));
    }
    left.looked(ended.size() + last_end - first_end);
    if (ended.size() <= kept) return gone;
    const auto nth = ended.begin() + static_cast<std::ptrdiff_t>(kept) - 1;
    std::nth_element(ended.begin(), nth, ended.end(), std::greater<>());
    for (int state = first_end; state <= last_end; ++state) {
        run_id bound = *nth; // the oldest that stays
        if (state == first_end) {
            sqlite_rows rows = of.newest.with({of.of, state, no_bound, 1});
            if (rows.next()) bound = std::min(bound, rows.number<run_id>(0));
        }
        sqlite_rows rows = of.oldest.with({of.of, state, bound, left.rows - gone.size()});
        while (rows.next()) {
            const bool is_scheduled = rows.number<run_origin>(1) == run_origin::scheduled;
            gone.push_back({rows.number<run_id>(0), is_scheduled, rows.instant(2)});
        }
    }
    for (const old_run& one : gone) forget_run_.run({one.id});
    left.rows -= gone.size();
    return gone;
}

// ---- what explains instants --------------------------------------------------------------------

void sqlite_pruning::forget_stretches(job_known& of, wall_time end, prune_budget& left) {
    std::vector<std::int64_t> those;
    {
        sqlite_rows rows = stretches_.with({of.id, end, left.rows});
        while (rows.next()) {
            those.push_back(rows.integer(0));
            of.keep_after(rows.instant(1));
        }
    }
    for (const std::int64_t id : those) forget_stretch_.run({id});
    left.rows -= those.size();
    left.looked(1);
}

void sqlite_pruning::forget_edits(job_known& of, wall_time end, prune_budget& left) {
    std::vector<std::int64_t> those;
    {
        std::optional<std::int64_t> before;
        sqlite_rows rows = edits_.with({of.id, end}); // each counted until the next one did
        while (those.size() < left.rows && rows.next()) {
            if (before && *before != of.edit) {
                those.push_back(*before);
                of.keep_after(rows.instant(1));
            }
            before = rows.integer(0);
            left.looked(1);
        }
    }
    for (const std::int64_t id : those) forget_edit_.run({id});
    left.rows -= those.size();
    left.looked(1);
}

void sqlite_pruning::forget_backfills(job_id of, const prune_request& what, prune_budget& left) {
    std::vector<std::int64_t> those;
    {
        std::uint64_t over = 0; // newest first
        sqlite_rows rows = backfills_.with({of});
        while (those.size() < left.rows && rows.next()) {
            const bool is_one_too_many = what.kept_of_each != 0 && ++over > what.kept_of_each;
            if (is_one_too_many || rows.instant(1) < what.ended_before)
                those.push_back(rows.integer(0));
            left.looked(1);
        }
    }
    for (const std::int64_t id : those) forget_backfill_.run({id});
    left.rows -= those.size();
    left.looked(1);
}

} // namespace cicada::detail
