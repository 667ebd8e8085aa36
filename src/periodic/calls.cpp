// What handles ask of a periodic. Nothing starts within these calls.

#include <algorithm>

#include <periodic/course.hpp>

namespace cicada::detail {

template <class Step>
void periodic_course::ask(Step step) {
    const periodic_core::visit here(of_);
    outcome what;
    step(reading(true), what);
    was_asked_ = true;
    carry_out(what);
}

void periodic_course::pause() {
    ask([this](const clock_reading&, outcome&) { decides_.pause(); });
}
void periodic_course::resume() {
    ask([this](const clock_reading& now, outcome& what) { decides_.resume(now, what); });
}
void periodic_course::cancel() noexcept {
    ask([this](const clock_reading& now, outcome& what) { decides_.cancel(now, what); });
}
void periodic_course::trigger() {
    ask([this](const clock_reading& now, outcome&) { decides_.trigger(now); });
}
void periodic_course::reschedule(recurrence when) {
    ask([&](const clock_reading& now, outcome& what) {
        decides_.reschedule(std::move(when), now, what);
    });
}

std::vector<decision> periodic_course::history() const {
    if (!observers_) return {};
    std::vector<decision> all(observers_->history);
    const auto oldest = static_cast<std::ptrdiff_t>(observers_->oldest);
    std::rotate(all.begin(), all.begin() + oldest, all.end());
    return all;
}

void periodic_core::pause() {
    if (!has_ended()) need_course().pause();
}
void periodic_core::resume() {
    if (periodic_course* const c = course(); c && !has_ended()) c->resume();
}
void periodic_core::trigger() {
    if (!has_ended()) need_course().trigger();
}

void periodic_core::reschedule(interval when) {
    refuse_one_shot();
    if (!has_ended()) need_course().reschedule(when);
}

void periodic_core::reschedule(const cicada::schedule& when) {
    refuse_one_shot();
    if (has_ended()) return;
    refuse_never(when, on().wall_now(), "; to end, cancel it");
    need_course().reschedule(when);
}

void periodic_core::refuse_one_shot() const {
    if (is_once())
        throw std::logic_error(
            "cicada: a one-shot cannot be rescheduled: cancel it, and make another");
}

/// After reload_tz(), or as the wall clock was set back a long way.
void periodic_core::reconsider() noexcept {
    const ending_ref<periodic_core> held(this);
    if (has_ended()) return;
    if (periodic_course* const c = course()) return c->look_anew();
    if (!is_calendar()) return;
    const visit here(*this);
    const search_result found = calendar_->when.find_next(calendar_->decided);
    const bool was_wrong = between(on().wall_now(), calendar_->decided) > most_set_back;
    if (was_wrong || found.horizon) return need_course().look_anew();
    if (found.instant) {
        arm(nominal_instant{time_line::wall, found.instant->time_since_epoch()});
    } else if (is_armed()) {
        arm(std::nullopt);
        life_ = life::ending;
    }
}

std::optional<wall_time> periodic_core::next() const {
    const periodic_course* const c = course();
    std::optional<nominal_instant> at;
    if (c) {
        at = c->decides().next();
    } else if (is_armed()) {
        at = nominal_instant{line_, duration(deadline())};
    }
    if (!at || has_ended()) return std::nullopt;
    return to_wall(*at);
}

wall_time periodic_core::to_wall(const nominal_instant& instant) const noexcept {
    if (instant.line == time_line::wall) return wall_time(instant.at);
    return on().to_wall(elapsed_time(instant.at));
}

std::vector<decision> periodic_core::history() const {
    const periodic_course* const c = course();
    return c ? c->history() : std::vector<decision>();
}

periodic_counters periodic_core::counters() const noexcept {
    if (!has_extras()) return {.ran = ran_, .missed = missed_count_};
    const periodic_extras& x = extras();
    if (!x.course) return {.ran = x.ran + ran_, .missed = x.missed + missed_count_};
    const progress& at = x.course->decides().at();
    return {at.ran, at.missed, at.dropped, at.failed};
}

std::string_view periodic_core::name() const noexcept {
    return has_extras() ? extras().name : std::string_view();
}

bool periodic_core::contains(const activity& other) const noexcept {
    if (other.home() != home()) return false; // on another thread, which may look no further
    const first_steps* const steps = first_steps::of(*this);
    if (steps && &steps->run() == &other) return true;
    const periodic_course* const c = course();
    return c && c->runs(other);
}

tick tick_source::make() const { return of.tick_for(*this); }

tick periodic_core::tick_for(const tick_source& source) const {
    const attempt& which = source.which;
    const bool is_wall = which.line == time_line::wall;
    // Others of the turn may have taken long.
    const duration clock =
        is_wall ? on().wall_now().time_since_epoch() : on().now().time_since_epoch();
    const duration now = std::max(source.now, clock);
    const auto to_wall = [&](duration at) {
        return is_wall ? wall_time(at) : on().to_wall(elapsed_time(at));
    };
    return {to_wall(which.due), to_wall(now), between(elapsed_time(which.due), elapsed_time(now)),
            which.missed,       which.number, &source.of};
}

} // namespace cicada::detail
