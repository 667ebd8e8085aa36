#include <schedule/calendar_plan.hpp>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/filter.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using cicada::catch_up;
using cicada::decision;
using cicada::duration;
using cicada::schedule;
using cicada::search_result;
using cicada::wall_time;
using cicada::detail::calendar_plan;
using cicada::detail::calendar_query;
using cicada::detail::next_before_until;
using cicada::detail::plan;
using cicada::detail::plan_without_runs;
using cicada::detail::sought;

namespace {

constexpr duration always = duration::max();

/// A line of hours, 01:00 being its first: an instant '.', one that is excluded 'x', or none ' '. A
/// search for the next one gives up at the first of each row of excluded ones, and one back after
/// three of them.
class line final : public cicada::detail::schedule_rule {
public:
    explicit line(std::string_view hours) noexcept : hours_(hours) {}
    std::optional<wall_time> next(wall_time after) const override {
        return find(after, sought::instants).instant;
    }
    search_result find(wall_time after, sought what) const override {
        for (std::size_t i = 0; i < hours_.size(); ++i) {
            if (hour(i) <= after || hours_[i] == ' ') continue;
            if (hours_[i] == '.') return {.instant = hour(i)};
            return what == sought::candidates
                       ? search_result{.instant = hour(i), .is_excluded = true}
                       : search_result{.horizon = hour(i)};
        }
        return {};
    }
    std::optional<wall_time> previous(wall_time before) const override {
        int excluded = 0;
        for (std::size_t i = hours_.size(); i-- > 0 && excluded < 3;) {
            if (hour(i) >= before || hours_[i] == ' ') continue;
            if (hours_[i] == '.') return hour(i);
            ++excluded;
        }
        return std::nullopt;
    }
    bool matches(wall_time t) const override { return previous(t + 1ns) == t; }
    std::string text() const override { return std::string(hours_); }

private:
    static wall_time hour(std::size_t i) { return wall_time((static_cast<int>(i) + 1) * 1h); }
    std::string_view hours_;
};

/// In hours: 3, or 3:30, or 3- and 3+ for a nanosecond before and after it.
std::string text_of(wall_time t) {
    const duration d = t.time_since_epoch();
    if ((d + 1ns) % 1min == 0ns) return text_of(t + 1ns) + '-';
    if ((d - 1ns) % 1min == 0ns) return text_of(t - 1ns) + '+';
    const auto minutes = d / 1min % 60;
    return std::to_string(d / 1h) + (minutes == 0 ? "" : ':' + std::to_string(minutes));
}

std::string text_of(const calendar_plan& p) {
    std::string text;
    for (const decision& d : p.settled) {
        text += std::string(to_string(d.what)) + ' ' + text_of(d.nominal);
        if (d.count != 1) text += ".." + text_of(d.last) + " x" + std::to_string(d.count);
        if (d.count == 1 && d.last != d.nominal) text += " last " + text_of(d.last);
        if (d.is_at_least) text += " at least";
        if (d.into) text += " > " + text_of(*d.into);
        text += ", ";
    }
    for (const wall_time t : p.earlier_runs) text += "run " + text_of(t) + ", ";
    if (p.run) text += "run " + text_of(*p.run) + ", ";
    if (p.next.instant) return text + "next " + text_of(*p.next.instant);
    return text + (p.next.horizon ? "none up to " + text_of(*p.next.horizon) : "end");
}

struct example {
    std::string_view hours = "....";
    duration decided = 0h;
    duration now;
    catch_up caught_up = catch_up::last;
    duration window = always;
    duration deadline = always;
    duration until = always;
    duration on_purpose = 0h;
    std::string_view planned;
};

void check(const std::vector<example>& table) {
    for (const example& e : table) {
        const schedule when(new line(e.hours));
        const calendar_query q{.when = when,
                               .catch_up = e.caught_up,
                               .window = e.window,
                               .start_deadline = e.deadline,
                               .until = e.until == always ? std::nullopt
                                                          : std::optional(wall_time(e.until)),
                               .on_purpose = e.on_purpose};
        EXPECT_EQ(text_of(plan(q, wall_time(e.decided), wall_time(e.now))), e.planned)
            << "for '" << e.hours << "', case " << &e - table.data();
    }
}

constexpr catch_up none = catch_up::none, first = catch_up::first, last = catch_up::last;
constexpr catch_up::all all2{2}, all3{3}, all9{9};

// clang-format off
TEST(calendar_plan, of_one_instant) {
    check({
        {.now = 30min, .planned = "next 1"},
        {.now = 1h - 1ns, .planned = "next 1"},
        {.now = 1h, .planned = "run 1, next 2"},
        {.decided = 1h, .now = 1h, .planned = "next 2"},
        {.decided = 4h, .now = 5h, .planned = "end"},
        {.decided = 3h, .now = 1h, .planned = "next 4"}, // the clock went back
        {.now = 1h + 59min, .caught_up = first, .planned = "run 1, next 2"},
        {.now = 1h + 59min, .caught_up = all2, .planned = "run 1, next 2"},
        {.now = 1h + 1min - 1ns, .caught_up = none, .planned = "run 1, next 2"},
        {.now = 1h + 1min, .caught_up = none, .planned = "missed 1, next 2"},
        {.now = 1h + 1min, .window = 1min, .planned = "run 1, next 2"},
        {.now = 1h + 1min + 1ns, .window = 1min, .planned = "missed 1, next 2"},
        {.now = 1h + 1min, .deadline = 1min, .planned = "run 1, next 2"},
        {.now = 1h + 1min + 1ns, .deadline = 1min, .planned = "too_late 1, next 2"},
        {.now = 1h + 1min, .window = 1s, .deadline = 1s, .planned = "too_late 1, next 2"},
        {.hours = "x.", .now = 1h, .planned = "excluded 1, next 2"},
        {.hours = "x.", .now = 2h, .planned = "excluded 1, run 2, end"},
        {.hours = ".x", .now = 2h, .planned = "excluded 2, run 1, end"},
        {.hours = "    .", .now = 2h, .planned = "next 5"},
    });
}

TEST(calendar_plan, catches_up) {
    check({
        {.now = 4h, .caught_up = last, .planned = "coalesced_into 1..3 x3 > 4, run 4, end"},
        {.now = 3h, .caught_up = last, .planned = "coalesced_into 1..2 x2 > 3, run 3, next 4"},
        {.now = 3h, .caught_up = first, .planned = "coalesced_into 2..3 x2 > 1, run 1, next 4"},
        {.now = 3h, .caught_up = none, .planned = "missed 1..2 x2, run 3, next 4"},
        {.now = 3h + 1min, .caught_up = none, .planned = "missed 1..3 x3, next 4"},
        {.now = 3h, .caught_up = all2, .planned = "missed 1, run 2, run 3, next 4"},
        {.now = 3h, .caught_up = all3, .planned = "run 1, run 2, run 3, next 4"},
        {.now = 3h, .caught_up = all9, .planned = "run 1, run 2, run 3, next 4"},
        {.decided = 2h, .now = 4h, .caught_up = last, .planned = "coalesced_into 3 > 4, run 4, end"},
        {.decided = 2h, .now = 4h, .caught_up = first, .planned = "coalesced_into 4 > 3, run 3, end"},
    });
}

TEST(calendar_plan, within_a_window_and_a_deadline) {
    check({
        // The oldest and the newest of those that are not too old; the bound itself is in it.
        {.now = 4h, .caught_up = last, .window = 2h, .planned = "missed 1, coalesced_into 2..3 x2 > 4, run 4, end"},
        {.now = 4h, .caught_up = last, .window = 2h - 1ns, .planned = "missed 1..2 x2, coalesced_into 3 > 4, run 4, end"},
        {.now = 4h, .caught_up = first, .window = 2h, .planned = "missed 1, coalesced_into 3..4 x2 > 2, run 2, end"},
        {.now = 4h, .caught_up = all2, .window = 2h, .planned = "missed 1..2 x2, run 3, run 4, end"},
        {.now = 4h, .caught_up = all9, .window = 2h, .planned = "missed 1, run 2, run 3, run 4, end"},
        {.now = 4h, .caught_up = last, .deadline = 2h, .planned = "too_late 1, coalesced_into 2..3 x2 > 4, run 4, end"},
        {.now = 4h, .caught_up = first, .deadline = 2h, .planned = "too_late 1, coalesced_into 3..4 x2 > 2, run 2, end"},
        {.now = 4h, .caught_up = all9, .deadline = 1h, .planned = "too_late 1..2 x2, run 3, run 4, end"},
        // Both: too late is what has passed its deadline, missed what the window leaves out of the
        // rest.
        {.now = 4h, .caught_up = first, .window = 1h, .deadline = 2h, .planned = "too_late 1, missed 2, coalesced_into 4 > 3, run 3, end"},
        {.now = 4h, .caught_up = first, .window = 2h, .deadline = 1h, .planned = "too_late 1..2 x2, coalesced_into 4 > 3, run 3, end"},
        {.now = 4h + 30min, .caught_up = last, .window = 10min, .planned = "missed 1..4 x4, end"},
        {.now = 4h + 30min, .caught_up = last, .deadline = 10min, .planned = "too_late 1..4 x4, end"},
        // None is for what is less than a minute late, whatever a window or a deadline would allow.
        {.now = 4h + 10min, .caught_up = none, .deadline = 2h, .planned = "too_late 1..2 x2, missed 3..4 x2, end"},
        {.now = 4h + 10min, .caught_up = none, .window = 2h, .planned = "missed 1..4 x4, end"},
        {.now = 4h, .caught_up = none, .deadline = 2h, .planned = "too_late 1, missed 2..3 x2, run 4, end"},
        {.now = 4h + 30s, .caught_up = none, .window = 10s, .planned = "missed 1..4 x4, end"},
    });
}

TEST(calendar_plan, leaves_out_what_is_late_on_purpose) {
    check({
        {.now = 1h + 20min, .window = 10min, .on_purpose = 10min, .planned = "run 1, next 2"},
        {.now = 1h + 20min, .window = 10min, .on_purpose = 10min - 1ns, .planned = "missed 1, next 2"},
        {.now = 1h + 20min, .caught_up = none, .on_purpose = 20min, .planned = "run 1, next 2"},
        {.now = 2h + 20min, .caught_up = first, .window = 1h, .on_purpose = 20min, .planned = "coalesced_into 2 > 1, run 1, next 3"},
        // But a deadline is one from the nominal instant on.
        {.now = 1h + 20min, .deadline = 10min, .on_purpose = 20min, .planned = "too_late 1, next 2"},
    });
}

TEST(calendar_plan, names_nothing_from_until_on) {
    check({
        {.now = 1h, .until = 2h, .planned = "run 1, end"},
        {.now = 1h, .until = 2h + 1ns, .planned = "run 1, next 2"},
        {.now = 1h, .until = 1h, .planned = "end"},
        {.now = 1h, .until = 1h + 1ns, .planned = "run 1, end"},
        {.now = 4h, .until = 3h, .planned = "coalesced_into 1 > 2, run 2, end"},
        {.now = 4h, .until = 3h + 1ns, .planned = "coalesced_into 1..2 x2 > 3, run 3, end"},
        {.now = 4h, .caught_up = first, .until = 3h, .planned = "coalesced_into 2 > 1, run 1, end"},
        {.now = 4h, .caught_up = all9, .until = 3h, .planned = "run 1, run 2, end"},
        {.now = 4h, .caught_up = none, .until = 3h, .planned = "missed 1..2 x2, end"},
        {.now = 4h, .caught_up = last, .window = 1h, .until = 3h, .planned = "missed 1..2 x2, end"},
        {.hours = ".x.", .now = 3h, .until = 3h, .planned = "excluded 2, run 1, end"},
        {.decided = 1h, .now = 1h, .until = 1h, .planned = "end"},
    });
}

TEST(calendar_plan, tells_only_consecutive_instants_as_one_stretch) {
    check({
        {.hours = "..x..", .now = 5h, .planned = "coalesced_into 1..2 x2 > 5, excluded 3, coalesced_into 4 > 5, run 5, end"},
        {.hours = "x.x.", .now = 4h, .planned = "excluded 1, coalesced_into 2 > 4, excluded 3, run 4, end"},
        {.hours = "xx..x", .now = 5h, .planned = "excluded 1..2 x2, coalesced_into 3 > 4, excluded 5, run 4, end"},
        {.hours = ".x.x.", .now = 5h, .caught_up = first, .planned = "excluded 2, coalesced_into 3 > 1, excluded 4, coalesced_into 5 > 1, run 1, end"},
        {.hours = ".x.x.", .now = 5h, .caught_up = all2, .planned = "missed 1, excluded 2, excluded 4, run 3, run 5, end"},
        {.hours = "x.x.", .now = 4h, .caught_up = all2, .planned = "excluded 1, excluded 3, run 2, run 4, end"},
        {.hours = ".x. .x.", .now = 7h, .caught_up = last, .deadline = 3h, .planned = "too_late 1, excluded 2, too_late 3, coalesced_into 5 > 7, excluded 6, run 7, end"},
        // gaps are not instants
        {.hours = ". . . .", .now = 7h, .planned = "coalesced_into 1..5 x3 > 7, run 7, end"},
        {.hours = "xxx", .now = 3h, .planned = "excluded 1..3 x3, end"},
    });
}

TEST(calendar_plan, looks_on_from_where_a_search_gave_up) {
    check({
        {.hours = ".x.", .now = 1h, .planned = "run 1, none up to 2"},
        {.hours = ".x.", .now = 1h, .until = 2h, .planned = "run 1, end"},
        {.hours = "xxx.", .now = 2h, .planned = "excluded 1..2 x2, none up to 3"},
        {.hours = "xx...", .now = 5h, .caught_up = first, .planned = "excluded 1..2 x2, coalesced_into 4..5 x2 > 3, run 3, end"},
        {.hours = ".xx.x", .now = 6h, .caught_up = first, .window = 4h, .planned = "missed 1, excluded 2..3 x2, excluded 5, run 4, end"},
        // A search back gives up, too.
        {.hours = "...xxx", .now = 6h, .planned = "coalesced_into 1..2 x2 > 3, excluded 4..6 x3, run 3, end"},
        {.hours = "...xxx", .now = 6h, .caught_up = all2, .planned = "missed 1, excluded 4..6 x3, run 2, run 3, end"},
        {.hours = "..xxx.", .now = 6h, .caught_up = all2, .planned = "missed 1, excluded 3..5 x3, run 2, run 6, end"},
    });
}
// clang-format on

TEST(calendar_plan, without_runs_is_one_reason_for_all_but_what_is_excluded) {
    const schedule when(new line("..x.. "));
    const auto told = [&](duration decided, duration now, std::optional<wall_time> until = {}) {
        const calendar_query q{.when = when, .window = 1h, .start_deadline = 1h, .until = until};
        return text_of(
            plan_without_runs(q, decision::kind::paused, wall_time(decided), wall_time(now)));
    };
    EXPECT_EQ(told(0h, 5h), "paused 1..2 x2, excluded 3, paused 4..5 x2, end");
    EXPECT_EQ(told(1h, 4h), "paused 2, excluded 3, paused 4, end");
    EXPECT_EQ(told(0h, 5h, wall_time(2h)), "paused 1, end");
    EXPECT_EQ(told(2h, 2h), "end");
    EXPECT_EQ(told(4h, 1h), "end");
}

TEST(calendar_plan, counts_as_missed_what_gets_no_run_and_is_not_excluded) {
    const schedule when(new line("..x..."));
    const auto missed = [&](catch_up how, duration deadline) {
        return plan({.when = when, .catch_up = how, .start_deadline = deadline}, wall_time(0h),
                    wall_time(6h))
            .missed;
    };
    EXPECT_EQ(missed(last, always), 4u);
    EXPECT_EQ(missed(all2, always), 3u);
    EXPECT_EQ(missed(last, 1h), 4u);
    EXPECT_EQ(missed(none, always), 4u);
}

TEST(next_before_until, ends_at_until_whether_it_finds_one_or_gives_up) {
    const schedule when(new line(".x."));
    const auto found = [&](duration after, duration until) {
        calendar_plan p;
        p.next = next_before_until({.when = when, .until = wall_time(until)}, wall_time(after));
        return text_of(p);
    };
    EXPECT_EQ(found(0h, 1h + 1ns), "next 1");
    EXPECT_EQ(found(0h, 1h), "end");
    EXPECT_EQ(found(1h, 2h + 1ns), "none up to 2");
    EXPECT_EQ(found(1h, 2h), "end");
}

// ---- very many ---------------------------------------------------------------------------------

constexpr wall_time monday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

/// Each n-th second, and how often it was asked.
class counting_rule final : public cicada::detail::schedule_rule {
public:
    counting_rule(duration period, int& calls) noexcept : period_(period), calls_(calls) {}
    std::optional<wall_time> next(wall_time after) const override {
        ++calls_;
        return after - after.time_since_epoch() % period_ + period_;
    }
    std::optional<wall_time> previous(wall_time before) const override {
        ++calls_;
        const wall_time latest = before - 1ns;
        return latest - latest.time_since_epoch() % period_;
    }
    bool matches(wall_time t) const override { return t.time_since_epoch() % period_ == 0ns; }
    std::string text() const override { return "counting"; }

private:
    duration period_;
    int& calls_;
};

TEST(calendar_plan, of_very_many_runs_asks_a_few_times_for_each) {
    int calls = 0;
    const schedule when(new counting_rule(5s, calls));
    const auto p =
        plan({.when = when, .catch_up = catch_up::all{140'000}}, monday, monday + 300'000 * 5s);
    ASSERT_EQ(p.earlier_runs.size(), 139'999u);
    EXPECT_EQ(p.run, monday + 300'000 * 5s);
    EXPECT_EQ(p.earlier_runs.front(), monday + 160'001 * 5s);
    EXPECT_LT(calls, 600'000);
}

TEST(calendar_plan, of_very_many_runs_may_be_all_there_ever_were) {
    const schedule when = cicada::every_interval(5s, monday);
    const auto p = plan({.when = when, .catch_up = catch_up::all{140'000}}, monday - 1ns,
                        monday + 120'000 * 5s);
    ASSERT_EQ(p.earlier_runs.size(), 120'000u);
    EXPECT_EQ(p.run, monday + 120'000 * 5s);
    EXPECT_EQ(p.missed, 0u);
}

TEST(calendar_plan, of_very_many_misses_counts_the_first_ones_one_by_one) {
    int calls = 0;
    const schedule when(new counting_rule(1s, calls));
    const auto p = plan({.when = when}, monday, monday + 24h * 3650);
    EXPECT_LT(calls, 200'000);
    ASSERT_EQ(p.settled.size(), 1u);
    EXPECT_GE(p.settled[0].count, 100'000u);
    EXPECT_TRUE(p.settled[0].is_at_least);
    EXPECT_EQ(p.settled[0].nominal, monday + 1s);
    EXPECT_EQ(p.settled[0].last, monday + 24h * 3650 - 1s) << "none is left out";
    EXPECT_EQ(p.settled[0].into, monday + 24h * 3650);
    EXPECT_EQ(p.missed, p.settled[0].count);
}

/// Each of `period` after `from` and up to `upto` gets a run or stands in a stretch, one after the
/// other.
void expect_all_told(const calendar_plan& p, duration period, wall_time from, wall_time upto) {
    std::vector<std::pair<wall_time, wall_time>> told;
    for (const decision& d : p.settled) told.emplace_back(d.nominal, d.last);
    for (const wall_time t : p.earlier_runs) told.emplace_back(t, t);
    if (p.run) told.emplace_back(*p.run, *p.run);
    std::sort(told.begin(), told.end());
    for (const auto& [begin, end] : told) {
        EXPECT_EQ(begin, from + period);
        from = end - end.time_since_epoch() % period; // of a rest that ends with excluded ones
    }
    EXPECT_EQ(from, upto);
}

TEST(calendar_plan, of_very_many_misses_leaves_none_out) {
    const schedule when = cicada::cron("*/5 * * * * *");
    const wall_time now = monday + 24h * 14;
    for (const catch_up& how : {none, first, last, catch_up(all3)}) {
        for (const auto& [window, deadline] : {std::pair(always, always),
                                               {1h, always},
                                               {always, 1h},
                                               {1h, 2h},
                                               {24h * 8, 24h * 9}}) {
            const calendar_query q{
                .when = when, .catch_up = how, .window = window, .start_deadline = deadline};
            expect_all_told(plan(q, monday, now), 5s, monday, now);
        }
    }
}

TEST(calendar_plan, catches_up_the_oldest_within_its_bound_however_many_were_missed) {
    const schedule when = cicada::cron("*/5 * * * * *");
    for (const duration asleep : {24h * 2, 24h * 14}) {
        const wall_time now = monday + asleep;
        const auto by_window = plan({.when = when, .catch_up = first, .window = 1h}, monday, now);
        const auto by_deadline =
            plan({.when = when, .catch_up = first, .start_deadline = 1h}, monday, now);
        EXPECT_EQ(by_window.run, now - 1h);
        EXPECT_EQ(by_deadline.run, now - 1h);
        EXPECT_EQ(by_window.settled.front().what, decision::kind::missed);
        EXPECT_EQ(by_deadline.settled.front().what, decision::kind::too_late);
        EXPECT_EQ(by_window.settled.back().what, decision::kind::coalesced_into);
        EXPECT_EQ(by_window.settled.back().into, by_window.run);
    }
}

TEST(calendar_plan, of_an_exception_that_recurs_tells_each_time) {
    const schedule when = cicada::except(cicada::cron("0 12 * * *"),
                                         cicada::on_weekdays({std::chrono::Sunday}, "UTC"));
    const auto p = plan({.when = when}, monday, monday + 24h * 16);
    std::string told;
    for (const decision& d : p.settled)
        told += std::string(to_string(d.what)) + ' ' + std::to_string(d.count) + ' ';
    EXPECT_EQ(told, "coalesced_into 6 excluded 1 coalesced_into 6 excluded 1 coalesced_into 1 ");
    EXPECT_EQ(p.settled[1].last, p.settled[1].nominal);
}

TEST(calendar_plan, of_very_many_exceptions_is_as_bounded) {
    const schedule when =
        cicada::except(cicada::cron("* * * * * *"), cicada::daily_between("01:00", "23:00", "UTC"));
    const wall_time now = monday + 24h * 3;
    const auto p = plan({.when = when, .window = 1h}, monday, now);
    expect_all_told(p, 1s, monday, now);
    EXPECT_EQ(p.run, now);
    EXPECT_EQ(p.settled[0].what, decision::kind::missed);
    EXPECT_EQ(p.settled[1].what, decision::kind::excluded);
    EXPECT_EQ(p.settled[1].count, 22u * 3600);
    EXPECT_EQ(p.settled[2].what, decision::kind::missed);
    EXPECT_EQ(p.settled[3].what, decision::kind::excluded);
    EXPECT_TRUE(p.settled[4].is_at_least) << "of both kinds";
}

} // namespace
