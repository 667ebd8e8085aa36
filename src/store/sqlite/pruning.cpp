#include <store/sqlite/pruning.hpp>

#include <algorithm>
#include <functional>
#include <limits>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

constexpr run_id no_bound{std::numeric_limits<std::int64_t>::max()};
constexpr int first_end = static_cast<int>(run_state::ok); // these, and all after them, have ended
constexpr int last_end = static_cast<int>(run_state::lost);

} // namespace

sqlite_pruning::sqlite_pruning(sqlite_database& in)
    : aged_(in, named(sql_prune, "aged")), jobs_(in, named(sql_prune, "jobs")),
      kinds_(in, named(sql_prune, "kinds")), newest_of_job_(in, named(sql_prune, "newest_of_job")),
      newest_of_kind_(in, named(sql_prune, "newest_of_kind")),
      oldest_of_job_(in, named(sql_prune, "oldest_of_job")),
      oldest_of_kind_(in, named(sql_prune, "oldest_of_kind")),
      aged_stretches_(in, named(sql_prune, "aged_stretches")),
      old_stretches_(in, named(sql_prune, "old_stretches")),
      stretches_before_(in, named(sql_prune, "stretches_before")),
      forget_stretch_(in, named(sql_prune, "forget_stretch")),
      forget_(in, named(sql_prune, "forget")), keep_from_(in, named(sql_prune, "keep_from")) {}

std::size_t sqlite_pruning::prune(const prune_request& what) {
    std::size_t room = what.most;
    prune_aged(what, room);
    if (what.kept_of_each > 0) prune_surplus(what, room);
    forget_stretches(aged_stretches_.with({what.ended_before, room}), room);
    forget_stretches(old_stretches_.with({room}), room);
    return what.most - room;
}

void sqlite_pruning::prune_aged(const prune_request& what, std::size_t& room) {
    forget(old_runs(aged_.with({what.ended_before, room})), room);
}

void sqlite_pruning::forget_stretches(sqlite_rows rows, std::size_t& room) {
    struct old_stretch {
        std::int64_t id;
        job_id job;
        wall_time last;
    };
    std::vector<old_stretch> those;
    while (rows.next()) {
        those.push_back({rows.integer(0), rows.number<job_id>(1), rows.instant(2)});
    }
    for (const old_stretch& one : those) {
        keep_from_.run({one.job, later(one.last, duration(1))});
        forget_stretch_.run({one.id});
    }
    room -= those.size();
}

void sqlite_pruning::prune_surplus(const prune_request& what, std::size_t& room) {
    std::vector<job_id> some;
    job_id last = job_id::none;
    do {
        some.clear();
        {
            sqlite_rows rows = jobs_.with({last});
            while (rows.next()) some.push_back(rows.number<job_id>(0));
        }
        for (const job_id job : some) {
            if (room == 0) return;
            prune_surplus({job, newest_of_job_, oldest_of_job_}, what.kept_of_each, room);
            last = job;
        }
    } while (!some.empty());
    std::vector<std::string> kinds;
    {
        sqlite_rows rows = kinds_.with({});
        while (rows.next()) kinds.emplace_back(rows.text(0));
    }
    for (const std::string& kind : kinds) {
        prune_surplus({kind, newest_of_kind_, oldest_of_kind_}, what.kept_of_each, room);
    }
}

void sqlite_pruning::prune_surplus(const history& of, std::uint64_t kept, std::size_t& room) {
    if (kept >= std::numeric_limits<std::int64_t>::max()) return;
    std::vector<run_id> ended; // of each state as many as would have to stay, and one
    for (int state = first_end; state <= last_end; ++state) {
        sqlite_rows rows = of.newest.with({of.of, state, no_bound, kept + 1});
        while (rows.next()) ended.push_back(rows.number<run_id>(0));
    }
    if (ended.size() <= kept) return;
    const auto nth = ended.begin() + static_cast<std::ptrdiff_t>(kept) - 1;
    std::nth_element(ended.begin(), nth, ended.end(), std::greater<>());
    for (int state = first_end; state <= last_end; ++state) {
        run_id bound = *nth; // the oldest that stays
        if (state == first_end) {
            sqlite_rows rows = of.newest.with({of.of, state, no_bound, 1});
            if (rows.next()) bound = std::min(bound, rows.number<run_id>(0));
        }
        forget(old_runs(of.oldest.with({of.of, state, bound, room})), room);
    }
}

std::vector<sqlite_pruning::old_run> sqlite_pruning::old_runs(sqlite_rows rows) {
    std::vector<old_run> found;
    while (rows.next()) {
        found.push_back({rows.number<run_id>(0), rows.number<job_id>(1),
                         rows.number<run_origin>(2) == run_origin::scheduled, rows.instant(3)});
    }
    return found;
}

// A stretch that is older than what is kept goes with the run that made it so, or before it.
void sqlite_pruning::forget(const std::vector<old_run>& those, std::size_t& room) {
    for (const old_run& one : those) {
        if (one.job != job_id::none && one.is_scheduled) keep_after(one.job, one.nominal, room);
        if (room == 0) return;
        forget_.run({one.id});
        --room;
    }
}

void sqlite_pruning::keep_after(job_id of, wall_time gone, std::size_t& room) {
    const wall_time from = later(gone, duration(1));
    keep_from_.run({of, from});
    std::vector<std::int64_t> stretches;
    {
        sqlite_rows rows = stretches_before_.with({of, from, room});
        while (rows.next()) stretches.push_back(rows.integer(0));
    }
    for (const std::int64_t id : stretches) forget_stretch_.run({id});
    room -= stretches.size();
}

} // namespace cicada::detail
