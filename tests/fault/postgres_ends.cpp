// Very many runs of a worker end at once: with what the server does not take in some of them (D10),
// and while the server is away (D9).
#include <cicada/jobs.hpp>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <support/from_environment.hpp>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>

using namespace cicada;
using namespace std::chrono_literals;
using support::proxy_deed;

namespace {

/// Runs that wait for each other, and then end.
struct crowd {
    void (*says)(const job_run&) = [](const job_run&) {};
    event go = {}; // on the worker's loop
    std::atomic<int> begun = 0;
    std::atomic<int> ended = 0;
};

task<> work(crowd* all, job_run run) {
    ++all->begun;
    co_await all->go.wait();
    ++all->ended;
    all->says(run);
}

task<> serve(std::string url, worker_options options, crowd* all) {
    job_store store = co_await open_store(url);
    worker one(store, std::move(options));
    one.handle("work", [all](job_run run) { return work(all, std::move(run)); });
    co_await one.run();
}

class postgres_ends : public testing::Test {
protected:
    void submit(int count) {
        client.ask("SELECT count(cicada.submit('work', to_json(i))) FROM generate_series(0, " +
                   std::to_string(count - 1) + ") AS i");
    }
    void let_end(const loop_thread& on, crowd& all) {
        on.get().post([&all] { all.go.set(); });
    }
    template <class F>
    bool comes(F is_so) {
        for (int i = 0; i < 3000; ++i) {
            if (is_so()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    std::int64_t count(const std::string& condition) {
        return client.ask("SELECT count(*) FROM cicada.run WHERE " + condition);
    }

    support::postgres_database database{support::postgres_database::is::migrated};
    support::postgres_client client{database.url()};
};

constexpr std::size_t very_long = 100'000'000;

void say(const job_run& run) {
    const int n = std::stoi(run.arguments());
    if (n == 100) return run.log(std::string("one\0two", 7));
    if (n == 200) return run.log("a byte that is none: \xff");
    if (n == 300) return run.report("half of a pair: \xed\xa0\x80");
    if (n == 400) throw std::runtime_error("neither is that: \xc0\xaf");
    if (n == 500) return run.log(std::string(very_long, 'l'));
    if (n == 600) return run.report(std::string(very_long, 'r'));
    if (n == 700) throw std::runtime_error(std::string(very_long, 't'));
    if (n == 800) return run.log("poison");
    run.log("fine");
}

} // namespace

TEST_F(postgres_ends, of_which_some_say_what_is_not_taken_are_all_recorded) {
    constexpr int many = 1000;
    client.run("ALTER TABLE cicada.run ADD CHECK (log NOT LIKE 'poison%')");
    submit(many);
    crowd all{.says = say};
    const loop_thread on;
    auto working = spawn(on.get(), serve(database.url(), {.most = many}, &all));
    ASSERT_TRUE(comes([&] { return all.begun == many; }));
    let_end(on, all);
    EXPECT_TRUE(comes([&] { return count("state IN (2, 3)") == many; }));
    working.cancel().wait();

    EXPECT_EQ(count("state = 2 AND attempt = 1 AND lost = 0"), many - 2);
    EXPECT_EQ(count("log = E'fine\\n' AND reason = '' AND report = ''"), many - 8);
    const auto is_so = [&](int n, const std::string& what) {
        EXPECT_EQ(count("arguments = '" + std::to_string(n) + "' AND " + what), 1) << n;
    };
    is_so(100, "log = E'one\uFFFDtwo\\n'");
    is_so(200, "log = E'a byte that is none: \uFFFD\\n'");
    is_so(300, "report = E'half of a pair: \uFFFD\uFFFD\uFFFD'");
    is_so(400, "state = 3 AND reason = 'neither is that: \uFFFD\uFFFD'");
    is_so(500, "octet_length(log) = 65536 AND log LIKE 'l%'");
    is_so(600, "octet_length(report) = 4096 AND report LIKE 'r%'");
    is_so(700, "state = 3 AND octet_length(reason) = 4096 AND reason LIKE 't%[...]'");
    is_so(800, "log = '' AND reason = 'result could not be stored'");
}

TEST_F(postgres_ends, that_wait_while_the_server_is_away_are_all_recorded_when_it_is_back) {
    const int many = static_cast<int>(support::number_from_environment("CICADA_ENDS", 10'000));
    const duration lease = 8s * (1 + many / 20'000); // a claim may take half of it
    submit(many);
    std::atomic<int> knocks = 0;
    std::atomic<int> commits = 0;
    support::postgres_proxy between(database.url());
    crowd all;
    const loop_thread on;
    const worker_options options{.most = static_cast<std::size_t>(many), .lease = lease};
    auto working = spawn(on.get(), serve(between.url(), options, &all));
    ASSERT_TRUE(comes([&] { return all.begun == many; }));

    between.rule([&](const std::string&) {
        ++knocks;
        return proxy_deed::cut_before();
    });
    between.cut();
    let_end(on, all);
    EXPECT_TRUE(comes([&] { return all.ended == many && knocks >= 5; }));
    EXPECT_EQ(count("state = 1"), many);

    const std::string lease_until = "SELECT lease_until FROM cicada.node";
    const std::int64_t before = client.ask(lease_until);
    between.rule([&](const std::string& sql) {
        commits += sql == "COMMIT" ? 1 : 0;
        return proxy_deed::forward();
    });
    EXPECT_TRUE(comes([&] { return count("state = 2") == many; }));
    EXPECT_TRUE(comes([&] { return client.ask(lease_until) > before; }));
    EXPECT_GE(commits, many / 500);
    EXPECT_LT(commits, many / 50);
    EXPECT_EQ(count("state = 2 AND attempt = 1 AND lost = 0"), many);
    EXPECT_EQ(all.begun, many);
    EXPECT_EQ(client.ask("SELECT count(*) FROM cicada.node"), 1);
    EXPECT_EQ(client.ask("SELECT count(*) FROM cicada.node WHERE state = 0"), 1);
    working.cancel().wait();
}
