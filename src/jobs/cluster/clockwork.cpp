#include <jobs/cluster/clockwork.hpp>

#include <algorithm>

#include <loop/loop_engine.hpp>

namespace cicada::detail {

clockwork::clockwork(loop& simulated) noexcept : loop_(simulated) { loop_.engine().add(link_); }

clockwork::entry clockwork::at(elapsed_time when, function<void()> f) {
    const entry one = to_come_.emplace(when, std::move(f));
    look_again();
    return one;
}

void clockwork::look_again() noexcept {
    if (!is_at_work_ && !is_over_) arm();
}

void clockwork::expired(const expiry&) noexcept {
    is_at_work_ = true;
    run_due();
    is_at_work_ = false;
    look_again();
}

void clockwork::run_due() noexcept {
    const elapsed_time now = this->now();
    while (!to_come_.empty() && to_come_.begin()->first <= now) {
        const auto next = to_come_.extract(to_come_.begin());
        next.mapped()();
    }
    for (turning* one : all_) {
        const auto due = one->due_at();
        if (due && *due <= now) one->turn();
    }
}

void clockwork::arm() noexcept {
    std::optional<elapsed_time> first;
    if (!to_come_.empty()) first = to_come_.begin()->first;
    for (const turning* one : all_) {
        const auto due = one->due_at();
        if (due && (!first || *due < *first)) first = due;
    }
    if (first) first = std::max(*first, now());
    if (is_armed()) {
        if (first && first->time_since_epoch().count() == deadline()) return;
        loop_.disarm(*this);
    }
    if (first) loop_.arm(*this, *first);
}

void clockwork::close() noexcept {
    if (std::exchange(is_over_, true)) return;
    if (is_armed()) loop_.disarm(*this);
    loop_.engine().remove(link_);
    for (turning* one : all_) one->close();
    while (!to_come_.empty()) {
        const auto next = to_come_.extract(to_come_.begin());
        next.mapped()();
    }
}

/// It may be asked twice: as a timer, and by its link.
bool clockwork::stay() noexcept {
    if (kept_ || is_over_) return false;
    kept_ = shared_from_this();
    return true;
}

void clockwork::shut_down() noexcept {
    const auto kept = std::move(kept_);
    close();
}

} // namespace cicada::detail
