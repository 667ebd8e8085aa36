#include <cicada/cicada.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::on_error;
using cicada::periodic;
using cicada::periodic_set;
using cicada::task;
using testing::ElementsAre;

namespace {

task<> clean_up_for(cicada::duration time, int& cleaned_up) {
    try {
        co_await cicada::sleep(1h);
    } catch (const cicada::cancelled&) {
    }
    co_await cicada::sleep(time);
    ++cleaned_up;
    throw cicada::cancelled{};
}

periodic failing(const char* name) {
    return cicada::every(1h, {.name = name, .on_error = on_error::stop},
                         [name] { throw std::runtime_error(std::string(name) + " failed"); });
}

TEST(periodic_set, cancels_all_at_once_and_waits_for_all) {
    support::simulated sim;
    int cleaned_up = 0;
    const auto held = std::make_shared<int>();
    sim.run([&]() -> task<> {
        periodic_set set;
        set.add(cicada::every(1s, [held] {}));
        set.add(cicada::every(cicada::cron("* * * * * *"), [held] {}));
        set.add(cicada::after(1h, [held] {}));
        for (const auto time : {3s, 1s, 2s})
            set.add(cicada::every(1h, clean_up_for, time, std::ref(cleaned_up)));
        EXPECT_EQ(set.size(), 6u);
        co_await cicada::sleep(10s);
        co_await set.cancel();
        EXPECT_EQ(sim.elapsed(), 13s) << "side by side";
        EXPECT_EQ(cleaned_up, 3);
        EXPECT_EQ(held.use_count(), 1);
        EXPECT_EQ(set.size(), 0u);
        set.add(cicada::every(1s, [held] {})); // it may be used again
        EXPECT_EQ(set.size(), 1u);
        co_await set.cancel();
        co_await set.cancel(); // of none
        EXPECT_EQ(held.use_count(), 1);
    });
}

TEST(periodic_set, makes_the_request_before_it_is_awaited) {
    support::simulated sim;
    sim.run([&]() -> task<> {
        periodic_set set;
        set.add(cicada::every(1s, [] { ADD_FAILURE() << "it ran"; }));
        auto all = set.cancel();
        co_await cicada::sleep(10s);
        co_await all;
        set.add(cicada::every(1s, [] { ADD_FAILURE() << "it ran"; }));
        set.cancel(); // need not be awaited
        co_await cicada::sleep(10s);
    });
}

TEST(periodic_set, cancels_all_when_it_is_dropped_or_assigned_to) {
    support::simulated sim;
    const auto held = std::make_shared<int>();
    const auto add_two = [&](periodic_set& to) {
        to.add(cicada::every(1s, [held] {}));
        to.add(cicada::after(1h, [held] {}));
    };
    {
        periodic_set set;
        add_two(set);
        set = periodic_set();
        EXPECT_EQ(held.use_count(), 1);
        add_two(set);
        periodic_set other = std::move(set);
        EXPECT_EQ(other.size(), 2u);
        EXPECT_EQ(held.use_count(), 3);
        periodic_set& same = other;
        other = std::move(same);
        EXPECT_EQ(other.size(), 2u);
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(periodic_set, gives_what_is_detached_to_its_loop) {
    support::simulated sim;
    int ran = 0;
    {
        periodic_set set;
        set.add(cicada::every(1s, [&] { ++ran; }));
        set.add(failing("a"));
        sim->settle();
        set.detach();
        EXPECT_EQ(set.size(), 0u);
    }
    sim->advance(3s);
    EXPECT_EQ(ran, 4);
    EXPECT_THAT(sim.errors, ElementsAre("a: a failed"));
}

TEST(periodic_set, rethrows_the_first_error_and_gives_further_ones_to_the_handler) {
    support::simulated sim;
    sim.run([&]() -> task<> {
        periodic_set set;
        set.add(cicada::every(1h, [] {}));
        for (const char* name : {"a", "b", "c"}) set.add(failing(name));
        co_await cicada::sleep(1s);
        EXPECT_EQ(set.size(), 1u);
        std::string what;
        try {
            co_await set.cancel();
        } catch (const std::runtime_error& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "a failed");
        EXPECT_THAT(sim.errors, ElementsAre("b: b failed", "c: c failed"));
        co_await set.cancel(); // nothing is left of it
    });
}

TEST(periodic_set, that_is_dropped_loses_no_error) {
    support::simulated sim;
    {
        periodic_set set;
        set.add(failing("a"));
        set.add(failing("b"));
        sim->settle();
        for (int i = 0; i < 100; ++i) set.add(cicada::after(1h, [] {})); // the ended ones leave
        EXPECT_THAT(sim.errors, ElementsAre("b: b failed"));
    }
    EXPECT_THAT(sim.errors, ElementsAre("b: b failed", "a: a failed"));
}

TEST(periodic_set, whose_wait_is_cancelled_loses_no_error) {
    support::simulated sim;
    int cleaned_up = 0;
    sim.run([&]() -> task<> {
        periodic_set set;
        set.add(failing("a"));
        set.add(cicada::every(1h, clean_up_for, 1min, std::ref(cleaned_up)));
        co_await cicada::sleep(1s);
        auto waits = cicada::spawn([&]() -> task<> { co_await set.cancel(); });
        co_await cicada::sleep(1s);
        co_await waits.cancel();
        EXPECT_EQ(sim.elapsed(), 2s) << "only the wait ended";
        EXPECT_THAT(sim.errors, ElementsAre("a: a failed"));
        co_await cicada::sleep(1min);
        EXPECT_EQ(cleaned_up, 1) << "asked once";
    });
}

TEST(periodic_set, does_not_grow_by_what_has_ended) {
    support::simulated sim;
    periodic_set set;
    for (int i = 0; i < 50; ++i) set.add(cicada::every(1h, [] {}));
    sim->settle();
    const auto before = cicada::detail::pool_live_blocks();
    for (int i = 0; i < 10'000; ++i) {
        set.add(cicada::after(1ms, [] {}));
        sim->advance(1ms);
    }
    EXPECT_EQ(set.size(), 50u);
    EXPECT_LT(cicada::detail::pool_live_blocks() - before, 100);
}

TEST(periodic_set, is_there_for_who_is_told_an_error_of_what_leaves_it) {
    periodic_set* set = nullptr;
    int told = 0;
    support::simulated sim({.on_error = [&](const cicada::error_report&) {
        ++told;
        for (int i = 0; set && i < 20; ++i) set->add(cicada::after(1h, [] {}));
    }});
    periodic_set here;
    set = &here;
    for (int i = 0; i < 5; ++i) here.add(failing("a"));
    sim->settle();
    for (int i = 0; i < 20; ++i) here.add(cicada::after(1h, [] {}));
    EXPECT_EQ(told, 4);
    EXPECT_EQ(here.size(), 100u);
    set = nullptr;
}

TEST(periodic_set, may_be_cancelled_by_one_of_its_own) {
    support::simulated sim;
    bool cancelled = false;
    periodic_set set;
    set.add(cicada::every(1s, [&](cicada::tick t) -> task<> {
        if (t.nominal < cicada::parse_instant("2026-01-01T00:00:03Z")) co_return;
        try {
            co_await set.cancel(); // the request comes here: it cannot wait for itself
        } catch (const cicada::cancelled&) {
            cancelled = true;
            throw;
        }
    }));
    set.add(cicada::every(1s, [] {}));
    sim->advance(10s);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(sim->get().pending_timers(), 0u);
}

TEST(periodic_set, takes_no_empty_handle) {
    support::simulated sim;
    periodic_set set;
    EXPECT_THROW(set.add(periodic()), std::logic_error);
    EXPECT_EQ(set.size(), 0u);
}

} // namespace
