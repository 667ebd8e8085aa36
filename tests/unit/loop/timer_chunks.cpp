#include <loop/timer_chunks.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <vector>

namespace {

using cicada::detail::timer;
using cicada::detail::timer_chunks;
using cicada::detail::timer_place;

struct probe final : timer {
    void expired(const cicada::detail::expiry&) noexcept override {}
};

struct timers {
    static constexpr std::size_t many = 1000;
    timer_chunks chunks;
    timer_chunks::chain chain{5};
    std::unique_ptr<probe[]> all{new probe[many]};

    timers() {
        for (std::size_t i = 0; i < many; ++i) chunks.put(chain, all[i]);
    }
    std::vector<timer*> in_chain() const {
        std::vector<timer*> seen;
        chunks.for_each(chain, [&](timer& t) { seen.push_back(&t); });
        return seen;
    }
};

TEST(timer_chunks, keep_the_order_in_which_timers_were_put) {
    timers t;
    std::vector<timer*> expected;
    for (std::size_t i = 0; i < t.many; ++i) {
        if (i % 3 == 0 || i > 900) {
            t.chunks.take_out(t.chain, t.all[i]);
        } else {
            expected.push_back(&t.all[i]);
        }
    }
    EXPECT_EQ(t.in_chain(), expected);
    EXPECT_EQ(t.chain.live, expected.size());
}

TEST(timer_chunks, keep_the_places_right_when_they_move_timers_together) {
    timers t;
    for (std::size_t i = 0; i < t.many; ++i) {
        if (i % 10 != 0) t.chunks.take_out(t.chain, t.all[i]);
    }
    EXPECT_LT(t.chain.holes, t.many / 2) << "compacted";
    for (std::size_t i = 0; i < t.many; i += 10) {
        EXPECT_EQ(timer_place::kind(timer_place::of(t.all[i])), 5u);
        t.chunks.take_out(t.chain, t.all[i]);
    }
    EXPECT_TRUE(t.chain.is_empty());
    EXPECT_EQ(t.chain.length(), 0u);
    EXPECT_EQ(t.chain.kind(), 5u);
}

TEST(timer_chunks, copy_what_is_live_and_leave_an_empty_chain_of_the_same_kind) {
    struct entry {
        timer* t = nullptr;
    };
    timers t;
    for (std::size_t i = 0; i < t.many; i += 2) t.chunks.take_out(t.chain, t.all[i]);
    std::vector<entry> copied(t.chain.live);
    t.chunks.drain_to(t.chain, copied.data());
    for (std::size_t i = 0; i < copied.size(); ++i) EXPECT_EQ(copied[i].t, &t.all[2 * i + 1]);
    EXPECT_TRUE(t.chain.is_empty());
    t.chunks.put(t.chain, t.all[0]);
    EXPECT_EQ(t.in_chain(), std::vector<timer*>{&t.all[0]});
    EXPECT_EQ(timer_place::kind(timer_place::of(t.all[0])), 5u);
}

} // namespace
