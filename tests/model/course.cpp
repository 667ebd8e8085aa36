// Random histories of a course against an oracle (course_oracle.hpp). After each step both have
// said the same: what to start, what was decided and in which order, when to look again, and all of
// the progress, which is written down and read back on the way.

#include "model/course_oracle.hpp"

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/filter.hpp>

#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <schedule/progress_text.hpp>
#include <sstream>

#include <support/legal.hpp>
#include <support/random.hpp>
#include <support/slow.hpp>

using namespace model;
using cicada::detail::course;
using cicada::detail::rules;
using support::random_numbers;

namespace {

constexpr unsigned histories = support::is_slow ? 20'000 : 1'000'000;
constexpr unsigned shards = 4;

constexpr wall_time start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 27}}; // a Friday
constexpr elapsed_time elapsed_start{10'000h};

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

// ---- histories
// -----------------------------------------------------------------------------------

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
    if (o.cancel_run != 0) out << "\n        cancel run #" << o.cancel_run;
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
    for (const auto& a : p.arrived)
        out << ' ' << text_of(a.nominal) << (a.is_triggered() ? "t" : "");
    out << ", waiting";
    for (const auto& a : p.waiting)
        out << ' ' << text_of(a.nominal) << (a.is_triggered() ? "t" : "");
    out << ", runs";
    for (const auto& r : p.runs)
        out << " #" << r.id << ':' << text_of(r.nominal) << (r.retry_at ? "r" : "")
            << (r.is_retry_due ? "d" : "");
    out << ", ran " << p.ran << " missed " << p.missed << " dropped " << p.dropped << " failed "
        << p.failed << " untold " << p.untold << " in a row " << p.failed_in_a_row;
    return out.str();
}

bool same(const outcome& a, const outcome& b) {
    return a.cancel_runs == b.cancel_runs && a.cancel_run == b.cancel_run &&
           a.decided == b.decided && a.start == b.start && a.is_error_final == b.is_error_final &&
           a.failing == b.failing;
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
        make_policies(oracle_);
        has_one_clock_ = below_(4) == 0;
        writes_always_ = below_(8) == 0;
        writes_at_ = below_(20);
        tells_ = below_(32) != 0;
        course_.emplace(rules_of(oracle_), progress{}, tells_);
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
        const unsigned events = 8 + below_(24);
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
    void make_policies(oracle& of) {
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
        policies& how = of.how;
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
        if (below_(4) == 0) of.until = start + one_of(some, below_) * (1 + below_(4));
        if (below_(6) == 0) of.times = 1 + below_(3);
        if (below_(8) == 0 && of.when.calendar)
            of.from = start - 1h + one_of(some, below_) * (1 + below_(3));
        if (below_(10) == 0) {
            of.is_once = true;
            of.when = {.period = duration::max()};
            of.until.reset();
            of.times = 0;
        }
        of.identity = below_(1000);
    }
    rules rules_of(const oracle& of) {
        return {.when = recurrence_of(of.when),
                .how = of.how,
                .from = of.from,
                .until = of.until,
                .times = of.times,
                .is_once = of.is_once,
                .identity = of.identity};
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
        check_order(what);
        for (const decision& d : what.decided) account(d);
        if (writes_always_ || ++steps_ == writes_at_) write_down_and_read_back();
    }
    void write_down_and_read_back() {
        progress back = cicada::detail::parse_progress(cicada::detail::to_text(course_->at()));
        back.runs = course_->at().runs; // rows of their own
        if (!(back == course_->at())) wrong_ = "progress that was read back is another";
        rules by = course_->by();
        course_.emplace(std::move(by), std::move(back), tells_);
    }

    bool may_be_triggered(const progress::run& r) const {
        return std::find(triggers_.begin(), triggers_.end(), r.nominal) != triggers_.end();
    }
    // -- order holds: of what a step decides but for runs, and of what it starts
    void check_order(const outcome& what) {
        if (what.start && what.start->attempt == 1 && is_paused_ && !may_be_triggered(*what.start))
            wrong_ = "starts during a pause";
        if (!tells_ || !is_countable_ || !triggered_.empty()) return;
        std::optional<wall_time> before;
        for (const decision& d : what.decided) {
            if (d.attempts != 0 || d.what == decision::kind::clock_went_back) continue;
            if (before && d.nominal <= *before) wrong_ = "decides out of order";
            before = d.last;
        }
        if (!what.start || what.start->attempt != 1) return;
        if (started_last_ && what.start->nominal.at <= *started_last_)
            wrong_ = "starts out of order";
        started_last_ = what.start->nominal.at;
    }

    // -- each instant has one decision
    void account(const decision& d) {
        using kind = decision::kind;
        if (d.what == kind::clock_went_back) {
            is_countable_ = false;
            return;
        }
        if (oracle_.until && !was_edited_ && d.what != kind::ran && d.what != kind::failed &&
            d.what != kind::cancelled && d.what != kind::skipped_overlap && d.what != kind::lost &&
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
            for (std::size_t n = triggered_.size(); n < told_.size(); ++n) {
                if (n > triggered_.size()) t += oracle_.when.period;
                expected.push_back(t);
            }
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
        switch (below_(26)) {
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
            is_paused_ = true;
            step([](course& c, outcome&) { c.pause(); }, [&] { oracle_.pause(); });
            return maybe_start();
        case 18:
        case 19:
            return resume();
        case 20:
        case 21:
            return trigger();
        case 22:
            return below_(2) == 0 ? reschedule() : reload();
        case 23:
            return cancel_a_run();
        case 24:
            return below_(4) != 0 ? edit() : restored();
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
        while (wrong_.empty() && start_one()) continue;
    }
    bool start_one() {
        const bool may_start = course_->look_at().may_start;
        note("start next");
        bool more = false;
        bool expected = false;
        step([&](course& c, outcome& o) { more = c.start_next(now_, o); },
             [&] { expected = oracle_.start_next(); });
        if (more != expected || more != may_start) wrong_ = "starts, or does not";
        started_ = oracle_.out.start;
        if (started_ && below_(3) == 0) end_run(started_->id); // a plain body
        return more;
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
                                           run_end::lost,
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
        duration by = one_of(steps, below_) * (below_(2) == 0 ? 1 : -1);
        if (has_one_clock_) { // that of a store
            by = std::min(by, duration(5h)); // what came is gone through one by one
            now_.elapsed += by;
        }
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
    void resume() {
        note("resume");
        is_paused_ = false;
        const auto instants = static_cast<cicada::passed>(below_(2));
        step([&](course& c, outcome& o) { c.resume(now_, o, instants); },
             [&] { oracle_.resume(instants); });
        maybe_start();
    }
    void cancel_a_run() {
        const std::uint64_t id = below_(1 + static_cast<unsigned>(oracle_.p.last_run));
        if (log_) note("cancel run #" + std::to_string(id));
        step([&](course& c, outcome& o) { c.cancel_run(id, now_, o); },
             [&] { oracle_.cancel_run(id); });
        maybe_start();
    }
    void edit() {
        if (oracle_.is_once) return;
        oracle to;
        to.when = below_(2) == 0 ? oracle_.when : some_source();
        make_policies(to);
        if (to.is_once) return;
        if (below_(6) == 0) to.until = now_.wall; // as it is removed
        if (log_) note("edit to " + (to.when.calendar ? "calendar" : text_of(to.when.period)));
        is_countable_ = false;
        was_edited_ = true;
        step([&](course& c, outcome& o) { c.edit(rules_of(to), now_, o); },
             [&] { oracle_.edit(to); });
        is_paused_ = oracle_.p.state == life::paused || oracle_.p.state == life::held;
        maybe_start();
    }
    void restored() {
        note("restored");
        is_countable_ = is_countable_ && oracle_.when.calendar;
        step([&](course& c, outcome& o) { c.restored(now_, o); }, [&] { oracle_.restored(); });
        maybe_start();
    }
    void trigger() {
        std::optional<nominal_instant> nominal; // now
        if (below_(2) == 0)
            nominal = {time_line::wall, (now_.wall - some_time()).time_since_epoch()};
        if (log_) note("trigger " + text_of(nominal));
        const std::uint64_t tag = below_(3);
        const bool is_taken = oracle_.has_instants();
        const bool is_certain = course_->would_start_at_once();
        step([&](course& c, outcome&) { c.trigger(now_, nominal, tag); },
             [&] { oracle_.trigger(nominal, tag); });
        if (is_taken) {
            triggered_.push_back(nominal ? wall_time(nominal->at) : now_.wall);
            triggers_.push_back(std::prev(oracle_.p.arrived.end())->nominal);
        }
        if (!is_certain) return maybe_start();
        start_one();
        if (wrong_.empty() && (!is_taken || !started_ || started_->nominal != triggers_.back() ||
                               started_->tag != tag))
            wrong_ = "was to start at once";
        start_all();
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
    std::optional<progress::run> started_; // by the last start_one()
    std::vector<std::uint64_t> running_; // of which an attempt has begun, and not ended
    std::optional<nominal_instant> begun_at_;
    wall_time decided_first_{};
    bool has_one_clock_ = false; // which is set back also as elapsed time
    bool is_countable_ = true; // nothing has changed what instants there are
    bool was_edited_ = false;
    std::optional<duration> started_last_;
    std::vector<wall_time> told_;
    std::vector<wall_time> triggered_;
    std::vector<nominal_instant> triggers_;
    bool is_paused_ = false; // by pause()
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

// Time itself ends: nothing overflows there (UndefinedBehaviorSanitizer looks), and no state is one
// that the table does not have.
TEST(course, has_legal_states_also_at_the_ends_of_time) {
    constexpr duration begin = duration::min(), end = duration::max();
    static constexpr duration instants[] = {begin, begin + 1ns, begin + 1h, -1ns, 0ns,
                                            1h,    end - 1h,    end - 1ns,  end};
    static constexpr duration lengths[] = {1ns, 7ns, 1h, 24h * 36525, end - 1ns, end};
    static constexpr cicada::missed misses[] = {cicada::missed::skip, cicada::missed::delay};
    static constexpr overlap overlaps[] = {overlap::skip, overlap::buffer_all{2},
                                           overlap::cancel_other, overlap::allow{3}};
    for (std::uint64_t seed = 0; seed < histories / 10; ++seed) {
        random_numbers below(seed);
        const auto instant = [&] { return one_of(instants, below); };
        const auto length = [&] { return one_of(lengths, below); };
        const auto when = [&]() -> cicada::recurrence {
            switch (below(3)) {
            case 0:
                return cicada::interval(length());
            case 1:
                return cicada::fixed_delay(length());
            default: // not so many that they have to be counted
                return cicada::every_interval(length() / 2 + 24h * 36525, wall_time(instant()));
            }
        };
        const auto some_rules = [&] {
            rules by{.when = when(),
                     .how = {.overlap = one_of(overlaps, below),
                             .retry = {.max = below(3), .backoff = length(), .cap = length()},
                             .missed = one_of(misses, below),
                             .catch_up = cicada::catch_up::all{2},
                             .catch_up_window = length(),
                             .start_deadline = length(),
                             .jitter = below(2) == 0 ? length() : 0ns,
                             .accuracy = below(2) == 0 ? length() : 0ns}};
            if (below(3) == 0) by.until = wall_time(instant());
            return by;
        };
        course c(some_rules());
        clock_reading now{elapsed_time(instant()), wall_time(instant())};
        const auto turn = [&] {
            if (below(2) == 0) {
                const elapsed_time to{instant()};
                now.elapsed = below(4) == 0 ? to : std::max(now.elapsed, to);
            }
            if (below(2) == 0) now.wall = wall_time(instant());
        };
        c.begin(below(2) == 0 ? cicada::first(elapsed_time(instant()))
                              : cicada::first(wall_time(instant())),
                now);
        for (unsigned n = 0; n < 12; ++n) {
            turn();
            outcome what;
            switch (below(11)) {
            case 0:
                c.pause();
                break;
            case 1:
                c.resume(now, what, static_cast<cicada::passed>(below(2)));
                break;
            case 2:
                c.trigger(now, below(2) == 0 ? std::optional<nominal_instant>()
                                             : nominal_instant{time_line::wall, instant()});
                break;
            case 3:
                c.reschedule(when(), now, what);
                break;
            case 4:
                c.reconsider(now, what);
                break;
            case 5:
                if (below(4) == 0) c.cancel(now, what);
                break;
            case 6:
                c.retry_due(now);
                break;
            case 7:
                c.edit(some_rules(), now, what);
                break;
            case 8:
                c.restored(now, what);
                break;
            case 9:
                c.cancel_run(c.at().last_run, now, what);
                break;
            default:
                if (!c.at().runs.empty() && !c.at().runs[0].retry_at &&
                    !c.at().runs[0].is_retry_due)
                    c.run_ended(c.at().runs[0].id, static_cast<run_end>(below(5)), now, what);
            }
            c.due(now, what);
            while (c.start_next(now, what)) continue;
            ASSERT_STREQ(support::illegal(c), nullptr) << "seed " << seed << " step " << n;
            for (const decision& d : what.decided)
                ASSERT_TRUE(d.nominal <= d.last) << "seed " << seed << text_of(d);
        }
    }
}

} // namespace
