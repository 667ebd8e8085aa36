#pragma once

/// Where the parts of the timer store have put a timer.
///
/// A place is a kind in the upper 4 bits and an index below; 0 is nowhere.
///
///     0, 8            the chain of late timers; it changes its kind with each collect
///     1 to 7          a slot of level 0 to 6; the index is a word of a chunk, as it is of 0 and 8
///     9 to 14         its twin; the coarsest level has none
///     15              the heap of late timers, or with run_bit the run
///
/// What goes from a chain into the run keeps its place, so that it need not be written: a tick that
/// the levels have left, or the other kind of the late chain, gives it away.

#include <cstdint>

#include <cicada/loop/timer.hpp>

namespace cicada::detail {

struct timer_place {
    static constexpr unsigned index_bits = 28;
    static constexpr std::uint32_t index_mask = (1u << index_bits) - 1;
    static constexpr std::uint32_t twin_bit = 8;
    static constexpr std::uint32_t sorted_kind = 15;
    static constexpr std::uint32_t run_bit = 1u << (index_bits - 1);

    /// The low bits of a deadline that make no difference between slots of level 0: 1 ms.
    static constexpr unsigned slot_bits = 20;
    /// Before the epoch: beyond all others.
    static std::uint64_t tick_of(std::int64_t deadline) noexcept {
        return static_cast<std::uint64_t>(deadline >> slot_bits);
    }

    static std::int64_t& deadline(timer& t) noexcept { return t.deadline_; }
    static std::uint32_t& of(timer& t) noexcept { return t.place_; }
    static std::uint32_t kind(std::uint32_t place) noexcept { return place >> index_bits; }
    static std::uint32_t index(std::uint32_t place) noexcept { return place & index_mask; }
    /// Beyond what fits it says nothing: what it says is checked.
    static std::uint32_t in_run(std::uint32_t index) noexcept {
        return make(sorted_kind, run_bit | (index & (run_bit - 1)));
    }
    static bool is_in_heap(std::uint32_t place) noexcept {
        return kind(place) == sorted_kind && (place & run_bit) == 0;
    }
    static std::uint32_t make(std::uint32_t kind, std::uint32_t index) noexcept {
        return (kind << index_bits) | index;
    }
};

/// So many are sorted by insertion, or looked at one by one.
inline constexpr std::size_t few_timers = 32;

} // namespace cicada::detail
