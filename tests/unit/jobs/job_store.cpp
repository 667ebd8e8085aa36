// What people ask of a store of jobs, with nobody there who runs them.

#include <cicada/jobs.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <support/simulated.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::job;
using cicada::job_store;
using cicada::run_state;
using cicada::task;
using testing::ElementsAre;
using testing::IsEmpty;

const cicada::wall_time noon = cicada::parse_instant("2026-03-02T12:00:00Z");

job daily(std::string name = "daily") {
    return {.name = std::move(name), .when = cicada::cron("0 7 * * *"), .kind = "k"};
}

/// (GCC 12 does not take a list in braces in a coroutine.)
template <class... Jobs>
std::vector<job> jobs(const Jobs&... each) {
    return {each...};
}

/// What `asked()`, or awaiting it, throws, as text. What it holds outlives the coroutine.
template <class E, class F>
task<std::string> refusal(F asked) {
    try {
        co_await asked();
    } catch (const E& e) {
        co_return e.what();
    }
    co_return "taken";
}

template <class F>
task<> note(std::vector<std::string>& said, F asked) {
    std::string what = co_await refusal<std::invalid_argument>(std::move(asked));
    said.push_back(std::move(what));
}

/// In a store in memory, at noon.
void in_memory(task<> (*test)(job_store store)) {
    support::simulated sim("2026-03-02T12:00:00Z");
    sim.run([test]() -> task<> {
        job_store store = co_await cicada::open_store("memory:");
        co_await test(store);
    });
}

TEST(job_store, says_of_a_job_what_it_is_and_what_comes_next) {
    in_memory([](job_store store) -> task<> {
        co_await store.apply("us", jobs(daily("b"), daily("a")));
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 2u);
        EXPECT_EQ(all.at(0).job.name, "a");
        const cicada::job_status b = co_await store.status("b");
        EXPECT_EQ(b.job, daily("b"));
        EXPECT_EQ(b.owner, "us");
        EXPECT_EQ(b.life, cicada::life::active);
        EXPECT_EQ(b.next, noon + 19h);
        EXPECT_EQ(b.decided, noon);
        EXPECT_THAT(b.open, IsEmpty());
        const std::string said =
            co_await refusal<cicada::not_found>([&] { return store.status("c"); });
        EXPECT_EQ(said, "cicada: there is no job \"c\"");
    });
}

TEST(job_store, applies_and_says_what_it_did) {
    in_memory([](job_store store) -> task<> {
        const auto first = co_await store.apply("us", jobs(daily("a"), daily("b")));
        EXPECT_EQ(first.text(), "+ a\n+ b\n");
        const auto again = co_await store.apply("us", jobs(daily("a"), daily("b")));
        EXPECT_EQ(again.text(), "");
        const auto dry = co_await store.apply("us", jobs(daily("b")), {.is_dry_run = true});
        EXPECT_EQ(dry.text(), "- a\n");
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 2u) << "a dry run has changed something";
        co_await store.apply("us", jobs(daily("b")));
        const std::string gone =
            co_await refusal<cicada::not_found>([&] { return store.trigger("a"); });
        EXPECT_EQ(gone, "cicada: there is no job \"a\"");
        const auto others = co_await store.apply("them", jobs(daily("a")));
        EXPECT_EQ(others.text(), "+ a\n");
    });
}

TEST(job_store, applies_all_or_nothing) {
    in_memory([](job_store store) -> task<> {
        co_await store.apply("them", jobs(daily("z")));
        const std::string said = co_await refusal<std::invalid_argument>(
            [&] { return store.apply("us", jobs(daily("a"), daily("z"))); });
        EXPECT_THAT(said, testing::HasSubstr("belongs to owner \"them\""));
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 1u);
    });
}

TEST(job_store, holds_more_jobs_than_are_read_at_once) {
    in_memory([](job_store store) -> task<> {
        std::vector<job> many;
        for (int i = 0; i < 2500; ++i) many.push_back(daily("job " + std::to_string(i)));
        co_await store.apply("us", many);
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 2500u);
        many.erase(many.begin() + 10, many.end());
        const auto plan = co_await store.apply("us", many);
        EXPECT_EQ(std::count_if(plan.jobs.begin(), plan.jobs.end(),
                                [](const auto& one) {
                                    return one.what == cicada::apply_plan::action::remove;
                                }),
                  2490);
        const auto rest = co_await store.jobs();
        EXPECT_EQ(rest.size(), 10u);
    });
}

// D13
TEST(job_store, keeps_the_new_set_when_old_and_new_processes_restart_in_turn) {
    in_memory([](job_store store) -> task<> {
        const std::vector<job> older = {daily("a"), daily("old")};
        const std::vector<job> newer = {daily("a"),
                                        {.name = "new", .when = cicada::interval(1h), .kind = "k"}};
        co_await store.apply("us", older, {.revision = 1});
        const auto first = co_await store.apply("us", newer, {.revision = 2});
        EXPECT_EQ(first.text(), "+ new\n- old\n");
        for (int round = 0; round < 20; ++round) {
            const auto late = co_await store.apply("us", older, {.revision = 1});
            EXPECT_TRUE(late.is_outdated);
            const auto same = co_await store.apply("us", newer, {.revision = 2});
            EXPECT_FALSE(same.is_outdated);
            EXPECT_EQ(same.text(), "");
        }
        const auto dry = co_await store.apply("us", older, {.revision = 1, .is_dry_run = true});
        EXPECT_TRUE(dry.is_outdated);
        const auto unsaid = co_await store.apply("us", newer);
        EXPECT_FALSE(unsaid.is_outdated) << "as the last one";
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 2u);
        EXPECT_EQ(all.at(1).job.name, "new");
    });
}

TEST(job_store, submits_a_run_once_for_each_key) {
    in_memory([](job_store store) -> task<> {
        const auto one = co_await store.submit("k", R"({"n": 1})", {.after = 10min, .key = "x"});
        EXPECT_TRUE(one.is_new);
        const auto two = co_await store.submit("k", R"({"n": 2})", {.key = "x"});
        EXPECT_FALSE(two.is_new);
        EXPECT_EQ(two.id, one.id);
        const auto other_kind = co_await store.submit("l", "{}", {.key = "x"});
        EXPECT_TRUE(other_kind.is_new);
        const cicada::run_record run = co_await store.run(one.id);
        EXPECT_EQ(run.state, run_state::ready);
        EXPECT_EQ(run.origin, cicada::run_origin::submitted);
        EXPECT_EQ(run.arguments, R"({"n": 1})");
        EXPECT_EQ(run.nominal, noon + 10min);
        EXPECT_EQ(run.run_at, noon + 10min);
        EXPECT_EQ(run.key, "x");
        const auto without = co_await store.submit("k");
        const auto another = co_await store.submit("k", "{}", {.at = noon + 1h});
        EXPECT_NE(without.id, another.id);
        const auto all = co_await store.runs("");
        EXPECT_EQ(all.size(), 4u);
        EXPECT_EQ(all.at(0).id, another.id) << "newest first";
        const std::string none =
            co_await refusal<cicada::not_found>([&] { return store.run(cicada::run_id{99}); });
        EXPECT_EQ(none, "cicada: there is no run 99, or it is not kept any more");
    });
}

TEST(job_store, gives_runs_in_pages_and_by_state) {
    in_memory([](job_store store) -> task<> {
        std::vector<cicada::run_id> made;
        for (int i = 0; i < 5; ++i) {
            const auto one = co_await store.submit("k");
            made.push_back(one.id);
        }
        co_await store.cancel(made[1]);
        const auto page = co_await store.runs("", {.most = 2});
        EXPECT_EQ(page.size(), 2u);
        EXPECT_EQ(page.at(1).id, made[3]);
        const auto next = co_await store.runs("", {.before = page.at(1).id, .most = 2});
        EXPECT_EQ(next.at(0).id, made[2]);
        const auto cancelled = co_await store.runs("", {.state = run_state::cancelled});
        EXPECT_EQ(cancelled.size(), 1u);
        EXPECT_EQ(cancelled.at(0).id, made[1]);
        const auto none = co_await store.runs("", {.from = noon + 1s});
        EXPECT_THAT(none, IsEmpty());
    });
}

TEST(job_store, cancels_what_is_ready_at_once_and_what_has_ended_not_at_all) {
    in_memory([](job_store store) -> task<> {
        const auto one = co_await store.submit("k");
        co_await store.cancel(one.id);
        const auto submitted = co_await store.run(one.id);
        EXPECT_EQ(submitted.state, run_state::cancelled);
        EXPECT_EQ(submitted.ended_at, noon);
        co_await cicada::sleep(1s);
        co_await store.cancel(one.id);
        const auto as_it_was = co_await store.run(one.id);
        EXPECT_EQ(as_it_was, submitted);

        co_await store.apply("us", jobs(daily()));
        const auto run = co_await store.trigger("daily");
        EXPECT_TRUE(run.has_value());
        co_await store.cancel(*run);
        co_await store.cancel(*run);
        const auto of_job = co_await store.run(*run);
        EXPECT_EQ(of_job.state, run_state::cancelled);
        const auto status = co_await store.status("daily");
        EXPECT_THAT(status.open, IsEmpty());
        const std::string none =
            co_await refusal<cicada::not_found>([&] { return store.cancel(cicada::run_id{99}); });
        EXPECT_EQ(none, "cicada: there is no run 99, or it is not kept any more");
    });
}

TEST(job_store, triggers_a_run_once_for_each_key) {
    in_memory([](job_store store) -> task<> {
        co_await store.apply("us", jobs(daily()));
        const auto one =
            co_await store.trigger("daily", {.key = "x", .arguments = R"({"by": "hand"})"});
        EXPECT_TRUE(one.has_value());
        const cicada::run_record run = co_await store.run(*one);
        EXPECT_EQ(run.job, "daily");
        EXPECT_EQ(run.origin, cicada::run_origin::triggered);
        EXPECT_EQ(run.nominal, noon);
        EXPECT_EQ(run.arguments, R"({"by": "hand"})");
        EXPECT_EQ(run.key, "x");
        const auto again = co_await store.trigger("daily", {.key = "x"});
        EXPECT_EQ(again, one);
        const auto skipped = co_await store.trigger("daily", {.key = "y"});
        EXPECT_EQ(skipped, std::nullopt) << "overlap::skip";
        co_await store.cancel(*one);
        const auto later = co_await store.trigger("daily", {.key = "x"});
        EXPECT_EQ(later, one) << "it has ended, and is kept";
        const auto without = co_await store.trigger("daily");
        EXPECT_TRUE(without.has_value());
    });
}

TEST(job_store, lets_a_trigger_wait_once_for_each_key) {
    in_memory([](job_store store) -> task<> {
        job buffered = daily();
        buffered.overlap = cicada::overlap::buffer_all{10};
        co_await store.apply("us", jobs(buffered));
        const auto one = co_await store.trigger("daily");
        for (int i = 0; i < 3; ++i) {
            const auto waits = co_await store.trigger("daily", {.key = "x"});
            EXPECT_EQ(waits, std::nullopt);
        }
        co_await store.cancel(*one);
        const auto runs = co_await store.runs("daily");
        EXPECT_EQ(runs.size(), 2u) << "the one that waited, once";
        EXPECT_EQ(runs.at(0).key, "x");
        EXPECT_EQ(runs.at(0).state, run_state::ready);
        co_await store.cancel(runs.at(0).id);
        const auto after = co_await store.runs("daily");
        EXPECT_EQ(after.size(), 2u);
    });
}

TEST(job_store, runs_again_what_has_ended) {
    in_memory([](job_store store) -> task<> {
        co_await store.apply("us", jobs(daily()));
        const auto one = co_await store.trigger("daily", {.key = "x", .arguments = "[1]"});
        const std::string open =
            co_await refusal<std::invalid_argument>([&] { return store.rerun(*one); });
        EXPECT_EQ(open, "cicada: run 1 has not ended yet: cancel() it first");
        co_await store.cancel(*one);
        const auto again = co_await store.rerun(*one);
        EXPECT_TRUE(again.has_value());
        const cicada::run_record run = co_await store.run(*again);
        EXPECT_EQ(run.origin, cicada::run_origin::rerun);
        EXPECT_EQ(run.nominal, noon);
        EXPECT_EQ(run.arguments, "[1]");
        EXPECT_NE(run.key, "x") << "another run has another key";

        const auto submitted = co_await store.submit("k", "[2]", {.key = "y"});
        co_await store.cancel(submitted.id);
        const auto once_more = co_await store.rerun(submitted.id);
        const cicada::run_record other = co_await store.run(*once_more);
        EXPECT_EQ(other.origin, cicada::run_origin::rerun);
        EXPECT_EQ(other.arguments, "[2]");
        EXPECT_EQ(other.key, "");
        EXPECT_EQ(other.state, run_state::ready);
    });
}

TEST(job_store, pauses_with_a_note) {
    in_memory([](job_store store) -> task<> {
        co_await store.apply("us", jobs(daily()));
        co_await store.pause("daily",
                             {.note = "the disk is full", .by = "ops", .until = noon + 1h});
        const auto paused = co_await store.status("daily");
        EXPECT_EQ(paused.life, cicada::life::paused);
        EXPECT_EQ(paused.next, std::nullopt);
        EXPECT_EQ(paused.paused_by, "ops");
        EXPECT_EQ(paused.pause_note, "the disk is full");
        EXPECT_EQ(paused.paused_until, noon + 1h);
        const auto by_hand = co_await store.trigger("daily");
        EXPECT_TRUE(by_hand.has_value()) << "what is triggered starts all the same";
        co_await store.resume("daily");
        const auto resumed = co_await store.status("daily");
        EXPECT_EQ(resumed.life, cicada::life::active);
        EXPECT_EQ(resumed.pause_note, "");
        EXPECT_EQ(resumed.paused_until, std::nullopt);
        EXPECT_EQ(resumed.next, noon + 19h);
        const std::string past = co_await refusal<std::invalid_argument>(
            [&] { return store.pause("daily", {.until = noon}); });
        EXPECT_EQ(past, "cicada: pause of \"daily\": `until` is not in the future");
    });
}

TEST(job_store, never_replays_a_pause_unless_it_is_asked_to) {
    in_memory([](job_store store) -> task<> {
        job often{.name = "often", .when = cicada::cron("* * * * *"), .kind = "k"};
        often.overlap = cicada::overlap::allow{100};
        co_await store.apply("us", jobs(often));
        co_await store.pause("often");
        co_await cicada::sleep(24h + 30s);
        co_await store.resume("often");
        const auto none = co_await store.runs("often");
        EXPECT_THAT(none, IsEmpty());
        const auto status = co_await store.status("often");
        EXPECT_GE(status.decided, noon + 24h);
        EXPECT_EQ(status.next, noon + 24h + 1min);

        co_await store.pause("often");
        co_await cicada::sleep(24h);
        co_await store.resume("often", cicada::passed::catch_up);
        const auto caught_up = co_await store.runs("often");
        EXPECT_EQ(caught_up.size(), 1u) << "catch_up::last";
        EXPECT_EQ(caught_up.at(0).nominal, noon + 48h);
    });
}

TEST(job_store, refuses_what_comes_after_the_end_of_a_job) {
    in_memory([](job_store store) -> task<> {
        job brief = daily();
        brief.until = noon + 24h;
        co_await store.apply("us", jobs(brief));
        co_await store.pause("daily");
        co_await cicada::sleep(48h);
        co_await store.resume("daily");
        const auto status = co_await store.status("daily");
        EXPECT_EQ(status.life, cicada::life::ended);
        const std::string said =
            co_await refusal<cicada::closed_error>([&] { return store.trigger("daily"); });
        EXPECT_EQ(said, "cicada: job \"daily\" has come to its end, and runs no more");
        co_await store.pause("daily");
    });
}

TEST(job_store, names_the_field_of_what_it_refuses) {
    in_memory([](job_store store) -> task<> {
        const std::string longer(201, 'x');
        co_await store.apply("us", jobs(daily()));
        std::vector<std::string> said;
        co_await note(said, [&] { return store.submit(""); });
        co_await note(said, [&] { return store.submit("k", "{"); });
        co_await note(said, [&] { return store.submit("k", "{}", {.after = -1s}); });
        co_await note(said, [&] { return store.submit("k", "{}", {.key = longer}); });
        co_await note(said, [&] { return store.trigger("daily", {.key = longer}); });
        co_await note(said, [&] { return store.trigger("daily", {.arguments = "no"}); });
        co_await note(said, [&] { return store.backfill("daily", noon, noon); });
        co_await note(said, [&] { return store.backfill("daily", noon, noon + 1s); });
        co_await note(said,
                      [&] { return store.backfill("daily", noon - 1h, noon, {.id = longer}); });
        co_await note(said,
                      [&] { return store.backfill("daily", noon - 1h, noon, {.pace = -1s}); });
        co_await note(said, [&] { return store.prune({.older_than = -1s}); });
        EXPECT_THAT(
            said,
            ElementsAre(
                "cicada: submit(\"\"): it needs a `kind`: that of the handler that runs it",
                "cicada: submit(\"k\"): its `arguments` are no JSON: they end at byte 1, and more "
                "is to come; write {} for none",
                "cicada: submit(\"k\"): `after` is negative",
                "cicada: submit(\"k\"): `key` has 201 bytes; write at most 200",
                "cicada: trigger of \"daily\": `key` has 201 bytes; write at most 200",
                "cicada: trigger of \"daily\": its `arguments` are no JSON: what is at byte 1 does "
                "not belong there; write {} for none",
                "cicada: backfill of \"daily\": `until` is not after `from`",
                "cicada: backfill of \"daily\": `until` lies in the future",
                "cicada: backfill of \"daily\": `id` has 201 bytes; write at most 200",
                "cicada: backfill of \"daily\": `pace` is negative",
                "cicada: prune: `older_than` is negative"));
    });
}

TEST(job_store, in_memory_is_no_file) {
    in_memory([](job_store store) -> task<> {
        const std::string said =
            co_await refusal<cicada::store_error>([&] { return store.back_up("copy.db"); });
        EXPECT_EQ(said, "cicada: \"memory:\" cannot be backed up: only a store that is a file can "
                        "be");
        EXPECT_THROW(cicada::restore_store("copy.db", "memory:"), cicada::store_error);
    });
}

} // namespace
