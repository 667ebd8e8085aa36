#include <loop/timer_levels.hpp>

#include <algorithm>

namespace cicada::detail {

timer_levels::timer_levels(timer_chunks& chunks, std::int64_t now)
    : chunks_(chunks), tick_(end_of(now)), slots_(new chain[2 * slots_of_a_side]) {
    for (unsigned level = 0; level < levels; ++level) {
        for (std::size_t i = 0; i <= shapes[level].mask; ++i) {
            chain* const direct = &slots_[shapes[level].first + i];
            direct[0] = chain(level + 1);
            direct[slots_of_a_side] = chain((level + 1) | timer_place::twin_bit);
        }
    }
}

[[gnu::noinline]] void timer_levels::mark(unsigned level, std::uint64_t tick) noexcept {
    if (level == 0) {
        const std::uint64_t i = tick % fine_slots;
        fine_marks_[i / 64] |= std::uint64_t{1} << (i % 64);
        fine_summary_ |= std::uint64_t{1} << (i / 64);
    } else {
        coarse_marks_[level] |= std::uint64_t{1} << ((tick >> shift_of(level)) % coarse_slots);
    }
}

[[gnu::noinline]] void timer_levels::unmark_if_empty(unsigned level, std::uint64_t tick) noexcept {
    if (!slot(level, tick, false).is_empty() || !slot(level, tick, true).is_empty()) return;
    if (level == 0) {
        const std::uint64_t i = tick % fine_slots;
        fine_marks_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
        if (fine_marks_[i / 64] == 0) fine_summary_ &= ~(std::uint64_t{1} << (i / 64));
    } else {
        coarse_marks_[level] &= ~(std::uint64_t{1} << ((tick >> shift_of(level)) % coarse_slots));
    }
}

/// Where the first marked slot of a level starts, or where time stands if it is within that slot.
std::optional<std::uint64_t> timer_levels::first_slot(unsigned level) const noexcept {
    if (level == 0) {
        if (fine_summary_ == 0) return std::nullopt;
        const std::uint64_t start = tick_ % fine_slots;
        const std::uint64_t here = fine_marks_[start / 64] & (~std::uint64_t{0} << (start % 64));
        std::uint64_t found = 0;
        if (here != 0) {
            found = start / 64 * 64 + static_cast<std::uint64_t>(std::countr_zero(here));
        } else {
            // Words after this one, around the ring; this one again, for its lower part, comes
            // last.
            const auto turn = static_cast<int>(start / 64 + 1);
            const std::uint64_t words = std::rotr(fine_summary_, turn);
            const auto w =
                (static_cast<std::uint64_t>(std::countr_zero(words)) + start / 64 + 1) % 64;
            found = w * 64 + static_cast<std::uint64_t>(std::countr_zero(fine_marks_[w]));
        }
        return tick_ + (found - start) % fine_slots;
    }
    if (coarse_marks_[level] == 0) return std::nullopt;
    const std::uint64_t base = tick_ >> shift_of(level);
    const auto ahead =
        std::countr_zero(std::rotr(coarse_marks_[level], static_cast<int>(base % coarse_slots)));
    return std::max(tick_, (base + static_cast<std::uint64_t>(ahead)) << shift_of(level));
}

/// Lets time pass to the first slot before `target`, and says on which level it is; none: to there.
std::optional<unsigned> timer_levels::enter_next(std::uint64_t target) noexcept {
    if (tick_ >= target) return std::nullopt;
    std::uint64_t first = target;
    std::optional<unsigned> found;
    for (unsigned level = 0; level < levels; ++level) {
        const auto start = first_slot(level);
        if (!start || *start > first || *start >= target) continue;
        first = *start; // of equal ones the coarsest: it moves down first
        found = level;
    }
    tick_ = first;
    return found;
}

/// Moves the coarse slot that time has entered down, the twin first.
void timer_levels::cascade(unsigned level) noexcept {
    for (const bool twin : {true, false}) {
        chunks_.drain(slot(level, tick_, twin), [&](timer& t) { put_in(true, t); });
    }
    unmark_if_empty(level, tick_);
}

std::optional<std::int64_t> timer_levels::next(std::optional<std::int64_t> known) const noexcept {
    std::optional<std::int64_t> first = known;
    const auto consider = [&](std::int64_t deadline) {
        if (!first || deadline < *first) first = deadline;
    };
    for (unsigned level = 0; level < levels; ++level) {
        const auto tick = first_slot(level);
        if (!tick || (first && *tick > timer_place::tick_of(std::max<std::int64_t>(*first, 0))))
            continue;
        const chain& direct = slot(level, *tick, false);
        const chain& twin = slot(level, *tick, true);
        if (direct.length() + twin.length() > few_timers) {
            consider(static_cast<std::int64_t>(*tick << timer_place::slot_bits));
        } else { // cheaper to look at than a wake-up for nothing
            for (const chain* c : {&direct, &twin})
                chunks_.for_each(*c, [&](timer& t) { consider(timer_place::deadline(t)); });
        }
    }
    return first;
}

} // namespace cicada::detail
