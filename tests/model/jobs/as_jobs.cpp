#include <model/jobs/play.hpp>

#include <algorithm>
#include <optional>

namespace jobs_model {

using namespace cicada;
using namespace std::chrono_literals;

namespace {

task<> trigger(job_store store, std::string name) {
    try {
        co_await store.trigger(name);
    } catch (const closed_error&) { // it has come to its end: a periodic does nothing then
    }
}

template <class T>
task<> keep(task<T> what, std::optional<T>& given) {
    T value = co_await std::move(what);
    given.emplace(std::move(value));
}

task<> keep_error(task<> what, std::exception_ptr& error) {
    try {
        co_await std::move(what);
    } catch (...) {
        error = std::current_exception();
    }
}

task<> serve(worker one) { co_await one.run(); }

class kept_jobs {
public:
    kept_jobs(const history& of, const std::string& url, worker_then then)
        : of_(of), then_(then),
          sim_(of.start, {.on_error = [this](const error_report& report) { note(report); }}) {
        auto opening = open_store(url);
        store_.emplace(await(std::move(opening)));
        for (const planned_job& one : of.jobs) {
            if (one.once) {
                const submit_options how{.at = one.once, .retry = one.of.retry};
                submitted_[one.of.name] = await(store_->submit(one.of.kind, "{}", how)).id;
            } else {
                jobs_.push_back(one.of);
            }
        }
        await(store_->apply("us", jobs_));
        start_worker();
    }

    accounts play(const accounts& known) {
        jobs_model::play(of_, sim_, *this);
        for (const planned_job& one : of_.jobs) {
            const std::string& name = one.of.name;
            if (one.once) {
                finish_submitted(name);
            } else {
                finish(name, known.at(name));
            }
        }
        is_over_ = true;
        if (!trouble_.empty()) throw std::logic_error(trouble_);
        return std::move(told_);
    }

    void off(duration time) {
        if (then_ == worker_then::sleeps) return sim_.stall(time);
        const auto leaving = worker_.cancel();
        sim_.advance(time);
        if (!worker_.has_ended()) throw std::logic_error("the worker does not leave");
        start_worker();
    }
    void ask(const happening& one) {
        using kind = happening::kind;
        const std::string& name = of_.jobs[one.job].of.name;
        switch (one.what) {
        case kind::outage:
        case kind::ends_a_pause: // by itself
            return;
        case kind::pause:
            return await(store_->pause(name, {.until = one.until}));
        case kind::resume:
            return await(store_->resume(name));
        case kind::trigger:
            return await(trigger(*store_, name));
        case kind::reschedule:
            return reschedule(name, *one.when);
        case kind::cancel:
            return await(store_->cancel(submitted_.at(name)));
        case kind::set_clock:
            sim_.step_wall(one.by);
            await(store_->apply("us", jobs_)); // the worker is told, and waits for no poll
        }
    }

private:
    /// A machine that was off is back before anybody could take over what it runs, and what others
    /// have changed it is told.
    void start_worker() {
        const auto tell = [this](std::string_view name, const decision& d) {
            if (!is_over_) jobs_model::note(told_[std::string(name)], of_, d, sim_);
        };
        worker made(*store_, {.name = "w", .lease = 24h * 30, .poll = 24h, .on_decision = tell});
        for (const planned_job& one : of_.jobs) {
            const auto body = [&one](job_run run) {
                return work(one.at(run.nominal(), run.attempt()));
            };
            made.handle(one.of.kind, body);
        }
        worker_ = spawn(serve(std::move(made)));
        sim_.settle();
    }

    /// That a handler threw is told to nobody.
    void note(const error_report& report) {
        try {
            std::rethrow_exception(report.error);
        } catch (const clock_error&) { // as it must be
        } catch (...) {
            trouble_ += report.what() + '\n';
        }
    }

    void reschedule(const std::string& name, const recurrence& when) {
        if (await(store_->status(name)).life > life::paused) return; // it would begin anew
        const auto one = std::find_if(jobs_.begin(), jobs_.end(),
                                      [&](const job& each) { return each.name == name; });
        one->when = when;
        one->first = {};
        await(store_->apply("us", jobs_));
    }

    template <class T>
    T await(task<T> what) {
        std::optional<T> given;
        await(keep(std::move(what), given));
        return std::move(given.value());
    }
    void await(task<> what) {
        std::exception_ptr error;
        const join_handle<> running = spawn(keep_error(std::move(what), error));
        while (!running.has_ended()) sim_.settle(); // a file is opened on a thread
        if (error) std::rethrow_exception(error);
    }

    void finish(const std::string& name, const account& known) {
        account& into = told_[name];
        const job_status is = await(store_->status(name));
        into.figures =
            figures({is.ran, is.missed, is.dropped, is.failed}, is.next, is.life == life::ended);
        for (const auto& [instant, expected] : known.known) {
            const reason_why why = await(store_->why(name, instant));
            into.known[instant] = why.decision ? what_came(*why.decision) : why.text;
        }
    }

    /// What was submitted is told to nobody, and has no figures.
    void finish_submitted(const std::string& name) {
        const run_record is = await(store_->run(submitted_.at(name)));
        if (is_open(is.state) || !is.started_at)
            return; // a periodic has told nothing of it, either
        const bool is_ok = is.state == run_state::ok;
        told_[name].known[is.nominal] = std::string(is_ok ? "ran" : to_string(is.state)) +
                                        ", attempts " + std::to_string(is.attempt);
    }

    const history& of_;
    const worker_then then_;
    accounts told_;
    bool is_over_ = false;
    std::string trouble_;
    simulation sim_;
    std::optional<job_store> store_;
    std::vector<job> jobs_;
    std::map<std::string, run_id> submitted_;
    join_handle<> worker_;
};

} // namespace

accounts as_jobs(const history& of, const std::string& url, worker_then then,
                 const accounts& known) {
    return kept_jobs(of, url, then).play(known);
}

} // namespace jobs_model
