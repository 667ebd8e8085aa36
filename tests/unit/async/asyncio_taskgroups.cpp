// Lib/test/test_asyncio/test_taskgroups.py of CPython, case by case: see docs/asyncio-cases.md.
// Each test is named after what it says, and a comment names the case.

#include <string>

#include <support/ending.hpp>
#include <support/simulated.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::ending;
using support::simulated;

namespace {

task<> nap(duration time) { co_await sleep(time); }
task<> set_after(duration time, int& out, int n) {
    co_await sleep(time);
    out = n;
}
task<> fail_after(duration time, std::string what) {
    co_await sleep(time);
    throw std::runtime_error(what);
}
/// Sleeps long, and adds to `count` when it is asked to cancel.
task<> count_cancel(int& count, int by = 1) {
    try {
        co_await sleep(10s);
    } catch (const cancelled&) {
        count += by;
        throw;
    }
}
task<> fail_when_cancelled(std::string what) {
    try {
        co_await sleep(10s);
    } catch (const cancelled&) {
    }
    throw std::runtime_error(what);
}
/// A spawned `work` that is asked to cancel after 100 ms: how it ended.
task<std::string> cancelled_after_100ms(task<> work) {
    auto r = spawn(std::move(work));
    co_await sleep(100ms);
    EXPECT_FALSE(r.has_ended());
    r.cancel();
    co_return co_await ending(r);
}

} // namespace

TEST(asyncio_taskgroups, waits_for_children_that_begin_at_different_times) { // 01, 02
    simulated sim;
    int one = 0;
    int two = 0;
    sim.run([&]() -> task<> {
        co_await with_scope([&](scope& s) -> task<> {
            s.spawn(set_after(100ms, one, 42));
            co_await sleep(150ms);
            s.spawn(set_after(200ms, two, 11));
        });
        EXPECT_EQ(one, 42);
        EXPECT_EQ(two, 11);
    });
    EXPECT_EQ(sim.elapsed(), 350ms);
}

TEST(asyncio_taskgroups, one_child_that_is_cancelled_alone_disturbs_nothing) { // 03
    simulated sim;
    int two = 0;
    sim.run([&]() -> task<> {
        join_handle<> t1;
        co_await with_scope([&](scope& s) -> task<> {
            // Children have no handle of their own: one that ends cancelled.
            s.spawn([&]() -> task<> {
                co_await sleep(150ms);
                throw cancelled{};
            });
            co_await sleep(150ms);
            s.spawn(set_after(200ms, two, 11));
        });
        EXPECT_EQ(two, 11);
    });
}

TEST(asyncio_taskgroups, the_error_of_a_child_cancels_its_sibling_and_is_rethrown) { // 04
    simulated sim;
    int n = 0;
    int seen = 0;
    sim.run([&]() -> task<> {
        auto runner = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(fail_after(100ms, "zero"));
                s.spawn(count_cancel(seen));
                co_return;
            });
            n += 10;
        });
        EXPECT_EQ(co_await ending(runner), "zero");
    });
    EXPECT_EQ(n, 0);
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(sim.elapsed(), 100ms);
}

// test_cancel_children_on_child_error
TEST(asyncio_taskgroups, the_error_of_a_child_cancels_the_body_as_well) {
    simulated sim;
    int seen = 0;
    sim.run([&]() -> task<> {
        auto runner = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                for (int i = 0; i < 3; ++i) s.spawn(fail_after(100ms, "zero"));
                s.spawn(count_cancel(seen));
                co_await count_cancel(seen, 10);
            });
        });
        EXPECT_EQ(co_await ending(runner), "zero");
    });
    EXPECT_EQ(seen, 11);
    EXPECT_TRUE(sim.errors.empty())
        << "those due in the same turn had not run: they were cancelled";
}

// test_cancellation, 22
TEST(asyncio_taskgroups, a_request_reaches_all_children_once_the_body_has_ended) {
    simulated sim;
    int seen = 0;
    sim.run([&]() -> task<> {
        const auto group = [&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                for (int i = 0; i < 5; ++i) s.spawn(count_cancel(seen));
                co_return;
            });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(group()), "cancelled");
    });
    EXPECT_EQ(seen, 5);
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_taskgroups, a_request_reaches_the_body_and_then_the_children) { // 07
    simulated sim;
    int seen = 0;
    sim.run([&]() -> task<> {
        const auto group = [&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                for (int i = 0; i < 5; ++i) s.spawn(count_cancel(seen));
                co_await count_cancel(seen, 10);
            });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(group()), "cancelled");
    });
    EXPECT_EQ(seen, 15);
}

TEST(asyncio_taskgroups,
    // test_cancellation_in_body, 11, 12
     a_request_to_the_body_comes_before_errors_that_are_not_due_yet) {
    simulated sim;
    sim.run([&]() -> task<> {
        const auto inner = []() -> task<> {
            co_await with_scope([](scope& s) -> task<> {
                for (int i = 0; i < 5; ++i) s.spawn(fail_after(200ms, "zero"));
                co_await sleep(10s);
            });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(inner()), "cancelled");
        const auto nested = [&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(nap(10s));
                co_await inner();
            });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(nested()), "cancelled");
    });
    EXPECT_EQ(sim.elapsed(), 200ms);
    EXPECT_TRUE(sim.errors.empty());
}

TEST(asyncio_taskgroups, the_error_of_the_body_cancels_the_children) { // 09, 10
    simulated sim;
    int seen = 0;
    sim.run([&]() -> task<> {
        for (const duration delay : {duration(100ms), duration(0)}) {
            auto group = [&]() -> task<> {
                co_await with_scope([&](scope& s) -> task<> {
                    s.spawn(count_cancel(seen));
                    s.spawn(count_cancel(seen));
                    if (delay > 0s) co_await sleep(delay);
                    throw std::runtime_error("body");
                });
            };
            EXPECT_THROW(co_await group(), std::runtime_error);
        }
    });
    EXPECT_EQ(seen, 2) << "in the second group they had not begun";
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_taskgroups, the_error_of_an_outer_child_cancels_the_inner_group) { // 13
    simulated sim;
    sim.run([&]() -> task<> {
        auto r = spawn([]() -> task<> {
            co_await with_scope([](scope& outer) -> task<> {
                outer.spawn(fail_after(100ms, "outer"));
                co_await with_scope([](scope& inner) -> task<> {
                    inner.spawn(fail_after(10s, "inner"));
                    co_return;
                });
            });
        });
        EXPECT_EQ(co_await ending(r), "outer");
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

TEST(asyncio_taskgroups, the_error_of_an_inner_child_passes_through_both_groups) { // 14
    simulated sim;
    sim.run([&]() -> task<> {
        auto r = spawn([]() -> task<> {
            co_await with_scope([](scope& outer) -> task<> {
                outer.spawn(fail_after(10s, "outer"));
                co_await with_scope([](scope& inner) -> task<> {
                    inner.spawn(fail_after(100ms, "inner"));
                    co_return;
                });
            });
        });
        EXPECT_EQ(co_await ending(r), "inner");
    });
    EXPECT_EQ(sim.elapsed(), 100ms);
}

// 15, 16
TEST(asyncio_taskgroups, a_child_that_fails_while_the_cancelled_body_cleans_up_is_the_outcome) {
    simulated sim;
    sim.run([&]() -> task<> {
        const auto group = []() -> task<> {
            co_await with_scope([](scope& s) -> task<> {
                s.spawn(fail_after(300ms, "zero"));
                bool asked = false;
                try {
                    co_await sleep(10s);
                } catch (const cancelled&) {
                    asked = true;
                }
                if (asked) co_await shield(nap(500ms));
                throw cancelled{};
            });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(group()), "zero");
    });
    EXPECT_EQ(sim.elapsed(), 600ms);
}

TEST(asyncio_taskgroups, a_group_without_children_passes_a_request_to_its_body) { // 17
    simulated sim;
    int seen = 0;
    sim.run([&]() -> task<> {
        const auto group = [&]() -> task<> {
            co_await with_scope([&](scope&) -> task<> { co_await count_cancel(seen, 10); });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(group()), "cancelled");
    });
    EXPECT_EQ(seen, 10);
}

TEST(asyncio_taskgroups, an_error_in_place_of_a_request_is_the_outcome) { // 18
    simulated sim;
    sim.run([&]() -> task<> {
        const auto group = []() -> task<> {
            co_await with_scope([](scope&) -> task<> { co_await fail_when_cancelled("mine"); });
        };
        EXPECT_EQ(co_await cancelled_after_100ms(group()), "mine");
    });
}

TEST(asyncio_taskgroups,
    // 19, 20, 20a, 21, 21a
     of_the_errors_of_a_child_and_of_the_body_the_first_is_rethrown_the_other_reported) {
    simulated sim;
    sim.run([&]() -> task<> {
        auto r = spawn([]() -> task<> {
            co_await with_scope([](scope& s) -> task<> {
                s.spawn(fail_after(100ms, "child"));
                co_await fail_when_cancelled("body");
            });
        });
        EXPECT_EQ(co_await ending(r), "child");
    });
    EXPECT_EQ(sim.errors, std::vector<std::string>{": body"});
}

TEST(asyncio_taskgroups, forgets_children_that_have_ended) { // 23
    simulated sim;
    sim.run([&]() -> task<> {
        co_await with_scope([](scope& s) -> task<> {
            for (int i = 0; i < 10; ++i) {
                co_await sleep(100ms);
                s.spawn(nap(300ms));
                if (i == 5) {
                    EXPECT_LT(s.size(), 5u);
                }
            }
            co_await sleep(1350ms);
            EXPECT_EQ(s.size(), 0u);
        });
    });
}

TEST(asyncio_taskgroups, children_may_start_siblings_after_the_body_has_ended) { // 24
    simulated sim;
    sim.run([&]() -> task<> {
        co_await with_scope([](scope& s) -> task<> {
            s.spawn(
                [](scope& in) -> task<> {
                    co_await sleep(100ms);
                    in.spawn(nap(100ms));
                    in.spawn(nap(200ms));
                },
                std::ref(s));
            co_return;
        });
    });
    EXPECT_EQ(sim.elapsed(), 300ms);
}

TEST(asyncio_taskgroups, an_error_stops_children_that_start_ever_more) { // 25
    simulated sim;
    struct hydra {
        static task<> grow(scope& s, int& heads) {
            if (++heads == 10'000) co_return; // so that the test ends if the error stops nothing
            co_await sleep(10ms);
            s.spawn(grow(s, heads));
            s.spawn(grow(s, heads));
        }
    };
    int heads = 0;
    sim.run([&]() -> task<> {
        auto hercules = [&]() -> task<> {
            while (heads < 10) co_await sleep(15ms);
            throw std::runtime_error("hercules");
        };
        auto runner = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(hydra::grow(s, heads));
                s.spawn(hercules());
                co_return;
            });
        });
        EXPECT_EQ(co_await ending(runner), "hercules");
    });
    EXPECT_GE(heads, 10);
    EXPECT_LT(heads, 1000);
}

TEST(asyncio_taskgroups,
    // test_taskgroup_no_create_task_after_failure
     a_child_that_comes_after_a_failure_is_cancelled_before_it_begins) {
    simulated sim;
    bool ran = false;
    sim.run([&]() -> task<> {
        auto runner = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(fail_after(1ms, "zero"));
                s.spawn(
                    [&](scope& in) -> task<> {
                        try {
                            co_await sleep(1s);
                        } catch (const cancelled&) {
                            in.spawn([&]() -> task<> {
                                ran = true;
                                co_return;
                            });
                        }
                    },
                    std::ref(s));
                co_return;
            });
        });
        EXPECT_EQ(co_await ending(runner), "zero");
    });
    EXPECT_FALSE(ran);
}

TEST(asyncio_taskgroups,
    // test_taskgroup_context_manager_exit_raises
     an_error_while_the_body_unwinds_is_reported_and_nothing_stays_pending) {
    simulated sim;
    sim.run([&]() -> task<> {
        try {
            co_await with_scope([](scope& s) -> task<> {
                s.spawn(fail_after(0s, "child"));
                co_await fail_when_cancelled("database");
            });
        } catch (const std::runtime_error& e) {
            EXPECT_STREQ(e.what(), "child");
        }
        co_await yield();
        co_await sleep(1s);
    });
    EXPECT_EQ(sim.errors, std::vector<std::string>{"main: database"});
}

TEST(asyncio_taskgroups,
    // test_cancelling_level_preserved, test_cancellation_does_not_leak_out_of_tg
     after_a_caught_error_nothing_stays_pending) {
    simulated sim;
    sim.run([&]() -> task<> {
        for (int i = 0; i < 2; ++i) {
            try {
                co_await with_scope([](scope& s) -> task<> {
                    s.spawn(fail_after(0s, "child"));
                    co_return;
                });
                ADD_FAILURE();
            } catch (const std::runtime_error&) {
            }
            co_await yield();
            co_await sleep(0s);
        }
    });
}

TEST(asyncio_taskgroups,
    // test_nested_groups_both_cancelled
     nested_groups_that_both_fail_each_rethrow_their_own_error) {
    simulated sim;
    std::string log;
    sim.run([&]() -> task<> {
        try {
            co_await with_scope([&](scope& outer) -> task<> {
                try {
                    co_await with_scope([&](scope& inner) -> task<> {
                        inner.spawn(fail_after(0s, "inner"));
                        outer.spawn(fail_after(0s, "outer"));
                        co_return;
                    });
                } catch (const std::runtime_error& e) {
                    log += e.what();
                }
                co_await yield();
                log += " not reached";
            });
        } catch (const std::runtime_error& e) {
            log += std::string(" ") + e.what();
        }
        co_await yield();
    });
    EXPECT_EQ(log, "inner outer");
}

// test_error_and_cancel
TEST(asyncio_taskgroups, a_request_that_comes_with_an_error_is_delivered_after_the_group) {
    simulated sim;
    std::string log;
    sim.run([&]() -> task<> {
        event started;
        auto t = spawn([&]() -> task<> {
            try {
                co_await with_scope([&](scope& s) -> task<> {
                    s.spawn([&]() -> task<> {
                        started.set();
                        co_await yield();
                        throw std::runtime_error("child");
                    });
                    co_await sleep(1s);
                    log += "not reached";
                });
            } catch (const std::runtime_error& e) {
                log += e.what();
            }
            co_await sleep(1s);
            log += " not reached";
        });
        co_await started.wait();
        t.cancel();
        EXPECT_EQ(co_await ending(t), "cancelled");
    });
    EXPECT_EQ(log, "child");
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(asyncio_taskgroups,
    // test_cancels_task_if_created_during_creation
     a_child_of_a_child_that_fails_at_once_cancels_who_started_it) {
    simulated sim;
    bool seen = false;
    sim.run([&]() -> task<> {
        auto r = spawn([&]() -> task<> {
            co_await with_scope([&](scope& s) -> task<> {
                s.spawn(
                    [&](scope& in) -> task<> {
                        in.spawn([]() -> task<> {
                            throw std::runtime_error("third");
                            co_return;
                        });
                        try {
                            co_await yield();
                            co_await yield();
                        } catch (const cancelled&) {
                            seen = true;
                            throw;
                        }
                    },
                    std::ref(s));
                co_return;
            });
        });
        EXPECT_EQ(co_await ending(r), "third");
    });
    EXPECT_TRUE(seen);
}
