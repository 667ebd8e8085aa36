// What programs in other languages ask for by SQL, in their own transactions: D25.

#include <cicada/jobs.hpp>
#include <support/postgres_database.hpp>
#include <support/simulated.hpp>

#include <gmock/gmock.h>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class postgres_asked : public testing::Test {
protected:
    template <class F>
    void go(F test) {
        support::simulated sim("2040-01-01T00:00:00Z"); // after what the server's clock says
        sim.run([this, test = std::move(test)]() -> task<> {
            job_store opened = co_await open_store(database_.url());
            store.emplace(std::move(opened));
            client.emplace(database_.url());
            const std::vector<job> jobs = {{.name = "weekly",
                                            .when = cron("0 7 * * MON"),
                                            .kind = "work",
                                            .arguments = R"({"to": "team"})"}};
            co_await store->apply("us", jobs);
            auto working = spawn(serve(this));
            co_await test();
            co_await working.cancel();
            client.reset();
            store.reset();
        });
        errors = sim.errors;
    }
    std::string refusal(const std::string& sql) {
        try {
            client->run(sql);
        } catch (const store_error& e) {
            return e.what();
        }
        return "";
    }

    std::optional<job_store> store;
    std::optional<support::postgres_client> client;
    std::vector<std::string> ran; // their arguments
    std::vector<std::string> errors;

private:
    static task<> serve(postgres_asked* here) {
        worker one(*here->store);
        one.handle("work", [here](job_run run) { here->ran.push_back(run.arguments()); });
        co_await one.run();
    }
    support::postgres_database database_;
};

} // namespace

TEST_F(postgres_asked, a_trigger_that_is_rolled_back_is_none_and_one_that_is_committed_runs) {
    go([this]() -> task<> {
        client->run("BEGIN");
        client->run("SELECT cicada.trigger('weekly')");
        co_await sleep(3s);
        EXPECT_THAT(ran, IsEmpty());
        client->run("ROLLBACK");
        co_await sleep(3s);
        EXPECT_THAT(ran, IsEmpty());
        client->run("SELECT cicada.trigger('weekly')");
        co_await sleep(1s + 100ms);
        EXPECT_THAT(ran, ElementsAre(R"({"to": "team"})"));
        EXPECT_EQ(client->ask("SELECT count(*) FROM cicada.asked"), 0);
    });
    EXPECT_THAT(errors, IsEmpty());
}

TEST_F(postgres_asked, a_trigger_may_have_arguments_and_a_key_that_counts_once) {
    go([this]() -> task<> {
        const char* const sql = "SELECT cicada.trigger('weekly', '{\"to\": \"me\"}', 'k')";
        client->run(sql);
        client->run(sql);
        co_await sleep(3s);
        client->run(sql);
        co_await sleep(3s);
        EXPECT_THAT(ran, ElementsAre(R"({"to": "me"})"));
    });
    EXPECT_THAT(errors, IsEmpty());
}

TEST_F(postgres_asked, a_run_is_submitted_once_for_each_key) {
    go([this]() -> task<> {
        const auto first = client->ask("SELECT cicada.submit('work', '{\"n\": 1}', 'welcome')");
        EXPECT_EQ(client->ask("SELECT cicada.submit('work', '{\"n\": 2}', 'welcome')"), first);
        EXPECT_NE(client->ask("SELECT cicada.submit('other')"), first);
        co_await sleep(3s);
        EXPECT_THAT(ran, ElementsAre(R"({"n": 1})"));
        const run_record run = co_await store->run(run_id{first});
        EXPECT_EQ(run.origin, run_origin::submitted);
        EXPECT_EQ(run.state, run_state::ok);
    });
}

TEST_F(postgres_asked, a_job_is_paused_and_resumed) {
    go([this]() -> task<> {
        client->run("SELECT cicada.pause('weekly', 'for the move')");
        co_await sleep(2s);
        const job_status paused = co_await store->status("weekly");
        EXPECT_EQ(paused.life, life::paused);
        EXPECT_EQ(paused.pause_note, "for the move");
        EXPECT_EQ(paused.paused_by, "cicada");
        client->run("SELECT cicada.resume('weekly')");
        co_await sleep(2s);
        const job_status resumed = co_await store->status("weekly");
        EXPECT_EQ(resumed.life, life::active);
    });
    EXPECT_THAT(errors, IsEmpty());
}

TEST_F(postgres_asked, what_is_wrong_is_said_at_once_or_told_and_gone) {
    go([this]() -> task<> {
        EXPECT_THAT(refusal("SELECT cicada.trigger('wekly')"),
                    HasSubstr("cicada: there is no job \"wekly\""));
        EXPECT_THAT(refusal("SELECT cicada.trigger('weekly', 'no json')"), HasSubstr("22P02"));
        EXPECT_THAT(refusal("SELECT cicada.submit('')"), HasSubstr("a kind has 1 to 200 bytes"));
        EXPECT_THAT(refusal("SELECT cicada.submit('work', after => '-1 s')"),
                    HasSubstr("`after` is not negative"));
        client->run("SELECT cicada.trigger('weekly', NULL, repeat('k', 201))");
        co_await sleep(2s);
        EXPECT_EQ(client->ask("SELECT count(*) FROM cicada.asked"), 0);
        EXPECT_THAT(ran, IsEmpty());
    });
    EXPECT_THAT(errors, ElementsAre(HasSubstr("trigger of \"weekly\": `key` has 201 bytes")));
}
