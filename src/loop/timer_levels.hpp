#pragma once

/// Timers by the millisecond of their deadline, from the next one to the end of time.
///
///     level 0          4096 slots of 2^20 ns (1 ms)
///     levels 1 to 6    64 slots each, 4.3 s, 4.6 min, 4.9 h, 13 days, 2.3 years, 146 years wide
///
/// A timer goes to the finest level whose window reaches its deadline. When time enters a coarse
/// slot, its timers move down, into the *twin* of a finer slot; twins are read first, because what
/// lies in them was armed earlier. So a timer of less than 4.3 s is written once and read once, and
/// its own memory is touched only when it is due.
///
/// Cost: put and take_out O(1), advance O(1) per timer and level.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <loop/timer_chunks.hpp>

namespace cicada::detail {

class timer_levels {
    using chain = timer_chunks::chain;

public:
    /// Time is about to enter the tick after that of `now`, or, before the epoch, the second one.
    timer_levels(timer_chunks& chunks, std::int64_t now);

    /// The first tick whose timers it still holds.
    std::uint64_t tick() const noexcept { return tick_; }

    /// How many ticks after tick() a deadline lies; before it: with the sign of the highest bit.
    std::uint64_t ahead(std::int64_t deadline) const noexcept {
        return timer_place::tick_of(deadline) - tick_;
    }
    bool have_left(std::int64_t deadline) const noexcept {
        return static_cast<std::int64_t>(ahead(deadline)) < 0;
    }

    /// The levels have not left its deadline. Throws std::bad_alloc.
    void put(timer& t) { put_in(false, t); }
    /// Where put() puts it, which is for who finds room there.
    chain& slot_for(timer& t) const noexcept {
        const std::uint64_t tick = timer_place::tick_of(timer_place::deadline(t));
        return slot(level_for(tick), tick, false);
    }
    /// The same for a deadline that is fewer than `fine_slots` ahead.
    chain& fine_slot(std::int64_t deadline) noexcept {
        return slots_[timer_place::tick_of(deadline) % fine_slots];
    }
    /// It is here: the levels have not left its deadline.
    void take_out(timer& t) noexcept;

    /// Lets time pass until it has left the tick of `now`. For each tick with timers, in order,
    /// calls load(twin, direct), which empties both chains.
    template <class Load>
    void advance(std::int64_t now, Load load);

    /// No timer is due before this. Exact, but when many lie close together the start of their slot
    /// is given; and those after `known`, which is due anyway, do not count.
    std::optional<std::int64_t> next(std::optional<std::int64_t> known) const noexcept;

    /// Whether something will be due within the width of level 0.
    bool has_some_soon() const noexcept { return fine_summary_ != 0; }

    template <class F>
    void for_each(F f) const;

    static constexpr unsigned fine_bits = 12;
    static constexpr std::uint64_t fine_slots = 1u << fine_bits;
    static constexpr std::size_t memory() noexcept {
        return 2 * slots_of_a_side * sizeof(timer_chunks::chain);
    }

private:
    static constexpr unsigned coarse_bits = 6;
    static constexpr unsigned levels = 7;
    static constexpr std::uint64_t coarse_slots = 1u << coarse_bits;
    static constexpr std::size_t slots_of_a_side = fine_slots + (levels - 1) * coarse_slots;

    struct shape {
        std::uint64_t mask; // its slots, less one
        std::uint32_t first; // its first slot
        std::uint32_t shift; // from a tick to a slot
    };
    static constexpr auto shapes = [] {
        std::array<shape, levels> all{{{fine_slots - 1, 0, 0}}};
        for (std::uint32_t l = 1; l < levels; ++l) {
            all[l] = {coarse_slots - 1,
                      static_cast<std::uint32_t>(fine_slots + (l - 1) * coarse_slots),
                      fine_bits + (l - 1) * coarse_bits};
        }
        return all;
    }();

    static constexpr auto level_by_bits = [] {
        std::array<std::uint8_t, 65> all{};
        for (std::size_t bits = fine_bits + 1; bits < all.size(); ++bits)
            all[bits] =
                static_cast<std::uint8_t>((bits - fine_bits + coarse_bits - 1) / coarse_bits);
        return all;
    }();

    static unsigned shift_of(unsigned level) noexcept { return shapes[level].shift; }
    static std::size_t index_of(unsigned level, std::uint64_t tick) noexcept {
        const shape& s = shapes[level];
        return s.first + ((tick >> s.shift) & s.mask);
    }
    chain& slot(unsigned level, std::uint64_t tick, bool twin) const noexcept {
        return slots_[index_of(level, tick) + (twin ? slots_of_a_side : 0)];
    }

    static std::uint64_t end_of(std::int64_t now) noexcept {
        return timer_place::tick_of(now < 0 ? 0 : now) + 1;
    }
    void put_in(bool twin, timer& t);
    void mark(unsigned level, std::uint64_t tick) noexcept;
    unsigned level_for(std::uint64_t tick) const noexcept;
    void unmark_if_empty(unsigned level, std::uint64_t tick) noexcept;
    std::optional<std::uint64_t> first_slot(unsigned level) const noexcept;
    std::optional<unsigned> enter_next(std::uint64_t target) noexcept;
    void cascade(unsigned level) noexcept;

    timer_chunks& chunks_;
    std::uint64_t tick_;
    const std::unique_ptr<chain[]> slots_; // both sides: direct, then twins
    std::array<std::uint64_t, fine_slots / 64> fine_marks_{};
    std::uint64_t fine_summary_ = 0;
    std::array<std::uint64_t, levels> coarse_marks_{};
};

/// The finest that reaches so far: by the bits of the distance, but for the end of its window.
inline unsigned timer_levels::level_for(std::uint64_t tick) const noexcept {
    const unsigned level = level_by_bits[static_cast<unsigned>(std::bit_width(tick - tick_))];
    const unsigned shift = shift_of(level);
    const bool is_beyond = level > 0 && (tick >> shift) - (tick_ >> shift) >= coarse_slots;
    return is_beyond ? level + 1 : level;
}

inline void timer_levels::put_in(bool twin, timer& t) {
    const std::uint64_t tick = timer_place::tick_of(timer_place::deadline(t));
    const unsigned level = level_for(tick);
    chain& c = slot(level, tick, twin);
    const bool is_first = c.is_empty();
    chunks_.put(c, t);
    if (is_first) [[unlikely]]
        mark(level, tick);
}

inline void timer_levels::take_out(timer& t) noexcept {
    const std::uint64_t tick = timer_place::tick_of(timer_place::deadline(t));
    const std::uint32_t kind = timer_place::kind(timer_place::of(t));
    const unsigned level = (kind & ~timer_place::twin_bit) - 1;
    chain& c = slot(level, tick, (kind & timer_place::twin_bit) != 0);
    chunks_.take_out(c, t);
    if (c.is_empty()) [[unlikely]]
        unmark_if_empty(level, tick);
}

template <class Load>
void timer_levels::advance(std::int64_t now, Load load) {
    const std::uint64_t target = end_of(now);
    while (const std::optional<unsigned> level = enter_next(target)) {
        if (*level > 0) {
            cascade(*level);
        } else {
            const std::uint64_t tick = tick_++;
            load(slot(0, tick, true), slot(0, tick, false));
            unmark_if_empty(0, tick);
        }
    }
}

template <class F>
void timer_levels::for_each(F f) const {
    const auto each_marked = [&](std::uint64_t marks, std::size_t first) {
        for (; marks != 0; marks &= marks - 1) {
            const std::size_t i = first + static_cast<std::size_t>(std::countr_zero(marks));
            chunks_.for_each(slots_[i], f);
            chunks_.for_each(slots_[i + slots_of_a_side], f);
        }
    };
    for (std::size_t w = 0; w < fine_marks_.size(); ++w) each_marked(fine_marks_[w], w * 64);
    for (unsigned level = 1; level < levels; ++level)
        each_marked(coarse_marks_[level], index_of(level, 0));
}

} // namespace cicada::detail
