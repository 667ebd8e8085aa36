#include <cicada/jobs.hpp>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <support/simulated.hpp>
#include <support/temporary_folder.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::job;
using cicada::job_store;
using cicada::open_store;
using cicada::store_fault;
using cicada::task;
using testing::ElementsAre;
using testing::IsEmpty;

const cicada::wall_time noon = cicada::parse_instant("2026-03-02T12:00:00Z");

std::vector<job> minutely() {
    return std::vector<job>(1,
                            {.name = "minutely", .when = cicada::cron("* * * * *"), .kind = "k"});
}

/// Of opening this.
task<std::optional<store_fault>> fault(std::string url) {
    try {
        co_await open_store(url);
    } catch (const cicada::store_error& e) {
        co_return e.fault();
    }
    co_return std::nullopt;
}

TEST(open_store, finds_in_a_file_what_was_there) {
    support::temporary_folder folder;
    support::simulated sim("2026-03-02T12:00:00Z");
    sim.run([url = "sqlite:" + (folder / "jobs.db")]() -> task<> {
        {
            job_store store = co_await open_store(url);
            co_await store.apply("us", minutely());
            const auto sent = co_await store.submit("k", "{}", {.key = "x"});
            EXPECT_TRUE(sent.is_new);
        }
        co_await cicada::sleep(1h);
        job_store store = co_await open_store(url + "?durability=process_crash");
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 1u);
        EXPECT_EQ(all.at(0).job, minutely().at(0));
        EXPECT_EQ(all.at(0).decided, noon) << "by simulated time";
        const auto again = co_await store.submit("k", "{}", {.key = "x"});
        EXPECT_FALSE(again.is_new);
    });
}

TEST(open_store, in_memory_begins_empty) {
    support::simulated sim;
    sim.run([]() -> task<> {
        {
            job_store one = co_await open_store("memory:");
            co_await one.apply("us", minutely());
        }
        job_store other = co_await open_store("memory:");
        const auto all = co_await other.jobs();
        EXPECT_THAT(all, IsEmpty());
    });
}

TEST(open_store, has_one_owner_while_there_is_a_handle) {
    support::temporary_folder folder;
    support::simulated sim;
    sim.run([url = "sqlite:" + (folder / "jobs.db")]() -> task<> {
        std::optional<job_store> store = co_await open_store(url);
        std::optional<job_store> copy = *store;
        store.reset();
        const auto refused = co_await fault(url);
        EXPECT_EQ(refused, store_fault::owned_by_another);
        copy.reset();
        const auto opened = co_await fault(url);
        EXPECT_EQ(opened, std::nullopt);
    });
}

TEST(open_store, refuses_what_is_no_store) {
    support::temporary_folder folder;
    std::ofstream(folder / "notes.txt") << std::string(5000, 'x');
    support::simulated sim;
    sim.run([&folder]() -> task<> {
        const auto is_folder = co_await fault("sqlite:" + folder.path());
        EXPECT_EQ(is_folder, store_fault::not_a_store);
        const auto is_text = co_await fault("sqlite:" + (folder / "notes.txt"));
        EXPECT_EQ(is_text, store_fault::not_a_store);
        const auto has_no_folder = co_await fault("sqlite:" + (folder / "none/jobs.db"));
        EXPECT_EQ(has_no_folder, store_fault::unreachable);
        const auto has_no_scheme = co_await fault("jobs.db");
        EXPECT_EQ(has_no_scheme, store_fault::bad_url);
    });
}

TEST(open_store, works_on_a_thread_as_well) {
    support::temporary_folder folder;
    cicada::run([](std::string url) -> task<> {
        job_store store = co_await open_store(url);
        co_await store.apply("us", minutely());
        const auto before = cicada::wall_now();
        const auto run = co_await store.trigger("minutely");
        const auto record = co_await store.run(*run);
        EXPECT_GE(record.nominal, before);
        EXPECT_LE(record.nominal, cicada::wall_now());
    }("sqlite:" + (folder / "jobs.db")));
}

task<bool> submit_as_owner(std::string url, std::atomic<int>& owners) {
    try {
        job_store store = co_await open_store(url);
        EXPECT_EQ(++owners, 1);
        co_await store.submit("k");
        --owners;
        co_return true;
    } catch (const cicada::store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::owned_by_another) << e.what();
    }
    co_return false;
}

task<> submit_once_it_is_owner(std::string url, std::atomic<int>& owners) {
    for (bool is_done = false; !is_done;) {
        is_done = co_await submit_as_owner(url, owners);
        co_await cicada::sleep(1ms);
    }
}

// D27
TEST(open_store, by_eight_at_once_that_make_it_has_one_owner_at_a_time) {
    support::temporary_folder folder;
    const std::string url = "sqlite:" + (folder / "jobs.db");
    std::atomic<int> owners{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 8; ++i)
        all.emplace_back([&] { cicada::run(submit_once_it_is_owner(url, owners)); });
    for (std::thread& one : all) one.join();
    cicada::run([](std::string from) -> task<> {
        job_store store = co_await open_store(from);
        const auto runs = co_await store.runs("");
        EXPECT_EQ(runs.size(), 8u);
    }(url));
}

// D28
TEST(open_store, of_a_backup_runs_nothing_of_what_was_due_since) {
    support::temporary_folder folder;
    support::simulated sim("2026-03-02T12:00:30Z");
    sim.run([&folder]() -> task<> {
        const std::string url = "sqlite:" + (folder / "jobs.db");
        const std::string copy = folder / "copy.db";
        {
            job_store store = co_await open_store(url);
            co_await store.apply("us", minutely());
            co_await store.back_up(copy);
            co_await store.apply("us", {});
            EXPECT_THROW(cicada::restore_store(copy, url), cicada::store_error) << "it is in use";
        }
        co_await cicada::sleep(24h);
        cicada::restore_store(copy, url);
        job_store store = co_await open_store(url);
        co_await store.restored();
        const auto runs = co_await store.runs("minutely");
        EXPECT_THAT(runs, IsEmpty());
        const auto status = co_await store.status("minutely");
        EXPECT_EQ(status.next, noon + 24h + 1min);
        const auto why = co_await store.why("minutely", noon + 5h);
        EXPECT_EQ(why.what, cicada::reason_why::answer::decided);
        EXPECT_EQ(why.decision.value_or(cicada::decision()).what, cicada::decision::kind::restored)
            << why.text;
    });
}

} // namespace
