// Workers on loops of several threads, their heartbeats, and stores that are away.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <cicada/cicada.hpp>
#include <cicada/jobs/worker.hpp>
#include <jobs/submitted_run.hpp>
#include <support/threaded_store.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using detail::reading;
using detail::store_access;
using detail::writing;
using support::reach;
using support::threaded_store;

task<> submit(std::shared_ptr<store_access> to, int count) {
    const auto row = detail::row_of("work", "{}", {}, support::real_time());
    for (int i = 0; i < count; ++i) {
        auto made = to->link().write([row](writing& in) { return in.submit(row); });
        co_await made;
        to->changed();
    }
}

task<> serve(std::shared_ptr<store_access> at, worker_options options,
             detail::job_handler handler) {
    worker one(job_store(std::move(at)), std::move(options));
    one.handle("work", std::move(handler));
    co_await one.run();
}

std::size_t count_of(threaded_store& in, run_state state) {
    std::size_t count = 0;
    in.read([&](reading& r) { count = r.runs({.state = state, .most = 100'000}).size(); });
    return count;
}

template <class F>
bool comes(F is_so) {
    for (int i = 0; i < 2000; ++i) {
        if (is_so()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

TEST(worker, of_several_threads_run_each_once_what_others_submit) {
    const auto store = std::make_shared<threaded_store>();
    const auto access = reach(store);
    std::atomic<int> runs{0};
    loop_thread a, b, c, d;
    const auto handler = [&](job_run run) -> task<> {
        run.log("runs");
        ++runs;
        co_await sleep(1ms);
    };
    auto first = spawn(a.get(), serve(access, {.most = 8}, handler));
    auto second = spawn(b.get(), serve(access, {.most = 8}, handler));
    auto third = spawn(c.get(), submit(access, 100));
    auto fourth = spawn(d.get(), submit(access, 100));
    third.wait();
    fourth.wait();
    EXPECT_TRUE(comes([&] { return count_of(*store, run_state::ok) == 200; }));
    first.cancel().wait();
    second.cancel().wait();
    EXPECT_EQ(runs, 200);
}

TEST(worker, starts_and_stops_while_others_submit) {
    const auto store = std::make_shared<threaded_store>();
    const auto access = reach(store);
    std::atomic<int> runs{0};
    loop_thread a, b;
    auto submits = spawn(b.get(), submit(access, 300));
    for (int round = 0; round < 10; ++round) {
        auto one = spawn(a.get(), serve(access, {.most = 4}, [&](job_run) -> task<> {
                             ++runs;
                             co_return;
                         }));
        std::this_thread::sleep_for(3ms);
        one.cancel().wait();
    }
    submits.wait();
    EXPECT_EQ(count_of(*store, run_state::running), 0u);
    EXPECT_EQ(count_of(*store, run_state::ok), static_cast<std::size_t>(runs));
}

TEST(worker, ends_with_its_loop) {
    const auto store = std::make_shared<threaded_store>();
    const auto access = reach(store);
    {
        loop_thread a;
        spawn(a.get(), serve(access, {}, [](job_run) -> task<> { co_await sleep(1h); })).detach();
        loop_thread b;
        spawn(b.get(), submit(access, 3)).wait();
        EXPECT_TRUE(comes([&] { return count_of(*store, run_state::running) == 3; }));
    }
    EXPECT_EQ(count_of(*store, run_state::ready), 3u); // handed back
}

TEST(worker, whose_loop_is_blocked_for_two_leases_is_not_evicted) {
    const auto store = std::make_shared<threaded_store>();
    const auto access = reach(store);
    std::atomic<int> ends{0};
    std::atomic<bool> was_called{false};
    loop_thread a, b;
    worker_options options{.name = "blocked", .lease = 400ms, .poll = 50ms};
    options.on_blocked_loop = [&] { was_called = true; };
    auto blocked = spawn(a.get(), serve(access, options, [&](job_run) -> task<> {
                             std::this_thread::sleep_for(900ms);
                             ++ends;
                             co_return;
                         }));
    spawn(b.get(), submit(access, 1)).wait();
    EXPECT_TRUE(comes([&] { return count_of(*store, run_state::running) == 1; }));
    auto other = spawn(b.get(), serve(access, {.name = "other", .lease = 400ms, .poll = 50ms},
                                      [&](job_run) -> task<> {
                                          ++ends;
                                          co_return;
                                      }));
    EXPECT_TRUE(comes([&] { return count_of(*store, run_state::ok) == 1; }));
    blocked.cancel().wait();
    other.cancel().wait();
    EXPECT_EQ(ends, 1);
    EXPECT_FALSE(was_called); // its lease was never about to end
    store->read([](reading& in) {
        for (const auto& run : in.runs({})) EXPECT_EQ(run.of.lost, 0u);
    });
}

TEST(worker, calls_when_its_loop_is_blocked_and_its_lease_about_to_end) {
    const auto store = std::make_shared<threaded_store>();
    const auto access = reach(store);
    std::atomic<bool> is_blocking{false}, was_called{false};
    loop_thread a, b;
    worker_options options{.lease = 400ms, .poll = 50ms};
    options.on_blocked_loop = [&] { was_called = true; };
    auto blocked = spawn(a.get(), serve(access, options, [&](job_run) -> task<> {
                             is_blocking = true;
                             for (int i = 0; i < 1000 && !was_called; ++i)
                                 std::this_thread::sleep_for(5ms);
                             co_return;
                         }));
    spawn(b.get(), submit(access, 1)).wait();
    EXPECT_TRUE(comes([&] { return is_blocking.load(); }));
    store->fails = true;
    EXPECT_TRUE(comes([&] { return was_called.load(); }));
    store->fails = false;
    EXPECT_TRUE(comes([&] { return count_of(*store, run_state::ok) == 1; }));
    blocked.cancel().wait();
}

} // namespace
