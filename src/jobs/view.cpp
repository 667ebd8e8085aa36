#include <jobs/view.hpp>

#include <algorithm>

namespace cicada::detail {

view::entry& view::put(const job_row& row, const std::string& place) {
    drop(row.id);
    try {
        entry& one = jobs_.try_emplace(row.id, row, place).first->second;
        unreadable_.erase(row.id);
        return one;
    } catch (const store_error&) {
        unreadable_[row.id] = row.revision;
        throw;
    }
}

view::entry* view::find(job_id which) noexcept {
    const auto found = jobs_.find(which);
    return found == jobs_.end() ? nullptr : &found->second;
}

void view::drop(job_id which) noexcept {
    const auto found = jobs_.find(which);
    if (found == jobs_.end()) return;
    if (found->second.look_at) looks_.erase({*found->second.look_at, which});
    jobs_.erase(found);
}

void view::look_at(entry& one, std::optional<wall_time> instant) {
    if (one.look_at == instant) return;
    if (one.look_at) looks_.erase({*one.look_at, one.job.id()});
    one.look_at.reset();
    if (!instant) return;
    looks_.emplace(*instant, one.job.id());
    one.look_at = instant;
}

void view::look(entry& one) {
    const std::optional<wall_time> wake = one.job.wake_at();
    look_at(one, wake ? std::optional(later(*wake, one.gives_way)) : std::nullopt);
}

void view::put_off(entry& one, wall_time until) {
    look_at(one, std::max(until, one.look_at.value_or(until)));
}

std::optional<wall_time> view::next() const noexcept {
    return looks_.empty() ? std::nullopt : std::optional(looks_.begin()->first);
}

view::entry* view::take_due(wall_time now) noexcept {
    if (looks_.empty() || looks_.begin()->first > now) return nullptr;
    entry& one = *find(looks_.begin()->second);
    looks_.erase(looks_.begin());
    one.look_at.reset();
    return &one;
}

bool view::knows(const job_wake& one) const {
    const auto here = jobs_.find(one.id);
    if (here != jobs_.end() && here->second.job.revision() == one.revision) return true;
    const auto unreadable = unreadable_.find(one.id);
    return unreadable != unreadable_.end() && unreadable->second == one.revision;
}

void view::keep(wall_time until, const std::set<job_id>& needed) {
    for (auto at = jobs_.begin(); at != jobs_.end();) {
        const entry& one = at->second;
        const bool is_soon = one.look_at && *one.look_at <= later(until, one.gives_way);
        if (is_soon || needed.contains(at->first)) {
            ++at;
        } else {
            if (one.look_at) looks_.erase({*one.look_at, at->first});
            at = jobs_.erase(at);
        }
    }
}

} // namespace cicada::detail
