#pragma once

/// Memory of coroutine frames, periodics and posted work: per-thread free lists by size class.
///
/// Blocks come from 64 KiB slabs that belong to the thread which allocated them. Freeing on that thread is a push on
/// the slab's list; freeing on another sends the block home through one atomic list. A slab that is empty again goes
/// back to the operating system, but for one of each size. Under AddressSanitizer every block is its own allocation.
///
/// The scheme (slabs found by masking the address, one local and one remote free list) is that of mimalloc: D. Leijen,
/// B. Zorn, L. de Moura, "Mimalloc: Free List Sharding in Action", 2019.

#include <cstddef>
#include <cstdint>

#include <cicada/base/export.hpp>

namespace cicada::detail {

/// Any thread. Aligned to 16 where `size` is a multiple of 16, else to 8. Throws std::bad_alloc.
CICADA_API void* pool_allocate(std::size_t size);
/// Any thread. `size` is what was asked for.
CICADA_API void pool_deallocate(void* block, std::size_t size) noexcept;

/// Blocks given out and not yet returned, in the whole process: 0 when nothing of cicada is alive.
CICADA_API std::int64_t pool_live_blocks() noexcept;

/// Base of classes that live in the pool.
struct pooled {
    static void* operator new(std::size_t size) { return pool_allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept {
        pool_deallocate(block, size);
    }
};

} // namespace cicada::detail
