// What a program is at: everything that an inspector would show, anybody can print.

#include <cicada/cicada.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

std::string text(std::optional<cicada::wall_time> t) {
    return t ? cicada::format_instant(*t) : "unknown";
}

void print(cicada::loop_snapshot all) {
    std::printf("At %s:\n", text(all.taken_at).c_str());
    std::ranges::sort(all.periodics, {}, &cicada::periodic_snapshot::name);
    for (const cicada::periodic_snapshot& one : all.periodics) {
        std::printf("%s: %s, ran %d, waits for %s, next %s\n", one.name.c_str(),
                    one.recurrence.c_str(), static_cast<int>(one.counters.ran),
                    one.waits_for.c_str(), text(one.next).c_str());
        for (const cicada::run_snapshot& run : one.runs)
            std::printf("  a run for %s, attempt %u, since %s\n", text(run.nominal).c_str(),
                        run.attempt, text(run.started_at).c_str());
        if (const auto& last = one.last_decision)
            std::printf("  last decision: %s, %s\n", text(last->nominal).c_str(),
                        std::string(to_string(last->what)).c_str());
    }
    for (const cicada::task_snapshot& one : all.tasks)
        std::printf("task %s waits for %s\n", one.name.c_str(), one.waits_for.c_str());
}

cicada::task<> back_up() { co_await cicada::sleep(45min); }
cicada::task<> serve(cicada::event& closing) { co_await closing.wait(); }
void ask() { throw std::runtime_error("no answer"); }

int main() {
    cicada::event closing;
    cicada::simulation sim{"2026-03-29T00:00:00Z", {.on_error = [](const auto&) {}}};
    auto server = cicada::spawn({.name = "serve"}, serve, std::ref(closing));
    auto backup =
        cicada::every(cicada::cron("30 2 * * *", "Europe/Berlin"), {.name = "backup"}, back_up);
    auto flush = cicada::every(15min, {.name = "flush"}, [] {});
    auto poll = cicada::every(1h, {.name = "poll", .retry = {.max = 2, .backoff = 2min}}, ask);
    auto remind = cicada::after(3h, {.name = "remind"}, [] {});
    sim.advance(1h + 1min);
    flush.pause();
    print(sim.get().snapshot());
}
