#include <store/postgres/work.hpp>

#include <algorithm>
#include <set>

#include <store/postgres/sql.hpp>

namespace cicada::detail {

namespace {

/// With the place of its step among those that are taken together, from 1.
template <class T>
struct placed {
    std::int64_t step;
    const T* of;
};

template <class T>
void sort_by_id(std::vector<placed<T>>& all) {
    std::sort(all.begin(), all.end(),
              [](const placed<T>& a, const placed<T>& b) { return a.of->id < b.of->id; });
}

bool changes_one_run_only(const step& one) noexcept {
    return one.job == job_id::none && one.changes.size() == 1 && one.begins.empty();
}

/// A run of this node ends, and nothing else: the most frequent of all.
bool only_ends_a_run(const step& one) noexcept {
    return changes_one_run_only(one) && one.by != node_id::none &&
           one.changes.front().was == run_state::running &&
           one.changes.front().state > run_state::running;
}

/// Steps, as long as they have nothing to do with each other: then each is alone in what it sees.
class independent {
public:
    bool add(const step& one) {
        if (!one.begins.empty() && one.job == job_id::none) return are_.empty() && note(one);
        for (const run_change& what : one.changes)
            if (runs_.contains(what.id)) return false;
        if (!are_.empty() && (are_.front()->by != one.by || jobs_.contains(one.job) || is_closed_))
            return false;
        return note(one);
    }
    const std::vector<const step*>& are() const noexcept { return are_; }

private:
    bool note(const step& one) {
        are_.push_back(&one);
        if (one.job != job_id::none) jobs_.insert(one.job);
        for (const run_change& what : one.changes) runs_.insert(what.id);
        is_closed_ = !one.begins.empty() && one.job == job_id::none; // it may repeat anything
        return true;
    }
    std::vector<const step*> are_;
    std::set<job_id> jobs_;
    std::set<run_id> runs_;
    bool is_closed_ = false;
};

std::optional<std::string_view> view_of(const std::optional<std::string>& text) noexcept {
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

/// The arguments of cicada.take_steps, in their order.
pg_values values_of(std::span<const step* const> those, wall_time now,
                    const std::vector<placed<run_change>>& changes,
                    const std::vector<placed<run_row>>& begins) {
    pg_values to;
    to.add(now).add(those.front()->by);
    const auto of_steps = [&](auto what) {
        to.add_all(those, [&](const step* one) { return what(*one); });
    };
    of_steps([](const step& s) { return s.job; });
    of_steps([](const step& s) { return changes_one_run_only(s); });
    of_steps([](const step& s) { return s.revision; });
    of_steps([](const step& s) { return s.at.life; });
    of_steps([](const step& s) { return s.at.decided; });
    of_steps([](const step& s) { return s.at.wake_at; });
    of_steps([](const step& s) { return s.at.epoch; });
    of_steps([](const step& s) { return std::string_view(s.at.progress); });
    of_steps([](const step& s) { return std::string_view(s.at.notes); });

    const auto of_changes = [&](auto what) {
        to.add_all(changes, [&](const placed<run_change>& one) { return what(*one.of); });
    };
    to.add_all(changes, [](const placed<run_change>& one) { return one.step; });
    of_changes([](const run_change& c) { return c.id; });
    of_changes([](const run_change& c) { return c.was; });
    of_changes([](const run_change& c) { return c.fence; });
    of_changes([](const run_change& c) { return c.claim; });
    of_changes([](const run_change& c) { return c.state; });
    of_changes([](const run_change& c) { return c.attempt; });
    of_changes([](const run_change& c) { return c.lost; });
    of_changes([](const run_change& c) { return c.run_at; });
    of_changes([](const run_change& c) { return c.is_asked_to_end; });
    of_changes([](const run_change& c) { return view_of(c.reason); });
    of_changes([](const run_change& c) { return view_of(c.log); });
    of_changes([](const run_change& c) { return view_of(c.report); });

    const auto of_begins = [&](auto what) {
        to.add_all(begins, [&](const placed<run_row>& one) { return what(*one.of); });
    };
    to.add_all(begins, [](const placed<run_row>& one) { return one.step; });
    of_begins([](const run_row& r) { return r.of.state; });
    of_begins([](const run_row& r) { return r.of.origin; });
    of_begins([](const run_row& r) { return r.of.nominal; });
    of_begins([](const run_row& r) { return r.epoch; });
    of_begins([](const run_row& r) { return r.number; });
    of_begins([](const run_row& r) { return r.missed; });
    of_begins([](const run_row& r) { return r.of.attempt; });
    of_begins([](const run_row& r) { return r.of.lost; });
    of_begins([](const run_row& r) { return r.claim; });
    of_begins([](const run_row& r) { return r.of.run_at; });
    of_begins([](const run_row& r) { return r.of.is_asked_to_end; });
    of_begins([](const run_row& r) { return std::string_view(r.of.kind); });
    of_begins([](const run_row& r) { return std::string_view(r.label); });
    of_begins([](const run_row& r) { return std::string_view(r.of.key); });
    of_begins([](const run_row& r) { return std::string_view(r.policy); });
    of_begins([](const run_row& r) { return std::string_view(r.of.reason); });
    of_begins([](const run_row& r) { return std::string_view(r.of.log); });
    of_begins([](const run_row& r) { return std::string_view(r.of.report); });
    of_begins([](const run_row& r) { return std::string_view(r.of.arguments); });
    return to;
}

/// A statement. What is the same for all of them is given once, else for each of them.
class ends_of_runs {
public:
    ends_of_runs(node_id by, wall_time now, const std::vector<const run_change*>& all) : all_(all) {
        values_.add(now).add(by);
        values_.add_all(all, [](const run_change* one) { return one->id; });
        text_.append(named(pg_sql_steps, "end"));
        add(", state = ", [](const run_change& c) { return c.state; });
        add(", attempt = ", [](const run_change& c) { return c.attempt; });
        add(", lost = ", [](const run_change& c) { return c.lost; });
        add(", run_at = ", [](const run_change& c) { return c.run_at; });
        add(", is_asked_to_end = ", [](const run_change& c) { return c.is_asked_to_end; });
        add(", reason = coalesce(", [](const run_change& c) { return view_of(c.reason); });
        add(", r.reason), log = coalesce(", [](const run_change& c) { return view_of(c.log); });
        add(", r.log), report = coalesce(", [](const run_change& c) { return view_of(c.report); });
        text_.append(", r.report) ").append(named(pg_sql_steps, "ended"));
        add(" AND r.fence = ", [](const run_change& c) { return c.fence; });
        add(" AND r.claim = ", [](const run_change& c) { return c.claim; });
        text_.append(" RETURNING r.id");
    }
    const std::string& text() const noexcept { return text_; }
    const pg_values& values() const noexcept { return values_; }

private:
    template <class F>
    void add(std::string_view what, F of) {
        const auto first = of(*all_.front());
        const bool is_same = std::all_of(all_.begin(), all_.end(),
                                         [&](const run_change* one) { return of(*one) == first; });
        text_.append(what).append(is_same ? "$" : "($").append(std::to_string(values_.size() + 1));
        if (is_same) {
            values_.add(first);
        } else {
            values_.add_all(all_, [&](const run_change* one) { return of(*one); });
            text_.append(")[width_bucket(r.id, $3)]");
        }
    }

    const std::vector<const run_change*>& all_;
    std::string text_;
    pg_values values_;
};

} // namespace

step_result pg_work::take(const step& one) {
    const step* const only = &one;
    return take_all(std::span(&only, 1)).front();
}

std::vector<step_result> pg_work::take_all(std::span<const step* const> all) {
    std::vector<step_result> results(all.size());
    for (std::size_t i = 0; i < all.size();) {
        independent group;
        std::vector<step_result*> answers;
        for (; i < all.size(); ++i) {
            if (now_ < all[i]->not_before) {
                results[i].is = verdict::too_early;
            } else if (group.add(*all[i])) {
                answers.push_back(&results[i]);
            } else {
                break;
            }
        }
        const std::span<const step* const> those = group.are();
        if (those.empty()) continue;
        if (std::all_of(those.begin(), those.end(),
                        [](const step* one) { return only_ends_a_run(*one); })) {
            end_together(those, answers);
            continue;
        }
        if (take_together(those, answers)) continue;
        for (std::size_t k = 0; k < those.size(); ++k)
            take_together(those.subspan(k, 1), std::span(answers).subspan(k, 1));
    }
    return results;
}

/// What is not as it was is taken alone, which says why.
void pg_work::end_together(std::span<const step* const> those,
                           std::span<step_result* const> results) {
    std::vector<const run_change*> all;
    for (const step* const one : those) all.push_back(&one->changes.front());
    std::sort(all.begin(), all.end(),
              [](const run_change* a, const run_change* b) { return a->id < b->id; });

    const ends_of_runs ends(those.front()->by, now_, all);
    std::vector<run_id> ended;
    pg_rows rows = in_.run_prepared(ends.text(), ends.values());
    while (rows.next()) ended.push_back(rows.number<run_id>(0));
    std::sort(ended.begin(), ended.end());
    for (std::size_t i = 0; i < those.size(); ++i) {
        if (!std::binary_search(ended.begin(), ended.end(), those[i]->changes.front().id))
            take_together(those.subspan(i, 1), results.subspan(i, 1));
    }
}

bool pg_work::take_together(std::span<const step* const> those,
                            std::span<step_result* const> results) {
    // Rows are locked in the order in which they come: everybody's is that of ids.
    std::vector<std::size_t> order(those.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return those[a]->job < those[b]->job; });
    std::vector<const step*> sorted;
    std::vector<placed<run_change>> changes;
    std::vector<std::int64_t> places(those.size());
    for (const std::size_t i : order) {
        sorted.push_back(those[i]);
        places[i] = static_cast<std::int64_t>(sorted.size());
        if (those[i]->job != job_id::none && those[i]->at.wake_at) wakes(*those[i]->at.wake_at);
        for (const run_change& one : those[i]->changes) {
            changes.push_back({places[i], &one});
            if (one.state == run_state::ready) is_ready(one.run_at);
        }
    }
    sort_by_id(changes);
    std::vector<placed<run_row>> begins; // they get their ids in the order of the steps
    for (std::size_t i = 0; i < those.size(); ++i)
        for (const run_row& one : those[i]->begins) {
            begins.push_back({places[i], &one});
            if (one.of.state == run_state::ready) is_ready(one.of.run_at);
        }

    pg_rows rows = in_.run_prepared(pg_statement(pg_sql_steps, "take"),
                                    values_of(sorted, now_, changes, begins));
    rows.next();
    if (rows.is_null(0)) return false;
    const std::vector<std::int64_t> verdicts = rows.integers(0);
    for (std::size_t k = 0; k < sorted.size(); ++k) {
        step_result& made = *results[order[k]];
        made.is = static_cast<verdict>(verdicts[k]);
        made.is_there = rows.number<run_id>(1); // of a step that is alone
        if (made.is == verdict::taken && sorted[k]->job != job_id::none)
            made.revision = sorted[k]->revision + 1;
    }
    std::vector<std::string> names(sorted.size());
    if (!rows.is_null(5)) {
        const std::vector<std::int64_t> written = rows.integers(5);
        const std::vector<std::string> of_these = rows.texts(6);
        for (std::size_t k = 0; k < written.size(); ++k)
            names[static_cast<std::size_t>(written[k] - 1)] = of_these[k];
    }
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> fences;
    if (!begins.empty() && !rows.is_null(2)) {
        ids = rows.integers(2);
        fences = rows.integers(3);
    }
    for (std::size_t k = 0; k < ids.size(); ++k) {
        const auto place = static_cast<std::size_t>(begins[k].step - 1);
        step_result& made = *results[order[place]];
        if (made.is != verdict::taken) continue;
        run_row row = *begins[k].of;
        const bool is_running = row.of.state == run_state::running;
        row.job = sorted[place]->job;
        row.of.id = run_id{ids[k]};
        row.of.job = names[place];
        row.of.fence = static_cast<std::uint64_t>(fences[k]);
        row.of.node = is_running ? rows.text(4) : std::string();
        row.of.started_at = is_running ? std::optional(now_) : std::nullopt;
        row.of.ended_at = std::nullopt;
        row.began_at = now_;
        row.node = is_running ? sorted[place]->by : node_id::none;
        if (!is_running) row.claim = 0;
        made.begun.push_back(std::move(row));
    }
    write_the_rest(those, results);
    return true;
}

/// Of steps that were taken, what few have.
void pg_work::write_the_rest(std::span<const step* const> those,
                             std::span<step_result* const> results) {
    std::vector<std::pair<job_id, const stretch*>> all;
    for (std::size_t i = 0; i < those.size(); ++i) {
        const step& one = *those[i];
        if (results[i]->is != verdict::taken || one.job == job_id::none) continue;
        if (one.owner || one.zones) {
            in_.run(named(pg_sql_jobs, "give"),
                    pg_values().add(one.job).add(one.owner).add(one.zones));
        }
        if (one.definition) edit(one.job, one.at.decided, *one.definition);
        if (one.backfill) {
            const backfill_row& row = *one.backfill;
            pg_values values;
            values.add(one.job).add(row.id).add(row.from).add(row.until).add(row.done_to);
            values.add(row.how).add(row.over_at);
            in_.run(named(pg_sql_jobs, "backfill"), values);
        }
        for (const stretch& each : one.stretches) all.emplace_back(one.job, &each);
    }
    if (all.empty()) return;
    pg_values values;
    const auto of_all = [&](auto what) {
        values.add_all(all, [&](const auto& one) { return what(*one.second); });
    };
    values.add_all(all, [](const auto& one) { return one.first; });
    of_all([](const stretch& s) { return s.epoch; });
    of_all([](const stretch& s) { return s.kind; });
    of_all([](const stretch& s) { return s.first; });
    of_all([](const stretch& s) { return s.last; });
    of_all([](const stretch& s) { return s.count; });
    of_all([](const stretch& s) { return s.is_at_least; });
    of_all([](const stretch& s) { return s.into; });
    of_all([](const stretch& s) { return s.because_of; });
    of_all([](const stretch& s) { return std::string_view(s.note); });
    of_all([](const stretch& s) { return s.follows; });
    in_.run_prepared(pg_statement(pg_sql_steps, "stretches"), values);
}

step_result pg_work::submit(const run_row& one) {
    step alone;
    alone.begins.push_back(one);
    alone.begins.front().of.state = run_state::ready;
    return take(alone);
}

} // namespace cicada::detail
