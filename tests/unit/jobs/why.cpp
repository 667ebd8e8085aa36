#include <jobs/why.hpp>

#include <algorithm>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <gmock/gmock.h>

#include <support/lone_node.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using answer = reason_why::answer;
using kind = decision::kind;
using support::lone_node;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const wall_time noon = parse_instant("2026-11-26T12:00:00Z");

job of(recurrence when) { return {.name = "poll", .when = std::move(when), .kind = "poll_feed"}; }

reason_why why(const lone_node& n, wall_time instant) {
    why_facts facts{.job = n.kept.row, .instant = instant, .now = n.now, .edits = n.kept.edits};
    const std::vector<run_row> all = n.kept.runs();
    for (const run_row& one : all) {
        if (one.of.nominal == instant) facts.runs.push_back(one);
    }
    for (const stretch& one : n.kept.stretches) {
        if (one.first > instant || one.last < instant) continue;
        facts.stretches.push_back(one);
        for (const run_row& run : all) {
            if (run.of.id == one.because_of || run.of.nominal == one.into)
                facts.others.push_back(run);
        }
    }
    std::sort(facts.stretches.begin(), facts.stretches.end(), // as a store gives them
              [](const stretch& a, const stretch& b) { return a.first < b.first; });
    return explain(facts);
}

TEST(why, tells_of_a_run_where_and_when_it_was) {
    job one = of(interval(10min));
    one.retry = {.max = 1, .backoff = 10s};
    lone_node n(one, noon);
    n.run_until(noon);
    EXPECT_EQ(why(n, noon).what, answer::open);
    EXPECT_THAT(why(n, noon).text, HasSubstr(R"(runs as run 1 on "a node", from 2026-)"));
    n.now += 5s;
    n.end(run_end::failed);
    EXPECT_EQ(why(n, noon).what, answer::open);
    EXPECT_THAT(why(n, noon).text,
                HasSubstr("is ready, as run 1, and comes at 2026-11-26T12:00:15Z as attempt 2, for "
                          "the last one has failed: because"));
    n.run_until(noon + 15s);
    n.now = noon + 20s;
    n.end();
    const reason_why ran = why(n, noon);
    EXPECT_EQ(ran.what, answer::decided);
    ASSERT_TRUE(ran.decision);
    EXPECT_EQ(ran.decision->what, kind::ran);
    EXPECT_EQ(ran.decision->attempts, 2u);
    EXPECT_THAT(ran.runs, SizeIs(1));
    EXPECT_THAT(ran.text, HasSubstr(R"("poll" of 2026-11-26T12:00:00Z ran as run 1)"));
    EXPECT_THAT(ran.text, HasSubstr("from 2026-11-26T12:00:00Z to 2026-11-26T12:00:20Z, in 2"));
}

TEST(why, tells_of_a_run_that_nobody_takes_what_it_needs) {
    job one = of(interval(10min));
    one.label = "gpu";
    lone_node n(one, noon);
    n.decides->due(noon);
    n.write();
    EXPECT_THAT(why(n, noon).text, HasSubstr(R"(handler for "poll_feed" and the label "gpu")"));
}

TEST(why, tells_of_runs_that_failed_were_cancelled_or_lost) {
    job one = of(interval(10min));
    one.on_lost = on_lost::fail;
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed);
    n.run_until(noon + 10min);
    n.end(run_end::cancelled);
    n.run_until(noon + 20min);
    n.lose();
    EXPECT_THAT(why(n, noon).text, HasSubstr("failed as run 1"));
    EXPECT_THAT(why(n, noon).text, HasSubstr(": because"));
    EXPECT_EQ(why(n, noon + 10min).decision->what, kind::cancelled);
    EXPECT_EQ(why(n, noon + 20min).decision->what, kind::lost);
    EXPECT_THAT(why(n, noon + 20min).text, HasSubstr("its worker is gone"));
}

TEST(why, tells_of_a_run_that_waits_because_its_worker_was_lost_and_has_not_failed) {
    job one = of(interval(10min));
    one.retry = {.max = 1, .backoff = 1min};
    lone_node n(one, noon);
    n.run_until(noon);
    n.end(run_end::failed);
    EXPECT_THAT(why(n, noon).text, HasSubstr("as attempt 2, for the last one has failed: because"));
    n.run_until(noon + 5min);
    n.lose();
    EXPECT_THAT(why(n, noon).text, HasSubstr(", for its worker was lost"));
}

TEST(why, names_the_run_that_was_in_the_way) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 35min);
    const reason_why skipped = why(n, noon + 20min); // in the middle of a stretch
    EXPECT_EQ(skipped.what, answer::decided);
    EXPECT_EQ(skipped.decision->what, kind::skipped_overlap);
    ASSERT_THAT(skipped.runs, SizeIs(1));
    EXPECT_EQ(skipped.runs[0].id, run_id{1});
    EXPECT_THAT(
        skipped.text,
        HasSubstr("was skipped, for run 1, of 2026-11-26T12:00:00Z, had not ended (like all "
                  "3 instants from 2026-11-26T12:10:00Z to 2026-11-26T12:30:00Z)"));
}

TEST(why, answers_for_any_instant_of_two_weeks_of_five_seconds) { // D16
    lone_node n(of(interval(5s)), noon);
    n.run_until(noon + 2s, 1s);
    n.now = noon + 24h * 14 + 2s;
    n.run_until(n.now);
    for (const wall_time t : {noon + 5s, noon + 24h * 5, noon + 24h * 14 - 5s}) {
        const reason_why w = why(n, t);
        EXPECT_EQ(w.decision->what, kind::coalesced_into);
        EXPECT_THAT(w.text, HasSubstr("the run of 2026-12-10T12:00:00Z, run 2, stands for it"));
    }
    EXPECT_EQ(why(n, noon + 24h * 5 + 1s).what, answer::not_due);
}

TEST(why, tells_who_paused_it) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 1min, 1s);
    n.tell([](decider& d) { d.pause("ops", "the feed is down", {}); });
    n.run_until(noon + 15min);
    EXPECT_EQ(why(n, noon + 10min).what, answer::to_come);
    EXPECT_THAT(why(n, noon + 10min).text,
                HasSubstr(R"(not decided yet; the job is paused by "ops" (the feed is down))"));
    n.tell([&](decider& d) { d.resume(passed::skip, n.now); });
    EXPECT_EQ(why(n, noon + 10min).decision->what, kind::paused);
    EXPECT_THAT(why(n, noon + 10min).text, HasSubstr("a pause (ops: the feed is down)"));
}

TEST(why, tells_exceptions_from_what_is_not_due) {
    lone_node n(of(except(every_interval(10min, noon), every_interval(1h, noon + 10min))), noon);
    n.run_until(noon + 65min, 1s);
    n.now = noon + 3h;
    n.run_until(n.now, 1s);
    const reason_why excluded = why(n, noon + 70min);
    EXPECT_EQ(excluded.decision->what, kind::excluded);
    EXPECT_THAT(excluded.text, HasSubstr("exception to the schedule"));
    EXPECT_EQ(why(n, noon + 80min).decision->what, kind::coalesced_into);
    const reason_why no = why(n, noon + 81min);
    EXPECT_EQ(no.what, answer::not_due);
    EXPECT_THAT(no.text, HasSubstr("the next after it is 2026-11-26T13:30:00Z"));
}

TEST(why, knows_what_is_due_to_come_and_what_waits) {
    job one = of(interval(10min));
    one.overlap = overlap::buffer_one;
    lone_node n(one, noon);
    n.run_until(noon + 15min);
    EXPECT_EQ(why(n, noon + 10min).what, answer::waits);
    EXPECT_THAT(why(n, noon + 10min).text, HasSubstr("by the overlap policy buffer_one"));
    EXPECT_EQ(why(n, noon + 20min).what, answer::to_come);
    EXPECT_THAT(why(n, noon + 20min).text, HasSubstr("is to come"));
    n.now = noon + 21min;
    EXPECT_THAT(why(n, noon + 20min).text, HasSubstr("is due, and not decided yet"));
}

TEST(why, knows_what_was_before_the_job_or_before_its_schedule) {
    lone_node n(of(cron("30 12 * * *")), noon);
    n.run_until(noon + 40min, 1s);
    EXPECT_EQ(why(n, noon + 30min - 24h).what, answer::before_the_job);
    EXPECT_THAT(why(n, noon + 30min - 24h).text, HasSubstr("made at 2026-11-26T12:00:00Z"));
    n.tell([&](decider& d) { d.edit({of(cron("35 12 * * *"))}, n.now); });
    EXPECT_EQ(why(n, noon + 30min).decision->what, kind::ran);
    const reason_why w = why(n, noon + 35min);
    EXPECT_EQ(w.what, answer::before_the_job);
    EXPECT_THAT(w.text, HasSubstr(R"(its schedule then, which was cron("30 12 * * *"))"));
    EXPECT_EQ(why(n, noon + 24h + 35min).what, answer::to_come);
    EXPECT_EQ(why(n, noon + 24h + 30min).what, answer::not_due);
}

TEST(why, knows_what_a_clock_that_was_set_back_brought_before_the_schedule_that_it_has) { // D5
    lone_node n(of(cron("*/10 * * * *")), noon);
    n.tell([&](decider& d) { d.edit({of(cron("*/5 * * * *"))}, n.now); });
    n.now = noon - 24h;
    n.tell([&](decider& d) { d.due(n.now); });
    n.now += 40min; // it was asleep
    n.tell([&](decider& d) { d.due(n.now); });
    const reason_why w = why(n, noon - 24h + 15min);
    ASSERT_EQ(w.what, answer::decided) << w.text;
    EXPECT_EQ(w.decision->what, kind::coalesced_into);
}

TEST(why, gives_the_word_of_the_last_epoch) { // D5
    lone_node n(of(cron("*/10 * * * *")), noon);
    n.run_until(noon + 40min);
    EXPECT_EQ(why(n, noon + 20min).decision->what, kind::skipped_overlap);
    n.end();
    n.now -= 4h;
    n.tell([&](decider& d) { d.due(n.now); });
    n.now = noon + 35min; // it was asleep
    n.tell([&](decider& d) { d.due(n.now); });
    const reason_why w = why(n, noon + 20min);
    EXPECT_EQ(w.decision->what, kind::coalesced_into) << w.text;
}

TEST(why, knows_what_is_not_kept) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 65min, 1s);
    n.kept.row.kept_from = noon + 30min;
    n.kept.ended.clear();
    EXPECT_EQ(why(n, noon + 20min).what, answer::not_kept);
}

TEST(why, does_not_take_the_schedule_of_now_for_one_that_is_not_kept) {
    lone_node n(of(cron("30 12 * * *")), noon);
    n.run_until(noon + 40min, 1s);
    n.tell([&](decider& d) { d.edit({of(cron("35 12 * * *"))}, n.now); });
    n.kept.edits.erase(n.kept.edits.begin());
    n.kept.row.kept_from = n.now + 1ns;
    n.kept.ended.clear();
    EXPECT_EQ(why(n, noon + 35min).what, answer::not_kept) << "it may have been an instant, or not";
    EXPECT_EQ(why(n, noon + 35min - 24h).what, answer::before_the_job);
    EXPECT_EQ(why(n, noon + 35min + 24h).what, answer::to_come);
}

TEST(why, knows_that_a_job_was_removed_or_has_ended) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 5min, 1s);
    n.tell([&](decider& d) { d.remove(n.now); });
    EXPECT_EQ(why(n, noon + 10min).what, answer::not_due);
    EXPECT_THAT(why(n, noon + 10min).text, HasSubstr("the job was removed"));
    EXPECT_EQ(why(n, noon).decision->what, kind::ran);
}

TEST(why, shows_both_lives_of_an_instant_that_came_twice) { // D5
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 24h, 1s);
    n.end();
    n.now = noon + 5min;
    n.restart();
    n.decides->due(n.now);
    n.write();
    n.run_until(noon + 24h + 1min); // the first of them does not end
    const reason_why w = why(n, noon + 24h);
    EXPECT_EQ(w.decision->what, kind::skipped_overlap);
    EXPECT_THAT(w.text, HasSubstr("ran as run 145"));
    EXPECT_THAT(w.text, HasSubstr("; then it was skipped, for run 146"));
}

TEST(why, shows_the_backfill_of_what_was_missed) { // D17
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 1min, 1s);
    n.now = noon + 35min;
    n.run_until(n.now);
    n.end();
    n.tell([&](decider& d) { d.trigger({.origin = run_origin::backfilled}, noon + 10min, n.now); });
    n.end();
    const reason_why w = why(n, noon + 10min);
    EXPECT_EQ(w.decision->what, kind::ran);
    EXPECT_THAT(w.text, HasSubstr("was missed"));
    EXPECT_THAT(w.text, HasSubstr("; then it ran as run 3 (backfilled)"));
}

TEST(why, says_what_it_can_of_a_fixed_delay) {
    lone_node n(of(fixed_delay(10min)), noon);
    n.run_until(noon + 1min);
    n.end();
    EXPECT_EQ(why(n, noon).decision->what, kind::ran);
    EXPECT_EQ(why(n, noon + 11min).what, answer::to_come);
    EXPECT_EQ(why(n, noon + 12min).what, answer::not_due);
}

} // namespace
