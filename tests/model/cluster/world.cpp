#include <cluster/world.hpp>

#include <algorithm>

#include <jobs/definition.hpp>

namespace cluster_model {

namespace {

cicada::cluster_options options(const setting& how) {
    return {.seed = how.seed, .delay = how.delay};
}

/// Not on the second, as no machine is.
wall_time start_of(const setting& how) { return cicada::parse_instant(how.start) + 123'456'789ns; }

} // namespace

world::world(const setting& of)
    : how(of), sim(start_of(of), {.on_error = [](const cicada::error_report&) {}}),
      cluster(std::make_unique<cicada::detail::cluster_state>(options(of), of.left_out)),
      random(of.seed), plan([](const cicada::job_run&) { return behaviour(); }) {
    for (int i = 0; i < how.machines; ++i) {
        const auto skew = up_to(2 * how.skew) - how.skew;
        const int drift = static_cast<int>(random(static_cast<unsigned>(2 * how.drift + 1)));
        hosts.push_back({cluster.machine(std::string(1, static_cast<char>('a' + i)),
                                         {.clock_ahead = skew, .drift = drift - how.drift})});
    }
    for (host& one : hosts) one.ill.push_back({sim.now()});
}

duration world::up_to(duration most) {
    const auto parts = static_cast<std::int64_t>(random(1'000'000'000)) + 1;
    return duration(static_cast<std::int64_t>(static_cast<cicada::detail::int128>(most.count()) *
                                              parts / 1'000'000'000));
}

wall_time world::furthest() { return furthest_ = std::max(furthest_, cluster.store_now()); }

// ---- what handlers do and see --------------------------------------------------------------------

/// An attempt, written down; also when its frame is destroyed.
class world::note {
public:
    note(world& in, host& on, const cicada::job_run& run) : in_(in), on_(on) {
        attempt one{.run = run.id(),
                    .job = run.job(),
                    .key = run.key(),
                    .origin = run.origin(),
                    .nominal = run.nominal(),
                    .fence = run.fence(),
                    .machine = on.machine.name()};
        one.started_at = in.sim.now();
        one.alive_at = elapsed_time::min();
        one.store_was_at = in.furthest();
        one.is_in_doubt = in.forgotten_.contains({one.run, one.fence});
        in.attempts_.push_back(std::move(one));
        here_ = &in.attempts_.back();
        step();
    }
    note(const note&) = delete;
    note& operator=(const note&) = delete;
    ~note() {
        if (here_->how == attempt::ending::none) close(attempt::ending::destroyed);
    }

    void step() {
        if (in_.sim.now() != on_.thaws_at) here_->alive_at = in_.sim.now();
    }
    void end(attempt::ending how) {
        step();
        close(how);
    }

private:
    void close(attempt::ending how) {
        here_->how = how;
        here_->ended_at = in_.sim.now();
        here_->ended_by_store = in_.furthest();
        here_->was_stopped = on_.is_asked_to_end;
    }

    world& in_;
    host& on_;
    attempt* here_; // a deque's elements stay
};

cicada::task<> world::work(host& on, cicada::job_run run) {
    note here(*this, on, run);
    const behaviour what = plan(run);
    try {
        for (int i = 0; i < what.steps; ++i) {
            co_await cicada::sleep(what.step);
            here.step();
        }
    } catch (const cicada::cancelled&) {
        here.end(attempt::ending::cancelled);
        throw;
    }
    here.end(what.ends);
    if (what.ends == attempt::ending::threw) throw std::runtime_error("as planned");
}

cicada::task<> world::serve(host& on, cicada::job_store store) {
    cicada::worker worker(
        store,
        {.name = on.machine.name(), .lease = how.lease, .poll = how.poll, .grace = how.grace});
    worker.handle("work", [this, &on](cicada::job_run run) { return work(on, std::move(run)); });
    co_await worker.run();
}

// ---- what is done to them ------------------------------------------------------------------------

void world::start(host& on) {
    if (on.machine.is_running()) return;
    on.is_asked_to_end = false;
    on.ill.back().until = sim.now(); // off until now
    on.machine.run([this, &on](cicada::job_store store) { return serve(on, std::move(store)); });
}

void world::stop(host& on) {
    if (!on.machine.is_running() || on.is_asked_to_end) return;
    on.is_asked_to_end = true;
    on.ill.push_back({sim.now()});
    on.machine.stop();
}

void world::crash(host& on) {
    if (!on.machine.is_running()) return;
    if (!on.is_asked_to_end) on.ill.push_back({sim.now()});
    on.machine.crash();
}

void world::freeze(host& on, duration time) {
    on.machine.freeze(time);
    on.thaws_at = std::max(on.thaws_at, sim.now() + time);
    on.ill.insert(on.ill.begin(), {sim.now(), sim.now() + time});
}

void world::cut_off(host& on, duration time) {
    on.machine.cut_off(time);
    on.ill.insert(on.ill.begin(), {sim.now(), sim.now() + time + 5s}); // its patience
}

void world::all_ill(duration time) {
    for (host& one : hosts) one.ill.insert(one.ill.begin(), {sim.now(), sim.now() + time});
}

void world::take_down(duration time) {
    cluster.take_down(time);
    all_ill(time + how.lease); // nobody is evicted within a lease
}

void world::fail_over(std::size_t commits, duration clock_ahead) {
    furthest();
    const auto before = runs();
    cluster.fail_over(commits, clock_ahead);
    std::map<cicada::run_id, std::uint64_t> known;
    for (const run_row& one : runs()) known[one.of.id] = one.of.fence;
    for (const run_row& one : before) {
        const auto there = known.find(one.of.id);
        if (there == known.end() || there->second != one.of.fence)
            ++forgotten_[{one.of.id, one.of.fence}];
    }
    for (attempt& one : attempts_) {
        if (forgotten_.contains({one.run, one.fence})) one.is_in_doubt = true;
    }
    all_ill(how.lease);
}

void world::lose(std::uint32_t in_a_million, duration time) {
    cluster.set_lost(in_a_million);
    all_ill(time + 5s);
}

// ---- what came of it -----------------------------------------------------------------------------

std::vector<run_row> world::runs() const {
    std::vector<run_row> all;
    cluster.store().access().where().read(
        [&](cicada::detail::reading& in) { all = in.runs({.most = 1'000'000'000}); });
    return all;
}

cicada::detail::job_row world::row(const std::string& job) const {
    std::vector<cicada::detail::job_row> all;
    cluster.store().access().where().read(
        [&](cicada::detail::reading& in) { all = in.jobs({.names = {job}}); });
    return all.at(0);
}

history world::seen() const {
    history all{.lease = how.lease, .takeover = how.lease + how.lease / 4 + how.poll + 5s};
    all.attempts.assign(attempts_.begin(), attempts_.end());
    all.runs = runs();
    for (const host& one : hosts) {
        machine_history machine{one.machine.name(), {}};
        auto ill = one.ill;
        std::ranges::sort(ill, {}, &span::from);
        elapsed_time from = elapsed_time::min();
        for (const span& each : ill) {
            if (each.from > from) machine.healthy.push_back({from, each.from});
            from = std::max(from, each.until);
        }
        machine.healthy.push_back({from, sim.now()});
        all.machines.push_back(std::move(machine));
    }
    return all;
}

job_history world::history_of(const cicada::job& one) const {
    const auto there = row(one.name);
    job_history job{.name = one.name,
                    .id = there.id,
                    .until = one.until.value_or(wall_time::max()),
                    .on_lost = one.on_lost,
                    .when_cut_off = one.when_cut_off,
                    .may_stop = one.on_error == cicada::on_error::stop,
                    .life = there.at.life,
                    .decided = there.at.decided};
    cluster.store().access().where().read([&](cicada::detail::reading& in) {
        job.stretches = in.stretches(there.id, wall_time::min(), wall_time::max());
        for (const auto& edit : in.edits(there.id)) {
            const auto as = cicada::detail::parse_job(edit.definition, one.name, "the model");
            const cicada::recurrence& when = as.of.when;
            if (when.is_fixed_delay()) continue;
            const auto rule =
                when.is_calendar()
                    ? when.as_calendar()
                    : cicada::every_interval(when.as_interval().period(), as.anchor.value());
            job.versions.push_back({edit.since, rule});
        }
    });
    if (one.when.is_fixed_delay()) job.delay = one.when.as_interval().period();
    return job;
}

} // namespace cluster_model
