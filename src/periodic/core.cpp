// Life and arming: how a periodic begins, ticks while it is plain, and ends.

#include <cicada/periodic/core.hpp>

#include <algorithm>
#include <memory>

#include <async/report.hpp>
#include <periodic/course.hpp>
#include <periodic/rules_of.hpp>
#include <schedule/calendar_plan.hpp>
#include <schedule/grid.hpp>

namespace cicada::detail {

namespace {

constexpr std::uint32_t ran_spills_at = 1u << 31;

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
        posted = executor::post_to_id(x.ended_on, [name = x.name, error] {
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
    : context_(&home.context()), period_(how.period), kind_(how.which), missed_(missed::skip),
      on_error_(on_error::carry_on) {
    const bool is_loop_told = static_cast<bool>(home.options().on_decision);
    if (!how.options && !is_loop_told) return;
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
    on().add(x->link);
    context_.store(x, std::memory_order_release);
    return *x;
}

periodic_course* periodic_core::course() const noexcept {
    if (!has_extras()) return nullptr;
    periodic_extras& x = extras();
    return x.course ? &*x.course : nullptr;
}

/// From here on it is plain no more: what it has done so far is the progress of its course.
periodic_course& periodic_core::need_course() {
    periodic_extras& x = need_extras();
    if (x.course) return *x.course;
    setup how{kind_, is_calendar() ? duration::max() : period_};
    if (is_calendar()) how.when = &calendar_->when;
    rules by = rules_of(how);
    by.how.missed = missed_;
    by.how.on_error = on_error_;
    progress from{.state = life_, .ran = x.ran + ran_, .missed = x.missed + missed_count_};
    if (is_armed()) from.next = nominal_instant{line_, duration(deadline())};
    if (is_calendar()) from.decided = calendar_->decided;
    if (runs_plainly_) {
        from.runs.push_back({.id = first_run, .is_asked_to_end = life_ == life::cancelling});
        if (const first_steps* const steps = first_steps::of(*this)) {
            from.runs.back().nominal = steps->nominal();
            from.runs.back().started_at = steps->started_at();
        }
    }
    from.last_run = first_run;
    x.course.reset(new periodic_course(*this, std::move(by), std::move(from)));
    return *x.course;
}

// ---- its beginning -----------------------------------------------------------------------------

void periodic_core::begin(const first& when) {
    loop& home = on();
    if (has_extras()) home.add(extras().link);
    if (home.is_cancelling()) return request_cancel();
    try {
        const visit here(*this);
        if (periodic_course* const c = course()) {
            c->begin(when);
        } else {
            begin_plainly(when);
        }
    } catch (...) { // no memory: it has not begun
        end();
        throw;
    }
}

/// Of a one-shot what says when is its own.
first periodic_core::begins_at(const first& when) const noexcept {
    if (kind_ == kind::once) return later(on().now(), std::max(period_, duration::zero()));
    return kind_ == kind::once_at_wall ? first(wall_time(period_)) : when;
}

void periodic_core::begin_plainly(const first& when) {
    loop& home = on();
    if (kind_ == kind::once_at_wall) return arm(nominal_instant{time_line::wall, period_});
    if (is_calendar()) {
        calendar_->decided = home.wall_now();
        const search_result found = calendar_->when.find_next(calendar_->decided);
        if (found.horizon) return need_course().look_anew();
        if (!found.instant) {
            life_ = life::ending;
        } else {
            arm(nominal_instant{time_line::wall, found.instant->time_since_epoch()});
        }
        return;
    }
    const first at = begins_at(when);
    const bool reads_wall = at.which() == first::kind::at_wall; // the clock, only if it must be
    arm_plainly(first_instant(period_, at, home.now(), reads_wall ? home.wall_now() : wall_time()));
}

/// None: no tick comes of itself.
void periodic_core::arm(std::optional<nominal_instant> at) {
    if (is_armed()) {
        if (at && at->line == line_ && at->at.count() == deadline()) return;
        if (line_ == time_line::wall) {
            on().disarm_wall(*this);
        } else {
            on().disarm(*this);
        }
    }
    if (!at) return;
    line_ = at->line;
    if (line_ == time_line::wall) {
        on().arm(*this, wall_time(at->at));
    } else {
        on().arm(*this, elapsed_time(at->at));
    }
}

// ---- ticking -----------------------------------------------------------------------------------

void periodic_core::expired() noexcept {
    if (has_extras() && extras().course) return extras().course->due();
    if (is_calendar()) return tick_of_calendar();
    tick_plainly();
}

/// The way of nearly every tick: on time, and nothing special about it.
void periodic_core::tick_plainly() noexcept {
    const duration due(deadline());
    const duration now = line_ == time_line::wall ? on().wall_now().time_since_epoch()
                                                  : on().turn_at().time_since_epoch();
    std::uint64_t missed = 0;
    if (is_once()) {
        life_ = life::ending;
    } else if (kind_ == kind::fixed_rate) {
        const grid_step step = step_on_grid(period_, missed_, due, now);
        missed = step.missed;
        if (step.next) [[likely]] {
            on().arm(*this, elapsed_time(*step.next));
        } else {
            need_extras(); // by which its loop finds it
        }
    }
    run_plainly({.due = due, .missed = missed, .line = line_}, now);
}

/// With the plain policy one run stands for all that have come.
void periodic_core::tick_of_calendar() noexcept {
    const visit here(*this);
    const wall_time now = on().wall_now();
    if (between(now, calendar_->decided) > most_set_back) return need_course().due();
    const calendar_plan p = plan({.when = calendar_->when}, calendar_->decided, now);
    calendar_->decided = std::max(calendar_->decided, now);
    if (p.next.instant) {
        on().arm(*this, wall_time(*p.next.instant));
    } else if (!p.next.horizon) {
        life_ = life::ending;
    }
    if (p.run) {
        const duration due = p.run->time_since_epoch();
        run_plainly({.due = due, .missed = p.missed, .line = time_line::wall},
                    now.time_since_epoch());
    }
    if (p.next.horizon) need_course().look_anew();
}

void periodic_core::run_plainly(const attempt& which, duration now) noexcept {
    runs_plainly_ = true;
    if (++ran_ == ran_spills_at || which.missed > 0) [[unlikely]]
        count(which.missed);
    body_end end;
    try {
        invoke({*this, which, now, end});
    } catch (...) {
        end.error = std::current_exception();
    }
    if (end.error || end.was_cancelled || has_extras() || life_ != life::active) [[unlikely]]
        return finish(which, end);
    runs_plainly_ = false;
    if (kind_ == kind::fixed_delay)
        arm_plainly(period_after(on().now().time_since_epoch(), period_));
}

/// What else may follow a plain run.
void periodic_core::finish(const attempt& which, const body_end& end) noexcept {
    const visit here(*this);
    if (end.error || end.was_cancelled || course()) {
        if (!end.is_suspended) need_course().plain_run_over(which, end);
    } else if (kind_ == kind::fixed_delay && life_ == life::active) {
        arm_plainly(period_after(on().now().time_since_epoch(), period_));
    }
    runs_plainly_ = false;
}

/// The core counts in a few bits; what exceeds them moves to the extras.
void periodic_core::count(std::uint64_t missed) noexcept {
    const std::uint64_t sum = missed_count_ + missed;
    missed_count_ = sum & most_missed;
    if (sum > most_missed) need_extras().missed += sum - missed_count_;
    if (ran_ == ran_spills_at) need_extras().ran += std::exchange(ran_, 0);
}

/// In elapsed time. None: never; its loop finds it by its link then.
void periodic_core::arm_plainly(std::optional<duration> at) {
    if (at) [[likely]] {
        on().arm(*this, elapsed_time(*at));
    } else {
        need_extras();
    }
}

// ---- ending ------------------------------------------------------------------------------------

void periodic_core::request_cancel() noexcept {
    if (has_ended()) return;
    const visit here(*this);
    if (const first_steps* const steps = first_steps::of(*this)) steps->run().request_cancel();
    if (periodic_course* const c = course()) return c->cancel();
    life_ = life::cancelling;
    arm(std::nullopt);
}

void periodic_core::shut_down() noexcept {
    request_cancel();
    release_handle();
}

/// It has not ended, and nothing is left of it.
bool periodic_core::is_over() const noexcept {
    if (has_ended() || runs_plainly_) return false;
    const periodic_course* const c = course();
    return c ? c->state() == life::ended : life_ >= life::ending;
}

/// Nothing of it runs or will run. What the body held goes first: it may be a handle to this very
/// periodic.
void periodic_core::end() noexcept {
    life_ = life::ended;
    destroy_body();
    if (has_extras()) {
        periodic_extras& x = extras();
        if (x.course) x.course->destroy_observers();
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

bool periodic_core::has_error() const noexcept {
    return has_extras() && extras().error && !extras().error_taken.load(std::memory_order_relaxed);
}

std::exception_ptr periodic_core::take_error() noexcept {
    if (!has_extras()) return nullptr;
    extras().error_taken.store(true, std::memory_order_relaxed);
    return extras().error;
}

} // namespace cicada::detail
