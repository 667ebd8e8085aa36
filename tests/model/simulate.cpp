// simulate() against periodics that really run, under a simulated clock: both must tell the same
// decisions.

#include <cicada/cicada.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include <cicada/schedule/simulate.hpp>
#include <support/slow.hpp>

using namespace std::chrono_literals;
using cicada::decision;
using cicada::duration;
using cicada::planned_schedule;
using cicada::wall_time;

namespace {

struct told {
    std::string who;
    decision what;

    bool operator==(const told&) const = default;
};
void PrintTo(const told& t, std::ostream* out) {
    *out << t.who << ' ' << to_string(t.what.what) << ' ' << cicada::format_instant(t.what.nominal)
         << " x" << t.what.count << " at " << cicada::format_instant(t.what.started_at) << '-'
         << cicada::format_instant(t.what.ended_at);
}

constexpr int rounds = support::is_slow ? 40 : 100;

const wall_time start = cicada::parse_instant("2026-03-28T00:00:00Z");

struct setting {
    std::vector<planned_schedule> all;
    cicada::simulated_window window;
};

setting random_setting(std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return random() % n; };
    const char* const patterns[] = {"* * * * *", "*/7 * * * *",     "0 * * * *",     "30 2 * * *",
                                    "0 0 * * *", "15,45 1-3 * * *", "*/20 * * * * *"};
    const duration some_time[] = {0s, 1s, 25s, 61s, 10min, 59min, 2h};
    const cicada::overlap overlaps[] = {
        cicada::overlap::skip,          cicada::overlap::buffer_one,
        cicada::overlap::buffer_latest, cicada::overlap::buffer_all{3},
        cicada::overlap::cancel_other,  cicada::overlap::allow{2}};
    setting s{.all = {}, .window = {.from = start, .until = start + 30h}};
    const std::size_t many = 1 + below(4);
    for (std::size_t i = 0; i < many; ++i) {
        const bool is_interval = below(3) == 0;
        planned_schedule one{
            .name = std::string(1, static_cast<char>('a' + i)),
            .when = cicada::recurrence(cicada::interval(some_time[1 + below(6)])),
        };
        if (is_interval) {
            const cicada::missed modes[] = {cicada::missed::skip, cicada::missed::burst,
                                            cicada::missed::delay};
            one.missed = modes[below(3)];
            if (below(4) == 0) one.when = cicada::fixed_delay(some_time[3 + below(4)]);
        } else {
            one.when = cicada::cron(patterns[below(std::size(patterns))], "Europe/Berlin");
            const cicada::catch_up modes[] = {cicada::catch_up::none, cicada::catch_up::last,
                                              cicada::catch_up::first, cicada::catch_up::all{4}};
            one.catch_up = modes[below(4)];
            if (below(3) == 0) one.catch_up_window = some_time[1 + below(6)];
        }
        if (below(4) == 0) one.start_deadline = some_time[1 + below(6)];
        // The jitter of an interval depends on when the machine started.
        if (!is_interval && below(3) == 0)
            one.jitter = std::min(some_time[below(7)], one.start_deadline);
        one.overlap = overlaps[below(std::size(overlaps))];
        one.takes = some_time[below(7)];
        s.all.push_back(std::move(one));
    }
    wall_time free = start;
    for (std::size_t i = below(4); i > 0; --i) {
        const wall_time from = free + 1min + std::chrono::seconds(below(8 * 3600));
        free = from + 1s + std::chrono::seconds(below(4 * 3600));
        if (free < s.window.until) s.window.outages.push_back({from, free});
    }
    return s;
}

std::vector<told> as_simulated(const setting& s) {
    std::vector<told> all;
    simulate(s.all, s.window, [&](const planned_schedule& who, const decision& d) {
        if (d.ended_at < s.window.until) all.push_back({who.name, d});
    });
    return all;
}

std::vector<told> as_run(const setting& s) {
    std::vector<told> all;
    {
        cicada::simulation sim(start);
        std::vector<cicada::periodic> handles;
        for (const planned_schedule& one : s.all) {
            const cicada::every_options how{
                .name = one.name,
                .overlap = one.overlap,
                .missed = one.missed,
                .catch_up = one.catch_up,
                .catch_up_window = one.catch_up_window,
                .start_deadline = one.start_deadline,
                .jitter = one.jitter,
                .on_decision = [&all, name = one.name](const decision& d) {
                    all.push_back({name, d});
                }};
            const auto takes = [](duration time) -> cicada::task<> {
                co_await cicada::sleep(time);
            };
            const auto bind = [&](const auto& when, const auto& first) {
                cicada::every_options options = how;
                options.first = first;
                if (one.takes > 0s) return cicada::every(when, options, takes, one.takes);
                return cicada::every(when, options, [] {});
            };
            handles.push_back(one.when.is_calendar()
                                  ? bind(one.when.as_calendar(), cicada::first(start))
                                  : bind(one.when.as_interval(), cicada::first::immediately));
        }
        for (const cicada::outage& o : s.window.outages) {
            sim.advance(o.from - sim.wall_now() - 1ns);
            sim.stall(o.until - sim.wall_now());
        }
        sim.advance(s.window.until - sim.wall_now() - 1ns);
    }
    std::erase_if(all, [&](const told& t) { // what the end cut short
        const bool waited = t.what.what == decision::kind::cancelled && t.what.attempts == 0;
        return waited || t.what.ended_at >= s.window.until - 1ns;
    });
    return all;
}

TEST(simulate, tells_what_periodics_do) {
    std::mt19937_64 random(20260328);
    for (int round = 0; round < rounds; ++round) {
        const setting s = random_setting(random);
        const auto expected = as_run(s);
        ASSERT_GT(expected.size(), 0u);
        const auto simulated = as_simulated(s);
        const auto [a, b] =
            std::mismatch(simulated.begin(), simulated.end(), expected.begin(), expected.end());
        if (a != simulated.end() && b != expected.end()) {
            ASSERT_EQ(*a, *b) << "round " << round;
        }
        ASSERT_EQ(simulated.size(), expected.size()) << "round " << round;
    }
}

} // namespace
