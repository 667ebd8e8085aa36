// What goes wrong in a trial.

#include <model/cluster/trial_at_work.hpp>
#include <model/cluster/zone_editions.hpp>

namespace cluster_model {

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

/// A machine has rules that are newer than those of the others, or older.
cicada::task<> trial::zone_updates() {
    for (;;) {
        co_await cicada::sleep(of_.between * 4 / 1000 * (zones_random_(1000) + 1));
        const auto& all = zone_editions();
        world::host& on = in_.hosts[zones_random_(static_cast<unsigned>(in_.hosts.size()))];
        ++injected_.zone_updates;
        in_.update_zones(on, all[zones_random_(static_cast<unsigned>(all.size()))]);
    }
}

} // namespace cluster_model
