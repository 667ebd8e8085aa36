// What contenders use inside their own process: clocks, pinning, medians, watching a loop.
#include "harness.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace bench {
namespace {

std::int64_t read_clock(clockid_t id) noexcept {
    timespec t{};
    clock_gettime(id, &t);
    return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

struct watched {
    const counter* ticks = nullptr;
    void (*finish)(const span&) = nullptr;
    bool running = false;
    double wall = 0, cpu = 0, count = 0;
    double ideal_ticks_per_ns = 0;
} watching;

void on_watch(int) {
    const auto wall = static_cast<double>(elapsed_ns()), cpu = static_cast<double>(cpu_ns());
    const auto count = static_cast<double>(watching.ticks->value());
    if (watching.running)
        watching.finish({wall - watching.wall, cpu - watching.cpu, count - watching.count});
    watching.running = true;
    watching.wall = wall, watching.cpu = cpu, watching.count = count;
}

}  // namespace

std::int64_t elapsed_ns() noexcept { return read_clock(CLOCK_MONOTONIC); }
std::int64_t cpu_ns() noexcept { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

std::int64_t resident_bytes() {
    long size = 0, resident = 0;
    if (FILE* f = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(f, "%ld %ld", &size, &resident) != 2) resident = 0;
        std::fclose(f);
    }
    return resident * sysconf(_SC_PAGESIZE);
}

int cores() noexcept { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(core % cores()), &set);
    sched_setaffinity(0, sizeof set, &set);
}

void unpin() {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int core = 0; core < cores(); ++core) CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}

void timer_slack(nanoseconds slack) {
    prctl(PR_SET_TIMERSLACK, std::max<long>(1, slack.count()), 0, 0, 0);
}

double ns_each(long operations, const std::function<void()>& batch) {
    batch();  // warm
    std::vector<double> samples;
    const auto end = elapsed_ns() + (quick() ? 150'000'000 : 400'000'000);
    while (samples.size() < 5 || elapsed_ns() < end) {
        const auto from = elapsed_ns();
        batch();
        samples.push_back(static_cast<double>(elapsed_ns() - from) /
                          static_cast<double>(operations));
    }
    std::nth_element(samples.begin(), samples.begin() + static_cast<long>(samples.size() / 2),
                     samples.end());
    return samples[samples.size() / 2];
}

void watch(std::int64_t begin_at, nanoseconds length, const counter& ticks,
           void (*finish)(const span&)) {
    watching.ticks = &ticks;
    watching.finish = finish;
    struct sigaction action{};
    action.sa_handler = on_watch;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    timer_t timer{};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    const auto split = [](std::int64_t ns) {
        return timespec{ns / 1'000'000'000, ns % 1'000'000'000};
    };
    const itimerspec when{split(length.count()), split(begin_at)};
    timer_settime(timer, TIMER_ABSTIME, &when, nullptr);
}

std::int64_t begin_of(const point& at, nanoseconds making_one) noexcept {
    return elapsed_ns() + 100'000'000 + at.n * making_one.count();
}

void watch_ticks(std::int64_t begin_at, nanoseconds length, const counter& ticks, const point& at) {
    watching.ideal_ticks_per_ns =
        static_cast<double>(at.n) / static_cast<double>(at.period.count());
    watch(begin_at, length, ticks, [](const span& s) {
        report({{"ns", s.cpu_ns / std::max(1.0, s.ticks)},
                {"M/core-s", s.ticks / s.cpu_ns * 1e3},
                {"rate%", s.ticks / s.wall_ns / watching.ideal_ticks_per_ns * 100},
                {"core%", s.cpu_ns / s.wall_ns * 100}});
    });
}

std::vector<std::uint32_t> shuffled(long n) {
    std::vector<std::uint32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0u);
    generator r;
    for (auto i = order.size(); i > 1; --i) std::swap(order[i - 1], order[r() % i]);
    return order;
}

}  // namespace bench
