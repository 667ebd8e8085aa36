// A unit test of a heartbeat with a deadline: hours of it, in no time and always the same. Any test
// framework will do.
#include <cicada/cicada.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace std::chrono_literals;

/// The code under test, which knows nothing of simulations: calls for help after a minute without a
/// sign of life.
class watchdog {
public:
    void alive() { last_ = cicada::now(); }
    std::vector<std::string> alarms;

private:
    void look() {
        if (cicada::now() - last_ >= 1min)
            alarms.push_back(cicada::format_instant(cicada::wall_now()));
    }
    cicada::elapsed_time last_ = cicada::now();
    cicada::periodic looking_ = cicada::every(10s, {.name = "watchdog"}, &watchdog::look, this);
};

void check(bool fact, const char* what) {
    std::printf("%s: %s\n", fact ? "ok" : "FAILED", what);
    if (!fact) std::exit(EXIT_FAILURE);
}

int main() {
    cicada::simulation sim{"2026-01-01T00:00:00Z"}; // is the loop of this thread while it lives
    watchdog dog;

    auto heart = cicada::every(30s, [&] { dog.alive(); });
    sim.advance(24h);
    check(dog.alarms.empty(), "no alarm in a day of heartbeats");

    heart.pause();
    sim.advance(1min);
    check(dog.alarms == std::vector<std::string>{"2026-01-02T00:01:00Z"},
          "an alarm after a minute without");

    heart.resume();
    sim.advance(10s);
    dog.alarms.clear();
    sim.step_wall(1h); // somebody sets the clock
    sim.advance(10min);
    check(dog.alarms.empty(), "no alarm when the clock is set");

    sim.stall(8h); // the machine sleeps, and everything with it
    sim.settle();
    check(dog.alarms.size() == 1, "one alarm after a suspend, not thousands");
}
