#pragma once

/// pg_marks: from where on runs that are ready are looked for, in each set of queues (D22). What
/// was claimed stays in the index until it is vacuumed, which a transaction that somebody leaves
/// open prevents: each claim would walk over all of it.
///
/// Before its mark there is nothing that is ready, as far as this process knows. Others may put
/// something there all the same, so the whole is looked through at times: each second, if that
/// takes less than a hundredth of the time.
///
/// Threads: any.

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <cicada/base/time.hpp>

namespace cicada::detail {

class pg_marks {
public:
    /// Where a claim begins.
    wall_time from(const std::string& queues, wall_time now) {
        const std::lock_guard lock(mutex_);
        const wall_time at = all_[queues].from;
        return at <= now ? at : wall_time::min(); // the clock was set back
    }
    /// Where a look begins. None: at the beginning, and looked() is to be told what it found.
    std::optional<wall_time> from_unless_whole(const std::string& queues, wall_time now,
                                               elapsed_time elapsed) {
        const std::lock_guard lock(mutex_);
        const mark& one = all_[queues];
        if (elapsed >= one.whole_at || one.from > now) return std::nullopt;
        return one.from;
    }
    /// The whole, and that took so long.
    void looked(const std::string& queues, std::optional<wall_time> found, elapsed_time from,
                elapsed_time until) {
        const std::lock_guard lock(mutex_);
        mark& one = all_[queues];
        if (found) one.from = std::min(one.from, *found);
        one.whole_at = later(until, std::max<duration>(between_wholes, (until - from) * 100));
    }
    /// There is nothing before that any more.
    void claimed(const std::string& queues, wall_time to) {
        const std::lock_guard lock(mutex_);
        all_[queues].from = later(to, -for_late_ones);
    }
    /// Something is ready then, of whichever queue.
    void is_ready(wall_time at) {
        const std::lock_guard lock(mutex_);
        for (auto& [queues, one] : all_) one.from = std::min(one.from, at);
    }
    /// What was claimed was not.
    void forget() {
        const std::lock_guard lock(mutex_);
        all_.clear();
    }

private:
    static constexpr duration between_wholes = std::chrono::seconds(1);
    /// What others write is seen when they have committed it.
    static constexpr duration for_late_ones = std::chrono::seconds(1);

    struct mark {
        wall_time from = wall_time::min();
        elapsed_time whole_at = elapsed_time::min();
    };
    std::mutex mutex_;
    std::map<std::string, mark> all_; // guarded by mutex_
};

} // namespace cicada::detail
