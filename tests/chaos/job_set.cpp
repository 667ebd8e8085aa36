#include <chaos/job_set.hpp>

#include <cstdio>

using namespace std::chrono_literals;

namespace chaos {

namespace {

using cicada::catch_up;
using cicada::overlap;

cicada::job ticking_job(int i) {
    char name[16];
    std::snprintf(name, sizeof name, "tick-%02d", i);
    cicada::job one = {.name = name, .when = cicada::interval(200ms), .kind = "quick"};
    switch (i % 5) {
    case 0: // as by default
        break;
    case 1:
        one.overlap = overlap::allow{4};
        one.catch_up = catch_up::all{50};
        break;
    case 2:
        one.overlap = overlap::buffer_one;
        one.catch_up = catch_up::first;
        break;
    case 3:
        one.overlap = overlap::buffer_all{20};
        one.catch_up = catch_up::all{10};
        one.jitter = 20ms;
        break;
    case 4:
        one.catch_up = catch_up::none;
        one.start_deadline = 5s;
        break;
    }
    if (i % 3 == 2) one.on_lost = cicada::on_lost::fail;
    return one;
}

} // namespace

std::vector<cicada::job> job_set(int ticking, cicada::wall_time until) {
    using cicada::cron;
    using cicada::interval;
    std::vector<cicada::job> all;
    for (int i = 0; i < ticking; ++i) all.push_back(ticking_job(i));
    const std::vector<cicada::job> others = {
        {.name = "each-second", .when = cron("* * * * * *"), .kind = "quick"},
        {.name = "each-3-seconds",
         .when = cron("*/3 * * * * *"),
         .kind = "quick",
         .catch_up = catch_up::all{100}},
        {.name = triggered,
         .when = cron("*/5 * * * * *"),
         .kind = "quick",
         .overlap = overlap::allow{100}},
        {.name = "flaky",
         .when = interval(500ms),
         .kind = "flaky",
         .overlap = overlap::allow{10},
         .retry = {.max = 2, .backoff = 200ms}},
        {.name = "flaky-once",
         .when = interval(1s),
         .kind = "flaky",
         .overlap = overlap::allow{10},
         .retry = {.max = 1, .backoff = 100ms, .jitter = 100ms},
         .on_lost = cicada::on_lost::fail},
        {.name = "long",
         .when = interval(1s),
         .kind = "long",
         .overlap = overlap::allow{6},
         .catch_up = catch_up::all{3}},
        {.name = "long-at-most-once",
         .when = interval(2s),
         .kind = "long",
         .overlap = overlap::allow{3},
         .on_lost = cicada::on_lost::fail},
        {.name = "long-carries-on",
         .when = interval(2s),
         .kind = "long",
         .overlap = overlap::allow{3},
         .when_cut_off = cicada::when_cut_off::carry_on},
        {.name = "long-newest-next",
         .when = interval(1s),
         .kind = "long",
         .overlap = overlap::buffer_latest},
        {.name = "long-newest-now",
         .when = interval(3s),
         .kind = "long",
         .overlap = overlap::cancel_other},
        {.name = "after-each-other", .when = cicada::fixed_delay(300ms), .kind = "quick"},
    };
    all.insert(all.end(), others.begin(), others.end());
    for (cicada::job& one : all) one.until = until;
    return all;
}

} // namespace chaos
