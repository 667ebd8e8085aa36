#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/listed.hpp>
#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::task;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string refusal(const cicada::every_options& options) {
    support::simulated sim;
    try {
        cicada::after(1s, options, [] {}).detach();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "none";
}

TEST(one_shot_options, that_speak_of_several_instants_are_refused) {
    EXPECT_EQ(refusal({}), "none");
    EXPECT_THAT(refusal({.first = cicada::first::after_period}), HasSubstr("`first`"));
    EXPECT_THAT(refusal({.times = 1}), HasSubstr("`times`"));
    EXPECT_THAT(refusal({.until = cicada::wall_time()}), HasSubstr("`until`"));
    EXPECT_THAT(refusal({.missed = cicada::missed::burst}), HasSubstr("start_deadline"));
    EXPECT_THAT(refusal({.catch_up = cicada::catch_up::none}), HasSubstr("start_deadline"));
    EXPECT_THAT(refusal({.catch_up_window = 1h}), HasSubstr("start_deadline"));
    EXPECT_THAT(refusal({.failures = {.in_a_row = 2}}), HasSubstr("`retry`"));
    support::simulated sim;
    EXPECT_THROW(cicada::at(sim->wall_now(), {.times = 1}, [] {}).detach(), std::invalid_argument);
    EXPECT_THROW(cicada::after(1s, {.retry = {.factor = 0}}, [] {}).detach(), std::invalid_argument)
        << "as of every";
}

TEST(one_shot_options, name_it_in_lists_and_messages) {
    support::simulated sim;
    auto once = cicada::after(1s, {.name = "greet"}, [] { throw std::runtime_error("no"); });
    auto at = cicada::at(sim->wall_now() + 2s, {.name = "part"}, [] { throw 7; });
    EXPECT_EQ(once.name(), "greet");
    EXPECT_THAT(support::listed(sim->get()),
                testing::UnorderedElementsAre("greet: its next tick", "part: its next tick"));
    sim->advance(2s);
    EXPECT_THAT(sim.errors, ElementsAre("greet: no", "part: it threw a value of type int"));
    EXPECT_TRUE(once.has_ended() && at.has_ended());
}

TEST(one_shot_options, retry_until_it_succeeds_and_only_then_it_has_ended) {
    support::simulated sim;
    std::vector<duration> plain, slow;
    const auto fails_twice = [&](cicada::tick t) {
        plain.push_back(sim.elapsed());
        EXPECT_EQ(t.nominal, cicada::parse_instant("2026-01-01T00:00:10Z"));
        EXPECT_EQ(t.attempt, plain.size());
        if (plain.size() < 3) throw std::runtime_error("no");
    };
    const auto fails_slowly = [&]() -> task<> {
        slow.push_back(sim.elapsed());
        co_await cicada::sleep(100ms);
        if (slow.size() < 2) throw std::runtime_error("no");
    };
    auto once = cicada::after(10s, {.retry = {.max = 5}, .history = 9}, fails_twice);
    auto at = cicada::at(sim->wall_now() + 10s, {.retry = {.max = 5}, .history = 9}, fails_slowly);
    sim.run([&]() -> task<> {
        co_await once;
        EXPECT_EQ(sim.elapsed(), 13s);
        co_await at;
    });
    EXPECT_EQ(plain, (std::vector<duration>{10s, 11s, 13s}));
    EXPECT_EQ(slow, (std::vector<duration>{10s, 11100ms}));
    for (auto* p : {&once, &at}) {
        EXPECT_TRUE(p->has_ended());
        ASSERT_EQ(p->history().size(), 1u);
        EXPECT_EQ(p->history()[0].what, decision::kind::ran);
        EXPECT_EQ(p->history()[0].attempts, p == &once ? 3u : 2u);
    }
    EXPECT_EQ(sim.errors.size(), 3u) << "each failed attempt is told";
}

TEST(one_shot_options, give_up_and_hand_the_error_to_who_awaits) {
    support::simulated sim;
    int ran = 0;
    std::string what;
    sim.run([&]() -> task<> {
        auto once =
            cicada::after(1s, {.on_error = cicada::on_error::stop, .retry = {.max = 1}}, [&] {
                ++ran;
                throw std::runtime_error("no");
            });
        try {
            co_await once;
        } catch (const std::runtime_error& e) {
            what = e.what();
        }
    });
    EXPECT_EQ(ran, 2);
    EXPECT_EQ(what, "no");
    EXPECT_EQ(sim.errors.size(), 1u) << "of the first attempt";
}

TEST(one_shot_options, too_late_for_its_start_deadline_it_ends_without_a_run) {
    support::simulated sim;
    std::vector<decision::kind> told;
    const cicada::every_options how{
        .start_deadline = 1s, .on_decision = [&](const decision& d) { told.push_back(d.what); }};
    auto past = cicada::at(sim->wall_now() - 1h, how, [] { ADD_FAILURE() << "it ran"; });
    auto stalled = cicada::after(10s, how, [] { ADD_FAILURE() << "it ran"; });
    auto in_time = cicada::at(sim->wall_now() + 11s, how, [] {});
    sim->settle();
    EXPECT_TRUE(past.has_ended());
    sim->stall(12s);
    sim->settle();
    EXPECT_TRUE(stalled.has_ended() && in_time.has_ended());
    EXPECT_THAT(
        told, ElementsAre(decision::kind::too_late, decision::kind::too_late, decision::kind::ran));
}

TEST(one_shot_options, spread_a_herd) {
    support::simulated sim;
    std::vector<duration> ran;
    const auto body = [&](cicada::tick t) {
        ran.push_back(sim.elapsed());
        EXPECT_EQ(t.nominal, cicada::parse_instant("2026-01-01T00:00:10Z"));
    };
    auto a = cicada::after(10s, {.name = "a", .jitter = 5s}, body);
    auto b = cicada::at(sim->wall_now() + 10s, {.name = "b", .jitter = 5s}, body);
    auto c = cicada::after(10s, {.accuracy = 7s}, body);
    sim->advance(20s);
    ASSERT_EQ(ran.size(), 3u);
    EXPECT_GT(ran[0], 10s);
    EXPECT_GT(ran[1], ran[0]);
    EXPECT_LT(ran[2], 17s);
}

TEST(one_shot_options, tell_one_decision_also_when_it_is_cancelled) {
    support::simulated sim;
    std::vector<decision::kind> told;
    const cicada::every_options how{.on_decision = [&](const decision& d) {
        told.push_back(d.what);
        EXPECT_EQ(d.count, 1u);
    }};
    auto due = cicada::after(1s, how, [] {});
    auto paused = cicada::at(sim->wall_now() + 1s, how, [] {});
    auto not_due = cicada::after(1h, how, [] {});
    auto running = cicada::after(0s, how, []() -> task<> { co_await cicada::sleep(1h); });
    sim->settle();
    paused.pause();
    sim->get().post([&] { // before what is due
        for (auto* p : {&due, &paused, &not_due, &running}) p->cancel();
    });
    sim->stall(2s);
    sim->settle();
    EXPECT_THAT(told, ElementsAre(decision::kind::cancelled, decision::kind::paused,
                                  decision::kind::cancelled))
        << "the instant of the third had not come";
}

TEST(one_shot_options, end_with_their_loop_while_a_retry_waits) {
    int ran = 0;
    support::simulated sim;
    auto a = cicada::after(1s, {.retry = {.max = 3, .backoff = 1h, .cap = 1h}}, [&] {
        ++ran;
        throw std::runtime_error("no");
    });
    auto b = cicada::at(sim->wall_now() + 1s, {.retry = {.max = 3, .backoff = 1h, .cap = 1h}}, [&] {
        ++ran;
        throw std::runtime_error("no");
    });
    sim->advance(2s);
    sim->shut_down();
    EXPECT_EQ(ran, 2);
    EXPECT_TRUE(a.has_ended() && b.has_ended());
}

} // namespace
