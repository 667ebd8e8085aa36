#include <cicada/base/pool.hpp>

#include <cstring>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

using namespace cicada::detail;

TEST(pool, gives_blocks_that_are_aligned_and_do_not_overlap) {
    const auto before = pool_live_blocks();
    struct piece {
        unsigned char* at;
        std::size_t size;
        unsigned char mark;
    };
    std::vector<piece> pieces;
    for (std::size_t size = 1; size <= 3000; size += size < 200 ? 1 : 37) {
        auto* at = static_cast<unsigned char*>(pool_allocate(size));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % (size % 16 == 0 ? 16 : 8), 0u) << size;
        const auto mark = static_cast<unsigned char>(pieces.size());
        std::memset(at, mark, size);
        pieces.push_back({at, size, mark});
    }
    EXPECT_EQ(pool_live_blocks(), before + static_cast<std::int64_t>(pieces.size()));
    for (const piece& p : pieces) {
        for (std::size_t i = 0; i < p.size; ++i)
            ASSERT_EQ(p.at[i], p.mark) << "size " << p.size << " byte " << i;
        pool_deallocate(p.at, p.size);
    }
    EXPECT_EQ(pool_live_blocks(), before);
}

TEST(pool, keeps_the_contents_of_living_blocks_through_a_long_random_history) {
    const auto before = pool_live_blocks();
    constexpr unsigned seed = 2026;
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    struct piece {
        std::uint64_t* at;
        std::size_t words;
        std::uint64_t mark;
    };
    std::vector<piece> pieces;
    std::uint64_t next = 0;
    const auto drop = [&](std::size_t i) {
        const piece p = std::exchange(pieces[i], pieces.back());
        pieces.pop_back();
        ASSERT_EQ(p.at[0], p.mark);
        ASSERT_EQ(p.at[p.words - 1], p.mark);
        pool_deallocate(p.at, p.words * 8);
    };
    for (int step = 0; step < 200'000; ++step) {
        // It grows for a while, then shrinks, so that slabs fill, empty and are reused.
        const bool grows = (step / 20'000) % 2 == 0;
        if (pieces.empty() || random() % 10 < (grows ? 7u : 3u)) {
            const std::size_t words = 1 + random() % (random() % 50 == 0 ? 400 : 40);
            auto* at = static_cast<std::uint64_t*>(pool_allocate(words * 8));
            at[0] = at[words - 1] = ++next;
            pieces.push_back({at, words, next});
        } else {
            ASSERT_NO_FATAL_FAILURE(drop(random() % pieces.size()));
        }
    }
    while (!pieces.empty()) ASSERT_NO_FATAL_FAILURE(drop(pieces.size() - 1));
    EXPECT_EQ(pool_live_blocks(), before);
}

TEST(pool, gives_the_last_freed_block_of_a_size_out_again) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "under AddressSanitizer every block is an allocation of its own";
#endif
    void* keep = pool_allocate(64);
    void* first = pool_allocate(64);
    pool_deallocate(first, 64);
    void* second = pool_allocate(64);
    EXPECT_EQ(first, second);
    pool_deallocate(second, 64);
    pool_deallocate(keep, 64);
}
