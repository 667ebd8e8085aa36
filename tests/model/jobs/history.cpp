#include <model/jobs/history.hpp>

#include <algorithm>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/duration_text.hpp>
#include <jobs/definition.hpp>
#include <support/random.hpp>

namespace jobs_model {

using namespace cicada;
using namespace std::chrono_literals;
using support::random_numbers;

namespace {

template <class T, std::size_t n>
const T& one_of(const T (&all)[n], random_numbers& below) {
    return all[below(static_cast<unsigned>(n))];
}

constexpr duration times[] = {1s, 25s, 61s, 10min, 59min, 2h};
constexpr duration no_time = 1ms;

/// Berlin sets its clocks in the second night.
const wall_time first_start = parse_instant("2026-03-28T18:00:00Z");

recurrence some_recurrence(random_numbers& below, wall_time now) {
    static const recurrence some[] = {
        cron("* * * * *", "Europe/Berlin"),
        cron("*/7 * * * *", "Europe/Berlin"),
        cron("0 * * * *", "Europe/Berlin"),
        cron("30 2 * * *", "Europe/Berlin"),
        cron("15,45 1-3 * * *", "Europe/Berlin"),
        cron("*/10 * * * *"),
        except(cron("*/5 * * * *"), every_interval(30min, "2026-03-28T00:10:00Z")),
        any_of(every_interval(7min, "2026-03-27T00:00:00Z"), cron("0 * * * *")),
        every_days(1, "2026-03-27T02:30:00", "Europe/Berlin"),
        interval(1min),
        interval(10min),
        interval(61s),
        interval(1h),
        fixed_delay(10min),
        fixed_delay(1min),
        fixed_delay(59min)};
    if (below(16) == 0) return once(floor<std::chrono::minutes>(now) + 1min * (1 + below(300)));
    return one_of(some, below);
}

void add_first(job& one, random_numbers& below, wall_time start, bool is_quiet) {
    const first from_start(start);
    if (is_quiet) {
        if (one.when.is_calendar()) one.first = from_start;
        return;
    }
    const first firsts[] = {first::immediately,  first::after_period, from_start,
                            first(start + 7min), first(start + 2h),   first(start - 25min)};
    one.first = one_of(firsts, below);
}

/// Of an interval a run does not end at the very time of an instant.
duration some_takes(const recurrence& when, random_numbers& below) {
    const duration time = one_of(times, below);
    return when.is_calendar() ? time : time + no_time;
}

/// What a history may hold.
struct limits {
    bool is_quiet = false;
    bool has_outages = false;
    bool has_bodies = false;
    bool sets_clocks = false;
};

planned_job some_job(random_numbers& below, wall_time start, const limits& may) {
    static constexpr overlap overlaps[] = {overlap::skip,          overlap::buffer_one,
                                           overlap::buffer_latest, overlap::buffer_all{2},
                                           overlap::cancel_other,  overlap::allow{2}};
    static constexpr catch_up catch_ups[] = {catch_up::none, catch_up::first, catch_up::last,
                                             catch_up::all{3}};
    planned_job made{.of = {.name = "", .when = some_recurrence(below, start), .kind = ""}};
    job& one = made.of;
    if (may.sets_clocks && !one.when.is_calendar()) one.when = cron("*/10 * * * *");
    add_first(one, below, start, may.is_quiet);
    one.overlap = one_of(overlaps, below);
    if (!one.when.is_fixed_delay()) {
        one.catch_up = one_of(catch_ups, below);
        if (one.overlap == overlap::cancel_other && one.catch_up.which() == catch_up::mode::all)
            one.catch_up = catch_up::last;
        if (below(3) == 0) one.catch_up_window = one_of(times, below);
    }
    if (below(4) == 0) one.start_deadline = one_of(times, below);
    // That of a fixed delay depends on the time line.
    if (below(4) == 0 && !one.when.is_fixed_delay())
        one.jitter = std::min(one_of(times, below), one.start_deadline);
    made.takes = may.has_bodies && below(4) != 0 ? some_takes(one.when, below) : no_time;
    if (may.is_quiet) return made;

    made.varies = may.has_bodies && below(3) == 0;
    if (below(2) == 0) made.fails_of_8 = 1 + below(6);
    const bool may_retry = !may.has_outages && !may.sets_clocks;
    if (may_retry && below(2) == 0)
        one.retry = {.max = 1 + below(3), .backoff = one_of(times, below) + 3s, .cap = 4h};
    if (below(4) == 0 && one.when.is_calendar()) one.retry.jitter = one_of(times, below);
    const bool may_stop = one.overlap.which() != overlap::mode::allow;
    if (may_stop && below(8) == 0) one.on_error = on_error::stop;
    if (below(4) == 0)
        one.failures = {.in_a_row = 1 + below(3),
                        .then = static_cast<failure_limit::action>(below(may_stop ? 3 : 2))};
    if (may.sets_clocks && one.failures.then == failure_limit::action::pause) one.failures = {};
    if (below(5) == 0) one.until = start + one_of(times, below) * (1 + below(5));
    if (below(6) == 0) one.times = 1 + below(5);
    return made;
}

void make_one_shot(planned_job& one, random_numbers& below, wall_time start) {
    job of{.name = one.of.name, .when = once(start), .kind = one.of.kind};
    of.retry = one.of.retry;
    one.of = std::move(of);
    one.once = start + one_of(times, below);
}

/// What it goes by.
recurrence latest(const history& in, std::size_t job) {
    recurrence when = in.jobs[job].of.when;
    for (const happening& one : in.happens) {
        if (one.job == job && one.what == happening::kind::reschedule) when = *one.when;
    }
    return when;
}

/// What has come of it may be the last; jitter may have kept it from being decided.
bool is_over_soon(const job& of, const recurrence& when, wall_time at) {
    const auto next = when.is_calendar() ? when.as_calendar().next(at)
                                         : std::optional(at + when.as_interval().period());
    return !next || (of.until && *next >= *of.until);
}

/// Gives when it is over.
wall_time add_ask(history& to, random_numbers& below, wall_time at) {
    using kind = happening::kind;
    static constexpr kind kinds[] = {kind::pause,   kind::pause,   kind::resume,
                                     kind::trigger, kind::trigger, kind::reschedule};
    static constexpr kind otherwise[] = {kind::set_clock, kind::set_clock, kind::trigger};
    static constexpr duration steps[] = {1min, 1h, 5h, -1s, -1h, -3h, -3h - 1ns, -4h, -9h};
    happening asked{.what = to.sets_clocks ? one_of(otherwise, below) : one_of(kinds, below),
                    .at = at};
    if (asked.what == kind::set_clock) {
        asked.by = one_of(steps, below);
        const bool was_set_back = std::any_of(to.happens.begin(), to.happens.end(),
                                              [](const happening& one) { return one.by < 0s; });
        if (was_set_back) asked.by = 1h;
        to.happens.push_back(asked);
        return at;
    }
    asked.job = below(static_cast<unsigned>(to.jobs.size()));
    const planned_job& whose = to.jobs[asked.job];
    if (whose.once) asked.what = kind::cancel;
    if (asked.what == kind::reschedule) {
        asked.when = some_recurrence(below, at);
        if (whose.of.when.is_calendar() && !asked.when->is_calendar()) asked.when = cron("@hourly");
        if (whose.of.jitter > 0s && asked.when->is_fixed_delay()) asked.when = interval(10min);
        const recurrence before = latest(to, asked.job);
        const bool is_edit = asked.when != before;
        if (!is_edit || is_over_soon(whose.of, before, at)) asked.what = kind::trigger;
    }
    const wall_time end = at + 1s * (1 + below(3 * 3600));
    const bool has_end = asked.what == kind::pause && below(3) == 0 && end < to.until;
    if (has_end) asked.until = end;
    to.happens.push_back(asked);
    if (!has_end) return at;
    to.happens.push_back({.what = kind::ends_a_pause, .at = end, .job = asked.job});
    return end;
}

void add_happenings(history& to, random_numbers& below, bool has_outages, bool has_asks) {
    using kind = happening::kind;
    wall_time free = to.start + 500ms; // asks come between instants
    for (unsigned left = below(6); left > 0; --left) {
        const wall_time at = free + 1s * below(2 * 3600);
        const bool is_outage = has_outages && (!has_asks || below(2) == 0);
        free = at + 1s * (1 + below(is_outage ? 3 * 3600 : 300));
        if (free >= to.until) return;
        if (is_outage) {
            to.happens.push_back({.what = kind::outage, .at = at, .until = free});
        } else if (has_asks) {
            free = add_ask(to, below, at) + 1s;
        }
    }
}

} // namespace

attempt planned_job::at(wall_time nominal, std::uint32_t number) const {
    const auto instant = static_cast<std::uint64_t>(nominal.time_since_epoch().count());
    random_numbers below(seed + instant * 31 + number);
    attempt made{.takes = takes};
    if (varies) made.takes = below(3) == 0 ? no_time : some_takes(of.when, below);
    if (below(8) >= fails_of_8) return made;
    made.how = below(6) == 0 ? attempt::ending::fails_for_good : attempt::ending::fails;
    return made;
}

bool history::has_outages() const {
    return std::any_of(happens.begin(), happens.end(),
                       [](const happening& one) { return one.what == happening::kind::outage; });
}

bool history::runs_in_no_time() const {
    return std::all_of(jobs.begin(), jobs.end(),
                       [](const planned_job& one) { return one.takes == no_time && !one.varies; });
}

bool history::is_plain(const planned_job& one) const {
    const bool is_past =
        one.of.first.which() == first::kind::at_wall && wall_time(one.of.first.at()) < start;
    return !has_outages() && !is_past && one.of.jitter == 0s && one.of.catch_up == catch_up::last &&
           one.of.catch_up_window == duration::max();
}

first history::begins_at(const planned_job& one) const {
    const bool is_grid = !one.of.when.is_calendar() && !one.of.when.is_fixed_delay();
    if (!is_grid || is_plain(one) || one.of.first.which() == first::kind::at_wall)
        return one.of.first;
    const bool is_later = one.of.first.which() == first::kind::after_period;
    return first(is_later ? start + one.of.when.as_interval().period() : start);
}

recurrence history::on_wall(const planned_job& one, const recurrence& when,
                            const first& from) const {
    if (when.is_calendar() || when.is_fixed_delay() || is_plain(one)) return when;
    return every_interval(when.as_interval().period(), wall_time(from.at()));
}

std::string history::text() const {
    static constexpr const char* words[] = {"outage",  "pause",      "end of the pause", "resume",
                                            "trigger", "reschedule", "cancel",           "clock"};
    std::string all = "history " + std::to_string(seed) + ", from " + format_instant(start) +
                      " to " + format_instant(until) + '\n';
    for (const planned_job& one : jobs) {
        all += (one.once ? "  once at " + format_instant(*one.once) + ' ' : "  job ") +
               one.of.name + ' ' + detail::to_json({one.of, std::nullopt}) + " takes " +
               format_short_duration(one.takes) + (one.varies ? ", varies" : "") + ", fails " +
               std::to_string(one.fails_of_8) + " of 8\n";
    }
    for (const happening& one : happens) {
        all += "  " + format_instant(one.at) + ' ' + words[static_cast<int>(one.what)];
        const bool is_of_all =
            one.what == happening::kind::outage || one.what == happening::kind::set_clock;
        if (!is_of_all) all += " of " + jobs[one.job].of.name;
        if (one.by != 0s) all += " by " + std::to_string(one.by / 1s) + " s";
        if (one.until) all += " until " + format_instant(*one.until);
        if (one.when) all += " to " + one.when->text();
        all += '\n';
    }
    return all;
}

history make_history(std::uint64_t seed) {
    random_numbers below(seed);
    history made{.seed = seed};
    made.start = first_start + 1h * below(12);
    made.until = made.start + 1h * (1 + below(10));
    made.is_quiet = below(3) == 0;
    const bool has_outages = below(2) == 0;
    made.sets_clocks = !made.is_quiet && below(5) == 0;
    const limits may{.is_quiet = made.is_quiet,
                     .has_outages = has_outages,
                     .has_bodies = !made.sets_clocks && (!has_outages || below(2) == 0),
                     .sets_clocks = made.sets_clocks};
    for (unsigned i = 0, all = 1 + below(3); i < all; ++i) {
        planned_job one = some_job(below, made.start, may);
        one.seed = seed * 16 + i;
        one.of.name = one.of.kind = std::string(1, static_cast<char>('a' + i));
        if (!made.is_quiet && below(6) == 0) make_one_shot(one, below, made.start);
        made.jobs.push_back(std::move(one));
    }
    add_happenings(made, below, has_outages, !made.is_quiet);
    return made;
}

} // namespace jobs_model
