#include <loop/late_timers.hpp>

#include <algorithm>
#include <limits>

namespace cicada::detail {

void late_timers::put(timer& t) {
    const std::size_t needed = heap_.size() + chain_.live + 64; // with those of this chunk
    if (chain_.needs_chunk() && heap_.capacity() < needed) heap_.reserve(2 * needed);
    chunks_.put(chain_, t);
}

bool late_timers::take_out(timer& t) noexcept {
    const std::uint32_t place = timer_place::of(t);
    if (timer_place::is_in_heap(place)) {
        erase(timer_place::index(place));
    } else if (timer_place::kind(place) == chain_.kind()) {
        chunks_.take_out(chain_, t);
    } else {
        return false;
    }
    return true;
}

void late_timers::collect(std::int64_t now, timer_run& run) noexcept {
    if (!chain_.is_empty()) {
        batch_.resize(chain_.live);
        chunks_.drain_to(chain_, batch_.data());
        chain_ = timer_chunks::chain(chain_.kind() ^ timer_place::twin_bit);
        const bool sorted = timer_run::read_deadlines(batch_.data(), batch_.size());
        const std::int64_t first = batch_[0].deadline;
        std::erase_if(batch_, [&](const timer_run::entry& e) {
            const bool goes_on =
                e.deadline <= now && (e.deadline ^ first) >> timer_place::slot_bits == 0;
            if (!goes_on) push(*e.t);
            return !goes_on;
        });
        if (!sorted) timer_run::sort(batch_.data(), batch_.size(), scratch_);
    }
    if (!heap_.empty() && heap_[0].deadline <= now) { // they were armed before, or differ
        scratch_.clear();
        for (; !heap_.empty() && heap_[0].deadline <= now; erase(0)) {
            scratch_.push_back({heap_[0].deadline, heap_[0].t});
            timer_place::of(*heap_[0].t) = timer_place::in_run(0);
        }
        run.merge(scratch_, now);
    }
    run.merge(batch_, now);
}

std::optional<std::int64_t> late_timers::next() const noexcept {
    if (chain_.length() > few_timers) return std::numeric_limits<std::int64_t>::min();
    std::optional<std::int64_t> first;
    if (!heap_.empty()) first = heap_[0].deadline;
    chunks_.for_each(chain_, [&](timer& t) {
        if (!first || timer_place::deadline(t) < *first) first = timer_place::deadline(t);
    });
    return first;
}

void late_timers::release() noexcept {
    if (!is_empty()) return;
    timer_run::entries().swap(batch_);
    timer_run::entries().swap(scratch_);
    burst_vector<heap_entry>().swap(heap_);
}

// ---- the heap -----------------------------------------------------------------------------------

void late_timers::push(timer& t) noexcept {
    heap_.emplace_back();
    sift(heap_.size() - 1, {timer_place::deadline(t), order_++, &t});
}

inline void late_timers::place(std::size_t i, const heap_entry& e) noexcept {
    heap_[i] = e;
    timer_place::of(*e.t) =
        timer_place::make(timer_place::sorted_kind, static_cast<std::uint32_t>(i));
}

/// Puts `e` where it belongs, given that place `i` is free: upwards, else downwards.
void late_timers::sift(std::size_t i, const heap_entry& e) noexcept {
    while (i > 0 && before(e, heap_[(i - 1) / 4])) {
        place(i, heap_[(i - 1) / 4]);
        i = (i - 1) / 4;
    }
    for (;;) {
        const std::size_t first = 4 * i + 1;
        if (first >= heap_.size()) break;
        std::size_t least = first;
        for (std::size_t c = first + 1; c < std::min(first + 4, heap_.size()); ++c) {
            if (before(heap_[c], heap_[least])) least = c;
        }
        if (!before(heap_[least], e)) break;
        place(i, heap_[least]);
        i = least;
    }
    place(i, e);
}

void late_timers::erase(std::size_t i) noexcept {
    const heap_entry moved = heap_.back();
    heap_.pop_back();
    if (i < heap_.size()) sift(i, moved);
}

} // namespace cicada::detail
