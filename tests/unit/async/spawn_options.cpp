#include <cicada/cicada.hpp>

#include <gmock/gmock.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <support/simulated.hpp>

using namespace std::chrono_literals;
using cicada::task;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

std::vector<std::string> names_on(const cicada::loop& l) {
    std::vector<std::string> names;
    for (const cicada::task_snapshot& one : l.snapshot().tasks) names.push_back(one.name);
    return names;
}

task<> wait_for(cicada::event& e) { co_await e.wait(); }
task<> fail_after(cicada::duration delay, std::string what) {
    co_await cicada::sleep(delay);
    throw std::runtime_error(what);
}

TEST(spawn_options, name_a_task_and_the_coroutine_of_a_function_from_the_start) {
    support::simulated sim;
    cicada::event never;
    auto a = cicada::spawn(wait_for(never), {.name = "task"});
    auto b = cicada::spawn({.name = "function"}, wait_for, std::ref(never));
    auto c = cicada::spawn(sim->get(), wait_for(never), {.name = "task on a loop"});
    auto d = cicada::spawn(sim->get(), {.name = "function on a loop"}, wait_for, std::ref(never));
    const cicada::spawn_options named{.name = "by a variable"};
    cicada::spawn_options changeable = named;
    auto e = cicada::spawn(wait_for(never), named);
    auto f = cicada::spawn(changeable, wait_for, std::ref(never));
    auto g = cicada::spawn(wait_for(never), {});
    const auto all =
        UnorderedElementsAre("task", "function", "task on a loop", "function on a loop",
                             "by a variable", "by a variable", "");
    EXPECT_THAT(names_on(sim->get()), all) << "before the first step";
    sim->settle();
    EXPECT_THAT(names_on(sim->get()), all);
}

TEST(spawn_options, copy_the_name) {
    support::simulated sim;
    cicada::event never;
    std::string name = "a name that is too long to be kept in the string itself";
    auto a = cicada::spawn(wait_for(never), {.name = name});
    name.assign(name.size(), '-');
    EXPECT_THAT(names_on(sim->get()),
                ElementsAre("a name that is too long to be kept in the string itself"));
}

TEST(spawn_options, name_the_children_of_a_scope) {
    support::simulated sim;
    cicada::event go;
    auto parent = cicada::spawn(cicada::with_scope([&](cicada::scope& s) -> task<> {
                                    s.spawn(wait_for(go), {.name = "left"});
                                    s.spawn({.name = "right"}, wait_for, std::ref(go));
                                    s.spawn(wait_for(go));
                                    s.spawn(wait_for, std::ref(go));
                                    co_return;
                                }),
                                {.name = "parent"});
    sim->settle();
    EXPECT_THAT(names_on(sim->get()),
                UnorderedElementsAre("parent", "left", "right", "parent", "parent"))
        << "those without a name go by that of their parent";
}

TEST(spawn_options, name_who_failed) {
    support::simulated sim;
    cicada::spawn(fail_after(1s, "no ink"), {.name = "printer"}).detach();
    cicada::spawn(cicada::with_scope([](cicada::scope& s) -> task<> {
                      s.spawn(fail_after(1s, "first"), {.name = "left"});
                      s.spawn(cicada::shield(fail_after(2s, "second")), {.name = "right"});
                      co_return;
                  }),
                  {.name = "parent"})
        .detach();
    sim->advance(3s);
    EXPECT_THAT(sim.errors,
                UnorderedElementsAre("printer: no ink", "right: second", "parent: first"));
}

TEST(spawn_options, name_who_held_the_loop_also_in_its_first_step) {
    std::vector<std::string> slow;
    cicada::simulation sim(
        cicada::wall_time{},
        {.slow_callback = 100ms, .on_slow_callback = [&](const cicada::slow_callback& s) {
             slow.push_back(std::string(s.task));
         }});
    auto a = cicada::spawn({.name = "importer"}, [&]() -> task<> {
        sim.stall(1s);
        co_return;
    });
    sim.settle();
    EXPECT_THAT(slow, ElementsAre("importer"));
}

TEST(spawn_options, name_a_task_from_another_thread) {
    support::simulated sim;
    cicada::event never;
    cicada::join_handle<> a;
    std::thread([&] { a = cicada::spawn(sim->get(), wait_for(never), {.name = "far"}); }).join();
    sim->settle();
    EXPECT_THAT(names_on(sim->get()), ElementsAre("far"));
}

TEST(spawn_options, keep_the_functions_arguments_alive) {
    support::simulated sim;
    std::string seen;
    auto a = cicada::spawn(
        {.name = "reader"},
        [&](const std::string& text) -> task<> {
            co_await cicada::sleep(1s);
            seen = text;
        },
        std::string("a text that is too long to be kept in the string itself"));
    sim->advance(1s);
    EXPECT_EQ(seen, "a text that is too long to be kept in the string itself");
}

} // namespace
