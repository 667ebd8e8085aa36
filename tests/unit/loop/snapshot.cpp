#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <string>
#include <thread>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::life;
using cicada::loop_snapshot;
using cicada::periodic_snapshot;
using cicada::task;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

/// What the only periodic there is looks like.
periodic_snapshot the_one(support::simulated& sim) {
    const loop_snapshot all = sim->get().snapshot();
    EXPECT_EQ(all.periodics.size(), 1u);
    return all.periodics.at(0);
}

template <class... Made>
std::vector<std::string> recurrences(support::simulated& sim, const Made&...) {
    std::vector<std::string> texts;
    for (const periodic_snapshot& one : sim->get().snapshot().periodics)
        texts.push_back(one.recurrence);
    return texts;
}

TEST(snapshot, of_an_empty_loop_is_empty) {
    support::simulated sim;
    const loop_snapshot all = sim->get().snapshot();
    EXPECT_EQ(all.taken_at, sim->wall_now());
    EXPECT_TRUE(all.tasks.empty() && all.periodics.empty());
}

TEST(snapshot, has_the_tasks_with_what_each_waits_for_in_the_order_in_which_they_began) {
    support::simulated sim;
    cicada::event never;
    auto a = cicada::spawn([&]() -> task<> { co_await never.wait(); }).set_name("waiter");
    auto b = cicada::spawn([]() -> task<> { co_await cicada::sleep(1h); });
    sim->settle();
    auto c = cicada::spawn([]() -> task<> { co_return; }).set_name("fresh");
    std::vector<std::string> lines;
    for (const cicada::task_snapshot& one : sim->get().snapshot().tasks)
        lines.push_back(one.name + ": " + one.waits_for);
    EXPECT_THAT(lines, ElementsAre("waiter: an event", ": a timer", "fresh: its turn"));
}

TEST(snapshot, says_of_every_kind_of_periodic_by_what_it_recurs) {
    support::simulated sim;
    const auto instant = sim->wall_now() + 90min;
    EXPECT_THAT(recurrences(sim, cicada::every(15min, [] {}),
                            cicada::every(cicada::fixed_delay(90s), [] {}),
                            cicada::every(cicada::cron("0 7 * * 1-5", "Europe/Berlin"), [] {}),
                            cicada::after(10s, [] {}), cicada::at(instant, [] {})),
                UnorderedElementsAre("every 15m", "fixed_delay 1m30s",
                                     "cron(\"0 7 * * 1-5\", \"Europe/Berlin\")", "once after 10s",
                                     "once at 2026-01-01T01:30:00Z"))
        << "plain ones";
    const cicada::every_options how{.accuracy = 1ms};
    EXPECT_THAT(recurrences(sim, cicada::every(15min, how, [] {}),
                            cicada::every(cicada::fixed_delay(90s), how, [] {}),
                            cicada::every(cicada::cron("0 7 * * 1-5", "Europe/Berlin"), how, [] {}),
                            cicada::after(10s, how, [] {}), cicada::at(instant, how, [] {})),
                UnorderedElementsAre("every 15m", "fixed_delay 1m30s",
                                     "cron(\"0 7 * * 1-5\", \"Europe/Berlin\")", "once after 10s",
                                     "once at 2026-01-01T01:30:00Z"))
        << "ones with a policy";
    auto p = cicada::every(15min, [] {});
    p.reschedule(cicada::cron("@daily"));
    EXPECT_THAT(recurrences(sim), ElementsAre("cron(\"0 0 * * *\")"));
}

TEST(snapshot, of_a_plain_periodic_has_what_it_counts_and_keeps_no_decision) {
    support::simulated sim;
    const auto start = sim->wall_now();
    auto p = cicada::every(1s, {.name = "plain"}, [] {});
    sim->advance(1s);
    sim->stall(3500ms);
    sim->settle();
    const periodic_snapshot one = the_one(sim);
    EXPECT_EQ(one.name, "plain");
    EXPECT_EQ(one.life, life::active);
    EXPECT_EQ(one.next, start + 5s);
    EXPECT_EQ(one.waits_for, "its next tick");
    EXPECT_EQ(one.counters.ran, 3u);
    EXPECT_EQ(one.counters.missed, 2u);
    EXPECT_TRUE(one.runs.empty());
    EXPECT_FALSE(one.last_decision);
}

TEST(snapshot, shows_since_when_a_coroutine_runs_for_which_instant) {
    support::simulated sim;
    const auto start = sim->wall_now();
    cicada::event go;
    auto p = cicada::every(1h, {.first = cicada::first::after_period},
                           [&]() -> task<> { co_await go.wait(); });
    sim->stall(1h + 5s); // late
    sim->advance(1min);
    periodic_snapshot one = the_one(sim);
    ASSERT_EQ(one.runs.size(), 1u);
    EXPECT_EQ(one.runs[0].nominal, start + 1h);
    EXPECT_EQ(one.runs[0].started_at, start + 1h + 5s);
    EXPECT_EQ(one.runs[0].attempt, 1u);
    EXPECT_FALSE(one.runs[0].retry_at);
    EXPECT_EQ(one.waits_for, "the end of its run");
    go.set();
    sim->settle();
    one = the_one(sim);
    EXPECT_TRUE(one.runs.empty());
    ASSERT_TRUE(one.last_decision);
    EXPECT_EQ(*one.last_decision, (decision{.what = decision::kind::ran,
                                            .nominal = start + 1h,
                                            .last = start + 1h,
                                            .started_at = start + 1h + 5s,
                                            .ended_at = start + 1h + 65s,
                                            .attempts = 1}));
}

TEST(snapshot, shows_the_same_of_a_coroutine_on_a_calendar) {
    support::simulated sim;
    const auto start = sim->wall_now();
    auto p = cicada::every(cicada::cron("@hourly"), []() -> task<> { co_await cicada::sleep(1h); });
    sim->advance(1h + 1s);
    const periodic_snapshot one = the_one(sim);
    ASSERT_EQ(one.runs.size(), 1u);
    EXPECT_EQ(one.runs[0].nominal, start + 1h);
    EXPECT_EQ(one.runs[0].started_at, start + 1h);
    EXPECT_EQ(one.next, start + 2h);
}

TEST(snapshot, shows_every_run_with_its_attempt_and_when_it_is_tried_again) {
    support::simulated sim;
    const auto start = sim->wall_now();
    auto p = cicada::every(
        1min,
        {.overlap = cicada::overlap::allow{2}, .retry = {.max = 3, .backoff = 10min, .cap = 10min}},
        [](cicada::tick t) -> task<> {
            co_await cicada::sleep(90s);
            if (t.nominal == cicada::parse_instant("2026-01-01T00:00:00Z")) throw 7;
        });
    sim->advance(100s);
    const periodic_snapshot one = the_one(sim);
    ASSERT_EQ(one.runs.size(), 2u);
    EXPECT_EQ(one.runs[0].nominal, start);
    EXPECT_EQ(one.runs[0].attempt, 1u);
    EXPECT_EQ(one.runs[0].retry_at, start + 90s + 10min);
    EXPECT_EQ(one.runs[1].nominal, start + 1min);
    EXPECT_EQ(one.runs[1].started_at, start + 1min);
    EXPECT_FALSE(one.runs[1].retry_at);
    EXPECT_EQ(one.waits_for, "its retry");
    EXPECT_EQ(one.counters.failed, 1u);
    EXPECT_EQ(one.failed_in_a_row, 0u) << "the run has not failed yet";
    sim->advance(12min);
    const periodic_snapshot later = the_one(sim);
    EXPECT_EQ(later.runs.at(0).attempt, 2u);
    EXPECT_EQ(later.runs.at(0).started_at, start) << "its first attempt";
}

TEST(snapshot, shows_a_pause_and_a_row_of_failures) {
    support::simulated sim;
    auto p = cicada::every(1s, [] { throw 7; });
    sim->advance(2s);
    p.pause();
    const periodic_snapshot one = the_one(sim);
    EXPECT_EQ(one.life, life::paused);
    EXPECT_EQ(one.waits_for, "resume()");
    EXPECT_FALSE(one.next);
    EXPECT_EQ(one.failed_in_a_row, 3u);
    EXPECT_EQ(one.last_decision.value().what, decision::kind::failed);
    EXPECT_EQ(one.last_decision->nominal, sim->wall_now());
}

TEST(snapshot, has_the_last_decision_of_one_with_policies_without_history) {
    support::simulated sim;
    const auto start = sim->wall_now();
    auto p = cicada::every(1min, {.overlap = cicada::overlap::skip, .accuracy = 1ms},
                           []() -> task<> { co_await cicada::sleep(90s); });
    sim->settle();
    EXPECT_FALSE(the_one(sim).last_decision) << "none was made yet";
    sim->advance(61s);
    EXPECT_EQ(the_one(sim).last_decision.value().what, decision::kind::skipped_overlap);
    EXPECT_EQ(the_one(sim).last_decision->nominal, start + 1min);
    sim->advance(30s);
    EXPECT_EQ(the_one(sim).last_decision.value().what, decision::kind::ran);
    EXPECT_EQ(the_one(sim).last_decision->started_at, start);
    EXPECT_TRUE(p.history().empty());
}

TEST(snapshot, shows_the_run_of_the_function_that_takes_it) {
    support::simulated sim;
    const auto start = sim->wall_now();
    std::optional<periodic_snapshot> plain, first_steps, paused_first;
    auto p = cicada::every(1h, {.name = "plain"}, [&] { plain = the_one(sim); });
    sim->settle();
    ASSERT_EQ(plain.value().runs.size(), 1u);
    EXPECT_EQ(plain->waits_for, "the end of its run");
    EXPECT_FALSE(plain->runs[0].nominal || plain->runs[0].started_at) << "it does not keep them";
    p = {};
    auto q = cicada::every(1h, [&]() -> task<> {
        first_steps = the_one(sim);
        co_return;
    });
    sim->advance(1h);
    ASSERT_EQ(first_steps.value().runs.size(), 1u);
    EXPECT_EQ(first_steps->runs[0].nominal, start + 1h);
    EXPECT_EQ(first_steps->runs[0].started_at, start + 1h);
    q = {};
    cicada::periodic r;
    r = cicada::every(1h, [&] {
        r.pause();
        paused_first = the_one(sim);
    });
    sim->settle();
    ASSERT_EQ(paused_first.value().runs.size(), 1u);
    EXPECT_FALSE(paused_first->runs[0].nominal || paused_first->runs[0].started_at);
    EXPECT_EQ(the_one(sim).last_decision.value().nominal, start + 1h) << "known when it has ended";
    EXPECT_EQ(the_one(sim).last_decision->started_at, start + 1h);
}

TEST(snapshot, of_a_body_that_turns_another_loop_shows_the_run_of_each_on_its_own) {
    support::simulated sim;
    const auto start = sim->wall_now();
    struct hand final : cicada::driver {
        cicada::elapsed_time elapsed_now() noexcept override { return now; }
        cicada::wall_time wall_now() noexcept override { return cicada::wall_time(1h); }
        void wake() noexcept override {}
        cicada::elapsed_time now{1s};
    } driver;
    cicada::loop inner(driver);
    std::vector<std::optional<cicada::wall_time>> nominal;
    cicada::periodic outer;
    outer = cicada::every(1h, [&]() -> task<> {
        auto p = cicada::every(inner, 1s, [&]() -> task<> {
            nominal.push_back(the_one(sim).runs.at(0).nominal);
            nominal.push_back(inner.snapshot().periodics.at(0).runs.at(0).nominal);
            outer.cancel(); // this one, and not that of the other loop
            co_await cicada::yield();
            nominal.push_back(std::nullopt);
        });
        inner.run_ready();
        inner.run_ready();
        co_await p.cancel();
    });
    sim->settle();
    EXPECT_THAT(nominal, ElementsAre(start, cicada::wall_time(1h), std::nullopt));
    EXPECT_TRUE(outer.has_ended());
}

TEST(snapshot, may_be_taken_for_another_thread_and_outlives_the_loop) {
    loop_snapshot all;
    {
        cicada::loop_thread background;
        auto p = cicada::every(background.get(), 1h, {.name = "beat"}, [] {});
        cicada::promise<loop_snapshot> taken;
        auto answer = taken.future();
        background.get().post([&, taken = std::move(taken)]() mutable {
            taken.set_value(background.get().snapshot());
        });
        all = cicada::run([](auto& waited) -> task<loop_snapshot> {
            co_return co_await std::move(waited);
        }(answer));
    }
    EXPECT_EQ(all.periodics.at(0).name, "beat");
    EXPECT_EQ(all.periodics.at(0).recurrence, "every 1h");
}

TEST(snapshot, lists_a_periodic_once_that_has_a_timer_and_a_link) {
    support::simulated sim;
    auto p = cicada::every(1h, {.name = "flush"}, [] {});
    sim->settle();
    EXPECT_EQ(sim->get().snapshot().periodics.size(), 1u);
    p.cancel();
    EXPECT_TRUE(sim->get().snapshot().periodics.empty());
}

} // namespace
