#include <fault/failing_new.hpp>

#include <cstdlib>
#include <new>

constinit thread_local long fault::until_failure = -1;

namespace {

void* allocate(std::size_t size) {
    if (fault::until_failure >= 0 && fault::until_failure-- == 0) throw std::bad_alloc();
    if (void* block = std::malloc(size)) return block;
    throw std::bad_alloc();
}

} // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
