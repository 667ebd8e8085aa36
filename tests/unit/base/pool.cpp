#include <cicada/base/pool.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <thread>
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

namespace {

constexpr std::int64_t slab = 256 * 1024;

std::vector<void*> allocate_many(std::size_t count, std::size_t size) {
    std::vector<void*> blocks(count);
    for (void*& block : blocks) block = pool_allocate(size);
    return blocks;
}

void free_in_random_order(std::vector<void*> blocks, std::size_t size) {
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937(2026));
    for (void* block : blocks) pool_deallocate(block, size);
}

} // namespace

// The bins held a thousand of a million blocks: one or more in every slab, so that none went.
TEST(pool, gives_memory_back_that_is_freed_in_random_order) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "under AddressSanitizer every block is an allocation of its own";
#endif
    const auto live = pool_live_blocks();
    for (const std::size_t size : {std::size_t{48}, std::size_t{200}, std::size_t{1024}}) {
        const auto before = pool_slab_bytes();
        for (int round = 0; round < 3; ++round) {
            auto blocks = allocate_many(12'000'000 / size, size);
            EXPECT_GE(pool_slab_bytes() - before, 11'000'000);
            free_in_random_order(std::move(blocks), size);
            EXPECT_LE(pool_slab_bytes() - before, 3 * slab) << size << " round " << round;
        }
        EXPECT_EQ(pool_live_blocks(), live);
    }
}

/// Destroyed after the pool's own objects of its thread, because it was made before them.
struct last_of_thread {
    void* block = nullptr;
    ~last_of_thread() {
        pool_deallocate(block, 48);
        pool_deallocate(pool_allocate(200), 200);
    }
};
thread_local last_of_thread last;

TEST(pool, is_there_for_the_last_objects_of_a_thread_and_keeps_nothing_for_it) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "under AddressSanitizer every block is an allocation of its own";
#endif
    const auto use = [] {
        std::thread([] {
            last_of_thread& mine = last;
            mine.block = pool_allocate(48);
        }).join();
    };
    use();
    const auto before = pool_slab_bytes();
    const auto live = pool_live_blocks();
    for (int i = 0; i < 100; ++i) use();
    EXPECT_EQ(pool_slab_bytes(), before);
    EXPECT_EQ(pool_live_blocks(), live);
}

TEST(pool, keeps_no_more_than_a_few_slabs_for_a_few_blocks_among_many_that_were_freed) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "under AddressSanitizer every block is an allocation of its own";
#endif
    const auto before = pool_slab_bytes();
    auto blocks = allocate_many(200'000, 56);
    std::vector<void*> left;
    for (int i = 0; i < 5; ++i) {
        left.push_back(blocks.back());
        blocks.erase(blocks.end() - 1);
        std::swap(blocks[static_cast<std::size_t>(i) * 40'000], blocks.back());
    }
    free_in_random_order(std::move(blocks), 56);
    EXPECT_LE(pool_slab_bytes() - before, (5 + 3) * slab) << "one for each that is left";
    free_in_random_order(std::move(left), 56);
}

TEST(pool, fills_its_bins_again_after_memory_has_gone_back) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "under AddressSanitizer every block is an allocation of its own";
#endif
    free_in_random_order(allocate_many(200'000, 72), 72);
    free_in_random_order(allocate_many(500, 72), 72); // makes the bin large again
    auto blocks = allocate_many(500, 72);
    free_in_random_order(blocks, 72);
    // From a bin they come in the opposite order, whichever slabs they are of.
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937(2026));
    std::reverse(blocks.begin(), blocks.end());
    const auto again = allocate_many(500, 72);
    EXPECT_EQ(again, blocks);
    free_in_random_order(again, 72);
}
