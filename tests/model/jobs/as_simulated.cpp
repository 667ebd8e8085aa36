#include <model/jobs/play.hpp>

namespace jobs_model {

using namespace cicada;

accounts as_simulated(const history& of) {
    std::vector<planned_schedule> all;
    for (const planned_job& planned : of.jobs) {
        const job& one = planned.of;
        all.push_back({.name = one.name,
                       .when = of.on_wall(planned, one.when, of.begins_at(planned)),
                       .overlap = one.overlap,
                       .catch_up = one.catch_up,
                       .catch_up_window = one.catch_up_window,
                       .start_deadline = one.start_deadline,
                       .jitter = one.jitter,
                       .takes = planned.takes});
    }
    simulated_window window{.from = of.start, .until = of.until};
    for (const happening& one : of.happens) window.outages.push_back({one.at, *one.until});
    accounts told;
    simulate(all, window, [&](const planned_schedule& who, const decision& d) {
        if (d.ended_at < of.until) told[who.name].told.push_back(text_of(d)); // else it is cut off
    });
    return told;
}

} // namespace jobs_model
