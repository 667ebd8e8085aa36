#pragma once

/// What the runs of a handler did, in simulated time.
///
///     support::diary d;
///     all.start("a", {}, {{"work", d.writes({}, 5s)}});    // each takes 5 s
///     all.start("b", {}, {{"work", d.writes("disk full")}}); // each throws that
///     EXPECT_EQ(d.done, 2);

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <cicada/cicada.hpp>
#include <cicada/jobs/worker.hpp>

namespace support {

struct diary {
    cicada::detail::job_handler writes(std::string what = {}, cicada::duration takes = {}) {
        return [this, what, takes](cicada::job_run run) -> cicada::task<> {
            return write(this, what, takes, run);
        };
    }
    static cicada::task<> write(diary* to, std::string what, cicada::duration takes,
                                cicada::job_run) {
        to->starts.push_back(cicada::wall_now());
        ++to->now;
        to->most = std::max(to->most, to->now);
        bool is_cancelled = false;
        try {
            co_await cicada::sleep(takes);
        } catch (const cicada::cancelled&) {
            is_cancelled = true;
        }
        --to->now;
        if (is_cancelled) {
            ++to->cancelled_ones;
            throw cicada::cancelled();
        }
        if (!what.empty()) throw std::runtime_error(what);
        ++to->done;
    }
    std::vector<cicada::wall_time> starts;
    int now = 0;
    int most = 0;
    int done = 0;
    int cancelled_ones = 0;
};

} // namespace support
