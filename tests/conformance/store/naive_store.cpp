#include <conformance/store/naive_store.hpp>

#include <map>
#include <set>

namespace conformance_of_stores {

namespace {

template <class T>
bool has(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

template <class T>
std::vector<T> first(std::vector<T> all, std::size_t most) {
    if (all.size() > most) all.resize(most);
    return all;
}

template <class T, class Key>
void sort_by(std::vector<T>& all, Key key) {
    const auto before = [&](const T& a, const T& b) { return key(a) < key(b); };
    for (auto one = all.begin(); one != all.end(); ++one) // equal ones stay as they came
        std::rotate(std::upper_bound(all.begin(), one, *one, before), one, one + 1);
}

} // namespace

class naive_store::transaction final : public writing {
public:
    transaction(rows& of, wall_time now) : r(of), now_(now) {}

    wall_time now() override { return now_; }

    // ---- nodes ----
    std::vector<node_row> nodes() override {
        std::vector<node_row> found;
        for (const node_row& row : r.nodes) {
            if (!row.ended_at || now_ - *row.ended_at < std::chrono::hours(1)) found.push_back(row);
        }
        return found;
    }
    node_id enter(const node_row& who, duration lease) override {
        node_row row = who;
        row.id = node_id{static_cast<std::int64_t>(r.nodes.size()) + 1};
        row.state = node_state::live;
        row.lease_until = now_ + lease;
        row.entered_at = now_;
        row.ended_at.reset();
        r.nodes.push_back(row);
        return row.id;
    }
    bool renew(node_id who, duration lease) override {
        for (node_row& row : r.nodes) {
            if (row.id != who || row.state != node_state::live) continue;
            row.lease_until = now_ + lease;
            return true;
        }
        return false;
    }
    void leave(node_id who) override {
        for (node_row& row : r.nodes) {
            if (row.id != who || row.state != node_state::live) continue;
            row.state = node_state::ended;
            row.ended_at = now_;
        }
    }
    std::vector<node_id> evict(duration patience) override {
        std::vector<node_id> dead;
        for (node_row& row : r.nodes) {
            if (row.state != node_state::live || now_ - row.lease_until < patience) continue;
            row.state = node_state::dead;
            row.ended_at = now_;
            dead.push_back(row.id);
        }
        return dead;
    }

    // ---- jobs ----
    std::vector<job_wake> waking(wall_time until, std::size_t most) override {
        std::vector<job_wake> found;
        for (const job_row& row : r.jobs) {
            if (row.at.wake_at && *row.at.wake_at <= until) {
                found.push_back({row.id, row.revision, *row.at.wake_at});
            }
        }
        sort_by(found, [](const job_wake& w) { return std::pair(w.wake_at, w.id); });
        return first(found, most);
    }
    job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                           std::size_t most) override {
        std::vector<job_row> rows = r.jobs;
        std::erase_if(rows, [&](const job_row& row) { return row.id <= after; });
        sort_by(rows, [](const job_row& row) { return row.id; });
        rows = first(rows, most);
        job_search made;
        for (const job_row& row : rows) {
            const bool is_ahead = row.at.decided > latest;
            if (row.at.life != life::ended && (is_ahead || row.zones != zones))
                made.found.push_back(row.id);
        }
        if (!rows.empty() && rows.size() == most) made.goes_on_after = rows.back().id;
        return made;
    }
    std::vector<job_id> stalled(std::size_t most) override {
        std::vector<job_id> found;
        for (const job_row& row : r.jobs) {
            const bool has_open =
                std::any_of(r.runs.begin(), r.runs.end(), [&](const run_row& one) {
                    return one.job == row.id && is_open(one.of.state);
                });
            if (row.at.life == life::active && !row.at.wake_at && !has_open)
                found.push_back(row.id);
        }
        sort_by(found, [](job_id id) { return id; });
        return first(found, most);
    }
    std::vector<job_row> jobs(const job_query& q) override {
        std::vector<job_row> found;
        const bool by_name = !q.names.empty();
        for (job_row row : r.jobs) {
            if (!q.ids.empty()        ? !has(q.ids, row.id)
                : by_name             ? !has(q.names, row.name)
                : q.owner.has_value() ? row.owner != *q.owner || row.name <= q.after
                                      : row.name <= q.after) {
                continue;
            }
            for (const run_row& run : r.runs) {
                if (run.job == row.id && is_open(run.of.state)) row.open.push_back(run);
            }
            sort_by(row.open, [](const run_row& run) { return run.number; });
            found.push_back(row);
        }
        sort_by(found, [](const job_row& row) { return row.name; });
        return !q.ids.empty() || by_name ? found : first(found, q.most);
    }
    std::optional<job_id> create(const new_job& one) override {
        for (const job_row& row : r.jobs) {
            if (row.name == one.name) return std::nullopt;
        }
        job_row row;
        row.id = job_id{static_cast<std::int64_t>(r.jobs.size()) + 1};
        row.name = one.name;
        row.owner = one.owner;
        row.revision = 1;
        row.definition = one.definition;
        row.zones = one.zones;
        row.created_at = now_;
        row.at = one.at;
        r.jobs.push_back(row);
        r.edits.emplace_back(row.id, edit_row{one.at.decided, one.definition});
        r.in_force[row.id] = one.at.decided;
        return row.id;
    }
    std::vector<stretch> stretches(job_id of, wall_time from, wall_time until) override {
        std::vector<stretch> found;
        for (const auto& [job, row] : r.stretches) {
            if (job == of && row.last >= from && row.first < until) found.push_back(row);
        }
        sort_by(found, [](const stretch& row) { return row.first; });
        return found;
    }
    std::vector<edit_row> edits(job_id of) override {
        std::vector<edit_row> found;
        for (const auto& [job, row] : r.edits) {
            if (job == of) found.push_back(row);
        }
        sort_by(found, [](const edit_row& row) { return row.since; });
        return found;
    }
    std::vector<backfill_row> backfills(job_id of) override {
        std::vector<backfill_row> found;
        for (const backfill_row& row : r.backfills) {
            if (row.job == of) found.push_back(row);
        }
        return found;
    }
    std::optional<std::uint64_t> applied(std::string_view owner) override {
        for (const auto& [who, revision] : r.applied) {
            if (who == owner) return revision;
        }
        return std::nullopt;
    }
    bool apply(std::string_view owner, std::uint64_t revision) override {
        for (auto& [who, applied] : r.applied) {
            if (who != owner) continue;
            if (revision < applied) return false;
            applied = revision;
            return true;
        }
        r.applied.emplace_back(owner, revision);
        return true;
    }

    // ---- steps ----
    step_result take(const step& one) override {
        const rows before = r;
        step_result result = carry_out(one);
        if (result.is != verdict::taken) r = before;
        return result;
    }
    step_result submit(const run_row& one) override {
        step_result result;
        run_row row = one;
        row.of.state = run_state::ready;
        result.is_there = begin(row, job_id::none, "", node_id::none, result.begun);
        if (result.is_there != no_run) result.is = verdict::repeated;
        return result;
    }

    // ---- runs ----
    std::vector<run_row> runs(const run_query& q) override {
        std::vector<run_row> found;
        for (const run_row& row : r.runs) {
            if (!q.ids.empty() && !has(q.ids, row.of.id)) continue;
            if (q.job && row.job != *q.job) continue;
            if (q.kind && row.of.kind != *q.kind) continue;
            if (q.key && row.of.key != *q.key) continue;
            if (q.state && row.of.state != *q.state) continue;
            if (q.node && row.node != *q.node) continue;
            if (q.claim && row.claim != *q.claim) continue;
            if (q.nominal_from && row.of.nominal < *q.nominal_from) continue;
            if (q.nominal_until && row.of.nominal >= *q.nominal_until) continue;
            if (q.is_orphaned &&
                (row.of.state != run_state::running || node(row.node).state == node_state::live)) {
                continue;
            }
            if (q.is_asked_to_end && !row.of.is_asked_to_end) continue;
            if (q.before != no_run && row.of.id >= q.before) continue;
            found.push_back(row);
        }
        std::reverse(found.begin(), found.end());
        return first(found, q.most);
    }
    std::optional<wall_time> next_ready(const claim& by) override {
        const auto ready = claimable(by, wall_time::max());
        if (ready.empty()) return std::nullopt;
        return ready[0]->of.run_at;
    }
    std::vector<run_row> claim_runs(const claim& by) override {
        std::vector<run_row> claimed;
        if (!is_live(by.by)) return claimed;
        for (run_row* row : first(claimable(by, now_), by.most)) {
            if (!row->of.started_at) row->began_at = now_;
            start(*row, by.by, by.id);
            claimed.push_back(*row);
        }
        return claimed;
    }
    prune_result prune(const prune_request& what) override {
        std::size_t gone = forget_runs({.ended_before = what.ended_before, .most = what.most});
        gone += forget_runs({.kept_of_each = what.kept_of_each, .most = what.most - gone});
        for (std::size_t i = 0; i < r.stretches.size() && gone < what.most;) {
            const auto [job, row] = r.stretches[i];
            if (row.last < what.ended_before || row.last < the(job).kept_from) {
                keep_after(job, row.last);
                r.stretches.erase(r.stretches.begin() + static_cast<std::ptrdiff_t>(i));
                ++gone;
                i = 0; // those before may go now
            } else {
                ++i;
            }
        }
        for (const job_row& job : r.jobs) gone += forget_edits(job.id, what, what.most - gone);
        for (const job_row& job : r.jobs) gone += forget_backfills(job.id, what, what.most - gone);
        return {gone, gone == what.most ? std::optional<prune_place>(what.from) : std::nullopt};
    }

private:
    job_row& the(job_id id) { return r.jobs.at(static_cast<std::size_t>(id) - 1); }
    node_row& node(node_id id) { return r.nodes.at(static_cast<std::size_t>(id) - 1); }
    bool is_live(node_id id) {
        return id != node_id::none && static_cast<std::size_t>(id) <= r.nodes.size() &&
               node(id).state == node_state::live && node(id).lease_until > now_;
    }
    void keep_after(job_id id, wall_time gone) {
        the(id).kept_from = std::max(the(id).kept_from, gone + duration(1));
    }
    std::size_t forget_runs(const prune_request& what) {
        std::map<std::pair<job_id, std::string>, std::vector<run_row>> histories;
        for (const run_row& row : r.runs) {
            if (is_open(row.of.state)) continue;
            const std::string kind = row.job == job_id::none ? row.of.kind : "";
            histories[{row.job, kind}].push_back(row);
        }
        std::vector<run_row> to_go;
        for (auto& [of, all] : histories) {
            std::reverse(all.begin(), all.end());
            bool is_first_ok = true;
            for (std::size_t i = 0; i < all.size(); ++i) {
                const bool is_ok = all[i].of.state == run_state::ok;
                const bool stays = i == 0 || (is_ok && is_first_ok);
                if (is_ok) is_first_ok = false;
                const bool is_old = *all[i].of.ended_at < what.ended_before;
                const bool is_beyond = what.kept_of_each > 0 && i >= what.kept_of_each;
                if (!stays && (is_old || is_beyond)) to_go.push_back(all[i]);
            }
        }
        to_go = first(to_go, what.most);
        for (const run_row& row : to_go) {
            if (row.job != job_id::none && row.of.origin == run_origin::scheduled) {
                keep_after(row.job, row.of.nominal);
            }
            std::erase_if(r.runs, [&](const run_row& each) { return each.of.id == row.of.id; });
        }
        return to_go.size();
    }
    std::size_t forget_edits(job_id of, const prune_request& what, std::size_t most) {
        std::vector<wall_time> to_go;
        const std::vector<edit_row> all = edits(of);
        for (std::size_t i = 0; i + 1 < all.size() && to_go.size() < most; ++i) {
            const wall_time until = all[i + 1].since;
            const bool is_told = until >= what.ended_before && until >= the(of).kept_from;
            if (!is_told && all[i].since != r.in_force.at(of)) {
                to_go.push_back(all[i].since);
                keep_after(of, until);
            }
        }
        std::erase_if(r.edits, [&](const auto& each) {
            return each.first == of && has(to_go, each.second.since);
        });
        return to_go.size();
    }
    std::size_t forget_backfills(job_id of, const prune_request& what, std::size_t most) {
        std::vector<std::string> to_go;
        std::vector<backfill_row> over = backfills(of);
        std::erase_if(over, [](const backfill_row& row) { return !row.over_at; });
        for (std::size_t newer = 0; newer < over.size() && to_go.size() < most; ++newer) {
            const backfill_row& row = over[over.size() - 1 - newer];
            const bool is_beyond = what.kept_of_each > 0 && newer >= what.kept_of_each;
            if (is_beyond || *row.over_at < what.ended_before) to_go.push_back(row.id);
        }
        std::erase_if(r.backfills,
                      [&](const backfill_row& row) { return row.job == of && has(to_go, row.id); });
        return to_go.size();
    }
    void start(run_row& row, node_id by, std::uint64_t claim) {
        row.of.state = run_state::running;
        row.of.fence = ++r.last_fence;
        row.of.node = node(by).name;
        row.of.started_at = now_;
        row.node = by;
        row.claim = claim;
    }
    std::vector<run_row*> claimable(const claim& by, wall_time until) {
        std::vector<run_row*> found;
        for (run_row& row : r.runs) {
            if (row.of.state == run_state::ready && row.of.run_at <= until &&
                has(by.kinds, row.of.kind) && (row.label.empty() || has(by.labels, row.label))) {
                found.push_back(&row);
            }
        }
        sort_by(found, [](const run_row* row) { return row->of.run_at; });
        return found;
    }
    // no_run: it is new, and the last of `begun`.
    run_id begin(run_row row, job_id job, std::string job_name, node_id by,
                 std::vector<run_row>& begun) {
        row.job = job;
        row.of.job = std::move(job_name);
        const auto is_instant = [](const run_row& one) {
            return one.job != job_id::none && one.of.origin == run_origin::scheduled;
        };
        for (const run_row& each : r.runs) {
            if (is_instant(row) && is_instant(each) && each.job == job && each.epoch == row.epoch &&
                each.of.nominal == row.of.nominal) {
                return each.of.id;
            }
        }
        for (const run_row& each : r.runs) {
            if (!row.of.key.empty() && each.of.key == row.of.key && each.job == job &&
                (job != job_id::none || each.of.kind == row.of.kind)) {
                return each.of.id;
            }
        }
        row.of.id = run_id{++r.last_run};
        row.of.node = "";
        row.of.started_at.reset();
        row.of.ended_at.reset();
        row.began_at = now_;
        row.node = node_id::none;
        if (row.of.state == run_state::running) {
            start(row, by, row.claim);
        } else {
            row.claim = 0;
            row.of.fence = ++r.last_fence;
        }
        r.runs.push_back(row);
        begun.push_back(row);
        return no_run;
    }
    bool change(const run_change& what) {
        for (run_row& row : r.runs) {
            if (row.of.id != what.id) continue;
            if (row.of.state != what.was || row.of.fence != what.fence) return false;
            if (what.was == run_state::running && row.claim != what.claim) return false;
            row.of.state = what.state;
            row.of.attempt = what.attempt;
            row.of.lost = what.lost;
            row.of.run_at = what.run_at;
            row.of.is_asked_to_end = what.is_asked_to_end;
            row.of.reason = what.reason.value_or(row.of.reason);
            row.of.log = what.log.value_or(row.of.log);
            row.of.report = what.report.value_or(row.of.report);
            if (!is_open(what.state)) row.of.ended_at = now_;
            if (what.was == run_state::running && what.state == run_state::ready) {
                row.of.fence = ++r.last_fence;
                row.node = node_id::none;
                row.claim = 0;
            }
            return true;
        }
        return false;
    }
    step_result carry_out(const step& one) {
        if (now_ < one.not_before) return {.is = verdict::too_early};
        if (one.by != node_id::none && !is_live(one.by)) return {.is = verdict::not_live};
        job_row* job = nullptr;
        for (job_row& row : r.jobs) {
            if (row.id == one.job) job = &row;
        }
        if (one.job != job_id::none && (!job || job->revision != one.revision)) {
            return {.is = verdict::stale};
        }
        for (const run_change& what : one.changes) {
            if (!change(what)) return {.is = verdict::refused};
        }
        step_result result;
        for (const run_row& row : one.begins) {
            const run_id there = begin(row, one.job, job ? job->name : "", one.by, result.begun);
            if (there != no_run) return {.is = verdict::repeated, .is_there = there};
        }
        if (!job) return result;
        result.revision = ++job->revision;
        job->at = one.at;
        job->owner = one.owner.value_or(job->owner);
        job->zones = one.zones.value_or(job->zones);
        if (one.definition) {
            job->definition = *one.definition;
            std::erase_if(r.edits, [&](const auto& each) {
                return each.first == one.job && each.second.since == one.at.decided;
            });
            r.edits.emplace_back(one.job, edit_row{one.at.decided, *one.definition});
            r.in_force[one.job] = one.at.decided;
        }
        for (const stretch& row : one.stretches) add(one.job, row);
        if (one.backfill) {
            backfill_row row = *one.backfill;
            row.job = one.job;
            const auto there =
                std::find_if(r.backfills.begin(), r.backfills.end(), [&](const auto& each) {
                    return each.job == row.job && each.id == row.id;
                });
            if (there == r.backfills.end()) {
                r.backfills.push_back(row);
            } else {
                *there = row;
            }
        }
        return result;
    }
    void add(job_id job, stretch row) {
        for (auto& [of, before] : r.stretches) {
            if (of != job || !row.follows || before.last != *row.follows) continue;
            stretch same = row; // but for what may differ
            same.first = before.first;
            same.last = before.last;
            same.count = before.count;
            same.is_at_least = before.is_at_least;
            same.follows.reset();
            if (!(same == before)) continue;
            before.last = row.last;
            before.count += row.count;
            before.is_at_least |= row.is_at_least;
            return;
        }
        row.follows.reset();
        r.stretches.emplace_back(job, row);
    }

    rows& r;
    const wall_time now_;
};

void naive_store::write(std::span<part* const> parts) {
    transaction all(rows_, clock_());
    for (part* const one : parts) {
        const rows before = rows_;
        one->error = nullptr;
        try {
            one->run(all);
        } catch (...) {
            one->error = std::current_exception();
            rows_ = before;
        }
    }
}

void naive_store::read(const cicada::detail::function<void(reading&)>& ask) {
    transaction all(rows_, clock_());
    ask(all);
}

} // namespace conformance_of_stores
