#include <algorithm>

#include <store/memory/transaction.hpp>

namespace cicada::detail {

namespace {

// Those before `before`, or all, from the greatest id on, until `look` says that it is enough.
template <class Ids, class F>
void newest_first(const Ids& ids, run_id before, F look) {
    auto at = before == no_run ? ids.end() : ids.lower_bound(before);
    while (at != ids.begin() && look(*--at)) {
    }
}

} // namespace

std::vector<node_row> memory_transaction::nodes() {
    std::vector<node_row> found;
    for (const auto& [id, row] : t_.nodes) {
        if (!row.ended_at || between(*row.ended_at, now_) < node_is_listed_for) {
            found.push_back(row);
        }
    }
    return found;
}

// ---- jobs --------------------------------------------------------------------------------------

std::vector<job_wake> memory_transaction::waking(wall_time until, std::size_t most) {
    std::vector<job_wake> found;
    for (const auto& [wake_at, id] : t_.waking) {
        if (wake_at > until || found.size() == most) break;
        found.push_back({id, t_.jobs.at(id).revision, wake_at});
    }
    return found;
}

job_search memory_transaction::out_of_date(job_id after, wall_time latest, std::string_view zones,
                                           std::size_t most) {
    job_search made;
    std::size_t seen = 0;
    auto at = t_.jobs.upper_bound(after);
    for (; at != t_.jobs.end() && seen < most; ++at, ++seen) {
        const job_row& row = at->second;
        made.goes_on_after = row.id;
        if (row.at.life != life::ended && (row.zones != zones || row.at.decided > latest))
            made.found.push_back(row.id);
    }
    if (seen < most) made.goes_on_after.reset();
    return made;
}

std::vector<job_id> memory_transaction::stalled(std::size_t most) {
    std::vector<job_id> found;
    for (const auto& [id, row] : t_.jobs) {
        if (found.size() == most) break;
        if (row.at.life != life::active || row.at.wake_at) continue;
        const auto open = t_.open.lower_bound({id, 0, no_run});
        if (open == t_.open.end() || std::get<job_id>(*open) != id) found.push_back(id);
    }
    return found;
}

job_row memory_transaction::row_of(job_id id) const {
    job_row row = t_.jobs.at(id);
    for (auto at = t_.open.lower_bound({id, 0, no_run}); at != t_.open.end(); ++at) {
        if (std::get<job_id>(*at) != id) break;
        row.open.push_back(t_.runs.at(std::get<run_id>(*at)));
    }
    return row;
}

std::vector<job_row> memory_transaction::jobs(const job_query& which) {
    std::vector<job_row> found;
    if (which.ids.empty() && which.names.empty()) {
        for (auto at = t_.job_names.upper_bound(which.after); at != t_.job_names.end(); ++at) {
            if (found.size() == which.most) break;
            if (which.owner && t_.jobs.at(at->second).owner != *which.owner) continue;
            found.push_back(row_of(at->second));
        }
        return found;
    }
    std::set<std::string> names;
    for (const job_id id : which.ids) {
        const auto at = t_.jobs.find(id);
        if (at != t_.jobs.end()) names.insert(at->second.name);
    }
    if (which.ids.empty()) names.insert(which.names.begin(), which.names.end());
    for (const std::string& name : names) {
        const auto at = t_.job_names.find(name);
        if (at != t_.job_names.end()) found.push_back(row_of(at->second));
    }
    return found;
}

std::vector<stretch> memory_transaction::stretches(job_id of, wall_time from, wall_time until) {
    std::vector<std::pair<std::int64_t, stretch>> found; // with their places
    for (auto at = t_.stretches.lower_bound({of, from, 0}); at != t_.stretches.end(); ++at) {
        if (std::get<job_id>(at->first) != of) break;
        if (at->second.first < until) {
            found.emplace_back(std::get<std::int64_t>(at->first), at->second);
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second.first, a.first) < std::tie(b.second.first, b.first);
    });
    std::vector<stretch> sorted;
    for (auto& [place, row] : found) sorted.push_back(std::move(row));
    return sorted;
}

std::vector<edit_row> memory_transaction::edits(job_id of) {
    std::vector<edit_row> found;
    for (auto at = t_.edits.lower_bound({of, wall_time::min()}); at != t_.edits.end(); ++at) {
        if (at->first.first != of) break;
        found.push_back({.since = at->first.second, .definition = at->second});
    }
    return found;
}

std::vector<backfill_row> memory_transaction::backfills(job_id of) {
    std::vector<backfill_row> found;
    for (auto at = t_.backfills.lower_bound({of, 0}); at != t_.backfills.end(); ++at) {
        if (at->first.first != of) break;
        found.push_back(at->second);
    }
    return found;
}

std::optional<std::uint64_t> memory_transaction::applied(std::string_view owner) {
    const auto at = t_.applied.find(owner);
    return at == t_.applied.end() ? std::nullopt : std::optional(at->second);
}

// ---- runs --------------------------------------------------------------------------------------

std::vector<run_row> memory_transaction::runs(const run_query& which) {
    std::vector<run_row> found;
    if (which.most == 0) return found;
    const auto look = [&](const run_row& row) {
        if (is_asked_for(row, which)) found.push_back(row);
        return found.size() < which.most;
    };
    const auto look_up = [&](run_id id) {
        const auto at = t_.runs.find(id);
        return at == t_.runs.end() || look(at->second);
    };
    if (!which.ids.empty()) {
        newest_first(std::set(which.ids.begin(), which.ids.end()), which.before, look_up);
    } else if (which.state == run_state::running || which.is_orphaned) {
        newest_first(running_of(which), which.before, look_up);
    } else if (which.key && !which.key->empty() && which.job && *which.job != job_id::none) {
        const auto at = t_.keys.find({{*which.job, ""}, *which.key});
        if (at != t_.keys.end()) newest_first(std::set{at->second}, which.before, look_up);
    } else if (which.job && *which.job != job_id::none) {
        const auto of = t_.histories.find({*which.job, ""});
        if (of != t_.histories.end()) newest_first(of->second, which.before, look_up);
    } else {
        newest_first(t_.runs, which.before, [&](const auto& each) { return look(each.second); });
    }
    return found;
}

std::set<run_id> memory_transaction::running_of(const run_query& which) const {
    std::set<run_id> found;
    const node_id first = which.node.value_or(node_id::none);
    for (auto at = t_.running.lower_bound({first, no_run}); at != t_.running.end(); ++at) {
        if (which.node && at->first != *which.node) break;
        found.insert(at->second);
    }
    return found;
}

bool memory_transaction::is_asked_for(const run_row& row, const run_query& which) const {
    const auto is_orphaned = [&] {
        if (row.of.state != run_state::running) return false;
        const auto at = t_.nodes.find(row.node);
        return at == t_.nodes.end() || at->second.state != node_state::live;
    };
    return (!which.job || row.job == *which.job) && (!which.kind || row.of.kind == *which.kind) &&
           (!which.key || row.of.key == *which.key) &&
           (!which.state || row.of.state == *which.state) &&
           (!which.node || row.node == *which.node) &&
           (!which.claim || row.claim == *which.claim) &&
           (!which.nominal_from || row.of.nominal >= *which.nominal_from) &&
           (!which.nominal_until || row.of.nominal < *which.nominal_until) &&
           (!which.is_orphaned || is_orphaned()) &&
           (!which.is_asked_to_end || row.of.is_asked_to_end);
}

std::optional<wall_time> memory_transaction::next_ready(const claim& by) {
    const auto first = first_ready(by, wall_time::max(), 1);
    return first.empty() ? std::nullopt : std::optional(first.front().first);
}

// Of each kind and label there is a queue in the order of run_at: their heads are merged.
std::vector<memory_transaction::ready_run> memory_transaction::first_ready(const claim& by,
                                                                           wall_time until,
                                                                           std::size_t most) const {
    using queued = decltype(t_.ready)::const_iterator;
    std::map<ready_run, queued> heads;
    const auto add = [&](queued at, const std::string& kind, const std::string& label) {
        if (at == t_.ready.end()) return;
        const auto& [its_kind, its_label, run_at, id] = *at;
        if (its_kind == kind && its_label == label && run_at <= until) {
            heads.emplace(ready_run(run_at, id), at);
        }
    };
    for (const std::string& kind : by.kinds) {
        add(t_.ready.lower_bound({kind, "", wall_time::min(), no_run}), kind, "");
        for (const std::string& label : by.labels) {
            add(t_.ready.lower_bound({kind, label, wall_time::min(), no_run}), kind, label);
        }
    }
    std::vector<ready_run> found;
    while (found.size() < most && !heads.empty()) {
        const auto first = heads.extract(heads.begin());
        found.push_back(first.key());
        const queued at = first.mapped();
        add(std::next(at), std::get<0>(*at), std::get<1>(*at));
    }
    return found;
}

} // namespace cicada::detail
