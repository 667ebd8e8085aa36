#include <store/memory/transaction.hpp>

#include <algorithm>

namespace cicada::detail {

bool memory_transaction::checks(store_check which) const {
    return std::find(options_.left_out.begin(), options_.left_out.end(), which) ==
           options_.left_out.end();
}

std::uint64_t memory_transaction::next_fence() { return next(t_.last_fence); }

// ---- nodes -------------------------------------------------------------------------------------

bool memory_transaction::is_live(node_id who) const {
    const auto at = t_.nodes.find(who);
    if (at == t_.nodes.end()) return false;
    if (!checks(store_check::lease)) return true;
    return at->second.state == node_state::live && now_ < at->second.lease_until;
}

node_id memory_transaction::enter(const node_row& who, duration lease) {
    for (auto at = t_.nodes.begin(); at != t_.nodes.end();) {
        const auto old = at++;
        if (old->second.ended_at && between(*old->second.ended_at, now_) >= node_is_listed_for) {
            log_.erase(t_.nodes, old);
        }
    }
    node_row row = who;
    row.id = node_id{next(t_.last_node)};
    row.state = node_state::live;
    row.lease_until = later(now_, lease);
    row.entered_at = now_;
    row.ended_at = std::nullopt;
    log_.insert(t_.nodes, {row.id, row});
    return row.id;
}

bool memory_transaction::renew(node_id who, duration lease) {
    const auto at = t_.nodes.find(who);
    if (at == t_.nodes.end() || at->second.state != node_state::live) return false;
    log_.assign(at->second.lease_until, later(now_, lease));
    return true;
}

void memory_transaction::leave(node_id who) {
    const auto at = t_.nodes.find(who);
    if (at != t_.nodes.end() && at->second.state == node_state::live) {
        end(at->second, node_state::ended);
    }
}

std::vector<node_id> memory_transaction::evict(duration patience) {
    std::vector<node_id> dead;
    for (auto& [id, row] : t_.nodes) {
        if (row.state != node_state::live || later(row.lease_until, patience) > now_) continue;
        end(row, node_state::dead);
        dead.push_back(id);
    }
    return dead;
}

void memory_transaction::end(node_row& who, node_state how) {
    log_.assign(who.state, how);
    log_.assign(who.ended_at, std::optional(now_));
}

// ---- jobs --------------------------------------------------------------------------------------

std::optional<job_id> memory_transaction::create(const new_job& one) {
    if (t_.job_names.contains(one.name)) return std::nullopt;
    const job_id id{next(t_.last_job)};
    const job_row row{.id = id,
                      .name = one.name,
                      .owner = one.owner,
                      .revision = 1,
                      .definition = one.definition,
                      .zones = one.zones,
                      .created_at = now_,
                      .at = one.at,
                      .open = {}};
    log_.insert(t_.jobs, {id, row});
    log_.insert(t_.job_names, {one.name, id});
    wake(id, std::nullopt, one.at.wake_at);
    record(id, edit_row{.since = one.at.decided, .definition = one.definition});
    return id;
}

void memory_transaction::wake(job_id id, std::optional<wall_time> was,
                              std::optional<wall_time> at) {
    if (was == at) return;
    if (was) log_.erase(t_.waking, {*was, id});
    if (at) log_.insert(t_.waking, {*at, id});
}

bool memory_transaction::apply(std::string_view owner, std::uint64_t revision) {
    const auto at = t_.applied.find(owner);
    if (at == t_.applied.end()) return log_.insert(t_.applied, {std::string(owner), revision});
    if (revision < at->second) return false;
    log_.assign(at->second, revision);
    return true;
}

// ---- runs --------------------------------------------------------------------------------------

void memory_transaction::start(run_row& row, node_id by, std::uint64_t claim) {
    row.of.state = run_state::running;
    row.of.fence = next_fence();
    row.of.node = t_.nodes.at(by).name;
    row.of.started_at = now_;
    row.node = by;
    row.claim = claim;
}

std::vector<run_row> memory_transaction::claim_runs(const claim& by) {
    std::vector<run_row> claimed;
    if (!is_live(by.by)) return claimed;
    for (const ready_run& one : first_ready(by, now_, by.most)) {
        run_row row = t_.runs.at(one.second);
        if (!row.of.started_at) row.began_at = now_;
        start(row, by.by, by.id);
        t_.replace(row, log_);
        claimed.push_back(std::move(row));
    }
    return claimed;
}

} // namespace cicada::detail
