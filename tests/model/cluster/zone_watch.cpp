#include <model/cluster/zone_watch.hpp>

#include <algorithm>

namespace cluster_model {

void zone_watch::know(std::shared_ptr<cicada::detail::tz_edition> one) {
    known_[one->mark()] = std::move(one);
}

void zone_watch::note(job& one, const cicada::detail::job_row& row) {
    one.decided = row.at.decided;
    one.has_instants = row.at.life <= cicada::life::paused;
}

void zone_watch::see(const rows& all) {
    for (const auto& row : all) {
        job& one = jobs_[row.id];
        if (one.changes.empty()) {
            one.changes.push_back({wall_time::min(), row.zones, row.revision});
        } else if (one.changes.back().zones != row.zones) {
            const wall_time after = one.has_instants ? one.decided : row.at.decided;
            one.changes.push_back({after, row.zones, row.revision});
        }
        note(one, row);
    }
}

void zone_watch::see_what_is_left(const rows& all) {
    std::map<cicada::detail::job_id, job> left;
    for (const auto& row : all) {
        job& one = left[row.id] = std::move(jobs_[row.id]);
        std::erase_if(one.changes, [&](const change& c) { return c.revision > row.revision; });
        note(one, row);
    }
    jobs_ = std::move(left);
}

std::vector<version> zone_watch::versions(cicada::detail::job_id of,
                                          const std::vector<version>& edits) const {
    const auto known = jobs_.find(of);
    if (known == jobs_.end() || edits.empty()) return edits;
    std::vector<wall_time> from;
    for (const version& one : edits) from.push_back(one.since);
    for (const change& one : known->second.changes) {
        if (one.after > edits.front().since) from.push_back(one.after);
    }
    std::ranges::sort(from);
    from.erase(std::unique(from.begin(), from.end()), from.end());
    std::vector<version> all;
    for (const wall_time t : from) {
        version now = *std::find_if(edits.rbegin(), edits.rend(),
                                    [t](const version& one) { return one.since <= t; });
        now.since = t;
        for (const change& one : known->second.changes) {
            if (one.after > t) continue;
            const auto zones = known_.find(one.zones);
            now.zones = zones == known_.end() ? nullptr : zones->second;
        }
        all.push_back(std::move(now));
    }
    return all;
}

} // namespace cluster_model
