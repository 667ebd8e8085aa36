// One store of jobs, asked from several threads, each with a loop of its own.

#include <cicada/jobs.hpp>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using cicada::job_store;
using cicada::run_id;
using cicada::task;

constexpr int threads = 8;

task<job_store> store_with_a_job() {
    job_store store = co_await cicada::open_store("memory:");
    std::vector<cicada::job> jobs(
        1, {.name = "daily", .when = cicada::cron("0 7 * * *"), .kind = "k"});
    co_await store.apply("us", std::move(jobs));
    co_return store;
}

/// Runs `ask(store, n)` on each thread, n = 0, 1, ...
template <class F>
void on_threads(job_store store, F ask) {
    std::vector<std::thread> all;
    for (int n = 0; n < threads; ++n)
        all.emplace_back([store, ask, n] { cicada::run(ask(store, n)); });
    for (std::thread& one : all) one.join();
}

// D17
TEST(jobs_store, has_one_run_for_a_key_that_is_triggered_100_times_from_8_threads) {
    job_store store = cicada::run(store_with_a_job());
    std::mutex mutex;
    std::set<run_id> given;
    on_threads(store, [&](job_store asked, int) -> task<> {
        for (int i = 0; i < 100; ++i) {
            const auto run = co_await asked.trigger("daily", {.key = "x"});
            const std::lock_guard lock(mutex);
            if (run) given.insert(*run);
        }
    });
    EXPECT_EQ(given.size(), 1u);
    EXPECT_EQ(cicada::run(store.runs("daily")).size(), 1u);
}

TEST(jobs_store, has_one_run_for_a_key_that_is_submitted_100_times_from_8_threads) {
    job_store store = cicada::run(cicada::open_store("memory:"));
    on_threads(store, [](job_store asked, int) -> task<> {
        for (int i = 0; i < 100; ++i) {
            const auto run = co_await asked.submit("k", "{}", {.key = "x"});
            EXPECT_EQ(run.id, run_id{1});
        }
    });
    EXPECT_EQ(cicada::run(store.runs("")).size(), 1u);
}

TEST(jobs_store, takes_each_of_what_many_ask_at_once) {
    job_store store = cicada::run(store_with_a_job());
    on_threads(store, [](job_store asked, int n) -> task<> {
        for (int i = 0; i < 20; ++i) {
            const auto run = co_await asked.submit("k");
            EXPECT_TRUE(run.is_new);
            if (n % 2 == 0) {
                co_await asked.pause("daily");
            } else {
                co_await asked.resume("daily");
            }
            const auto status = co_await asked.status("daily");
            EXPECT_EQ(status.owner, "us");
        }
    });
    EXPECT_EQ(cicada::run(store.runs("", {.most = 1000})).size(), threads * 20u);
}

} // namespace
