#include <store/sqlite/jobs.hpp>

#include <algorithm>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

void add_jobs(sqlite_rows rows, std::vector<job_row>& to) {
    while (rows.next()) {
        const auto text = [&](int column) { return std::string(rows.text(column)); };
        to.push_back({.id = rows.number<job_id>(0),
                      .name = text(1),
                      .owner = text(2),
                      .revision = rows.number<std::uint64_t>(3),
                      .definition = text(4),
                      .zones = text(5),
                      .created_at = rows.instant(6),
                      .kept_from = rows.instant(7),
                      .at = {.life = rows.number<life>(8),
                             .decided = rows.instant(9),
                             .wake_at = rows.instant_or_null(10),
                             .epoch = rows.number<std::uint32_t>(11),
                             .progress = text(12),
                             .notes = text(13)},
                      .open = {}});
    }
}

} // namespace

sqlite_jobs::sqlite_jobs(sqlite_database& in)
    : in_(in), insert_(in, named(sql_jobs, "insert")), is_taken_(in, named(sql_jobs, "is_taken")),
      look_up_(in, named(sql_jobs, "look_up")), write_(in, named(sql_jobs, "write")),
      write_and_wake_(in, named(sql_jobs, "write_and_wake")),
      give_owner_(in, named(sql_jobs, "give_owner")),
      give_zones_(in, named(sql_jobs, "give_zones")), give_edit_(in, named(sql_jobs, "give_edit")),
      waking_(in, named(sql_jobs, "waking")), out_of_date_(in, named(sql_jobs, "out_of_date")),
      stalled_(in, named(sql_jobs, "stalled")), by_id_(in, named(sql_jobs, "by_id")),
      by_name_(in, named(sql_jobs, "by_name")), all_(in, named(sql_jobs, "all")),
      of_owner_(in, named(sql_jobs, "of_owner")), edit_(in, named(sql_jobs, "edit")),
      edits_(in, named(sql_jobs, "edits")), backfill_(in, named(sql_jobs, "backfill")),
      backfills_(in, named(sql_jobs, "backfills")), apply_(in, named(sql_jobs, "apply")),
      applied_(in, named(sql_jobs, "applied")), stretch_(in, named(sql_stretches, "insert")),
      lengthen_(in, named(sql_stretches, "lengthen")),
      stretches_(in, named(sql_stretches, "between")) {}

// ---- questions ---------------------------------------------------------------------------------

std::vector<job_wake> sqlite_jobs::waking(wall_time until, std::size_t most) {
    std::vector<job_wake> found;
    sqlite_rows rows = waking_.with({until, most});
    while (rows.next()) {
        found.push_back({.id = rows.number<job_id>(0),
                         .revision = rows.number<std::uint64_t>(1),
                         .wake_at = rows.instant(2)});
    }
    return found;
}

job_search sqlite_jobs::out_of_date(job_id after, wall_time latest, std::string_view zones,
                                    std::size_t most) {
    job_search made;
    std::size_t seen = 0;
    sqlite_rows rows = out_of_date_.with({after, latest, zones, most});
    while (rows.next()) {
        made.goes_on_after = rows.number<job_id>(0);
        if (rows.integer(1) != 0) made.found.push_back(*made.goes_on_after);
        ++seen;
    }
    if (seen < most) made.goes_on_after.reset();
    return made;
}

std::vector<job_id> sqlite_jobs::stalled(std::size_t most) {
    std::vector<job_id> found;
    sqlite_rows rows = stalled_.with({most});
    while (rows.next()) found.push_back(rows.number<job_id>(0));
    return found;
}

std::vector<job_row> sqlite_jobs::find(const job_query& which) {
    std::vector<job_row> found;
    if (!which.ids.empty()) {
        std::vector<job_id> ids = which.ids;
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        for (const job_id id : ids) add_jobs(by_id_.with({id}), found);
        std::sort(found.begin(), found.end(),
                  [](const job_row& a, const job_row& b) { return a.name < b.name; });
    } else if (!which.names.empty()) {
        std::vector<std::string> names = which.names;
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (const std::string& name : names) add_jobs(by_name_.with({name}), found);
    } else if (which.owner) {
        add_jobs(of_owner_.with({which.after, which.most, *which.owner}), found);
    } else {
        add_jobs(all_.with({which.after, which.most}), found);
    }
    return found;
}

std::vector<stretch> sqlite_jobs::stretches(job_id of, wall_time from, wall_time until) {
    std::vector<stretch> found;
    sqlite_rows rows = stretches_.with({of, from, until});
    while (rows.next()) {
        found.push_back({.kind = rows.number<decision::kind>(1),
                         .epoch = rows.number<std::uint32_t>(0),
                         .first = rows.instant(2),
                         .last = rows.instant(3),
                         .count = rows.number<std::uint64_t>(4),
                         .is_at_least = rows.integer(5) != 0,
                         .into = rows.instant_or_null(6),
                         .because_of = rows.number<run_id>(7),
                         .note = std::string(rows.text(8))});
    }
    return found;
}

std::vector<edit_row> sqlite_jobs::edits(job_id of) {
    std::vector<edit_row> found;
    sqlite_rows rows = edits_.with({of});
    while (rows.next()) {
        found.push_back({.since = rows.instant(0), .definition = std::string(rows.text(1))});
    }
    return found;
}

std::vector<backfill_row> sqlite_jobs::backfills(job_id of) {
    std::vector<backfill_row> found;
    sqlite_rows rows = backfills_.with({of});
    while (rows.next()) {
        found.push_back({.id = std::string(rows.text(0)),
                         .job = of,
                         .from = rows.instant(1),
                         .until = rows.instant(2),
                         .done_to = rows.instant(3),
                         .how = std::string(rows.text(4)),
                         .over_at = rows.instant_or_null(5)});
    }
    return found;
}

std::optional<std::uint64_t> sqlite_jobs::applied(std::string_view owner) {
    sqlite_rows rows = applied_.with({owner});
    if (!rows.next()) return std::nullopt;
    return rows.number<std::uint64_t>(0);
}

std::optional<sqlite_jobs::known> sqlite_jobs::look_up(job_id id) {
    sqlite_rows rows = look_up_.with({id});
    if (!rows.next()) return std::nullopt;
    return known{rows.number<std::uint64_t>(0), std::string(rows.text(1)), rows.instant_or_null(2)};
}

// ---- changes -----------------------------------------------------------------------------------

bool sqlite_jobs::is_taken(const std::string& name) {
    sqlite_rows rows = is_taken_.with({name});
    return rows.next();
}

std::optional<job_id> sqlite_jobs::create(const new_job& one, wall_time now) {
    const job_state& at = one.at;
    if (is_taken(one.name)) return std::nullopt;
    insert_.run({one.name, one.owner, one.zones, now, wall_time::min(), at.life, at.decided,
                 at.wake_at, at.epoch, at.progress, at.notes});
    const job_id id{in_.last_id()};
    edit(id, at.decided, one.definition);
    return id;
}

void sqlite_jobs::write(const step& one, std::optional<wall_time> wakes_at) {
    const job_state& at = one.at;
    if (at.wake_at == wakes_at) { // its index is left alone
        write_.run({one.job, at.life, at.decided, at.epoch, at.progress, at.notes});
    } else {
        write_and_wake_.run(
            {one.job, at.life, at.decided, at.epoch, at.progress, at.notes, at.wake_at});
    }
    if (one.owner) give_owner_.run({one.job, *one.owner});
    if (one.zones) give_zones_.run({one.job, *one.zones});
    if (one.definition) edit(one.job, at.decided, *one.definition);
    for (const stretch& each : one.stretches) record(one.job, each);
    if (one.backfill) {
        const backfill_row& row = *one.backfill;
        backfill_.run({one.job, row.id, row.from, row.until, row.done_to, row.how, row.over_at});
    }
}

void sqlite_jobs::record(job_id of, const stretch& one) {
    if (one.follows) {
        const auto lengthened =
            lengthen_.run({of, one.epoch, one.kind, *one.follows, one.last, one.count,
                           one.is_at_least, one.into, one.because_of, one.note});
        if (lengthened == 1) return;
    }
    stretch_.run({of, one.epoch, one.kind, one.first, one.last, one.count, one.is_at_least,
                  one.into, one.because_of, one.note});
}

void sqlite_jobs::edit(job_id of, wall_time since, const std::string& definition) {
    std::int64_t id = 0;
    {
        sqlite_rows rows = edit_.with({of, since, definition});
        while (rows.next()) id = rows.integer(0);
    }
    give_edit_.run({of, id});
}

bool sqlite_jobs::apply(std::string_view owner, std::uint64_t revision) {
    const auto last = applied(owner);
    if (last && revision < *last) return false;
    apply_.run({owner, revision});
    return true;
}

} // namespace cicada::detail
