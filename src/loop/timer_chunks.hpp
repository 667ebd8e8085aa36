#pragma once

/// Chains of pointers to timers, in the order in which they were put: lists of 512-byte chunks, all
/// from one pool.
///
/// A chunk's first word links it, 63 hold timers. Taking a timer out leaves a hole, or takes the
/// tail back; a chain with more holes than timers is compacted, and empty chunks go back.
///
/// Cost: put and take_out O(1), without allocation but for one chunk in 63.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <base/pages.hpp>
#include <loop/timer_place.hpp>

namespace cicada::detail {

class timer_chunks {
public:
    struct chain {
        std::uint32_t first = 0; // chunk
        std::uint32_t tail = 0; // the next place; at a multiple of 64: in a new chunk
        // Not side by side with `tail`: what is written as one and read as two, or the other way
        // round, waits for the cache.
        std::uint32_t holes = 0;
        std::uint32_t live = 0;

        chain() = default;
        explicit chain(std::uint32_t kind) noexcept : tail(timer_place::make(kind, 0)) {}
        std::uint32_t kind() const noexcept { return timer_place::kind(tail); }
        bool is_empty() const noexcept { return live == 0; }
        /// The next put() takes a chunk, which may throw; so does the first.
        bool needs_chunk() const noexcept { return tail % chunk_words == 0; }
        std::size_t length() const noexcept { return std::size_t{live} + holes; }
    };

    timer_chunks() = default;
    timer_chunks(const timer_chunks&) = delete;
    timer_chunks& operator=(const timer_chunks&) = delete;

    /// At the end. Throws std::bad_alloc if it needs_chunk().
    void put(chain& c, timer& t) {
        if (c.needs_chunk()) [[unlikely]]
            add_chunk(c);
        word_at(timer_place::index(c.tail)).entry = &t;
        timer_place::of(t) = c.tail++;
        ++c.live;
    }
    /// Takes the entry back where it is the last one and another stands before it in its chunk:
    /// what was armed a moment ago. Else makes a hole.
    void take_out(chain& c, timer& t) noexcept {
        const std::uint32_t place = timer_place::of(t);
        word* const entry = &word_at(timer_place::index(place));
        entry->entry = nullptr;
        --c.live;
        if (place + 1 == c.tail && place % chunk_words > 1 && entry[-1].entry) [[likely]] {
            --c.tail;
        } else {
            make_hole(c, place);
        }
    }

    /// In order. `f` is given timers that have been prefetched.
    template <class F>
    void for_each(const chain& c, F f) const;
    /// The same, and empties the chain: each chunk is given back as soon as it has been read, and
    /// is the next one that is taken.
    template <class F>
    void drain(chain& c, F f);
    /// The same, but copies the pointers and looks into no timer: to[i].t, for all live ones.
    template <class Entry>
    void drain_to(chain& c, Entry* to) noexcept;

    /// Bytes held.
    std::size_t memory() const noexcept {
        return block_words_.capacity() * (sizeof(word*) + sizeof(free_chunks)) +
               (block_words_.size() - vacant_blocks_.size()) * block_size;
    }

private:
    static constexpr std::uint32_t chunk_words = 64;
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
    using free_chunks = std::array<std::uint64_t, 2>; // of a block, a bit each

    word& word_at(std::uint32_t index) const noexcept {
        return block_words_[index / (chunk_words * chunks_in_block)]
                           [index % (chunk_words * chunks_in_block)];
    }
    std::uint32_t next_of(std::uint32_t chunk) const noexcept {
        return word_at(chunk * chunk_words).link.next;
    }
    template <class F>
    void for_each_chunk(const chain& c, F f) const;
    void add_chunk(chain& c);
    void make_hole(chain& c, std::uint32_t place) noexcept;
    void take_back_tail(chain& c) noexcept;
    void compact(chain& c) noexcept;
    void clear(chain& c) noexcept;
    std::uint32_t take_chunk();
    void free_chunk(std::uint32_t chunk) noexcept;

    std::vector<std::unique_ptr<word[], unmap_block>> block_words_;
    std::vector<free_chunks> block_free_;
    std::vector<std::uint32_t> roomy_blocks_; // those with a free chunk
    std::vector<std::uint32_t> vacant_blocks_; // those without memory
};

/// Calls f(words, count, chunk); it may give the chunk back.
template <class F>
void timer_chunks::for_each_chunk(const chain& c, F f) const {
    std::uint32_t chunk = c.first;
    for (std::size_t left = c.length(); left > 0;) {
        const word* words = &word_at(chunk * chunk_words);
        const std::uint32_t next = words->link.next;
        const std::size_t count = left < chunk_words - 1 ? left : chunk_words - 1;
        f(words + 1, count, chunk);
        left -= count;
        chunk = next;
    }
}

template <class F>
void timer_chunks::for_each(const chain& c, F f) const {
    for_each_chunk(c, [&](const word* words, std::size_t count, std::uint32_t) {
        for (std::size_t i = 0; i < count; ++i) {
            if (i + 12 < count) __builtin_prefetch(words[i + 12].entry);
            if (words[i].entry) f(*words[i].entry);
        }
    });
}

template <class F>
void timer_chunks::drain(chain& c, F f) {
    for_each_chunk(std::exchange(c, chain(c.kind())),
                   [&](const word* words, std::size_t count, std::uint32_t chunk) {
                       for (std::size_t i = 0; i < count; ++i) {
                           if (i + 12 < count) __builtin_prefetch(words[i + 12].entry);
                           if (words[i].entry) f(*words[i].entry);
                       }
                       free_chunk(chunk);
                   });
}

template <class Entry>
void timer_chunks::drain_to(chain& c, Entry* to) noexcept {
    for_each_chunk(std::exchange(c, chain(c.kind())),
                   [&](const word* words, std::size_t count, std::uint32_t chunk) {
                       for (std::size_t i = 0; i < count; ++i) { // the last one is no hole
                           to->t = words[i].entry;
                           to += words[i].entry != nullptr;
                       }
                       free_chunk(chunk);
                   });
}

} // namespace cicada::detail
