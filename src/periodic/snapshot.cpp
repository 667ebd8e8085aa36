// What loop::snapshot() says of a periodic.

#include <cicada/loop/snapshot.hpp>

#include <algorithm>

#include <cicada/schedule/duration_text.hpp>

#include <periodic/course.hpp>

namespace cicada::detail {

void periodic_core::add_to(loop_snapshot& all) const {
    all.periodics.push_back(periodic_engine::snapshot(*this));
}

periodic_snapshot periodic_engine::snapshot(const periodic_core& p) {
    periodic_snapshot one{.name = std::string(name(p)),
                          .recurrence = recurrence_text(p),
                          .life = p.life_,
                          .next = next(p),
                          .waits_for = "its next tick",
                          .counters = counters(p)};
    const first_steps* const steps = first_steps::of(p);
    const periodic_course* const c = course(p);
    if (c) {
        const progress& at = c->decides().at();
        one.life = at.state;
        one.failed_in_a_row = at.failed_in_a_row;
        one.last_decision = c->decides().last_decision();
        if (c->decides().is_paused()) one.waits_for = "resume()";
        for (const progress::run& r : at.runs) {
            run_snapshot& run = one.runs.emplace_back(run_snapshot{.attempt = r.attempt});
            if (r.retry_at) run.retry_at = p.on().to_wall(*r.retry_at);
            if (p.runs_plainly_ && r.id == first_run && !steps) continue; // it will be known
            run.nominal = to_wall(p, r.nominal);
            run.started_at = r.started_at;
        }
    } else if (p.runs_plainly_) {
        run_snapshot& run = one.runs.emplace_back();
        if (steps) {
            run.nominal = to_wall(p, steps->nominal());
            run.started_at = steps->started_at();
        }
    }
    if (!one.runs.empty()) {
        const auto waits = [](const run_snapshot& run) { return run.retry_at.has_value(); };
        const bool has_failed = std::any_of(one.runs.begin(), one.runs.end(), waits);
        one.waits_for = has_failed ? "its retry" : "the end of its run";
    }
    return one;
}

std::string periodic_engine::recurrence_text(const periodic_core& p) {
    switch (p.kind_) {
    case kind::once:
        return "once after " + format_short_duration(std::max(p.period_, duration::zero()));
    case kind::once_at_wall:
        return "once at " + format_instant(wall_time(p.period_));
    case kind::fixed_rate:
    case kind::fixed_delay:
    case kind::calendar:
        break;
    }
    if (const periodic_course* const c = course(p)) return c->decides().by().when.text();
    if (is_calendar(p)) return p.calendar_->when.text();
    return recurrence(interval(p.period_, p.kind_ == kind::fixed_delay
                                              ? interval::kind::fixed_delay
                                              : interval::kind::fixed_rate))
        .text();
}

} // namespace cicada::detail
