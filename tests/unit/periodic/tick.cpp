#include <cicada/cicada.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::periodic;
using cicada::task;
using cicada::tick;
using testing::ElementsAre;

namespace {

TEST(tick_cancel, in_a_plain_function_lets_it_run_to_its_end_and_no_tick_follows) {
    support::simulated sim;
    const auto held = std::make_shared<int>(0);
    const auto body = [held](tick t) {
        ++*held;
        if (*held % 3 != 0) return;
        t.cancel();
        t.cancel(); // idempotent
        ++*held;
        EXPECT_GE(held.use_count(), 2) << "the body lasts while it runs";
    };
    const auto interval = [&] { return cicada::every(1s, body); };
    const auto delayed = [&] { return cicada::every(cicada::fixed_delay(1s), body); };
    const auto named = [&] { return cicada::every(1s, {.name = "n", .history = 9}, body); };
    const auto calendar = [&] { return cicada::every(cicada::cron("* * * * * *"), body); };
    for (const auto& make :
         std::vector<std::function<periodic()>>{interval, delayed, named, calendar}) {
        *held = 0;
        auto p = make();
        sim->advance(10s);
        EXPECT_TRUE(p.has_ended());
        EXPECT_EQ(p.counters().ran, 3u);
        EXPECT_EQ(*held, 4);
    }
}

// The request fell between the function and the task that it returned, which then ran for ever.
TEST(tick_cancel, in_a_function_that_returns_a_task_ends_that_before_its_first_step) {
    support::simulated sim;
    int calls = 0;
    int begun = 0;
    const auto rest = [&]() -> task<> {
        ++begun;
        co_await cicada::sleep(24h);
    };
    const auto first = [&](const tick& t) {
        ++calls;
        t.cancel();
        return rest();
    };
    const auto third = [&](const tick& t) {
        if (++calls == 3) t.cancel();
        return rest();
    };
    const auto retry = [&](const tick& t) {
        if (++calls < 3) throw std::runtime_error("not yet");
        t.cancel();
        return rest();
    };
    const auto expect = [&](const periodic& p, int how_many_calls, int how_many_began) {
        sim->advance(10s);
        EXPECT_TRUE(p.has_ended());
        EXPECT_EQ(std::exchange(calls, 0), how_many_calls);
        EXPECT_EQ(std::exchange(begun, 0), how_many_began);
    };
    expect(cicada::every(1s, first), 1, 0);
    expect(cicada::every(cicada::cron("* * * * * *"), first), 1, 0);
    expect(cicada::every(1s, {.overlap = cicada::overlap::allow{3}}, third), 3, 2);
    expect(cicada::every(1h, {.retry = {.max = 3}}, retry), 3, 0);
    EXPECT_EQ(sim.errors.size(), 2u) << "those that were retried, and no more";
}

TEST(tick_cancel, is_awaited_through_the_handle) {
    support::simulated sim;
    sim.run([&]() -> task<> {
        auto p = cicada::every(1s, [&](tick t) {
            if (sim.elapsed() == 3s) t.cancel();
        });
        co_await p;
        EXPECT_EQ(sim.elapsed(), 3s);
        p = cicada::every(1s, [&](tick t) -> task<> {
            co_await cicada::sleep(100ms);
            if (sim.elapsed() > 5s) t.cancel();
        });
        co_await p;
        EXPECT_EQ(sim.elapsed(), 5100ms);
    });
}

TEST(tick_cancel, in_a_coroutine_is_thrown_at_its_next_suspension) {
    support::simulated sim;
    std::vector<int> steps;
    const auto body = [&](tick t, duration before) -> task<> {
        if (before > 0s) co_await cicada::sleep(before);
        t.cancel();
        steps.push_back(1);
        bool is_cancelled = false;
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
            is_cancelled = true;
        }
        if (is_cancelled) steps.push_back(2);
        co_await cicada::sleep(1s); // it may clean up
        steps.push_back(3);
        throw cicada::cancelled{};
    };
    for (const duration before : {0s, 1s}) {
        steps.clear();
        auto p = cicada::every(10s, {.history = 9}, body, before);
        sim->advance(500ms + before);
        EXPECT_FALSE(p.has_ended()) << "it cleans up";
        sim->advance(1h);
        EXPECT_TRUE(p.has_ended());
        EXPECT_THAT(steps, ElementsAre(1, 2, 3));
        ASSERT_EQ(p.history().size(), 1u);
        EXPECT_EQ(p.history()[0].what, decision::kind::cancelled);
    }
}

TEST(tick_cancel, reaches_the_other_runs_and_what_waits) {
    support::simulated sim;
    int cancelled = 0;
    auto p = cicada::every(1s, {.overlap = cicada::overlap::allow{3}}, [&](tick t) -> task<> {
        if (sim.elapsed() == 2s) t.cancel();
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
            ++cancelled;
            throw;
        }
    });
    auto queued = cicada::every(1s, {.overlap = cicada::overlap::buffer_all{9}, .history = 9},
                                [&](tick t) -> task<> {
                                    co_await cicada::sleep(2500ms);
                                    t.cancel();
                                });
    sim->advance(3s);
    EXPECT_TRUE(p.has_ended() && queued.has_ended());
    EXPECT_EQ(cancelled, 3);
    std::vector<decision::kind> told;
    for (const decision& d : queued.history()) told.push_back(d.what);
    EXPECT_THAT(told, ElementsAre(decision::kind::cancelled, decision::kind::cancelled,
                                  decision::kind::ran));
}

TEST(tick_cancel, by_an_attempt_is_followed_by_no_retry) {
    support::simulated sim;
    std::vector<std::uint32_t> attempts;
    auto p = cicada::every(1h, {.name = "try", .retry = {.max = 9}}, [&](tick t) {
        attempts.push_back(t.attempt);
        if (t.attempt == 2) t.cancel();
        throw std::runtime_error("no");
    });
    auto slow = cicada::every(1h, {.name = "slow", .retry = {.max = 9}}, [&](tick t) -> task<> {
        co_await cicada::sleep(100ms);
        if (t.attempt == 2) t.cancel();
        throw std::runtime_error("no");
    });
    sim->advance(10min);
    EXPECT_TRUE(p.has_ended() && slow.has_ended());
    EXPECT_THAT(attempts, ElementsAre(1u, 2u));
    EXPECT_THAT(sim.errors, ElementsAre("try: no", "slow: no", "try: no", "slow: no"));
}

TEST(tick_cancel, of_a_detached_periodic_whose_handle_is_gone) {
    support::simulated sim;
    const auto plain = std::make_shared<int>(0);
    const auto slow = std::make_shared<int>(0);
    const auto once = std::make_shared<int>(0);
    cicada::every(1s, [plain](tick t) {
        if (++*plain == 3) t.cancel();
    }).detach();
    cicada::every(1s, [slow](tick t) -> task<> {
        co_await cicada::sleep(1ms);
        if (++*slow == 3) t.cancel();
    }).detach();
    cicada::after(1s, [once](tick t) {
        ++*once;
        t.cancel();
    }).detach();
    sim->advance(10s);
    EXPECT_EQ(*plain, 3);
    EXPECT_EQ(*slow, 3);
    EXPECT_EQ(*once, 1);
    for (const auto* held : {&plain, &slow, &once}) EXPECT_EQ(held->use_count(), 1);
}

TEST(tick_cancel, in_blocking_work) {
    support::simulated sim;
    int ran = 0;
    auto p = cicada::every(1s, cicada::blocking([&](tick t) {
                               if (++ran == 3) t.cancel();
                           }));
    sim->advance(10s);
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(ran, 3);
}

TEST(tick_cancel, of_a_tick_that_a_test_of_the_body_has_made_does_nothing) {
    const tick made{.nominal = {}, .now = {}, .lateness = 1s, .missed = 0, .attempt = 1};
    made.cancel();
    static_assert(std::is_trivially_copyable_v<tick>);
}

} // namespace
