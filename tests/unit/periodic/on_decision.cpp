// loop_options::on_decision; that of a periodic has its tests in course.cpp.

#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::task;
using testing::ElementsAre;

namespace {

using lines = std::vector<std::string>;

std::string brief(std::string_view name, const decision& d) {
    return std::string(name) + ' ' + std::string(to_string(d.what)) + ' ' +
           cicada::format_instant(d.nominal).substr(11, 8);
}

cicada::loop_options told_to(lines& told) {
    return {.on_decision = [&told](std::string_view name, const decision& d) {
        told.push_back(brief(name, d));
    }};
}

TEST(on_decision_of_a_loop, sees_those_of_all_its_periodics_the_plain_ones_too) {
    lines told;
    support::simulated sim(told_to(told));
    auto plain = cicada::every(1h, {.name = "plain"}, [] {});
    auto unnamed = cicada::every(cicada::cron("30 * * * *"), [] {});
    auto delayed = cicada::every(cicada::fixed_delay(90min), {.name = "delayed"}, [] {});
    auto once = cicada::after(40min, {.name = "once"}, [] {});
    auto at = cicada::at(sim->wall_now() + 50min, [] {});
    auto told_itself = cicada::every(
        2h,
        {.name = "own", .on_decision = [&](const decision&) { told.push_back("first its own"); }},
        [] {});
    sim->advance(1h);
    EXPECT_EQ(told, (lines{"plain ran 00:00:00", "delayed ran 00:00:00", "first its own",
                           "own ran 00:00:00", " ran 00:30:00", "once ran 00:40:00",
                           " ran 00:50:00", "plain ran 01:00:00"}));
}

TEST(on_decision_of_a_loop, sees_why_an_instant_got_no_run) {
    lines told;
    support::simulated sim(told_to(told));
    auto slow =
        cicada::every(1h, {.name = "slow"}, []() -> task<> { co_await cicada::sleep(90min); });
    sim->advance(90min);
    sim->stall(2h); // 02:00 is late, 03:00 was missed
    sim->settle();
    auto failing = cicada::every(1h, {.name = "bad"}, [] { throw 7; });
    sim->settle();
    failing.pause();
    sim->advance(1h + 1s);
    failing.cancel();
    EXPECT_EQ(told, (lines{"slow skipped_overlap 01:00:00", "slow ran 00:00:00",
                           "slow missed 03:00:00", "bad failed 03:30:00",
                           "slow skipped_overlap 04:00:00", "bad paused 04:30:00"}));
}

TEST(on_decision_of_a_loop, that_comes_back_with_requests_is_told_of_them_after_it_has_returned) {
    lines told;
    std::optional<cicada::periodic> a, b;
    int depth = 0;
    support::simulated sim({.on_decision = [&](std::string_view name, const decision& d) {
        EXPECT_EQ(++depth, 1) << "it is not called within itself";
        told.push_back(brief(name, d));
        if (b) { // as this is told of `a`, of both much is decided
            b->cancel();
            b.reset();
            a->cancel();
        }
        told.push_back("and");
        --depth;
    }});
    const auto body = []() -> task<> { co_await cicada::sleep(1h); };
    b = cicada::every(1h, {.name = "b"}, [] {});
    b->pause();
    sim->advance(1h + 1s);
    told.clear();
    a = cicada::every(1min, {.name = "a", .overlap = cicada::overlap::buffer_one}, body);
    a->trigger();
    sim->settle();
    a->trigger();
    sim->settle(); // `a` runs, one waits, and one more is dropped
    EXPECT_EQ(told, (lines{"a skipped_overlap 01:00:01", "and", "b paused 00:00:00", "and",
                           "a cancelled 01:00:01", "and", "a cancelled 01:00:01", "and"}));
    EXPECT_TRUE(a->has_ended());
    a.reset();
}

TEST(on_decision_of_a_loop, that_throws_is_reported_and_told_of_the_next) {
    int told = 0;
    support::simulated sim({.on_decision = [&](std::string_view, const decision&) {
        ++told;
        throw std::runtime_error("observer");
    }});
    auto p = cicada::every(1s, {.name = "beat"}, [] {});
    sim->advance(1s);
    EXPECT_EQ(told, 2);
    EXPECT_THAT(sim.errors, ElementsAre("the handler of decisions: observer",
                                        "the handler of decisions: observer"));
}

TEST(on_decision_of_a_loop, may_drop_the_handle_of_whose_decision_it_is_told) {
    std::optional<cicada::periodic> p;
    lines told;
    support::simulated sim({.on_decision = [&](std::string_view name, const decision& d) {
        p.reset();
        told.push_back(brief(name, d));
    }});
    p = cicada::every(1s, {.name = "a name that is too long to be kept within a string"}, [] {});
    sim->advance(10s);
    EXPECT_EQ(told, lines{"a name that is too long to be kept within a string ran 00:00:00"});
}

TEST(on_decision_of_a_loop, hears_of_what_its_end_cancels) {
    lines told;
    support::simulated sim(told_to(told));
    sim.run([]() -> task<> {
        auto p =
            cicada::every(1h, {.name = "runs"}, []() -> task<> { co_await cicada::sleep(1h); });
        p.detach();
        co_await cicada::sleep(1min);
    });
    EXPECT_EQ(told, lines{"runs cancelled 00:00:00"});
}

TEST(on_decision_of_a_loop, that_is_not_set_costs_a_plain_periodic_no_course) {
    support::simulated sim;
    const auto before = cicada::detail::pool_live_blocks();
    auto p = cicada::every(1s, [] {});
    EXPECT_EQ(cicada::detail::pool_live_blocks(), before + 1);
}

} // namespace
