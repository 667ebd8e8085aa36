// Jobs on every driver, in memory and in a file.

#include <conformance/conformance.hpp>

#include <optional>

#include <cicada/jobs.hpp>
#include <support/temporary_folder.hpp>

using namespace std::chrono_literals;
using cicada::job_run;
using cicada::job_store;
using cicada::run_id;
using cicada::run_state;
using cicada::task;

namespace {

struct handlers {
    int counted = 0;
    int waiting = 0;
    bool may_finish = false;

    static task<> wait(handlers* h) {
        ++h->waiting;
        co_await cicada::sleep(1h);
    }
    static task<> finish(handlers* h) {
        ++h->waiting;
        while (!h->may_finish) co_await cicada::sleep(500us);
    }
};

template <class F>
task<> until(F is_so) {
    while (!is_so()) co_await cicada::sleep(500us);
}

task<> until_it_is(job_store store, run_id id, run_state state) {
    for (;;) {
        const auto run = co_await store.run(id);
        if (run.state == state) co_return;
        co_await cicada::sleep(500us);
    }
}

task<> serve(job_store store, handlers* h, cicada::duration grace) {
    cicada::worker_options options;
    options.grace = grace;
    cicada::worker worker(store, std::move(options));
    worker.handle("count", [h](const job_run&) { ++h->counted; });
    worker.handle("wait", [h](const job_run&) { return handlers::wait(h); });
    worker.handle("finish", [h](const job_run&) { return handlers::finish(h); });
    co_await worker.run();
}

task<> runs_and_cancels(job_store store) {
    handlers h;
    const cicada::job tick = {.name = "tick", .when = cicada::interval(2ms), .kind = "count"};
    const std::vector<cicada::job> jobs(1, tick);
    co_await store.apply("us", jobs);
    auto working = cicada::spawn(serve(store, &h, 10s));
    co_await until([&] { return h.counted >= 3; });
    cicada::submit_options soon;
    soon.after = 1ms;
    const auto once = co_await store.submit("count", "{}", soon);
    co_await until_it_is(store, once.id, run_state::ok);
    const auto long_one = co_await store.submit("wait");
    co_await until([&] { return h.waiting == 1; });
    co_await store.cancel(long_one.id);
    co_await until_it_is(store, long_one.id, run_state::cancelled);
    co_await working.cancel();
    const auto runs = co_await store.runs("tick");
    for (const auto& run : runs) EXPECT_GE(run.started_at.value_or(run.nominal), run.nominal);
}

task<> drains(job_store store) {
    handlers h;
    const auto sent = co_await store.submit("finish");
    auto working = cicada::spawn(serve(store, &h, 1min));
    co_await until([&] { return h.waiting == 1; });
    auto leaving = cicada::spawn(
        [](cicada::join_handle<> one) -> task<> { co_await one.cancel(); }(std::move(working)));
    co_await cicada::sleep(2ms);
    const auto later = co_await store.submit("count");
    co_await cicada::sleep(2ms);
    h.may_finish = true;
    co_await leaving;
    const auto run = co_await store.run(sent.id);
    EXPECT_EQ(run.state, run_state::ok) << "what ran was let go on";
    const auto left = co_await store.run(later.id);
    EXPECT_EQ(left.state, run_state::ready) << "nothing began";
    EXPECT_EQ(h.counted, 0);
}

task<> hands_back(job_store store) {
    handlers h;
    const auto sent = co_await store.submit("wait");
    auto working = cicada::spawn(serve(store, &h, 1ms));
    co_await until([&] { return h.waiting == 1; });
    co_await working.cancel();
    const auto run = co_await store.run(sent.id);
    EXPECT_EQ(run.state, run_state::ready);
    EXPECT_EQ(run.attempt, 1u);
    EXPECT_EQ(run.lost, 0u);
    EXPECT_EQ(h.waiting, 1);
}

task<> in_memory(task<> (*test)(job_store)) {
    job_store store = co_await cicada::open_store("memory:");
    co_await test(store);
}

/// And what was there is there when it is opened again.
task<> in_a_file(task<> (*test)(job_store), std::string url) {
    std::size_t count = 0;
    {
        job_store store = co_await cicada::open_store(url);
        co_await test(store);
        const auto runs = co_await store.runs("");
        count = runs.size();
        EXPECT_GE(count, 1u);
    }
    job_store store = co_await cicada::open_store(url);
    const auto runs = co_await store.runs("");
    EXPECT_EQ(runs.size(), count);
}

class jobs_of : public conformance {
protected:
    void run_on_both(task<> (*test)(job_store)) {
        const support::temporary_folder folder;
        run([test, url = "sqlite:" + (folder / "jobs.db")]() -> task<> {
            co_await in_memory(test);
            co_await in_a_file(test, url);
        });
        EXPECT_EQ(errors, std::vector<std::string>());
    }
};

TEST_P(jobs_of, a_worker_run_and_are_cancelled) { run_on_both(runs_and_cancels); }
TEST_P(jobs_of, a_worker_that_is_cancelled_go_on_to_their_end) { run_on_both(drains); }
TEST_P(jobs_of, a_worker_whose_grace_is_over_are_handed_back) { run_on_both(hands_back); }

} // namespace

INSTANTIATE_TEST_SUITE_P(on, jobs_of, testing::ValuesIn(conformance_of::drivers()),
                         [](const auto& one) { return one.param.name; });
