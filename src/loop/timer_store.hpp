#pragma once

/// The pending timers of one time line, by deadline.
///
/// Deadlines are exact, in nanoseconds since an epoch; equal ones come out in the order in which
/// they were armed. There is no clock in here.
///
///     levels    what is due in a later millisecond, in slots
///     run       the slots that now has reached, sorted: what is due, or will be within the
///               millisecond
///     late      what was armed for a time that the levels have left already
///
/// Cost: arm and disarm O(1), without allocation but for one chunk in 63; expire O(1) per timer and
///       level.
/// Memory: 8.1 bytes per pending timer. A disarmed timer leaves a hole; a slot with more holes than
/// timers is compacted, and empty chunks go back. What is due at once takes 16 bytes more of each
/// until it has been handed out; after many, the memory stays while something is due within 4.3 s,
/// the width of level 0, and the last such burst is not as long ago.
///
/// Chunks instead of linked nodes: at a million timers in random memory order every dependent load
/// is a cache miss, and here the addresses are known in advance and prefetched. G. Varghese, A.
/// Lauck, "Hashed and hierarchical timing wheels", 1987, is the ground; the radix slots with
/// sorting of the current one are a ladder queue (W. T. Tang et al., 2005) of fixed width.

#include <cstddef>
#include <cstdint>
#include <optional>

#include <loop/late_timers.hpp>
#include <loop/timer_levels.hpp>
#include <loop/timer_run.hpp>

namespace cicada::detail {

class timer_store {
public:
    /// `now` is where the time line stands; what lies before it is due at once.
    explicit timer_store(std::int64_t now);
    timer_store(const timer_store&) = delete;
    timer_store& operator=(const timer_store&) = delete;

    /// The timer is not armed. Throws std::bad_alloc; then it still is not.
    void arm(timer& t, std::int64_t deadline) {
        timer_place::deadline(t) = deadline;
        const bool is_near = levels_.ahead(deadline) < timer_levels::fine_slots;
        if (!is_near && !levels_.have_left(deadline)) return arm_far(t);
        arm_in(is_near ? levels_.fine_slot(deadline) : late_.chain(), t);
    }
    /// The timer is armed.
    void disarm(timer& t) noexcept {
        if (!levels_.have_left(timer_place::deadline(t))) [[likely]] {
            levels_.take_out(t);
        } else if (!late_.take_out(t)) {
            run_.disarm(t);
        }
        timer_place::of(t) = 0;
        --size_;
    }

    /// Calls expired(timer&) for each that is due at `now`, in order; it is no longer armed then.
    /// What is armed in between is left to the next call, also when it is due by then.
    template <class F>
    void expire(std::int64_t now, F expired) {
        collect(now);
        run_.expire(now, [&](timer& t) {
            --size_;
            expired(t);
        });
        if (capacity() > usual) [[unlikely]]
            release_burst();
    }

    /// No timer is due before this. Exact, but when many lie close together the start of their slot
    /// is given, and when many have been armed for the current one or the past, the beginning of
    /// time: the next expire() sorts them.
    std::optional<std::int64_t> next() const noexcept;

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// All that are pending.
    template <class F>
    void for_each(F f) const {
        run_.for_each(f);
        late_.for_each(f);
        levels_.for_each(f);
    }

    /// Bytes held, for tests.
    std::size_t memory() const noexcept;

private:
    /// So many may be due at once without being a burst.
    static constexpr std::size_t usual = 1u << 13;

    void arm_in(timer_chunks::chain& c, timer& t) {
        if (c.needs_chunk()) [[unlikely]]
            return arm_in_new_chunk(t);
        chunks_.put(c, t);
        ++size_;
    }
    void arm_far(timer& t);
    void arm_in_new_chunk(timer& t);
    void collect(std::int64_t now) noexcept;
    std::size_t capacity() const noexcept { return run_.capacity() + late_.capacity(); }
    void release_burst() noexcept;

    timer_chunks chunks_;
    timer_levels levels_;
    timer_run run_;
    late_timers late_;
    std::size_t size_ = 0;
    std::uint64_t burst_at_ = 0; // the tick of the last batch that was not small for this capacity
};

} // namespace cicada::detail
