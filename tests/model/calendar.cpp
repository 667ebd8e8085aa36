// Random calendars and combinations against what is found by looking at each moment in turn, with
// the C library's local time: the same instants, forwards and backwards, and their texts read back.
//
// A case is one seed, which a failure names. To repeat one alone: CICADA_SEED=<seed> model_tests
// --gtest_filter=calendar.*

#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
#include <support/slow.hpp>

using namespace cicada;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr unsigned calendars = support::is_slow ? 20 : 500;
constexpr unsigned combinations = support::is_slow ? 30 : 700;

class random_numbers {
public:
    explicit random_numbers(unsigned seed) : engine_(seed) {}
    /// From 0 on and less than `below`.
    int operator()(int below) { return static_cast<int>(engine_() % static_cast<unsigned>(below)); }
    template <class T, std::size_t N>
    const T& of(const T (&choices)[N]) {
        return choices[static_cast<std::size_t>((*this)(static_cast<int>(N)))];
    }

private:
    std::mt19937 engine_;
};

/// Calls `test` with each seed, or with the one that is asked for.
void for_seeds(unsigned count, const std::function<void(unsigned)>& test) {
    if (const char* wanted = std::getenv("CICADA_SEED")) {
        test(static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)));
        return;
    }
    for (unsigned seed = 0; seed < count && !testing::Test::HasFailure(); ++seed) test(seed);
}

/// The local time of the C library, in one zone as long as it lives.
class c_library {
public:
    explicit c_library(const char* zone_name) {
        if (const char* before = std::getenv("TZ")) before_ = before;
        setenv("TZ", zone_name, 1);
        tzset();
    }
    c_library(const c_library&) = delete;
    c_library& operator=(const c_library&) = delete;
    ~c_library() {
        before_.empty() ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);
        tzset();
    }

    static std::tm local(wall_time t) {
        const std::time_t seconds = floor<std::chrono::seconds>(t).time_since_epoch().count();
        std::tm fields{};
        localtime_r(&seconds, &fields);
        return fields;
    }
    static local_seconds to_local(wall_time t) {
        const std::tm l = local(t);
        const local_days date(year(l.tm_year + 1900) / (l.tm_mon + 1) / l.tm_mday);
        return date + hours(l.tm_hour) + minutes(l.tm_min) + seconds(l.tm_sec);
    }

private:
    std::string before_;
};

/// Since 1975 clocks are set, and offsets are, in such steps.
constexpr minutes grain{5};

constexpr const char* zone_names[] = {
    "UTC",          "Europe/Berlin",       "America/New_York", "Asia/Kolkata",
    "Pacific/Apia", "Australia/Lord_Howe", "America/Havana",   "Africa/Casablanca",
    "America/Nuuk", "Asia/Gaza",           "Pacific/Chatham",  "Antarctica/Troll"};

// ---- calendars ----------------------------------------------------------------------------------

struct series {
    enum { days, weeks, months, years } unit;
    int n;
    local_seconds anchor;
    calendar_options how;

    schedule in(const zone& where) const {
        constexpr auto makers = std::to_array({every_days, every_weeks, every_months, every_years});
        return makers[unit](n, anchor, where, how);
    }
    bool has(local_days day) const {
        const local_days first = floor<std::chrono::days>(anchor);
        if (day < first) return false;
        if (unit == days) return (day - first).count() % n == 0;
        if (unit == weeks) return (day - first).count() % (7 * n) == 0;
        const year_month_day from(first);
        const year_month_day at(day);
        const int distance = (int(at.year()) - int(from.year())) * 12 + int(unsigned(at.month())) -
                             int(unsigned(from.month()));
        if (distance % (unit == years ? 12 * n : n) != 0) return false;
        if (at.day() == from.day()) return true;
        const bool is_last = (at.year() / at.month() / last).day() == at.day();
        return is_last && at.day() < from.day() && how.month_end == month_end::clamp;
    }
};

/// The first moment at which the clock shows `local`, or a later time than that.
std::optional<wall_time> first_moment(local_seconds local, gap in_gap) {
    const wall_time as_utc(local.time_since_epoch());
    for (wall_time t = as_utc - 15h; t < as_utc + 15h + 24h; t += grain) {
        const local_seconds shown = c_library::to_local(t);
        if (shown == local) return t;
        if (shown > local && in_gap == gap::run) return t;
    }
    return std::nullopt;
}

std::vector<wall_time> moments(const series& s, local_days begin, local_days end) {
    std::vector<wall_time> found;
    const seconds time = s.anchor - floor<days>(s.anchor);
    for (local_days day = begin; day < end; day += days(1)) {
        if (!s.has(day)) continue;
        const auto t = first_moment(day + time, s.how.gap);
        if (t && (found.empty() || found.back() != *t)) found.push_back(*t);
    }
    return found;
}

void compare(const schedule& s, const std::vector<wall_time>& expected) {
    SCOPED_TRACE(s.text());
    ASSERT_FALSE(expected.empty());
    const wall_time begin = expected.front();
    const wall_time end = expected.back() + 1ns;
    std::vector<wall_time> forwards;
    for (const wall_time t : s.between(begin, end)) forwards.push_back(t);
    ASSERT_EQ(forwards, expected);

    std::vector<wall_time> backwards;
    for (auto t = s.previous(end); t && *t >= begin; t = s.previous(*t)) backwards.push_back(*t);
    ASSERT_EQ(std::vector(backwards.rbegin(), backwards.rend()), expected);

    for (std::size_t i = 0; i + 1 < expected.size(); ++i) {
        const wall_time between = expected[i] + (expected[i + 1] - expected[i]) / 3;
        ASSERT_EQ(s.next(between), expected[i + 1]);
        ASSERT_EQ(s.previous(between), expected[i]);
        ASSERT_TRUE(s.matches(expected[i]));
        ASSERT_FALSE(s.matches(between));
    }
    ASSERT_EQ(schedule::parse(s.text()), s);
}

TEST(calendar, has_the_instants_that_a_walk_through_the_days_finds) {
    for_seeds(calendars, [](unsigned seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        random_numbers random(seed);
        constexpr decltype(series::unit) units[] = {series::days, series::weeks, series::months,
                                                    series::years};
        constexpr minutes times[] = {0min, 30min, 2h, 2h + 30min, 23h + 55min};
        constexpr int ends[] = {1, 15, 28, 29, 30, 31};
        series s;
        s.unit = random.of(units);
        s.n = 1 + random(s.unit == series::years ? 3 : 14);
        const year_month first = year(1975 + random(60)) / (1 + random(12));
        const day wanted(static_cast<unsigned>(random.of(ends)));
        const day longest = (first / last).day();
        const minutes time = random(2) ? random.of(times) : grain * random(288);
        s.anchor = local_days(first / std::min(wanted, longest)) + time;
        s.how.month_end = random(2) ? month_end::clamp : month_end::skip;
        s.how.gap = random(2) ? gap::run : gap::skip;

        const char* const name = random.of(zone_names);
        const c_library local(name);
        const local_days begin = floor<days>(s.anchor) + days(random(1000));
        const bool is_dense = s.unit == series::days || s.unit == series::weeks;
        const std::vector<wall_time> expected =
            moments(s, begin, begin + days(is_dense ? 40 * s.n : 3000 * s.n));
        if (expected.size() < 2) return;
        compare(s.in(zone(name)), expected);
    });
}

// ---- combinations -------------------------------------------------------------------------------

enum class state { no, excluded, named };

/// A schedule, and what it is to say of each moment.
struct rule {
    schedule s;
    std::function<state(wall_time)> says;
};

constexpr minutes step{15};

class forest {
public:
    forest(random_numbers& random, const char* zone_name, wall_time begin)
        : random_(random), zone_(zone_name), begin_(begin) {}

    rule tree(int depth) {
        if (depth == 0 || random_(5) == 0) return leaf();
        switch (random_(6)) {
        case 0:
        case 1: {
            rule a = tree(depth - 1);
            rule b = tree(depth - 1);
            return {any_of(a.s, b.s), [=](wall_time t) { return std::max(a.says(t), b.says(t)); }};
        }
        case 2: {
            rule a = tree(depth - 1);
            rule b = tree(depth - 1);
            return {all_of(a.s, b.s), [=](wall_time t) { return std::min(a.says(t), b.says(t)); }};
        }
        case 3: {
            rule base = tree(depth - 1);
            rule removed = tree(depth - 1);
            return {except(base.s, removed.s), [=](wall_time t) {
                        const bool is_removed = removed.says(t) == state::named;
                        return is_removed ? std::min(base.says(t), state::excluded) : base.says(t);
                    }};
        }
        case 4:
            return without_a_part(tree(depth - 1));
        default:
            return window(tree(depth - 1));
        }
    }

private:
    /// Within some days, for searches to be over soon.
    rule leaf() {
        const rule r = endless_leaf();
        const wall_time from = begin_ - 24h;
        const wall_time end = begin_ + 10 * 24h;
        return {until(starting(r.s, from), end),
                [=](wall_time t) { return t >= from && t < end ? r.says(t) : state::no; }};
    }

    rule endless_leaf() {
        constexpr int hours_of_day[] = {2, 3, 4, 6};
        switch (random_(3)) {
        case 0: {
            const minutes period = step * (1 + random_(24));
            const wall_time anchor = begin_ - 24h;
            return {every_interval(period, anchor), [=](wall_time t) {
                        return (t - anchor) % period == 0s ? state::named : state::no;
                    }};
        }
        case 1: {
            const int n = random_.of(hours_of_day);
            return {cron("0 */" + std::to_string(n) + " * * *", zone_), [=](wall_time t) {
                        const std::tm l = c_library::local(t);
                        return l.tm_min == 0 && l.tm_hour % n == 0 ? state::named : state::no;
                    }};
        }
        default: {
            const wall_time instant = begin_ + step * random_(800);
            return {once(instant),
                    [=](wall_time t) { return t == instant ? state::named : state::no; }};
        }
        }
    }

    rule without_a_part(const rule& base) {
        const auto make = [&](time_filter filter, std::function<bool(const std::tm&)> holds) {
            return rule{except(base.s, std::move(filter)), [base, holds](wall_time t) {
                            const bool is_removed = holds(c_library::local(t));
                            return is_removed ? std::min(base.says(t), state::excluded)
                                              : base.says(t);
                        }};
        };
        switch (random_(3)) {
        case 0: {
            const int a = random_(7);
            const int b = random_(7);
            return make(on_weekdays({weekday(unsigned(a)), weekday(unsigned(b))}, zone_),
                        [=](const std::tm& l) { return l.tm_wday == a || l.tm_wday == b; });
        }
        case 1: {
            const sys_days date = floor<days>(begin_) + days(random_(8));
            const year_month_day ymd(date);
            return make(on_dates({ymd}, zone_), [=](const std::tm& l) {
                return ymd == year(l.tm_year + 1900) / (l.tm_mon + 1) / l.tm_mday;
            });
        }
        default: {
            const int from = random_(96);
            const int until_then = (from + 1 + random_(95)) % 96;
            return make(daily_between(step * from, step * until_then, zone_),
                        [=](const std::tm& l) {
                            const int now = l.tm_hour * 4 + l.tm_min / 15;
                            return from < until_then ? from <= now && now < until_then
                                                     : from <= now || now < until_then;
                        });
        }
        }
    }

    rule window(const rule& base) {
        const wall_time bound = begin_ + step * random_(800);
        if (random_(2)) {
            return {starting(base.s, bound),
                    [=](wall_time t) { return t >= bound ? base.says(t) : state::no; }};
        }
        return {until(base.s, bound),
                [=](wall_time t) { return t < bound ? base.says(t) : state::no; }};
    }

    random_numbers& random_;
    zone zone_;
    wall_time begin_;
};

TEST(combinations, say_of_each_moment_what_their_parts_do) {
    for_seeds(combinations, [](unsigned seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        random_numbers random(seed);
        const char* const name = random.of(zone_names);
        const c_library local(name);
        // At days when some clocks are set.
        constexpr sys_days around[] = {2026y / March / 25, 2026y / October / 21, 2026y / March / 5};
        const wall_time begin = random.of(around);
        const wall_time end = begin + 8 * 24h;
        const rule r = forest(random, name, begin).tree(3);
        SCOPED_TRACE(r.s.text());
        ASSERT_EQ(schedule::parse(r.s.text()), r.s);

        const auto within = [=](std::optional<wall_time> t) {
            return t && *t >= begin && *t < end ? t : std::nullopt;
        };
        std::optional<wall_time> named;
        std::optional<candidate> seen;
        for (wall_time t = end - step; t >= begin; t -= step) {
            ASSERT_EQ(within(r.s.next(t)), named) << format_instant(t);
            const auto c = r.s.next_candidate(t);
            ASSERT_EQ(c && c->instant < end, seen.has_value()) << format_instant(t);
            if (seen) {
                ASSERT_EQ(c->instant, seen->instant);
                ASSERT_EQ(c->is_excluded, seen->is_excluded) << format_instant(c->instant);
            }
            const state here = r.says(t);
            ASSERT_EQ(r.s.matches(t), here == state::named) << format_instant(t);
            if (here == state::named) named = t;
            if (here != state::no) seen = candidate{t, here == state::excluded};
        }
        named.reset();
        for (wall_time t = begin; t < end; t += step) {
            ASSERT_EQ(within(r.s.previous(t)), named) << format_instant(t);
            if (r.says(t) == state::named) named = t;
        }
    });
}

} // namespace
