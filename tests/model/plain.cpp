// Plain periodics, whose ticks take the short path, against the same ones with a course: through
// one random history both must tick alike.

#include <cicada/cicada.hpp>

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include <support/slow.hpp>

using namespace std::chrono_literals;
using cicada::duration;
using cicada::every_options;
using cicada::task;

namespace {

std::string text_of(const cicada::tick& t) {
    return cicada::format_instant(t.nominal) + " at " + cicada::format_instant(t.now) + " late " +
           std::to_string(t.lateness.count()) + " missed " + std::to_string(t.missed);
}

class history {
public:
    history(std::uint64_t seed, bool is_plain)
        : random_(seed),
          sim_("2026-03-28T22:30:00Z", {.on_error = [this](const cicada::error_report& report) {
                   if (report.task != "the wall clock") seen_.push_back(report.what());
               }}) {
        how_.missed = cicada::missed::skip;
        if (!is_plain) how_.history = 1; // for which it needs a course
        begin();
    }

    /// All that a user can see of the periodic through so many events.
    std::vector<std::string> play(int events) {
        for (int i = 0; i < events; ++i) {
            happen();
            if (below(3) > 0) sim_.settle();
            const auto counted = p_.counters();
            const auto next = p_.next();
            seen_.push_back(
                "ran " + std::to_string(counted.ran) + " missed " + std::to_string(counted.missed) +
                " dropped " + std::to_string(counted.dropped) + " failed " +
                std::to_string(counted.failed) + " next " +
                (next ? cicada::format_instant(*next) : "none") + (p_.has_ended() ? " ended" : ""));
        }
        return seen_;
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    duration some_time() {
        const duration times[] = {999ms, 1s, 2500ms, 10s, 1min, 7min, 1h};
        return times[below(below(4) == 0 ? 7 : 5)];
    }
    cicada::interval some_interval() {
        const duration period = some_time();
        return below(3) == 0 ? cicada::fixed_delay(period) : cicada::interval(period);
    }
    cicada::cron some_cron() {
        const char* const patterns[] = {"* * * * *",      "30 * * * *",   "30 2 * * *",
                                        "*/20 * * * * *", "15 23 28 3 *", "* * * 28 3 * 2026"};
        return cicada::cron(patterns[below(std::size(patterns))], "Europe/Berlin");
    }

    void happen() {
        switch (below(12)) {
        case 0:
            return sim_.stall(some_time());
        case 1:
            return sim_.step_wall(below(2) == 0 ? some_time() : -some_time());
        case 2:
            if (below(8) == 0) sim_.step_wall(-5h);
            return;
        case 3:
            if (below(4) == 0) p_.pause();
            return;
        case 4:
            return p_.resume();
        case 5:
            if (below(4) == 0) p_.trigger();
            return;
        case 6:
            if (!is_once_ && below(4) == 0) reschedule();
            return;
        case 7:
            if (below(16) == 0) static_cast<void>(p_.cancel());
            return;
        default:
            sim_.advance(some_time());
        }
    }
    void begin() {
        const cicada::missed modes[] = {cicada::missed::skip, cicada::missed::burst,
                                        cicada::missed::delay};
        switch (below(5)) {
        case 0:
            return bind([&](auto f) { return cicada::every(some_cron(), how_, f); });
        case 1:
            is_once_ = true;
            return bind([&](auto f) { return cicada::after(some_time(), how_, f); });
        case 2:
            is_once_ = true;
            return bind([&](auto f) { return cicada::at(sim_.wall_now() + some_time(), how_, f); });
        default:
            how_.missed = modes[below(3)];
            if (below(3) == 0) how_.first = cicada::first::after_period;
            return bind([&](auto f) { return cicada::every(some_interval(), how_, f); });
        }
    }
    template <class Make>
    void bind(Make make) {
        const duration stalls = below(2) == 0 ? duration::zero() : some_time();
        const bool throws = below(6) == 0;
        const auto tick = [this, stalls, throws](const cicada::tick& t) {
            seen_.push_back(text_of(t));
            ++ticks_;
            if (ticks_ % 7 == 6 && ticks_ < 50) sim_.stall(stalls); // burst catches up
            if (throws && ticks_ % 5 == 0) throw 1;
        };
        if (below(3) > 0) {
            p_ = make([tick](cicada::tick t) { tick(t); });
        } else {
            p_ = make([this, tick](cicada::tick t) -> task<> {
                tick(t);
                if (ticks_ % 3 == 0) co_await cicada::sleep(2500ms);
            });
        }
    }
    void reschedule() {
        if (below(2) == 0) return p_.reschedule(some_interval());
        const cicada::schedule when = some_cron();
        if (when.next(sim_.wall_now())) p_.reschedule(when);
    }

    std::mt19937_64 random_;
    std::vector<std::string> seen_;
    std::size_t ticks_ = 0;
    cicada::simulation sim_;
    every_options how_;
    bool is_once_ = false;
    cicada::periodic p_;
};

TEST(plain_periodics, tick_as_those_with_a_course) {
    const std::uint64_t histories = support::is_slow ? 200 : 3'000;
    for (std::uint64_t seed = 0; seed < histories; ++seed) {
        const auto expected = history(seed, false).play(40);
        const auto plain = history(seed, true).play(40);
        for (std::size_t i = 0; i < expected.size(); ++i)
            ASSERT_EQ(plain[i], expected[i]) << "seed " << seed << ", line " << i;
        ASSERT_EQ(plain.size(), expected.size()) << "seed " << seed;
    }
}

} // namespace
