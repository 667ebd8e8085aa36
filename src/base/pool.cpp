#include <cicada/base/pool.hpp>

#include <base/pages.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <new>
#include <utility>

namespace cicada::detail {

constinit thread_local pool_bin* own_bins = nullptr;

#ifdef CICADA_PLAIN_ALLOCATION

namespace {
std::atomic<std::int64_t> live_blocks{0};
}

void* allocate_beyond_bins(std::size_t size) {
    void* block = ::operator new(size);
    live_blocks.fetch_add(1, std::memory_order_relaxed);
    return block;
}

void deallocate_beyond_bins(void* block, std::size_t) noexcept {
    live_blocks.fetch_sub(1, std::memory_order_relaxed);
    ::operator delete(block);
}

std::int64_t pool_live_blocks() noexcept { return live_blocks.load(std::memory_order_relaxed); }
std::int64_t pool_slab_bytes() noexcept { return 0; }

#else

namespace {

std::atomic<std::int64_t> slab_bytes{0};

constexpr std::size_t slab_size = 256 * 1024;
constexpr std::size_t class_count = pool_class(pool_largest) + 1;
constexpr std::size_t bin_size = 64 * 1024; // what a bin may hold back

constexpr std::uint32_t room_in_bin(std::size_t size_class) noexcept {
    return static_cast<std::uint32_t>(bin_size / pool_granule /
                                      std::max<std::size_t>(size_class, 1));
}

struct heap;

/// How full a slab is, in as much as it matters:
///
///     full    no block is free; in no list        -> roomy when one is
///     roomy   in the list, or current             -> thin  when no more than a quarter is used
///     thin    in the list, or current; a new one  -> gone  when none is used; the current stays
///
/// One with room becomes current, and current it remains until it is full.
enum class fill : std::uint8_t { full, roomy, thin };

/// The header of a slab. It sits a few cache lines into it, at an offset that differs from slab to
/// slab: headers at equal offsets would all compete for one set of the cache.
struct slab {
    heap* owner;
    free_block* free; // returned blocks
    std::byte* fresh; // never used ones, up to `end`
    std::byte* end;
    slab* previous; // neighbours in the owner's list of slabs with room
    slab* next;
    std::uint32_t used; // blocks given out, and one for being the current slab of its size
    std::uint32_t changes_at; // its fill does, when `used` has fallen to this
    std::uint32_t size_class;
    fill filled;
};

constexpr std::size_t header_places = 64;
constexpr std::size_t header_room = header_places * 64 + 64;
static_assert(sizeof(slab) <= 128);

constexpr std::uint32_t quarter_of_slab(std::size_t size_class) noexcept {
    return static_cast<std::uint32_t>((slab_size - header_room) / pool_granule /
                                      std::max<std::size_t>(size_class, 1) / 4);
}

slab* slab_at(std::byte* start) noexcept {
    const auto place = (reinterpret_cast<std::uintptr_t>(start) / slab_size) % header_places;
    return reinterpret_cast<slab*>(start + place * 64);
}

slab* slab_of(void* block) noexcept {
    return slab_at(
        reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(block) & ~(slab_size - 1)));
}

std::byte* start_of(slab* s) noexcept {
    return reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(s) & ~(slab_size - 1));
}

/// What one thread allocates from. Outlives its thread: the next new thread takes it over, with all
/// its blocks.
struct heap {
    heap() noexcept {
        for (std::size_t c = 0; c < class_count; ++c) set_bin(c, room_in_bin(c));
    }

    std::array<pool_bin, class_count> bins{}; // of any thread's blocks
    std::array<std::atomic<std::uint32_t>, class_count> bin_sizes{}; // what they may hold now
    std::array<slab*, class_count> current{};
    std::array<slab*, class_count> roomy{}; // further slabs with room
    struct slabs_of_class {
        std::uint32_t all;
        std::uint32_t thin;
        bool are_sparse; // most are thin, of three or more
        bool bin_is_odd; // it is to become narrow, or it is
    };
    std::array<slabs_of_class, class_count> slabs{};
    slab* spare = nullptr; // one empty slab kept back
    std::atomic<std::int64_t> live{0}; // given out, bins included; written by the owner only
    std::atomic<free_block*> returned{nullptr};
    heap* next_registered = nullptr;
    heap* next_idle = nullptr;

    void count(std::int64_t change) noexcept {
        live.store(live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
    }
    std::int64_t in_bin(std::size_t size_class) const noexcept {
        return std::int64_t{bin_sizes[size_class].load(std::memory_order_relaxed)} -
               bins[size_class].room.load(std::memory_order_relaxed);
    }
    std::int64_t in_bins() const noexcept {
        std::int64_t sum = 0;
        for (std::size_t c = 0; c < class_count; ++c) sum += in_bin(c);
        return sum;
    }
    /// The bin is empty.
    void set_bin(std::size_t size_class, std::uint32_t size) noexcept {
        bin_sizes[size_class].store(size, std::memory_order_relaxed);
        bins[size_class].room.store(size, std::memory_order_relaxed);
    }
    void* allocate(std::size_t size_class);
    void* allocate_slowly(std::size_t size_class);
    void give_back(void* block) noexcept;
    void release(slab* s, void* block) noexcept;
    void release_slowly(slab* s) noexcept;
    void collect_returned() noexcept;
    void fit_bin(std::size_t size_class) noexcept;
    void resize_bin(std::size_t size_class) noexcept;
    slab* make_slab(std::size_t size_class);
    void count_slabs(std::size_t size_class, int all, int thin) noexcept;
};

inline void* heap::allocate(std::size_t size_class) {
    slab* s = current[size_class];
    if (s && s->free) {
        free_block* block = s->free;
        s->free = block->next;
        ++s->used;
        return block;
    }
    return allocate_slowly(size_class);
}

[[gnu::noinline]] void* heap::allocate_slowly(std::size_t size_class) {
    const std::size_t size = size_class * pool_granule;
    for (bool collected = false;;) {
        slab*& s = current[size_class];
        if (s && s->free) return allocate(size_class);
        if (s && s->fresh + size <= s->end) {
            void* block = s->fresh;
            s->fresh += size;
            ++s->used;
            return block;
        }
        if (!collected) {
            collect_returned();
            collected = true;
            continue;
        }
        if (s) {
            if (s->filled == fill::thin) count_slabs(size_class, 0, -1);
            s->filled = fill::full;
            --s->used; // not to 0: it is full
            s->changes_at = s->used - 1;
            s = nullptr;
        }
        s = roomy[size_class];
        if (s) {
            roomy[size_class] = s->next;
            if (s->next) s->next->previous = nullptr;
        } else {
            s = make_slab(size_class);
        }
        ++s->used;
    }
}

slab* heap::make_slab(std::size_t size_class) {
    std::byte* start = nullptr;
    if (spare) {
        start = start_of(spare);
        spare = nullptr;
    } else {
        start = static_cast<std::byte*>(map_pages(slab_size, slab_size));
        slab_bytes.fetch_add(slab_size, std::memory_order_relaxed);
    }
    count_slabs(size_class, +1, +1);
    slab* s = slab_at(start);
    *s = slab{this,
              nullptr,
              start + header_room,
              start + slab_size,
              nullptr,
              nullptr,
              0,
              0,
              static_cast<std::uint32_t>(size_class),
              fill::thin};
    return s;
}

inline void heap::release(slab* s, void* memory) noexcept {
    auto* block = static_cast<free_block*>(memory);
    block->next = s->free;
    s->free = block;
    if (--s->used == s->changes_at) [[unlikely]]
        release_slowly(s);
}

[[gnu::noinline]] void heap::release_slowly(slab* s) noexcept {
    slab*& first = roomy[s->size_class];
    switch (s->filled) {
    case fill::full:
        s->filled = fill::roomy;
        s->changes_at = quarter_of_slab(s->size_class);
        s->previous = nullptr;
        s->next = first;
        if (first) first->previous = s;
        first = s;
        return;
    case fill::roomy:
        s->filled = fill::thin;
        s->changes_at = 0;
        return count_slabs(s->size_class, 0, +1);
    case fill::thin:
        break;
    }
    (s->previous ? s->previous->next : first) = s->next;
    if (s->next) s->next->previous = s->previous;
    count_slabs(s->size_class, -1, -1);
    if (!spare) {
        spare = s;
    } else {
        unmap_pages(start_of(s), slab_size);
        slab_bytes.fetch_sub(slab_size, std::memory_order_relaxed);
    }
}

void heap::count_slabs(std::size_t size_class, int all, int thin) noexcept {
    slabs_of_class& of = slabs[size_class];
    of.all += static_cast<std::uint32_t>(all);
    of.thin += static_cast<std::uint32_t>(thin);
    of.are_sparse = of.all > 2 && of.thin > of.all / 2;
    of.bin_is_odd |= of.are_sparse;
}

/// To a slab, of whichever thread.
inline void heap::give_back(void* memory) noexcept {
    slab* s = slab_of(memory);
    if (s->owner == this) return release(s, memory);
    auto* block = static_cast<free_block*>(memory);
    block->next = s->owner->returned.load(std::memory_order_relaxed);
    while (!s->owner->returned.compare_exchange_weak(block->next, block, std::memory_order_release,
                                                     std::memory_order_relaxed)) {
    }
}

/// After a block that the bin did not take. What a bin holds keeps slabs from becoming empty: a
/// thousand blocks, left from a million that were freed in random order, would keep them all. While
/// slabs are sparse, the bin holds a block for eight of them.
inline void heap::fit_bin(std::size_t size_class) noexcept {
    if (slabs[size_class].bin_is_odd) [[unlikely]]
        resize_bin(size_class);
}

[[gnu::noinline]] void heap::resize_bin(std::size_t size_class) noexcept {
    count(-in_bin(size_class));
    free_block*& first = bins[size_class].first;
    while (first) give_back(std::exchange(first, first->next));
    slabs_of_class& of = slabs[size_class];
    of.bin_is_odd = of.are_sparse;
    const std::uint32_t size = room_in_bin(size_class);
    set_bin(size_class, of.are_sparse ? std::min(size, of.all / 8 + 1) : size);
}

void heap::collect_returned() noexcept {
    free_block* block = returned.exchange(nullptr, std::memory_order_acquire);
    while (block) {
        free_block* next = block->next;
        release(slab_of(block), block);
        block = next;
    }
}

struct heap_registry {
    std::mutex mutex;
    heap* all = nullptr;
    heap* idle = nullptr;
};

heap_registry& registry() {
    // Never destroyed: threads may outlive static objects.
    static auto* const heaps = new heap_registry;
    return *heaps;
}

constinit thread_local heap* own_heap = nullptr;
constinit thread_local bool thread_ending = false;

void abandon(heap* h) noexcept {
    auto& heaps = registry();
    const std::lock_guard lock(heaps.mutex);
    h->next_idle = heaps.idle;
    heaps.idle = h;
}

heap* take_heap() {
    auto& heaps = registry();
    const std::lock_guard lock(heaps.mutex);
    if (heap* h = heaps.idle) {
        heaps.idle = h->next_idle;
        return h;
    }
    auto* h = new heap;
    h->next_registered = heaps.all;
    heaps.all = h;
    return h;
}

struct thread_exit {
    ~thread_exit() {
        thread_ending = true;
        own_bins = nullptr;
        if (heap* h = std::exchange(own_heap, nullptr)) abandon(h);
    }
};

[[gnu::noinline]] heap* adopt_heap() {
    heap* h = take_heap();
    own_heap = h;
    own_bins = h->bins.data();
    static thread_local thread_exit at_exit;
    (void)at_exit;
    return h;
}

/// A heap for one operation: the thread's own; and one that it has only for that when it is ending,
/// as its last objects are destroyed.
class heap_in_use {
public:
    heap_in_use() : heap_(own_heap ? own_heap : thread_ending ? take_heap() : adopt_heap()) {}
    heap_in_use(const heap_in_use&) = delete;
    heap_in_use& operator=(const heap_in_use&) = delete;
    ~heap_in_use() {
        if (heap_ != own_heap) [[unlikely]]
            abandon(heap_);
    }
    heap* operator->() const noexcept { return heap_; }

private:
    heap* const heap_;
};

} // namespace

void* allocate_beyond_bins(std::size_t size) {
    const heap_in_use h;
    void* block = size <= pool_largest ? h->allocate(pool_class(size)) : ::operator new(size);
    h->count(+1);
    return block;
}

void deallocate_beyond_bins(void* block, std::size_t size) noexcept {
    const heap_in_use h;
    h->count(-1);
    if (size > pool_largest) return ::operator delete(block);
    h->give_back(block);
    h->fit_bin(pool_class(size));
}

std::int64_t pool_live_blocks() noexcept {
    auto& heaps = registry();
    const std::lock_guard lock(heaps.mutex);
    std::int64_t sum = 0;
    for (heap* h = heaps.all; h; h = h->next_registered)
        sum += h->live.load(std::memory_order_relaxed) - h->in_bins();
    return sum;
}

std::int64_t pool_slab_bytes() noexcept { return slab_bytes.load(std::memory_order_relaxed); }

#endif
} // namespace cicada::detail
