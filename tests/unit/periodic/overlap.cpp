#include <cicada/cicada.hpp>

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <ostream>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::overlap;
using cicada::task;

namespace {

struct run {
    duration nominal;
    duration started;
    bool operator==(const run&) const = default;
};
void PrintTo(const run& r, std::ostream* out) {
    *out << r.nominal.count() << " at " << r.started.count();
}

struct outcome {
    std::vector<run> runs;
    std::vector<duration> completed; // nominal
    std::uint64_t dropped;
    std::uint64_t told; // missed, as the ticks were told
    int most_at_a_time;
};

// Ticks at 0, 1, 2, ... 7 s; each run takes 2.4 s. The end is at 7.5 s.
outcome with(overlap policy) {
    cicada::simulation sim;
    const cicada::wall_time start = sim.wall_now();
    outcome o{};
    int running = 0;
    const auto body = [&](cicada::tick t) -> task<> {
        o.runs.push_back({t.nominal - start, sim.elapsed()});
        EXPECT_EQ(t.now, sim.wall_now());
        EXPECT_EQ(t.lateness, t.now - t.nominal);
        o.told += t.missed;
        o.most_at_a_time = std::max(o.most_at_a_time, ++running);
        try {
            co_await cicada::sleep(2400ms);
            o.completed.push_back(t.nominal - start);
        } catch (const cicada::cancelled&) {
        }
        --running;
    };
    auto p = cicada::every(1s, {.overlap = policy}, body);
    sim.advance(7500ms);
    o.dropped = p.counters().dropped;
    EXPECT_EQ(p.counters().ran, o.runs.size());
    const auto runs = o.runs; // what is cancelled below is not part of the outcome
    const auto completed = o.completed;
    p.cancel();
    sim.settle();
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(running, 0);
    o.runs = runs;
    o.completed = completed;
    return o;
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0            ]   [3            ]   [6
TEST(overlap, skip_drops_what_comes_while_it_runs) {
    const outcome o = with(overlap::skip);
    EXPECT_EQ(o.runs, (std::vector<run>{{0s, 0s}, {3s, 3s}, {6s, 6s}}));
    EXPECT_EQ(o.dropped, 5u);
    EXPECT_EQ(o.told, 4u) << "1, 2, 4 and 5; 7 will be told by the next";
    EXPECT_EQ(o.most_at_a_time, 1);
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0            ][1            ][3            ][5
TEST(overlap, buffer_one_runs_the_oldest_afterwards) {
    const outcome o = with(overlap::buffer_one);
    EXPECT_EQ(o.runs, (std::vector<run>{{0s, 0s}, {1s, 2400ms}, {3s, 4800ms}, {5s, 7200ms}}));
    EXPECT_EQ(o.dropped, 4u) << "2, 4, 6 and 7";
    EXPECT_EQ(o.most_at_a_time, 1);
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0            ][2            ][4            ][7
TEST(overlap, buffer_latest_runs_the_newest_afterwards) {
    const outcome o = with(overlap::buffer_latest);
    EXPECT_EQ(o.runs, (std::vector<run>{{0s, 0s}, {2s, 2400ms}, {4s, 4800ms}, {7s, 7200ms}}));
    EXPECT_EQ(o.dropped, 4u) << "1, 3, 5 and 6";
    EXPECT_EQ(o.most_at_a_time, 1);
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0            ][1            ][2            ][3
TEST(overlap, buffer_all_runs_all_in_order_and_drops_what_exceeds_its_limit) {
    const outcome o = with(overlap::buffer_all{100});
    EXPECT_EQ(o.runs, (std::vector<run>{{0s, 0s}, {1s, 2400ms}, {2s, 4800ms}, {3s, 7200ms}}));
    EXPECT_EQ(o.dropped, 0u);
    EXPECT_EQ(with(overlap::buffer_all{1}).runs, with(overlap::buffer_one).runs);
    EXPECT_EQ(with(overlap::buffer_all{2}).dropped, 3u)
        << "4 finds 2 and 3 waiting; 6 and 7 find 3 and 5";
    EXPECT_EQ(with(overlap::buffer_all{0}).runs, with(overlap::skip).runs);
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0   ][1   ][2   ][3   ][4   ][5   ][6   ][7
TEST(overlap, cancel_other_cancels_the_one_that_runs_and_then_runs) {
    const outcome o = with(overlap::cancel_other);
    ASSERT_EQ(o.runs.size(), 8u);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(o.runs[i], (run{i * 1s, i * 1s}));
    EXPECT_TRUE(o.completed.empty());
    EXPECT_EQ(o.dropped, 0u);
    EXPECT_EQ(o.most_at_a_time, 1);
}

// ticks  0     1     2     3     4     5     6     7
// runs   [0            ]   [3            ]   [6
//              [1            ]   [4            ]   [7
TEST(overlap, allow_runs_up_to_so_many_side_by_side) {
    const outcome o = with(overlap::allow{2});
    EXPECT_EQ(o.runs,
              (std::vector<run>{{0s, 0s}, {1s, 1s}, {3s, 3s}, {4s, 4s}, {6s, 6s}, {7s, 7s}}));
    EXPECT_EQ(o.dropped, 2u);
    EXPECT_EQ(o.most_at_a_time, 2);
    EXPECT_EQ(with(overlap::allow{100}).runs.size(), 8u);
    EXPECT_EQ(with(overlap::allow{1}).runs, with(overlap::skip).runs);
}

TEST(overlap, cancel_other_waits_for_the_cleaning_up_of_the_one_it_cancels) {
    cicada::simulation sim;
    std::vector<duration> started;
    int running = 0;
    auto p = cicada::every(1s, {.overlap = overlap::cancel_other}, [&]() -> task<> {
        EXPECT_EQ(++running, 1);
        started.push_back(sim.elapsed());
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
        }
        co_await cicada::sleep(300ms);
        --running;
    });
    sim.advance(2500ms);
    EXPECT_EQ(started, (std::vector<duration>{0s, 1300ms, 2300ms}));
}

TEST(overlap, concerns_no_body_that_is_a_plain_function) {
    cicada::simulation sim;
    int ran = 0;
    auto p = cicada::every(1s, {.overlap = overlap::cancel_other}, [&] { ++ran; });
    sim.advance(5s);
    EXPECT_EQ(ran, 6);
    EXPECT_EQ(p.counters().dropped, 0u);
}

TEST(overlap, takes_a_coroutine_that_ends_at_once_for_a_plain_function) {
    cicada::simulation sim;
    int ran = 0;
    auto p = cicada::every(1s, [&]() -> task<int> { co_return ++ran; });
    sim.advance(5s);
    EXPECT_EQ(ran, 6);
    EXPECT_EQ(p.counters().ran, 6u);
}

TEST(overlap, tells_one_decision_for_each_instant_though_who_is_told_cancels) {
    for (const overlap policy : {overlap(overlap::buffer_all{9}), overlap::buffer_latest}) {
        cicada::simulation sim;
        std::vector<duration> told;
        cicada::periodic p = cicada::every(1s,
                                           {.overlap = policy,
                                            .on_decision =
                                                [&](const cicada::decision& d) {
                                                    told.push_back(d.nominal.time_since_epoch());
                                                    p.cancel();
                                                }},
                                           []() -> task<> { co_await cicada::sleep(1h); });
        sim.advance(2500ms);
        p.cancel();
        sim.settle();
        std::sort(told.begin(), told.end());
        EXPECT_EQ(told, (std::vector<duration>{0s, 1s, 2s}));
    }
}

} // namespace
