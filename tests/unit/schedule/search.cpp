#include <schedule/search.hpp>

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <cicada/base/error.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <schedule/calendar_plan.hpp>
#include <support/random.hpp>

using namespace std::chrono;
using namespace std::chrono_literals;
using cicada::all_of;
using cicada::any_of;
using cicada::cron;
using cicada::every_interval;
using cicada::except;
using cicada::parse_instant;
using cicada::schedule;
using cicada::search_result;
using cicada::wall_time;

namespace {

const wall_time t0 = parse_instant("2015-01-01T00:00:00Z");

const schedule never = all_of(every_interval(2s), every_interval(2s, t0 + 1s));

search_result find_next(const schedule& s, wall_time after, int steps) {
    const cicada::detail::search bounded(steps);
    return s.find_next(after);
}

// 15 days of nothing but exceptions, which is further than a search goes.
TEST(find_next, tells_that_it_gave_up_and_goes_on_from_there) {
    const schedule s = except(cron("* * * * * *"), cron("* * * 2-16 * *"));
    const wall_time last = parse_instant("2015-01-01T23:59:59Z");
    EXPECT_EQ(s.next(last), std::nullopt);
    search_result found = s.find_next(last);
    ASSERT_TRUE(found.horizon);
    EXPECT_FALSE(found.instant);
    EXPECT_GT(*found.horizon, last + days(11));
    found = s.find_next(*found.horizon);
    EXPECT_FALSE(found.horizon);
    EXPECT_EQ(found.instant, parse_instant("2015-01-17T00:00:00Z"));
}

TEST(find_next, is_what_next_says_of_a_rule_that_has_nothing_to_give_up) {
    const schedule s = cron("0 9 * * *");
    EXPECT_EQ(s.find_next(t0).instant, s.next(t0));
    EXPECT_FALSE(s.find_next(t0).horizon);
    const search_result over = cicada::once(t0).find_next(t0);
    EXPECT_FALSE(over.instant);
    EXPECT_FALSE(over.horizon);
}

TEST(find_next, says_never_and_not_that_it_gave_up_when_a_window_is_over) {
    for (const schedule& s :
         {until(never, t0 + 1h), all_of(never, cicada::once(t0)),
          any_of(until(never, t0 + 1h), cicada::once(t0)), except(cicada::once(t0), never)}) {
        const search_result found = s.find_next(t0);
        EXPECT_FALSE(found.instant) << s.text();
        EXPECT_FALSE(found.horizon) << s.text();
    }
    EXPECT_LT(find_next(until(never, t0 + 1h), t0, 10).horizon, t0 + 1min);
}

// never     .........?           gives up here
// once                      x
TEST(find_next, does_not_pass_over_what_one_of_several_has_not_seen) {
    const schedule s = any_of(never, cicada::once(t0 + 1h));
    EXPECT_LT(find_next(s, t0, 160).horizon, t0 + 1h);
    EXPECT_EQ(find_next(s, t0, 160).instant, std::nullopt);
    EXPECT_EQ(s.find_next(t0).instant, t0 + 1h);
}

TEST(find_next, advances_also_when_others_have_used_up_all_steps) {
    const schedule s = except(any_of(std::vector<schedule>(20, never)), cicada::once(t0));
    for (const int steps : {0, 1, 2, 20}) EXPECT_GT(find_next(s, t0, steps).horizon, t0);
}

/// Gives up after each second, up to its only instant.
class hesitant final : public cicada::detail::compound_rule {
public:
    explicit hesitant(wall_time instant) : instant_(instant) {}
    search_result find(wall_time after, cicada::detail::sought) const override {
        if (after >= instant_) return {};
        if (after + 1s >= instant_) return {.instant = instant_};
        return {.horizon = after + 1s};
    }
    std::optional<wall_time> previous(wall_time) const override { return std::nullopt; }
    bool matches(wall_time t) const override { return t == instant_; }
    std::string text() const override { return "hesitant()"; }

private:
    wall_time instant_;
};

TEST(between, gives_up_for_good_after_a_thousand_searches_in_vain) {
    const schedule near(new hesitant(t0 + 1000s));
    std::vector<wall_time> found;
    for (const wall_time t : near.between(t0, t0 + 24h)) found.push_back(t);
    EXPECT_EQ(found, std::vector{t0 + 1000s});

    const schedule far(new hesitant(wall_time::max()));
    EXPECT_EQ(far.between(t0, t0 + 1000s).begin(), std::default_sentinel);
    try {
        far.between(t0, wall_time::max()).begin();
        FAIL() << "it went on";
    } catch (const cicada::error& e) {
        EXPECT_NE(std::string(e.what()).find("hesitant() from 2015-01-01T00:00:00Z to "
                                             "2015-01-01T00:16:41Z"),
                  std::string::npos)
            << e.what();
    }
}

TEST(calendar_plan, gives_up_for_good_after_a_thousand_searches_in_vain) {
    const schedule far(new hesitant(wall_time::max()));
    const auto p = cicada::detail::plan({.when = far}, t0, parse_instant("2260-01-01T00:00:00Z"));
    EXPECT_TRUE(p.settled.empty());
    EXPECT_FALSE(p.run);
    EXPECT_EQ(p.next.horizon, parse_instant("2260-01-01T00:00:01Z"));
}

TEST(between, looks_on_where_a_search_was_given_up) {
    const schedule s = except(every_interval(1s), cron("* 0-9 0 * * *"));
    const wall_time from = t0 - 1s;
    const cicada::detail::search few_steps(100);
    std::vector<wall_time> found;
    for (const wall_time t : s.between(from, t0 + 10min + 1s)) found.push_back(t);
    EXPECT_EQ(found, (std::vector{from, t0 + 10min}));
}

TEST(find_next_candidate, tells_that_it_gave_up_and_what_is_excluded) {
    const search_result found = never.find_next_candidate(t0);
    ASSERT_TRUE(found.horizon);
    EXPECT_FALSE(never.next_candidate(t0));
    const schedule s = except(every_interval(1h), every_interval(2h));
    EXPECT_EQ(s.find_next_candidate(t0).instant, t0 + 1h);
    EXPECT_FALSE(s.find_next_candidate(t0).is_excluded);
    EXPECT_TRUE(s.find_next_candidate(t0 + 1h).is_excluded);
}

// ---- a model
// -------------------------------------------------------------------------------------------------

constexpr std::size_t span = 240; // seconds

enum class state : std::uint8_t { no, excluded, named };

/// A schedule, and what it says of the seconds from t0 on, by no search.
struct modelled {
    schedule rule;
    std::vector<state> says;
};

class models {
public:
    explicit models(std::uint64_t seed) : random_(seed) {}

    modelled any(unsigned depth) {
        if (depth == 0 || random_(8) == 0) return leaf();
        const modelled a = any(depth - 1);
        switch (random_(6)) {
        case 0: {
            const modelled b = any(depth - 1), c = any(depth - 1);
            return {any_of(a.rule, b.rule, c.rule), made([&](std::size_t i) {
                        return std::max({a.says[i], b.says[i], c.says[i]});
                    })};
        }
        case 1: {
            const modelled b = any(depth - 1), c = any(depth - 1);
            return {all_of(a.rule, b.rule, c.rule), made([&](std::size_t i) {
                        return std::min({a.says[i], b.says[i], c.says[i]});
                    })};
        }
        case 2: {
            const modelled b = any(depth - 1);
            return {except(a.rule, b.rule),
                    without(a, [&](std::size_t i) { return b.says[i] == state::named; })};
        }
        case 3: {
            const std::size_t from = random_(span / 2), until = from + 1 + random_(span / 2);
            return {except(a.rule, cicada::daily_between(seconds(from), seconds(until))),
                    without(a, [&](std::size_t i) { return i >= from && i < until; })};
        }
        case 4: {
            const std::size_t first = random_(span);
            return {starting(a.rule, t0 + seconds(first)),
                    made([&](std::size_t i) { return i >= first ? a.says[i] : state::no; })};
        }
        default: {
            const std::size_t end = random_(span);
            return {until(a.rule, t0 + seconds(end)),
                    made([&](std::size_t i) { return i < end ? a.says[i] : state::no; })};
        }
        }
    }

private:
    modelled leaf() {
        const std::size_t anchor = random_(20), period = 1 + random_(6);
        if (random_(6) == 0)
            return {cicada::once(t0 + seconds(anchor)),
                    made([&](std::size_t i) { return named_if(i == anchor); })};
        return {every_interval(seconds(period), t0 + seconds(anchor)), made([&](std::size_t i) {
                    return named_if(i >= anchor && (i - anchor) % period == 0);
                })};
    }
    static state named_if(bool is_named) { return is_named ? state::named : state::no; }
    template <class F>
    static std::vector<state> made(F says) {
        std::vector<state> all(span);
        for (std::size_t i = 0; i < span; ++i) all[i] = says(i);
        return all;
    }
    template <class F>
    static std::vector<state> without(const modelled& base, F is_removed) {
        return made([&](std::size_t i) {
            return is_removed(i) ? std::min(base.says[i], state::excluded) : base.says[i];
        });
    }

    support::random_numbers random_;
};

struct visited {
    std::vector<wall_time> instants;
    std::vector<wall_time> excluded;
    std::size_t given_up = 0;
};

/// Follows instants and horizons to the end of `s`, which is the end of the span.
template <class Find>
visited walk(const schedule& s, int steps, Find find) {
    visited v;
    for (wall_time t = t0 - 1ns;;) {
        const cicada::detail::search bounded(steps);
        const search_result next = find(s, t);
        EXPECT_FALSE(next.instant && next.horizon);
        if (!next.instant && !next.horizon) return v;
        const wall_time got_to = next.instant ? *next.instant : *next.horizon;
        if (got_to <= t || got_to >= t0 + seconds(span) - 1ns) {
            ADD_FAILURE() << "no progress, or beyond the end: " << s.text();
            return v;
        }
        if (next.instant) (next.is_excluded ? v.excluded : v.instants).push_back(got_to);
        if (next.horizon) ++v.given_up;
        t = got_to;
    }
}

std::vector<wall_time> where(const modelled& m, state is) {
    std::vector<wall_time> instants;
    for (std::size_t i = 0; i < span; ++i)
        if (m.says[i] == is) instants.push_back(t0 + seconds(i));
    return instants;
}

TEST(find_next, names_what_a_naive_search_names_however_few_steps_it_has) {
    std::size_t given_up = 0;
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE(seed);
        models random(seed);
        const modelled m = random.any(4);
        const schedule s = until(m.rule, t0 + seconds(span));
        const int steps = static_cast<int>(seed % 40);

        const visited named =
            walk(s, steps, [](const schedule& in, wall_time after) { return in.find_next(after); });
        ASSERT_EQ(named.instants, where(m, state::named)) << s.text();
        ASSERT_TRUE(named.excluded.empty()) << s.text();

        const visited seen = walk(s, steps, [](const schedule& in, wall_time after) {
            return in.find_next_candidate(after);
        });
        ASSERT_EQ(seen.instants, where(m, state::named)) << s.text();
        ASSERT_EQ(seen.excluded, where(m, state::excluded)) << s.text();
        given_up += named.given_up + seen.given_up;
    }
    EXPECT_GT(given_up, 10'000u);
}

} // namespace
