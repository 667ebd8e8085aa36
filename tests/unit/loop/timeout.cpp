#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <string>

using namespace std::chrono_literals;
using cicada::task;

namespace {

task<int> value_after(cicada::duration delay, int value) {
    co_await cicada::sleep(delay);
    co_return value;
}

TEST(with_timeout, gives_the_value_of_work_that_is_in_time) {
    cicada::simulation sim;
    EXPECT_EQ(sim.run(cicada::with_timeout(2s, value_after(1s, 7))), 7);
    EXPECT_EQ(sim.elapsed(), 1s);
    EXPECT_EQ(sim.get().pending_timers(), 0u);
}

TEST(with_timeout, cancels_and_joins_the_work_when_the_time_is_up) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        bool cleaned_up = false;
        const auto work = [&]() -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                cleaned_up = true;
            }
            co_await cicada::sleep(3s);
            throw cicada::cancelled{};
        };
        const auto before = cicada::now();
        EXPECT_THROW(co_await cicada::with_timeout(2s, work()), cicada::timeout_error);
        EXPECT_TRUE(cleaned_up);
        EXPECT_EQ(cicada::now() - before, 5s);
        co_await cicada::sleep(1s); // nothing is left pending
    }());
}

TEST(with_timeout, gives_the_value_of_work_that_completes_although_its_time_is_up) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        const auto stubborn = []() -> task<std::string> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
            }
            co_return "late";
        };
        EXPECT_EQ(co_await cicada::with_timeout(2s, stubborn()), "late");
        co_await cicada::sleep(1s);
    }());
}

TEST(with_timeout, passes_the_error_of_the_work) {
    cicada::simulation sim;
    const auto work = []() -> task<int> {
        co_await cicada::sleep(1s);
        throw std::runtime_error("out of paper");
    };
    EXPECT_THROW(sim.run(cicada::with_timeout(2s, work())), std::runtime_error);
}

TEST(with_timeout, of_zero_or_less_runs_the_work_up_to_its_first_suspension) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        for (const cicada::duration none : {cicada::duration(0s), cicada::duration(-1h)}) {
            bool started = false;
            const auto work = [&]() -> task<> {
                started = true;
                co_await cicada::sleep(1s);
                ADD_FAILURE() << "it went on";
            };
            EXPECT_THROW(co_await cicada::with_timeout(none, work()), cicada::timeout_error);
            EXPECT_TRUE(started);
        }
        const auto immediate = []() -> task<int> { co_return 3; };
        EXPECT_EQ(co_await cicada::with_timeout(0s, immediate()), 3);
    }());
    EXPECT_EQ(sim.elapsed(), 0s);
}

TEST(with_timeout, of_centuries_never_runs_out) {
    cicada::simulation sim;
    EXPECT_EQ(sim.run(cicada::with_timeout(std::chrono::hours::max(),
                                           value_after(std::chrono::years(100), 1))),
              1);
}

TEST(with_timeout, nested_the_one_that_runs_out_throws_and_the_other_does_not_mind) {
    cicada::simulation sim;
    sim.run([&]() -> task<> {
        const auto inner_runs_out = []() -> task<int> {
            EXPECT_THROW(co_await cicada::with_timeout(1s, value_after(1h, 0)),
                         cicada::timeout_error);
            co_await cicada::sleep(1s); // the outer has not run out
            co_return 5;
        };
        EXPECT_EQ(co_await cicada::with_timeout(10s, inner_runs_out()), 5);
        EXPECT_EQ(sim.elapsed(), 2s);

        const auto outer_runs_out = []() -> task<int> {
            try {
                co_return co_await cicada::with_timeout(10s, value_after(1h, 0));
            } catch (const cicada::timeout_error&) {
                ADD_FAILURE() << "the inner one had time left";
                throw;
            }
        };
        EXPECT_THROW(co_await cicada::with_timeout(1s, outer_runs_out()), cicada::timeout_error);
        EXPECT_EQ(sim.elapsed(), 3s);
    }());
}

TEST(with_timeout, nested_of_equal_length_runs_out_as_a_whole) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        bool inner_ran_out = false;
        const auto inner = [&]() -> task<> {
            try {
                co_await cicada::with_timeout(1s, value_after(1h, 0));
            } catch (const cicada::timeout_error&) {
                inner_ran_out = true;
            }
            co_await cicada::sleep(1s);
        };
        EXPECT_THROW(co_await cicada::with_timeout(1s, inner()), cicada::timeout_error);
        EXPECT_FALSE(inner_ran_out) << "the outer one was armed first";
    }());
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(with_timeout, passes_a_request_from_outside_as_cancelled_and_not_as_a_timeout) {
    cicada::simulation sim;
    bool was_cancelled = false;
    auto outer = cicada::spawn([&]() -> task<> {
        try {
            co_await cicada::with_timeout(10s, value_after(1h, 0));
        } catch (const cicada::cancelled&) {
            was_cancelled = true;
            throw;
        }
    });
    sim.advance(1s);
    outer.cancel();
    sim.settle();
    EXPECT_TRUE(outer.has_ended());
    EXPECT_TRUE(was_cancelled);
}

TEST(with_timeout, inside_a_shield_still_runs_out) {
    cicada::simulation sim;
    auto outer = cicada::spawn([]() -> task<> {
        const auto commit = []() -> task<> {
            EXPECT_THROW(co_await cicada::with_timeout(2s, value_after(1h, 0)),
                         cicada::timeout_error);
        };
        co_await cicada::shield(commit());
        EXPECT_THROW(co_await cicada::sleep(1h), cicada::cancelled);
    });
    sim.advance(1s);
    outer.cancel();
    sim.advance(1s);
    EXPECT_TRUE(outer.has_ended());
}

TEST(with_timeout, around_a_shield_waits_for_it_and_gives_its_value) {
    cicada::simulation sim;
    EXPECT_EQ(sim.run(cicada::with_timeout(1s, cicada::shield(value_after(3s, 4)))), 4);
    EXPECT_EQ(sim.elapsed(), 3s);
}

TEST(with_timeout, counts_its_time_from_when_it_is_awaited) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        auto limited = cicada::with_timeout(2s, value_after(1s, 9));
        co_await cicada::sleep(1h);
        EXPECT_EQ(co_await std::move(limited), 9);
    }());
}

TEST(with_deadline, ends_at_an_instant_and_at_once_when_it_is_past) {
    cicada::simulation sim;
    sim.run([&]() -> task<> {
        const auto deadline = cicada::now() + 2s;
        co_await cicada::sleep(1s);
        EXPECT_THROW(co_await cicada::with_deadline(deadline, value_after(1h, 0)),
                     cicada::timeout_error);
        EXPECT_EQ(cicada::now(), deadline);
        EXPECT_THROW(co_await cicada::with_deadline(deadline, value_after(1h, 0)),
                     cicada::timeout_error);
        EXPECT_EQ(cicada::now(), deadline);
    }());
}

TEST(with_timeout, of_a_section_ends_where_its_body_has_moved_it_to) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        const auto before = cicada::now();
        EXPECT_THROW(co_await cicada::with_timeout(2s,
                                                   [](cicada::timeout& limit) -> task<> {
                                                       co_await cicada::sleep(1s);
                                                       limit.reschedule(10s);
                                                       co_await cicada::sleep(1h);
                                                   }),
                     cicada::timeout_error);
        EXPECT_EQ(cicada::now() - before, 11s);
    }());
    EXPECT_EQ(sim.get().pending_timers(), 0u);
}

TEST(with_timeout, of_a_section_gives_its_value) {
    cicada::simulation sim;
    const auto section = [](cicada::timeout& limit) -> task<std::string> {
        limit.reschedule(std::nullopt);
        co_await cicada::sleep(1h);
        co_return "done";
    };
    EXPECT_EQ(sim.run(cicada::with_timeout(2s, section)), "done");
    EXPECT_EQ(sim.elapsed(), 1h);
}

TEST(with_timeout, of_a_section_that_is_moved_into_the_past_strikes_at_the_next_suspension) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        bool reached = false;
        const auto section = [&](cicada::timeout& limit) -> task<> {
            limit.reschedule(-1s);
            EXPECT_TRUE(limit.is_expired());
            reached = true;
            co_await cicada::sleep(1s);
            ADD_FAILURE() << "it went on";
        };
        EXPECT_THROW(co_await cicada::with_timeout(2s, section), cicada::timeout_error);
        EXPECT_TRUE(reached);
        co_await cicada::sleep(1s); // nothing is left pending
    }());
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(with_timeout, of_a_section_that_another_task_moves_into_the_past_strikes_at_once) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        const auto section = [](cicada::timeout& limit) -> task<> {
            const auto strike = cicada::after(1s, [&] { limit.reschedule(cicada::now()); });
            co_await cicada::sleep(1h);
        };
        EXPECT_THROW(co_await cicada::with_timeout(2s, section), cicada::timeout_error);
    }());
    EXPECT_EQ(sim.elapsed(), 1s);
}

TEST(with_timeout, counts_the_time_from_when_it_is_awaited) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        auto limited = cicada::with_timeout(2s, cicada::sleep_until(cicada::now() + 11s));
        co_await cicada::sleep(10s);
        co_await std::move(limited);
    }());
    EXPECT_EQ(sim.elapsed(), 11s);
}

// A request that was delivered and swallowed within the limit is over (rule 6 of
// docs/cancellation.md): it came back when the limit made its own.

/// Waits until it is asked to cancel, and goes on.
task<> swallow_a_request() {
    try {
        co_await cicada::sleep(1h);
    } catch (const cicada::cancelled&) {
        co_return;
    }
    ADD_FAILURE() << "nobody asked";
}

TEST(with_timeout, takes_its_request_back_also_after_another_was_swallowed_within_it) {
    cicada::simulation sim;
    bool went_on = false;
    auto outer = cicada::spawn([&]() -> task<> {
        const auto work = []() -> task<> {
            co_await swallow_a_request();
            co_await cicada::shield(cicada::sleep(20s)); // the time is up, and nothing sees it
        };
        co_await cicada::with_timeout(10s, work());
        co_await cicada::sleep(1s);
        went_on = true;
    });
    sim.advance(1s);
    outer.cancel();
    sim.advance(1h);
    EXPECT_TRUE(went_on);
}

TEST(with_timeout, nested_the_inner_runs_out_after_the_request_of_the_outer_was_swallowed) {
    cicada::simulation sim;
    sim.run([]() -> task<> {
        const auto work = []() -> task<> {
            const auto inner = []() -> task<> {
                co_await swallow_a_request(); // of the outer one
                co_await cicada::sleep(1h);
            };
            EXPECT_THROW(co_await cicada::with_timeout(2s, inner()), cicada::timeout_error);
            co_await cicada::sleep(1s);
        };
        co_await cicada::with_timeout(1s, work());
    }());
    EXPECT_EQ(sim.elapsed(), 3s);
}

TEST(with_timeout, that_passes_a_request_from_outside_has_delivered_it) {
    // It came after the limit's own, while the work could not see it.
    cicada::simulation sim;
    std::string log;
    auto outer = cicada::spawn([&]() -> task<> {
        const auto work = []() -> task<> {
            co_await swallow_a_request(); // of the limit
            co_await cicada::shield(cicada::sleep(2s));
            throw cicada::cancelled{};
        };
        try {
            co_await cicada::with_timeout(1s, work());
        } catch (const cicada::cancelled&) {
            log += "cancelled ";
        }
        co_await cicada::sleep(1s);
        log += "went on";
    });
    sim.advance(2s);
    outer.cancel();
    sim.advance(2s);
    EXPECT_EQ(log, "cancelled went on");
}

TEST(with_timeout, that_strikes_while_a_request_from_outside_unwinds_the_work_is_cancelled) {
    cicada::simulation sim;
    std::string log;
    auto outer = cicada::spawn([&]() -> task<> {
        const auto work = []() -> task<> {
            co_await swallow_a_request(); // from outside, and cleans up
            EXPECT_THROW(co_await cicada::with_timeout(1s, cicada::sleep(1h)),
                         cicada::timeout_error);
            co_await cicada::shield(cicada::sleep(20s));
            throw cicada::cancelled{};
        };
        try {
            co_await cicada::with_timeout(10s, work());
        } catch (const cicada::cancelled&) {
            log += "cancelled ";
        }
        co_await cicada::sleep(1s);
        log += "went on";
    });
    sim.advance(1s);
    outer.cancel();
    sim.advance(1h);
    EXPECT_EQ(log, "cancelled went on");
}

TEST(with_timeout, runs_out_while_what_swallowed_a_request_joins_its_children) {
    cicada::simulation sim;
    std::string log;
    const auto join_all = []() -> task<> {
        co_await swallow_a_request();
        co_await cicada::when_all(cicada::sleep(1h), cicada::sleep(1h));
    };
    const auto join_scope = []() -> task<> {
        co_await cicada::with_scope([](cicada::scope& s) -> task<> {
            s.spawn([]() -> task<> { co_await cicada::sleep(1h); });
            co_await swallow_a_request();
        });
    };
    auto outer = cicada::spawn([&]() -> task<> {
        try {
            co_await cicada::with_timeout(10s, join_all());
        } catch (const cicada::timeout_error&) {
            log += "timeout ";
        }
        try {
            co_await cicada::with_timeout(10s, join_scope());
        } catch (const cicada::timeout_error&) {
            log += "timeout ";
        }
        co_await cicada::sleep(1s);
        log += "went on";
    });
    sim.advance(1s);
    outer.cancel();
    sim.advance(10s);
    outer.cancel();
    sim.advance(1h);
    EXPECT_EQ(log, "timeout timeout went on");
}

} // namespace
