#include <schedule/zone_rules.hpp>

#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

using namespace cicada;
using namespace std::chrono_literals;
using cicada::detail::timeline;
using cicada::detail::zone_rules;
using std::chrono::seconds;

namespace {

wall_time at(std::int64_t second) { return wall_time(seconds(second)); }
local_time shown(std::int64_t second) { return local_time(seconds(second)); }

/// Types by their offset; the first one is 0.
zone_rules rules(const std::vector<std::pair<std::int64_t, seconds>>& changes) {
    timeline line({0s, false, "AAA"});
    for (const auto& [when, offset] : changes) {
        line.append(when, line.add_type({offset, false, "AAA"}));
    }
    return zone_rules(line);
}

} // namespace

TEST(timeline, lets_the_last_word_on_a_time_hold) {
    timeline line({0s, false, "AAA"});
    const auto other = line.add_type({1h, false, "BBB"});
    EXPECT_EQ(line.add_type({1h, false, "BBB"}), other);
    line.append(1000, other);
    line.append(2000, 0);
    line.append(1000, 0);
    EXPECT_TRUE(line.changes().empty()) << "and what changes nothing is no change";
}

TEST(zone_rules, look_up_each_stretch_also_where_many_are_close) {
    std::vector<std::pair<std::int64_t, seconds>> changes;
    for (int i = 0; i < 2000; ++i) changes.emplace_back(i * 10, seconds(1 + i % 2));
    changes.emplace_back(9'000'000'000, 7s);
    const zone_rules table = rules(changes);
    ASSERT_EQ(table.stretches(), 2002u);
    for (int i = 0; i < 2000; ++i) {
        for (const std::int64_t t : {i * 10, i * 10 + 9}) {
            const zone::stretch s = table.at(at(t));
            ASSERT_EQ(s.from, at(i * 10));
            ASSERT_EQ(s.until, i == 1999 ? at(9'000'000'000) : at(i * 10 + 10));
            ASSERT_EQ(s.offset, seconds(1 + i % 2));
        }
    }
    EXPECT_EQ(table.at(at(-1)).offset, 0s);
    EXPECT_EQ(table.at(wall_time::max()).offset, 7s);
}

TEST(zone_rules, give_the_first_of_three_passes) {
    // 1000 is shown at 1000, at 1010 by the second offset, at 1020 by the third.
    const zone_rules table = rules({{1005, -10s}, {1015, -20s}});
    EXPECT_EQ(table.to_instant(shown(1000), gap::run), at(1000));
    EXPECT_EQ(table.to_instant(shown(1004), gap::run), at(1004));
    EXPECT_EQ(table.to_instant(shown(1005), gap::run), at(1025)) << "only the last one gets there";
    EXPECT_EQ(table.to_instant(shown(1000), gap::skip), at(1000));
}

TEST(zone_rules, take_a_leap_for_the_first_instant_though_clocks_set_back_show_the_time_later) {
    // 1005 is leapt over at 1000, and shown when clocks go back at 1001.
    const zone_rules table = rules({{1000, 10s}, {1001, 0s}});
    EXPECT_EQ(table.to_instant(shown(1005), gap::run), at(1000));
    EXPECT_EQ(table.to_instant(shown(1005), gap::skip), at(1005));
}

TEST(zone_rules, find_the_instant_that_a_search_through_all_of_them_finds) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::pair<std::int64_t, seconds>> changes;
        for (std::int64_t t = 0; t < 100; t += 1 + random() % 20) {
            changes.emplace_back(t, seconds(random() % 41) - 20s);
        }
        const zone_rules table = rules(changes);
        for (int wanted = -40; wanted < 140; ++wanted) {
            std::optional<wall_time> reached; // the first at which it is that late, or later
            std::optional<wall_time> seen;
            for (int t = -100; t < 200 && !seen; ++t) {
                const auto local = t + table.at(at(t)).offset.count();
                if (!reached && local >= wanted) reached = at(t);
                if (local == wanted) seen = at(t);
            }
            ASSERT_EQ(table.to_instant(shown(wanted), gap::run), reached);
            ASSERT_EQ(table.to_instant(shown(wanted), gap::skip), seen);
        }
    }
}

TEST(zone_rules, are_equal_if_nobody_can_tell_them_apart) {
    timeline line({0s, false, "AAA"});
    line.add_type({5h, false, "NEVER"});
    line.append(1000, line.add_type({1h, false, "AAA"}));
    EXPECT_EQ(zone_rules(line), rules({{1000, 1h}}));
    EXPECT_FALSE(zone_rules(line) == rules({{1000, 2h}}));
    EXPECT_FALSE(zone_rules(line) == rules({{1001, 1h}}));
    EXPECT_FALSE(zone_rules(line) == rules({}));
}
