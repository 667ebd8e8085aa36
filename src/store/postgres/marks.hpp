#pragma once

/// pg_marks: from where on is looked for runs that are ready, in each set of queues, and for jobs
/// that wake (D22). What was claimed, and each instant at which a job has woken, stays in its index
/// until that is vacuumed, which a transaction that somebody leaves open prevents: then each look
/// would go through all of it.
///
/// Before its mark there is nothing, as far as this process knows: a look has found none, and what
/// this process puts there moves the mark back. Others may put something there all the same: what
/// is long under way (a transaction with cicada.submit), or undone (somebody's claim). So looks
/// begin at the beginning whenever that is quick. Else all of it is looked through after a second,
/// or so seldom that it is a hundredth of the time: by who looks beside the others, and waits for
/// nobody; or, if nobody has for a while, by who comes next. Then what a mark has missed is found.
///
/// Threads: any.

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <store/rows.hpp>

namespace cicada::detail {

class pg_marks {
    struct mark {
        std::optional<claim> by; // whose runs; none: jobs that wake
        wall_time since = wall_time::min();
        std::uint64_t moves = 0; // that it was moved back
        elapsed_time beside_at = elapsed_time::max();
        elapsed_time all_at = elapsed_time::min();
    };

public:
    class look {
    public:
        wall_time since() const noexcept { return is_at_all_ ? wall_time::min() : since_; }
        /// None: it is for jobs that wake.
        const std::optional<claim>& by() const noexcept { return of_->by; }

    private:
        friend class pg_marks;
        mark* of_ = nullptr;
        bool is_at_all_ = true;
        wall_time since_ = wall_time::min();
        std::uint64_t moves_ = 0;
        elapsed_time from_{};
    };

    /// Unused: all looks begin at the beginning.
    explicit pg_marks(bool are_used = true) : are_used_(are_used) {}

    look for_jobs(wall_time now, elapsed_time elapsed) {
        const std::lock_guard lock(mutex_);
        return begin(all_[""], now, elapsed);
    }
    look for_runs(const claim& by, wall_time now, elapsed_time elapsed) {
        const std::lock_guard lock(mutex_);
        mark& one = all_[name_of(by)];
        if (!one.by) one.by = {.kinds = by.kinds, .labels = by.labels};
        return begin(one, now, elapsed);
    }
    /// It is over.
    void looked(const look& one, elapsed_time until) {
        const std::lock_guard lock(mutex_);
        if (!one.is_at_all_) return;
        const duration took = until - one.from_;
        const bool is_quick = took < quick;
        one.of_->beside_at = is_quick
                                 ? elapsed_time::max()
                                 : later(until, std::max<duration>(between_looks, took * share));
        one.of_->all_at = is_quick ? until : later(one.of_->beside_at, for_who_looks_beside);
    }
    /// As it began there was nothing before that any more. What others write is seen when they have
    /// committed it, so the mark stands a little before that.
    void found_none_before(const look& one, wall_time to) {
        const std::lock_guard lock(mutex_);
        const wall_time at = later(to, -for_late_ones);
        wall_time& since = one.of_->since;
        since = one.of_->moves == one.moves_ ? at : std::min(since, at);
    }

    /// Something is ready from `at` on, of whichever queue.
    void is_ready(wall_time at, wall_time now) {
        const std::lock_guard lock(mutex_);
        for (auto& [name, one] : all_)
            if (one.by) move_back(one, at, now);
    }
    /// A job wakes then.
    void wakes(wall_time at, wall_time now) {
        const std::lock_guard lock(mutex_);
        move_back(all_[""], at, now);
    }
    /// Another server than before may lack what was seen there.
    void are_of(std::uint64_t server) {
        const std::lock_guard lock(mutex_);
        if (std::exchange(server_, server) == server) return;
        for (auto& [name, one] : all_) {
            move_back(one, wall_time::min(), wall_time::max());
            one.all_at = elapsed_time::min();
        }
    }

    bool has_due(elapsed_time elapsed) const {
        const std::lock_guard lock(mutex_);
        return std::any_of(all_.begin(), all_.end(),
                           [&](const auto& one) { return one.second.beside_at <= elapsed; });
    }
    /// A look at all, by who looks beside the others; nobody else begins it until it is over, or
    /// was given up. None: it is not time.
    std::optional<look> take_due(elapsed_time elapsed) {
        const std::lock_guard lock(mutex_);
        for (auto& [name, one] : all_) {
            if (one.beside_at > elapsed) continue;
            one.beside_at = one.all_at = elapsed_time::max();
            look made;
            made.of_ = &one;
            made.from_ = elapsed;
            return made;
        }
        return std::nullopt;
    }
    /// What was taken is for who comes next.
    void give_up() {
        const std::lock_guard lock(mutex_);
        for (auto& [name, one] : all_)
            if (one.all_at == elapsed_time::max()) one.all_at = elapsed_time::min();
    }

private:
    static constexpr duration quick = std::chrono::milliseconds(2);
    static constexpr duration between_looks = std::chrono::seconds(1);
    static constexpr int share = 100;
    static constexpr duration for_who_looks_beside = std::chrono::seconds(5);
    static constexpr duration for_late_ones = std::chrono::seconds(1);

    look begin(mark& of, wall_time now, elapsed_time elapsed) const {
        look made;
        made.of_ = &of;
        made.is_at_all_ = !are_used_ || elapsed >= of.all_at || of.since > now; // it was set back
        made.since_ = of.since;
        made.moves_ = of.moves;
        made.from_ = elapsed;
        return made;
    }
    /// A look that is under way moves it no further than to a moment before now.
    static void move_back(mark& one, wall_time to, wall_time now) {
        one.since = std::min(one.since, to);
        if (to < later(now, -for_late_ones)) ++one.moves;
    }
    static std::string name_of(const claim& by) {
        std::string name;
        for (const std::string& one : by.kinds) name.append(one).append(1, '\0');
        name.append(1, '\1');
        for (const std::string& one : by.labels) name.append(one).append(1, '\0');
        return name;
    }

    const bool are_used_;
    mutable std::mutex mutex_;
    std::map<std::string, mark> all_; // guarded by mutex_, and what is in them
    std::uint64_t server_ = 0; // guarded by mutex_
};

} // namespace cicada::detail
