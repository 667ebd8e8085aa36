// The policies of missed ticks, end to end; what they compute is tested in schedule/plan.cpp.

#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <ostream>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::missed;

namespace {

struct seen {
    duration nominal; // since the start
    duration now;
    duration lateness;
    std::uint64_t missed;
    bool operator==(const seen&) const = default;
};
void PrintTo(const seen& s, std::ostream* out) {
    *out << s.nominal.count() << " at " << s.now.count() << ", late " << s.lateness.count()
         << ", missed " << s.missed;
}

class recorder {
public:
    explicit recorder(const cicada::simulation& sim) : start_(sim.wall_now()), sim_(sim) {}
    void operator()(cicada::tick t) {
        EXPECT_EQ(t.now - t.nominal, t.lateness);
        EXPECT_EQ(t.now, sim_.wall_now());
        ticks.push_back({t.nominal - start_, t.now - start_, t.lateness, t.missed});
    }
    std::vector<seen> ticks;

private:
    cicada::wall_time start_;
    const cicada::simulation& sim_;
};

// Ticks at 0, 1 and 2 s; then nothing runs until 6.5 s; 7 s is the end.
std::vector<seen> ticks_around_a_stall(cicada::missed policy) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    recorder body(sim);
    auto p = cicada::every(1s, {.missed = policy}, std::ref(body));
    sim.advance(2s);
    sim.stall(4500ms);
    sim.advance(500ms);
    EXPECT_EQ(p.counters().ran, body.ticks.size());
    return body.ticks;
}

TEST(missed, skip_runs_one_tells_how_many_were_missed_and_keeps_the_grid) {
    EXPECT_EQ(ticks_around_a_stall(missed::skip), (std::vector<seen>{{0s, 0s, 0s, 0},
                                                                     {1s, 1s, 0s, 0},
                                                                     {2s, 2s, 0s, 0},
                                                                     {3s, 6500ms, 3500ms, 3},
                                                                     {7s, 7s, 0s, 0}}));
}

TEST(missed, burst_runs_all_of_them_at_once) {
    EXPECT_EQ(ticks_around_a_stall(missed::burst), (std::vector<seen>{{0s, 0s, 0s, 0},
                                                                      {1s, 1s, 0s, 0},
                                                                      {2s, 2s, 0s, 0},
                                                                      {3s, 6500ms, 3500ms, 0},
                                                                      {4s, 6500ms, 2500ms, 0},
                                                                      {5s, 6500ms, 1500ms, 0},
                                                                      {6s, 6500ms, 500ms, 0},
                                                                      {7s, 7s, 0s, 0}}));
}

TEST(missed, delay_runs_one_and_starts_a_new_grid_there) {
    EXPECT_EQ(ticks_around_a_stall(missed::delay),
              (std::vector<seen>{
                  {0s, 0s, 0s, 0}, {1s, 1s, 0s, 0}, {2s, 2s, 0s, 0}, {3s, 6500ms, 3500ms, 3}}));
}

TEST(missed, a_stall_of_ten_minutes_is_delivered_by_policy_at_once_after_it) {
    for (const missed policy : {missed::skip, missed::burst, missed::delay}) {
        cicada::simulation sim;
        recorder body(sim);
        auto p = cicada::every(1s, {.missed = policy}, std::ref(body));
        sim.settle();
        sim.stall(10min + 300ms);
        sim.settle();
        EXPECT_EQ(sim.elapsed(), 10min + 300ms);
        ASSERT_EQ(body.ticks.size(), policy == missed::burst ? 601u : 2u);
        EXPECT_EQ(body.ticks[1].nominal, 1s);
        EXPECT_EQ(p.counters().missed, policy == missed::burst ? 0u : 599u);
        sim.advance(1s);
        EXPECT_EQ(body.ticks.back().nominal, policy == missed::delay ? 10min + 1300ms : 10min + 1s);
        EXPECT_EQ(body.ticks.back().missed, 0u) << "it was told already";
    }
}

TEST(missed, is_told_once_and_summed_up_in_the_counters) {
    cicada::simulation sim;
    std::uint64_t told = 0;
    auto p = cicada::every(1s, [&](cicada::tick t) {
        told += t.missed;
        if (sim.elapsed() < 60s) sim.stall(3500ms);
    });
    sim.advance(100s);
    EXPECT_EQ(told, p.counters().missed);
    EXPECT_EQ(p.counters().ran + p.counters().missed, 101u)
        << "each nominal instant ran or was missed";
}

TEST(missed, with_a_fixed_delay_nothing_is) {
    cicada::simulation sim;
    recorder body(sim);
    auto p = cicada::every(cicada::fixed_delay(1s), {.missed = missed::burst}, std::ref(body));
    sim.settle();
    sim.stall(10min);
    sim.advance(1s);
    EXPECT_EQ(body.ticks,
              (std::vector<seen>{{0s, 0s, 0s, 0}, {1s, 600s, 599s, 0}, {601s, 601s, 0s, 0}}));
}

TEST(missed, a_suspended_machine_is_a_stall) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    recorder body(sim);
    auto p = cicada::every(1h, std::ref(body));
    sim.advance(30min);
    sim.stall(8h); // the lid was closed
    sim.advance(30min);
    EXPECT_EQ(body.ticks, (std::vector<seen>{
                              {0h, 0h, 0s, 0}, {1h, 8h + 30min, 7h + 30min, 7}, {9h, 9h, 0s, 0}}));
}

TEST(tick, says_when_its_run_started_also_when_another_one_of_the_same_turn_took_long) {
    cicada::simulation sim("2026-01-01T00:00:00Z");
    recorder body(sim);
    auto slow = cicada::every(10s, [&] { sim.stall(300ms); });
    auto p = cicada::every(10s, std::ref(body));
    sim.settle();
    EXPECT_EQ(body.ticks, (std::vector<seen>{{0s, 300ms, 300ms, 0}}));
}

} // namespace
