#include <cicada/cicada.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <vector>

#include <support/listed.hpp>

using namespace std::chrono_literals;
using cicada::task;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// The least that a driver can be: a clock that the test sets, and a count of wake-ups.
struct hand final : cicada::driver {
    cicada::elapsed_time elapsed_now() noexcept override { return now; }
    cicada::wall_time wall_now() noexcept override { return wall; }
    void wake() noexcept override { ++wakes; }
    bool wants_every_post() const noexcept override { return wants_all; }

    cicada::elapsed_time now{100s};
    cicada::wall_time wall{1'000'000s};
    int wakes = 0;
    bool wants_all = false;
};

task<> sleep_then(cicada::duration delay, std::function<void()> then) {
    co_await cicada::sleep(delay);
    then();
}

TEST(loop, has_nothing_to_do_at_first_and_names_no_deadline) {
    hand driver;
    cicada::loop loop(driver);
    EXPECT_EQ(loop.run_ready(), std::nullopt);
    EXPECT_TRUE(loop.is_drained());
    EXPECT_FALSE(loop.is_closed());
    EXPECT_EQ(driver.wakes, 0);
}

TEST(loop, is_current_only_while_it_is_turned) {
    hand driver;
    cicada::loop loop(driver);
    EXPECT_THROW(cicada::loop::current(), std::logic_error);
    EXPECT_THROW(static_cast<void>(cicada::spawn([]() -> task<> { co_return; }())),
                 std::logic_error);
    cicada::loop* seen = nullptr;
    loop.post([&] { seen = &cicada::loop::current(); });
    loop.run_ready();
    EXPECT_EQ(seen, &loop);
    EXPECT_THROW(cicada::loop::current(), std::logic_error);
}

TEST(loop,
     runs_posts_then_steps_then_timers_by_deadline_and_leaves_what_comes_up_to_the_next_turn) {
    hand driver;
    cicada::loop loop(driver);
    std::vector<std::string> order;
    const auto note = [&](const char* what) { return [&order, what] { order.push_back(what); }; };
    auto late = cicada::after(loop, 2s, note("timer of 2 s"));
    auto early = cicada::after(loop, 1s, note("timer of 1 s"));
    auto equal = cicada::after(loop, 1s, note("second timer of 1 s"));
    loop.run_ready();
    driver.now += 5s;
    auto step = cicada::spawn(loop, [&]() -> task<> {
        order.push_back("step");
        co_await cicada::yield();
        order.push_back("next step");
    });
    loop.post([&] {
        order.push_back("post");
        loop.post(note("post of a post"));
    });
    EXPECT_EQ(loop.run_ready(), driver.now) << "come back now";
    EXPECT_THAT(order,
                ElementsAre("post", "step", "timer of 1 s", "second timer of 1 s", "timer of 2 s"));
    order.clear();
    EXPECT_EQ(loop.run_ready(), std::nullopt);
    EXPECT_THAT(order, ElementsAre("post of a post", "next step"));
}

TEST(loop, names_the_earliest_deadline_of_both_time_lines) {
    hand driver;
    cicada::loop loop(driver);
    auto elapsed = cicada::after(loop, 10s, [] {});
    EXPECT_EQ(loop.run_ready(), driver.now + 10s);
    auto wall = cicada::at(loop, driver.wall + 4s, [] {});
    loop.run_ready();
    EXPECT_EQ(loop.run_ready(), driver.now + 4s);
    driver.wall -= 1s; // the clock is set back
    EXPECT_EQ(loop.run_ready(), driver.now + 5s);
    driver.wall += 1h;
    EXPECT_EQ(loop.run_ready(), driver.now + 10s);
    EXPECT_TRUE(wall.has_ended());
}

TEST(loop, takes_posts_in_order_and_wakes_its_driver_once_between_two_turns) {
    hand driver;
    cicada::loop loop(driver);
    loop.run_ready();
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(loop.post([&order, i] { order.push_back(i); }));
    EXPECT_EQ(driver.wakes, 1);
    EXPECT_TRUE(loop.has_posts());
    loop.run_ready();
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
    EXPECT_FALSE(loop.has_posts());
    loop.post([] {});
    EXPECT_EQ(driver.wakes, 2);
}

TEST(loop, is_not_drained_while_a_post_waits_for_its_turn) {
    hand driver;
    cicada::loop loop(driver);
    loop.post([&] { loop.post([] {}); });
    EXPECT_FALSE(loop.is_drained());
    loop.run_ready();
    EXPECT_FALSE(loop.is_drained()) << "the post of the post";
    loop.run_ready();
    EXPECT_TRUE(loop.is_drained());
}

TEST(loop, wakes_a_driver_that_wants_it_at_every_post) {
    hand driver;
    driver.wants_all = true;
    cicada::loop loop(driver);
    loop.run_ready();
    for (int i = 0; i < 3; ++i) loop.post([] {});
    EXPECT_EQ(driver.wakes, 3);
}

TEST(loop, refuses_posts_once_closed_and_destroys_them_unused) {
    hand driver;
    cicada::loop loop(driver);
    const auto held = std::make_shared<int>();
    bool ran = false;
    loop.post([&] { ran = true; });
    loop.close();
    EXPECT_TRUE(loop.is_closed());
    EXPECT_FALSE(loop.post([held] { ADD_FAILURE() << "it ran"; }));
    EXPECT_EQ(held.use_count(), 1);
    loop.run_ready();
    EXPECT_TRUE(ran) << "what was posted before the close runs";
}

TEST(loop, takes_move_only_posts) {
    hand driver;
    cicada::loop loop(driver);
    int got = 0;
    loop.post([&got, value = std::make_unique<int>(7)] { got = *value; });
    loop.run_ready();
    EXPECT_EQ(got, 7);
}

/// Refuses to be moved more than so many times.
struct fragile {
    fragile(int moves_left, int& ran) : left(moves_left), to(&ran) {}
    fragile(fragile&& other) : left(other.left - 1), to(other.to) {
        if (left < 0) throw std::runtime_error("it broke");
    }
    void operator()() const { ++*to; }
    int left;
    int* to;
};

TEST(loop, runs_a_post_or_throws_to_the_poster_what_moving_it_threw) {
    hand driver;
    cicada::loop loop(driver);
    int ran = 0;
    int thrown = 0;
    for (int moves = 0; moves < 8; ++moves) {
        try {
            loop.post(fragile(moves, ran));
        } catch (const std::runtime_error&) {
            ++thrown;
        }
        loop.post([&ran] { ran += 100; });
    }
    loop.run_ready();
    EXPECT_GT(thrown, 0);
    EXPECT_EQ(ran, 800 + 8 - thrown);
}

TEST(loop, gives_what_a_post_throws_to_the_error_handler_and_goes_on) {
    hand driver;
    std::vector<std::string> errors;
    cicada::loop loop(driver, {.on_error = [&](const cicada::error_report& r) {
                          errors.push_back(std::string(r.task) + ": " + r.what());
                      }});
    loop.post([] { throw std::runtime_error("no toner"); });
    loop.post([] { throw 7; });
    bool ran = false;
    loop.post([&] { ran = true; });
    loop.run_ready();
    EXPECT_THAT(errors, ElementsAre("a posted call: no toner",
                                    "a posted call: it threw a value of type int"));
    EXPECT_TRUE(ran);
}

TEST(loop, survives_an_error_handler_that_throws) {
    hand driver;
    cicada::loop loop(driver, {.on_error = [](const cicada::error_report&) {
                          throw std::runtime_error("me too");
                      }});
    loop.post([] { throw std::runtime_error("no toner"); });
    testing::internal::CaptureStderr();
    loop.run_ready();
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, HasSubstr("no toner"));
    EXPECT_THAT(said, HasSubstr("me too"));
}

TEST(loop, names_the_callback_that_held_it_for_too_long) {
    hand driver;
    std::vector<std::string> slow;
    cicada::loop loop(
        driver, {.slow_callback = 100ms, .on_slow_callback = [&](const cicada::slow_callback& s) {
                     slow.push_back(std::string(s.task) + " " + std::to_string(s.held / 1ms));
                 }});
    const auto work = [&](cicada::duration d) { return [&driver, d] { driver.now += d; }; };
    loop.post(work(150ms));
    loop.post(work(99ms));
    auto step = cicada::spawn(loop, [&]() -> task<> {
                    driver.now += 200ms;
                    co_await cicada::sleep(1s);
                    driver.now += 300ms;
                }).set_name("importer");
    auto tick = cicada::every(loop, 1h, {.name = "flush"}, work(400ms));
    for (int i = 0; i < 4; ++i) {
        loop.run_ready();
        driver.now += 1s;
    }
    EXPECT_THAT(slow,
                ElementsAre("a posted call 150", "importer 200", "flush 400", "importer 300"));
}

TEST(loop, says_on_stderr_who_held_it_when_there_is_no_handler) {
    hand driver;
    cicada::loop loop(driver, {.slow_callback = 1ms});
    loop.post([&] { driver.now += 1500us; });
    testing::internal::CaptureStderr();
    loop.run_ready();
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "cicada: task 'a posted call' held the loop for 1.500 ms\n");
}

TEST(loop, says_how_to_name_what_held_it_and_has_no_name) {
    hand driver;
    cicada::loop loop(driver, {.slow_callback = 1ms});
    const auto beat = cicada::every(loop, 1h, [&] { driver.now += 2ms; });
    testing::internal::CaptureStderr();
    loop.run_ready();
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "cicada: an unnamed task (give it {.name = \"...\"} where it is started) held the "
              "loop for 2.000 ms\n");
}

TEST(loop, lists_its_tasks_and_what_each_waits_for) {
    hand driver;
    cicada::event never;
    cicada::loop loop(driver);
    auto a = cicada::spawn(loop, sleep_then(1h, [] {})).set_name("sleeper");
    auto b = cicada::spawn(loop, [&]() -> task<> { co_await never.wait(); }).set_name("waiter");
    auto plain = cicada::every(loop, 1h, [] {});
    auto named = cicada::every(loop, 1h, {.name = "flush"}, [] {});
    auto paused = cicada::every(loop, 1h, {.name = "pause"}, [] {});
    auto runs =
        cicada::every(loop, 1h, {.name = "runs"}, [&]() -> task<> { co_await never.wait(); });
    loop.run_ready();
    loop.post([&] { paused.pause(); });
    loop.run_ready();
    auto fresh = cicada::spawn(loop, sleep_then(1h, [] {})).set_name("fresh");
    std::vector<std::string> lines;
    loop.post([&] { lines = support::listed(loop); });
    loop.run_ready();
    EXPECT_THAT(lines, testing::UnorderedElementsAre("sleeper: a timer", "waiter: an event",
                                                     ": its next tick", "flush: its next tick",
                                                     "pause: resume()", "runs: the end of its run",
                                                     "runs: an event", "fresh: its turn"));
}

TEST(loop, that_is_destroyed_with_work_left_lets_it_finish_as_far_as_it_can) {
    std::vector<std::string> seen;
    const auto held = std::make_shared<int>();
    const auto before = cicada::detail::pool_live_blocks();
    {
        hand driver;
        cicada::event never;
        cicada::loop loop(driver);
        const auto cleans_up = [&seen, held](std::string name, cicada::duration takes) -> task<> {
            try {
                co_await cicada::sleep(1h);
            } catch (const cicada::cancelled&) {
                seen.push_back(name + " cancelled");
            }
            if (takes > 0s) co_await cicada::sleep(takes);
            seen.push_back(name + " cleaned up");
        };
        cicada::spawn(loop, cleans_up, std::string("quick"), 0s).detach();
        cicada::spawn(loop, cleans_up, std::string("stuck"), 1s).detach();
        cicada::every(loop, 1s, [held] {}).detach();
        cicada::every(loop, 1s, [held, &never]() -> task<> { co_await never.wait(); }).detach();
        loop.run_ready();
        loop.post([held] {});
    }
    EXPECT_THAT(seen, ElementsAre("quick cancelled", "quick cleaned up", "stuck cancelled"))
        << "no time passes any more: the stuck one is destroyed where it stands";
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before);
}

TEST(loop, may_go_before_the_handles_of_what_was_on_it) {
    hand driver;
    auto loop = std::make_unique<cicada::loop>(driver);
    auto sleeper = cicada::spawn(*loop, sleep_then(1h, [] {}));
    auto periodic = cicada::every(*loop, 1s, {.name = "flush"}, [] {});
    auto plain = cicada::every(*loop, 1s, [] {});
    loop->run_ready();
    loop.reset();
    EXPECT_TRUE(sleeper.has_ended());
    EXPECT_TRUE(periodic.has_ended());
    EXPECT_TRUE(plain.has_ended());
    sleeper.cancel();
    periodic.cancel();
    plain.trigger();
    periodic.pause();
    EXPECT_EQ(periodic.next(), std::nullopt);
    EXPECT_EQ(periodic.counters().ran, 1u);
    periodic.cancel().wait();
}

} // namespace
