#pragma once

/// trial: one seed at work. Its parts: trial.cpp (jobs, and the end), trial_faults.cpp,
/// trial_people.cpp.

#include <cstdlib>
#include <map>
#include <set>

#include <model/cluster/trial.hpp>

namespace cluster_model {

constexpr const char* owner_of_all = "the model";

class trial {
public:
    trial(std::uint64_t seed, const shape& of)
        : of_(of), random_(seed * 2 + 1), zones_random_(~seed),
          has_zone_updates_(zones_random_(4) == 0),
          in_({.seed = seed,
               .start = of.time > 24h ? "2026-03-26T00:00:00Z" : "2026-03-28T23:50:00Z",
               .machines = 2 + static_cast<int>(seed % 3),
               .lease = of.lease,
               .poll = of.poll,
               .grace = of.lease / 4,
               .has_zone_updates = has_zone_updates_,
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
    cicada::task<> zone_updates();
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
    support::random_numbers zones_random_; // apart, so that all else comes as it does without it
    const bool has_zone_updates_;
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

} // namespace cluster_model
