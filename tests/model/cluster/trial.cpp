#include <model/cluster/trial.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

#include <model/cluster/checker.hpp>

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

namespace {

constexpr const char* owner = "the model";

class trial {
public:
    trial(std::uint64_t seed, const shape& of)
        : of_(of), random_(seed * 2 + 1),
          in_({.seed = seed,
               .start = of.time > 24h ? "2026-03-26T00:00:00Z" : "2026-03-28T23:50:00Z",
               .machines = 2 + static_cast<int>(seed % 3),
               .lease = of.lease,
               .poll = of.poll,
               .grace = of.lease / 4,
               .tells = std::getenv("CICADA_TELL") != nullptr}),
          until_(cicada::parse_instant(in_.how.start) + of.time) {
        in_.plan = [this](const cicada::job_run& run) { return plan(run); };
    }

    trial_result run();

private:
    unsigned random(unsigned below) { return random_(below); }
    bool chance(unsigned in_a_hundred) { return random_(100) < in_a_hundred; }
    duration up_to(duration most) { return most / 1000 * (random(1000) + 1); }
    template <class T>
    T one_of(std::initializer_list<T> those) {
        return *(those.begin() + random(static_cast<unsigned>(those.size())));
    }
    world::host& some_host() { return in_.hosts[random(static_cast<unsigned>(in_.hosts.size()))]; }
    cicada::job& some_job() { return jobs_[random(static_cast<unsigned>(jobs_.size()))]; }

    behaviour plan(const cicada::job_run& run) const;
    cicada::recurrence some_recurrence();
    cicada::job new_job(int number);
    void make_jobs();

    cicada::task<> trouble();
    void some_fault();
    void fail_over();
    cicada::task<> people();
    cicada::task<> some_call(cicada::job_store by);
    cicada::task<> pause(cicada::job_store by, cicada::job which);
    cicada::task<> resume(cicada::job_store by, cicada::job which);
    void heal();
    cicada::task<> set_right();
    void settle();
    trial_result judge();

    const shape of_;
    support::random_numbers random_;
    world in_;
    const wall_time until_;
    std::vector<cicada::job> jobs_;
    using pauses = std::map<std::string, std::vector<std::pair<wall_time, wall_time>>>;
    pauses pauses_; // when it may have been
    pauses sure_pauses_; // when it was, as long as no failover has lost that
    std::set<std::string> may_resume_; // nobody knows what became of a request to resume it
    faults injected_;
    calls made_;
};

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

// ---- faults -------------------------------------------------------------------------------------

cicada::task<> trial::trouble() {
    for (;;) {
        co_await cicada::sleep(up_to(of_.between));
        some_fault();
    }
}

void trial::some_fault() {
    world::host& on = some_host();
    const duration time = up_to(one_of<duration>({of_.lease / 4, of_.lease, of_.lease * 3}));
    switch (random(11)) {
    case 0:
    case 1:
        if (!on.machine.is_running()) return in_.start(on);
        ++injected_.crashes;
        return in_.crash(on);
    case 2:
        if (!on.machine.is_running()) return in_.start(on);
        ++injected_.stops;
        return in_.stop(on);
    case 3:
        ++injected_.freezes;
        return in_.freeze(on, time);
    case 4:
        ++injected_.cuts;
        return in_.cut_off(on, time);
    case 5:
        ++injected_.lossy;
        return in_.lose(10'000 * (1 + random(30)), time);
    case 6:
        ++injected_.clock_steps;
        return on.machine.step_clock(up_to(4h) - 2h);
    case 7:
        ++injected_.downs;
        return in_.take_down(time);
    case 8:
        return fail_over();
    case 9:
        ++injected_.held;
        return in_.hold_back(on, time);
    default: // what is off comes back
        for (world::host& one : in_.hosts) in_.start(one);
        in_.lose(0, 0s);
    }
}

void trial::fail_over() {
    ++injected_.failovers;
    const unsigned lost = chance(50) ? random(4) : 0;
    injected_.commits_lost += lost;
    if (lost > 0) {
        for (auto& [job, those] : sure_pauses_)
            std::erase_if(those, [](const auto& one) { return one.second == wall_time::max(); });
    }
    in_.fail_over(lost, up_to(of_.lease / 2) - of_.lease / 4);
}

// ---- people -------------------------------------------------------------------------------------

cicada::task<> trial::people() {
    for (;;) {
        co_await cicada::sleep(up_to(of_.between * 2));
        auto by = chance(50) ? in_.cluster.store() : some_host().machine.store();
        auto call = some_call(std::move(by));
        try {
            co_await std::move(call);
        } catch (const cicada::error&) { // what was asked for may have been done all the same
        }
    }
}

cicada::task<> trial::some_call(cicada::job_store by) {
    cicada::job& which = some_job();
    static constexpr const char* words[] = {"edit",   "pause",    "resume", "trigger",
                                            "cancel", "backfill", "submit", "submit"};
    const unsigned call = random(8);
    in_.tell(std::string(words[call]) + " \"" + which.name + "\"");
    switch (call) {
    case 0: {
        ++made_.edits;
        if (!which.when.is_fixed_delay()) {
            const auto other = some_recurrence();
            if (!other.is_fixed_delay()) which.when = other;
        }
        if (chance(30)) which.overlap = new_job(0).overlap;
        auto applying = by.apply(owner, jobs_);
        co_await std::move(applying);
        break;
    }
    case 1: {
        auto pausing = pause(by, which);
        co_await std::move(pausing);
        break;
    }
    case 2: {
        auto resuming = resume(by, which);
        co_await std::move(resuming);
        break;
    }
    case 3: {
        ++made_.triggers;
        auto triggering = by.trigger(which.name, {.key = "key " + std::to_string(random(1000))});
        co_await std::move(triggering);
        break;
    }
    case 4: {
        ++made_.cancels;
        const auto all = in_.runs();
        if (all.empty()) co_return;
        auto cancelling = by.cancel(all[random(std::min(unsigned(all.size()), 5u))].of.id);
        co_await std::move(cancelling);
        break;
    }
    case 5: {
        if (which.when.is_fixed_delay()) co_return;
        ++made_.backfills;
        const auto now = in_.cluster.store_now();
        auto filling = by.backfill(which.name, now - of_.between, now - of_.between / 2);
        co_await std::move(filling);
        break;
    }
    default: {
        ++made_.submits;
        cicada::submit_options how{.after = up_to(of_.between)};
        const std::string key = "key " + std::to_string(random(100'000));
        how.key = key;
        auto submitting = by.submit("work", "{}", how);
        co_await std::move(submitting);
    }
    }
}

cicada::task<> trial::pause(cicada::job_store by, cicada::job which) {
    ++made_.pauses;
    // What is not decided by then may count as paused, too.
    pauses_[which.name].push_back({in_.row(which.name).at.decided, wall_time::max()});
    auto pausing = by.pause(which.name, {.note = "a test", .by = "the model"});
    co_await std::move(pausing);
    const auto life = in_.row(which.name).at.life; // what has ended is not paused by it
    if ((life == cicada::life::paused || life == cicada::life::held) &&
        !may_resume_.contains(which.name))
        sure_pauses_[which.name].push_back({in_.cluster.store_now(), wall_time::max()});
}

/// It may stay paused: nobody is sure that this arrives, or that no failover loses it.
cicada::task<> trial::resume(cicada::job_store by, cicada::job which) {
    ++made_.resumes;
    const auto instants = chance(50) ? cicada::passed::skip : cicada::passed::catch_up;
    for (auto& one : sure_pauses_[which.name])
        one.second = std::min(one.second, in_.cluster.store_now());
    auto resuming = by.resume(which.name, instants);
    const bool is_known = may_resume_.insert(which.name).second;
    co_await std::move(resuming); // what it throws leaves a request that may come after a pause
    if (is_known) may_resume_.erase(which.name);
}

// ---- the end ------------------------------------------------------------------------------------

void trial::heal() {
    in_.lose(0, 0s);
    for (world::host& one : in_.hosts) in_.start(one);
}

/// What a failover, or an unknown outcome, has left undone.
cicada::task<> trial::set_right() {
    auto store = in_.cluster.store();
    auto applying = store.apply(owner, jobs_);
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
    const auto applied = cicada::spawn(outside.apply(owner, jobs_));
    in_.sim.advance(1s);
    for (world::host& one : in_.hosts) in_.start(one);
    {
        const auto faults = cicada::spawn(trouble());
        const auto calls = cicada::spawn(people());
        in_.sim.advance(of_.time);
    }
    in_.sim.settle();
    settle();
    return judge();
}

} // namespace

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
        &faults::commits_lost, &faults::requests_lost, &faults::answers_lost, &faults::refused);
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
