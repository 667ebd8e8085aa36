// What the benchmarks of stored jobs share: how late a run is.
#pragma once

#include <cicada/jobs.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "harness.hpp"

namespace bench {

inline std::int64_t wall_ns() {
    return std::chrono::duration_cast<nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct lateness {
    std::vector<double> us;

    void add(std::int64_t ns) { us.push_back(static_cast<double>(ns) * 1e-3); }
    [[noreturn]] void report_it() {
        if (us.size() < 100) {
            std::fputs("hardly any run has begun\n", stderr);
            std::_Exit(EXIT_FAILURE);
        }
        std::sort(us.begin(), us.end());
        const auto part = [&](double p) {
            return us[static_cast<std::size_t>(p * static_cast<double>(us.size() - 1))];
        };
        report({{"p99 us", part(0.99)},
                {"p50 us", part(0.5)},
                {"max us", us.back()},
                {"runs", static_cast<double>(us.size())}});
    }
};

inline nanoseconds watched() {
    return quick() ? std::chrono::seconds(4) : std::chrono::seconds(15);
}

/// So many, once a second each, one after another.
inline std::vector<cicada::job> jobs_each_second(long n, cicada::wall_time from) {
    std::vector<cicada::job> all;
    for (long i = 0; i < n; ++i)
        all.push_back({.name = "each second " + std::to_string(i),
                       .when = cicada::interval(std::chrono::seconds(1)),
                       .kind = "none",
                       .first = from + i * nanoseconds(1'000'000'000) / n});
    return all;
}

} // namespace bench
