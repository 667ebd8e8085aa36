#pragma once

/// pg_marks: from where on runs that are ready are looked for, in each set of queues (D22). What
/// was claimed stays in the index until it is vacuumed, which a transaction that somebody leaves
/// open prevents: then each claim would walk over all of it.
///
/// Before its mark there is nothing that is ready, as far as this process knows. Others may put
/// something there all the same, so all of it is looked through whenever that is quick, and else
/// each second, or for a hundredth of the time if it takes longer than that.
///
/// Threads: any.

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <store/queues.hpp>

namespace cicada::detail {

class pg_marks {
public:
    /// Where to begin. None: at the beginning, and looked() is to be told.
    std::optional<wall_time> since(const std::vector<queue>& of, wall_time now,
                                   elapsed_time elapsed) {
        const std::lock_guard lock(mutex_);
        const mark& one = all_[name_of(of)];
        if (elapsed >= one.all_at || one.since > now) return std::nullopt; // a clock was set back
        return one.since;
    }
    /// All of it.
    void looked(const std::vector<queue>& of, elapsed_time from, elapsed_time until) {
        const std::lock_guard lock(mutex_);
        const bool is_quick = until - from < quick;
        all_[name_of(of)].all_at =
            is_quick ? until
                     : later(until, std::max<duration>(between_looks, (until - from) * 100));
    }
    /// There is nothing that is ready before that any more.
    void claimed(const std::vector<queue>& of, wall_time to) {
        const std::lock_guard lock(mutex_);
        all_[name_of(of)].since = later(to, -for_late_ones);
    }
    /// Something is ready then, of whichever queue.
    void is_ready(wall_time at) {
        const std::lock_guard lock(mutex_);
        for (auto& [name, one] : all_) one.since = std::min(one.since, at);
    }
    /// What was claimed was not.
    void forget() {
        const std::lock_guard lock(mutex_);
        all_.clear();
    }

private:
    static constexpr duration quick = std::chrono::milliseconds(2);
    static constexpr duration between_looks = std::chrono::seconds(1);
    /// What others write is seen when they have committed it.
    static constexpr duration for_late_ones = std::chrono::seconds(1);

    struct mark {
        wall_time since = wall_time::min();
        elapsed_time all_at = elapsed_time::min();
    };

    static std::string name_of(const std::vector<queue>& of) {
        std::string name;
        for (const queue& one : of)
            name.append(one.kind).append(1, '\0').append(one.label).append(1, '\0');
        return name;
    }

    std::mutex mutex_;
    std::map<std::string, mark> all_; // guarded by mutex_
};

} // namespace cicada::detail
