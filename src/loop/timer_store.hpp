#pragma once

/// The pending timers of one time line, by deadline.
///
/// Deadlines are exact, in nanoseconds since an epoch; equal ones come out in the order in which
/// they were armed. There is no clock in here and nothing is run: collect(now) finds what is due,
/// take_due() hands it out.
///
///     slots        level 0: 4096 slots of 2^20 ns (1 ms); levels 1 to 6: 64 slots each, 4.3 s,
///                  4.6 min, 4.9 h, 13 days, 2.3 years, 146 years wide. A slot is a chain of
///                  512-byte chunks of pointers to timers.
///     run          the slots that now has reached, sorted: what is due, or will be within the
///                  millisecond
///     late ones    timers armed for a time that the run already covers: a list, which the next
///                  collect turns into entries of a heap or, where many have become due
///                  together, into another sorted run
///
/// A timer goes to the finest level whose window reaches its deadline. When time enters a coarse
/// slot, its timers move down, into the *twin* of a finer slot; twins are read first, because what
/// lies in them was armed earlier. So a timer of less than 4.3 s is written once and read once, and
/// its own memory is touched only when it is due.
///
/// Cost: arm and disarm O(1), without allocation but for one chunk in 63; collect O(1) per timer
///       and level.
/// Memory: 8.1 bytes per pending timer. A disarmed timer leaves a hole; a slot with more holes than
/// timers is compacted, and empty chunks go back. What is due at once takes 16 bytes more of each
/// until it has been handed out; after many, the memory stays while something is due within 4.3 s,
/// the width of level 0, and the last such burst is not as long ago.
///
/// Chunks instead of linked nodes: at a million timers in random memory order every dependent load
/// is a cache miss, and here the addresses are known in advance and prefetched. G. Varghese, A.
/// Lauck, "Hashed and hierarchical timing wheels", 1987, is the ground; the radix slots with
/// sorting of the current one are a ladder queue (W. T. Tang et al., 2005) of fixed width.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <base/pages.hpp>
#include <cicada/loop/timer.hpp>

namespace cicada::detail {

class timer_store {
public:
    /// `now` is where the time line stands; what lies before it is due at once.
    explicit timer_store(std::int64_t now);
    timer_store(const timer_store&) = delete;
    timer_store& operator=(const timer_store&) = delete;
    ~timer_store();

    /// The timer is not armed. Throws std::bad_alloc; then it still is not.
    void arm(timer& t, std::int64_t deadline);
    /// The timer is armed.
    void disarm(timer& t) noexcept;

    /// Makes ready what is due at `now`; take_due() then gives it, in order. What is armed in
    /// between comes with the next collect, also when it is due by then.
    void collect(std::int64_t now);
    timer* take_due() noexcept;

    /// No timer is due before this. Exact, but when many lie close together the start of their slot
    /// is given.
    std::optional<std::int64_t> next() const noexcept;

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// Any of the pending timers, or null: for those who end them all.
    template <class F>
    void for_each(F f) const;

    /// Bytes held, for tests.
    std::size_t memory() const noexcept;

private:
    static constexpr unsigned slot_bits = 20; // a slot of level 0 is 2^20 ns wide
    static constexpr unsigned fine_bits = 12; // and there are 2^12 of them
    static constexpr unsigned coarse_bits = 6;
    static constexpr unsigned levels = 7;
    static constexpr std::uint64_t fine_slots = 1u << fine_bits;
    static constexpr std::uint64_t coarse_slots = 1u << coarse_bits;
    static constexpr std::size_t slots_of_a_side = fine_slots + (levels - 1) * coarse_slots;

    // A place is a kind in the upper 4 bits and an index below: level + 1 for a slot, + 8 for its
    // twin; 8 for the run, or with late_bit for the late run; 0 for the late heap, with an index +
    // 1, so that a place is never 0, or with late_bit for the late list.
    static constexpr unsigned index_bits = 28;
    static constexpr std::uint32_t index_mask = (1u << index_bits) - 1;
    static constexpr std::uint32_t late_kind = 0;
    static constexpr std::uint32_t late_bit = 1u << (index_bits - 1);
    static constexpr std::uint32_t run_kind = 8;
    static constexpr std::uint32_t twin_bit = 8;

    static constexpr std::uint32_t chunk_words = 64; // the first links the chunk, 63 hold timers
    union word {
        timer* entry;
        struct {
            std::uint32_t next;
            std::uint32_t previous;
        } link;
    };
    static_assert(sizeof(word) == 8);
    static constexpr std::uint32_t chunks_in_block = 128;
    static constexpr std::size_t block_size = chunks_in_block * chunk_words * sizeof(word);
    struct unmap_block {
        void operator()(word* block) const noexcept { unmap_pages(block, block_size); }
    };

    struct slot {
        std::uint32_t first = 0; // chunk
        std::uint32_t tail = 0; // where the next entry goes; at a multiple of 64: in a new chunk
        std::uint32_t live = 0;
        std::uint32_t holes = 0;
    };
    struct run_entry {
        std::int64_t deadline;
        timer* t; // null: disarmed
    };
    struct late_entry {
        std::int64_t deadline;
        std::uint64_t order;
        timer* t;
    };
    // So many are sorted by insertion, and looked at one by one.
    static constexpr std::size_t few = 32;
    // So many may be due at once without being a burst.
    static constexpr std::size_t usual = 1u << 13;
    using free_chunks = std::array<std::uint64_t, 2>; // of a block, a bit each

    struct level_shape {
        std::uint64_t mask; // its slots, less one
        std::uint32_t first; // its first slot
        std::uint32_t shift; // from a tick to a slot
    };
    static constexpr auto shapes = [] {
        std::array<level_shape, levels> all{{{fine_slots - 1, 0, 0}}};
        for (std::uint32_t l = 1; l < levels; ++l) {
            all[l] = {coarse_slots - 1,
                      static_cast<std::uint32_t>(fine_slots + (l - 1) * coarse_slots),
                      fine_bits + (l - 1) * coarse_bits};
        }
        return all;
    }();
    /// The finest level that may reach so far, by the bits of the distance in ticks.
    static constexpr auto level_by_bits = [] {
        std::array<std::uint8_t, 65> all{};
        for (std::size_t bits = fine_bits + 1; bits < all.size(); ++bits)
            all[bits] =
                static_cast<std::uint8_t>((bits - fine_bits + coarse_bits - 1) / coarse_bits);
        return all;
    }();

    static unsigned shift_of(unsigned level) noexcept { return shapes[level].shift; }
    static std::size_t index_of(unsigned level, std::uint64_t tick) noexcept {
        const level_shape& shape = shapes[level];
        return shape.first + ((tick >> shape.shift) & shape.mask);
    }
    static std::uint64_t tick_of(std::int64_t deadline) noexcept {
        return deadline < 0 ? 0 : static_cast<std::uint64_t>(deadline) >> slot_bits;
    }
    static std::uint32_t kind_of(unsigned level, bool twin) noexcept {
        return level + 1 + (twin ? twin_bit : 0);
    }
    slot& slot_at(unsigned level, std::uint64_t tick, bool twin) const noexcept {
        return slots_[index_of(level, tick) + (twin ? slots_of_a_side : 0)];
    }
    word& word_at(std::uint32_t place) const noexcept {
        return block_words_[place / (chunk_words * chunks_in_block)]
                           [place % (chunk_words * chunks_in_block)];
    }

    void arm_in_slot(timer& t, std::uint64_t tick, bool twin);
    void arm_late(timer& t);
    void place_late() noexcept;
    void push_late(timer& t) noexcept;
    void put(timer& t, unsigned level, std::uint64_t tick, bool twin);
    void put_in_new_chunk(timer& t, unsigned level, std::uint64_t tick, bool twin);
    void take_out(timer& t, std::uint32_t place) noexcept;
    void take_out_elsewhere(std::uint32_t place) noexcept;
    void take_back_tail(slot& s) noexcept;
    void empty(slot& s, unsigned level, std::uint64_t tick) noexcept;
    void compact(slot& s) noexcept;
    void mark(unsigned level, std::uint64_t tick) noexcept;
    void unmark_if_empty(unsigned level, std::uint64_t tick) noexcept;

    std::uint32_t take_chunk();
    void free_chunk(std::uint32_t chunk) noexcept;
    void free_chain(slot& s) noexcept;
    template <class F>
    void for_each_in(const slot& s, F f) const;
    template <class F>
    void empty_into(slot& s, F f) noexcept;

    std::optional<std::uint64_t> first_slot(unsigned level) const noexcept;
    void cascade(unsigned level) noexcept;
    void load(std::uint64_t tick) noexcept;
    static void sort(run_entry* entries, std::size_t count, burst_vector<run_entry>& scratch);
    void tidy_run() noexcept;
    void rest() noexcept;
    void release_burst() noexcept;
    std::size_t burst_capacity() const noexcept {
        return run_.capacity() + late_list_.capacity() + late_heap_.capacity();
    }

    static bool before(const late_entry& a, const late_entry& b) noexcept {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
    }
    void late_place(std::size_t i, const late_entry& e) noexcept;
    void late_sift(std::size_t i, const late_entry& e) noexcept;
    void late_erase(std::size_t i) noexcept;

    std::uint64_t current_; // the first tick of level 0 that is not in the run
    std::size_t size_ = 0;
    std::unique_ptr<slot[]> slots_; // both sides: direct, then twins
    std::array<std::uint64_t, fine_slots / 64> fine_marks_{};
    std::uint64_t fine_summary_ = 0;
    std::array<std::uint64_t, levels> coarse_marks_{};

    std::vector<std::unique_ptr<word[], unmap_block>> block_words_;
    std::vector<free_chunks> block_free_;
    std::vector<std::uint32_t> roomy_blocks_; // those with a free chunk
    std::vector<std::uint32_t> vacant_blocks_; // those without memory

    burst_vector<run_entry> run_;
    burst_vector<run_entry> scratch_;
    std::size_t run_at_ = 0;
    burst_vector<timer*> late_list_; // late ones since the last collect; null: disarmed
    burst_vector<run_entry> late_run_; // those of many late ones that became due together
    std::size_t late_run_at_ = 0;
    burst_vector<late_entry> late_heap_;
    std::uint64_t burst_at_ = 0; // the tick of the last batch that was not small for this capacity
    std::uint64_t order_ = 0;
    std::int64_t due_now_; // of the last collect
};

template <class F>
void timer_store::for_each_in(const slot& s, F f) const {
    for (std::uint32_t chunk = s.first, left = s.live + s.holes; left > 0;
         chunk = word_at(chunk * chunk_words).link.next) {
        const word* words = &word_at(chunk * chunk_words);
        const std::uint32_t count = left < chunk_words - 1 ? left : chunk_words - 1;
        for (std::uint32_t i = 1; i <= count; ++i) {
            if (i + 12 <= count) __builtin_prefetch(words[i + 12].entry);
            if (words[i].entry) f(*words[i].entry);
        }
        left -= count;
    }
}

template <class F>
void timer_store::for_each(F f) const {
    for (std::size_t i = run_at_; i < run_.size(); ++i) {
        if (run_[i].t) f(*run_[i].t);
    }
    for (std::size_t i = late_run_at_; i < late_run_.size(); ++i) {
        if (late_run_[i].t) f(*late_run_[i].t);
    }
    for (const late_entry& e : late_heap_) f(*e.t);
    for (timer* t : late_list_) {
        if (t) f(*t);
    }
    const auto each_marked = [&](std::uint64_t marks, std::size_t first) {
        for (; marks != 0; marks &= marks - 1) {
            const std::size_t i = first + static_cast<std::size_t>(std::countr_zero(marks));
            if (slots_[i].live > 0) for_each_in(slots_[i], f);
            if (slots_[i + slots_of_a_side].live > 0) for_each_in(slots_[i + slots_of_a_side], f);
        }
    };
    for (std::size_t w = 0; w < fine_marks_.size(); ++w) each_marked(fine_marks_[w], w * 64);
    for (unsigned level = 1; level < levels; ++level)
        each_marked(coarse_marks_[level], index_of(level, 0));
}

} // namespace cicada::detail
