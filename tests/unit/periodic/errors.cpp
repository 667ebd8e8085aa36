#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cicada::task;
using testing::ElementsAre;

namespace {

/// A simulation that keeps what came to its error handler.
struct recording {
    std::vector<std::string> errors;
    cicada::simulation sim{cicada::wall_time{}, {.on_error = [this](const cicada::error_report& r) {
                               errors.push_back(std::string(r.task) + ": " + r.what());
                           }}};
};

TEST(on_error, carry_on_reports_each_with_the_name_of_the_task_and_keeps_ticking) {
    recording here;
    int ran = 0;
    auto p = cicada::every(1s, {.name = "flush"}, [&] {
        ++ran;
        if (ran == 2) throw std::runtime_error("disk full");
        if (ran == 3) throw 7;
        if (ran == 4) throw std::string("what?");
    });
    here.sim.advance(9s);
    EXPECT_EQ(ran, 10);
    EXPECT_EQ(p.counters().failed, 3u);
    ASSERT_EQ(here.errors.size(), 3u);
    EXPECT_EQ(here.errors[0], "flush: disk full");
    EXPECT_EQ(here.errors[1], "flush: it threw a value of type int");
    EXPECT_THAT(here.errors[2], testing::StartsWith("flush: it threw a value of type std::"));
}

TEST(on_error, carry_on_holds_for_coroutine_bodies_at_once_and_later) {
    recording here;
    int ran = 0;
    auto p = cicada::every(1s, {.name = "poll"}, [&]() -> task<int> {
        if (++ran == 1) throw std::runtime_error("at once");
        co_await cicada::sleep(300ms);
        if (ran == 2) throw 7;
        co_return ran;
    });
    here.sim.advance(5s);
    EXPECT_EQ(ran, 6);
    EXPECT_THAT(here.errors, ElementsAre("poll: at once", "poll: it threw a value of type int"));
}

TEST(on_error, carry_on_takes_a_body_that_throws_cancelled_unasked_for_one_that_failed) {
    recording here;
    int ran = 0;
    auto p = cicada::every(1s, [&]() -> task<> {
        ++ran;
        co_await cicada::yield();
        throw cicada::cancelled{};
    });
    here.sim.advance(3s);
    auto at_once = cicada::every(1s, {.times = 1}, []() -> task<> {
        throw cicada::cancelled{};
        co_return;
    });
    auto plain = cicada::every(1s, {.times = 1}, [] { throw cicada::cancelled{}; });
    here.sim.settle();
    EXPECT_EQ(ran, 4);
    EXPECT_EQ(here.errors.size(), 6u);
    EXPECT_EQ(p.counters().failed, 4u);
    EXPECT_EQ(at_once.counters().failed, 1u);
    EXPECT_EQ(plain.counters().failed, 1u);
}

TEST(on_error, carry_on_with_a_fixed_delay_goes_on_as_well) {
    recording here;
    int ran = 0;
    auto p = cicada::every(cicada::fixed_delay(1s), [&] {
        ++ran;
        throw std::runtime_error("no");
    });
    here.sim.advance(3s);
    EXPECT_EQ(ran, 4);
    EXPECT_EQ(here.errors.size(), 4u);
    EXPECT_EQ(here.errors[0], ": no");
}

TEST(on_error, stop_ends_it_and_gives_the_error_to_whoever_awaits_the_handle) {
    recording here;
    const auto held = std::make_shared<int>(0);
    here.sim.run([&]() -> task<> {
        auto p = cicada::every(1s, {.name = "flush", .on_error = cicada::on_error::stop}, [held] {
            if (++*held == 3) throw std::runtime_error("disk full");
        });
        EXPECT_THROW(co_await p, std::runtime_error);
        EXPECT_EQ(here.sim.elapsed(), 2s);
        EXPECT_TRUE(p.has_ended());
        EXPECT_EQ(held.use_count(), 1);
        EXPECT_THROW(co_await p.cancel(), std::runtime_error) << "also afterwards";
        EXPECT_EQ(p.counters().failed, 1u);
    }());
    EXPECT_TRUE(here.errors.empty()) << "it was taken";
}

TEST(on_error, stop_cancels_the_other_runs_of_a_coroutine_body) {
    recording here;
    int cancelled = 0;
    auto p = cicada::every(
        1s, {.overlap = cicada::overlap::allow{5}, .on_error = cicada::on_error::stop},
        [&](cicada::tick t) -> task<> {
            if (t.nominal == cicada::wall_time(2s)) {
                co_await cicada::sleep(500ms);
                throw std::runtime_error("no");
            }
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                ++cancelled;
            }
        });
    here.sim.advance(2500ms);
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(cancelled, 2);
}

TEST(on_error, stop_gives_an_error_that_nobody_awaits_to_the_error_handler) {
    recording here;
    cicada::every(1s, {.name = "flush", .on_error = cicada::on_error::stop}, [] {
        throw std::runtime_error("disk full");
    }).detach();
    here.sim.advance(2s);
    EXPECT_THAT(here.errors, ElementsAre("flush: disk full"));
    {
        auto dropped = cicada::every(1s, {.name = "push", .on_error = cicada::on_error::stop},
                                     [] { throw 7; });
        here.sim.advance(2s);
    }
    EXPECT_THAT(here.errors, ElementsAre("flush: disk full", "push: it threw a value of type int"));
}

TEST(on_error, stop_gives_the_error_of_a_cancelled_body_to_whoever_waits_for_the_cancel) {
    recording here;
    here.sim.run([&]() -> task<> {
        auto p = cicada::every(1h, {.on_error = cicada::on_error::stop}, []() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
            }
            throw std::runtime_error("could not roll back");
        });
        co_await cicada::sleep(1s);
        EXPECT_THROW(co_await p.cancel(), std::runtime_error);
    }());
}

TEST(on_error, carry_on_reports_the_error_of_a_cancelled_body) {
    recording here;
    here.sim.run([&]() -> task<> {
        auto p = cicada::every(1h, {.name = "sync"}, []() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
            }
            throw std::runtime_error("could not roll back");
        });
        co_await cicada::sleep(1s);
        co_await p.cancel();
    }());
    EXPECT_THAT(here.errors, ElementsAre("sync: could not roll back"));
}

TEST(on_error, handler_may_cancel_the_periodic_whose_error_it_is_told) {
    cicada::periodic p;
    int told = 0;
    cicada::simulation sim(cicada::wall_time{}, {.on_error = [&](const cicada::error_report&) {
                               ++told;
                               p.cancel();
                           }});
    for (const cicada::duration work : {0s, 1s}) {
        p = cicada::every(5s, [work]() -> task<> {
            if (work > 0s) co_await cicada::sleep(work);
            throw std::runtime_error("no");
        });
        sim.advance(20s);
        EXPECT_TRUE(p.has_ended());
    }
    p = cicada::every(5s, [] { throw std::runtime_error("no"); });
    sim.advance(20s);
    EXPECT_TRUE(p.has_ended());
    EXPECT_EQ(told, 3);
}

TEST(on_error, the_default_handler_writes_one_line_to_stderr) {
    testing::internal::CaptureStderr();
    {
        cicada::simulation sim;
        auto named =
            cicada::every(1h, {.name = "flush"}, [] { throw std::runtime_error("disk full"); });
        auto unnamed = cicada::every(1h, [] { throw 7; });
        auto once = cicada::after(1s, [] { throw std::runtime_error("no one home"); });
        sim.advance(1s);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "cicada: task 'flush' failed: disk full\n"
              "cicada: an unnamed task (give it {.name = \"...\"} where it is started) failed: it "
              "threw a value of type int\n"
              "cicada: an unnamed task (give it {.name = \"...\"} where it is started) failed: no "
              "one home\n");
}

} // namespace
