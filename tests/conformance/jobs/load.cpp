// Very many jobs are due in one second: D22.

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <gmock/gmock.h>

#include <cicada/jobs.hpp>
#include <jobs/access.hpp>
#include <jobs/direct_link.hpp>
#include <store/sqlite/store.hpp>
#include <support/simulated.hpp>
#include <support/temporary_folder.hpp>

using namespace conformance_of_jobs;

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr int many = 10'000;

/// How long each commit takes, by a real clock.
class timed_store final : public detail::store {
public:
    explicit timed_store(detail::sqlite_options options) : inner_(std::move(options)) {}

    void write(std::span<detail::part* const> parts) override {
        const auto began_at = std::chrono::steady_clock::now();
        inner_.write(parts);
        commits.push_back(std::chrono::steady_clock::now() - began_at);
    }
    void read(const detail::function<void(detail::reading&)>& ask) override { inner_.read(ask); }
    std::string place() const override { return inner_.place(); }

    std::vector<duration> commits;

private:
    detail::sqlite_store inner_;
};

task<> serve(job_store store, int* ran) {
    worker one(store, {.most = 1000});
    one.handle("work", [ran](job_run) { ++*ran; });
    co_await one.run();
}

} // namespace

TEST(jobs_in_a_file, that_are_all_due_in_one_second_run_once_each) { // D22
    const support::temporary_folder folder;
    support::simulated sim("2026-03-01T00:00:00Z");
    const auto clock = [] { return wall_now(); };
    int ran = 0;
    sim.run([&]() -> task<> {
        const auto timed = std::make_shared<timed_store>(
            detail::sqlite_options{.path = folder / "jobs.db", .now = clock});
        auto link = std::make_unique<detail::direct_link>(*timed, clock);
        job_store store(std::make_shared<detail::store_access>(timed, std::move(link)));
        std::vector<job> all;
        for (int i = 0; i < many; ++i)
            all.push_back(
                {.name = "job " + std::to_string(i), .when = cron("0 12 * * *"), .kind = "work"});
        co_await store.apply("us", std::move(all));
        join_handle<> working = spawn(serve(store, &ran));
        co_await sleep(12h - 1s);
        EXPECT_EQ(ran, 0);
        timed->commits.clear();
        co_await sleep(2s);
        EXPECT_EQ(ran, many);

        std::vector<duration>& took = timed->commits;
        std::sort(took.begin(), took.end());
        EXPECT_GE(took.size(), std::size_t{many / 500});
        std::printf(
            "%zu commits for %d runs, p50 %.1f ms, p99 %.1f ms\n", took.size(), many,
            std::chrono::duration<double, std::milli>(took[took.size() / 2]).count(),
            std::chrono::duration<double, std::milli>(took[took.size() * 99 / 100]).count());
        co_await working.cancel();
        for (int i = 0; i < many; i += 97) {
            const auto runs = co_await store.runs("job " + std::to_string(i));
            EXPECT_EQ(runs.size(), 1u);
            EXPECT_EQ(runs.at(0).state, run_state::ok);
            EXPECT_EQ(runs.at(0).nominal, parse_instant("2026-03-01T12:00:00Z"));
        }
    });
    EXPECT_THAT(sim.errors, IsEmpty());
}
