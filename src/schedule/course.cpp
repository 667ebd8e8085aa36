#include <schedule/course.hpp>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include <schedule/calendar_plan.hpp>
#include <schedule/grid.hpp>
#include <schedule/jitter.hpp>
#include <schedule/retry_delay.hpp>

namespace cicada::detail {

namespace {

/// Of durations as instants of either time line: saturating.
duration plus(duration instant, duration delay) noexcept {
    return later(elapsed_time(instant), delay).time_since_epoch();
}
duration minus(duration to, duration from) noexcept {
    return between(elapsed_time(from), elapsed_time(to));
}

duration up_to_multiple(duration instant, duration of) noexcept {
    const duration past = instant % of;
    if (past == duration::zero()) return instant;
    return plus(instant, past > duration::zero() ? of - past : -past);
}

enum class verdict : std::uint8_t { start, buffer, replace, cancel_others, drop };

/// The overlap policy: what becomes of an instant when `running` and `waiting` others are there.
verdict judge_overlap(const overlap& policy, std::size_t running, std::size_t waiting) noexcept {
    if (running == 0) return verdict::start;
    switch (policy.which()) {
    case overlap::mode::skip:
        return verdict::drop;
    case overlap::mode::buffer_one:
        return waiting == 0 ? verdict::buffer : verdict::drop;
    case overlap::mode::buffer_latest:
        return verdict::replace;
    case overlap::mode::buffer_all:
        return waiting < policy.max() ? verdict::buffer : verdict::drop;
    case overlap::mode::cancel_other:
        return verdict::cancel_others;
    case overlap::mode::allow:
        return running < policy.max() ? verdict::start : verdict::drop;
    }
    return verdict::drop;
}

decision::kind told_as(run_end how) noexcept {
    switch (how) {
    case run_end::ok:
        return decision::kind::ran;
    case run_end::failed:
    case run_end::failed_for_good:
        return decision::kind::failed;
    case run_end::cancelled:
        return decision::kind::cancelled;
    case run_end::lost:
        return decision::kind::lost;
    }
    return decision::kind::failed;
}

void refuse_one_shot(const rules& by) {
    if (by.is_once)
        throw std::logic_error(
            "cicada: a one-shot cannot be rescheduled: cancel it, and make another");
}

calendar_query query_of(const rules& by, duration on_purpose) {
    return {.when = by.when.as_calendar(),
            .catch_up = by.how.catch_up,
            .window = by.how.catch_up_window,
            .start_deadline = by.how.start_deadline,
            .until = by.until,
            .on_purpose = on_purpose};
}

} // namespace

// ---- what comes next ---------------------------------------------------------------------------

void course::begin(const first& how, const clock_reading& now) {
    const bool is_wall = how.which() == first::kind::at_wall;
    if (by_.is_once && is_wall) {
        look_to(nominal_instant{time_line::wall, how.at()}, now);
    } else if (!by_.when.is_calendar()) {
        const auto at = first_instant(by_.when.as_interval().period(), how, now.elapsed, now.wall);
        at_.is_counted = !is_wall && how.which() != first::kind::at_elapsed;
        look_to(at ? std::optional(nominal_instant{time_line::elapsed, *at}) : std::nullopt, now);
    } else {
        if (is_wall) by_.from = wall_time(how.at());
        if (how.which() == first::kind::at_elapsed)
            by_.from = now.to_wall({time_line::elapsed, how.at()});
        at_.decided = by_.from ? std::min(now.wall, later(*by_.from, duration(-1))) : now.wall;
        look_on(now);
    }
    settle(now);
}

/// Of a calendar: looks for the first instant that has not been decided.
void course::look_on(const clock_reading& now) {
    look_to(next_before_until(query_of(by_, {}), undecided_after()), now);
}

/// Of an interval.
void course::look_a_period_on(const clock_reading& now) {
    const auto at = period_after(now.elapsed.time_since_epoch(), by_.when.as_interval().period());
    at_.is_counted = true;
    look_to(at ? std::optional(nominal_instant{time_line::elapsed, *at}) : std::nullopt, now);
}

/// All up to now has its decision: to the first after it, by rules for which `next` still counts.
void course::look_past(const clock_reading& now) {
    if (by_.when.is_calendar()) return look_on(now);
    if (!at_.next || at_.next->at > now.on(at_.next->line)) return look_to(at_.next, now);
    if (by_.is_once) return no_more();
    const auto [line, passed] = *at_.next;
    std::optional<duration> at; // of a fixed delay: as what runs has ended
    if (!by_.when.is_fixed_delay()) {
        const duration after = plus(now.on(line), duration(1));
        at = first_on_grid(passed, by_.when.as_interval().period(), after);
    }
    look_to(at ? std::optional(nominal_instant{line, *at}) : std::nullopt, now);
}

/// Strictly after now, by rules that are new.
void course::count_anew(const clock_reading& now, outcome& what) {
    if (by_.when.is_calendar()) {
        correct(now, what); // of another calendar, long ago
        at_.decided = std::max(at_.decided, now.wall);
        look_on(now);
    } else if (!by_.when.is_fixed_delay() || is_idle()) {
        look_a_period_on(now);
    } else {
        look_to(std::nullopt, now); // comes as what runs has ended
    }
}

void course::look_to(const search_result& found, const clock_reading& now) {
    const auto& at = found.instant ? found.instant : found.horizon;
    look_to(at ? std::optional(nominal_instant{time_line::wall, at->time_since_epoch()})
               : std::nullopt,
            now);
    if (!found.horizon || !at_.next) return;
    at_.is_horizon = true; // and no instant, which would be spread
    at_.delay = duration::zero();
}

/// Of a calendar: no instant that is undecided lies here or before.
wall_time course::undecided_after() const noexcept {
    return by_.from ? std::max(at_.decided, later(*by_.from, duration(-1))) : at_.decided;
}

/// `next` is the instant to come. None: never, with which an interval waits for another schedule.
void course::look_to(std::optional<nominal_instant> next, const clock_reading& now) {
    at_.next = next;
    at_.is_horizon = false;
    at_.delay = duration::zero();
    const bool is_over = next && by_.until && now.to_wall(*next) >= *by_.until;
    if (is_over || (!next && by_.when.is_calendar())) return no_more();
    if (!next || (by_.how.jitter <= duration::zero() && by_.how.accuracy <= duration::zero()))
        return;
    const duration room = room_after(*next);
    const duration at =
        plus(next->at, jitter_of(by_.identity, next->at, std::min(by_.how.jitter, room)));
    at_.delay = minus(at, next->at);
    if (by_.how.accuracy <= duration::zero()) return;
    const duration shared = up_to_multiple(at, std::min(by_.how.accuracy, room));
    if (minus(shared, next->at) < room) at_.delay = minus(shared, next->at);
}

/// How far jitter and accuracy may move an instant: not to the next one.
duration course::room_after(const nominal_instant& next) const {
    if (by_.is_once) return duration::max();
    if (!by_.when.is_calendar()) return by_.when.as_interval().period();
    const auto following = by_.when.as_calendar().next(wall_time(next.at));
    return following ? between(wall_time(next.at), *following) : duration::max();
}

void course::no_more() noexcept {
    at_.next.reset();
    at_.is_horizon = false;
    at_.delay = duration::zero();
    if (has_instants()) at_.state = is_paused() ? life::held : life::ending;
}

/// By `times`. What waits is beyond the end.
void course::have_run_often_enough(const clock_reading& now, outcome& what) {
    no_more();
    drop_all(at_.waiting, decision::kind::cancelled, now, what);
    drop_all(at_.arrived, decision::kind::cancelled, now, what);
}

std::optional<nominal_instant> course::due_at() const noexcept {
    if (!at_.next || is_paused()) return std::nullopt;
    return nominal_instant{at_.next->line, plus(at_.next->at, at_.delay)};
}

course::wake course::look_at() const noexcept {
    wake w;
    w.due = due_at();
    for (const progress::run& one : at_.runs) {
        w.may_start = w.may_start || one.is_retry_due;
        if (one.retry_at && (!w.retry || *one.retry_at < *w.retry)) w.retry = one.retry_at;
    }
    const auto may_start = [&](const progress::arrival& one) {
        return !is_paused() || one.is_triggered();
    };
    const auto any = [&](const arrivals& those) {
        return std::any_of(those.begin(), those.end(), may_start);
    };
    w.may_start =
        w.may_start || any(at_.arrived) ||
        (any(at_.waiting) && judge_overlap(by_.how.overlap, at_.runs.size(), 0) == verdict::start);
    return w;
}

std::optional<nominal_instant> course::next() const noexcept {
    return at_.state == life::active && !at_.is_horizon ? at_.next : std::nullopt;
}

// ---- what is due -------------------------------------------------------------------------------

void course::due(const clock_reading& now, outcome& what) {
    if (at_.state != life::active) return;
    correct(now, what);
    if (!at_.next || at_.next->at > now.on(at_.next->line)) return;
    if (by_.when.is_calendar()) {
        due_of_calendar(now, what);
    } else {
        due_of_interval(now, what);
    }
    settle(now);
}

void course::due_of_interval(const clock_reading& now, outcome& what) {
    const nominal_instant due = *at_.next;
    const duration period = by_.when.as_interval().period();
    const bool is_over = by_.until && now.to_wall(due) >= *by_.until; // the wall clock was set
    if (is_over) return no_more();
    grid_step step;
    if (!by_.is_once && !by_.when.is_fixed_delay()) {
        step = step_on_grid(period, by_.how.missed, due.at, now.on(due.line),
                            plus(wake_up_noise, at_.delay));
    }
    if (by_.until) { // the schedule has no others
        const duration left = between(now.to_wall(due), *by_.until) - duration(1);
        step.missed = std::min(step.missed, periods_between(duration::zero(), left, period));
    }
    if (step.missed > 0) {
        at_.missed += step.missed;
        at_.untold += step.missed;
        tell(what, decision::kind::missed, {due.line, plus(due.at, period)}, now, step.missed,
             after_periods(due.at, period, step.missed));
    }
    at_.arrived.push_back({due});
    look_to(step.next ? std::optional(nominal_instant{due.line, *step.next}) : std::nullopt, now);
    if (by_.is_once) no_more();
}

void course::due_of_calendar(const clock_reading& now, outcome& what) {
    calendar_plan p = plan(query_of(by_, at_.delay), undecided_after(), now.wall);
    at_.decided = std::max(at_.decided, now.wall);
    at_.missed += p.missed;
    at_.untold += p.missed;
    const auto arrive = [&](wall_time t) {
        at_.arrived.push_back({{time_line::wall, t.time_since_epoch()}});
    };
    for (const wall_time t : p.earlier_runs) arrive(t);
    if (p.run) arrive(*p.run);
    tell_all(what, p.settled);
    look_to(p.next, now);
}

/// By the rules that are about to change.
void course::decide_what_has_come(const clock_reading& now, outcome& what) {
    if (!has_instants()) return;
    correct(now, what);
    if (at_.state == life::paused) return tell_passed(decision::kind::paused, now, true, what);
    while (at_.next && at_.next->at <= now.on(at_.next->line)) due(now, what);
}

/// A clock that was wrong, and is set right, holds nothing up.
void course::correct(const clock_reading& now, outcome& what) {
    if (by_.when.is_calendar()) {
        correct_calendar(now, what);
    } else if (by_.when.is_fixed_delay()) {
        correct_delay(now, what);
    }
}

void course::correct_calendar(const clock_reading& now, outcome& what) {
    if (between(now.wall, at_.decided) <= most_set_back) return;
    tell(what, {.what = decision::kind::clock_went_back,
                .nominal = now.wall,
                .count = 0,
                .last = at_.decided});
    at_.decided = now.wall;
    look_on(now);
    settle(now);
}

/// Its line is one that can be set: that of a store.
void course::correct_delay(const clock_reading& now, outcome& what) {
    if (!at_.next || !at_.is_counted) return;
    const auto [line, next] = *at_.next;
    const duration counted = minus(next, by_.when.as_interval().period());
    if (minus(counted, now.on(line)) <= most_set_back) return;
    tell(what, {.what = decision::kind::clock_went_back,
                .nominal = now.wall,
                .count = 0,
                .last = now.to_wall({line, counted})});
    look_a_period_on(now);
    settle(now);
}

void course::reconsider(const clock_reading& now, outcome& what) {
    if (!has_instants()) return;
    correct(now, what);
    if (by_.when.is_calendar()) look_on(now);
    settle(now);
}

/// What has come, and not been decided, gets no run.
void course::tell_passed(decision::kind why, const clock_reading& now, bool up_to_now,
                         outcome& what) {
    if (by_.when.is_calendar()) {
        correct(now, what);
        const wall_time upto = up_to_now ? now.wall : later(now.wall, duration(-1));
        calendar_plan p = plan_without_runs(query_of(by_, {}), why, undecided_after(), upto);
        at_.decided = std::max(at_.decided, upto);
        tell_all(what, p.settled);
        return;
    }
    if (!at_.next || (by_.until && now.to_wall(*at_.next) >= *by_.until)) return;
    const auto [line, first] = *at_.next;
    duration last = now.on(line) - duration(up_to_now ? 0 : 1);
    if (by_.until)
        last =
            std::min(last, plus(first, between(now.to_wall(*at_.next), *by_.until)) - duration(1));
    if (first > last) return;
    std::uint64_t many = 1;
    const duration period = by_.when.as_interval().period();
    if (!by_.is_once && !by_.when.is_fixed_delay()) many += periods_between(first, last, period);
    tell(what, why, *at_.next, now, many, after_periods(first, period, many - 1));
}

// ---- what runs ---------------------------------------------------------------------------------

void course::retry_due(const clock_reading& now) noexcept {
    for (progress::run& one : at_.runs) {
        if (!one.retry_at || *one.retry_at > now.elapsed) continue;
        one.retry_at.reset();
        one.is_retry_due = true;
    }
}

bool course::start_next(const clock_reading& now, outcome& what) {
    if (at_.state >= life::cancelling) return false;
    for (progress::run& one : at_.runs) {
        if (!std::exchange(one.is_retry_due, false)) continue;
        ++one.attempt;
        what.start = one;
        return true;
    }
    const auto first_of = [&](const arrivals& those) {
        return std::find_if(those.begin(), those.end(), [&](const progress::arrival& a) {
            return !is_paused() || a.is_triggered();
        });
    };
    if (!at_.waiting.empty() &&
        judge_overlap(by_.how.overlap, at_.runs.size(), 0) == verdict::start) {
        if (const auto one = first_of(at_.waiting); one != at_.waiting.end()) {
            start(at_.waiting.take(one), now, what);
            return true;
        }
    }
    const auto one = first_of(at_.arrived);
    if (one == at_.arrived.end()) return false;
    judge(at_.arrived.take(one), now, what);
    return true;
}

void course::judge(const progress::arrival& one, const clock_reading& now, outcome& what) {
    switch (judge_overlap(by_.how.overlap, at_.runs.size(), at_.waiting.size())) {
    case verdict::start:
        return start(one, now, what);
    case verdict::cancel_others:
        ask_to_end(now, what);
        [[fallthrough]];
    case verdict::replace:
        at_.dropped += at_.waiting.size();
        at_.untold += at_.waiting.size();
        drop_all(at_.waiting, decision::kind::skipped_overlap, now, what);
        [[fallthrough]];
    case verdict::buffer:
        at_.waiting.push_back(one);
        return;
    case verdict::drop:
        ++at_.dropped;
        ++at_.untold;
        tell(what, decision::kind::skipped_overlap, one.nominal, now);
        return settle(now);
    }
}

/// The first attempt for an instant.
void course::start(const progress::arrival& one, const clock_reading& now, outcome& what) {
    const duration late = minus(now.on(one.nominal.line), one.nominal.at);
    if (late > by_.how.start_deadline && one.by != progress::cause::request) {
        ++at_.dropped;
        ++at_.untold;
        tell(what, decision::kind::too_late, one.nominal, now);
        return settle(now);
    }
    progress::run& run = at_.runs.emplace_back();
    run.id = ++at_.last_run;
    run.nominal = one.nominal;
    run.tag = one.tag;
    run.missed = std::exchange(at_.untold, 0);
    run.started_at = now.wall;
    what.start = run;
    if (++at_.ran == by_.times) have_run_often_enough(now, what);
}

const progress::run& course::run(std::uint64_t id) const noexcept {
    return *std::find_if(at_.runs.begin(), at_.runs.end(),
                         [&](const progress::run& one) { return one.id == id; });
}

void course::run_is_of(std::uint64_t id, const nominal_instant& nominal,
                       wall_time started_at) noexcept {
    progress::run& one = at_.runs[static_cast<std::size_t>(&run(id) - at_.runs.data())];
    one.nominal = nominal;
    one.started_at = started_at;
}

bool course::would_start_at_once() const noexcept {
    return has_instants() && !look_at().may_start && // what may is before it
           judge_overlap(by_.how.overlap, at_.runs.size(), at_.waiting.size()) == verdict::start;
}

bool course::may_retry(const progress::run& one) const noexcept {
    return !one.is_asked_to_end && one.attempt <= by_.how.retry.max;
}

void course::run_ended(std::uint64_t id, run_end how, const clock_reading& now, outcome& what) {
    const auto one = at_.runs.begin() + (&run(id) - at_.runs.data());
    const bool has_failed = how != run_end::ok && how != run_end::cancelled;
    if (has_failed) ++at_.failed;
    if (how == run_end::failed && may_retry(*one)) {
        one->retry_at = later(
            now.elapsed, *retry_delay(by_.how.retry, one->attempt, by_.identity, one->nominal.at));
        return;
    }
    tell_run(what, told_as(how), *one, now);
    at_.runs.erase(one);
    if (has_failed) {
        failed_for_good(now, what);
    } else if (how == run_end::ok) {
        at_.failed_in_a_row = 0;
    }
    settle(now);
}

void course::failed_for_good(const clock_reading& now, outcome& what) {
    const failure_limit& limit = by_.how.failures;
    using action = failure_limit::action;
    ++at_.failed_in_a_row;
    const bool is_failing = limit.in_a_row > 0 && at_.failed_in_a_row % limit.in_a_row == 0;
    if (is_failing) what.failing = at_.failed_in_a_row;
    if (by_.how.on_error == on_error::stop || (is_failing && limit.then == action::stop)) {
        what.is_error_final = true;
        cancel(now, what);
    } else if (is_failing && limit.then == action::pause) {
        pause();
    }
}

/// All that run. Those that wait for a retry end here; their last attempt was the last.
void course::ask_to_end(const clock_reading& now, outcome& what) {
    what.cancel_runs = true;
    for (progress::run& one : at_.runs) one.is_asked_to_end = true;
    std::erase_if(at_.runs, [&](const progress::run& one) {
        if (!one.waits_for_retry()) return false;
        tell_run(what, decision::kind::failed, one, now);
        return true;
    });
}

void course::drop_all(arrivals& those, decision::kind why, const clock_reading& now,
                      outcome& what) {
    for (const progress::arrival& one : those) tell(what, why, one.nominal, now);
    those.clear();
}

bool course::is_idle() const noexcept {
    return at_.runs.empty() && at_.arrived.empty() && at_.waiting.empty();
}

/// What follows when nothing runs or waits.
void course::settle(const clock_reading& now) {
    if (!is_idle()) return;
    if (has_instants() && !at_.next && by_.when.is_fixed_delay()) look_a_period_on(now);
    if (!has_instants()) at_.state = life::ended;
}

// ---- what is asked of it -----------------------------------------------------------------------

void course::pause() noexcept {
    if (at_.state == life::active) at_.state = life::paused;
    if (at_.state == life::ending) at_.state = life::held;
}

void course::resume(const clock_reading& now, outcome& what, passed instants) {
    if (at_.state == life::held) at_.state = life::ending;
    if (at_.state != life::paused) return;
    at_.state = life::active;
    if (instants == passed::catch_up) return; // due() decides them
    if (by_.when.is_calendar()) {
        tell_passed(decision::kind::paused, now, false, what);
        look_on(now);
    } else if (at_.next && at_.next->at < now.on(at_.next->line)) {
        const auto [line, passed] = *at_.next;
        std::optional<duration> at = now.on(line); // one that has waited comes now
        if (!by_.is_once && !by_.when.is_fixed_delay()) { // a grid stays as it is
            tell_passed(decision::kind::paused, now, false, what);
            at = first_on_grid(passed, by_.when.as_interval().period(), *at);
        }
        look_to(at ? std::optional(nominal_instant{line, *at}) : std::nullopt, now);
    }
    settle(now);
}

void course::release(const clock_reading& now, outcome& what) {
    if (at_.state != life::held) return;
    at_.state = life::ending;
    for (arrivals* const those : {&at_.waiting, &at_.arrived}) {
        arrivals all = std::exchange(*those, {});
        for (const progress::arrival& one : all) {
            if (one.is_triggered()) {
                those->push_back(one);
            } else {
                tell(what, decision::kind::cancelled, one.nominal, now);
            }
        }
    }
    settle(now);
}

void course::cancel(const clock_reading& now, outcome& what) {
    if (at_.state == life::ended) return;
    if (at_.state == life::cancelling) return ask_to_end(now, what);
    ask_to_end(now, what); // in the order of instants: what runs, what waits, what has passed
    drop_all(at_.waiting, decision::kind::cancelled, now, what);
    drop_all(at_.arrived, decision::kind::cancelled, now, what);
    if (has_instants()) {
        const auto why = is_paused() ? decision::kind::paused : decision::kind::cancelled;
        try {
            tell_passed(why, now, true, what);
        } catch (const std::bad_alloc&) { // it is cancelled all the same
            what.has_lost_some = true;
        }
    }
    no_more();
    at_.state = life::cancelling;
    settle(now);
}

void course::trigger(const clock_reading& now, std::optional<nominal_instant> nominal,
                     std::uint64_t tag) {
    if (!has_instants()) return;
    if (nominal) return at_.arrived.push_back({*nominal, progress::cause::request, tag});
    const time_line line = at_.next                 ? at_.next->line
                           : by_.when.is_calendar() ? time_line::wall
                                                    : time_line::elapsed;
    at_.arrived.push_back({{line, now.on(line)}, progress::cause::trigger, tag});
}

void course::cancel_run(std::uint64_t id, const clock_reading& now, outcome& what) {
    const auto one = std::find_if(at_.runs.begin(), at_.runs.end(),
                                  [&](const progress::run& r) { return r.id == id; });
    if (one == at_.runs.end()) return;
    if (one->waits_for_retry()) {
        tell_run(what, decision::kind::failed, *one, now);
        at_.runs.erase(one);
        return settle(now);
    }
    one->is_asked_to_end = true;
    what.cancel_run = id;
}

void course::reschedule(recurrence when, const clock_reading& now, outcome& what) {
    refuse_one_shot(by_);
    decide_what_has_come(now, what);
    if (!has_instants()) return; // perhaps that was the last by its `until`
    by_.when = std::move(when);
    by_.from.reset();
    count_anew(now, what);
    settle(now);
}

void course::edit(rules by, const clock_reading& now, outcome& what) {
    refuse_one_shot(by_);
    refuse_one_shot(by);
    decide_what_has_come(now, what);
    const life before = at_.state;
    const bool goes_on = has_instants() && !by.when.is_calendar() && by.when == by_.when;
    by_ = std::move(by);
    at_.state = is_paused() ? life::paused : life::active;
    if (by_.times != 0 && at_.ran >= by_.times) {
        have_run_often_enough(now, what);
    } else if (by_.until && now.wall >= *by_.until) {
        no_more();
    } else if (goes_on) {
        look_past(now);
    } else {
        count_anew(now, what);
    }
    if (by_.when.is_calendar()) at_.decided = std::max(at_.decided, now.wall); // also at its end
    if (!has_instants() && before == life::cancelling) at_.state = before; // as it was
    settle(now);
}

void course::restored(const clock_reading& now, outcome& what) {
    if (!has_instants()) return;
    tell_passed(decision::kind::restored, now, true, what);
    look_past(now);
    settle(now);
}

// ---- telling -----------------------------------------------------------------------------------

/// Without memory to tell it, it has been decided all the same.
void course::tell(outcome& what, const decision& one) noexcept {
    last_ = one;
    if (!tells_) return;
    try {
        what.decided.push_back(one);
    } catch (const std::bad_alloc&) {
        what.has_lost_some = true;
    }
}

/// `many` instants, up to `last`.
void course::tell(outcome& what, decision::kind kind, const nominal_instant& first,
                  const clock_reading& now, std::uint64_t many, duration last) noexcept {
    const wall_time nominal = now.to_wall(first);
    tell(what, {.what = kind,
                .nominal = nominal,
                .count = many,
                .last = many == 1 ? nominal : now.to_wall({first.line, last})});
}

void course::tell_run(outcome& what, decision::kind kind, const progress::run& one,
                      const clock_reading& now) noexcept {
    const wall_time nominal = now.to_wall(one.nominal);
    tell(what, {.what = kind,
                .nominal = nominal,
                .last = nominal,
                .started_at = one.started_at,
                .ended_at = now.wall,
                .attempts = one.attempt});
}

void course::tell_all(outcome& what, const std::vector<decision>& settled) noexcept {
    for (const decision& one : settled) tell(what, one);
}

} // namespace cicada::detail
