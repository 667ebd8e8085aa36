#include <base/pages.hpp>

#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>

namespace cicada::detail {

#ifdef CICADA_PLAIN_ALLOCATION

void* map_pages(std::size_t size, std::size_t alignment) {
    if (void* start = std::aligned_alloc(alignment, size)) return start;
    throw std::bad_alloc();
}

void unmap_pages(void* pages, std::size_t) noexcept { std::free(pages); }

#else

namespace {

std::byte* map(std::size_t size) {
    void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::byte*>(start);
}

std::size_t beyond(const std::byte* start, std::size_t alignment) noexcept {
    return reinterpret_cast<std::uintptr_t>(start) % alignment;
}

} // namespace

void* map_pages(std::size_t size, std::size_t alignment) {
    // The kernel puts each piece next to the one before, so that all but the first are aligned by
    // themselves.
    std::byte* start = map(size);
    if (beyond(start, alignment) == 0) return start;
    unmap_pages(start, size);
    start = map(size + alignment);
    const std::size_t ahead = alignment - beyond(start, alignment);
    unmap_pages(start, ahead);
    if (ahead < alignment) unmap_pages(start + ahead + size, alignment - ahead);
    return start + ahead;
}

void unmap_pages(void* pages, std::size_t size) noexcept {
    // A hole may make one mapping more than the kernel allows: then the memory goes, and its
    // addresses stay.
    if (::munmap(pages, size) != 0) ::madvise(pages, size, MADV_DONTNEED);
}

#endif
} // namespace cicada::detail
