#pragma once

/// Large pieces of memory, straight from the operating system.
///
/// The general allocator keeps much of what it is given back: it moves its threshold for mapping
/// up to the largest piece freed so far, and what lies below it goes back only from the top of its
/// heap. What is made for a burst and must go after it comes from here. Under AddressSanitizer each
/// piece is an allocation like any other: what only mapped memory points to would count as leaked.

#include <cstddef>
#include <new>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CICADA_PLAIN_ALLOCATION 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CICADA_PLAIN_ALLOCATION 1
#endif

namespace cicada::detail {

/// Any thread. `size` is a multiple of `alignment`, a power of two. Throws std::bad_alloc.
void* map_pages(std::size_t size, std::size_t alignment);
void unmap_pages(void* pages, std::size_t size) noexcept;

/// For vectors that are small at most times and huge at some.
template <class T>
struct page_allocator {
    using value_type = T;
    static constexpr std::size_t mapped_from = 128 * 1024;

    page_allocator() = default;
    template <class U>
    page_allocator(const page_allocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        const std::size_t size = count * sizeof(T);
        return static_cast<T*>(size < mapped_from ? ::operator new(size)
                                                  : map_pages(size, alignof(T)));
    }
    template <class U>
    void construct(U* p) noexcept { // resize() leaves what is about to be written as it is
        ::new (static_cast<void*>(p)) U;
    }
    void deallocate(T* first, std::size_t count) noexcept {
        const std::size_t size = count * sizeof(T);
        size < mapped_from ? ::operator delete(first) : unmap_pages(first, size);
    }
    bool operator==(const page_allocator&) const = default;
};

template <class T>
using burst_vector = std::vector<T, page_allocator<T>>;

} // namespace cicada::detail
