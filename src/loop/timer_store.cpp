#include <loop/timer_store.hpp>

#include <algorithm>
#include <bit>
#include <new>
#include <type_traits>
#include <utility>

namespace cicada::detail {

timer_store::timer_store(std::int64_t now)
    : current_(tick_of(now) + 1), // what is due within its first millisecond is late
      slots_(new slot[2 * slots_of_a_side]()), due_now_(now) {}

timer_store::~timer_store() = default;

void timer_store::arm(timer& t, std::int64_t deadline) {
    t.deadline_ = deadline;
    const std::uint64_t tick = tick_of(deadline);
    if (tick < current_) [[unlikely]]
        return arm_late(t);
    arm_in_slot(t, tick, false);
}

void timer_store::disarm(timer& t) noexcept {
    const std::uint32_t place = t.place_;
    --size_;
    if (place >> index_bits & ~twin_bit) [[likely]] {
        take_out(t, place);
    } else {
        take_out_elsewhere(place);
    }
    t.place_ = 0;
}

/// Of the run or from among the late ones.
[[gnu::noinline]] void timer_store::take_out_elsewhere(std::uint32_t place) noexcept {
    const std::uint32_t index = place & index_mask;
    if (place >> index_bits == run_kind) {
        ((index & late_bit) == 0 ? run_[index] : late_run_[index ^ late_bit]).t = nullptr;
    } else if ((index & late_bit) == 0) {
        late_erase(index - 1);
    } else {
        late_list_[index ^ late_bit] = nullptr;
        while (!late_list_.empty() && !late_list_.back()) late_list_.pop_back();
    }
}

inline void timer_store::arm_in_slot(timer& t, std::uint64_t tick, bool twin) {
    unsigned level = level_by_bits[static_cast<unsigned>(std::bit_width(tick - current_))];
    if (level > 0 && (tick >> shift_of(level)) - (current_ >> shift_of(level)) >= coarse_slots)
        ++level;
    put(t, level, tick, twin);
}

// ---- slots --------------------------------------------------------------------------------------

inline void timer_store::put(timer& t, unsigned level, std::uint64_t tick, bool twin) {
    slot& s = slot_at(level, tick, twin);
    if (s.tail % chunk_words == 0) [[unlikely]]
        return put_in_new_chunk(t, level, tick, twin);
    word_at(s.tail).entry = &t;
    t.place_ = (kind_of(level, twin) << index_bits) | s.tail;
    ++s.tail;
    ++s.live;
    ++size_;
}

[[gnu::noinline]] void timer_store::put_in_new_chunk(timer& t, unsigned level, std::uint64_t tick,
                                                     bool twin) {
    slot& s = slot_at(level, tick, twin);
    const std::uint32_t chunk = take_chunk();
    if (s.live == 0) {
        s.first = chunk;
        mark(level, tick);
    } else {
        const std::uint32_t last = s.tail / chunk_words - 1;
        word_at(last * chunk_words).link.next = chunk;
        word_at(chunk * chunk_words).link.previous = last;
    }
    s.tail = chunk * chunk_words + 1;
    put(t, level, tick, twin);
}

/// Takes the entry back where it is the last one and another stands before it in its chunk: what
/// was armed a moment ago. Else makes a hole.
inline void timer_store::take_out(timer& t, std::uint32_t place) noexcept {
    const std::uint32_t kind = place >> index_bits;
    const std::uint32_t index = place & index_mask;
    const unsigned level = (kind & ~twin_bit) - 1;
    const std::uint64_t tick = tick_of(t.deadline_);
    slot& s = slot_at(level, tick, (kind & twin_bit) != 0);
    word* const entry = &word_at(index);
    entry->entry = nullptr;
    --s.live;
    if (index + 1 == s.tail && index % chunk_words > 1 && entry[-1].entry) [[likely]] {
        --s.tail;
        return;
    }
    ++s.holes;
    if (s.live == 0) return empty(s, level, tick);
    if (index + 1 == s.tail) return take_back_tail(s);
    if (s.holes > s.live + 2 * chunk_words) compact(s);
}

/// Takes entries back while the tail is a hole. There is a further timer in the slot.
[[gnu::noinline]] void timer_store::take_back_tail(slot& s) noexcept {
    do {
        --s.tail;
        --s.holes;
        // The chunk is empty; there is one before it, for a timer lives there.
        if (s.tail % chunk_words == 1) {
            const std::uint32_t chunk = s.tail / chunk_words;
            s.tail = (word_at(chunk * chunk_words).link.previous + 1) * chunk_words;
            free_chunk(chunk);
        }
    } while (word_at(s.tail - 1).entry == nullptr);
}

[[gnu::noinline]] void timer_store::empty(slot& s, unsigned level, std::uint64_t tick) noexcept {
    free_chain(s);
    unmark_if_empty(level, tick);
}

/// Moves the timers together, in their order.
[[gnu::noinline]] void timer_store::compact(slot& s) noexcept {
    std::uint32_t to_chunk = s.first;
    std::uint32_t to = to_chunk * chunk_words + 1;
    for_each_in(s, [&](timer& t) {
        if (to % chunk_words == 0) {
            to_chunk = word_at(to_chunk * chunk_words).link.next;
            to = to_chunk * chunk_words + 1;
        }
        word_at(to).entry = &t;
        t.place_ = (t.place_ & ~index_mask) | to;
        ++to;
    });
    const std::uint32_t last = (s.tail - 1) / chunk_words;
    for (std::uint32_t chunk = to_chunk; chunk != last;) {
        const std::uint32_t next = word_at(chunk * chunk_words).link.next;
        if (chunk != to_chunk) free_chunk(chunk);
        chunk = next;
    }
    if (last != to_chunk) free_chunk(last);
    s.tail = to;
    s.holes = 0;
}

inline void timer_store::mark(unsigned level, std::uint64_t tick) noexcept {
    if (level == 0) {
        const std::uint64_t i = tick % fine_slots;
        fine_marks_[i / 64] |= std::uint64_t{1} << (i % 64);
        fine_summary_ |= std::uint64_t{1} << (i / 64);
    } else {
        coarse_marks_[level] |= std::uint64_t{1} << ((tick >> shift_of(level)) % coarse_slots);
    }
}

inline void timer_store::unmark_if_empty(unsigned level, std::uint64_t tick) noexcept {
    if (slot_at(level, tick, false).live > 0 || slot_at(level, tick, true).live > 0) return;
    if (level == 0) {
        const std::uint64_t i = tick % fine_slots;
        if ((fine_marks_[i / 64] &= ~(std::uint64_t{1} << (i % 64))) == 0) {
            fine_summary_ &= ~(std::uint64_t{1} << (i / 64));
        }
    } else {
        coarse_marks_[level] &= ~(std::uint64_t{1} << ((tick >> shift_of(level)) % coarse_slots));
    }
}

// ---- chunks -------------------------------------------------------------------------------------

std::uint32_t timer_store::take_chunk() {
    if (roomy_blocks_.empty()) {
        if (vacant_blocks_.empty()) {
            const std::size_t count = block_words_.size() + 1;
            if (count * chunks_in_block * chunk_words > index_mask) throw std::bad_alloc();
            roomy_blocks_.reserve(count); // so that giving back cannot fail
            vacant_blocks_.reserve(count);
            block_free_.resize(count);
            block_words_.emplace_back();
            vacant_blocks_.push_back(static_cast<std::uint32_t>(count - 1));
        }
        const std::uint32_t number = vacant_blocks_.back();
        block_words_[number].reset(static_cast<word*>(map_pages(block_size, alignof(word))));
        block_free_[number].fill(~std::uint64_t{0});
        roomy_blocks_.push_back(number);
        vacant_blocks_.pop_back();
    }
    const std::uint32_t number = roomy_blocks_.back();
    free_chunks& free = block_free_[number];
    const std::uint32_t half = free[0] != 0 ? 0 : 1;
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(free[half]));
    free[half] &= free[half] - 1;
    if ((free[0] | free[1]) == 0) roomy_blocks_.pop_back();
    return number * chunks_in_block + half * 64 + bit;
}

void timer_store::free_chunk(std::uint32_t chunk) noexcept {
    const std::uint32_t number = chunk / chunks_in_block;
    const std::uint32_t bit = chunk % chunks_in_block;
    free_chunks& free = block_free_[number];
    if ((free[0] | free[1]) == 0) roomy_blocks_.push_back(number);
    free[bit / 64] |= std::uint64_t{1} << (bit % 64);
    if ((free[0] & free[1]) == ~std::uint64_t{0} && roomy_blocks_.size() > 1) {
        roomy_blocks_.erase(std::find(roomy_blocks_.begin(), roomy_blocks_.end(), number));
        vacant_blocks_.push_back(number);
        block_words_[number].reset();
    }
}

void timer_store::free_chain(slot& s) noexcept {
    const std::uint32_t last = (s.tail - 1) / chunk_words;
    for (std::uint32_t chunk = s.first; chunk != last;) {
        const std::uint32_t next = word_at(chunk * chunk_words).link.next;
        free_chunk(chunk);
        chunk = next;
    }
    free_chunk(last);
    s = slot{};
}

/// As for_each_in, and gives each chunk back as soon as it has been read: the next one that is
/// taken.
template <class F>
inline void timer_store::empty_into(slot& s, F f) noexcept {
    const slot old = std::exchange(s, slot{});
    std::uint32_t chunk = old.first;
    for (std::uint32_t left = old.live + old.holes; left > 0;) {
        const std::uint32_t next = word_at(chunk * chunk_words).link.next;
        const std::uint32_t count = std::min(left, chunk_words - 1);
        for_each_in({chunk, 0, count, 0}, f);
        free_chunk(chunk);
        chunk = next;
        left -= count;
    }
}

// ---- time ---------------------------------------------------------------------------------------

/// Where the first marked slot of a level starts, or where time stands if it is within that slot.
std::optional<std::uint64_t> timer_store::first_slot(unsigned level) const noexcept {
    if (level == 0) {
        if (fine_summary_ == 0) return std::nullopt;
        const std::uint64_t start = current_ % fine_slots;
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
        return current_ + (found - start) % fine_slots;
    }
    if (coarse_marks_[level] == 0) return std::nullopt;
    const std::uint64_t base = current_ >> shift_of(level);
    const auto ahead =
        std::countr_zero(std::rotr(coarse_marks_[level], static_cast<int>(base % coarse_slots)));
    return std::max(current_, (base + static_cast<std::uint64_t>(ahead)) << shift_of(level));
}

void timer_store::collect(std::int64_t now) {
    due_now_ = now;
    place_late();
    tidy_run();
    const std::uint64_t target = tick_of(now) + 1;
    while (current_ < target) {
        std::uint64_t first = target;
        unsigned level = 0;
        for (unsigned l = 0; l < levels; ++l) {
            const auto start = first_slot(l);
            // Of equal ones the coarsest: it moves down first.
            if (start && *start <= first && *start < target) {
                first = *start;
                level = l;
            }
        }
        current_ = first;
        if (first == target) break;
        if (level > 0) {
            cascade(level);
        } else {
            load(first);
            current_ = first + 1;
        }
    }
}

/// Moves the coarse slot that time has entered down, the twin first.
void timer_store::cascade(unsigned level) noexcept {
    for (const bool twin : {true, false}) {
        slot& s = slot_at(level, current_, twin);
        if (s.live == 0) continue;
        size_ -= s.live;
        empty_into(s, [&](timer& t) { arm_in_slot(t, tick_of(t.deadline_), true); });
    }
    unmark_if_empty(level, current_);
}

void timer_store::load(std::uint64_t tick) noexcept {
    const std::size_t from = run_.size();
    const std::size_t needed = from + slot_at(0, tick, true).live + slot_at(0, tick, false).live;
    if (run_.capacity() < needed) run_.reserve(std::max(needed, 2 * run_.capacity()));
    bool sorted = true;
    std::int64_t last = 0;
    for (const bool twin : {true, false}) {
        slot& s = slot_at(0, tick, twin);
        if (s.live == 0) continue;
        empty_into(s, [&](timer& t) {
            sorted = sorted && last <= t.deadline_;
            last = t.deadline_;
            t.place_ = (run_kind << index_bits) | static_cast<std::uint32_t>(run_.size());
            run_.push_back({t.deadline_, &t});
            t.expires_soon();
        });
    }
    unmark_if_empty(0, tick);
    if (sorted) return;
    sort(run_.data() + from, run_.size() - from, scratch_);
    for (std::size_t i = from; i < run_.size(); ++i) {
        run_[i].t->place_ = (run_kind << index_bits) | static_cast<std::uint32_t>(i);
    }
}

/// Sorts entries whose deadlines differ in their low 20 bits only; stable. Two passes of a radix
/// sort, or insertion for a few.
void timer_store::sort(run_entry* entries, std::size_t count, burst_vector<run_entry>& scratch) {
    if (count <= few) {
        for (std::size_t i = 1; i < count; ++i) {
            const run_entry moving = entries[i];
            std::size_t to = i;
            for (; to > 0 && entries[to - 1].deadline > moving.deadline; --to)
                entries[to] = entries[to - 1];
            entries[to] = moving;
        }
        return;
    }
    constexpr unsigned digit_bits = slot_bits / 2;
    scratch.resize(std::max(scratch.size(), count));
    run_entry* source = entries;
    run_entry* target = scratch.data();
    for (unsigned shift = 0; shift < slot_bits; shift += digit_bits) {
        std::array<std::uint32_t, (1u << digit_bits)> starts{};
        const auto digit = [shift](const run_entry& e) {
            return (static_cast<std::uint64_t>(e.deadline) >> shift) % (1u << digit_bits);
        };
        for (std::size_t i = 0; i < count; ++i) ++starts[digit(source[i])];
        std::uint32_t sum = 0;
        for (auto& start : starts) sum += std::exchange(start, sum);
        for (std::size_t i = 0; i < count; ++i) target[starts[digit(source[i])]++] = source[i];
        std::swap(source, target);
    }
}

/// Drops what the run has handed out.
void timer_store::tidy_run() noexcept {
    if (run_at_ == run_.size()) {
        run_.clear();
        run_at_ = 0;
    } else if (run_at_ > 1024 && run_at_ > run_.size() / 2) {
        run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_at_));
        run_at_ = 0;
        for (std::size_t i = 0; i < run_.size(); ++i) {
            if (run_[i].t)
                run_[i].t->place_ = (run_kind << index_bits) | static_cast<std::uint32_t>(i);
        }
    }
}

/// After a batch.
inline void timer_store::rest() noexcept {
    if (burst_capacity() > usual) [[unlikely]]
        release_burst();
}

[[gnu::noinline]] void timer_store::release_burst() noexcept {
    if (run_at_ < run_.size() || late_run_at_ < late_run_.size() || !late_list_.empty() ||
        !late_heap_.empty()) {
        return;
    }
    if (run_.size() + late_run_.size() > burst_capacity() / 8) burst_at_ = current_;
    const bool may_be_soon = fine_summary_ != 0;
    if (may_be_soon && current_ - burst_at_ < fine_slots) return;
    run_at_ = 0;
    late_run_at_ = 0;
    const auto release = [](auto& all) { std::remove_reference_t<decltype(all)>().swap(all); };
    release(run_);
    release(scratch_);
    release(late_run_);
    release(late_list_);
    release(late_heap_);
}

timer* timer_store::take_due() noexcept {
    while (run_at_ < run_.size() && !run_[run_at_].t) ++run_at_;
    while (late_run_at_ < late_run_.size() && !late_run_[late_run_at_].t) ++late_run_at_;
    // Of equal deadlines those in the run were armed first, and those in the late run last.
    enum { none, run, heap, late_run } from = none;
    std::int64_t first = due_now_;
    if (late_run_at_ < late_run_.size()) {
        first = late_run_[late_run_at_].deadline;
        from = late_run;
    }
    if (!late_heap_.empty() && late_heap_[0].deadline <= first) {
        first = late_heap_[0].deadline;
        from = heap;
    }
    if (run_at_ < run_.size() && run_[run_at_].deadline <= first) from = run;

    timer* due = nullptr;
    switch (from) {
    case none:
        rest();
        return nullptr;
    case run:
        if (run_at_ + 8 < run_.size()) __builtin_prefetch(run_[run_at_ + 8].t);
        due = run_[run_at_++].t;
        break;
    case heap:
        due = late_heap_[0].t;
        late_erase(0);
        break;
    case late_run:
        if (late_run_at_ + 8 < late_run_.size()) __builtin_prefetch(late_run_[late_run_at_ + 8].t);
        due = late_run_[late_run_at_++].t;
        break;
    }
    due->place_ = 0;
    --size_;
    return due;
}

std::optional<std::int64_t> timer_store::next() const noexcept {
    std::optional<std::int64_t> first;
    const auto consider = [&](std::int64_t deadline) {
        if (!first || deadline < *first) first = deadline;
    };
    std::size_t at = run_at_;
    while (at < run_.size() && !run_[at].t) ++at;
    if (at < run_.size()) consider(run_[at].deadline);
    for (std::size_t i = late_run_at_; i < late_run_.size(); ++i) { // usually taken by now
        if (late_run_[i].t) consider(late_run_[i].deadline);
    }
    for (const timer* t : late_list_) { // each is looked at once: the next collect empties the list
        if (t) consider(t->deadline_);
    }
    if (!late_heap_.empty()) consider(late_heap_[0].deadline);
    for (unsigned level = 0; level < levels; ++level) {
        const auto tick = first_slot(level);
        if (!tick || (first && *tick > tick_of(*first))) continue;
        const slot& direct = slot_at(level, *tick, false);
        const slot& twin = slot_at(level, *tick, true);
        // Fewer are cheaper to look at than a wake-up for nothing.
        if (direct.live + direct.holes + twin.live + twin.holes > few) {
            consider(static_cast<std::int64_t>(*tick << slot_bits));
        } else {
            for (const slot* s : {&direct, &twin}) {
                if (s->live > 0) for_each_in(*s, [&](const timer& t) { consider(t.deadline_); });
            }
        }
    }
    return first;
}

std::size_t timer_store::memory() const noexcept {
    return sizeof(*this) + 2 * slots_of_a_side * sizeof(slot) +
           block_words_.capacity() * (sizeof(word*) + sizeof(free_chunks)) +
           (block_words_.size() - vacant_blocks_.size()) * block_size +
           (run_.capacity() + scratch_.capacity() + late_run_.capacity()) * sizeof(run_entry) +
           late_heap_.capacity() * sizeof(late_entry) + late_list_.capacity() * sizeof(timer*);
}

// ---- late ones: a list, then a heap with four children to a node, or a run ----------------------

/// They wait for the next collect, also those that are due already: else a timer that arms itself
/// again and again would never let it end.
[[gnu::noinline]] void timer_store::arm_late(timer& t) {
    const std::size_t needed = late_heap_.size() + late_list_.size() + 1;
    if (late_heap_.capacity() < needed)
        late_heap_.reserve(2 * needed); // so that collect() cannot fail
    late_list_.push_back(&t);
    t.place_ =
        (late_kind << index_bits) | late_bit | static_cast<std::uint32_t>(late_list_.size() - 1);
    ++size_;
}

/// Takes the late list in. A saturated loop finds all of it due: then sorting it once beats a heap.
void timer_store::place_late() noexcept {
    // Usually none: what was due has been taken.
    for (; late_run_at_ < late_run_.size(); ++late_run_at_) {
        if (timer* t = late_run_[late_run_at_].t) push_late(*t);
    }
    late_run_.clear();
    late_run_at_ = 0;
    const auto is_due_with_the_first = [&](const timer* t) {
        return t->deadline_ <= due_now_ &&
               (t->deadline_ ^ late_list_.front()->deadline_) >> slot_bits == 0;
    };
    std::erase(late_list_, nullptr);
    if (late_list_.size() > few &&
        std::all_of(late_list_.begin(), late_list_.end(), is_due_with_the_first)) {
        for (timer* t : late_list_) late_run_.push_back({t->deadline_, t});
        sort(late_run_.data(), late_run_.size(), scratch_);
        for (std::size_t i = 0; i < late_run_.size(); ++i) {
            late_run_[i].t->place_ =
                (run_kind << index_bits) | late_bit | static_cast<std::uint32_t>(i);
        }
    } else {
        for (timer* t : late_list_) push_late(*t);
    }
    late_list_.clear();
}

void timer_store::push_late(timer& t) noexcept {
    late_heap_.emplace_back();
    late_sift(late_heap_.size() - 1, {t.deadline_, order_++, &t});
}

inline void timer_store::late_place(std::size_t i, const late_entry& e) noexcept {
    late_heap_[i] = e;
    e.t->place_ = (late_kind << index_bits) | static_cast<std::uint32_t>(i + 1);
}

/// Puts `e` where it belongs, given that place `i` is free: upwards, else downwards.
void timer_store::late_sift(std::size_t i, const late_entry& e) noexcept {
    while (i > 0 && before(e, late_heap_[(i - 1) / 4])) {
        late_place(i, late_heap_[(i - 1) / 4]);
        i = (i - 1) / 4;
    }
    for (;;) {
        const std::size_t first = 4 * i + 1;
        if (first >= late_heap_.size()) break;
        std::size_t least = first;
        for (std::size_t c = first + 1; c < std::min(first + 4, late_heap_.size()); ++c) {
            if (before(late_heap_[c], late_heap_[least])) least = c;
        }
        if (!before(late_heap_[least], e)) break;
        late_place(i, late_heap_[least]);
        i = least;
    }
    late_place(i, e);
}

void timer_store::late_erase(std::size_t i) noexcept {
    const late_entry moved = late_heap_.back();
    late_heap_.pop_back();
    if (i < late_heap_.size()) late_sift(i, moved);
}

} // namespace cicada::detail
