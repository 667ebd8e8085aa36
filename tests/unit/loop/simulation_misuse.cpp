// A simulation that is over, or that its own task tries to turn: refused with a sentence.
#include <cicada/cicada.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <string>

using namespace std::chrono_literals;
using cicada::simulation;
using cicada::task;
using testing::HasSubstr;

namespace {

task<> nothing() { co_return; }

std::string refusal(const std::function<void()>& f) {
    try {
        f();
    } catch (const std::logic_error& e) {
        return e.what();
    }
    return "nothing was thrown";
}

constexpr const char* over = "cicada: the simulation is over: make another";

void expect_over(simulation& sim) {
    bool ran = false;
    const auto note = [&] { ran = true; };
    EXPECT_EQ(refusal([&] { sim.run(nothing()); }), over);
    EXPECT_EQ(refusal([&] { sim.advance(1h); }), over);
    EXPECT_EQ(refusal([&] { sim.advance_to(sim.now() + 1h); }), over);
    EXPECT_EQ(refusal([&] { sim.settle(); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::spawn(nothing())); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::spawn(sim.get(), nothing())); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::every(1s, note)); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::every(1s, {.name = "beat"}, note)); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::every(cicada::cron("@daily"), note)); }),
              over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::after(sim.get(), 1s, note)); }), over);
    EXPECT_EQ(refusal([&] { static_cast<void>(cicada::at(sim.wall_now(), note)); }), over);
    EXPECT_EQ(refusal([] { const cicada::ticker ticks(1s); }), over);
    EXPECT_FALSE(sim.get().post(note));
    EXPECT_FALSE(ran);
    sim.shut_down(); // once more is no mistake
    sim.stall(1s);
    EXPECT_TRUE(sim.get().is_drained());
}

} // namespace

TEST(simulation, that_has_run_is_over_and_refuses_whatever_would_do_nothing) {
    // A second run() returned at once, and a unit test that said every() after it passed without
    // having tested.
    simulation sim;
    sim.run(nothing());
    expect_over(sim);
}

TEST(simulation, that_was_shut_down_is_over) {
    simulation sim;
    int ticks = 0;
    const auto beat = cicada::every(1s, [&] { ++ticks; });
    sim.advance(1s);
    sim.shut_down();
    EXPECT_EQ(ticks, 2);
    EXPECT_TRUE(beat.has_ended());
    expect_over(sim);
}

TEST(simulation, that_shuts_down_cancels_what_its_tasks_start_meanwhile) {
    simulation sim;
    bool ran = false;
    bool was_cancelled = false;
    auto cleaner = cicada::spawn([&]() -> task<> {
        try {
            co_await cicada::sleep(1h);
        } catch (const cicada::cancelled&) {
        }
        const auto late = cicada::spawn([&]() -> task<> {
            ran = true;
            co_return;
        });
        const auto beat = cicada::every(1s, [&] { ran = true; });
        co_await cicada::sleep(1s);
        was_cancelled = late.has_ended() && beat.has_ended();
    });
    sim.settle();
    sim.shut_down();
    EXPECT_TRUE(was_cancelled);
    EXPECT_FALSE(ran);
}

TEST(simulation, is_not_turned_by_its_own_tasks) {
    // A nested turn: what runs was run again from within itself.
    simulation sim;
    constexpr const char* within =
        "cicada: a simulation was turned by what it runs: there, let a task co_await "
        "cicada::sleep, or use stall()";
    std::string said;
    const auto each_within = [&] {
        EXPECT_EQ(refusal([&] { sim.advance(1s); }), within);
        EXPECT_EQ(refusal([&] { sim.advance_to(sim.now()); }), within);
        EXPECT_EQ(refusal([&] { sim.settle(); }), within);
        EXPECT_EQ(refusal([&] { sim.run(nothing()); }), within);
        EXPECT_EQ(refusal([&] { sim.shut_down(); }), within);
    };
    sim.get().post(each_within);
    const auto tick = cicada::after(1s, each_within);
    int steps = 0;
    const auto stepper = cicada::spawn([&]() -> task<> {
        each_within();
        ++steps;
        co_await cicada::sleep(1s);
        each_within();
        ++steps;
    });
    sim.settle();
    EXPECT_EQ(steps, 1);
    sim.advance(2s);
    EXPECT_EQ(steps, 2);
    EXPECT_EQ(sim.elapsed(), 2s);
    sim.run([&]() -> task<> {
        each_within();
        co_return;
    }());
}
