#include <loop/timer_chunks.hpp>

#include <algorithm>
#include <bit>
#include <new>

namespace cicada::detail {

[[gnu::noinline]] void timer_chunks::add_chunk(chain& c) {
    const std::uint32_t chunk = take_chunk();
    if (c.is_empty()) {
        c.first = chunk;
    } else {
        const std::uint32_t last = timer_place::index(c.tail) / chunk_words - 1;
        word_at(last * chunk_words).link.next = chunk;
        word_at(chunk * chunk_words).link.previous = last;
    }
    c.tail = timer_place::make(c.kind(), chunk * chunk_words + 1);
}

/// Of an entry that has been cleared.
[[gnu::noinline]] void timer_chunks::make_hole(chain& c, std::uint32_t place) noexcept {
    ++c.holes;
    if (c.live == 0) return clear(c);
    if (place + 1 == c.tail) return take_back_tail(c);
    if (c.holes > c.live + 2 * chunk_words) compact(c);
}

/// Takes entries back while the tail is a hole. There is a further timer in the chain.
void timer_chunks::take_back_tail(chain& c) noexcept {
    do {
        --c.tail;
        --c.holes;
        if (c.tail % chunk_words == 1) { // the chunk is empty; one before it holds a timer
            const std::uint32_t chunk = timer_place::index(c.tail) / chunk_words;
            const std::uint32_t previous = word_at(chunk * chunk_words).link.previous;
            c.tail = timer_place::make(c.kind(), (previous + 1) * chunk_words);
            free_chunk(chunk);
        }
    } while (word_at(timer_place::index(c.tail - 1)).entry == nullptr);
}

/// Moves the timers together, in their order.
void timer_chunks::compact(chain& c) noexcept {
    std::uint32_t to_chunk = c.first;
    std::uint32_t to = to_chunk * chunk_words + 1;
    for_each(c, [&](timer& t) {
        if (to % chunk_words == 0) {
            to_chunk = next_of(to_chunk);
            to = to_chunk * chunk_words + 1;
        }
        word_at(to).entry = &t;
        timer_place::of(t) = timer_place::make(c.kind(), to);
        ++to;
    });
    const std::uint32_t last = timer_place::index(c.tail - 1) / chunk_words;
    for (std::uint32_t chunk = to_chunk; chunk != last;) {
        const std::uint32_t next = next_of(chunk);
        if (chunk != to_chunk) free_chunk(chunk);
        chunk = next;
    }
    if (last != to_chunk) free_chunk(last);
    c.tail = timer_place::make(c.kind(), to);
    c.holes = 0;
}

void timer_chunks::clear(chain& c) noexcept {
    const std::uint32_t last = timer_place::index(c.tail - 1) / chunk_words;
    for (std::uint32_t chunk = c.first; chunk != last;) {
        const std::uint32_t next = next_of(chunk);
        free_chunk(chunk);
        chunk = next;
    }
    free_chunk(last);
    c = chain(c.kind());
}

std::uint32_t timer_chunks::take_chunk() {
    if (roomy_blocks_.empty()) {
        if (vacant_blocks_.empty()) {
            const std::size_t count = block_words_.size() + 1;
            if (count * chunks_in_block * chunk_words > timer_place::index_mask)
                throw std::bad_alloc();
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

void timer_chunks::free_chunk(std::uint32_t chunk) noexcept {
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

} // namespace cicada::detail
