// C1: what does it cost to read a cron pattern? C2: to find its next instant, in UTC and in a zone
// with daylight saving, after any instant of ten years? C3: how many resident bytes does a schedule
// take, of N: a value, and one that a function is bound to? C4: how long does it take to simulate a
// year of N schedules, with every decision?
//
// The limit of C1 looks at each character once; that of C2 divides the instant into date and time
// and puts it together.
#include "harness.hpp"

#include <cicada/cicada.hpp>
#include <cicada/schedule/cron.hpp>
#include <cicada/schedule/simulate.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bench;
using simulated_year = cicada::simulated_window;

struct common {
    const char* label;
    const char* pattern;
};
constexpr common patterns[] = {{"*/5 * * * *", "*/5 * * * *"},
                               {"0 7 * * MON-FRI", "0 7 * * MON-FRI"},
                               {"0 0 L * *", "0 0 L * *"},
                               {"0 0 29 2 *", "0 0 29 2 *"}};

const char* pattern_of(const point& at) { return patterns[at.n].pattern; }

std::vector<point> each_pattern() {
    std::vector<point> points;
    for (const common& c : patterns) {
        points.push_back({.label = c.label, .n = static_cast<long>(points.size())});
    }
    return points;
}

template <class Value>
void keep(const Value& value) {
    asm volatile("" ::"r"(&value) : "memory");
}

/// Instants of ten years from 2026 on, in no order.
std::array<cicada::wall_time, 4096> any_instants() {
    generator random;
    std::array<cicada::wall_time, 4096> all;
    for (auto& t : all) t = cicada::wall_time(1s * random.between(1'767'225'600, 2'082'758'400));
    return all;
}

template <class Find>
void report_each_instant(Find find) {
    const auto instants = any_instants();
    report({{"ns", ns_each(instants.size(), [&] {
                 for (const auto t : instants) keep(find(t));
             })}});
}

/// croner, of npm, in a node of its own: see croner.mjs. Without node there is nothing to report.
void croner(const char* what, const point& at, const char* zone) {
    const std::string command =
        std::string("node \"$CICADA_BENCH_CRONER\" ") + what + " '" + pattern_of(at) + "' " + zone;
    double ns = 0;
    FILE* out = popen(command.c_str(), "r");
    if (!out || std::fscanf(out, "%lf", &ns) != 1) std::exit(EXIT_FAILURE);
    report({{"ns", ns}});
}
void croner_reads(const point& at) { croner("parse", at, "UTC"); }
void croner_in_utc(const point& at) { croner("next", at, "UTC"); }
void croner_in_berlin(const point& at) { croner("next", at, "Europe/Berlin"); }

/// With croner, if bench/run has found it.
std::vector<contender> with_croner(std::vector<contender> ours, void (*run)(const point&)) {
    if (std::getenv("CICADA_BENCH_CRONER")) ours.push_back({"croner", run});
    return ours;
}

// --- C1 ------------------------------------------------------------------------------------------
constexpr long reads = 1000;

void limit_read(const point& at) {
    report({{"ns", ns_each(reads, [&] {
                 for (long i = 0; i < reads; ++i) {
                     std::string_view pattern = pattern_of(at);
                     keep(pattern);
                     unsigned sum = 0;
                     for (const char c : pattern) {
                         sum += static_cast<unsigned char>(c);
                         keep(sum);
                     }
                 }
             })}});
}

void cicada_read(const point& at) {
    const cicada::zone utc;
    report({{"ns", ns_each(reads, [&] {
                 for (long i = 0; i < reads; ++i) keep(cicada::cron(pattern_of(at), utc));
             })}});
}

const question c1{
    {.id = "C1",
     .asks = "read a pattern",
     .unit = "ns",
     .goal = "<= 100",
     .points = each_pattern(),
     .contenders = with_croner({{"limit", limit_read}, {"cicada", cicada_read}}, croner_reads)}};

// --- C2 ------------------------------------------------------------------------------------------
void limit_next(const point&) {
    report_each_instant([](cicada::wall_time t) {
        const auto day = std::chrono::floor<std::chrono::days>(t);
        const std::chrono::year_month_day date(day);
        return std::chrono::sys_days(date) + std::chrono::floor<std::chrono::seconds>(t - day);
    });
}

void cicada_next_in(const point& at, const char* zone) {
    const cicada::cron c(pattern_of(at), zone);
    report_each_instant([&](cicada::wall_time t) { return c.next(t); });
}
void cicada_in_utc(const point& at) { cicada_next_in(at, "UTC"); }
void cicada_in_berlin(const point& at) { cicada_next_in(at, "Europe/Berlin"); }

const question c2{
    {.id = "C2",
     .asks = "the next instant of a pattern in UTC",
     .unit = "ns",
     .goal = "<= 60",
     .points = each_pattern(),
     .contenders = with_croner({{"limit", limit_next}, {"cicada", cicada_in_utc}}, croner_in_utc)}};
const question c2_zone{
    {.id = "C2.zone",
     .asks = "the next instant of a pattern in Europe/Berlin",
     .unit = "ns",
     .goal = "<= 150",
     .points = each_pattern(),
     .contenders =
         with_croner({{"limit", limit_next}, {"cicada", cicada_in_berlin}}, croner_in_berlin)}};

// --- C3 ------------------------------------------------------------------------------------------
std::string any_pattern(long i) {
    return std::to_string(i % 60) + ' ' + std::to_string(i / 60 % 24) + " * * MON-FRI";
}

void report_bytes_each(long n, std::int64_t before) {
    report({{"bytes", static_cast<double>(resident_bytes() - before) / static_cast<double>(n)}});
}

void cicada_bytes(const point& at) {
    const cicada::zone berlin("Europe/Berlin");
    std::vector<cicada::cron> all;
    const auto before = resident_bytes();
    all.reserve(static_cast<std::size_t>(at.n));
    for (long i = 0; i < at.n; ++i) all.emplace_back(any_pattern(i), berlin);
    keep(all);
    report_bytes_each(at.n, before);
}

long ticks = 0;

cicada::task<> hold_periodics(long n) {
    const cicada::zone berlin("Europe/Berlin");
    std::vector<cicada::periodic> all;
    const auto before = resident_bytes();
    all.reserve(static_cast<std::size_t>(n));
    for (long i = 0; i < n; ++i)
        all.push_back(cicada::every(cicada::cron(any_pattern(i), berlin), [] { ++ticks; }));
    report_bytes_each(n, before);
    co_return;
}
void cicada_bound(const point& at) { cicada::run(hold_periodics(at.n)); }

const question c3{{.id = "C3",
                   .asks = "resident bytes of one of N cron schedules",
                   .unit = "B",
                   .goal = "<= 200",
                   .points = {{.label = "N=1e6", .n = 1'000'000}},
                   .contenders = {{"cicada", cicada_bytes}}}};
const question c3_every{{.id = "C3.every",
                         .asks = "resident bytes of a function bound to one of N cron schedules",
                         .unit = "B",
                         .goal = "<= 200",
                         .points = {{.label = "N=1e6", .n = 1'000'000}},
                         .contenders = {{"cicada", cicada_bound}}}};

// --- C4 ------------------------------------------------------------------------------------------
/// Of N schedules half run each hour and half once a day, in Berlin; in the busy year a tenth run
/// every 5 minutes.
void cicada_year(const point& at) {
    const bool is_busy = at.label == std::string_view("N=1000 busy");
    const cicada::zone berlin("Europe/Berlin");
    std::vector<cicada::planned_schedule> all;
    for (long i = 0; i < at.n; ++i) {
        const std::string minute = std::to_string(i % 60);
        const std::string pattern = i % 10 == 0 && is_busy ? "*/5 * * * *"
                                    : i % 2 == 0           ? minute + " * * * *"
                                                 : minute + " " + std::to_string(i % 24) + " * * *";
        all.push_back({.name = "job" + std::to_string(i),
                       .when = cicada::cron(pattern, berlin),
                       .takes = 30s});
    }
    const auto from = cicada::parse_instant("2026-01-01T00:00:00Z");
    const simulated_year year{.from = from, .until = from + 24h * 365};
    long decisions = 0;
    const auto begin = cpu_ns();
    cicada::simulate(
        all, year, [&](const cicada::planned_schedule&, const cicada::decision&) { ++decisions; });
    const double s = static_cast<double>(cpu_ns() - begin) / 1e9;
    report({{"s", s}, {"M decisions", static_cast<double>(decisions) / 1e6}});
}

const question c4{{.id = "C4",
                   .asks = "simulate a year of N schedules, with every decision",
                   .unit = "s",
                   .goal = "<= 2",
                   .points = {{.label = "N=1000", .n = 1000}, {.label = "N=1000 busy", .n = 1000}},
                   .contenders = {{"cicada", cicada_year}}}};

} // namespace
