// Life and arming: how a periodic begins, ticks while it is plain, and ends.

#include <cicada/periodic/core.hpp>

#include <algorithm>
#include <memory>

#include <async/report.hpp>
#include <loop/loop_engine.hpp>
#include <loop/timer_store.hpp>
#include <periodic/course.hpp>
#include <periodic/rules_of.hpp>
#include <schedule/calendar_plan.hpp>
#include <schedule/grid.hpp>

namespace cicada::detail {

namespace {

using engine = periodic_engine;

constexpr std::uint32_t ran_spills_at = 1u << 31;
constexpr std::uint32_t most_missed = (1u << 16) - 1;

home_context& nowhere() noexcept {
    static home_context context(true);
    return context;
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
        posted = executor::post_to(x.ended_on, [name = x.name, error] {
            executor::current()->report_error(name, *error);
        });
    } catch (...) { // no memory
    }
    if (!posted) report_to_stderr(x.name, error ? *error : x.error);
}

} // namespace

periodic_extras::periodic_extras(periodic_core& of) noexcept : home_context(false), link(of) {}
periodic_extras::~periodic_extras() = default;

// ---- what it is made of ------------------------------------------------------------------------

periodic_core::periodic_core(loop& home, const setup& how)
    : context_(&home.engine().context()), period_(how.period), kind_(how.which),
      missed_(missed::skip), on_error_(on_error::carry_on) {
    activity_engine::require_not_over(home);
    const bool is_loop_told = static_cast<bool>(home.options().on_decision);
    if (!how.options && !how.when && !is_loop_told) return;
    check(how, home);
    static const every_options none;
    const every_options& o = how.options ? *how.options : none;
    missed_ = o.missed;
    on_error_ = o.on_error;
    const bool is_plain = !is_loop_told && has_plain_policies(o, kind_);
    owned<periodic_extras> x;
    if (!o.name.empty() || !is_plain) {
        x.reset(new periodic_extras(*this));
        x->name = o.name;
        if (!is_plain) {
            owned<periodic_observers> observers;
            if (o.on_decision || o.history > 0 || o.retry.when || is_loop_told)
                observers.reset(new periodic_observers(o, is_loop_told));
            x->course.reset(new periodic_course(*this, rules_of(how), {}, std::move(observers)));
        }
        x->home.store(&home, std::memory_order_relaxed);
    }
    if (how.when) calendar_ = new calendar_state(*how.when);
    if (x) context_.store(x.release(), std::memory_order_release);
}

periodic_core::~periodic_core() {
    if (engine::is_calendar(*this)) delete calendar_;
    if (!has_extras()) return;
    const owned<periodic_extras> x(&engine::extras(*this));
    if (engine::has_error(*this)) report_untaken(*x);
}

periodic_extras& periodic_engine::extras(const periodic_core& p) noexcept {
    return *static_cast<periodic_extras*>(p.context_.load(std::memory_order_relaxed));
}

periodic_extras& periodic_engine::need_extras(periodic_core& p) {
    if (has_extras(p)) return extras(p);
    home_context& shared = *p.context_.load(std::memory_order_relaxed);
    auto* x = new periodic_extras(p);
    x->home.store(shared.home.load(std::memory_order_relaxed), std::memory_order_relaxed);
    p.on().engine().add(x->link);
    p.context_.store(x, std::memory_order_release);
    return *x;
}

periodic_course* periodic_engine::course(const periodic_core& p) noexcept {
    if (!has_extras(p)) return nullptr;
    periodic_extras& x = extras(p);
    return x.course ? &*x.course : nullptr;
}

/// From here on it is plain no more: what it has done so far is the progress of its course.
periodic_course& periodic_engine::need_course(periodic_core& p) {
    periodic_extras& x = need_extras(p);
    if (x.course) return *x.course;
    rules by = rules_of(is_calendar(p) ? periodic_core::setup(p.calendar_->when)
                                       : periodic_core::setup(p.kind_, p.period_));
    by.how.missed = p.missed_;
    by.how.on_error = p.on_error_;
    progress from{.state = p.life_, .ran = x.ran + p.ran_, .missed = x.missed + p.missed_count_};
    if (p.is_armed()) from.next = nominal_instant{p.line_, duration(p.deadline())};
    if (is_calendar(p)) from.decided = p.calendar_->decided;
    if (p.runs_plainly_) {
        from.runs.push_back({.id = first_run, .is_asked_to_end = p.life_ == life::cancelling});
        if (const first_steps* const steps = first_steps::of(p)) {
            from.runs.back().nominal = steps->nominal();
            from.runs.back().started_at = steps->started_at();
        }
    }
    from.last_run = first_run;
    x.course.reset(new periodic_course(p, std::move(by), std::move(from)));
    return *x.course;
}

// ---- its beginning -----------------------------------------------------------------------------

void periodic_engine::begin(periodic_core& p, const first& when) {
    loop& home = p.on();
    if (has_extras(p)) home.engine().add(extras(p).link);
    if (activity_engine::is_cancelling(home)) return request_cancel(p);
    try {
        const visit here(p);
        if (periodic_course* const c = course(p)) {
            c->begin(when);
        } else {
            begin_plainly(p, when);
        }
    } catch (...) { // no memory: it has not begun
        end(p);
        throw;
    }
}

/// Of a one-shot what says when is its own.
first periodic_engine::begins_at(const periodic_core& p, const first& when) noexcept {
    if (p.kind_ == kind::once) return later(p.on().now(), std::max(p.period_, duration::zero()));
    return p.kind_ == kind::once_at_wall ? first(wall_time(p.period_)) : when;
}

void periodic_engine::begin_plainly(periodic_core& p, const first& when) {
    loop& home = p.on();
    if (p.kind_ == kind::once_at_wall) return arm(p, nominal_instant{time_line::wall, p.period_});
    if (is_calendar(p)) {
        p.calendar_->decided = home.wall_now();
        const search_result found = p.calendar_->when.find_next(p.calendar_->decided);
        if (found.horizon) return need_course(p).look_anew();
        if (!found.instant) {
            p.life_ = life::ending;
        } else {
            arm(p, nominal_instant{time_line::wall, found.instant->time_since_epoch()});
        }
        return;
    }
    const first at = begins_at(p, when);
    const bool reads_wall = at.which() == first::kind::at_wall; // the clock, only if it must be
    arm_plainly(
        p, first_instant(p.period_, at, home.now(), reads_wall ? home.wall_now() : wall_time()));
}

/// None: no tick comes of itself.
void periodic_engine::arm(periodic_core& p, std::optional<nominal_instant> at) {
    if (p.is_armed()) {
        if (at && at->line == p.line_ && at->at.count() == p.deadline()) return;
        if (p.line_ == time_line::wall) {
            p.on().disarm_wall(p);
        } else {
            p.on().disarm(p);
        }
    }
    if (!at) return;
    p.line_ = at->line;
    if (p.line_ == time_line::wall) {
        p.on().arm(p, wall_time(at->at));
    } else {
        p.on().arm(p, elapsed_time(at->at));
    }
}

// ---- ticking -----------------------------------------------------------------------------------

void periodic_core::expired(const expiry& at) noexcept {
    const begun_tick which = begin_tick(at);
    if (which.missed != which.none)
        run_plainly({.due = which.due, .missed = which.missed}, duration(at.now));
}

/// The way of nearly every tick: on time, and nothing special about it.
periodic_core::begun_tick periodic_core::begin_tick(const expiry& at) noexcept {
    if (kind_ != kind::fixed_rate || engine::course(*this)) [[unlikely]] {
        tick_otherwise();
        return {{}, begun_tick::none};
    }
    const duration due(deadline());
    const grid_step step = step_on_grid(period_, missed_, due, duration(at.now));
    if (step.next) [[likely]] {
        at.by.arm(*this, step.next->count());
    } else {
        engine::need_extras(*this); // by which its loop finds it
    }
    engine::count(*this, step.missed);
    runs_plainly_ = true;
    return {due, step.missed};
}

void periodic_core::tick_otherwise() noexcept {
    if (periodic_course* const c = engine::course(*this)) return c->due();
    if (engine::is_calendar(*this)) return engine::tick_of_calendar(*this);
    const duration now = line_ == time_line::wall ? on().wall_now().time_since_epoch()
                                                  : on().turn_at().time_since_epoch();
    if (is_once()) life_ = life::ending;
    engine::count(*this, 0);
    run_plainly({.due = duration(deadline()), .line = line_}, now);
}

/// With the plain policy one run stands for all that have come.
void periodic_engine::tick_of_calendar(periodic_core& p) noexcept {
    const visit here(p);
    calendar_state& calendar = *p.calendar_;
    const wall_time now = p.on().wall_now();
    if (between(now, calendar.decided) > most_set_back) return need_course(p).due();
    const calendar_plan what = plan({.when = calendar.when}, calendar.decided, now);
    calendar.decided = std::max(calendar.decided, now);
    if (what.next.instant) {
        p.on().arm(p, *what.next.instant);
    } else if (!what.next.horizon) {
        p.life_ = life::ending;
    }
    if (what.run) {
        count(p, what.missed);
        const duration due = what.run->time_since_epoch();
        p.run_plainly({.due = due, .missed = what.missed, .line = time_line::wall},
                      now.time_since_epoch());
    }
    if (what.next.horizon) need_course(p).look_anew();
}

void periodic_core::run_plainly(const attempt& which, duration now) noexcept {
    runs_plainly_ = true;
    body_end end;
    try {
        invoke({*this, which, now, end});
    } catch (...) {
        end.error = std::current_exception();
    }
    if (end.error || end.was_cancelled || !just_goes_on()) [[unlikely]]
        return engine::finish(*this, which, end);
    runs_plainly_ = false;
}

void periodic_core::finish_tick(const begun_tick& which, std::exception_ptr error) noexcept {
    engine::finish(*this, {.due = which.due, .missed = which.missed}, {.error = std::move(error)});
}

/// What else may follow a plain run.
void periodic_engine::finish(periodic_core& p, const attempt& which, const body_end& end) noexcept {
    const visit here(p);
    if (end.error || end.was_cancelled || course(p)) {
        if (!end.is_suspended) need_course(p).plain_run_over(which, end);
    } else if (p.kind_ == kind::fixed_delay && p.life_ == life::active) {
        arm_plainly(p, period_after(p.on().now().time_since_epoch(), p.period_));
    }
    p.runs_plainly_ = false;
}

/// The core counts in a few bits; what exceeds them moves to the extras.
inline void periodic_engine::count(periodic_core& p, std::uint64_t missed) noexcept {
    const std::uint64_t sum = p.missed_count_ + missed;
    if (++p.ran_ < ran_spills_at && sum <= most_missed) [[likely]] {
        p.missed_count_ = sum & most_missed;
        return;
    }
    periodic_extras& x = need_extras(p);
    x.ran += std::exchange(p.ran_, 0);
    x.missed += sum;
    p.missed_count_ = 0;
}

/// In elapsed time. None: never; its loop finds it by its link then.
void periodic_engine::arm_plainly(periodic_core& p, std::optional<duration> at) {
    if (at) [[likely]] {
        p.on().arm(p, elapsed_time(*at));
    } else {
        need_extras(p);
    }
}

// ---- ending ------------------------------------------------------------------------------------

void periodic_engine::request_cancel(periodic_core& p) noexcept {
    if (p.has_ended()) return;
    const visit here(p);
    if (const first_steps* const steps = first_steps::of(p)) steps->run().request_cancel();
    if (periodic_course* const c = course(p)) return c->cancel();
    p.life_ = life::cancelling;
    arm(p, std::nullopt);
}

bool periodic_engine::is_asked_to_end(const periodic_core& p, std::uint64_t run) noexcept {
    if (const periodic_course* const c = course(p)) return c->decides().run(run).is_asked_to_end;
    return p.life_ == life::cancelling;
}

void periodic_core::ask_to_cancel() noexcept {
    if (has_ended()) return;
    asked_ = true;
    engine::request_cancel(*this);
}

void periodic_core::owner_dropped() noexcept {
    if (!asked_) ask_to_cancel();
}

bool periodic_core::stay() noexcept {
    add_handle();
    return true;
}

void periodic_core::shut_down() noexcept {
    engine::request_cancel(*this);
    release_handle();
}

/// It has not ended, and nothing is left of it.
bool periodic_engine::is_over(const periodic_core& p) noexcept {
    if (p.has_ended() || p.runs_plainly_) return false;
    const periodic_course* const c = course(p);
    return c ? c->state() == life::ended : p.life_ >= life::ending;
}

/// Nothing of it runs or will run. What the body held goes first: it may be a handle to this very
/// periodic.
void periodic_engine::end(periodic_core& p) noexcept {
    p.life_ = life::ended;
    p.destroy_body();
    if (has_extras(p)) {
        periodic_extras& x = extras(p);
        if (x.course) x.course->destroy_observers();
        p.on().engine().remove(x.link);
        while (listener* one = x.listeners.pop_front()) one->ended();
        x.ended_on = p.on().id();
        x.home.store(nullptr, std::memory_order_release);
    } else {
        p.context_.store(&nowhere(), std::memory_order_release);
    }
    p.release_handle();
}

void periodic_core::add_handle() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }

void periodic_core::release_handle() noexcept {
    if (holders_.load(std::memory_order_acquire) == 1 ||
        holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete this;
    }
}

void periodic_core::add_listener(listener& one) {
    engine::need_extras(*this).listeners.push_back(one);
}
void periodic_core::remove_listener(listener& one) noexcept {
    engine::extras(*this).listeners.erase(one);
}

bool periodic_engine::has_error(const periodic_core& p) noexcept {
    return has_extras(p) && extras(p).error &&
           !extras(p).error_taken.load(std::memory_order_relaxed);
}

std::exception_ptr periodic_engine::take_error(periodic_core& p) noexcept {
    if (!has_extras(p)) return nullptr;
    extras(p).error_taken.store(true, std::memory_order_relaxed);
    return extras(p).error;
}

} // namespace cicada::detail
