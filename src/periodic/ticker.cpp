#include <cicada/periodic/ticker.hpp>

#include <algorithm>

#include <async/engine.hpp>
#include <schedule/calendar_plan.hpp>
#include <schedule/grid.hpp>

namespace cicada {

namespace {

constexpr duration never = duration::max(); // as a deadline

std::optional<duration> where_to_look(const search_result& found) {
    const auto& at = found.instant ? found.instant : found.horizon;
    return at ? std::optional(at->time_since_epoch()) : std::nullopt;
}

loop& open_loop() {
    loop& home = loop::current();
    detail::activity_engine::require_not_over(home);
    return home;
}

} // namespace

ticker::ticker(interval period, const ticker_options& options)
    : home_(open_loop()), period_(period), missed_(options.missed),
      due_(detail::first_instant(period.period(), options.first, home_.now(), home_.wall_now())
               .value_or(never)) {
    if (period.which() == interval::kind::fixed_delay)
        throw std::invalid_argument(
            "cicada: a ticker has no fixed delay, for it does not see what its ticks are used "
            "for; say co_await sleep(delay)");
}

ticker::ticker(schedule when)
    : home_(open_loop()), period_(duration::max()), calendar_(std::move(when)),
      decided_(home_.wall_now()) {
    due_ = where_to_look(calendar_->find_next(decided_));
}

/// What is due; nothing, when the rules of time zones have changed and it is not.
std::optional<tick> ticker::take() {
    if (calendar_) return take_of_calendar();
    const elapsed_time now = home_.now();
    const elapsed_time due(*due_);
    const detail::grid_step step =
        detail::step_on_grid(period_.period(), missed_, *due_, now.time_since_epoch());
    due_ = step.next.value_or(never);
    return tick{.nominal = home_.to_wall(due),
                .now = home_.to_wall(now),
                .lateness = now - due,
                .missed = step.missed,
                .attempt = 1};
}

std::optional<tick> ticker::take_of_calendar() {
    const wall_time now = home_.wall_now();
    const detail::calendar_plan p = detail::plan({.when = *calendar_}, decided_, now);
    decided_ = std::max(decided_, now);
    due_ = where_to_look(p.next);
    if (!p.run) return std::nullopt;
    return tick{.nominal = *p.run,
                .now = now,
                .lateness = between(*p.run, now),
                .missed = p.missed,
                .attempt = 1};
}

ticker::awaiter::~awaiter() {
    if (is_armed()) withdraw();
}

bool ticker::awaiter::start(detail::activity& owner, std::coroutine_handle<> frame) {
    taken_.reset(); // what it got when it was awaited before
    if (owner.requests().pending) return suspend(owner, frame);
    if (of_.is_awaited_)
        throw std::logic_error("cicada: a ticker is awaited by one task at a time");
    if (!of_.due_) return false;
    arm();
    of_.is_awaited_ = true;
    return suspend(owner, frame);
}

void ticker::awaiter::arm() {
    if (of_.calendar_) {
        of_.home_.arm(*this, wall_time(*of_.due_));
    } else {
        of_.home_.arm(*this, elapsed_time(*of_.due_));
    }
}

void ticker::awaiter::expired(const detail::expiry&) noexcept {
    taken_ = of_.take();
    if (!taken_ && of_.due_) return arm();
    of_.is_awaited_ = false;
    owner().run(); // here and now, as a sleep
}

detail::withdrawal ticker::awaiter::withdraw() noexcept {
    if (of_.calendar_) {
        of_.home_.disarm_wall(*this);
    } else {
        of_.home_.disarm(*this);
    }
    of_.is_awaited_ = false;
    return detail::withdrawal::done;
}

tick ticker::awaiter::await_resume() {
    throw_if_cancelled();
    if (!taken_) throw closed_error("cicada: the schedule of this ticker names no further instant");
    return *taken_;
}

} // namespace cicada
