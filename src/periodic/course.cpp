// Runs: how a periodic carries out what its course says.

#include <periodic/course.hpp>

#include <algorithm>
#include <new>

#include <loop/loop_engine.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

periodic_course::periodic_course(periodic_core& of, rules by, progress from,
                                 owned<periodic_observers> observers)
    : of_(of), decides_(std::move(by), std::move(from), observers && observers->are_told()),
      observers_(std::move(observers)) {}

void periodic_course::destroy_observers() noexcept {
    if (!observers_) return;
    const auto on_decision = std::exchange(observers_->on_decision, nullptr);
    const auto is_worth = std::exchange(observers_->is_worth_a_retry, nullptr);
}

/// What is due is judged by the time of the turn. What else happens, at its own time, where
/// somebody is told of it, or where it counts from then.
clock_reading periodic_course::reading(bool is_fresh) const noexcept {
    loop& home = on();
    const rules& by = decides_.by();
    const elapsed_time now = is_fresh ? home.now() : home.turn_at();
    const auto& next = decides_.at().next;
    if (by.when.is_calendar() || (next && next->line == time_line::wall))
        return {now, home.wall_now()};
    if (decides_.tells() || by.until) return {now, home.to_wall(now)};
    return {now, is_fresh ? home.wall_now() : home.turn_wall()};
}

/// Around what comes from the loop: at its end starts what may start.
class periodic_course::starting {
public:
    explicit starting(periodic_course& of) noexcept : of_(of) {
        of_.is_starting_ = true;
        of_.was_asked_ = false;
    }
    starting(const starting&) = delete;
    starting& operator=(const starting&) = delete;
    ~starting() {
        of_.start_what_may();
        of_.is_starting_ = false;
        of_.arm();
    }

private:
    periodic_course& of_;
};

// ---- from the loop -----------------------------------------------------------------------------

void periodic_course::begin(const first& when) {
    loop& home = on();
    rules by = decides_.by();
    by.identity = name().empty() ? home.engine().next_serial() : name_hash(name());
    decides_ = detail::course(std::move(by), {}, decides_.tells());
    decides_.begin(periodic_engine::begins_at(of_, when), reading(true));
    arm();
}

void periodic_course::due() noexcept {
    const periodic_engine::visit here(of_);
    const starting follows(*this);
    outcome what;
    decides_.due(reading(false), what);
    arm(); // before its bodies arm theirs
    carry_out(what);
}

void periodic_course::expired(const expiry&) noexcept {
    const periodic_engine::visit here(of_);
    const starting follows(*this);
    decides_.retry_due(reading(true));
}

void periodic_course::look_anew() noexcept {
    const periodic_engine::visit here(of_);
    outcome what;
    decides_.reconsider(reading(true), what);
    carry_out(what);
}

void periodic_course::start_what_may() {
    const progress& at = decides_.at();
    const auto is_retry_due = [](const progress::run& one) { return one.is_retry_due; };
    outcome what;
    while (!was_asked_ && (!at.arrived.empty() || !at.waiting.empty() ||
                           std::any_of(at.runs.begin(), at.runs.end(), is_retry_due))) {
        what.clear();
        if (!decides_.start_next(reading(decides_.tells()), what)) break;
        carry_out(what);
        if (what.start) start(*what.start);
    }
}

void periodic_course::start(const progress::run& run) {
    const auto [line, due] = run.nominal;
    const attempt which{due, run.missed, run.id, run.attempt, line};
    body_end end;
    try {
        periodic_engine::run(of_, {of_, which, std::max(due, reading(false).on(line)), end});
    } catch (...) {
        end.error = std::current_exception();
    }
    if (!end.is_suspended) run_over(run.id, end);
}

void periodic_course::plain_run_over(const attempt& which, const body_end& how) noexcept {
    decides_.run_is_of(which.run, {which.line, which.due}, reading(false).wall);
    run_over(which.run, how);
}

void periodic_course::run_over(std::uint64_t id, const body_end& how) noexcept {
    const progress::run& run = decides_.run(id);
    std::exception_ptr error = how.error;
    if (how.was_cancelled && !run.is_asked_to_end) // it threw that of itself
        error = std::make_exception_ptr(cancelled{});
    run_end end = how.was_cancelled ? run_end::cancelled : run_end::ok;
    if (error) {
        const bool goes_on = decides_.may_retry(run) && is_worth_a_retry(error);
        end = goes_on ? run_end::failed : run_end::failed_for_good;
    }
    const bool is_fresh = error || decides_.by().when.is_fixed_delay() || decides_.tells();
    outcome what;
    decides_.run_ended(id, end, reading(is_fresh), what);
    carry_out(what);
    periodic_extras& x = periodic_engine::extras(of_);
    if (what.is_error_final && !x.error) {
        x.error = error;
    } else if (error) {
        on().report_error(x.name, error);
    }
    if (what.failing > 0)
        on().report_error(x.name, std::make_exception_ptr(failing_error(what.failing)));
}

bool periodic_course::is_worth_a_retry(const std::exception_ptr& error) noexcept {
    if (!observers_ || !observers_->is_worth_a_retry) return true;
    try {
        return observers_->is_worth_a_retry(error);
    } catch (...) {
        on().report_error(name(), std::current_exception());
        return false;
    }
}

// ---- carrying out ------------------------------------------------------------------------------

void periodic_course::carry_out(const outcome& what) {
    if (what.cancel_runs) {
        for (periodic_run* run = runs_.front(); run; run = runs_.after(*run)) run->request_cancel();
    }
    if (!is_starting_) arm(); // else when that is over
    if (!what.decided.empty() || what.has_lost_some) tell(what);
}

void periodic_course::arm() {
    const detail::course::wake next = decides_.look_at();
    periodic_engine::arm(of_, next.due);
    loop& home = on();
    std::optional<elapsed_time> at = next.retry;
    const bool is_soon = next.may_start && !is_starting_;
    if (is_soon) at = home.now();
    if (is_armed()) {
        const elapsed_time armed{duration(deadline())};
        if (at && (is_soon ? armed <= *at : armed == *at)) return;
        home.disarm(*this);
    }
    if (at) home.arm(*this, *at);
}

/// Whoever is told may come back with a request, of which others are told after this.
void periodic_course::tell(const outcome& what) noexcept {
    bool has_lost_some = what.has_lost_some;
    if (!what.decided.empty()) {
        try {
            observers_->turn.tell(what.decided, [this](const decision& d) { tell(d); });
        } catch (...) {
            has_lost_some = true;
        }
    }
    if (has_lost_some) on().report_error(name(), std::make_exception_ptr(std::bad_alloc()));
}

void periodic_course::tell(const decision& d) noexcept {
    periodic_observers& to = *observers_;
    try {
        if (to.history.size() < to.most_kept) {
            to.history.push_back(d);
        } else if (to.most_kept > 0) {
            to.history[to.oldest] = d;
            to.oldest = (to.oldest + 1) % to.most_kept;
        }
        if (to.on_decision) to.on_decision(d);
    } catch (...) {
        on().report_error(name(), std::current_exception());
    }
    if (to.is_loop_told) on().engine().tell(name(), d);
}

// ---- coroutines as bodies ----------------------------------------------------------------------

namespace {
constinit thread_local const first_steps* innermost = nullptr;
}

first_steps::first_steps(const tick_source& source, activity& run) noexcept
    : source_(source), run_(run), within_(std::exchange(innermost, this)) {}

first_steps::~first_steps() { innermost = within_; }

const first_steps* first_steps::of(const periodic_core& one) noexcept {
    const first_steps* found = innermost;
    while (found && &found->source_.of != &one) found = found->within_;
    return found;
}

wall_time first_steps::started_at() const noexcept {
    return periodic_engine::to_wall(source_.of, {source_.which.line, source_.now});
}

periodic_run::periodic_run(const tick_source& source) noexcept
    : of_(source.of), id_(source.which.run) {}

void periodic_run::begin(std::coroutine_handle<> root, const tick_source& source) {
    const first_steps here(source, *this);
    first_steps_ = &source.end;
    source.end.is_suspended = true;
    if (periodic_engine::is_asked_to_end(of_, id_)) request_cancel(); // by who made the task
    activity_engine::start_now(*this, *source.of.home(), root);
    if (!source.end.is_suspended) return;
    first_steps_ = nullptr;
    periodic_engine::need_course(source.of).began(*this);
}

void periodic_run::ended(bool was_cancelled, std::exception_ptr error) noexcept {
    const body_end end{.was_cancelled = was_cancelled, .error = std::move(error)};
    if (first_steps_) {
        *first_steps_ = end;
    } else {
        periodic_engine::course(of_)->ended(*this, end);
    }
}

std::string_view periodic_run::common_name() const noexcept { return periodic_engine::name(of_); }

void periodic_course::ended(periodic_run& run, const body_end& how) noexcept {
    const periodic_engine::visit here(of_);
    const starting follows(*this);
    runs_.erase(run);
    run_over(run.id_, how);
}

bool periodic_course::runs(const activity& other) const noexcept {
    for (const periodic_run* run = runs_.front(); run; run = runs_.after(*run)) {
        if (run == &other) return true;
    }
    return false;
}

} // namespace cicada::detail
