#pragma once

/// The overlap policy at work: how many runs there are, and which nominal instants wait for one to
/// end. Pure, like plan: periodics in memory and the simulation of schedules share it. Who is told
/// of what is dropped may call in here again.

#include <optional>
#include <utility>
#include <vector>

#include <cicada/schedule/plan.hpp>

namespace cicada::detail {

class run_queue {
public:
    /// Takes in an instant that is due. Gives verdict::run when it is to start now; then call started(). With
    /// verdict::cancel_others those that run are to be asked. `drop(instant)` is called for each that gets no run.
    template <class Drop>
    verdict admit(const overlap& policy, duration due, Drop drop) {
        const verdict what = judge(policy, running_, static_cast<std::uint32_t>(waiting_.size()));
        switch (what) {
        case verdict::run:
            break;
        case verdict::buffer:
            waiting_.push_back(due);
            break;
        case verdict::buffer_only:
        case verdict::cancel_others:
            for (const duration other : std::exchange(waiting_, {due})) drop(other);
            break;
        case verdict::drop:
            drop(due);
            break;
        }
        return what;
    }
    /// The first of those that wait, if it may start now.
    std::optional<duration> take(const overlap& policy) {
        if (waiting_.empty() || judge(policy, running_, 0) != verdict::run) return std::nullopt;
        const duration due = waiting_.front();
        waiting_.erase(waiting_.begin());
        return due;
    }
    template <class Drop>
    void clear(Drop drop) {
        for (const duration due : std::exchange(waiting_, {})) drop(due);
    }

    void started() noexcept { ++running_; }
    void ended() noexcept { --running_; }
    bool is_running() const noexcept { return running_ > 0; }

private:
    std::uint32_t running_ = 0;
    std::vector<duration> waiting_;
};

} // namespace cicada::detail
