#pragma once

/// Memory of coroutine frames, periodics and posted work: per-thread free lists by size class.
///
/// A thread keeps a few blocks of each size that it has freed in a *bin*, and takes them from there
/// again: nearly all of its allocations end here, in a few instructions in the caller's code. What
/// exceeds the bins comes from slabs that belong to the thread which allocated them. Freeing on
/// that thread is a push on the slab's list; freeing on another sends the block home through one
/// atomic list. A slab that is empty again goes back to the operating system, but for one of each
/// thread; while few blocks are left in many slabs, the bins hold next to nothing back, so that
/// they do become empty. What stays after everything was freed is three slabs (of 256 KB) at most
/// for each thread and size, and what the bins of other threads hold. Under AddressSanitizer every
/// block is its own allocation.
///
/// The scheme of the slabs (found by masking the address, one local and one remote free list) is
/// that of mimalloc: D. Leijen, B. Zorn, L. de Moura, "Mimalloc: Free List Sharding in Action",
/// 2019.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <cicada/base/export.hpp>

namespace cicada::detail {

inline constexpr std::size_t pool_granule = 8;
inline constexpr std::size_t pool_largest = 1024; // beyond it operator new serves as well

constexpr std::size_t pool_class(std::size_t size) noexcept {
    return (size + pool_granule - 1) / pool_granule;
}

struct free_block {
    free_block* next;
};

/// Freed blocks of one size. Only its thread changes it; others may look at `room`.
struct pool_bin {
    free_block* first;
    std::atomic<std::uint32_t> room; // for so many more
};

/// Those of this thread, by size in granules; null until the thread has asked for memory, and when
/// bins are not in use.
CICADA_API extern constinit thread_local pool_bin* own_bins [[gnu::tls_model("initial-exec")]];

CICADA_API void* allocate_beyond_bins(std::size_t size);
CICADA_API void deallocate_beyond_bins(void* block, std::size_t size) noexcept;

/// Any thread. Aligned to 16 where `size` is a multiple of 16, else to 8. Throws std::bad_alloc.
inline void* pool_allocate(std::size_t size) {
    pool_bin* const bins = own_bins;
    if (bins && size <= pool_largest) [[likely]] {
        pool_bin& bin = bins[pool_class(size)];
        if (free_block* const block = bin.first) [[likely]] {
            bin.first = block->next;
            bin.room.store(bin.room.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return block;
        }
    }
    return allocate_beyond_bins(size);
}

/// Any thread. `size` is what was asked for.
inline void pool_deallocate(void* memory, std::size_t size) noexcept {
    pool_bin* const bins = own_bins;
    if (bins && size <= pool_largest) [[likely]] {
        pool_bin& bin = bins[pool_class(size)];
        if (const auto room = bin.room.load(std::memory_order_relaxed)) [[likely]] {
            bin.room.store(room - 1, std::memory_order_relaxed);
            auto* const block = static_cast<free_block*>(memory);
            block->next = bin.first;
            bin.first = block;
            return;
        }
    }
    deallocate_beyond_bins(memory, size);
}

/// Blocks given out and not yet returned, in the whole process: 0 when nothing of cicada is alive.
CICADA_API std::int64_t pool_live_blocks() noexcept;
/// What the slabs take, in the whole process; 0 under AddressSanitizer.
CICADA_API std::int64_t pool_slab_bytes() noexcept;

/// Base of classes that live in the pool.
struct pooled {
    static void* operator new(std::size_t size) { return pool_allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept {
        pool_deallocate(block, size);
    }
};

} // namespace cicada::detail
