#pragma once

/// Timers that time has come close to, sorted by deadline, of equal ones the one that was armed
/// first: what is due, and what will be within the millisecond.
///
/// Timers come in by the slot, from chains, and mostly in order: what ticks together is armed
/// together. They keep the place that they had there. Which entry is a timer's is looked up when it
/// is disarmed, by its deadline, and noted for those of the same deadline.
///
/// Cost: O(1) per timer to come in, to be handed out, and to be disarmed.
/// Memory: 16 bytes per timer, until all have been handed out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <base/pages.hpp>
#include <loop/timer_chunks.hpp>

namespace cicada::detail {

class timer_run {
public:
    struct entry {
        std::int64_t deadline;
        timer* t; // null: disarmed
    };
    using entries = burst_vector<entry>;

    /// Adds the timers of a slot of level 0: first `twin`, then `direct`. None of them is due
    /// before one that is here.
    void load(timer_chunks& chunks, timer_chunks::chain& twin, timer_chunks::chain& direct);
    /// Adds entries that are sorted, due by `now`, and were armed after all that are here.
    void merge(entries& due, std::int64_t now);
    /// Reads the deadlines of entries, and says whether they are sorted.
    static bool read_deadlines(entry* first, std::size_t count) noexcept;
    /// Sorts entries whose deadlines differ in their low `timer_place::slot_bits` only; stable.
    static void sort(entry* first, std::size_t count, entries& scratch);

    /// Calls expired(timer&) for what is due, in order; it is disarmed by then. Meanwhile others
    /// may be disarmed, but none comes in.
    template <class F>
    void expire(std::int64_t now, F expired) {
        entry* const end = entries_.data() + entries_.size();
        entry* next = entries_.data() + at_;
        for (; next != end && next->deadline <= now; ++next) {
            if (end - next > 8) __builtin_prefetch(next[8].t);
            timer* const t = std::exchange(next->t, nullptr);
            if (!t) continue;
            timer_place::of(*t) = 0;
            expired(*t);
        }
        at_ = static_cast<std::size_t>(next - entries_.data());
    }
    void disarm(timer& t) noexcept;
    std::optional<std::int64_t> next() const noexcept;
    /// Drops what has been handed out.
    void tidy() noexcept;

    template <class F>
    void for_each(F f) const {
        for (std::size_t i = at_; i < entries_.size(); ++i) {
            if (entries_[i].t) f(*entries_[i].t);
        }
    }

    /// Whether all have been handed out; then release() gives the memory back.
    bool is_done() const noexcept { return at_ == entries_.size(); }
    void release() noexcept;
    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t capacity() const noexcept { return entries_.capacity(); }
    std::size_t memory() const noexcept {
        return (entries_.capacity() + scratch_.capacity()) * sizeof(entry);
    }

private:
    entries entries_;
    entries scratch_;
    std::size_t at_ = 0;
};

} // namespace cicada::detail
