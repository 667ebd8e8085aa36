// Assigning to what owns something lets go of that at once, and not when the other object goes.
#include <cicada/async/spawn.hpp>

#include <utility>

#include <cicada/async/event.hpp>
#include <cicada/async/gate.hpp>
#include <cicada/async/semaphore.hpp>
#include <cicada/base/function.hpp>
#include <cicada/loop/simulation.hpp>
#include <cicada/periodic/every.hpp>
#include <support/bare.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::bare;
using support::counted;

namespace {

task<> hold(counted, event& until) { co_await until.wait(); }

/// As if by a mistake; compilers warn of the plain form.
template <class T>
void assign_to_itself(T& one) {
    T& same = one;
    one = std::move(same);
}

} // namespace

TEST(assignment, of_a_task_destroys_the_one_before) {
    bare on;
    event never;
    int alive = 0;
    int others = 0;
    task<> current = hold(counted(alive), never);
    task<> next = hold(counted(others), never);
    current = std::move(next);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(others, 1);
    EXPECT_FALSE(next);
    assign_to_itself(current);
    EXPECT_TRUE(current);
    EXPECT_EQ(others, 1);
}

TEST(assignment, of_a_join_handle_cancels_the_task_before) {
    bare on;
    event never;
    int alive = 0;
    int others = 0;
    auto current = spawn(hold(counted(alive), never));
    auto next = spawn(hold(counted(others), never));
    on.settle();
    current = std::move(next);
    on.settle();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(others, 1);
    EXPECT_THROW(static_cast<void>(next.has_ended()), std::logic_error) << "it is empty";
    assign_to_itself(current);
    on.settle();
    EXPECT_FALSE(current.has_ended());
    current = {};
    on.settle();
    EXPECT_EQ(others, 0);
}

TEST(assignment, of_what_cancel_gives_lets_go_of_it_and_requests_nothing) {
    bare on;
    event never;
    int alive = 0;
    auto kept = spawn(hold(counted(alive), never));
    auto ended = spawn(hold(counted(alive), never)).cancel();
    on.settle();
    auto other = kept.cancel();
    ended = std::move(other); // the block of what it held goes back: see the end of `bare`
    on.settle();
    EXPECT_EQ(alive, 0);
}

TEST(assignment, of_a_periodic_ends_the_one_before) {
    // It went on ticking inside the moved-from object.
    simulation sim;
    int first = 0;
    int second = 0;
    periodic current = every(1s, [&] { ++first; });
    periodic next = every(1s, [&] { ++second; });
    sim.settle();
    current = std::move(next);
    sim.advance(3s);
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 4);
    assign_to_itself(current);
    sim.advance(1s);
    EXPECT_EQ(second, 5);
    current = {};
    sim.advance(1s);
    EXPECT_EQ(second, 5);
}

TEST(assignment, of_a_permit_and_a_lock_gives_the_one_before_back) {
    bare on;
    semaphore slots(2);
    auto current = slots.try_acquire();
    auto next = slots.try_acquire();
    current = std::move(next);
    EXPECT_EQ(slots.available(), 1u);
    assign_to_itself(current);
    EXPECT_EQ(slots.available(), 1u);

    mutex one;
    mutex other;
    auto lock = one.try_lock();
    auto second = other.try_lock();
    lock = std::move(second);
    EXPECT_FALSE(one.is_locked());
    EXPECT_TRUE(other.is_locked());
    lock = {};
    EXPECT_FALSE(other.is_locked());
}

TEST(assignment, of_a_gates_holder_leaves_the_gate_before) {
    bare on;
    gate before;
    gate after;
    auto inside = before.enter();
    auto next = after.enter();
    inside = std::move(next);
    EXPECT_EQ(before.inside(), 0u);
    EXPECT_EQ(after.inside(), 1u);
    assign_to_itself(inside);
    EXPECT_EQ(after.inside(), 1u);
    inside = {};
    EXPECT_EQ(after.inside(), 0u);
}

TEST(assignment, of_a_function_destroys_the_one_before) {
    int alive = 0;
    int others = 0;
    detail::function<void()> current = [c = counted(alive)] {};
    detail::function<void()> next = [c = counted(others)] {};
    current = std::move(next);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(others, 1);
    assign_to_itself(current);
    EXPECT_TRUE(current);
}

TEST(assignment, of_an_owned_object_deletes_the_one_before) {
    int alive = 0;
    int others = 0;
    detail::owned<counted> current(new counted(alive));
    detail::owned<counted> next(new counted(others));
    current = std::move(next);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(others, 1);
    EXPECT_FALSE(next);
    assign_to_itself(current);
    EXPECT_TRUE(current);
}
