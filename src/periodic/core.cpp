#include <cicada/periodic/core.hpp>

#include <algorithm>
#include <memory>

#include <async/ending_impl.hpp>
#include <async/report.hpp>
#include <periodic/extras.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

namespace {

constexpr std::uint32_t ran_spills_at = 1u << 31;

home_context& nowhere() noexcept {
    static home_context context(true);
    return context;
}

/// Nothing but a name, perhaps.
bool is_plain(const every_options& o) noexcept {
    return o.catch_up == catch_up::last && o.catch_up_window == duration::max() &&
           o.start_deadline == duration::max() && o.overlap == overlap::skip && o.retry.max == 0 &&
           o.failures.in_a_row == 0 && o.jitter <= duration::zero() &&
           o.accuracy <= duration::zero() && o.times == 0 && !o.until && !o.on_decision &&
           o.history == 0;
}

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

/// Where the last handle of a periodic that an error has ended is dropped is anybody's choice; the
/// error is its loop's.
void report_untaken(periodic_extras& x) noexcept {
    executor* const here = executor::current();
    if (here && here->id() == x.ended_on) return here->report_error(x.name, std::move(x.error));
    std::shared_ptr<std::exception_ptr> error; // whoever is last destroys it, and not under a lock
    bool posted = false;
    try {
        error = std::make_shared<std::exception_ptr>(std::move(x.error));
        posted = executor::post_to_id(x.ended_on, [name = x.name, error] {
            executor::current()->report_error(name, *error);
        });
    } catch (...) { // no memory
    }
    if (!posted) report_to_stderr(x.name, error ? *error : x.error);
}

} // namespace

template class ending_ref<periodic_core>;
template class end_awaiter<periodic_core>;

tick tick_source::make() const { return of.tick_for(*this); }

tick periodic_core::tick_for(const tick_source& source) const {
    const duration now =
        std::max(source.now, now_on_its_line()); // others of the turn may have taken long
    const attempt& which = source.which;
    return {to_wall(which.due), to_wall(now), minus(now, which.due),
            which.missed,       which.number, &source.of};
}

periodic_core::periodic_core(loop& home, const setup& how)
    : context_(&home.context()), period_(how.period), kind_(how.which), missed_(missed::skip),
      on_error_(on_error::carry_on) {
    if (!how.options) return;
    const every_options& o = *how.options;
    missed_ = o.missed;
    on_error_ = o.on_error;
    owned<calendar_state> calendar(how.when ? new calendar_state(*how.when) : nullptr);
    if (!o.name.empty() || !is_plain(o)) {
        owned<periodic_extras> x(new periodic_extras(*this));
        x->name = o.name;
        if (!is_plain(o)) {
            x->given.reset(new kept_options(o));
            x->given->name = x->name;
        }
        x->home.store(&home, std::memory_order_relaxed);
        context_.store(x.release(), std::memory_order_release);
    }
    if (calendar) calendar_ = calendar.release();
}

periodic_core::~periodic_core() {
    if (is_calendar()) delete calendar_;
    if (!has_extras()) return;
    const owned<periodic_extras> x(&extras());
    if (has_error()) report_untaken(*x);
}

periodic_extras& periodic_core::extras() const noexcept {
    return *static_cast<periodic_extras*>(context_.load(std::memory_order_relaxed));
}

periodic_extras& periodic_core::need_extras() {
    if (has_extras()) return extras();
    home_context& shared = *context_.load(std::memory_order_relaxed);
    auto* x = new periodic_extras(*this);
    x->home.store(shared.home.load(std::memory_order_relaxed), std::memory_order_relaxed);
    x->starting = in_body_ ? shared.starting : nullptr;
    x->nominal = duration(deadline());
    x->identity = on().options().seed + on().next_serial();
    on().add(x->link);
    context_.store(x, std::memory_order_release);
    return *x;
}

// ---- time lines ------------------------------------------------------------------------------------------------

interval periodic_core::schedule() const {
    return interval(period_, kind_ == kind::fixed_delay ? interval::kind::fixed_delay
                                                        : interval::kind::fixed_rate);
}

duration periodic_core::now_on_its_line() const noexcept {
    return is_wall() ? on().wall_now().time_since_epoch() : on().now().time_since_epoch();
}

duration periodic_core::turn_on_its_line() const noexcept {
    return is_wall() ? now_on_its_line() : on().turn_at().time_since_epoch();
}

wall_time periodic_core::to_wall(duration instant) const noexcept {
    return is_wall() ? wall_time(instant) : on().to_wall(elapsed_time(instant));
}

// ---- arming ----------------------------------------------------------------------------------------------------

void periodic_core::begin(const first& when) {
    loop& home = on();
    if (has_extras()) {
        periodic_extras& x = extras();
        home.add(x.link);
        x.identity = x.name.empty() ? home.options().seed + home.next_serial() : name_hash(x.name);
    }
    if (home.is_cancelling()) return request_cancel();
    try {
        arm_first(when);
    } catch (...) { // no memory: it has not begun
        end();
        throw;
    }
}

void periodic_core::arm_first(const first& when) {
    loop& home = on();
    if (is_calendar()) {
        arm_first_of_calendar(when);
        return settle();
    }
    if (is_wall()) return arm_for(period_);
    const elapsed_time now = home.now();
    if (kind_ == kind::once)
        return arm_for(later(now, std::max(period_, duration::zero())).time_since_epoch());
    const bool reads_wall = when.which() == first::kind::at_wall; // the clock, only if it must be
    arm_for(first_instant(schedule(), when, now, reads_wall ? home.wall_now() : wall_time()));
    settle();
}

calendar_policy periodic_core::policy() const noexcept {
    return has_extras() ? extras().policy() : calendar_policy();
}

void periodic_core::arm_first_of_calendar(const first& when) {
    wall_time& decided = calendar_->decided;
    decided = on().wall_now();
    switch (when.which()) {
    case first::kind::immediately:
    case first::kind::after_period:
        break;
    case first::kind::at_elapsed:
        decided = later(to_wall(when.at()), duration(-1));
        break;
    case first::kind::at_wall:
        decided = later(wall_time(when.at()), duration(-1));
        break;
    }
    arm_undecided();
}

/// Arms the first instant of a calendar that has not been decided; also when that is past.
void periodic_core::arm_undecided() {
    const auto next = calendar_->when.next(calendar_->decided);
    const auto until = policy().until;
    const bool is_over = !next || (until && *next > *until);
    arm_for(is_over ? std::nullopt : std::optional(next->time_since_epoch()));
}

/// How far jitter and accuracy may move a tick: not to the next nominal instant.
duration periodic_core::room_after(duration nominal) const {
    if (is_once()) return duration::max();
    if (!is_calendar()) return period_;
    const auto next = calendar_->when.next(wall_time(nominal));
    return next ? between(wall_time(nominal), *next) : duration::max();
}

/// Arms the tick of a nominal instant. None: there is none, ever; settle() then ends it.
void periodic_core::arm_for(std::optional<duration> nominal) {
    if (stopping_) return; // it was cancelled by who was told a decision
    if (!nominal) {
        stopping_ = true;
        return;
    }
    duration at = *nominal;
    if (has_extras()) {
        periodic_extras& x = extras();
        x.nominal = at;
        if (phase_ == phase::paused) return;
        const duration jitter = x.options().jitter;
        const duration accuracy = x.options().accuracy;
        if (jitter > duration::zero() || accuracy > duration::zero()) {
            const duration room = room_after(at);
            at = plus(at, jitter_of(x.identity, at, std::min(jitter, room)));
            if (accuracy > duration::zero()) {
                const duration shared = up_to_multiple(at, std::min(accuracy, room));
                if (minus(shared, *nominal) < room) at = shared;
            }
        }
    }
    if (is_wall()) {
        on().arm(*this, wall_time(at));
    } else {
        on().arm(*this, elapsed_time(at));
    }
}

void periodic_core::disarm_now() noexcept {
    if (!is_armed()) return;
    if (is_wall()) {
        on().disarm_wall(*this);
    } else {
        on().disarm(*this);
    }
}

// ---- ticking ---------------------------------------------------------------------------------------------------

void periodic_core::expired() noexcept {
    if (is_calendar()) return tick_of_calendar();
    if (!has_extras()) return tick_plainly();
    tick_with_extras();
}

/// The way of nearly every tick: on time, and nothing special about it.
void periodic_core::tick_plainly() noexcept {
    const duration due(deadline());
    const duration now = turn_on_its_line();
    std::uint64_t missed = 0;
    if (is_once()) {
        stopping_ = true;
    } else {
        const planned p = plan(schedule(), {.missed = missed_}, {.due = due}, now);
        missed = p.missed;
        if (missed > 0) [[unlikely]]
            count(missed);
        if (kind_ == kind::fixed_rate) arm_for(p.next);
    }
    run_body({.due = due, .missed = missed}, now);
    settle();
}

void periodic_core::tick_with_extras() noexcept {
    periodic_extras& x = extras();
    const duration due = x.nominal;
    const duration now = turn_on_its_line();
    if (x.options().until && to_wall(due) > *x.options().until) {
        stopping_ = true;
        return settle();
    }
    if (is_once()) {
        stopping_ = true;
    } else {
        const duration on_purpose = minus(duration(deadline()), due); // jitter and accuracy
        const plan_policy policy{.missed = missed_,
                                 .granule = plus(plan_policy{}.granule, on_purpose)};
        const planned p = plan(schedule(), policy, {.due = due}, now);
        if (kind_ == kind::fixed_rate) arm_for(p.next);
        count(p.missed);
        x.untold += p.missed;
        if (p.missed > 0) note(decision::kind::missed, due + period_, p.missed);
    }
    admit(due);
    settle();
}

void periodic_core::tick_of_calendar() noexcept {
    const wall_time now = on().wall_now();
    calendar_policy how = policy();
    if (has_extras()) how.on_purpose = minus(duration(deadline()), extras().nominal);
    const planned_instants p = plan(calendar_->when, how, calendar_->decided, now);
    calendar_->decided = std::max(calendar_->decided, now);
    arm_for(p.next ? std::optional(p.next->time_since_epoch()) : std::nullopt);
    std::uint64_t missed = 0;
    for (const decision& d : p.settled) {
        if (d.what != decision::kind::excluded) missed += d.count;
    }
    count(missed);
    if (!has_extras()) { // with the plain policy one run stands for all
        if (!p.runs.empty())
            run_body({.due = p.runs.front().time_since_epoch(), .missed = missed},
                     now.time_since_epoch());
        return settle();
    }
    extras().untold += missed;
    for (const decision& d : p.settled) note(d);
    for (const wall_time due : p.runs) {
        if (phase_ == phase::paused) { // by one of these runs
            note(decision::kind::paused, due.time_since_epoch());
        } else {
            admit(due.time_since_epoch());
        }
    }
    settle();
}

/// Lets the overlap policy say what happens to an instant that is due.
void periodic_core::admit(duration due) noexcept {
    if (cancelling_) return note(decision::kind::cancelled, due);
    periodic_extras& x = extras();
    const verdict what = x.queue.admit(x.options().overlap, due, [&](duration dropped) {
        ++x.dropped;
        ++x.untold;
        note(decision::kind::skipped_overlap, dropped);
    });
    if (what == verdict::run) return start(due);
    if (what != verdict::cancel_others) return;
    for (periodic_run* run = x.runs.front(); run; run = x.runs.after(*run)) run->request_cancel();
    drop_retries();
    start_waiting();
}

void periodic_core::start_waiting() noexcept {
    periodic_extras& x = extras();
    while (!cancelling_) {
        const auto due = x.queue.take(x.options().overlap);
        if (!due) return;
        start(*due);
    }
}

/// The first attempt for an instant.
void periodic_core::start(duration due) noexcept {
    periodic_extras& x = extras();
    const duration now = std::max(due, turn_on_its_line());
    if (minus(now, due) > x.options().start_deadline) {
        ++x.dropped;
        ++x.untold;
        return note(decision::kind::too_late, due);
    }
    if (x.options().times > 0 && ran() >= x.options().times) return; // no instants any more
    if (x.options().times > 0 && ran() + 1 == x.options().times) {
        stopping_ = true;
        disarm_now();
        x.queue.clear([](duration) {}); // they are beyond the end
    }
    attempt which{.due = due, .missed = std::exchange(x.untold, 0)};
    if (x.is_watched()) which.first_started_at = on().wall_now();
    run_body(which, now);
}

void periodic_core::run_body(const attempt& which, duration now) noexcept {
    if (which.number == 1 && ++ran_ == ran_spills_at) [[unlikely]]
        need_extras().ran += std::exchange(ran_, 0);
    in_body_ = true;
    bool is_over = true;
    std::exception_ptr error;
    try {
        is_over = invoke({*this, which, now});
    } catch (...) {
        error = std::current_exception();
    }
    if (is_over && (error || has_extras())) [[unlikely]]
        run_over(which, std::move(error), false);
    in_body_ = false;
}

/// A run has ended, or never suspended.
void periodic_core::run_over(const attempt& which, std::exception_ptr error,
                             bool cancelled) noexcept {
    if (error) {
        periodic_extras& x = need_extras();
        ++x.failed;
        try {
            if (retries(which, error)) return on().report_error(x.name, std::move(error));
        } catch (...) { // of the predicate, or no memory for the wait
            on().report_error(x.name, std::current_exception());
        }
    }
    if (has_extras() && extras().is_watched()) {
        using kind_of = decision::kind;
        note(decision{.what = error       ? kind_of::failed
                              : cancelled ? kind_of::cancelled
                                          : kind_of::ran,
                      .nominal = to_wall(which.due),
                      .last = to_wall(which.due),
                      .started_at = which.first_started_at,
                      .ended_at = on().wall_now(),
                      .attempts = which.number});
    }
    if (error) return failed_for_good(std::move(error));
    if (has_extras() && !cancelled) extras().failed_in_a_row = 0;
}

bool periodic_core::retries(const attempt& failed, const std::exception_ptr& error) {
    periodic_extras& x = extras();
    const retry& how = x.options().retry;
    const auto delay = retry_delay(how, failed.number, x.identity, failed.due);
    if (cancelling_ || !delay || (how.when && !how.when(error))) return false;
    attempt next = failed;
    ++next.number;
    owned<retry_wait> wait(new retry_wait(*this, next));
    on().arm(*wait, later(on().now(), *delay));
    x.retries.push_back(*wait.release());
    x.queue.started();
    return true;
}

void periodic_core::retry_now(retry_wait& which) noexcept {
    periodic_extras& x = extras();
    const owned<retry_wait> wait(&which);
    x.retries.erase(which);
    x.queue.ended();
    run_body(which.next(), std::max(which.next().due, turn_on_its_line()));
    start_waiting();
    settle();
}

/// The runs that wait for a retry end here; their last attempt was the last.
void periodic_core::drop_retries() noexcept {
    periodic_extras& x = extras();
    while (retry_wait* one = x.retries.pop_front()) {
        const owned<retry_wait> wait(one);
        on().disarm(*one);
        x.queue.ended();
        const attempt& which = one->next();
        note(decision{.what = decision::kind::failed,
                      .nominal = to_wall(which.due),
                      .last = to_wall(which.due),
                      .started_at = which.first_started_at,
                      .ended_at = on().wall_now(),
                      .attempts = which.number - 1});
    }
}

void periodic_core::failed_for_good(std::exception_ptr error) noexcept {
    periodic_extras& x = extras();
    const failure_limit& limit = x.options().failures;
    const bool is_failing = limit.in_a_row > 0 && ++x.failed_in_a_row % limit.in_a_row == 0;
    using action = failure_limit::action;
    const bool ends = on_error_ == on_error::stop || (is_failing && limit.then == action::stop);
    if (!ends || x.error) on().report_error(x.name, error);
    if (is_failing)
        on().report_error(x.name, std::make_exception_ptr(failing_error(x.failed_in_a_row)));
    if (ends) {
        if (!x.error) x.error = std::move(error);
        return request_cancel();
    }
    if (is_failing && limit.then == action::pause) pause();
}

void periodic_run::begin(std::coroutine_handle<> root) {
    home_context* const context = of_.context_.load(std::memory_order_relaxed);
    periodic_core& of = of_;
    bool ended = false;
    ended_at_once_ = &ended;
    context->starting = this;
    start_now(*of.home(), root);
    context->starting = nullptr;
    of.context_.load(std::memory_order_relaxed)->starting =
        nullptr; // the body may have brought extras about
    if (ended) return;
    ended_at_once_ = nullptr;
    of.suspended(*this);
}

void periodic_run::on_ended() noexcept {
    if (ended_at_once_) {
        *ended_at_once_ = true;
        of_.run_over(which_, error(), was_cancelled());
    } else {
        of_.run_ended(*this, error());
    }
}

void periodic_core::suspended(periodic_run& run) noexcept {
    periodic_extras& x = need_extras();
    x.runs.push_back(run);
    x.queue.started();
}

void periodic_core::run_ended(periodic_run& run, std::exception_ptr error) noexcept {
    periodic_extras& x = extras();
    x.runs.erase(run);
    run_over(run.which_, std::move(error), run.was_cancelled()); // it may request cancel: the run
    x.queue.ended(); // counts until here, so that the end is ours
    start_waiting();
    settle();
}

/// After a body, a run or a request: what follows when nothing runs.
void periodic_core::settle() noexcept {
    if (in_body_ || (has_extras() && extras().queue.is_running())) return;
    if (!stopping_ && kind_ == kind::fixed_delay && !is_armed())
        arm_for(after_run(schedule(), now_on_its_line()));
    if (stopping_) end();
}

/// The core counts in a few bits; what exceeds them moves to the extras.
void periodic_core::count(std::uint64_t missed) noexcept {
    const std::uint64_t sum = missed_count_ + missed;
    missed_count_ = sum & most_missed;
    if (sum > most_missed) need_extras().missed += sum - missed_count_;
}

std::uint64_t periodic_core::ran() const noexcept {
    return ran_ + (has_extras() ? extras().ran : 0);
}

// ---- ending ----------------------------------------------------------------------------------------------------

void periodic_core::request_cancel() noexcept {
    if (has_ended()) return;
    const bool was_asked = cancelling_;
    const bool was_watched =
        has_extras() && extras().is_watched() && (is_armed() || phase_ == phase::paused);
    stopping_ = true;
    cancelling_ = true;
    disarm_now();
    if (!was_asked && was_watched) tell_passed();
    if (activity* starting = context_.load(std::memory_order_relaxed)->starting;
        in_body_ && starting) {
        starting->request_cancel();
    }
    if (has_extras()) {
        periodic_extras& x = extras();
        x.queue.clear([&](duration one) { note(decision::kind::cancelled, one); });
        drop_retries();
        for (periodic_run* run = x.runs.front(); run; run = x.runs.after(*run))
            run->request_cancel();
    }
    settle();
}

void periodic_core::shut_down() noexcept {
    request_cancel();
    release_handle();
}

/// Nothing of it runs or will run. What the body held goes first: it may be a handle to this very periodic.
void periodic_core::end() noexcept {
    phase_ = phase::ended;
    destroy_body();
    if (has_extras()) {
        periodic_extras& x = extras();
        x.destroy_observers();
        on().remove(x.link);
        while (listener* one = x.listeners.pop_front()) one->ended();
        x.ended_on = on().id();
        x.home.store(nullptr, std::memory_order_release);
    } else {
        context_.store(&nowhere(), std::memory_order_release);
    }
    release_handle();
}

void periodic_core::add_handle() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }

void periodic_core::release_handle() noexcept {
    if (holders_.load(std::memory_order_acquire) == 1 ||
        holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete this;
    }
}

void periodic_core::add_listener(listener& one) { need_extras().listeners.push_back(one); }
void periodic_core::remove_listener(listener& one) noexcept { extras().listeners.erase(one); }

bool periodic_core::contains(const activity& other) const noexcept {
    if (other.home() != home()) return false; // on another thread, which may look no further
    if (in_body_ && context_.load(std::memory_order_relaxed)->starting == &other) return true;
    if (!has_extras()) return false;
    const periodic_extras& x = extras();
    for (const periodic_run* run = x.runs.front(); run; run = x.runs.after(*run)) {
        if (run == &other) return true;
    }
    return false;
}

bool periodic_core::has_error() const noexcept {
    return has_extras() && extras().error && !extras().error_taken.load(std::memory_order_relaxed);
}

std::exception_ptr periodic_core::take_error() noexcept {
    if (!has_extras()) return nullptr;
    extras().error_taken.store(true, std::memory_order_relaxed);
    return extras().error;
}

// ---- control ---------------------------------------------------------------------------------------------------

void periodic_core::pause() {
    if (stopping_ || phase_ != phase::active) return;
    need_extras(); // keeps the nominal instant
    phase_ = phase::paused;
    disarm_now();
}

void periodic_core::resume() {
    if (phase_ != phase::paused) return;
    phase_ = phase::active;
    periodic_extras& x = extras();
    if (kind_ == kind::fixed_delay && (in_body_ || x.queue.is_running())) return; // its end arms
    tell_passed();
    if (is_calendar()) {
        arm_undecided();
        return settle();
    }
    const duration now = now_on_its_line();
    std::optional<duration> due = std::max(x.nominal, now);
    if (kind_ == kind::fixed_rate && x.nominal < now) {
        const std::uint64_t past =
            nanoseconds_between(x.nominal, now) % static_cast<std::uint64_t>(period_.count());
        if (past > 0) due = period_after(now - duration(static_cast<duration::rep>(past)), period_);
    }
    arm_for(due);
    settle();
}

/// The decisions of what has passed undecided: during a pause, or before a cancel (a stall, or jitter, kept it waiting).
void periodic_core::tell_passed() noexcept {
    const auto why =
        cancelling_ && phase_ == phase::active ? decision::kind::cancelled : decision::kind::paused;
    if (is_calendar()) return tell_passed_of_calendar(why);
    const duration first = extras().nominal;
    duration last = minus(now_on_its_line(), duration(1));
    if (const auto until = extras().options().until)
        last = std::min(last, plus(first, between(to_wall(first), *until)));
    if (first > last) return;
    if (kind_ != kind::fixed_rate) { // the one that is armed; on resume it runs after all
        if (cancelling_) note(why, first);
        return;
    }
    note(why, first,
         nanoseconds_between(first, last) / static_cast<std::uint64_t>(period_.count()) + 1);
}

void periodic_core::tell_passed_of_calendar(decision::kind why) noexcept {
    const wall_time now = on().wall_now();
    const planned_instants p =
        plan(calendar_->when, {.until = policy().until}, calendar_->decided, now);
    calendar_->decided = std::max(calendar_->decided, now);
    for (const decision& one : p.settled) {
        if (one.what == decision::kind::excluded) note(one);
    }
    if (!p.runs.empty()) { // with this policy: one, and the others stand for it
        decision d{.what = why, .nominal = p.runs.front(), .last = p.runs.front()};
        for (const decision& one : p.settled) {
            if (one.what != decision::kind::coalesced_into) continue;
            d.nominal = std::min(d.nominal, one.nominal);
            d.count += one.count;
        }
        note(d);
    }
}

void periodic_core::trigger() {
    if (stopping_ || has_ended()) return;
    need_extras();
    work* const run = make_work([this] {
        if (!stopping_ && !has_ended()) {
            admit(now_on_its_line());
            settle();
        }
        release_handle();
    });
    add_handle();
    on().post_work(run);
}

void periodic_core::reschedule(interval when) {
    if (!may_reschedule()) return;
    if (is_calendar()) delete calendar_;
    period_ = when.period();
    kind_ = when.which() == interval::kind::fixed_delay ? kind::fixed_delay : kind::fixed_rate;
    if (kind_ == kind::fixed_delay && (in_body_ || (has_extras() && extras().queue.is_running())))
        return; // its end arms
    arm_for(period_after(now_on_its_line(), period_));
    settle();
}

void periodic_core::reschedule(const cicada::schedule& when) {
    if (!stopping_ && !has_ended()) refuse_never(when, on().wall_now(), "; to end, cancel it");
    if (!may_reschedule()) return;
    auto* const fresh = new calendar_state(when);
    fresh->decided = on().wall_now();
    if (is_calendar()) delete calendar_;
    calendar_ = fresh;
    kind_ = kind::calendar;
    arm_undecided();
    settle();
}

/// Takes it off its schedule. False: it has none any more.
bool periodic_core::may_reschedule() {
    if (stopping_ || has_ended()) return false;
    if (is_once())
        throw std::logic_error(
            "cicada: a one-shot cannot be rescheduled: cancel it, and make another");
    disarm_now();
    if (phase_ == phase::paused) tell_passed();
    if (stopping_) settle();
    return !stopping_;
}

void periodic_core::reconsider() noexcept {
    if (is_calendar() && !stopping_ && phase_ == phase::active) {
        disarm_now();
        arm_undecided();
        settle();
    }
    release_handle();
}

std::optional<wall_time> periodic_core::next() const {
    if (phase_ != phase::active || !is_armed()) return std::nullopt;
    return to_wall(has_extras() ? extras().nominal : duration(deadline()));
}

std::vector<decision> periodic_core::history() const {
    if (!has_extras()) return {};
    const periodic_extras& x = extras();
    std::vector<decision> all(x.history);
    std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(x.oldest), all.end());
    return all;
}

void periodic_core::note(const decision& d) noexcept {
    periodic_extras& x = extras();
    // Who is told may cancel, or drop the handle. As in a body, the end waits for the settle() that follows.
    const bool was_in_body = in_body_;
    in_body_ = true;
    try {
        if (x.history.size() < x.options().history) {
            x.history.push_back(d);
        } else if (x.options().history > 0) {
            x.history[x.oldest] = d;
            x.oldest = (x.oldest + 1) % x.options().history;
        }
        if (x.options().on_decision) x.options().on_decision(d);
    } catch (...) {
        on().report_error(x.name, std::current_exception());
    }
    in_body_ = was_in_body;
}

/// `many` nominal instants of its own, a period apart.
void periodic_core::note(decision::kind what, duration first, std::uint64_t many) noexcept {
    if (!extras().is_watched()) return;
    const duration last = many == 1 ? first : after_periods(first, period_, many - 1);
    note(decision{.what = what, .nominal = to_wall(first), .count = many, .last = to_wall(last)});
}

periodic_counters periodic_core::counters() const noexcept {
    if (!has_extras()) return {.ran = ran_, .missed = missed_count_};
    const periodic_extras& x = extras();
    return {ran(), x.missed + missed_count_, x.dropped, x.failed};
}

std::string_view periodic_core::name() const noexcept {
    return has_extras() ? extras().name : std::string_view();
}

bool periodic_core::describe(task_info& info) const {
    info.name = name();
    if (has_extras() && !extras().retries.empty()) {
        info.waits_for = "its retry";
    } else if (in_body_ || (has_extras() && extras().queue.is_running())) {
        info.waits_for = "the end of its run";
    } else {
        info.waits_for = phase_ == phase::paused ? "resume()" : "its next tick";
    }
    return true;
}

} // namespace cicada::detail
