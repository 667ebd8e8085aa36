#pragma once

/// What the drivers have in common: how time passes, what runs, and how they say what came.

#include <string>

#include <cicada/cicada.hpp>
#include <model/jobs/drivers.hpp>

namespace jobs_model {

/// What an attempt does.
cicada::task<> work(attempt what);

/// All of it.
std::string text_of(const cicada::decision& d);
/// What became of an instant, and in which attempts.
std::string what_came(const cicada::decision& d);

std::string figures(const cicada::periodic_counters& all,
                    const std::optional<cicada::wall_time>& next, bool has_ended);

/// Notes that it was told.
void note(account& in, const history& of, const cicada::decision& d, const cicada::simulation& sim);

/// `plays` has off(happening), for an outage, and ask(happening).
template <class Plays>
void play(const history& of, cicada::simulation& sim, Plays& plays) {
    const auto left_to = [&](wall_time at) { return at - of.start - sim.elapsed(); };
    for (const happening& one : of.happens) {
        if (one.what == happening::kind::outage) {
            sim.advance(left_to(one.at) - duration(1));
            plays.off(left_to(*one.until));
        } else {
            sim.advance(left_to(one.at));
            plays.ask(one);
            sim.settle();
        }
    }
    sim.advance(left_to(of.until) - duration(1));
}

} // namespace jobs_model
