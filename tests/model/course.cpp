// Random histories of a course against an oracle that enumerates instants one by one and keeps plain
// lists. It shares plain data with the product, and no function. After each step both have said the
// same: what to start, what was decided and in which order, when to look again, and all of the
// progress, which is written down and read back on the way.

#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/course.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/filter.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "../support/legal.hpp"
#include "../support/random.hpp"

using namespace std::chrono_literals;
using cicada::candidate;
using cicada::clock_reading;
using cicada::course;
using cicada::decision;
using cicada::duration;
using cicada::elapsed_time;
using cicada::life;
using cicada::nominal_instant;
using cicada::outcome;
using cicada::overlap;
using cicada::policies;
using cicada::progress;
using cicada::rules;
using cicada::run_end;
using cicada::time_line;
using cicada::wall_time;
using support::random_numbers;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr unsigned histories = 20'000;
#else
constexpr unsigned histories = 1'000'000;
#endif
constexpr unsigned shards = 4;

// ---- progress, written down and read back --------------------------------------------------------

class writer {
public:
    void put(std::int64_t n) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
        text.append(digits, end) += ' ';
    }
    void put(std::uint64_t n) { put(static_cast<std::int64_t>(n)); }
    void put(std::uint32_t n) { put(static_cast<std::int64_t>(n)); }
    void put(bool b) { put(static_cast<std::int64_t>(b)); }
    void put(life l) { put(static_cast<std::int64_t>(l)); }
    void put(time_line l) { put(static_cast<std::int64_t>(l)); }
    void put(duration d) { put(static_cast<std::int64_t>(d.count())); }
    void put(wall_time t) { put(t.time_since_epoch()); }
    void put(elapsed_time t) { put(t.time_since_epoch()); }
    template <class T>
    void put(const std::optional<T>& o) {
        put(o.has_value());
        if (o) put(*o);
    }
    template <class T>
    void put(const std::vector<T>& all) {
        put(static_cast<std::uint64_t>(all.size()));
        for (const T& one : all) put(one);
    }
    // The names are there so that a field more does not compile.
    void put(const nominal_instant& n) {
        const auto& [line, at] = n;
        put_all(line, at);
    }
    void put(const progress::run& r) {
        const auto& [id, nominal, missed, attempt, started_at, retry_at, is_retry_due,
                     is_asked_to_end] = r;
        put_all(id, nominal, missed, attempt, started_at, retry_at, is_retry_due, is_asked_to_end);
    }
    void put(const progress::arrival& a) {
        const auto& [nominal, is_triggered] = a;
        put_all(nominal, is_triggered);
    }
    void put(const progress& p) {
        const auto& [state, next, delay, is_horizon, decided, arrived, waiting, runs, last_run, ran,
                     missed, dropped, failed, untold, failed_in_a_row] = p;
        put_all(state, next, delay, is_horizon, decided, arrived, waiting, runs, last_run, ran,
                missed, dropped, failed, untold, failed_in_a_row);
    }
    std::string text;

private:
    template <class... T>
    void put_all(const T&... all) {
        (put(all), ...);
    }
};

class reader {
public:
    explicit reader(const std::string& text) : at_(text.data()), end_(text.data() + text.size()) {}

    progress get_progress() {
        progress p;
        get_all(p.state, p.next, p.delay, p.is_horizon, p.decided, p.arrived, p.waiting, p.runs,
                p.last_run, p.ran, p.missed, p.dropped, p.failed, p.untold, p.failed_in_a_row);
        return p;
    }

private:
    std::int64_t number() {
        std::int64_t n = 0;
        at_ = std::from_chars(at_, end_, n).ptr + 1;
        return n;
    }
    template <class T>
    void get(T& into) {
        into = static_cast<T>(number());
    }
    void get(duration& into) { into = duration(number()); }
    void get(wall_time& into) { into = wall_time(duration(number())); }
    void get(elapsed_time& into) { into = elapsed_time(duration(number())); }
    void get(nominal_instant& into) { get_all(into.line, into.at); }
    void get(progress::run& r) {
        get_all(r.id, r.nominal, r.missed, r.attempt, r.started_at, r.retry_at, r.is_retry_due,
                r.is_asked_to_end);
    }
    void get(progress::arrival& a) { get_all(a.nominal, a.is_triggered); }
    template <class T>
    void get(std::optional<T>& into) {
        if (number() != 0) get(into.emplace());
    }
    template <class T>
    void get(std::vector<T>& into) {
        into.resize(static_cast<std::size_t>(number()));
        for (T& one : into) get(one);
    }
    template <class... T>
    void get_all(T&... all) {
        (get(all), ...);
    }
    const char* at_;
    const char* end_;
};

// ---- calendars -----------------------------------------------------------------------------------

using instants = std::vector<candidate>; // in order

struct list {
    instants all;
    // A search for the next instant goes no further, and over no more excluded ones.
    duration sight = duration::max();
    int patience = 1000;
};

/// A rule that is a list. It changes under the schedule, as cron does when its zone is reloaded.
class listed final : public cicada::detail::schedule_rule {
public:
    explicit listed(const list& of) noexcept : of_(&of) {}
    std::optional<wall_time> next(wall_time after) const override {
        return find(after, cicada::detail::sought::instants).instant;
    }
    cicada::search_result find(wall_time after, cicada::detail::sought what) const override {
        const bool any = what == cicada::detail::sought::candidates;
        int left = of_->patience;
        for (auto c = above(after); c != of_->all.end(); ++c) {
            if (c->instant - after > of_->sight) return {.horizon = after + of_->sight};
            if (any || !c->is_excluded)
                return {.instant = c->instant, .is_excluded = c->is_excluded};
            if (--left == 0) return {.horizon = c->instant};
        }
        return {};
    }
    std::optional<wall_time> previous(wall_time before) const override {
        for (auto c = above(before - 1ns); c != of_->all.begin();)
            if (--c; !c->is_excluded) return c->instant;
        return std::nullopt;
    }
    bool matches(wall_time t) const override { return previous(t + 1ns) == t; }
    std::string text() const override { return "listed"; }

private:
    instants::const_iterator above(wall_time t) const {
        return std::upper_bound(of_->all.begin(), of_->all.end(), t,
                                [](wall_time a, const candidate& c) { return a < c.instant; });
    }
    const list* of_;
};

constexpr wall_time start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 27}}; // a Friday
constexpr elapsed_time elapsed_start{100h};

/// A real calendar, and its instants in the months around `start`, minute by minute.
struct real_calendar {
    cicada::schedule when;
    list named;

    real_calendar(cicada::schedule s, const std::function<bool(wall_time)>& names,
                  const std::function<bool(wall_time)>& excludes)
        : when(std::move(s)) {
        for (wall_time t = start - 24h * 40; t < start + 24h * 80; t += 1min)
            if (names(t)) named.all.push_back({t, excludes(t)});
    }
};

std::chrono::weekday weekday_of(wall_time t) {
    return std::chrono::weekday(std::chrono::floor<std::chrono::days>(t));
}

const real_calendar& some_real_calendar(random_numbers& below) {
    const auto since_midnight = [](wall_time t) { return t.time_since_epoch() % 24h; };
    const auto never = [](wall_time) { return false; };
    static const std::vector<real_calendar> all{
        {cicada::cron("*/20 * * * *"),
         [](wall_time t) { return t.time_since_epoch() % 20min == 0ns; }, never},
        {cicada::cron("30 */2 * * *"),
         [](wall_time t) { return t.time_since_epoch() % 2h == 30min; }, never},
        {cicada::cron("0 7 * * MON-FRI"),
         [&](wall_time t) {
             return since_midnight(t) == 7h && weekday_of(t) != std::chrono::Saturday &&
                    weekday_of(t) != std::chrono::Sunday;
         },
         never},
        {cicada::except(cicada::cron("0 * * * *"),
                        cicada::on_weekdays({std::chrono::Sunday}, "UTC")),
         [](wall_time t) { return t.time_since_epoch() % 1h == 0ns; },
         [](wall_time t) { return weekday_of(t) == std::chrono::Sunday; }},
    };
    return all[below(static_cast<unsigned>(all.size()))];
}

// ---- the oracle ----------------------------------------------------------------------------------

/// When: an interval, or the instants of a calendar.
struct source {
    const list* calendar = nullptr;
    duration period{};
    bool is_fixed_delay = false;
};

struct oracle {
    source when;
    policies how;
    std::optional<wall_time> from;
    std::optional<wall_time> until;
    std::uint64_t times = 0;
    bool is_once = false;
    std::uint64_t identity = 0;

    progress p;
    clock_reading now{};
    outcome out;

    // -- what time it is for an instant
    wall_time wall_of(nominal_instant n) const {
        return n.line == time_line::wall ? wall_time(n.at)
                                         : now.wall + (n.at - now.elapsed.time_since_epoch());
    }
    duration now_on(time_line line) const {
        return line == time_line::wall ? now.wall.time_since_epoch()
                                       : now.elapsed.time_since_epoch();
    }
    bool is_beyond_end(wall_time t) const { return until && !(t < *until); }
    bool has_instants() const { return p.state == life::active || p.state == life::paused; }
    bool is_idle() const { return p.runs.empty() && p.waiting.empty() && p.arrived.empty(); }

    // -- telling. One instant at a time; those that follow each other are one decision.
    std::optional<std::size_t> told_last; // the position in its enumeration of the one told before
    void tell(decision::kind what, wall_time t, std::optional<wall_time> into = {}) {
        out.decided.push_back({.what = what, .nominal = t, .last = t, .into = into});
        told_last.reset();
    }
    void tell_at(std::size_t position, decision::kind what, wall_time t,
                 std::optional<wall_time> into = {}) {
        if (told_last && *told_last + 1 == position && out.decided.back().what == what &&
            out.decided.back().into == into) {
            ++out.decided.back().count;
            out.decided.back().last = t;
        } else {
            tell(what, t, into);
        }
        told_last = position;
    }
    void tell_run(decision::kind what, const progress::run& r) {
        tell(what, wall_of(r.nominal));
        out.decided.back().started_at = r.started_at;
        out.decided.back().ended_at = now.wall;
        out.decided.back().attempts = r.attempt;
    }
    void tell_list(decision::kind what, std::vector<progress::arrival>& all) {
        for (const auto& a : all) tell(what, wall_of(a.nominal));
        all.clear();
    }

    // -- the instants
    /// Those of an interval from `next` on and up to `upto`, before `until`.
    std::vector<duration> grid(duration upto) const {
        std::vector<duration> all;
        for (duration t = p.next->at; t <= upto; t += when.period) {
            if (is_beyond_end(wall_of({p.next->line, t}))) break;
            all.push_back(t);
            if (is_once || when.is_fixed_delay || when.period > duration::max() - t) break;
        }
        return all;
    }
    /// Those of a calendar that are undecided, up to `upto`, excluded ones included.
    instants undecided(wall_time upto) const {
        instants all;
        for (auto c = first_after(undecided_from()); c != when.calendar->all.end(); ++c) {
            if (c->instant > upto || is_beyond_end(c->instant)) break;
            all.push_back(*c);
        }
        return all;
    }
    wall_time undecided_from() const {
        return from && *from - 1ns > p.decided ? *from - 1ns : p.decided;
    }
    instants::const_iterator first_after(wall_time t) const {
        return std::find_if(
            std::lower_bound(when.calendar->all.begin(), when.calendar->all.end(), t,
                             [](const candidate& c, wall_time a) { return c.instant < a; }),
            when.calendar->all.end(), [&](const candidate& c) { return c.instant > t; });
    }
    /// The first that is named after `t`; and whether that is one, or how far a search came.
    std::pair<std::optional<duration>, bool> named_after(wall_time t) const {
        int seen = 0;
        for (auto c = first_after(t); c != when.calendar->all.end(); ++c) {
            if (c->instant - t > when.calendar->sight)
                return {(t + when.calendar->sight).time_since_epoch(), false};
            if (!c->is_excluded) return {c->instant.time_since_epoch(), true};
            if (++seen == when.calendar->patience) return {c->instant.time_since_epoch(), false};
        }
        return {std::nullopt, false};
    }

    // -- what comes next
    static std::uint64_t mix(std::uint64_t x) { // SplitMix64's finaliser
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
    }
    static duration random_delay(std::uint64_t who, duration at, duration most) {
        if (most <= 0ns) return 0ns;
        const auto x = mix(who + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(at.count()));
        return duration(static_cast<std::int64_t>(x % static_cast<std::uint64_t>(most.count())));
    }
    duration room_after(nominal_instant n) const {
        if (is_once) return duration::max();
        if (!when.calendar) return when.period;
        const auto [following, is_named] = named_after(wall_time(n.at));
        return is_named ? *following - n.at : duration::max();
    }
    void next_is(std::optional<nominal_instant> n) {
        p.next = n;
        p.is_horizon = false;
        p.delay = 0ns;
        if ((!n && when.calendar) || (n && is_beyond_end(wall_of(*n)))) return no_more();
        if (!n) return;
        const duration room = room_after(*n);
        p.delay = random_delay(identity, n->at, std::min(how.jitter, room));
        if (how.accuracy <= 0ns) return;
        const duration grain = std::min(how.accuracy, room);
        const duration at = n->at + p.delay;
        const duration shared = at % grain == 0ns ? at : at - at % grain + grain; // at > 0 here
        if (shared - n->at < room) p.delay = shared - n->at;
    }
    void next_named() {
        const auto [at, is_named] = named_after(undecided_from());
        if (!at) return next_is(std::nullopt);
        next_is(nominal_instant{time_line::wall, *at});
        if (p.next && !is_named) { // no instant: nothing to spread
            p.is_horizon = true;
            p.delay = 0ns;
        }
    }
    void next_in_a_period() {
        if (when.period == duration::max()) return next_is(std::nullopt);
        next_is(nominal_instant{time_line::elapsed, now.elapsed.time_since_epoch() + when.period});
    }
    void no_more() {
        p.next.reset();
        p.is_horizon = false;
        p.delay = 0ns;
        if (has_instants()) p.state = life::ending;
    }
    void settle() {
        if (!is_idle()) return;
        if (has_instants() && !p.next && !when.calendar && when.is_fixed_delay) next_in_a_period();
        if (!has_instants()) p.state = life::ended;
    }

    // -- steps
    void begin(const cicada::first& first) {
        using kind = cicada::first::kind;
        const duration at = first.at();
        const kind which = first.which();
        if (when.calendar) {
            if (which == kind::at_wall) from = wall_time(at);
            if (which == kind::at_elapsed) from = wall_of({time_line::elapsed, at});
            p.decided = from && *from <= now.wall ? *from - 1ns : now.wall;
            next_named();
        } else if (is_once && which == kind::at_wall) {
            next_is(nominal_instant{time_line::wall, at});
        } else if (which == kind::after_period) {
            next_in_a_period();
        } else {
            const duration elapsed = now.elapsed.time_since_epoch();
            next_is(
                nominal_instant{time_line::elapsed, which == kind::immediately ? elapsed
                                                    : which == kind::at_elapsed
                                                        ? at
                                                        : elapsed + (wall_time(at) - now.wall)});
        }
        settle();
    }

    void due() {
        if (p.state != life::active) return;
        if (when.calendar) set_clock_right();
        if (!p.next || p.next->at > now_on(p.next->line)) return;
        if (when.calendar) {
            due_of_calendar();
        } else {
            due_of_interval();
        }
        settle();
    }

    void due_of_interval() {
        const nominal_instant due = *p.next;
        const duration late = now_on(due.line) - due.at;
        const auto come = grid(now_on(due.line));
        if (come.empty()) return no_more();
        p.arrived.push_back({due});
        if (is_once) return no_more();
        if (when.is_fixed_delay) return next_is(std::nullopt);
        if (how.missed != cicada::missed::burst) {
            for (std::size_t i = 1; i < come.size(); ++i) {
                tell_at(i, decision::kind::missed, wall_of({due.line, come[i]}));
                ++p.missed;
                ++p.untold;
            }
        }
        if (when.period == duration::max()) return next_is(std::nullopt);
        duration next = due.at + when.period;
        if (how.missed == cicada::missed::delay && late > 1ms + p.delay) {
            next = now_on(due.line) + when.period;
        } else if (how.missed != cicada::missed::burst) {
            while (next <= now_on(due.line)) next += when.period;
        }
        next_is(nominal_instant{due.line, next});
    }

    void due_of_calendar() {
        using mode = cicada::catch_up::mode;
        using kind = decision::kind;
        const instants come = undecided(now.wall);
        const mode catches_up = how.catch_up.which();
        const auto is_too_late = [&](wall_time t) { return now.wall - t > how.start_deadline; };
        const auto is_too_old = [&](wall_time t) {
            const duration late = now.wall - p.delay - t;
            return late > how.catch_up_window || (catches_up == mode::none && late >= 1min);
        };
        std::vector<wall_time> worth; // that may run, oldest first
        for (const candidate& c : come)
            if (!c.is_excluded && !is_too_late(c.instant) && !is_too_old(c.instant))
                worth.push_back(c.instant);
        const std::size_t most = catches_up == mode::all ? how.catch_up.max() : 1;
        while (worth.size() > most)
            worth.erase(catches_up == mode::first ? worth.end() - 1 : worth.begin());

        for (std::size_t i = 0; i < come.size(); ++i) {
            const wall_time t = come[i].instant;
            if (come[i].is_excluded) {
                tell_at(i, kind::excluded, t);
                continue;
            }
            if (std::find(worth.begin(), worth.end(), t) != worth.end()) {
                p.arrived.push_back({{time_line::wall, t.time_since_epoch()}});
                continue;
            }
            ++p.missed;
            ++p.untold;
            if (is_too_late(t)) {
                tell_at(i, kind::too_late, t);
            } else if (is_too_old(t) || catches_up == mode::all || catches_up == mode::none) {
                tell_at(i, kind::missed, t);
            } else {
                tell_at(i, kind::coalesced_into, t, worth.front());
            }
        }
        p.decided = std::max(p.decided, now.wall);
        next_named();
    }

    void set_clock_right() {
        if (p.decided - now.wall <= 3h) return;
        tell(decision::kind::clock_went_back, now.wall);
        out.decided.back().count = 0;
        out.decided.back().last = p.decided;
        p.decided = now.wall;
        next_named();
    }

    void reconsider() {
        if (!has_instants() || !when.calendar) return;
        set_clock_right();
        next_named();
        settle();
    }

    /// What came and was not decided, up to now, or strictly before now.
    void pass(decision::kind why, bool with_now) {
        const duration less = with_now ? 0ns : 1ns;
        if (when.calendar) {
            set_clock_right();
            const instants come = undecided(now.wall - less);
            for (std::size_t i = 0; i < come.size(); ++i)
                tell_at(i, come[i].is_excluded ? decision::kind::excluded : why, come[i].instant);
            p.decided = std::max(p.decided, now.wall - less);
        } else if (p.next) {
            const auto come = grid(now_on(p.next->line) - less);
            for (std::size_t i = 0; i < come.size(); ++i)
                tell_at(i, why, wall_of({p.next->line, come[i]}));
        }
        told_last.reset();
    }

    void resume() {
        if (p.state != life::paused) return;
        p.state = life::active;
        if (when.calendar) {
            pass(decision::kind::paused, false);
            next_named();
        } else if (p.next && p.next->at < now_on(p.next->line)) {
            nominal_instant n = *p.next;
            if (is_once || when.is_fixed_delay) {
                n.at = now_on(n.line);
                next_is(n);
            } else if (pass(decision::kind::paused, false); when.period == duration::max()) {
                next_is(std::nullopt);
            } else {
                while (n.at < now_on(n.line)) n.at += when.period;
                next_is(n);
            }
        }
        settle();
    }

    void cancel() {
        if (p.state == life::ended) return;
        ask_to_end();
        if (p.state == life::cancelling) return;
        tell_list(decision::kind::cancelled, p.waiting);
        tell_list(decision::kind::cancelled, p.arrived);
        if (has_instants())
            pass(p.state == life::paused ? decision::kind::paused : decision::kind::cancelled,
                 true);
        no_more();
        p.state = life::cancelling;
        settle();
    }

    void trigger() {
        if (!has_instants()) return;
        const time_line line = p.next          ? p.next->line
                               : when.calendar ? time_line::wall
                                               : time_line::elapsed;
        p.arrived.push_back({{line, now_on(line)}, true});
    }

    void reschedule(const source& to) {
        if (!has_instants()) return;
        if (when.calendar) set_clock_right();
        if (p.state == life::paused) {
            pass(decision::kind::paused, true);
        } else {
            while (p.next && p.next->at <= now_on(p.next->line)) due();
        }
        if (!has_instants()) return;
        when = to;
        from.reset();
        if (!when.calendar) next_is(std::nullopt);
        if (when.calendar) {
            p.decided = now.wall;
            next_named();
        } else if (!when.is_fixed_delay || is_idle()) {
            next_in_a_period();
        }
        settle();
    }

    // -- runs
    void ask_to_end() {
        out.cancel_runs = true;
        for (auto r = p.runs.begin(); r != p.runs.end();) {
            if (r->retry_at || r->is_retry_due) {
                tell_run(decision::kind::failed, *r);
                r = p.runs.erase(r);
            } else {
                r->is_asked_to_end = true;
                ++r;
            }
        }
    }
    void retry_due() {
        for (auto& r : p.runs) {
            if (r.retry_at && *r.retry_at <= now.elapsed) {
                r.retry_at.reset();
                r.is_retry_due = true;
            }
        }
    }
    bool may_start(const progress::arrival& a) const {
        return p.state != life::paused || a.is_triggered;
    }
    bool has_room() const {
        return p.runs.empty() ||
               (how.overlap.which() == overlap::mode::allow && p.runs.size() < how.overlap.max());
    }
    std::optional<progress::arrival> take(std::vector<progress::arrival>& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!may_start(all[i])) continue;
            const auto a = all[i];
            all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
            return a;
        }
        return std::nullopt;
    }
    bool start_next() {
        if (p.state == life::cancelling || p.state == life::ended) return false;
        for (auto& r : p.runs) {
            if (!r.is_retry_due) continue;
            r.is_retry_due = false;
            ++r.attempt;
            out.start = r;
            return true;
        }
        if (has_room()) {
            if (const auto a = take(p.waiting)) {
                first_attempt(*a);
                return true;
            }
        }
        const auto a = take(p.arrived);
        if (!a) return false;
        if (has_room()) {
            first_attempt(*a);
            return true;
        }
        const auto has_waiting = p.waiting.size();
        switch (how.overlap.which()) {
        case overlap::mode::cancel_other:
            ask_to_end();
            [[fallthrough]];
        case overlap::mode::buffer_latest:
            p.dropped += has_waiting;
            p.untold += has_waiting;
            tell_list(decision::kind::skipped_overlap, p.waiting);
            p.waiting.push_back(*a);
            return true;
        case overlap::mode::buffer_one:
        case overlap::mode::buffer_all:
            if (has_waiting <
                (how.overlap.which() == overlap::mode::buffer_one ? 1 : how.overlap.max())) {
                p.waiting.push_back(*a);
                return true;
            }
            break;
        case overlap::mode::skip:
        case overlap::mode::allow:
            break;
        }
        no_run(decision::kind::skipped_overlap, *a);
        return true;
    }
    void no_run(decision::kind why, const progress::arrival& a) {
        ++p.dropped;
        ++p.untold;
        tell(why, wall_of(a.nominal));
        settle();
    }
    void first_attempt(const progress::arrival& a) {
        if (now_on(a.nominal.line) - a.nominal.at > how.start_deadline)
            return no_run(decision::kind::too_late, a);
        progress::run r;
        r.id = ++p.last_run;
        r.nominal = a.nominal;
        r.missed = p.untold;
        r.started_at = now.wall;
        p.untold = 0;
        ++p.ran;
        p.runs.push_back(r);
        out.start = r;
        if (times == 0 || p.ran != times) return;
        no_more();
        tell_list(decision::kind::cancelled, p.waiting);
        tell_list(decision::kind::cancelled, p.arrived);
    }
    void run_ended(std::uint64_t id, run_end end) {
        std::size_t i = 0;
        while (p.runs[i].id != id) ++i;
        const bool has_failed = end == run_end::failed || end == run_end::failed_for_good;
        if (has_failed) ++p.failed;
        if (end == run_end::failed && !p.runs[i].is_asked_to_end &&
            p.runs[i].attempt <= how.retry.max) {
            duration wait = how.retry.backoff; // the factor is 2 here
            for (std::uint32_t n = 1; n < p.runs[i].attempt; ++n) wait *= 2;
            wait = std::min(wait, how.retry.cap);
            wait +=
                random_delay(identity + p.runs[i].attempt, p.runs[i].nominal.at, how.retry.jitter);
            p.runs[i].retry_at = now.elapsed + wait;
            return;
        }
        tell_run(has_failed                  ? decision::kind::failed
                 : end == run_end::cancelled ? decision::kind::cancelled
                                             : decision::kind::ran,
                 p.runs[i]);
        p.runs.erase(p.runs.begin() + static_cast<std::ptrdiff_t>(i));
        if (end == run_end::ok) p.failed_in_a_row = 0;
        if (has_failed) {
            using action = cicada::failure_limit::action;
            ++p.failed_in_a_row;
            const auto in_a_row = how.failures.in_a_row;
            const bool is_limit = in_a_row != 0 && p.failed_in_a_row % in_a_row == 0;
            if (is_limit) out.failing = p.failed_in_a_row;
            if (how.on_error == cicada::on_error::stop ||
                (is_limit && how.failures.then == action::stop)) {
                out.is_error_final = true;
                cancel();
            } else if (is_limit && how.failures.then == action::pause) {
                pause();
            }
        }
        settle();
    }
    void pause() {
        if (p.state == life::active) p.state = life::paused;
    }
};

// ---- histories -----------------------------------------------------------------------------------

std::string text_of(duration d) {
    const auto ns = d % 1s;
    return std::to_string(d / 1s) +
           (ns == 0ns ? "" : (ns < 0ns ? "" : "+") + std::to_string(ns.count()) + "ns");
}
std::string text_of(wall_time t) { return text_of(t - start); }
std::string text_of(const std::optional<nominal_instant>& n) {
    if (!n) return "none";
    return n->line == time_line::wall ? text_of(wall_time(n->at))
                                      : "e" + text_of(elapsed_time(n->at) - elapsed_start);
}
std::string text_of(const decision& d) {
    std::ostringstream out;
    out << to_string(d.what) << ' ' << text_of(d.nominal);
    if (d.count != 1) out << ".." << text_of(d.last) << " x" << d.count;
    if (d.last != d.nominal && d.count == 1) out << " last " << text_of(d.last);
    if (d.into) out << " into " << text_of(*d.into);
    if (d.attempts != 0) {
        out << " ran " << text_of(d.started_at) << ".." << text_of(d.ended_at) << " attempts "
            << d.attempts;
    }
    return out.str();
}
std::string text_of(const outcome& o) {
    std::ostringstream out;
    for (const decision& d : o.decided) out << "\n        " << text_of(d);
    if (o.cancel_runs) out << "\n        cancel runs";
    if (o.start)
        out << "\n        start #" << o.start->id << " for " << text_of(o.start->nominal)
            << " attempt " << o.start->attempt << " missed " << o.start->missed;
    if (o.is_error_final) out << "\n        error is final";
    if (o.failing != 0) out << "\n        failing " << o.failing;
    return out.str();
}
std::string text_of(const progress& p) {
    std::ostringstream out;
    out << "state " << static_cast<int>(p.state) << ", next " << text_of(p.next)
        << (p.is_horizon ? "?" : "") << " delay " << text_of(p.delay) << ", decided "
        << text_of(p.decided) << ", arrived";
    for (const auto& a : p.arrived) out << ' ' << text_of(a.nominal) << (a.is_triggered ? "t" : "");
    out << ", waiting";
    for (const auto& a : p.waiting) out << ' ' << text_of(a.nominal) << (a.is_triggered ? "t" : "");
    out << ", runs";
    for (const auto& r : p.runs)
        out << " #" << r.id << ':' << text_of(r.nominal) << (r.retry_at ? "r" : "")
            << (r.is_retry_due ? "d" : "");
    out << ", ran " << p.ran << " missed " << p.missed << " dropped " << p.dropped << " failed "
        << p.failed << " untold " << p.untold << " in a row " << p.failed_in_a_row;
    return out.str();
}

bool same(const outcome& a, const outcome& b) {
    return a.cancel_runs == b.cancel_runs && a.decided == b.decided && a.start == b.start &&
           a.is_error_final == b.is_error_final && a.failing == b.failing;
}

template <class T, std::size_t n>
const T& one_of(const T (&all)[n], random_numbers& below) {
    return all[below(static_cast<unsigned>(n))];
}

/// One random history. `log` tells it in words.
class history {
public:
    explicit history(std::uint64_t seed, std::string* log = nullptr) : below_(seed), log_(log) {
        for (list& one : lists_) make_instants(one);
        const source first = some_source();
        oracle_.when = first;
        make_policies();
        writes_always_ = below_(8) == 0;
        writes_at_ = below_(20);
        tells_ = below_(32) != 0;
        rules by{.when = recurrence_of(oracle_.when),
                 .how = oracle_.how,
                 .from = oracle_.from,
                 .until = oracle_.until,
                 .times = oracle_.times,
                 .is_once = oracle_.is_once,
                 .identity = oracle_.identity};
        course_.emplace(std::move(by), progress{}, tells_);
    }

    /// What was wrong; empty: nothing.
    std::string run() {
        static constexpr cicada::first firsts[] = {
            cicada::first::immediately, cicada::first::immediately, cicada::first::after_period,
            elapsed_start + 90s,        elapsed_start - 45min,      wall_time(start + 7min),
            wall_time(start - 2h - 20s)};
        const cicada::first& first = one_of(firsts, below_);
        if (log_) note("begin, first " + std::to_string(static_cast<int>(first.which())));
        step([&](course& c, outcome&) { c.begin(first, now_); }, [&] { oracle_.begin(first); });
        begun_at_ = course_->at().next;
        decided_first_ = course_->at().decided;
        const unsigned events = 6 + below_(14);
        for (unsigned i = 0; i < events && wrong_.empty(); ++i) event();
        if (wrong_.empty()) end();
        return wrong_;
    }

private:
    // -- random rules
    void make_instants(list& named) {
        static constexpr duration gaps[] = {1ns, 10s, 1min, 1min, 10min, 1h, 4h};
        named.all.clear();
        named.sight = below_(4) == 0 ? 20min : duration::max();
        named.patience = below_(4) == 0 ? 1 : 1000;
        wall_time t = start - 2h;
        for (unsigned n = below_(14); n > 0; --n)
            named.all.push_back({t += one_of(gaps, below_), below_(4) == 0});
    }
    source some_source() {
        static constexpr duration periods[] = {10s, 1min, 1min, 10min, 1h, duration::max()};
        source s;
        if (below_(2) == 0) {
            s.period = one_of(periods, below_);
            s.is_fixed_delay = below_(3) == 0;
        } else if (below_(64) == 0) {
            s.calendar = &some_real_calendar(below_).named;
        } else {
            s.calendar = &lists_[below_(2)];
        }
        return s;
    }
    cicada::recurrence recurrence_of(const source& s) {
        if (!s.calendar)
            return cicada::interval(s.period, s.is_fixed_delay
                                                  ? cicada::interval::kind::fixed_delay
                                                  : cicada::interval::kind::fixed_rate);
        if (s.calendar == &lists_[0] || s.calendar == &lists_[1])
            return cicada::schedule(new listed(*s.calendar));
        for (;;) { // by chance
            const real_calendar& real = some_real_calendar(below_);
            if (&real.named == s.calendar) return real.when;
        }
    }
    void make_policies() {
        static constexpr overlap overlaps[] = {overlap::skip,          overlap::buffer_one,
                                               overlap::buffer_latest, overlap::buffer_all{2},
                                               overlap::cancel_other,  overlap::allow{2},
                                               overlap::allow{3}};
        static constexpr cicada::missed misses[] = {cicada::missed::skip, cicada::missed::skip,
                                                    cicada::missed::burst, cicada::missed::delay};
        static constexpr cicada::catch_up catch_ups[] = {
            cicada::catch_up::none, cicada::catch_up::first, cicada::catch_up::last,
            cicada::catch_up::all{2}, cicada::catch_up::all{5}};
        static constexpr duration some[] = {1s, 30s, 1min, 10min, 1h};
        policies& how = oracle_.how;
        how.overlap = one_of(overlaps, below_);
        how.missed = one_of(misses, below_);
        how.catch_up = one_of(catch_ups, below_);
        if (below_(3) == 0) how.catch_up_window = one_of(some, below_);
        if (below_(4) == 0) how.start_deadline = one_of(some, below_);
        if (below_(4) == 0) how.jitter = one_of(some, below_);
        if (below_(6) == 0) how.accuracy = one_of(some, below_);
        if (below_(3) == 0) {
            how.retry = {.max = 1 + below_(3), .backoff = one_of(some, below_), .cap = 5min};
            if (below_(2) == 0) how.retry.jitter = 10s;
        }
        if (below_(8) == 0) how.on_error = cicada::on_error::stop;
        if (below_(6) == 0)
            how.failures = {.in_a_row = 1 + below_(2),
                            .then = static_cast<cicada::failure_limit::action>(below_(3))};
        if (below_(4) == 0) oracle_.until = start + one_of(some, below_) * (1 + below_(4));
        if (below_(6) == 0) oracle_.times = 1 + below_(3);
        if (below_(8) == 0 && oracle_.when.calendar)
            oracle_.from = start - 1h + one_of(some, below_) * (1 + below_(3));
        if (below_(10) == 0) {
            oracle_.is_once = true;
            oracle_.when = {.period = duration::max()};
            oracle_.until.reset();
            oracle_.times = 0;
        }
        oracle_.identity = below_(1000);
    }

    // -- both, side by side
    template <class Product, class Model>
    void step(Product product, Model model) {
        outcome what;
        oracle_.now = now_;
        oracle_.out = {};
        oracle_.told_last.reset();
        product(*course_, what);
        model();
        if (!tells_) oracle_.out.decided.clear();
        write_log(what);
        check(what);
        after(what);
    }
    void check(const outcome& what) {
        if (!wrong_.empty()) return;
        if (!same(what, oracle_.out)) {
            wrong_ =
                "the oracle says:" + text_of(oracle_.out) + "\nthe course says:" + text_of(what);
        } else if (!(course_->at() == oracle_.p)) {
            wrong_ = "the oracle is at: " + text_of(oracle_.p) +
                     "\nthe course is at: " + text_of(course_->at());
        } else if (const char* why = support::illegal(*course_)) {
            wrong_ = why;
        } else {
            check_look_at();
        }
    }
    void check_look_at() {
        const progress& p = oracle_.p;
        const course::wake w = course_->look_at();
        std::optional<nominal_instant> due;
        if (p.next && p.state == life::active) due = {p.next->line, p.next->at + p.delay};
        std::optional<elapsed_time> retry;
        for (const auto& r : p.runs)
            if (r.retry_at && (!retry || *r.retry_at < *retry)) retry = r.retry_at;
        if (w.due != due || w.retry != retry) wrong_ = "looks at another time";
        if (course_->next() != (p.state == life::active && !p.is_horizon ? p.next : std::nullopt))
            wrong_ = "tells another next instant";
    }
    void after(const outcome& what) {
        if (what.start) running_.push_back(what.start->id);
        std::erase_if(running_, [&](std::uint64_t id) {
            const auto& runs = course_->at().runs;
            return std::none_of(runs.begin(), runs.end(), [&](const auto& r) {
                return r.id == id && !r.retry_at && !r.is_retry_due;
            });
        });
        for (const decision& d : what.decided) account(d);
        if (writes_always_ || ++steps_ == writes_at_) write_down_and_read_back();
    }
    void write_down_and_read_back() {
        writer w;
        w.put(course_->at());
        progress back = reader(w.text).get_progress();
        if (!(back == course_->at())) wrong_ = "progress that was read back is another";
        rules by = course_->by();
        course_.emplace(std::move(by), std::move(back), tells_);
    }

    // -- each instant has one decision
    void account(const decision& d) {
        using kind = decision::kind;
        if (d.what == kind::clock_went_back) {
            is_countable_ = false;
            return;
        }
        if (oracle_.until && d.what != kind::ran && d.what != kind::failed &&
            d.what != kind::cancelled && d.what != kind::skipped_overlap &&
            d.what != kind::too_late && d.last >= *oracle_.until)
            wrong_ = "an instant beyond until";
        if (!is_countable_) return;
        if (d.count == 1) return told_.push_back(d.nominal);
        if (!oracle_.when.calendar) {
            wall_time t = d.nominal;
            for (std::uint64_t n = 0; n < d.count; ++n, t += oracle_.when.period)
                told_.push_back(t);
        } else {
            for (const candidate& c : oracle_.when.calendar->all)
                if (d.nominal <= c.instant && c.instant <= d.last) told_.push_back(c.instant);
        }
    }
    void check_account() {
        if (!wrong_.empty() || !is_countable_ || !tells_) return;
        std::vector<wall_time> expected = triggered_;
        if (oracle_.when.calendar) {
            const wall_time first =
                oracle_.from ? std::max(decided_first_, *oracle_.from - 1ns) : decided_first_;
            for (const candidate& c : oracle_.when.calendar->all) {
                const bool is_named = !oracle_.until || c.instant < *oracle_.until;
                if (c.instant > first && c.instant <= course_->at().decided && is_named)
                    expected.push_back(c.instant);
            }
        } else {
            if (oracle_.is_once || oracle_.when.is_fixed_delay || !begun_at_ ||
                oracle_.how.missed == cicada::missed::delay)
                return;
            // As many as were told, without a gap, from the first one on.
            wall_time t = oracle_.wall_of(*begun_at_);
            for (std::size_t n = triggered_.size(); n < told_.size(); ++n, t += oracle_.when.period)
                expected.push_back(t);
        }
        std::sort(expected.begin(), expected.end());
        std::sort(told_.begin(), told_.end());
        if (expected != told_) wrong_ = "not one decision for each instant";
    }

    // -- events
    void note(std::string what) {
        if (log_) note_ = std::move(what);
    }
    void write_log(const outcome& what) {
        if (!log_) return;
        const std::string follows = text_of(what);
        if (note_ == "start next" && follows.empty() && last_logged_ == course_->at()) return;
        *log_ += "[" + text_of(now_.wall) + " e" + text_of(now_.elapsed - elapsed_start) + "] " +
                 note_ + follows + "\n        " + text_of(course_->at()) + '\n';
        last_logged_ = course_->at();
    }
    void pass(duration time) {
        now_.elapsed += time;
        now_.wall += time;
    }

    void event() {
        switch (below_(24)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
        case 7:
            pass(until_wake());
            return look();
        case 8:
        case 9:
        case 10:
            pass(some_time());
            return look();
        case 11:
            pass(some_time()); // and it is not looked at: a stall
            return;
        case 12:
        case 13:
        case 14:
        case 15:
            return end_a_run();
        case 16:
            return step_clock();
        case 17:
            note("pause");
            step([](course& c, outcome&) { c.pause(); }, [&] { oracle_.pause(); });
            return maybe_start();
        case 18:
        case 19:
            note("resume");
            step([&](course& c, outcome& o) { c.resume(now_, o); }, [&] { oracle_.resume(); });
            return maybe_start();
        case 20:
        case 21:
            return trigger();
        case 22:
            return below_(2) == 0 ? reschedule() : reload();
        default:
            if (below_(4) != 0) return look();
            return cancel();
        }
    }
    duration some_time() {
        static constexpr duration times[] = {0s,   1ns, 1s,   9s, 30s,    59s,
                                             1min, 61s, 5min, 1h, 3h + 1s};
        return one_of(times, below_);
    }
    duration until_wake() {
        const course::wake w = course_->look_at();
        duration wait = duration::max();
        if (w.due) wait = w.due->at - now_.on(w.due->line);
        if (w.retry) wait = std::min(wait, *w.retry - now_.elapsed);
        if (wait > 24h * 5) return some_time();
        if (below_(16) == 0) wait -= 1ns;
        if (below_(8) == 0) wait += some_time();
        return std::max(wait, duration(0));
    }
    /// What a driver does as it wakes.
    void look() {
        for (unsigned most = 4; most > 0 && wrong_.empty(); --most) {
            const course::wake w = course_->look_at();
            const bool is_due = w.due && w.due->at <= now_.on(w.due->line);
            const bool is_retry_due = w.retry && *w.retry <= now_.elapsed;
            if (is_retry_due) {
                note("retry due");
                step([&](course& c, outcome&) { c.retry_due(now_); }, [&] { oracle_.retry_due(); });
            }
            if (is_due || below_(16) == 0) {
                if (!is_due && w.due && course_->at().next->at <= now_.on(w.due->line)) break;
                note("due");
                step([&](course& c, outcome& o) { c.due(now_, o); }, [&] { oracle_.due(); });
            }
            start_all();
            if (!is_due && !is_retry_due) break;
        }
    }
    void maybe_start() {
        if (below_(8) != 0) start_all();
    }
    void start_all() {
        for (bool more = true; more && wrong_.empty();) {
            const bool may_start = course_->look_at().may_start;
            note("start next");
            bool expected = false;
            step([&](course& c, outcome& o) { more = c.start_next(now_, o); },
                 [&] { expected = oracle_.start_next(); });
            if (more != expected || more != may_start) wrong_ = "starts, or does not";
            if (oracle_.out.start && below_(3) == 0) end_run(oracle_.out.start->id); // a plain body
        }
    }
    void end_a_run() {
        if (running_.empty()) return pass(1s);
        end_run(running_[below_(static_cast<unsigned>(running_.size()))]);
        maybe_start();
    }
    void end_run(std::uint64_t id) {
        static constexpr run_end ends[] = {run_end::ok,
                                           run_end::ok,
                                           run_end::failed,
                                           run_end::failed,
                                           run_end::failed_for_good,
                                           run_end::cancelled};
        end_run(id, one_of(ends, below_));
    }
    void end_run(std::uint64_t id, run_end how) {
        if (log_)
            note("run #" + std::to_string(id) + " ended " + std::to_string(static_cast<int>(how)));
        step([&](course& c, outcome& o) { c.run_ended(id, how, now_, o); },
             [&] { oracle_.run_ended(id, how); });
    }
    void step_clock() {
        static constexpr duration steps[] = {1ns, 1min, 1h, 3h, 3h + 1ns, 5h, 24h * 9};
        const duration by = one_of(steps, below_) * (below_(2) == 0 ? 1 : -1);
        now_.wall += by;
        if (!oracle_.when.calendar) is_countable_ = false;
        if (below_(4) != 0) reconsider();
    }
    void reconsider() {
        note("reconsider");
        step([&](course& c, outcome& o) { c.reconsider(now_, o); }, [&] { oracle_.reconsider(); });
        if (below_(4) != 0) look();
    }
    void reload() {
        make_instants(lists_[0]);
        make_instants(lists_[1]);
        is_countable_ = false;
        reconsider();
    }
    void trigger() {
        note("trigger");
        if (oracle_.has_instants()) triggered_.push_back(now_.wall);
        step([&](course& c, outcome&) { c.trigger(now_); }, [&] { oracle_.trigger(); });
        maybe_start();
    }
    void reschedule() {
        if (oracle_.is_once) return;
        const source to = some_source();
        if (log_) note("reschedule to " + (to.calendar ? "calendar" : text_of(to.period)));
        is_countable_ = false;
        step([&](course& c, outcome& o) { c.reschedule(recurrence_of(to), now_, o); },
             [&] { oracle_.reschedule(to); });
        maybe_start();
    }
    void cancel() {
        note("cancel");
        step([&](course& c, outcome& o) { c.cancel(now_, o); }, [&] { oracle_.cancel(); });
    }
    void end() {
        cancel();
        while (!running_.empty() && wrong_.empty()) end_run(running_.front(), run_end::cancelled);
        if (wrong_.empty() && course_->state() != life::ended) wrong_ = "has not ended";
        check_account();
    }

    random_numbers below_;
    std::string* log_;
    std::string note_;
    progress last_logged_;
    std::string wrong_;
    list lists_[2];
    clock_reading now_{elapsed_start, start};
    oracle oracle_;
    std::optional<course> course_;
    bool tells_ = true;
    bool writes_always_ = false;
    unsigned writes_at_ = 0;
    unsigned steps_ = 0;
    std::vector<std::uint64_t> running_; // of which an attempt has begun, and not ended
    std::optional<nominal_instant> begun_at_;
    wall_time decided_first_{};
    bool is_countable_ = true; // nothing has changed what instants there are
    std::vector<wall_time> told_;
    std::vector<wall_time> triggered_;
};

class a_course : public testing::TestWithParam<unsigned> {};

TEST_P(a_course, decides_as_its_oracle_does) {
    constexpr unsigned each = histories / shards;
    const std::uint64_t first = std::uint64_t{GetParam()} * each;
    for (std::uint64_t seed = first; seed < first + each; ++seed) {
        if (history(seed).run().empty()) continue;
        std::string log;
        const std::string wrong = history(seed, &log).run();
        FAIL() << "seed " << seed << '\n' << log << wrong;
    }
    std::printf("%u random histories without a difference\n", each);
}

INSTANTIATE_TEST_SUITE_P(shard, a_course, testing::Range(0u, shards));

} // namespace
