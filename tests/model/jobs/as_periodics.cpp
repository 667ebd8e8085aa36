#include <model/jobs/play.hpp>

#include <set>

namespace jobs_model {

using namespace cicada;

namespace {

bool is_worth_a_retry(const std::exception_ptr& e) {
    try {
        std::rethrow_exception(e);
    } catch (const no_retry&) {
        return false;
    } catch (...) {
        return true;
    }
}

class periodics {
public:
    explicit periodics(const history& of)
        : of_(of), sim_(of.start, {.on_error = [](const error_report&) {}}) { // bodies throw
        for (const planned_job& one : of.jobs) all_.push_back(begin(one));
    }

    accounts play() {
        jobs_model::play(of_, sim_, *this);
        for (std::size_t i = 0; i < all_.size(); ++i) finish(of_.jobs[i], all_[i]);
        is_over_ = true;
        return std::move(told_);
    }

    void off(duration time) { sim_.stall(time); }
    void ask(const happening& one) {
        using kind = happening::kind;
        const periodic& of = all_[one.job];
        switch (one.what) {
        case kind::outage:
            return;
        case kind::pause:
            return of.pause();
        case kind::ends_a_pause:
        case kind::resume:
            return of.resume();
        case kind::trigger:
            triggered_.insert(sim_.wall_now());
            return of.trigger();
        case kind::reschedule:
            return reschedule(of,
                              of_.on_wall(of_.jobs[one.job], *one.when, first(sim_.wall_now())));
        case kind::set_clock:
            return sim_.step_wall(one.by);
        case kind::cancel:
            static_cast<void>(of.cancel());
        }
    }

private:
    void reschedule(const periodic& of, const recurrence& when) {
        if (when.is_calendar()) {
            of.reschedule(when.as_calendar());
        } else {
            of.reschedule(when.as_interval());
        }
        goes_by_.at(std::string(of.name())) = when;
    }

    periodic begin(const planned_job& planned) {
        const job& one = planned.of;
        const recurrence when = of_.on_wall(planned, one.when, of_.begins_at(planned));
        goes_by_.emplace(one.name, when);
        every_options how{
            .name = one.name,
            .first = of_.begins_at(planned),
            .until = one.until,
            .times = one.times,
            .overlap = one.overlap,
            .on_error = one.on_error,
            .retry = one.retry,
            .catch_up = one.catch_up,
            .catch_up_window = one.catch_up_window,
            .start_deadline = one.start_deadline,
            .jitter = one.jitter,
            .failures = one.failures,
            .if_never = if_never::end,
            .on_decision = [this, name = one.name](const decision& d) { tell(name, d); }};
        how.retry.when = is_worth_a_retry;
        const auto body = [planned](tick t) { return work(planned.at(t.nominal, t.attempt)); };
        if (planned.once) return cicada::at(*planned.once, how, body);
        return when.is_calendar() ? every(when.as_calendar(), how, body)
                                  : every(when.as_interval(), how, body);
    }

    void tell(const std::string& name, const decision& d) {
        if (is_over_) return; // it is the end that cancels it
        note(told_[name], of_, d, sim_);
        decided_[name].push_back({d, goes_by_.at(name)});
    }

    void finish(const planned_job& planned, const periodic& one) {
        account& into = told_[planned.of.name];
        if (!planned.once) into.figures = figures(one.counters(), one.next(), one.has_ended());
        for (const auto& [d, by] : decided_[planned.of.name]) {
            if (triggered_.contains(d.nominal) && d.attempts == 0) continue; // no run, so no row
            if (d.what == decision::kind::clock_went_back) continue; // no instant
            for (auto& [t, what] : into.known) { // once more, by a clock that was set back
                if (t > d.nominal && t < d.last && !triggered_.contains(t)) what = what_came(d);
            }
            for (const wall_time t : instants_of(d, by)) into.known[t] = what_came(d);
        }
        if (planned.once) into.told.clear(); // of what is submitted nobody is told
    }

    /// Of a stretch: its first ones, and its last.
    static std::vector<wall_time> instants_of(const decision& d, const recurrence& when) {
        std::vector<wall_time> all{d.nominal};
        if (d.last == d.nominal) return all;
        for (int i = 0; when.is_calendar() && i < 3; ++i) {
            const auto next = when.as_calendar().next(all.back());
            if (!next || *next >= d.last) break;
            all.push_back(*next);
        }
        all.push_back(d.last);
        return all;
    }

    struct decided {
        decision what;
        recurrence by;
    };

    const history& of_;
    accounts told_;
    bool is_over_ = false;
    std::map<std::string, std::vector<decided>> decided_;
    std::map<std::string, recurrence> goes_by_;
    std::set<wall_time> triggered_;
    simulation sim_;
    std::vector<periodic> all_;
};

} // namespace

accounts as_periodics(const history& of) { return periodics(of).play(); }

} // namespace jobs_model
