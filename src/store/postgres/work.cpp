#include <store/postgres/work.hpp>

#include <algorithm>
#include <limits>

#include <store/postgres/sql.hpp>
#include <store/queues.hpp>

namespace cicada::detail {

namespace {

/// As a LIMIT.
std::int64_t limit(std::size_t most) noexcept {
    constexpr std::size_t greatest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(most, greatest));
}

constexpr int columns_of_job = 14;

/// In the order of "columns", from this one on.
run_row run_of(const pg_rows& rows, int first = 0) {
    const auto at = [first](int column) { return first + column; };
    return {
        .of = {.id = rows.number<run_id>(at(0)),
               .job = rows.text(at(1)),
               .kind = rows.text(at(2)),
               .origin = rows.number<run_origin>(at(3)),
               .nominal = rows.instant(at(4)),
               .state = rows.number<run_state>(at(5)),
               .attempt = rows.number<std::uint32_t>(at(6)),
               .lost = rows.number<std::uint32_t>(at(7)),
               .fence = rows.number<std::uint64_t>(at(8)),
               .node = rows.text(at(9)),
               .run_at = rows.instant(at(10)),
               .started_at = rows.instant_or_null(at(11)),
               .ended_at = rows.instant_or_null(at(12)),
               .is_asked_to_end = rows.boolean(at(13)),
               .arguments = rows.text(at(14)),
               .key = rows.text(at(15)),
               .reason = rows.text(at(16)),
               .log = rows.text(at(17)),
               .report = rows.text(at(18))},
        .job = rows.number<job_id>(at(19)), // NULL reads as 0
        .epoch = rows.number<std::uint32_t>(at(20)),
        .number = rows.number<std::uint64_t>(at(21)),
        .missed = rows.number<std::uint64_t>(at(22)),
        .began_at = rows.instant(at(23)),
        .node = rows.number<node_id>(at(24)),
        .claim = rows.number<std::uint64_t>(at(25)),
        .label = rows.text(at(26)),
        .policy = rows.text(at(27)),
    };
}

job_row job_of(const pg_rows& rows) {
    return {.id = rows.number<job_id>(0),
            .name = rows.text(1),
            .owner = rows.text(2),
            .revision = rows.number<std::uint64_t>(3),
            .definition = rows.text(4),
            .zones = rows.text(5),
            .created_at = rows.instant(6),
            .kept_from = rows.instant(7),
            .at = {.life = rows.number<life>(8),
                   .decided = rows.instant(9),
                   .wake_at = rows.instant_or_null(10),
                   .epoch = rows.number<std::uint32_t>(11),
                   .progress = rows.text(12),
                   .notes = rows.text(13)},
            .open = {}};
}

constexpr auto kind_of = [](const queue& one) { return one.kind; };
constexpr auto label_of = [](const queue& one) { return one.label; };

/// Conditions, and the values that they name.
class conditions {
public:
    void add(std::string_view condition) { text_.append(" AND ").append(condition); }
    /// The value stands between the two.
    template <class T>
    void add(std::string_view before, const T& value, std::string_view after = "") {
        values_.add(value);
        add(before);
        text_.append("$").append(std::to_string(values_.size())).append(after);
    }
    template <class Range>
    void add_any(std::string_view column, const Range& range) {
        values_.add_all(range);
        add(column);
        text_.append(" = ANY ($").append(std::to_string(values_.size())).append(")");
    }
    std::string limit_to(std::size_t most) {
        values_.add(limit(most));
        return " LIMIT $" + std::to_string(values_.size());
    }
    const std::string& text() const noexcept { return text_; }
    const pg_values& values() const noexcept { return values_; }

private:
    std::string text_;
    pg_values values_;
};

/// Whether an index gives those runs, or nearly those, and in an order of its own: then they are
/// put in order. Else an index is walked from the newest on, which may take long if there are few.
bool is_put_in_order(const run_query& which) noexcept {
    const bool is_of_job = which.job && *which.job != job_id::none;
    if (which.is_orphaned || which.state == run_state::running) return true;
    if (which.state == run_state::ready && !is_of_job) return true;
    if (which.key && which.job && (is_of_job || which.kind)) return true;
    return is_of_job && which.nominal_from && which.nominal_until;
}

/// What has a job, or a kind: by the index that has states before ids, each state for itself.
bool is_walked_by_state(const run_query& which) noexcept {
    return which.ids.empty() && !is_put_in_order(which) && which.job &&
           (*which.job != job_id::none || which.kind);
}

/// All that is asked for. States stand in the text, so that an index of one of them can be used.
conditions conditions_of(const run_query& which) {
    conditions all;
    if (!which.ids.empty()) all.add_any("r.id", which.ids);
    if (which.job == job_id::none) {
        all.add("r.job IS NULL");
    } else if (which.job) {
        all.add("r.job = ", *which.job);
    }
    if (which.kind) all.add("r.kind = ", *which.kind);
    if (which.key) all.add("r.key = ", *which.key);
    if (which.key && !which.key->empty()) all.add("r.key <> ''");
    if (which.state) all.add("r.state = " + std::to_string(static_cast<int>(*which.state)));
    if (which.is_orphaned) {
        all.add("r.id = ANY (ARRAY(" + pg_statement(pg_sql_runs, "orphaned") + "))");
    }
    if (which.node == node_id::none) {
        all.add("r.node IS NULL");
    } else if (which.node) {
        all.add("r.node = ", *which.node);
    }
    if (which.claim) all.add("r.claim = ", *which.claim);
    if (which.nominal_from) all.add("r.nominal >= ", *which.nominal_from);
    if (which.nominal_until) all.add("r.nominal < ", *which.nominal_until);
    if (which.is_asked_to_end) all.add("r.is_asked_to_end");
    if (which.before != no_run)
        all.add(is_walked_by_state(which) ? "r.id + 0 < " : "r.id < ", which.before);
    return all;
}

/// By id + 0, which the primary key does not have.
std::string_view order_of(const run_query& which) noexcept {
    return is_put_in_order(which) || is_walked_by_state(which) ? " ORDER BY r.id + 0 DESC"
                                                               : " ORDER BY r.id DESC";
}

} // namespace

// What is committed later than a look began may have been marked before that look. (Also what is
// undone, for nobody may know.)
pg_work::~pg_work() {
    const wall_time now = later(now_, between(began_at_, elapsed_clock::now()));
    if (ready_from_ != wall_time::max()) marks_.is_ready(ready_from_, now);
    if (wakes_from_ != wall_time::max()) marks_.wakes(wakes_from_, now);
}

void pg_work::is_kept() {
    for (const auto& [look, to] : passed_) marks_.found_none_before(look, to);
}

void pg_work::is_ready(wall_time at) {
    marks_.is_ready(at, now_);
    ready_from_ = std::min(ready_from_, at);
}

void pg_work::wakes(wall_time at) {
    marks_.wakes(at, now_);
    wakes_from_ = std::min(wakes_from_, at);
}

// ---- nodes -------------------------------------------------------------------------------------

std::vector<node_row> pg_work::nodes() {
    std::vector<node_row> found;
    pg_rows rows =
        in_.run(named(pg_sql_nodes, "listed"), pg_values().add(later(now_, -node_is_listed_for)));
    while (rows.next()) {
        found.push_back({.id = rows.number<node_id>(0),
                         .name = rows.text(1),
                         .state = rows.number<node_state>(2),
                         .lease_until = rows.instant(3),
                         .entered_at = rows.instant(4),
                         .ended_at = rows.instant_or_null(5),
                         .kinds = rows.texts(6),
                         .labels = rows.texts(7)});
    }
    return found;
}

node_id pg_work::enter(const node_row& who, duration lease) {
    lease_ = lease;
    pg_values values;
    values.add(who.name).add(later(now_, lease)).add(now_).add_all(who.kinds).add_all(who.labels);
    pg_rows rows = in_.run(named(pg_sql_nodes, "insert"), values);
    rows.next();
    return rows.number<node_id>(0);
}

bool pg_work::renew(node_id who, duration lease) {
    lease_ = lease;
    return in_.run(named(pg_sql_nodes, "renew"), pg_values().add(who).add(later(now_, lease)))
               .written() == 1;
}

void pg_work::leave(node_id who) {
    in_.run(named(pg_sql_nodes, "leave"), pg_values().add(who).add(now_));
}

std::vector<node_id> pg_work::evict(duration patience) {
    std::vector<node_id> dead;
    pg_rows rows =
        in_.run(named(pg_sql_nodes, "evict"), pg_values().add(now_).add(later(now_, -patience)));
    while (rows.next()) dead.push_back(rows.number<node_id>(0));
    std::sort(dead.begin(), dead.end());
    return dead;
}

// ---- jobs --------------------------------------------------------------------------------------

std::vector<job_wake> pg_work::waking(wall_time until, std::size_t most) {
    std::vector<job_wake> found;
    if (most == 0) return found; // which says nothing of what there is
    const pg_marks::look look = marks_.for_jobs(now_, elapsed_clock::now());
    pg_rows rows = in_.run(named(pg_sql_jobs, "waking"),
                           pg_values().add(until).add(limit(most)).add(look.since()));
    marks_.looked(look, elapsed_clock::now());
    while (rows.next()) {
        found.push_back({.id = rows.number<job_id>(0),
                         .revision = rows.number<std::uint64_t>(1),
                         .wake_at = rows.instant(2)});
    }
    const wall_time first = found.empty() ? until : found.front().wake_at;
    passed_.emplace_back(look, std::min(first, now_));
    return found;
}

job_search pg_work::out_of_date(job_id after, wall_time latest, std::string_view zones,
                                std::size_t most) {
    job_search made;
    pg_rows rows = in_.run(named(pg_sql_jobs, "out_of_date"),
                           pg_values().add(after).add(latest).add(zones).add(limit(most)));
    while (rows.next()) {
        made.goes_on_after = rows.number<job_id>(0);
        if (rows.boolean(1)) made.found.push_back(*made.goes_on_after);
    }
    if (rows.size() < most) made.goes_on_after.reset();
    return made;
}

std::vector<job_id> pg_work::stalled(std::size_t most) {
    std::vector<job_id> found;
    pg_rows rows = in_.run(named(pg_sql_jobs, "stalled"), pg_values().add(limit(most)));
    while (rows.next()) found.push_back(rows.number<job_id>(0));
    return found;
}

std::vector<job_row> pg_work::jobs(const job_query& which) {
    pg_values values;
    std::string_view those;
    if (!which.ids.empty()) {
        those = "by_id";
        values.add_all(which.ids);
    } else if (!which.names.empty()) {
        those = "by_name";
        values.add_all(which.names);
    } else if (which.owner) {
        those = "of_owner";
        values.add(which.after).add(limit(which.most)).add(*which.owner);
    } else {
        those = "all";
        values.add(which.after).add(limit(which.most));
    }
    std::string text("SELECT ");
    text.append(named(pg_sql_jobs, "columns")).append(named(pg_sql_runs, "columns"));
    text.append("FROM (").append(named(pg_sql_jobs, those)).append(") AS those ");
    text.append(named(pg_sql_jobs, "with_open_runs"));
    std::vector<job_row> found;
    pg_rows rows = in_.run(text, values);
    while (rows.next()) { // one for each open run; or one, for none
        if (found.empty() || found.back().id != rows.number<job_id>(0))
            found.push_back(job_of(rows));
        if (!rows.is_null(columns_of_job))
            found.back().open.push_back(run_of(rows, columns_of_job));
    }
    return found;
}

std::vector<stretch> pg_work::stretches(job_id of, wall_time from, wall_time until) {
    std::vector<stretch> found;
    pg_rows rows =
        in_.run(named(pg_sql_jobs, "stretches"), pg_values().add(of).add(from).add(until));
    while (rows.next()) {
        found.push_back({.kind = rows.number<decision::kind>(1),
                         .epoch = rows.number<std::uint32_t>(0),
                         .first = rows.instant(2),
                         .last = rows.instant(3),
                         .count = rows.number<std::uint64_t>(4),
                         .is_at_least = rows.boolean(5),
                         .into = rows.instant_or_null(6),
                         .because_of = rows.number<run_id>(7),
                         .note = rows.text(8)});
    }
    return found;
}

std::vector<edit_row> pg_work::edits(job_id of) {
    std::vector<edit_row> found;
    pg_rows rows = in_.run(named(pg_sql_jobs, "edits"), pg_values().add(of));
    while (rows.next()) found.push_back({.since = rows.instant(0), .definition = rows.text(1)});
    return found;
}

std::vector<backfill_row> pg_work::backfills(job_id of) {
    std::vector<backfill_row> found;
    pg_rows rows = in_.run(named(pg_sql_jobs, "backfills"), pg_values().add(of));
    while (rows.next()) {
        found.push_back({.id = rows.text(0),
                         .job = of,
                         .from = rows.instant(1),
                         .until = rows.instant(2),
                         .done_to = rows.instant(3),
                         .how = rows.text(4),
                         .over_at = rows.instant_or_null(5)});
    }
    return found;
}

std::optional<std::uint64_t> pg_work::applied(std::string_view owner) {
    pg_rows rows = in_.run(named(pg_sql_jobs, "applied"), pg_values().add(owner));
    if (!rows.next()) return std::nullopt;
    return rows.number<std::uint64_t>(0);
}

std::vector<asked_row> pg_work::asked(std::size_t most) {
    std::vector<asked_row> found;
    pg_rows rows = in_.run(named(pg_sql_jobs, "asked"), pg_values().add(limit(most)));
    while (rows.next()) {
        asked_row one{.id = rows.number<asked_id>(0),
                      .what = rows.number<asked_row::kind>(1),
                      .job = rows.text(2),
                      .key = rows.text(4),
                      .by = rows.text(5),
                      .note = rows.text(6),
                      .until = rows.instant_or_null(7)};
        if (!rows.is_null(3)) one.arguments = rows.text(3);
        found.push_back(std::move(one));
    }
    return found;
}

bool pg_work::done(asked_id which) {
    return in_.run(named(pg_sql_jobs, "done"), pg_values().add(which)).written() == 1;
}

std::optional<job_id> pg_work::create(const new_job& one) {
    const job_state& at = one.at;
    pg_values values;
    values.add(one.name).add(one.owner).add(one.zones).add(now_).add(wall_time::min());
    values.add(at.life).add(at.decided).add(at.wake_at).add(at.epoch);
    values.add(at.progress).add(at.notes);
    pg_rows rows = in_.run(named(pg_sql_jobs, "insert"), values);
    if (!rows.next()) return std::nullopt;
    const auto id = rows.number<job_id>(0);
    if (at.wake_at) wakes(*at.wake_at);
    edit(id, at.decided, one.definition);
    return id;
}

void pg_work::edit(job_id of, wall_time since, const std::string& definition) {
    in_.run(named(pg_sql_jobs, "edit"), pg_values().add(of).add(since).add(definition));
}

bool pg_work::apply(std::string_view owner, std::uint64_t revision) {
    return in_.run(named(pg_sql_jobs, "apply"), pg_values().add(owner).add(revision)).written() ==
           1;
}

// ---- runs --------------------------------------------------------------------------------------

std::vector<run_row> pg_work::runs(const run_query& which) {
    std::vector<run_row> found;
    const auto ask = [&](conditions those) {
        std::string text("SELECT ");
        text.append(named(pg_sql_runs, "columns"));
        text.append("FROM cicada.run AS r WHERE true").append(those.text());
        text.append(order_of(which));
        text.append(those.limit_to(which.most));
        pg_rows rows = in_.run(text, those.values());
        while (rows.next()) found.push_back(run_of(rows));
    };
    if (which.state || !is_walked_by_state(which)) {
        ask(conditions_of(which));
        return found;
    }
    for (int state = 0; state <= static_cast<int>(run_state::lost); ++state) {
        conditions those = conditions_of(which);
        those.add("r.state = " + std::to_string(state));
        ask(std::move(those));
    }
    std::sort(found.begin(), found.end(),
              [](const run_row& a, const run_row& b) { return a.of.id > b.of.id; });
    if (found.size() > which.most) found.resize(which.most);
    return found;
}

std::optional<wall_time> pg_work::next_ready(const claim& by) {
    const std::vector<queue> of = queues_of(by);
    const pg_marks::look look = marks_.for_runs(by, now_, elapsed_clock::now());
    pg_values values;
    values.add_all(of, kind_of).add_all(of, label_of).add(look.since());
    pg_rows rows = in_.run(named(pg_sql_runs, "first_ready"), values);
    marks_.looked(look, elapsed_clock::now());
    std::optional<wall_time> first;
    if (rows.next()) first = rows.instant(0);
    passed_.emplace_back(look, std::min(first.value_or(now_), now_));
    return first;
}

std::vector<run_row> pg_work::claim_runs(const claim& by) { return claim_runs(by, false); }

/// Its COMMIT goes along. What is ready next is looked for after that.
claim_result pg_work::claim_last(const claim& by) {
    if (!is_alone_) return writing::claim_last(by);
    claim_result made{.runs = claim_runs(by, true)};
    if (is_full(by, made.runs)) {
        made.next = made.runs.back().of.run_at;
        return made;
    }
    in_.commit();
    try {
        made.next = next_ready(by);
    } catch (...) { // what was claimed is: it is looked for once more
        made.next = now_;
    }
    return made;
}

std::vector<run_row> pg_work::claim_runs(const claim& by, bool commits) {
    const std::vector<queue> of = queues_of(by);
    pg_values values;
    values.add(now_).add(by.by).add(by.id).add_all(of, kind_of).add_all(of, label_of);
    const pg_marks::look look = marks_.for_runs(by, now_, elapsed_clock::now());
    values.add(limit(by.most)).add(look.since());
    std::vector<run_row> claimed;
    std::string text =
        pg_statement(pg_sql_steps, of.size() == 1 ? "claim_of_one" : "claim_of_several");
    text.append(named(pg_sql_steps, "claim"));
    pg_rows rows = commits ? in_.run_last(text, values) : in_.run_prepared(text, values);
    marks_.looked(look, elapsed_clock::now());
    claimed.reserve(rows.size());
    while (rows.next()) {
        run_row& one = claimed.emplace_back();
        run_record& record = one.of;
        record.id = rows.number<run_id>(1);
        record.job = rows.text(2);
        record.kind = rows.text(3);
        record.origin = rows.number<run_origin>(4);
        record.nominal = rows.instant(5);
        record.state = run_state::running;
        record.attempt = rows.number<std::uint32_t>(6);
        record.lost = rows.number<std::uint32_t>(7);
        record.fence = rows.number<std::uint64_t>(8);
        record.node = rows.text(0);
        record.run_at = rows.instant(9);
        record.started_at = now_;
        record.is_asked_to_end = rows.boolean(10);
        record.arguments = rows.text(11);
        record.key = rows.text(12);
        record.reason = rows.text(13);
        record.log = rows.text(14);
        record.report = rows.text(15);
        one.job = rows.number<job_id>(16);
        one.epoch = rows.number<std::uint32_t>(17);
        one.number = rows.number<std::uint64_t>(18);
        one.missed = rows.number<std::uint64_t>(19);
        one.began_at = rows.instant(20);
        one.node = by.by;
        one.claim = by.id;
        one.label = rows.text(21);
        one.policy = rows.text(22);
    }
    const auto comes_before = [](const run_row& a, const run_row& b) {
        return std::pair(a.of.run_at, a.of.id) < std::pair(b.of.run_at, b.of.id);
    };
    if (!std::is_sorted(claimed.begin(), claimed.end(), comes_before)) // they are large
        std::sort(claimed.begin(), claimed.end(), comes_before);
    if (!claimed.empty()) // else it may not be live
        passed_.emplace_back(look, is_full(by, claimed) ? claimed.back().of.run_at : now_);
    return claimed;
}

} // namespace cicada::detail
