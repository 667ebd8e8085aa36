#pragma once

// What a course decides, found out naively: instants are enumerated one by one, and kept in plain
// lists. It shares plain data with the product, and no function.

#include <schedule/course.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace model {

using namespace std::chrono_literals;
using cicada::candidate;
using cicada::decision;
using cicada::duration;
using cicada::elapsed_time;
using cicada::life;
using cicada::overlap;
using cicada::wall_time;
using cicada::detail::clock_reading;
using cicada::detail::nominal_instant;
using cicada::detail::outcome;
using cicada::detail::policies;
using cicada::detail::progress;
using cicada::detail::run_end;
using cicada::detail::time_line;

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
        int left = of_->patience;
        for (auto c = above(before - 1ns); c != of_->all.begin() && left > 0; --left)
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

/// When: an interval, or the instants of a calendar.
struct source {
    const list* calendar = nullptr;
    duration period{};
    bool is_fixed_delay = false;
};

struct oracle {
    using arrivals = decltype(progress::arrived);

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
    void tell_list(decision::kind what, arrivals& all) {
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
        p.is_counted = true;
        if (when.period == duration::max()) return next_is(std::nullopt);
        next_is(nominal_instant{time_line::elapsed, now.elapsed.time_since_epoch() + when.period});
    }
    void no_more() {
        p.next.reset();
        p.is_horizon = false;
        p.delay = 0ns;
        if (p.state == life::active) p.state = life::ending;
        if (p.state == life::paused) p.state = life::held;
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
            p.is_counted = which == kind::immediately;
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
        set_clock_right();
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
        if (!when.calendar) {
            if (!when.is_fixed_delay || !p.is_counted || !p.next) return;
            if (p.next->at - now_on(p.next->line) - 3h <= when.period) return;
            tell(decision::kind::clock_went_back, now.wall);
            out.decided.back().count = 0;
            out.decided.back().last = wall_of({p.next->line, p.next->at - when.period});
            next_in_a_period();
            return settle();
        }
        if (p.decided - now.wall <= 3h) return;
        tell(decision::kind::clock_went_back, now.wall);
        out.decided.back().count = 0;
        out.decided.back().last = p.decided;
        p.decided = now.wall;
        next_named();
        settle();
    }

    void reconsider() {
        if (!has_instants()) return;
        set_clock_right();
        if (!when.calendar) return;
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

    void resume(cicada::passed during) {
        if (p.state == life::held) p.state = life::ending;
        if (p.state != life::paused) return;
        p.state = life::active;
        if (during == cicada::passed::catch_up) return;
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

    void trigger(const std::optional<nominal_instant>& nominal, std::uint64_t tag) {
        if (!has_instants()) return;
        if (nominal) {
            p.arrived.push_back({*nominal, progress::cause::request, tag});
            return;
        }
        const time_line line = p.next          ? p.next->line
                               : when.calendar ? time_line::wall
                                               : time_line::elapsed;
        p.arrived.push_back({{line, now_on(line)}, progress::cause::trigger, tag});
    }

    void cancel_run(std::uint64_t id) {
        for (auto r = p.runs.begin(); r != p.runs.end(); ++r) {
            if (r->id != id) continue;
            if (r->retry_at || r->is_retry_due) {
                tell_run(decision::kind::failed, *r);
                p.runs.erase(r);
                return settle();
            }
            r->is_asked_to_end = true;
            out.cancel_run = id;
            return;
        }
    }

    /// By the rules that were.
    void decide_what_came() {
        if (!has_instants()) return;
        set_clock_right();
        if (p.state == life::paused) {
            pass(decision::kind::paused, true);
        } else {
            while (p.next && p.next->at <= now_on(p.next->line)) due();
        }
    }
    void count_anew() {
        if (when.calendar) {
            set_clock_right();
            p.decided = std::max(p.decided, now.wall);
            next_named();
        } else if (next_is(std::nullopt); !when.is_fixed_delay || is_idle()) {
            next_in_a_period();
        }
    }
    /// The next one that has not been told, of an interval.
    void go_past_now() {
        if (!p.next) return;
        nominal_instant n = *p.next;
        const bool has_passed = n.at <= now_on(n.line);
        if (has_passed && is_once) return no_more();
        if (has_passed && (when.is_fixed_delay || when.period == duration::max()))
            return next_is(std::nullopt);
        while (n.at <= now_on(n.line)) n.at += when.period;
        next_is(n);
    }
    void reschedule(const source& to) {
        decide_what_came();
        if (!has_instants()) return;
        when = to;
        from.reset();
        count_anew();
        settle();
    }
    /// To the rules of another one.
    void edit(const oracle& to) {
        decide_what_came();
        const life before = p.state;
        const bool is_same = has_instants() && !when.calendar && !to.when.calendar &&
                             when.period == to.when.period &&
                             when.is_fixed_delay == to.when.is_fixed_delay;
        when = to.when;
        how = to.how;
        from = to.from;
        until = to.until;
        times = to.times;
        identity = to.identity;
        p.state = before == life::paused || before == life::held ? life::paused : life::active;
        const bool ran_often_enough = times != 0 && p.ran >= times;
        if (ran_often_enough || is_beyond_end(now.wall)) {
            no_more();
        } else if (is_same) {
            go_past_now();
        } else {
            count_anew();
        }
        if (ran_often_enough) {
            tell_list(decision::kind::cancelled, p.waiting);
            tell_list(decision::kind::cancelled, p.arrived);
        }
        if (when.calendar) p.decided = std::max(p.decided, now.wall);
        if (before == life::cancelling && !has_instants()) p.state = life::cancelling;
        settle();
    }
    void restored() {
        if (!has_instants()) return;
        pass(decision::kind::restored, true);
        if (when.calendar) {
            next_named();
        } else {
            go_past_now();
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
        return (p.state != life::paused && p.state != life::held) ||
               a.by != progress::cause::schedule;
    }
    bool has_room() const {
        return p.runs.empty() ||
               (how.overlap.which() == overlap::mode::allow && p.runs.size() < how.overlap.max());
    }
    std::optional<progress::arrival> take(arrivals& all) {
        std::optional<progress::arrival> taken;
        arrivals others;
        for (const auto& a : all) {
            if (!taken && may_start(a)) {
                taken = a;
            } else {
                others.push_back(a);
            }
        }
        all = others;
        return taken;
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
        if (a.by != progress::cause::request &&
            now_on(a.nominal.line) - a.nominal.at > how.start_deadline)
            return no_run(decision::kind::too_late, a);
        progress::run r;
        r.id = ++p.last_run;
        r.nominal = a.nominal;
        r.tag = a.tag;
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
        const bool has_failed =
            end == run_end::failed || end == run_end::failed_for_good || end == run_end::lost;
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
        tell_run(end == run_end::lost        ? decision::kind::lost
                 : has_failed                ? decision::kind::failed
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
        if (p.state == life::active) {
            p.state = life::paused;
        } else if (p.state == life::ending) {
            p.state = life::held;
        }
    }
};

} // namespace model
