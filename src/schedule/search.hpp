#pragma once

#include <algorithm>

#include <cicada/schedule/schedule.hpp>

namespace cicada::detail {

/// Bounds a search for an instant, and with it all searches inside of it.
///
/// An all_of or except that looks for an instant asks its parts, which may have to search as well:
/// without a common bound the steps of n searches within each other would multiply. So each takes
/// its steps from the one around it, and no more than a sixteenth of what an outermost one has, for
/// what is outside to go on when it has found nothing. One that is left none gets a little further
/// all the same before it gives up, so that a horizon is always later than where it started.
///
/// Threads: the searches of a thread know each other by themselves, as the rules between them are
/// no part of it.
class search {
public:
    explicit search(int steps = all_steps) noexcept
        : outer_(innermost_), granted_(outer_ ? std::min(share, outer_->left_) : steps),
          left_(granted_) {
        innermost_ = this;
    }
    search(const search&) = delete;
    search& operator=(const search&) = delete;
    ~search() {
        if (outer_) outer_->left_ -= granted_ - left_;
        innermost_ = outer_;
    }

    /// False: give up.
    bool step() noexcept { return left_ > 0 && left_-- > 0; }

    static constexpr int all_steps = 1'000'000;

private:
    static constexpr int share = all_steps / 16;

    inline static constinit thread_local search* innermost_ = nullptr;
    search* outer_;
    int granted_;
    int left_;
};

/// A rule made of others, which may have to give up.
class compound_rule : public schedule_rule {
public:
    std::optional<wall_time> next(wall_time after) const final {
        return find(after, sought::instants).instant;
    }
    search_result find(wall_time after, sought what) const override = 0;
};

inline search_result find(const schedule& in, wall_time after, sought what) {
    return what == sought::candidates ? in.find_next_candidate(after) : in.find_next(after);
}

/// The same, but where a search gives up before `upto`, it looks on from there: a thousand times,
/// so that rules in nanoseconds do not hold their caller for days. A horizon before `upto`: given
/// up for good.
inline search_result find_up_to(const schedule& in, wall_time after, wall_time upto, sought what) {
    search_result found = find(in, after, what);
    for (int left = 1000; found.horizon && *found.horizon < upto && left > 0; --left)
        found = find(in, *found.horizon, what);
    return found;
}

} // namespace cicada::detail
