#include <base/fifo.hpp>

#include <deque>
#include <gmock/gmock.h>

#include <support/random.hpp>

using cicada::detail::fifo;
using testing::ElementsAreArray;

namespace {

TEST(fifo, gives_what_a_deque_gives) {
    support::random_numbers below(1);
    fifo<int> queue;
    std::deque<int> model;
    for (int i = 0; i < 10'000; ++i) {
        const unsigned fills = i / 100 % 2 == 0 ? 6 : 3;
        const unsigned what = below(10);
        if (what < fills) {
            queue.push_back(i);
            model.push_back(i);
        } else if (!model.empty()) {
            const auto at =
                what == 9 ? static_cast<int>(below(static_cast<unsigned>(model.size()))) : 0;
            ASSERT_EQ(queue.take(queue.begin() + at), model[static_cast<std::size_t>(at)]);
            model.erase(model.begin() + at);
        }
        if (below(500) == 0) {
            queue.clear();
            model.clear();
        }
        ASSERT_THAT(queue, ElementsAreArray(model));
        ASSERT_EQ(queue.size(), model.size());
        ASSERT_EQ(queue.empty(), model.empty());
    }
}

TEST(fifo, is_equal_by_what_is_in_it) {
    fifo<int> a, b;
    for (const int i : {1, 2, 3, 4, 5}) a.push_back(i);
    EXPECT_EQ(a.take(a.begin()), 1);
    for (const int i : {2, 3, 4, 5}) b.push_back(i);
    EXPECT_EQ(a, b);
    b.take(b.begin() + 1);
    EXPECT_NE(a, b);
}

int moves = 0;

struct counted {
    counted() = default;
    counted(const counted&) noexcept { ++moves; }
    counted& operator=(const counted&) noexcept {
        ++moves;
        return *this;
    }
};

TEST(fifo, moves_each_a_few_times_however_many_there_are) {
    fifo<counted> queue;
    constexpr int many = 100'000;
    for (int i = 0; i < many; ++i) queue.push_back({});
    moves = 0;
    while (!queue.empty()) queue.take(queue.begin());
    EXPECT_LT(moves, 3 * many);
}

} // namespace
