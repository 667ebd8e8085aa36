#include <model/cluster/trial_at_work.hpp>

namespace cluster_model {

// Each shape's jobs come about as often as its faults do.
const shape dense{.name = "dense",
                  .lease = 20s,
                  .poll = 1s,
                  .time = 20min,
                  .calm = 20min,
                  .work = 8s,
                  .between = 40s,
                  .when = {"every 5s", "every 17s", "every 1m", "cron(\"*/20 * * * * *\")",
                           "cron(\"* * * * *\")", "fixed_delay 7s", "fixed_delay 40s"}};
const shape days{.name = "days",
                 .lease = 20min,
                 .poll = 2min,
                 .time = 24h * 6,
                 .calm = 24h,
                 .work = 8min,
                 .between = 4h,
                 .when = {"every 1h", "every 2h30m", "cron(\"*/30 * * * *\", \"Europe/Berlin\")",
                          "cron(\"30 2 * * *\", \"Europe/Berlin\")",
                          "cron(\"0 1-3 * * *\", \"America/New_York\")",
                          "every_days(1, \"2026-03-20T02:30:00\", \"Europe/Berlin\")",
                          "fixed_delay 50m"}};
const shape years{.name = "years",
                  .lease = 16h,
                  .poll = 6h,
                  .time = 24h * 365,
                  .calm = 24h * 14,
                  .work = 4h,
                  .between = 24h * 12,
                  .when = {"every 24h", "every 50h", "cron(\"30 2 * * *\", \"Europe/Berlin\")",
                           "cron(\"0 0 * * MON\", \"America/Sao_Paulo\")",
                           "cron(\"0 12 L * *\", \"Australia/Lord_Howe\")",
                           "every_months(1, \"2026-01-31T02:30:00\", \"Europe/Berlin\")",
                           "fixed_delay 40h"}};

// ---- jobs ---------------------------------------------------------------------------------------

/// The same for each attempt, whatever the engine does.
behaviour trial::plan(const cicada::job_run& run) const {
    support::random_numbers r(static_cast<std::uint64_t>(run.nominal().time_since_epoch().count()) ^
                              run.attempt() ^ in_.how.seed);
    behaviour what{.steps = 1 + static_cast<int>(r(4))};
    const duration time = r(20) == 0 ? of_.lease * 2 : of_.work / (1 + r(30));
    what.step = time / what.steps;
    if (r(6) == 0) what.ends = attempt::ending::threw;
    return what;
}

cicada::recurrence trial::some_recurrence() {
    return cicada::recurrence::parse(of_.when[random(static_cast<unsigned>(of_.when.size()))]);
}

cicada::job trial::new_job(int number) {
    using cicada::catch_up;
    using cicada::overlap;
    cicada::job one{
        .name = "job " + std::to_string(number), .when = some_recurrence(), .kind = "work"};
    one.until = until_;
    one.overlap =
        one_of<overlap>({overlap::skip, overlap::buffer_one, overlap::buffer_latest,
                         overlap::cancel_other, overlap::buffer_all{3}, overlap::allow{3}});
    one.catch_up =
        one_of<catch_up>({catch_up::none, catch_up::last, catch_up::first, catch_up::all{5}});
    if (chance(20)) one.catch_up_window = of_.lease * 3;
    if (chance(20)) one.start_deadline = of_.lease;
    if (chance(20)) one.jitter = of_.work / 4;
    if (chance(50)) one.retry = {.max = 1 + random(3), .backoff = of_.work / 4, .cap = of_.work};
    if (chance(5)) one.on_error = cicada::on_error::stop;
    if (chance(40)) one.on_lost = cicada::on_lost::fail;
    if (chance(30)) one.when_cut_off = cicada::when_cut_off::carry_on;
    return one;
}

void trial::make_jobs() {
    const int many = 2 + static_cast<int>(random(4));
    for (int i = 0; i < many; ++i) jobs_.push_back(new_job(i));
}

// ---- the end ------------------------------------------------------------------------------------

void trial::heal() {
    in_.lose(0, 0s);
    for (world::host& one : in_.hosts) in_.start(one);
}

/// What a failover, or an unknown outcome, has left undone.
cicada::task<> trial::set_right() {
    auto store = in_.cluster.store();
    auto applying = store.apply(owner_of_all, jobs_);
    co_await std::move(applying);
    for (const cicada::job& one : jobs_) {
        auto resuming = resume(store, one);
        co_await std::move(resuming);
    }
}

void trial::settle() {
    heal();
    const auto right = cicada::spawn(set_right());
    in_.sim.advance(of_.calm / 2);
    heal(); // those that were still stopping
    in_.sim.advance(of_.calm / 2);
}

trial_result trial::judge() {
    trial_result all;
    history seen = in_.seen();
    for (const cicada::job& one : jobs_) {
        seen.jobs.push_back(in_.history_of(one));
        seen.jobs.back().pauses = pauses_[one.name];
        seen.jobs.back().sure_pauses = sure_pauses_[one.name];
    }
    for (const auto& one : in_.nodes())
        in_.tell("node " + std::to_string(static_cast<std::int64_t>(one.id)) + " of " + one.name +
                 ", state " + std::to_string(static_cast<int>(one.state)));
    for (const run_row& one : seen.runs) {
        if (!is_open(one.of.state)) continue;
        in_.tell("open: run " + std::to_string(static_cast<std::int64_t>(one.of.id)) + ", node " +
                 std::to_string(static_cast<std::int64_t>(one.node)) + ", state " +
                 std::to_string(static_cast<int>(one.of.state)) + ", fence " +
                 std::to_string(one.of.fence));
    }
    for (const job_history& job : seen.jobs) {
        for (const version& one : job.versions)
            in_.tell(job.name + ", from " + cicada::format_instant(one.since) + ": " +
                     one.when.text());
        for (const stretch& one : job.stretches)
            in_.tell(job.name + ": " + std::string(to_string(one.kind)) + " " +
                     cicada::format_instant(one.first) + " to " + cicada::format_instant(one.last) +
                     ", " + std::to_string(one.count));
    }
    all.violations = check(seen, all.what);
    all.attempts = seen.attempts.size();
    const auto counts = in_.cluster.counts();
    all.messages = counts.messages;
    injected_.requests_lost = counts.requests_lost;
    injected_.answers_lost = counts.answers_lost;
    injected_.refused = counts.refused;
    all.injected = injected_;
    all.made = made_;
    all.time = in_.sim.elapsed();
    return all;
}

trial_result trial::run() {
    make_jobs();
    auto outside = in_.cluster.store();
    const auto applied = cicada::spawn(outside.apply(owner_of_all, jobs_));
    in_.sim.advance(1s);
    for (world::host& one : in_.hosts) in_.start(one);
    {
        const auto faults = cicada::spawn(trouble());
        const auto calls = cicada::spawn(people());
        cicada::join_handle<> updates;
        if (has_zone_updates_) updates = cicada::spawn(zone_updates());
        in_.sim.advance(of_.time);
    }
    in_.sim.settle();
    settle();
    return judge();
}

namespace {

template <class T, class... Members>
void add(T& to, const T& of, Members... members) {
    ((to.*members += of.*members), ...);
}

} // namespace

trial_result& trial_result::operator+=(const trial_result& one) {
    violations.insert(violations.end(), one.violations.begin(), one.violations.end());
    add(what, one.what, &checked::instants, &checked::runs, &checked::takeovers);
    add(injected, one.injected, &faults::crashes, &faults::stops, &faults::freezes, &faults::cuts,
        &faults::lossy, &faults::held, &faults::clock_steps, &faults::downs, &faults::failovers,
        &faults::zone_updates, &faults::commits_lost, &faults::requests_lost, &faults::answers_lost,
        &faults::refused);
    add(made, one.made, &calls::edits, &calls::pauses, &calls::resumes, &calls::triggers,
        &calls::submits, &calls::cancels, &calls::backfills);
    add(*this, one, &trial_result::attempts, &trial_result::messages, &trial_result::time);
    return *this;
}

trial_result run_trial(std::uint64_t seed, const shape& of) {
    trial one(seed, of);
    return one.run();
}

} // namespace cluster_model
