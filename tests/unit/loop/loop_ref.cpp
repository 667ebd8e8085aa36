#include <cicada/loop/loop_ref.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <optional>

#include <cicada/loop/simulation.hpp>

using namespace cicada;

TEST(loop_ref, posts_to_its_loop) {
    simulation sim;
    const loop_ref home(sim.get());
    const loop_ref copy = home;
    int ran = 0;
    EXPECT_TRUE(home.post([&] { ++ran; }));
    EXPECT_TRUE(copy.post([&] { ++ran; }));
    EXPECT_EQ(ran, 0) << "in the next turn";
    sim.settle();
    EXPECT_EQ(ran, 2);
}

TEST(loop_ref, answers_false_and_destroys_what_it_was_given_once_the_loop_is_closed) {
    simulation sim;
    const loop_ref home(sim.get());
    sim.get().close();
    const auto held = std::make_shared<int>(0);
    EXPECT_FALSE(home.post([held] { ++*held; }));
    EXPECT_EQ(held.use_count(), 1);
}

TEST(loop_ref, answers_false_when_the_loop_has_gone_also_when_another_is_in_its_place) {
    std::optional<simulation> sim(std::in_place);
    const loop_ref home(sim->get());
    sim.reset();
    EXPECT_FALSE(home.post([] { FAIL(); }));
    sim.emplace();
    EXPECT_FALSE(home.post([] { FAIL(); }));
    sim->settle();
}

TEST(loop_ref, of_no_loop_answers_false) {
    EXPECT_FALSE(loop_ref().post([] { FAIL(); }));
}

TEST(loop_ref, compares_by_the_loop_it_refers_to) {
    simulation sim;
    const loop_ref home(sim.get());
    EXPECT_EQ(home, loop_ref(loop::current()));
    EXPECT_NE(home, loop_ref());
}
