#pragma once

/// view: the jobs that a node looks at: those that wake soon, read and parsed ahead, so that a
/// start costs one commit; and those of which it has something to write.
///
/// It may be out of date. The store says so when it is given a step; then the job is read again.
///
/// Threads: that of the node's loop.
/// Errors:  of a job that cannot be read: store_error, once for each of its revisions.
/// Cost:    O(log n) for each.

#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include <jobs/decider.hpp>

namespace cicada::detail {

class CICADA_API view {
public:
    struct entry {
        entry(const job_row& row, const std::string& place) : job(row, place), name(row.name) {}

        decider job;
        const std::string name;
        /// When it is looked at. None: when something happens to it.
        std::optional<wall_time> look_at = std::nullopt;
        /// So much later than it wakes, for another is to have it first.
        duration gives_way = duration::zero();
        /// When it wakes it is left to those that may have newer rules of time zones.
        bool is_left = false;
        std::size_t in_batch = 0; // its place in what is being gathered, from 1; 0: none
    };

    /// In place of what it was; look() is to follow. Throws, and it is gone, if it cannot be read.
    entry& put(const job_row& row, const std::string& place);
    entry* find(job_id which) noexcept;
    void drop(job_id which) noexcept;
    /// After something has happened to its decider.
    void look(entry& one);
    /// At this instant, whenever it would like. None: never.
    void look_at(entry& one, std::optional<wall_time> instant);
    /// Not before this instant, whatever it would like.
    void put_off(entry& one, wall_time until);

    /// When the first of them is to be looked at.
    std::optional<wall_time> next() const noexcept;
    /// The first of them, if that has come; it is looked at when look() has been called again.
    entry* take_due(wall_time now) noexcept;

    /// Whether it is here as it is in the store, or cannot be read.
    bool knows(const job_wake& one) const;
    /// Forgets what wakes later than this, but for those that are `needed`.
    void keep(wall_time until, const std::set<job_id>& needed);

private:
    std::unordered_map<job_id, entry> jobs_;
    std::set<std::pair<wall_time, job_id>> looks_;
    std::unordered_map<job_id, std::uint64_t> unreadable_; // and the revision that is
};

} // namespace cicada::detail
