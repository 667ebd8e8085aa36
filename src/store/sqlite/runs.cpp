#include <store/sqlite/runs.hpp>

#include <algorithm>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

/// NULL for none.
template <class Id>
std::optional<Id> given(Id id) noexcept {
    if (id == Id{}) return std::nullopt;
    return id;
}

/// In the order of "columns".
run_row row_of(const sqlite_rows& rows) {
    const auto text = [&](int column) { return std::string(rows.text(column)); };
    return {
        .of = {.id = rows.number<run_id>(0),
               .job = text(1),
               .kind = text(2),
               .origin = rows.number<run_origin>(3),
               .nominal = rows.instant(4),
               .state = rows.number<run_state>(5),
               .attempt = rows.number<std::uint32_t>(6),
               .lost = rows.number<std::uint32_t>(7),
               .fence = rows.number<std::uint64_t>(8),
               .node = text(9),
               .run_at = rows.instant(10),
               .started_at = rows.instant_or_null(11),
               .ended_at = rows.instant_or_null(12),
               .is_asked_to_end = rows.integer(13) != 0,
               .arguments = text(14),
               .key = text(15),
               .reason = text(16),
               .log = text(17),
               .report = text(18)},
        .job = rows.number<job_id>(19), // NULL reads as 0
        .epoch = rows.number<std::uint32_t>(20),
        .number = rows.number<std::uint64_t>(21),
        .missed = rows.number<std::uint64_t>(22),
        .began_at = rows.instant(23),
        .node = rows.number<node_id>(24),
        .claim = rows.number<std::uint64_t>(25),
        .label = text(26),
        .policy = text(27),
    };
}

/// Conditions, and the values that they name.
class conditions {
public:
    void add(std::string_view condition) { text_.append(" AND ").append(condition); }
    /// `?` in the condition is the value.
    void add(std::string_view before, const sqlite_value& value, std::string_view after = "") {
        values_.push_back(value);
        add(before);
        text_.append("?").append(std::to_string(values_.size())).append(after);
    }
    const std::string& text() const noexcept { return text_; }
    const std::vector<sqlite_value>& values() const noexcept { return values_; }

private:
    std::string text_;
    std::vector<sqlite_value> values_;
};

constexpr std::size_t claimed_at_once = 16; // as many as the statement names

constexpr std::string_view is_state = "r.state = ";

std::string question_of(std::string_view from_where) {
    return std::string(named(sql_runs, "columns")).append(from_where);
}

/// All that is asked for, but for ids, and the states if those are walked one by one.
conditions conditions_of(const run_query& which) {
    conditions all;
    if (which.job == job_id::none) {
        all.add("r.job IS NULL");
    } else if (which.job) {
        all.add("r.job = ", *which.job);
    }
    if (which.kind) all.add("r.kind = ", *which.kind);
    if (which.key) all.add("r.key = ", *which.key);
    if (which.key && !which.key->empty()) all.add("r.key <> ''");
    // As it stands in the text, an index of that state only can be used.
    if (which.state)
        all.add(std::string(is_state) + std::to_string(static_cast<int>(*which.state)));
    if (which.is_orphaned) {
        all.add("r.state = 1 AND NOT EXISTS (SELECT 1 FROM node AS o "
                "WHERE o.id = r.node AND o.ended_at IS NULL)");
    }
    if (which.node == node_id::none) {
        all.add("r.node IS NULL");
    } else if (which.node) {
        all.add("r.node = ", *which.node);
    }
    if (which.claim) all.add("r.claim = ", *which.claim);
    if (which.nominal_from) all.add("r.nominal >= ", *which.nominal_from);
    if (which.nominal_until) all.add("r.nominal < ", *which.nominal_until);
    if (which.is_asked_to_end) all.add("r.is_asked_to_end <> 0");
    if (which.before != no_run) all.add("r.id < ", which.before);
    return all;
}

/// How runs are found by an index.
enum class order : std::uint8_t { newest_first, newest_first_by_state, other };

/// How those runs are found: by the index that says most. Empty: from the newest on.
struct way {
    std::string_view index = {};
    order comes = order::newest_first;
};

way way_to(const run_query& which) noexcept {
    const bool is_of_job = which.job && *which.job != job_id::none;
    const bool is_running = which.state == run_state::running || which.is_orphaned;
    if (is_running && which.node) return {"run_running"};
    if (is_running && !is_of_job) return {"run_running", order::other};
    if (which.state == run_state::ready && !is_of_job) return {"run_ready", order::other};
    if (which.key && !which.key->empty() && is_of_job) return {"run_key"};
    if (which.nominal_from && which.nominal_until && is_of_job)
        return {"run_instant", order::other};
    if (is_of_job) return {"run_of_job", order::newest_first_by_state};
    if (which.job && which.kind) return {"run_of_kind", order::newest_first_by_state};
    return {};
}

} // namespace

sqlite_runs::sqlite_runs(sqlite_database& in)
    : in_(in), insert_(in, named(sql_runs, "insert")),
      of_instant_(in, named(sql_runs, "of_instant")), of_key_(in, named(sql_runs, "of_key")),
      of_key_of_kind_(in, named(sql_runs, "of_key_of_kind")),
      change_(in, named(sql_runs, "change")), release_(in, named(sql_runs, "release")),
      claim_(in, named(sql_runs, "claim")), ready_(in, named(sql_runs, "ready")),
      open_of_(in, question_of(named(sql_runs, "open_of"))),
      ready_rows_(in, question_of(named(sql_runs, "first_ready"))) {}

// ---- questions ---------------------------------------------------------------------------------

sqlite_statement& sqlite_runs::question(const std::string& text) {
    const auto known = questions_.find(text);
    if (known != questions_.end()) return known->second;
    return questions_.emplace(text, sqlite_statement(in_, question_of(text))).first->second;
}

void sqlite_runs::ask(const std::string& from_where, const std::vector<sqlite_value>& values,
                      std::vector<run_row>& to) {
    sqlite_rows rows = question(from_where).with(values);
    while (rows.next()) to.push_back(row_of(rows));
}

std::vector<run_row> sqlite_runs::find(const run_query& which) {
    std::vector<run_row> found;
    const way by = which.ids.empty() ? way_to(which) : way{};
    std::string from = "FROM run AS r";
    if (!by.index.empty()) from.append(" INDEXED BY ").append(by.index);
    from.append(" WHERE true");
    const conditions all = conditions_of(which);
    const auto ask_also = [&](conditions those) {
        those.add("true ORDER BY r.id DESC LIMIT ", which.most);
        std::string text = from + those.text();
        // Thousands of rows may have to be put in order: then their ids alone are.
        if (by.comes == order::other)
            text = "FROM run AS r WHERE r.id IN (SELECT r.id " + text + ") ORDER BY r.id DESC";
        ask(text, those.values(), found);
    };
    if (!which.ids.empty()) {
        std::vector<run_id> ids = which.ids;
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        for (const run_id id : ids) {
            conditions those = all;
            those.add("r.id = ", id);
            ask_also(those);
        }
    } else if (by.comes == order::newest_first_by_state && !which.state) {
        for (int state = 0; state <= static_cast<int>(run_state::lost); ++state) {
            conditions those = all;
            those.add(is_state, state);
            ask_also(those);
        }
    } else {
        ask_also(all);
    }
    std::sort(found.begin(), found.end(),
              [](const run_row& a, const run_row& b) { return a.of.id > b.of.id; });
    if (found.size() > which.most) found.resize(which.most);
    return found;
}

std::vector<run_row> sqlite_runs::open_of(job_id of) {
    std::vector<run_row> open;
    {
        sqlite_rows rows = open_of_.with({of});
        while (rows.next()) open.push_back(row_of(rows));
    }
    std::sort(open.begin(), open.end(), [](const run_row& a, const run_row& b) {
        return std::pair(a.number, a.of.id) < std::pair(b.number, b.of.id);
    });
    return open;
}

// ---- what is ready -----------------------------------------------------------------------------

std::vector<sqlite_runs::ready_run> sqlite_runs::first_ready(const std::vector<queue>& of,
                                                             wall_time until, std::size_t most) {
    std::vector<ready_run> found;
    for (const queue& each : of) {
        sqlite_rows rows = ready_.with({each.kind, each.label, until, most});
        while (rows.next()) {
            found.push_back({rows.instant(0), rows.number<run_id>(1), &each - of.data()});
        }
    }
    std::sort(found.begin(), found.end());
    if (found.size() > most) found.resize(most);
    return found;
}

std::optional<wall_time> sqlite_runs::next_ready(const claim& by) {
    const auto first = first_ready(queues_of(by), wall_time::max(), 1);
    if (first.empty()) return std::nullopt;
    return first.front().run_at;
}

/// The rows of a queue are read as one: of each of several, those that are among the first of all.
std::vector<run_row> sqlite_runs::ready_rows(const claim& by, wall_time until) {
    const std::vector<queue> queues = queues_of(by);
    std::vector<std::size_t> counts(queues.size(), by.most);
    if (queues.size() > 1) {
        counts.assign(queues.size(), 0);
        for (const ready_run& one : first_ready(queues, until, by.most)) {
            ++counts[static_cast<std::size_t>(one.queue)];
        }
    }
    std::vector<run_row> found;
    for (std::size_t i = 0; i < queues.size(); ++i) {
        if (counts[i] == 0) continue;
        found.reserve(found.size() + std::min<std::size_t>(counts[i], 500));
        sqlite_rows rows = ready_rows_.with({queues[i].kind, queues[i].label, until, counts[i]});
        while (rows.next()) found.push_back(row_of(rows));
    }
    if (queues.size() == 1) return found; // in its order
    std::sort(found.begin(), found.end(), [](const run_row& a, const run_row& b) {
        return std::pair(a.of.run_at, a.of.id) < std::pair(b.of.run_at, b.of.id);
    });
    return found;
}

// ---- changes -----------------------------------------------------------------------------------

run_id sqlite_runs::same_as(const run_row& row) {
    const bool is_of_job = row.job != job_id::none;
    if (row.of.origin == run_origin::scheduled && is_of_job) {
        sqlite_rows rows = of_instant_.with({row.job, row.of.nominal, row.epoch});
        if (rows.next()) return rows.number<run_id>(0);
    }
    if (row.of.key.empty()) return no_run;
    sqlite_rows rows = is_of_job ? of_key_.with({row.job, row.of.key})
                                 : of_key_of_kind_.with({row.of.kind, row.of.key});
    return rows.next() ? rows.number<run_id>(0) : no_run;
}

void sqlite_runs::insert(const run_row& row) {
    const run_record& of = row.of;
    insert_.run({of.id,
                 given(row.job),
                 of.kind,
                 of.origin,
                 of.nominal,
                 row.epoch,
                 row.number,
                 row.missed,
                 of.state,
                 of.attempt,
                 of.lost,
                 of.fence,
                 row.claim,
                 given(row.node),
                 given(row.node),
                 of.run_at,
                 row.began_at,
                 of.started_at,
                 of.is_asked_to_end,
                 row.label,
                 of.key,
                 row.policy,
                 of.reason,
                 of.log,
                 of.report,
                 of.arguments});
}

bool sqlite_runs::change(const run_change& what, wall_time now, sqlite_counters& numbers) {
    std::optional<wall_time> ended_at;
    if (!is_open(what.state)) ended_at = now;
    const auto changed = change_.run({what.id, what.was, what.fence, what.claim, what.state,
                                      what.attempt, what.lost, what.run_at, what.is_asked_to_end,
                                      what.reason, what.log, what.report, ended_at});
    if (changed == 0) return false;
    if (what.was == run_state::running && what.state == run_state::ready) {
        release_.run({what.id, numbers.next_fence()});
    }
    return true;
}

std::vector<run_row> sqlite_runs::claim_ready(const claim& by, const std::string& name,
                                              wall_time now, sqlite_counters& numbers) {
    std::vector<run_row> claimed = ready_rows(by, now);
    std::vector<sqlite_value> values;
    for (std::size_t from = 0; from < claimed.size(); from += claimed_at_once) {
        const std::size_t until = std::min(from + claimed_at_once, claimed.size());
        values.assign({by.id, by.by, now, numbers.now().fence});
        for (std::size_t i = from; i < until; ++i) {
            run_row& row = claimed[i];
            if (!row.of.started_at) row.began_at = now;
            row.of.state = run_state::running;
            row.of.fence = numbers.next_fence(); // as the statement counts
            row.of.node = name;
            row.of.started_at = now;
            row.node = by.by;
            row.claim = by.id;
            values.push_back(row.of.id);
        }
        values.resize(4 + claimed_at_once, nullptr);
        claim_.run(values);
    }
    return claimed;
}

} // namespace cicada::detail
