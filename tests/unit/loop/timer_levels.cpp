#include <loop/timer_levels.hpp>

#include <deque>
#include <gtest/gtest.h>
#include <vector>

namespace {

using cicada::detail::timer;
using cicada::detail::timer_chunks;
using cicada::detail::timer_levels;
using cicada::detail::timer_place;

constexpr std::int64_t slot = 1 << timer_place::slot_bits; // of level 0
constexpr std::int64_t year = 31'556'952'000'000'000;

struct probe final : timer {
    explicit probe(std::int64_t at) : timer(at) {}
    void expired(const cicada::detail::expiry&) noexcept override {}
};

struct levels {
    timer_chunks chunks;
    timer_levels all{chunks, 0};

    std::vector<timer*> loaded_by(std::int64_t now) {
        std::vector<timer*> loaded;
        all.advance(now, [&](timer_chunks::chain& twin, timer_chunks::chain& direct) {
            chunks.drain(twin, [&](timer& t) { loaded.push_back(&t); });
            chunks.drain(direct, [&](timer& t) { loaded.push_back(&t); });
        });
        return loaded;
    }
};

TEST(timer_levels, load_a_timer_when_time_enters_its_millisecond) {
    for (const std::int64_t at : {slot, 4095 * slot, 5000 * slot, year, 200 * year}) {
        levels l;
        probe p(at + 17);
        l.all.put(p);
        const std::int64_t begin = p.is_armed() ? (at + 17) / slot * slot : 0;
        EXPECT_EQ(l.all.next({}), at + 17);
        EXPECT_TRUE(l.loaded_by(begin - 1).empty()) << at;
        EXPECT_FALSE(l.all.have_left(at + 17));
        EXPECT_EQ(l.loaded_by(begin), std::vector<timer*>{&p}) << at;
        EXPECT_TRUE(l.all.have_left(at + 17));
        EXPECT_EQ(l.all.next({}), std::nullopt);
    }
}

TEST(timer_levels, load_what_was_put_first_first_whichever_level_it_came_from) {
    levels l;
    const std::int64_t at = year;
    std::deque<probe> probes;
    std::vector<timer*> expected;
    for (const std::int64_t before : {year - slot, 5000 * slot, 4000 * slot, slot}) {
        EXPECT_TRUE(l.loaded_by(at - before).empty());
        l.all.put(probes.emplace_back(at));
        expected.push_back(&probes.back());
    }
    EXPECT_EQ(l.loaded_by(at), expected);
}

TEST(timer_levels, give_the_start_of_a_slot_of_many_as_what_is_next) {
    levels l;
    std::deque<probe> probes;
    for (int i = 0; i < 40; ++i) l.all.put(probes.emplace_back(10 * slot + 100 + i));
    EXPECT_EQ(l.all.next({}), 10 * slot);
    for (int i = 0; i < 10; ++i) {
        l.all.take_out(probes.back());
        probes.pop_back();
    }
    EXPECT_EQ(l.all.next({}), 10 * slot + 100);
    EXPECT_EQ(l.all.next(slot), slot);
}

} // namespace
