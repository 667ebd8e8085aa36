#include <store/postgres/work.hpp>

#include <algorithm>
#include <limits>

#include <store/postgres/sql.hpp>

namespace cicada::detail {

namespace {

constexpr std::size_t looks_at_job = 10;
constexpr std::size_t jobs_at_once = 200;

/// What is kept of a job begins after what has gone.
void keep_after(std::map<job_id, wall_time>& all, job_id of, wall_time gone) {
    const wall_time next = later(gone, duration(1));
    wall_time& from = all.try_emplace(of, next).first->second;
    from = std::max(from, next);
}

} // namespace

prune_result pg_work::prune(const prune_request& what) {
    prune_budget left{what.most};
    prune_place at = what.from;
    prune_aged(what, at, left);
    if (!left.is_spent() && at.history.job == job_id::none) prune_kinds(what, at, left);
    if (!left.is_spent()) prune_jobs(what, at, left);
    return {what.most - left.rows, left.is_spent() ? std::optional(at) : std::nullopt};
}

std::size_t pg_work::forget(std::string_view statement, const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return 0;
    return static_cast<std::size_t>(
        in_.run(named(pg_sql_prune, statement), pg_values().add_all(ids)).written());
}

void pg_work::keep_from(const kept_from& those) {
    if (those.empty()) return;
    pg_values values;
    values.add_all(those, [](const auto& one) { return one.first; });
    values.add_all(those, [](const auto& one) { return one.second; });
    in_.run(named(pg_sql_prune, "keep_from"), values);
}

void pg_work::prune_aged(const prune_request& what, prune_place& at, prune_budget& left) {
    const std::size_t most = left.looks / looks_at_aged_run;
    pg_values values;
    values.add(what.ended_before).add(at.ended_at).add(at.run).add(most);
    pg_rows rows = in_.run(named(pg_sql_prune, "aged"), values);
    std::vector<std::int64_t> gone;
    kept_from kept;
    std::size_t seen = 0;
    while (gone.size() < left.rows && rows.next()) {
        ++seen;
        at.ended_at = rows.instant(4);
        at.run = rows.number<run_id>(0);
        if (!rows.boolean(5)) continue;
        gone.push_back(rows.integer(0));
        if (!rows.is_null(1) && rows.number<run_origin>(2) == run_origin::scheduled)
            keep_after(kept, rows.number<job_id>(1), rows.instant(3));
    }
    left.looked(seen == most ? left.looks : seen * looks_at_aged_run);
    left.rows -= forget("forget_runs", gone);
    keep_from(kept);
}

void pg_work::prune_kinds(const prune_request& what, prune_place& at, prune_budget& left) {
    if (what.kept_of_each == 0) return;
    for (;;) {
        pg_rows next = in_.run(named(pg_sql_prune, "next_kind"), pg_values().add(at.history.kind));
        if (!next.next()) return;
        const std::string kind = next.text(0);
        pg_rows rows = in_.run(named(pg_sql_prune, "surplus_of_kind"),
                               pg_values().add(kind).add(what.kept_of_each).add(left.rows));
        std::vector<std::int64_t> gone;
        while (rows.next()) gone.push_back(rows.integer(0));
        left.rows -= forget("forget_runs", gone);
        left.looked(looks_at_job);
        if (left.rows == 0) return; // there may be more of it
        at.history.kind = kind;
        if (left.looks == 0) return;
    }
}

void pg_work::prune_jobs(const prune_request& what, prune_place& at, prune_budget& left) {
    for (;;) {
        std::vector<job_id> ids;
        std::vector<std::int64_t> in_force;
        kept_from was;
        pg_rows some =
            in_.run(named(pg_sql_prune, "jobs"), pg_values().add(at.history.job).add(jobs_at_once));
        while (some.next()) {
            ids.push_back(some.number<job_id>(0));
            in_force.push_back(some.integer(1));
            was.emplace(ids.back(), some.instant(2));
        }
        if (ids.empty()) return;
        kept_from kept = was;
        std::vector<std::int64_t> gone;
        const auto go = [&](pg_rows rows, std::string_view statement, auto also) {
            gone.clear();
            while (rows.next()) {
                gone.push_back(rows.integer(0));
                also(rows);
            }
            left.rows -= std::min(left.rows, forget(statement, gone));
        };
        if (what.kept_of_each > 0) {
            pg_values values;
            values.add_all(ids).add(what.kept_of_each).add(left.rows);
            go(in_.run(named(pg_sql_prune, "surplus_of_jobs"), values), "forget_runs",
               [&](const pg_rows& rows) {
                   if (rows.number<run_origin>(2) == run_origin::scheduled)
                       keep_after(kept, rows.number<job_id>(1), rows.instant(3));
               });
        }
        const kept_from after_runs = kept;
        const auto end_of = [&](job_id id) {
            return std::max(what.ended_before, after_runs.at(id));
        };
        if (left.rows > 0) {
            pg_values values;
            values.add_all(ids).add_all(ids, end_of).add(left.rows);
            go(in_.run(named(pg_sql_prune, "stretches"), values), "forget_stretches",
               [&](const pg_rows& rows) {
                   keep_after(kept, rows.number<job_id>(1), rows.instant(2));
               });
        }
        if (left.rows > 0) {
            pg_values values;
            values.add_all(ids).add_all(ids, end_of).add_all(in_force).add(left.rows);
            go(in_.run(named(pg_sql_prune, "edits"), values), "forget_edits",
               [&](const pg_rows& rows) {
                   keep_after(kept, rows.number<job_id>(1), rows.instant(2));
               });
        }
        if (left.rows > 0) {
            pg_values values;
            values.add_all(ids).add(what.ended_before).add(what.kept_of_each).add(left.rows);
            go(in_.run(named(pg_sql_prune, "backfills"), values), "forget_backfills",
               [](const pg_rows&) {});
        }
        std::erase_if(kept, [&](const auto& one) { return one.second == was.at(one.first); });
        keep_from(kept);
        if (left.rows == 0) return; // there may be more of these
        at.history = {.job = ids.back()};
        left.looked(ids.size() * looks_at_job);
        if (left.looks == 0) return;
    }
}

} // namespace cicada::detail
