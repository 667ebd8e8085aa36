#include <base/pages.hpp>

#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

using namespace cicada::detail;

TEST(pages, are_aligned_and_apart) {
    constexpr std::size_t size = 256 * 1024;
    std::vector<unsigned char*> all;
    std::vector<void*> between; // after which the next is not aligned by itself
    for (unsigned i = 0; i < 20; ++i) {
        between.push_back(map_pages(4096, 8));
        all.push_back(static_cast<unsigned char*>(map_pages(size, size)));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back()) % size, 0u);
        std::memset(all.back(), static_cast<int>(i), size);
    }
    for (unsigned i = 0; i < 20; ++i) {
        EXPECT_EQ(all[i][0], i);
        EXPECT_EQ(all[i][size - 1], i);
        unmap_pages(all[i], size);
        unmap_pages(between[i], 4096);
    }
}

TEST(pages, that_there_are_not_throw) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "AddressSanitizer ends the process";
#endif
    EXPECT_THROW(static_cast<void>(map_pages(std::size_t{1} << 60, 4096)), std::bad_alloc);
}

TEST(pages, carry_a_vector_that_grows_from_small_to_large_and_is_emptied) {
    burst_vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < 100'000; ++i) numbers.push_back(i);
    for (std::uint64_t i = 0; i < 100'000; ++i) ASSERT_EQ(numbers[i], i);
    burst_vector<std::uint64_t>().swap(numbers);
    EXPECT_EQ(numbers.capacity(), 0u);
}
