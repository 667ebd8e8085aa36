// A backup at half past two each night, in simulated time: over the night when the clocks are set,
// through a night in which the machine sleeps, and with a first attempt that fails. Each night ends
// in one decision.

#include <cicada/cicada.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

cicada::task<> back_up(cicada::tick t) {
    co_await cicada::sleep(20min);
    if (t.attempt == 1 && t.missed > 0) throw std::runtime_error("the disk has just woken up");
}

void print(const cicada::decision& d) {
    std::printf("%s  %s", cicada::format_instant(d.nominal).c_str(),
                std::string(to_string(d.what)).c_str());
    if (d.attempts > 0)
        std::printf(" from %s, attempts: %u", cicada::format_instant(d.started_at).c_str(),
                    d.attempts);
    std::puts("");
}

int main() {
    cicada::simulation sim{
        "2025-03-28T12:00:00Z", {.on_error = [](const cicada::error_report& report) {
            std::printf("%s: %s\n", std::string(report.task).c_str(), report.what().c_str());
        }}};
    auto backup = cicada::every(cicada::cron("30 2 * * *", "Europe/Berlin"),
                                {.name = "backup",
                                 .retry = {.max = 3, .backoff = 10min, .cap = 1h},
                                 .catch_up = cicada::catch_up::last,
                                 .on_decision = print},
                                back_up);
    sim.advance(48h); // the clocks go from 02:00 to 03:00 on the 30th: no 02:30, it runs at 03:00
    std::puts("The machine sleeps for two nights.");
    sim.stall(46h);
    sim.advance(24h);
    std::printf("Next: %s\n", cicada::format_instant(*backup.next()).c_str());
}
