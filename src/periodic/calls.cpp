// What handles ask of a periodic. Nothing starts within these calls.

#include <algorithm>

#include <periodic/course.hpp>

namespace cicada::detail {

template <class Step>
void periodic_course::ask(Step step) {
    const periodic_engine::visit here(of_);
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

void periodic_engine::pause(periodic_core& p) {
    if (!p.has_ended()) need_course(p).pause();
}
void periodic_engine::resume(periodic_core& p) {
    if (periodic_course* const c = course(p); c && !p.has_ended()) c->resume();
}
void periodic_engine::trigger(periodic_core& p) {
    if (!p.has_ended()) need_course(p).trigger();
}

void periodic_engine::reschedule(periodic_core& p, interval when) {
    refuse_one_shot(p);
    if (!p.has_ended()) need_course(p).reschedule(when);
}

void periodic_engine::reschedule(periodic_core& p, const cicada::schedule& when) {
    refuse_one_shot(p);
    if (p.has_ended()) return;
    refuse_never(when, p.on().wall_now(), "; to end, cancel it");
    need_course(p).reschedule(when);
}

void periodic_engine::refuse_one_shot(const periodic_core& p) {
    if (p.is_once())
        throw std::logic_error(
            "cicada: a one-shot cannot be rescheduled: cancel it, and make another");
}

/// After reload_tz(), or as the wall clock was set back a long way.
void periodic_core::reconsider() noexcept {
    using engine = periodic_engine;
    const ending_ref<periodic_core> held(this);
    if (has_ended()) return;
    if (periodic_course* const c = engine::course(*this)) return c->look_anew();
    if (!engine::is_calendar(*this)) return;
    const engine::visit here(*this);
    const search_result found = calendar_->when.find_next(calendar_->decided);
    const bool was_wrong = between(on().wall_now(), calendar_->decided) > most_set_back;
    if (was_wrong || found.horizon) return engine::need_course(*this).look_anew();
    if (found.instant) {
        engine::arm(*this, nominal_instant{time_line::wall, found.instant->time_since_epoch()});
    } else if (is_armed()) {
        engine::arm(*this, std::nullopt);
        life_ = life::ending;
    }
}

std::optional<wall_time> periodic_engine::next(const periodic_core& p) {
    const periodic_course* const c = course(p);
    std::optional<nominal_instant> at;
    if (c) {
        at = c->decides().next();
    } else if (p.is_armed()) {
        at = nominal_instant{p.line_, duration(p.deadline())};
    }
    if (!at || p.has_ended()) return std::nullopt;
    return to_wall(p, *at);
}

wall_time periodic_engine::to_wall(const periodic_core& p,
                                   const nominal_instant& instant) noexcept {
    if (instant.line == time_line::wall) return wall_time(instant.at);
    return p.on().to_wall(elapsed_time(instant.at));
}

std::vector<decision> periodic_engine::history(const periodic_core& p) {
    const periodic_course* const c = course(p);
    return c ? c->history() : std::vector<decision>();
}

periodic_counters periodic_engine::counters(const periodic_core& p) noexcept {
    if (!has_extras(p)) return {.ran = p.ran_, .missed = p.missed_count_};
    const periodic_extras& x = extras(p);
    if (!x.course) return {.ran = x.ran + p.ran_, .missed = x.missed + p.missed_count_};
    const progress& at = x.course->decides().at();
    return {at.ran, at.missed, at.dropped, at.failed};
}

std::string_view periodic_core::task_name() const noexcept { return periodic_engine::name(*this); }

std::string_view periodic_engine::name(const periodic_core& p) noexcept {
    return has_extras(p) ? extras(p).name : std::string_view();
}

bool periodic_core::contains(const activity& other) const noexcept {
    if (other.home() != home()) return false; // on another thread, which may look no further
    const first_steps* const steps = first_steps::of(*this);
    if (steps && &steps->run() == &other) return true;
    const periodic_course* const c = periodic_engine::course(*this);
    return c && c->runs(other);
}

tick make_tick(const tick_source& source) {
    const attempt& which = source.which;
    const periodic_core& p = source.of;
    const bool is_wall = which.line == time_line::wall;
    loop& home = periodic_engine::on(p);
    // Others of the turn may have taken long.
    const duration clock =
        is_wall ? home.wall_now().time_since_epoch() : home.now().time_since_epoch();
    const duration now = std::max(source.now, clock);
    return {periodic_engine::to_wall(p, {which.line, which.due}),
            periodic_engine::to_wall(p, {which.line, now}),
            between(elapsed_time(which.due), elapsed_time(now)),
            which.missed,
            which.number,
            &source.of};
}

} // namespace cicada::detail
