#include <model/cluster/world.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>

#include <cicada/schedule/duration_text.hpp>
#include <jobs/definition.hpp>

namespace cluster_model {

namespace {

constexpr duration patience = 5s; // of machines that wait for an answer

cicada::cluster_options options(const setting& how) {
    return {.seed = how.seed, .delay = how.delay, .patience = patience};
}

/// Not on the second, as no machine is.
wall_time start_of(const setting& how) { return cicada::parse_instant(how.start) + 123'456'789ns; }

} // namespace

cicada::detail::memory_options world::store_options() {
    cicada::detail::memory_options rows{.left_out = how.left_out};
    if (how.has_zone_updates) rows.written = [this] { zones_.see(jobs()); };
    return rows;
}

world::world(const setting& of)
    : how(of), sim(start_of(of), {.on_error = [](const cicada::error_report&) {}}),
      cluster(std::make_unique<cicada::detail::cluster_state>(options(of), store_options())),
      plan([](const cicada::job_run&) { return behaviour(); }), random_(of.seed) {
    for (int i = 0; i < how.machines; ++i) {
        const auto skew = up_to(2 * how.skew) - how.skew;
        const int drift = static_cast<int>(random_(static_cast<unsigned>(2 * how.drift + 1)));
        add({.clock_ahead = skew, .drift = drift - how.drift});
    }
    watcher_ = cicada::spawn(watch());
}

/// "a", "b", ...
world::host& world::add(const cicada::machine_options& options) {
    const std::string name(1, static_cast<char>('a' + hosts.size()));
    host& one = hosts.emplace_back(cluster.machine(name, options));
    one.ill.push_back({sim.now()});
    return one;
}

duration world::up_to(duration most) {
    const auto parts = static_cast<std::int64_t>(random_(1'000'000'000)) + 1;
    return duration(static_cast<std::int64_t>(static_cast<cicada::detail::int128>(most.count()) *
                                              parts / 1'000'000'000));
}

void world::tell(const std::string& what) const {
    if (!how.tells) return;
    const std::chrono::duration<double> at = sim.elapsed();
    std::cerr << std::fixed << std::setprecision(3) << at.count() << "  "
              << cicada::format_instant(cluster.store_now()) << "  " << what << '\n';
}

wall_time world::furthest() { return furthest_ = std::max(furthest_, cluster.store_now()); }

// ---- what handlers do and see -------------------------------------------------------------------

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
        in.tell(text() + " begins");
    }
    note(const note&) = delete;
    note& operator=(const note&) = delete;
    ~note() {
        if (here_->how == attempt::ending::none) close(attempt::ending::destroyed);
    }

    void step() {
        if (in_.sim.now() != on_.thaws_at) here_->alive_at = in_.sim.now();
    }
    void end(attempt::ending as) {
        step();
        close(as);
    }

private:
    void close(attempt::ending as) {
        here_->how = as;
        here_->ended_at = in_.sim.now();
        here_->heard_until = std::max(here_->ended_at, on_.is_held_until);
        here_->ended_by_store = in_.cluster.store_now();
        here_->was_stopped = on_.is_asked_to_end;
        static constexpr const char* words[] = {"", "returns", "throws", "is cancelled",
                                                "is destroyed"};
        in_.tell(text() + " " + words[static_cast<int>(as)]);
    }
    std::string text() const {
        return on_.machine.name() + ": run " +
               std::to_string(static_cast<std::int64_t>(here_->run)) + " of \"" + here_->job +
               "\" (fence " + std::to_string(here_->fence) + ")";
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
    for (const std::string& kind : on.kinds)
        worker.handle(kind, [this, &on](cicada::job_run run) { return work(on, std::move(run)); });
    co_await worker.run();
}

// ---- what is done to them -----------------------------------------------------------------------

void world::start(host& on) {
    if (on.machine.is_running()) return;
    tell(on.machine.name() + " starts");
    on.is_asked_to_end = false;
    on.ill.back().until = sim.now(); // off until now
    on.machine.run([this, &on](cicada::job_store store) { return serve(on, std::move(store)); });
}

void world::stop(host& on) {
    if (!on.machine.is_running() || on.is_asked_to_end) return;
    tell(on.machine.name() + " is asked to end");
    on.is_asked_to_end = true;
    on.ill.push_back({sim.now()});
    on.machine.stop();
}

void world::crash(host& on) {
    if (!on.machine.is_running()) return;
    if (!on.is_asked_to_end) on.ill.push_back({sim.now()});
    tell(on.machine.name() + " crashes");
    on.machine.crash();
}

/// The last of `ill` is that it is off, or was.
void world::ill(host& on, duration time) {
    on.ill.insert(on.ill.begin(), {sim.now(), sim.now() + time});
}

void world::all_ill(duration time) {
    for (host& one : hosts) ill(one, time);
}

void world::freeze(host& on, duration time) {
    tell(on.machine.name() + " is frozen for " + cicada::format_duration(time));
    on.machine.freeze(time);
    on.thaws_at = std::max(on.thaws_at, sim.now() + time);
    ill(on, time);
}

void world::cut_off(host& on, duration time) {
    tell(on.machine.name() + " is cut off for " + cicada::format_duration(time));
    on.machine.cut_off(time);
    ill(on, time + patience);
}

void world::hold_back(host& on, duration time) {
    tell(on.machine.name() + " is held back for " + cicada::format_duration(time));
    on.machine.hold_back(time);
    on.is_held_until = std::max(on.is_held_until, sim.now() + time);
    ill(on, time + patience);
}

void world::take_down(duration time) {
    tell("the store is down for " + cicada::format_duration(time));
    cluster.take_down(time);
    all_ill(time + how.lease); // nobody is evicted within a lease
}

void world::fail_over(std::size_t commits, duration clock_ahead) {
    tell("failover, " + std::to_string(commits) + " commits lost, clock ahead by " +
         cicada::format_duration(clock_ahead));
    furthest();
    const auto before = runs();
    cluster.fail_over(commits, clock_ahead);
    if (clock_ahead < 0s) set_back_.push_back({sim.now(), -clock_ahead});
    if (how.has_zone_updates) zones_.see_what_is_left(jobs());
    std::map<cicada::run_id, run_row> after;
    for (run_row& one : runs()) after[one.of.id] = std::move(one);
    std::set<cicada::run_id> changed; // that it was given away is lost, or how it ended
    for (const run_row& one : before) {
        const auto there = after.find(one.of.id);
        if (there != after.end() && there->second == one) continue;
        changed.insert(one.of.id);
        forgotten_.insert({one.of.id, one.of.fence});
    }
    for (attempt& one : attempts_) {
        if (!changed.contains(one.run)) continue;
        one.is_in_doubt = true;
        forgotten_.insert({one.run, one.fence});
    }
    all_ill(how.lease);
}

void world::lose(std::uint32_t in_a_million, duration time) {
    tell(std::to_string(in_a_million) + " of a million messages are lost");
    cluster.set_lost(in_a_million);
    all_ill(time + patience);
    loss_ends_ = cicada::spawn(end_loss(time));
}

void world::update_zones(host& on, const std::filesystem::path& tz_directory) {
    const auto as = std::make_shared<cicada::detail::tz_edition>(tz_directory);
    tell(on.machine.name() + " has the time zones of " + as->mark());
    zones_.know(as);
    on.machine.update_zones(tz_directory);
}

cicada::task<> world::end_loss(duration after) {
    co_await cicada::sleep(after);
    cluster.set_lost(0);
}

// ---- what came of it ----------------------------------------------------------------------------

std::vector<cicada::detail::job_row> world::jobs() const {
    std::vector<cicada::detail::job_row> all;
    cluster.store().access().where().read([&](cicada::detail::reading& in) { all = in.jobs({}); });
    return all;
}

std::vector<run_row> world::runs() const {
    std::vector<run_row> all;
    cluster.store().access().where().read(
        [&](cicada::detail::reading& in) { all = in.runs({.most = 1'000'000'000}); });
    return all;
}

/// The store's clock. What no handler has seen begin, its node gives up within three leases.
duration world::set_back_since_it_began(const run_row& one) const {
    elapsed_time since = sim.now() - 3 * how.lease;
    for (const attempt& each : attempts_) {
        if (each.run == one.of.id && each.fence == one.of.fence) since = each.started_at;
    }
    duration sum{};
    for (const auto& [at, by] : set_back_) {
        if (at >= since) sum += by;
    }
    return sum;
}

/// What was given to the dead is there only until somebody has taken it over.
cicada::task<> world::watch() {
    for (;;) {
        co_await cicada::sleep(how.poll / 4);
        std::vector<run_row> orphaned;
        cluster.store().access().where().read(
            [&](cicada::detail::reading& in) { orphaned = in.runs({.is_orphaned = true}); });
        if (orphaned.empty()) continue;
        const auto all = nodes();
        for (const run_row& one : orphaned) {
            const auto by = std::ranges::find(all, one.node, &cicada::detail::node_row::id);
            if (by != all.end() && by->ended_at &&
                *one.of.started_at > *by->ended_at + set_back_since_it_began(one))
                given_to_the_dead_.push_back(one);
        }
    }
}

std::vector<cicada::detail::node_row> world::nodes() const {
    std::vector<cicada::detail::node_row> all;
    cluster.store().access().where().read([&](cicada::detail::reading& in) { all = in.nodes(); });
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
    all.given_to_the_dead = given_to_the_dead_;
    all.set_back = set_back_;
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
                    .life = there.at.life};
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
    job.versions = zones_.versions(job.id, job.versions);
    return job;
}

} // namespace cluster_model
