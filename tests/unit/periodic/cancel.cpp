#include <cicada/cicada.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::task;

namespace {

TEST(periodic, that_is_cancelled_ticks_no_more_and_destroys_what_it_held_at_once) {
    cicada::simulation sim;
    const auto held = std::make_shared<int>(0);
    auto plain = cicada::every(1h, [held] { ++*held; });
    auto named = cicada::every(
        1h, {.name = "hourly", .jitter = 1min}, [](std::shared_ptr<int>& n) { ++*n; }, held);
    auto once = cicada::after(1h, [held] { ++*held; });
    auto calendar = cicada::at(sim.wall_now() + 1h, [held] { ++*held; });
    sim.advance(1min);
    EXPECT_EQ(*held, 2);
    EXPECT_EQ(held.use_count(), 5);
    for (auto* p : {&plain, &named, &once, &calendar}) p->cancel();
    EXPECT_EQ(held.use_count(), 1) << "due in an hour, and gone now";
    EXPECT_EQ(sim.get().pending_timers(), 0u);
    sim.advance(3h);
    EXPECT_EQ(*held, 2);
    for (auto* p : {&plain, &named, &once, &calendar}) {
        EXPECT_TRUE(p->has_ended());
        p->cancel(); // idempotent
    }
}

TEST(periodic, cancelled_before_its_first_tick_never_runs) {
    cicada::simulation sim;
    auto p = cicada::every(1s, [] { ADD_FAILURE() << "it ran"; });
    p.cancel();
    sim.advance(5s);
    EXPECT_EQ(p.counters().ran, 0u);
}

TEST(periodic, is_cancelled_by_dropping_its_handle) {
    cicada::simulation sim;
    const auto held = std::make_shared<int>(0);
    {
        auto p = cicada::every(1s, [held] { ++*held; });
        sim.advance(2s);
    }
    EXPECT_EQ(held.use_count(), 1);
    auto p = cicada::every(1s, [held] { ++*held; });
    p = cicada::every(1s, [] {}); // the one that was there is dropped
    sim.advance(2s);
    EXPECT_EQ(*held, 3);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(periodic, detached_goes_on_until_its_loop_ends) {
    const auto held = std::make_shared<int>(0);
    cicada::simulation sim;
    cicada::every(1s, [held] { ++*held; }).detach();
    sim.advance(10s);
    EXPECT_EQ(*held, 11);
    sim.shut_down();
    EXPECT_EQ(held.use_count(), 1);
}

TEST(periodic, may_cancel_itself_and_others_in_its_body_without_disturbing_the_rest_of_the_turn) {
    cicada::simulation sim;
    std::vector<int> order;
    std::vector<cicada::periodic> p;
    for (int i = 0; i < 6; ++i) {
        p.push_back(cicada::every(1s, [&, i] {
            order.push_back(i);
            if (sim.elapsed() != 1s) return;
            if (i == 1) p[1].cancel(); // itself
            if (i == 2) p[0].cancel(); // has run
            if (i == 3) p[4].cancel(); // would run next
        }));
    }
    sim.settle();
    order.clear();
    sim.advance(1s);
    EXPECT_EQ(std::exchange(order, {}), (std::vector{0, 1, 2, 3, 5}));
    sim.advance(1s);
    EXPECT_EQ(order, (std::vector{2, 3, 5}));
}

TEST(periodic, may_own_its_own_handle) {
    cicada::simulation sim;
    int ran = 0;
    auto own = std::make_shared<cicada::periodic>();
    const auto held = std::make_shared<int>();
    *own = cicada::every(1s, [&ran, own, held] {
        if (++ran == 3) own->cancel();
    });
    own.reset();
    sim.advance(10s);
    EXPECT_EQ(ran, 3);
    EXPECT_EQ(held.use_count(), 1);

    auto kept = std::make_shared<cicada::periodic>();
    *kept = cicada::every(1s, [kept, held] {});
    kept.reset();
    sim.advance(1s);
    EXPECT_EQ(held.use_count(), 2);
    sim.shut_down();
    EXPECT_EQ(held.use_count(), 1);
}

TEST(periodic, destroys_its_observers_with_its_body) {
    cicada::simulation sim;
    const auto held = std::make_shared<int>();
    const auto self = std::make_shared<cicada::periodic>();
    *self = cicada::every(
        1s,
        {.retry = {.max = 1, .when = [held](const std::exception_ptr&) { return true; }},
         .on_decision = [held, self](const cicada::decision&) {}},
        [] {});
    sim.advance(3s);
    EXPECT_EQ(held.use_count(), 3);
    self->cancel();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(self.use_count(), 1);
}

TEST(periodic, may_drop_its_own_handle_in_its_body) {
    cicada::simulation sim;
    const auto held = std::make_shared<int>(0);
    auto own = std::make_unique<cicada::periodic>();
    *own = cicada::every(1s, [&own, held] {
        own.reset();
        ++*held; // what it holds is still there
    });
    sim.advance(3s);
    EXPECT_EQ(*held, 1);
    EXPECT_EQ(held.use_count(), 1);
}

// A body of one hour; what it does when it is cancelled takes three seconds.
task<> work_and_clean_up(std::vector<const char*>& seen, std::shared_ptr<int>) {
    seen.push_back("started");
    try {
        co_await cicada::sleep(1h);
    } catch (const cicada::cancelled&) {
        seen.push_back("cancelled");
    }
    co_await cicada::sleep(3s);
    seen.push_back("cleaned up");
}

TEST(periodic, cancel_waits_for_a_running_coroutine_body_and_for_its_cleaning_up) {
    cicada::simulation sim;
    std::vector<const char*> seen;
    const auto held = std::make_shared<int>();
    sim.run([&]() -> task<> {
        auto p = cicada::every(2h, work_and_clean_up, std::ref(seen), held);
        co_await cicada::sleep(10s);
        const auto before = cicada::now();
        auto ended = p.cancel();
        EXPECT_FALSE(p.has_ended());
        co_await ended;
        EXPECT_EQ(cicada::now() - before, 3s);
        EXPECT_EQ(held.use_count(), 1) << "what the body held is destroyed by then";
        EXPECT_TRUE(p.has_ended());
    }());
    EXPECT_EQ(seen, (std::vector<const char*>{"started", "cancelled", "cleaned up"}));
}

TEST(periodic, ends_with_the_last_of_several_runs_and_drops_those_that_wait) {
    cicada::simulation sim;
    std::vector<const char*> seen;
    const auto held = std::make_shared<int>();
    auto p = cicada::every(1s, {.overlap = cicada::overlap::allow{3}}, work_and_clean_up,
                           std::ref(seen), held);
    auto q = cicada::every(1s, {.overlap = cicada::overlap::buffer_all{9}}, work_and_clean_up,
                           std::ref(seen), held);
    sim.advance(5s);
    EXPECT_EQ(seen.size(), 4u);
    sim.run([&]() -> task<> {
        const auto before = cicada::now();
        co_await p.cancel();
        co_await q.cancel();
        EXPECT_EQ(cicada::now() - before, 6s);
    }());
    EXPECT_EQ(seen.size(), 12u);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(periodic, body_that_awaits_its_own_cancel_unwinds_and_does_not_deadlock) {
    cicada::simulation sim;
    cicada::periodic p;
    int unwound = 0;
    for (const duration before : {duration(0s), duration(1s)}) { // in its first step, and later
        p = cicada::every(1min, [&, before]() -> task<> {
            if (before > 0s) co_await cicada::sleep(before);
            try {
                co_await p.cancel();
                ADD_FAILURE() << "it went on";
            } catch (const cicada::cancelled&) {
                ++unwound;
                throw;
            }
        });
        sim.advance(2s);
        EXPECT_TRUE(p.has_ended());
    }
    EXPECT_EQ(unwound, 2);
}

TEST(periodic, body_that_awaits_its_own_end_is_told_that_this_is_an_error) {
    std::vector<std::string> errors;
    cicada::simulation sim(cicada::wall_time{}, {.on_error = [&](const cicada::error_report& r) {
                               errors.push_back(r.what());
                           }});
    cicada::periodic p;
    p = cicada::every(1min, [&]() -> task<> {
        co_await cicada::yield();
        EXPECT_THROW(co_await p, std::logic_error);
        EXPECT_THROW(co_await cicada::shield(
                         [](cicada::periodic& self) -> task<> { co_await self.cancel(); }(p)),
                     std::logic_error);
    });
    sim.advance(1s);
    EXPECT_TRUE(p.has_ended()) << "the request took effect all the same";
    EXPECT_TRUE(errors.empty());
}

TEST(periodic, shielded_section_of_a_body_is_finished_before_the_end) {
    cicada::simulation sim;
    bool committed = false;
    const auto commit = [&]() -> task<> {
        co_await cicada::sleep(10s);
        committed = true;
    };
    sim.run([&]() -> task<> {
        auto p = cicada::every(1min, [&]() -> task<> { co_await cicada::shield(commit()); });
        co_await cicada::sleep(1s);
        co_await p.cancel();
        EXPECT_TRUE(committed);
    }());
    EXPECT_EQ(sim.elapsed(), 10s);
}

TEST(periodic, wait_for_its_end_may_be_cancelled_and_leaves_it_running) {
    cicada::simulation sim;
    int ran = 0;
    auto p = cicada::every(1s, [&] { ++ran; });
    sim.run([&]() -> task<> {
        auto wait = [&]() -> task<> { co_await p; };
        EXPECT_THROW(co_await cicada::with_timeout(3s, wait()), cicada::timeout_error);
        co_await cicada::sleep(2s);
    }());
    EXPECT_EQ(ran, 6);
}

TEST(periodic, handle_that_is_empty_says_so) {
    cicada::periodic p;
    EXPECT_THROW(p.cancel(), std::logic_error);
    EXPECT_THROW(p.pause(), std::logic_error);
    EXPECT_THROW(static_cast<void>(p.has_ended()), std::logic_error);
}

// A hundred thousand of each kind at the end of the loop: nothing may be left.
TEST(periodic, and_sleepers_by_the_hundred_thousand_leave_nothing_behind) {
    const auto before = cicada::detail::pool_live_blocks();
    {
        cicada::simulation sim;
        int ticks = 0;
        for (int i = 0; i < 100'000; ++i) {
            const duration period = 1s + i * 1ms;
            cicada::every(period, [&ticks] { ++ticks; }).detach();
            cicada::spawn([](duration d) -> task<> { co_await cicada::sleep(d); }, period).detach();
            if (i % 10 == 0) {
                cicada::every(period, []() -> task<> { co_await cicada::sleep(24h); }).detach();
                cicada::every(period, {.name = "named", .jitter = 1s}, [] {}).detach();
                cicada::at(sim.wall_now() + period, [] {}).detach();
            }
        }
        sim.advance(50s);
        EXPECT_GT(ticks, 200'000);
        EXPECT_GT(cicada::detail::pool_live_blocks(), before + 150'000);
    }
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

} // namespace

TEST(periodic, dropped_after_cancel_does_not_disturb_the_cleaning_up_of_its_run) {
    cicada::simulation sim;
    bool done = false;
    {
        const auto p = cicada::every(1min, [&]() -> task<> {
            bool asked = false;
            try {
                co_await cicada::sleep(30s);
            } catch (const cicada::cancelled&) {
                asked = true;
            }
            if (asked) co_await cicada::sleep(5s);
            done = true;
        });
        sim.advance(1s);
        p.cancel();
        sim.advance(1s);
    }
    sim.advance(3s);
    EXPECT_FALSE(done);
    sim.advance(2s);
    EXPECT_TRUE(done) << "the drop was a second request";
}
