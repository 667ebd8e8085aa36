// C1: what does it cost to read a cron pattern? C2: to find its next instant, in UTC and in a zone with daylight saving,
// after any instant of ten years? C3: how many resident bytes does a schedule take, of N?
//
// The limit of C1 looks at each character once; that of C2 divides the instant into date and time and puts it together.
#include "harness.hpp"

#include <cicada/schedule/cron.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace {

using namespace bench;

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

// --- C1 -----------------------------------------------------------------------------------------------------------------
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

const question c1{{.id = "C1",
                   .asks = "read a pattern",
                   .unit = "ns",
                   .goal = "<= 100",
                   .points = each_pattern(),
                   .contenders = {{"limit", limit_read}, {"cicada", cicada_read}}}};

// --- C2 -----------------------------------------------------------------------------------------------------------------
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

const question c2{{.id = "C2",
                   .asks = "the next instant of a pattern in UTC",
                   .unit = "ns",
                   .goal = "<= 60",
                   .points = each_pattern(),
                   .contenders = {{"limit", limit_next}, {"cicada", cicada_in_utc}}}};
const question c2_zone{{.id = "C2.zone",
                        .asks = "the next instant of a pattern in Europe/Berlin",
                        .unit = "ns",
                        .goal = "<= 150",
                        .points = each_pattern(),
                        .contenders = {{"limit", limit_next}, {"cicada", cicada_in_berlin}}}};

// --- C3 -----------------------------------------------------------------------------------------------------------------
void cicada_bytes(const point& at) {
    const cicada::zone berlin("Europe/Berlin");
    std::vector<cicada::cron> all;
    const auto before = resident_bytes();
    all.reserve(static_cast<std::size_t>(at.n));
    for (long i = 0; i < at.n; ++i) all.emplace_back("0 7 * * MON-FRI", berlin);
    keep(all);
    report({{"bytes", static_cast<double>(resident_bytes() - before) / static_cast<double>(at.n)}});
}

const question c3{{.id = "C3",
                   .asks = "resident bytes of one of N cron schedules",
                   .unit = "B",
                   .goal = "<= 200",
                   .points = {{.label = "N=1e6", .n = 1'000'000}},
                   .contenders = {{"cicada", cicada_bytes}}}};

} // namespace
