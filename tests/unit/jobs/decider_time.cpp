// What a decider makes of edits, of clocks that were wrong, of tz databases and restored backups.

#include <jobs/decider.hpp>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/store/errors.hpp>
#include <gmock/gmock.h>

#include <support/lone_node.hpp>
#include <support/tz_directory.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::lone_node;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using kind = decision::kind;
using enum run_state;

const wall_time noon = parse_instant("2026-11-26T12:00:00Z");

job of(recurrence when) { return {.name = "poll", .when = std::move(when), .kind = "poll_feed"}; }

// ---- edits -------------------------------------------------------------------------------------

TEST(decider, decides_by_the_old_schedule_what_was_due_as_it_is_edited) { // D2
    lone_node n(of(cron("30 12 * * *")), noon);
    n.now = noon + 30min; // in the moment of the instant
    n.tell([&](decider& d) { d.edit({of(cron("30 12,13 * * *"))}, n.now); });
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon + 30min)); // once
    EXPECT_EQ(n.decides->wake_at(), noon + 90min);
    n.restart();
    EXPECT_EQ(n.decides->wake_at(), noon + 90min);
    EXPECT_EQ(n.kept.edits.back().since, n.now);
}

TEST(decider, decides_by_the_old_schedule_what_is_within_its_jitter) { // D2
    job one = of(cron("30 12 * * *"));
    one.jitter = 10min;
    lone_node n(one, noon);
    n.now = noon + 30min;
    ASSERT_GT(n.decides->wake_at(), n.now);
    job other = of(cron("30 12,13 * * *"));
    n.tell([&](decider& d) { d.edit({other}, n.now); });
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon + 30min));
    EXPECT_EQ(n.decides->wake_at(), noon + 90min);
}

TEST(decider, counts_an_edit_from_its_moment_on_also_where_the_job_has_ended) { // D2
    job one = of(cron("30 12 * * *"));
    one.until = noon + 2h;
    lone_node n(one, noon);
    n.run_until(noon + 31min, 1s);
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    n.now = noon + 3h;
    job other = of(cron("*/10 * * * *")); // which would have had instants before its end
    other.until = one.until;
    n.tell([&](decider& d) { d.edit({other}, n.now); });
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    EXPECT_EQ(n.kept.edits.back().since, n.now);
    n.now += 1h;
    other = of(cron("*/20 * * * *"));
    other.times = 1; // of which there was one
    n.tell([&](decider& d) { d.edit({other}, n.now); });
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    EXPECT_EQ(n.kept.edits.back().since, n.now);
}

TEST(decider, runs_nothing_as_a_schedule_is_moved_to_what_has_passed_today) { // D2
    lone_node n(of(cron("30 16 * * *")), noon);
    n.run_until(noon);
    n.tell([&](decider& d) { d.edit({of(cron("0 10 * * *"))}, n.now); });
    EXPECT_THAT(n.kept.runs(), IsEmpty());
    EXPECT_EQ(n.decides->wake_at(), noon + 22h);
}

TEST(decider, runs_what_begins_after_an_edit_by_the_new_definition) {
    lone_node n(of(cron("30 12 * * *")), noon);
    n.now = noon + 30min;
    job other = of(cron("30 12,13 * * *"));
    other.kind = "poll_more";
    n.tell([&](decider& d) { d.edit({other}, n.now); });
    EXPECT_EQ(n.open().of.kind, "poll_feed"); // decided by the old one
    n.end();
    n.run_until(noon + 90min);
    EXPECT_EQ(n.open().of.kind, "poll_more");
    EXPECT_EQ(n.decides->definition().of, other);
}

TEST(decider, leaves_the_grid_of_an_interval_when_something_else_is_edited) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 3min, 1s);
    job other = of(interval(10min));
    other.retry = {.max = 3};
    n.tell([&](decider& d) { d.edit({other}, n.now); });
    EXPECT_EQ(n.decides->wake_at(), noon + 10min);
    n.tell([&](decider& d) { d.edit({of(interval(20min))}, n.now); });
    EXPECT_EQ(n.decides->wake_at(), noon + 23min); // a new grid, and strictly after now
}

TEST(decider, goes_on_after_an_edit_of_a_fixed_delay) {
    lone_node n(of(fixed_delay(10min)), noon);
    n.run_until(noon + 3min);
    n.tell([&](decider& d) { d.edit({of(fixed_delay(20min))}, n.now); });
    EXPECT_EQ(n.decides->wake_at(), std::nullopt); // it runs
    n.restart();
    n.end();
    EXPECT_EQ(n.decides->wake_at(), noon + 23min);
}

TEST(decider, ends_a_job_that_is_removed_when_what_runs_has_ended) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 3min);
    n.tell([&](decider& d) { d.remove(n.now); });
    n.restart();
    EXPECT_TRUE(n.decides->notes().is_removed);
    EXPECT_EQ(n.decides->wake_at(), std::nullopt);
    EXPECT_EQ(n.kept.row.at.life, life::ending);
    n.end();
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    EXPECT_THAT(n.states(), ElementsAre(ok));
}

TEST(decider, drops_what_a_pause_holds_as_the_job_is_removed) {
    job one = of(interval(10min));
    one.overlap = overlap::buffer_all{3};
    lone_node n(one, noon);
    n.run_until(noon + 13min); // one runs, one waits
    n.tell([&](decider& d) { d.pause("ann", "", std::nullopt); });
    n.tell([&](decider& d) { d.trigger({.key = "asked"}, std::nullopt, n.now); });
    n.tell([&](decider& d) { d.remove(n.now); });
    EXPECT_EQ(n.kept.row.at.life, life::ending);
    EXPECT_EQ(n.kept.stretches.back().kind, kind::cancelled);
    EXPECT_EQ(n.kept.stretches.back().first, noon + 10min);
    n.restart();
    n.end();
    n.end(); // of what was asked for
    EXPECT_EQ(n.kept.row.at.life, life::ended);
    EXPECT_THAT(n.states(), ElementsAre(ok, ok));
}

TEST(decider, tells_what_is_dropped_as_the_clock_goes_back_as_of_the_epoch_in_which_it_came) {
    job one = of(interval(10min));
    one.overlap = overlap::buffer_one;
    lone_node n(one, noon);
    n.run_until(noon + 13min);
    n.tell([&](decider& d) { d.pause("ann", "", std::nullopt); });
    n.now = noon - 24h;
    n.tell([&](decider& d) { d.remove(n.now); });
    EXPECT_EQ(n.kept.stretches.back().kind, kind::cancelled);
    EXPECT_EQ(n.kept.stretches.back().first, noon + 10min);
    EXPECT_EQ(n.kept.stretches.back().epoch, n.kept.row.at.epoch - 1);
}

TEST(decider, brings_back_a_job_that_was_removed_with_its_history) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 3min, 1s);
    n.tell([&](decider& d) { d.remove(n.now); });
    n.run_until(noon + 33min);
    n.restart();
    n.tell([&](decider& d) { d.edit({of(interval(10min))}, n.now); });
    n.restart();
    EXPECT_FALSE(n.decides->notes().is_removed);
    EXPECT_EQ(n.decides->wake_at(), noon + 40min);
    n.run_until(noon + 40min);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon, noon + 40min));
    EXPECT_EQ(n.decides->course().at().ran, 2u);
}

TEST(decider, runs_an_overdue_instant_of_a_job_that_nobody_has_changed) { // D2
    lone_node n(of(cron("30 12 * * *")), noon);
    n.now = noon + 45min;
    n.restart();
    n.run_until(n.now);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon + 30min));
}

// ---- clocks ------------------------------------------------------------------------------------

TEST(decider, records_nothing_twice_when_history_is_gone_and_the_clock_goes_back_an_hour) { // D1
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 2h + 1s, 1s);
    std::vector<wall_time> all = n.kept.nominals();
    n.kept.ended.clear();
    n.kept.stretches.clear();
    n.now = noon + 1h;
    n.restart();
    n.decides->due(n.now);
    EXPECT_FALSE(n.decides->has_step());
    n.run_until(noon + 3h, 1s);
    const std::vector<wall_time> more = n.kept.nominals();
    all.insert(all.end(), more.begin(), more.end());
    ASSERT_THAT(all, SizeIs(19));
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], noon + i * 10min);
}

TEST(decider, begins_a_new_epoch_when_the_clock_was_wrong) { // D5
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 30min, 1s);
    n.now = noon + 24h * 3; // three days ahead
    n.run_until(n.now, 1s);
    n.end();
    n.now = noon + 35min; // and set right
    n.restart();
    n.decides->due(n.now);
    ASSERT_TRUE(n.decides->has_step());
    n.write();
    EXPECT_EQ(n.kept.row.at.epoch, 1u);
    EXPECT_EQ(n.kept.stretches.back().kind, kind::clock_went_back);
    EXPECT_EQ(n.kept.stretches.back().epoch, 1u);
    EXPECT_EQ(n.kept.stretches.back().first, n.now);
    EXPECT_EQ(n.kept.stretches.back().last, noon + 24h * 3);
    EXPECT_EQ(n.decides->wake_at(), noon + 40min);
    n.kept.stretches.clear();
    n.run_until(noon + 24h * 3, 1s); // all of the three days run
    EXPECT_THAT(n.kept.stretches, IsEmpty());
    const run_row last = n.kept.runs().back();
    EXPECT_EQ(last.of.nominal, noon + 24h * 3); // which has run before
    EXPECT_EQ(last.epoch, 1u);
    EXPECT_EQ(last.of.key, "poll@2026-11-29T12:00:00Z#1");
}

TEST(decider, fires_within_a_period_after_a_run_in_2098) { // D5
    for (const recurrence& when : {recurrence(interval(10min)), recurrence(fixed_delay(10min)),
                                   recurrence(cron("*/10 * * * *"))}) {
        lone_node n(of(when), parse_instant("2098-01-01T00:00:00Z"));
        n.run_until(n.now + 10min, 1s);
        n.now = noon + 1s;
        n.restart();
        n.decides->due(n.now);
        ASSERT_TRUE(n.decides->has_step()) << when.text();
        n.write();
        ASSERT_TRUE(n.decides->wake_at()) << when.text();
        EXPECT_LE(*n.decides->wake_at(), n.now + 10min) << when.text();
        n.decides->due(n.now);
        EXPECT_FALSE(n.decides->has_step()) << "once";
    }
}

TEST(decider, lets_no_retry_wait_for_a_time_that_was_wrong) { // D5
    job one = of(interval(10min));
    one.retry = {.max = 1, .backoff = 30s};
    lone_node n(one, parse_instant("2098-01-01T00:00:00Z"));
    n.run_until(n.now);
    n.end(run_end::failed);
    n.now = noon + 1s;
    n.restart();
    n.decides->due(n.now);
    n.write();
    EXPECT_EQ(n.open().of.run_at, n.now + 30s);
}

TEST(decider, knows_the_epoch_of_what_waits_since_before_the_clock_was_set_right) { // D5
    job one = of(interval(10min));
    one.overlap = overlap::buffer_one;
    lone_node n(one, noon);
    n.run_until(noon); // runs, and goes on
    n.now = noon + 24h;
    n.run_until(n.now); // the last instant waits
    n.now = noon + 5min;
    n.restart();
    n.decides->due(n.now);
    n.write();
    n.restart();
    n.end(); // so that comes now
    EXPECT_EQ(n.open().of.nominal, noon + 24h);
    EXPECT_EQ(n.open().epoch, 0u);
    n.end();
    EXPECT_EQ(n.kept.row.at.notes, "");
    n.run_until(noon + 24h, 1s); // and once more
    EXPECT_EQ(n.kept.runs().back().of.nominal, noon + 24h);
    EXPECT_EQ(n.kept.runs().back().epoch, 1u);
}

TEST(decider, does_not_run_what_passed_before_a_backup_was_restored) { // D28
    lone_node n(of(cron("* * * * *")), noon);
    n.run_until(noon + 5min + 1s, 1s);
    n.now = noon + 24h + 5min;
    n.restart();
    n.tell([&](decider& d) { d.restored(n.now); });
    ASSERT_THAT(n.kept.stretches, SizeIs(1));
    EXPECT_EQ(n.kept.stretches[0].kind, kind::restored);
    EXPECT_EQ(n.kept.stretches[0].count, 1440u);
    EXPECT_EQ(n.kept.stretches[0].epoch, 1u);
    EXPECT_EQ(n.decides->wake_at(), n.now + 1min);
    n.run_until(n.now + 1min);
    EXPECT_EQ(n.open().of.nominal, noon + 24h + 6min);
    EXPECT_EQ(n.open().epoch, 1u);
}

// ---- tz databases ------------------------------------------------------------------------------

TEST(decider, looks_anew_by_another_tz_database) { // D3
    support::tz_directory tz;
    tz.write("tzdata.zi", "# version 2026a\n");
    tz.write_zone("Test/Edited", "AAA-1");
    reload_tz();
    lone_node n(of(cron("0 14 * * *", "Test/Edited")), noon - 30min);
    EXPECT_EQ(n.kept.row.zones, "2026a");
    EXPECT_EQ(n.decides->wake_at(), noon + 1h);
    tz.write("tzdata.zi", "# version 2026b\n");
    tz.write_zone("Test/Edited", "BBB-2");
    reload_tz();
    n.zones = tz_mark();
    EXPECT_EQ(n.zones, "2026b");
    n.restart();
    EXPECT_FALSE(n.decides->has_newer_zones());
    n.now = noon;
    n.decides->due(n.now);
    n.write();
    EXPECT_EQ(n.kept.row.zones, "2026b");
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon)); // 14:00, there
    n.end();
    n.zones = "2026a";
    n.restart();
    EXPECT_TRUE(n.decides->has_newer_zones());
    n.run_until(noon + 20h, 1s);
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon)); // not twice
}

TEST(decider, decides_by_another_tz_database_what_was_due_as_it_is_edited) { // D2, D3
    support::tz_directory tz;
    tz.write("tzdata.zi", "# version 2026a\n");
    tz.write_zone("Test/Moved", "AAA-1");
    reload_tz();
    lone_node n(of(cron("0 14 * * *", "Test/Moved")), noon - 30min);
    EXPECT_EQ(n.decides->wake_at(), noon + 1h);
    tz.write("tzdata.zi", "# version 2026b\n");
    tz.write_zone("Test/Moved", "BBB-2");
    reload_tz();
    n.zones = tz_mark();
    n.restart();
    n.now = noon + 30min;
    n.tell([&](decider& d) { d.edit({of(cron("0 15 * * *", "Test/Moved"))}, n.now); });
    EXPECT_THAT(n.kept.nominals(), ElementsAre(noon)); // 14:00, there
    EXPECT_EQ(n.decides->wake_at(), noon + 1h);
}

TEST(decider, says_by_which_tz_database_it_has_decided_whatever_it_was_told) { // D3
    lone_node n(of(cron("0 * * * *")), noon);
    n.tell([](decider& d) { d.pause({}, {}, std::nullopt); });
    n.now = noon + 90min;
    const auto zones_after = [&](auto told) {
        decider another(n.kept.row, "memory:", "2099z");
        told(another);
        return another.take_step(node_id::none).zones;
    };
    EXPECT_EQ(zones_after([&](decider& d) { d.resume(passed::skip, n.now); }), "2099z");
    EXPECT_EQ(zones_after([&](decider& d) { d.edit(d.definition(), n.now); }), "2099z");
    EXPECT_EQ(zones_after([&](decider& d) { d.remove(n.now); }), "2099z");
    EXPECT_EQ(zones_after([&](decider& d) { d.restored(n.now); }), "2099z");
}

TEST(decider, makes_no_stretch_that_reaches_across_another_tz_database) { // D3
    lone_node n(of(cron("0 * * * *")), noon);
    const auto follows = [&](decider& d, wall_time then) {
        d.pause({}, {}, std::nullopt);
        d.resume(passed::skip, then);
        const step one = d.take_step(node_id::none);
        n.kept.take(one, then);
        return one.stretches.at(0).follows;
    };
    EXPECT_EQ(follows(*n.decides, noon + 90min), noon);
    decider same(n.kept.row, "memory:", n.zones);
    EXPECT_EQ(follows(same, noon + 150min), noon + 1h);
    decider another(n.kept.row, "memory:", "2099z");
    EXPECT_EQ(follows(another, noon + 210min), std::nullopt);
    another = decider(n.kept.row, "memory:", "2099z");
    EXPECT_EQ(follows(another, noon + 270min), noon + 3h);
}

TEST(tz_mark, is_a_hash_where_the_database_has_no_version) { // D3
    support::tz_directory tz;
    tz.write_zone("Test/Hashed", "AAA-1");
    reload_tz();
    const std::string one = tz_mark();
    EXPECT_THAT(one, HasSubstr("hash:"));
    tz.write_zone("Test/Hashed", "BBB-2");
    EXPECT_EQ(tz_mark(), one); // as the zones, until they are read anew
    reload_tz();
    EXPECT_NE(tz_mark(), one);
    EXPECT_FALSE(is_newer_tz(tz_mark(), one));
    EXPECT_TRUE(is_newer_tz("2026b", "2026a"));
    EXPECT_FALSE(is_newer_tz("2026b", one));
    tz.write("tzdata.zi", "# version 2026a\n");
    reload_tz();
    EXPECT_EQ(tz_mark(), "2026a");
}

TEST(decider, has_a_step_when_it_is_looked_at_because_its_wake_is_out_of_date) {
    lone_node n(of(interval(10min)), noon);
    n.run_until(noon + 10min, 1s);
    decider of_another(n.kept.row, "memory:", "2099z");
    of_another.due(noon + 11min);
    ASSERT_TRUE(of_another.has_step());
    EXPECT_EQ(of_another.take_step(node_id{1}).zones, "2099z");
    n.now = noon - 4h;
    n.decides->due(n.now);
    n.write();
    EXPECT_EQ(n.kept.row.at.decided, n.now);
}

TEST(decider, makes_no_stretch_that_reaches_across_an_edit) {
    lone_node n(of(cron("0 * * * *")), noon);
    decider& d = *n.decides;
    const auto paused_until = [&](wall_time then) {
        d.pause({}, {}, std::nullopt);
        d.resume(passed::skip, then);
        return d.take_step(node_id::none).stretches.at(0).follows;
    };
    EXPECT_EQ(paused_until(noon + 90min), noon);
    stored_job edited = d.definition();
    edited.of.arguments = "[1]";
    d.edit(edited, noon + 91min);
    EXPECT_EQ(paused_until(noon + 150min), std::nullopt); // 14:00, after 13:00
    EXPECT_EQ(paused_until(noon + 210min), noon + 2h);
}

// ---- what cannot be read -----------------------------------------------------------------------

TEST(decider, names_the_job_that_cannot_be_read_and_where_it_is) {
    const auto fault = [](auto change) {
        lone_node n(of(interval(10min)), noon);
        change(n.kept.row);
        try {
            n.restart();
        } catch (const store_error& e) {
            EXPECT_THAT(e.what(), HasSubstr(R"("memory:" holds the job "poll")"));
            return e.fault();
        }
        return store_fault::bad_url;
    };
    EXPECT_EQ(fault([](job_row& r) { r.definition = "{"; }), store_fault::corrupt);
    EXPECT_EQ(fault([](job_row& r) { r.at.progress = "2 active"; }), store_fault::too_new);
    EXPECT_EQ(fault([](job_row& r) { r.at.progress = "1 active"; }), store_fault::corrupt);
    EXPECT_EQ(fault([](job_row& r) { r.at.notes = "x"; }), store_fault::corrupt);
    EXPECT_EQ(fault([](job_row& r) { r.at.notes = R"({"asked_for":[{}]})"; }),
              store_fault::corrupt);
}

} // namespace
