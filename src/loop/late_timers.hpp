#pragma once

/// Timers armed for a time that the levels have left: the current millisecond, or the past.
///
/// They wait in a chain for the next collect, also those that are due already: else a timer that
/// arms itself again and again would never let it end. A collect gives the due ones on; the others
/// go to a heap with four children to a node.
///
/// Cost: put and take_out O(1) in the chain; O(log n) in the heap, which those enter that are not
///       due at the next collect, or are due in another millisecond than the first.
/// Memory: a pointer in a chunk; 24 bytes in the heap, whose room is made when a timer is put, so
///         that a collect cannot lack it.

#include <cstddef>
#include <cstdint>
#include <optional>

#include <base/pages.hpp>
#include <loop/timer_chunks.hpp>
#include <loop/timer_run.hpp>

namespace cicada::detail {

class late_timers {
public:
    explicit late_timers(timer_chunks& chunks) noexcept : chunks_(chunks) {}

    /// Throws std::bad_alloc.
    void put(timer& t);
    /// Where put() puts it, unless that needs a chunk.
    timer_chunks::chain& chain() noexcept { return chain_; }
    /// False: it is not here, or no longer.
    bool take_out(timer& t) noexcept;

    /// Gives what is due at `now` to the run.
    void collect(std::int64_t now, timer_run& run) noexcept;

    /// Exact, but when many have come since the last collect, the beginning of time: the next
    /// collect sorts them.
    std::optional<std::int64_t> next() const noexcept;

    template <class F>
    void for_each(F f) const {
        for (const heap_entry& e : heap_) f(*e.t);
        chunks_.for_each(chain_, f);
    }

    bool is_empty() const noexcept { return heap_.empty() && chain_.is_empty(); }
    /// Gives the memory back, if it is empty.
    void release() noexcept;
    std::size_t capacity() const noexcept { return batch_.capacity() + heap_.capacity(); }
    std::size_t memory() const noexcept {
        return (batch_.capacity() + scratch_.capacity()) * sizeof(timer_run::entry) +
               heap_.capacity() * sizeof(heap_entry);
    }

private:
    struct heap_entry {
        std::int64_t deadline;
        std::uint64_t order;
        timer* t;
    };
    static bool before(const heap_entry& a, const heap_entry& b) noexcept {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
    }

    void push(timer& t) noexcept;
    void place(std::size_t i, const heap_entry& e) noexcept;
    void sift(std::size_t i, const heap_entry& e) noexcept;
    void erase(std::size_t i) noexcept;

    timer_chunks& chunks_;
    timer_chunks::chain chain_; // since the last collect, which has changed its kind
    burst_vector<heap_entry> heap_;
    std::uint64_t order_ = 0;
    timer_run::entries batch_;
    timer_run::entries scratch_;
};

} // namespace cicada::detail
