// The rules of the design that a worker keeps by itself: D3, D9, D14, D22.

#include <cicada/jobs/worker.hpp>

#include <set>

#include <gmock/gmock.h>
#include <malloc.h>

#include <support/diary.hpp>
#include <support/nodes.hpp>
#include <support/simulated.hpp>
#include <support/tz_directory.hpp>

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using support::diary;
using support::nodes;
using support::simulated;
using testing::ElementsAre;
using testing::HasSubstr;

const wall_time start = parse_instant("2026-01-01T00:00:00Z");

void add_many(nodes& to, int many, std::string_view pattern) {
    for (int i = 0; i < many; ++i)
        to.add({.name = std::to_string(i), .when = cron(pattern), .kind = "work"});
}

/// A worker with a job that is due each second.
struct ticking {
    simulated sim;
    nodes all;
    diary d;
    nodes::one& a = start();

private:
    nodes::one& start() {
        all.add({.name = "tick", .when = cron("* * * * * *"), .kind = "work"});
        return all.start("a", {.lease = 2s}, {{"work", d.writes()}});
    }
};

/// A node that has a newer tz database than the workers of this process.
class newer_node {
public:
    newer_node(nodes& in, const support::tz_directory& tz) : in_(in), tz_(tz) {
        in_.write([&](detail::writing& w) { me_ = w.enter({.name = "newer"}, 48h); });
    }
    static void is(const support::tz_directory& tz, const char* version, const char* rule) {
        tz.write("tzdata.zi", std::string("# version ") + version + '\n');
        tz.write_zone("Test/Moved", rule);
        reload_tz();
    }
    void add(const job& of) {
        as_newer([&] { in_.add(of); });
    }
    /// Decides what has come, if that is still to be done.
    void decide() {
        as_newer([&] {
            in_.write([&](detail::writing& w) {
                for (const detail::job_row& row : w.jobs({})) {
                    detail::decider one(row);
                    one.due(w.now());
                    if (!one.has_step()) continue;
                    ASSERT_EQ(w.take(one.take_step(me_)).is, detail::verdict::taken);
                }
            });
        });
    }

private:
    template <class F>
    void as_newer(F what) {
        is(tz_, "2026b", "BBB-2");
        what();
        is(tz_, "2026a", "AAA-1");
    }

    nodes& in_;
    const support::tz_directory& tz_;
    detail::node_id me_{};
};

TEST(worker_rules, d3_leaves_what_is_due_to_who_has_newer_zones_and_warns_once_and_counts) {
    const support::tz_directory tz;
    newer_node::is(tz, "2026a", "AAA-1");
    simulated sim;
    nodes all;
    diary d;
    newer_node other(all, tz);
    other.add({.name = "daily", .when = cron("0 14 * * *", "Test/Moved"), .kind = "work"});
    other.add({.name = "hourly", .when = cron("30 * * * *", "UTC"), .kind = "work"});
    auto& old = all.start("old", {}, {{"work", d.writes()}});
    for (int hour = 0; hour < 24; ++hour) {
        sim->advance(30s); // 14:00 is at 12 by the newer rules, and at 13 by the older
        other.decide();
        sim->advance(30min);
        other.decide();
        sim->advance(29min + 30s);
    }
    const auto daily = all.of("daily");
    ASSERT_EQ(daily.size(), 1u);
    EXPECT_EQ(daily[0].of.nominal, start + 12h);
    EXPECT_EQ(daily[0].of.state, run_state::ok); // the old one may run it
    EXPECT_EQ(daily[0].of.started_at, start + 12h + 30s);
    EXPECT_EQ(all.of("hourly").size(), 24u);
    EXPECT_EQ(old.counts(), worker_counts{.left_for_zones = 25});
    EXPECT_THAT(sim.errors,
                ElementsAre("old: cicada: jobs go by the tz database 2026b, and this process has "
                            "2026a: what is due it leaves to other workers, if there are any, for "
                            "a minute; update its tz database, and restart it or call "
                            "reload_tz()"));
}

TEST(worker_rules, d3_decides_itself_when_the_others_have_let_a_minute_pass) {
    const support::tz_directory tz;
    newer_node::is(tz, "2026a", "AAA-1");
    simulated sim;
    nodes all;
    diary d;
    newer_node other(all, tz);
    other.add({.name = "hourly", .when = cron("30 * * * *", "UTC"), .kind = "work"});
    other.add({.name = "interval", .when = interval(1h), .kind = "work"});
    auto& old = all.start("old", {}, {{"work", d.writes()}});
    sim->advance(30min + 59s);
    EXPECT_EQ(all.of("hourly").size(), 0u);
    EXPECT_EQ(all.of("interval").size(), 1u); // which has no zone
    sim->advance(1s + 100ms);
    EXPECT_EQ(all.of("hourly").size(), 1u);
    sim->advance(1h); // by its own rules from here on
    ASSERT_EQ(all.of("hourly").size(), 2u);
    EXPECT_LE(*all.of("hourly")[1].of.started_at, start + 90min + 100ms);
    EXPECT_EQ(old.counts().left_for_zones, 1u);
}

TEST(worker_rules, d3_warns_and_leaves_nothing_where_there_is_nobody_else) {
    const support::tz_directory tz;
    newer_node::is(tz, "2026a", "AAA-1");
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "hourly", .when = cron("30 * * * *", "UTC"), .kind = "work"});
    all.write([](detail::writing& w) {
        const detail::job_row row = w.jobs({}).at(0);
        detail::step newer{.job = row.id, .revision = row.revision, .at = row.at};
        newer.zones = "2026b";
        w.take(newer);
    });
    auto& old = all.start("old", {}, {{"work", d.writes()}});
    sim->advance(1h);
    ASSERT_EQ(all.of("hourly").size(), 1u);
    EXPECT_EQ(all.of("hourly")[0].of.started_at, start + 30min);
    EXPECT_EQ(old.counts(), worker_counts{});
    EXPECT_THAT(sim.errors, ElementsAre(HasSubstr("jobs go by the tz database 2026b")));
}

TEST(worker_rules, d9_what_ends_while_the_store_is_away_waits_and_is_stored_when_it_is_back) {
    constexpr int many = 100'000;
    simulated sim;
    nodes all;
    diary d;
    all.write([](detail::writing& in) {
        detail::run_row row =
            detail::row_of("work", "{}", {.when_cut_off = when_cut_off::carry_on}, wall_now());
        for (int i = 0; i < many; ++i) in.submit(row);
    });
    auto& a = all.start("a", {.most = many}, {{"work", d.writes({}, 30s)}});
    sim->advance(1s);
    ASSERT_EQ(d.now, many);
    a.cut();
    sim->advance(1min);
    ASSERT_EQ(d.done, many);
    const auto in_use = mallinfo2().uordblks;
    sim->advance(4min);
    EXPECT_LE(mallinfo2().uordblks, in_use + many); // not a byte more for each
    a.mend();
    sim->advance(1min);
    std::vector<detail::run_row> runs;
    all.read([&](detail::reading& in) { runs = in.runs({.most = 2 * many}); });
    ASSERT_EQ(runs.size(), std::size_t{many});
    for (const detail::run_row& one : runs) {
        ASSERT_EQ(one.of.state, run_state::ok);
        ASSERT_EQ(one.of.attempt + one.of.lost, 1u);
    }
    EXPECT_EQ(d.starts.size(), std::size_t{many});
}

TEST(worker_rules, d9_goes_on_as_soon_as_the_store_is_back) {
    ticking one;
    one.sim->advance(10s);
    one.a.cut();
    one.sim->advance(20s);
    const int before = one.d.done;
    one.a.mend();
    one.sim->advance(300ms);
    EXPECT_GT(one.d.done, before);
    EXPECT_EQ(one.sim.errors.size(), 1u);
}

TEST(worker_rules, d22_a_survey_that_fails_is_told_once_and_holds_up_nothing) {
    ticking one;
    one.a.link().holds_surveys = true;
    for (int i = 1; i <= 20; ++i) {
        one.sim->advance(1s);
        one.a.cut();
        one.a.link().answer_surveys();
        one.a.mend();
        EXPECT_EQ(one.d.done, i);
    }
    EXPECT_EQ(one.sim.errors.size(), 1u);
}

TEST(worker_rules, d9_begins_nothing_while_too_many_ends_wait) {
    constexpr int many = 60'000;
    constexpr int at_a_time = 5'000;
    simulated sim;
    nodes all;
    all.write([](detail::writing& in) {
        const detail::run_row row = detail::row_of("work", "{}", {}, wall_now());
        for (int i = 0; i < many; ++i) in.submit(row);
    });
    int ended = 0;
    int stored = 0;
    int waited = 0;
    auto& a = all.start("a", {.most = at_a_time}, {{"work", [&](job_run) -> task<> {
                                                        waited = std::max(waited, ++ended - stored);
                                                        co_return;
                                                    }}});
    a.link().takes = 2ms;
    a.link().looks = [&](const detail::step& one) { stored += int(one.changes.size()); };
    sim->advance(1min);
    EXPECT_EQ(ended, many);
    EXPECT_EQ(stored, many);
    EXPECT_GT(waited, 10'000); // for a commit takes 500 of them, and claims as many as are free
    EXPECT_LE(waited, 10'000 + at_a_time);
}

TEST(worker_rules, d14_of_two_that_mend_a_job_one_does_and_tells) {
    simulated sim;
    nodes all;
    diary d;
    all.add({.name = "tick", .when = fixed_delay(10s), .kind = "work"});
    for (const char* name : {"a", "b"}) all.start(name, {.lease = 20s}, {{"work", d.writes()}});
    sim->advance(15s);
    all.write([](detail::writing& in) {
        detail::job_row row = in.jobs({}).at(0);
        row.at.wake_at.reset(); // what it goes by is there, and what the store does is not
        const auto made = in.take({.job = row.id, .revision = row.revision, .at = row.at});
        ASSERT_EQ(made.is, detail::verdict::taken);
    });
    sim->advance(20s);
    EXPECT_THAT(sim.errors, ElementsAre(HasSubstr("'tick': cicada: it was active, but")));
    sim->advance(60s);
    EXPECT_EQ(sim.errors.size(), 1u);
    EXPECT_EQ(d.done, 10); // the instant that was there is late, and not lost
}

TEST(worker_rules, d22_what_is_due_all_in_one_second_runs_once_each_in_batches) {
    constexpr int many = 10'000;
    simulated sim;
    nodes all;
    diary d;
    add_many(all, many, "0 12 * * *");
    int most = 0; // steps in one write
    for (const char* name : {"a", "b", "c"}) {
        support::test_link& link =
            all.start(name, {.most = 1000}, {{"work", d.writes({}, 1s)}}).link();
        link.takes = 2ms;
        link.looks = [&most, &link, last = 0, count = 0](const detail::step&) mutable {
            count = std::exchange(last, link.writes) == link.writes ? count + 1 : 1;
            most = std::max(most, count);
        };
    }
    sim->advance(12h - 1s);
    EXPECT_EQ(d.starts.size(), 0u);
    sim->advance(1min);
    EXPECT_EQ(d.done, many);
    EXPECT_EQ(most, 500);
    std::vector<detail::run_row> runs;
    all.read([&](detail::reading& in) { runs = in.runs({.most = 2 * many}); });
    ASSERT_EQ(runs.size(), std::size_t{many});
    std::set<std::string> of;
    for (const detail::run_row& one : runs) {
        EXPECT_EQ(one.of.nominal, start + 12h);
        EXPECT_EQ(one.of.state, run_state::ok);
        of.insert(one.of.job);
    }
    EXPECT_EQ(of.size(), std::size_t{many});
    EXPECT_TRUE(sim.errors.empty()) << sim.errors.front();
}

TEST(worker_rules, d22_nodes_that_are_behind_hardly_ever_decide_the_same) {
    constexpr int many = 3'000;
    simulated sim;
    nodes all;
    diary d;
    add_many(all, many, "0 12 * * *");
    int steps = 0;
    for (const char* name : {"a", "b", "c"}) {
        support::test_link& link = all.start(name, {.most = 100}, {{"work", d.writes()}}).link();
        link.takes = 10ms;
        link.looks = [&](const detail::step&) { ++steps; };
    }
    sim->advance(12h + 10s);
    EXPECT_EQ(d.done, many);
    EXPECT_GE(steps, 2 * many); // it begins, and ends
    EXPECT_LE(steps, 2 * many + many / 20);
}

TEST(worker_rules, d22_what_a_node_that_is_gone_was_to_have_first_others_have_within_a_poll) {
    constexpr int many = 100;
    simulated sim;
    nodes all;
    diary d;
    add_many(all, many, "0 * * * *");
    nodes::one& gone = all.start("a", {.lease = 2h}, {{"work", d.writes()}});
    for (const char* name : {"b", "c"}) all.start(name, {.lease = 2h}, {{"work", d.writes()}});
    sim->advance(1h - 1ms); // all that is about to wake has been looked at
    ASSERT_EQ(d.done, 0);
    gone.cut();
    sim->advance(1s);
    EXPECT_EQ(d.done, many);
    sim->advance(1h);
    EXPECT_EQ(d.done, 2 * many);
}

} // namespace
