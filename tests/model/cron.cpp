// cron beside a model that shares nothing with it: random patterns, made as sets of values together
// with their text; real time walked step by step; local time by the C library; days judged by
// looking at the neighbouring days. In every zone of the database, around its transitions from 1970
// to 2100; and for the rules of days, day by day through decades.
//
// CICADA_MODEL_ROUNDS multiplies the number of patterns.

#include <cicada/schedule/cron.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <support/slow.hpp>

namespace {

using cicada::wall_time;
using std::chrono::seconds;

constexpr int transitions_per_zone = support::is_slow ? 1 : 4;
constexpr int patterns_per_transition = 8;

int rounds() {
    const char* text = std::getenv("CICADA_MODEL_ROUNDS");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

using generator = std::mt19937;

int pick(generator& from, int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(from);
}

// --- a pattern: what it means, and how it is written ---------------------------------------------

struct values_set {
    std::array<bool, 60> has{};
    void add(int v) { has[static_cast<std::size_t>(v)] = true; }
    bool contains(int v) const { return has[static_cast<std::size_t>(v)]; }
};

struct field {
    values_set values;
    std::string text;
    bool is_star = false;
    bool spans = false; // `*`, a range or a step
};

field all(int least, int most) {
    field f{.values = {}, .text = "*", .is_star = true, .spans = true};
    for (int v = least; v <= most; ++v) f.values.add(v);
    return f;
}

/// A list of up to three values, ranges and steps within [least, most].
field some(generator& r, int least, int most, bool may_span) {
    field f;
    for (int n = pick(r, 1, 3); n > 0; --n) {
        if (!f.text.empty()) f.text += ',';
        const int a = pick(r, least, most), b = pick(r, a, most), step = pick(r, 1, 20);
        switch (may_span ? pick(r, 0, 3) : 0) {
        case 0:
            f.values.add(a);
            f.text += std::to_string(a);
            break;
        case 1:
            for (int v = a; v <= b; ++v) f.values.add(v);
            f.text += std::to_string(a) + '-' + std::to_string(b);
            f.spans = true;
            break;
        case 2:
            for (int v = a; v <= b; v += step) f.values.add(v);
            f.text += std::to_string(a) + '-' + std::to_string(b) + '/' + std::to_string(step);
            f.spans = true;
            break;
        default:
            // a full range, for of `*` it depends on the field what it means
            for (int v = least; v <= most; v += step) f.values.add(v);
            f.text +=
                std::to_string(least) + '-' + std::to_string(most) + '/' + std::to_string(step);
            f.spans = true;
        }
    }
    return f;
}

struct pattern {
    field second{}; // by default 0, and not written
    field minute, hour, day, month, weekday;
    std::vector<int> days_before_end; // L
    int nearest = 0; // nW
    struct nth {
        int weekday, which; // which 0: the last
    };
    std::vector<nth> nths;
    bool both = false;
    int only_year = 0; // 0: any

    bool is_repeating() const { return second.spans || minute.spans || hour.spans; }
    std::string text() const {
        std::string t = minute.text + ' ' + hour.text + ' ' + day.text + ' ' + month.text + ' ' +
                        (both ? "+" : "") + weekday.text;
        if (!second.text.empty() || only_year != 0) {
            t = (second.text.empty() ? "0" : second.text) + ' ' + t;
        }
        if (only_year != 0) t += ' ' + std::to_string(only_year);
        return t;
    }
};

/// Around `hour` and `month`, for that is where the transition is that it should meet.
pattern any_pattern(generator& r, const std::tm& near, bool with_seconds) {
    static const char* const months[] = {"jan", "FEB", "Mar", "apr", "MAY", "JUN",
                                         "jul", "AUG", "sEP", "oct", "NOV", "DEC"};
    static const char* const weekdays[] = {"SUN", "mon", "Tue", "wed", "THU", "fri", "SAT"};
    pattern p;
    p.second.values.add(0);
    const bool is_fixed = pick(r, 0, 1) == 0;
    if (with_seconds) {
        p.second = is_fixed || pick(r, 0, 1) == 0 ? some(r, 0, 59, false) : some(r, 0, 59, true);
    }
    p.minute = !is_fixed && pick(r, 0, 4) == 0 ? all(0, 59) : some(r, 0, 59, !is_fixed);
    switch (pick(r, 0, 3)) {
    case 0:
        p.hour = is_fixed ? some(r, 0, 23, false) : all(0, 23);
        break;
    case 1:
        p.hour = some(r, 0, 23, !is_fixed);
        break;
    default:
        for (int n = pick(r, 1, 3); n > 0; --n) {
            const int h = (near.tm_hour + pick(r, 21, 26)) % 24;
            p.hour.values.add(h);
            if (!p.hour.text.empty()) p.hour.text += ',';
            p.hour.text += std::to_string(h);
        }
    }
    p.month = all(1, 12);
    if (pick(r, 0, 3) == 0) {
        const int a = pick(r, 1, 12), b = pick(r, a, 12);
        p.month = {};
        for (int m = a; m <= b; ++m) p.month.values.add(m);
        p.month.text = std::string(months[a - 1]) + '-' + months[b - 1];
    }

    switch (pick(r, 0, 5)) {
    case 0:
        p.day = some(r, 1, 31, true);
        break;
    case 1:
        p.day = some(r, 1, 31, false);
        p.day.text += ",L";
        p.days_before_end = {0};
        break;
    case 2:
        p.nearest = pick(r, 1, 31);
        p.day.text = std::to_string(p.nearest) + 'W';
        break;
    default:
        p.day = all(1, 31);
    }
    switch (pick(r, 0, 5)) {
    case 0: {
        const field f = some(r, 0, 7, true);
        p.weekday.text = f.text;
        for (int d = 0; d <= 7; ++d) {
            if (f.values.contains(d)) p.weekday.values.add(d % 7);
        }
        break;
    }
    case 1: {
        const int d = pick(r, 0, 6), e = pick(r, d, 6);
        for (int v = d; v <= e; ++v) p.weekday.values.add(v);
        p.weekday.text = std::string(weekdays[d]) + '-' + weekdays[e];
        break;
    }
    case 2: {
        const int d = pick(r, 0, 7), which = pick(r, 1, 5);
        p.nths = {{d % 7, which}, {3, 0}};
        p.weekday.text = std::to_string(d) + '#' + std::to_string(which) + ",WED#L";
        break;
    }
    default:
        p.weekday = all(0, 6);
    }
    p.both = pick(r, 0, 2) == 0;
    if (with_seconds && pick(r, 0, 5) == 0) p.only_year = 1900 + near.tm_year;
    return p;
}

// --- what a pattern matches, by looking at the calendar ------------------------------------------

std::tm fields_of(std::int64_t local) {
    const std::time_t t = local;
    std::tm fields{};
    gmtime_r(&t, &fields);
    return fields;
}

constexpr std::int64_t day_length = 86'400;

bool is_month_of(std::int64_t local, const std::tm& tm) {
    return fields_of(local).tm_mon == tm.tm_mon;
}

bool day_matches(const pattern& p, std::int64_t local, const std::tm& tm) {
    if (!p.month.values.contains(tm.tm_mon + 1)) return false;
    if (p.only_year != 0 && p.only_year != tm.tm_year + 1900) return false;

    bool by_day = p.day.values.contains(tm.tm_mday);
    for (const int n : p.days_before_end) {
        by_day = by_day || (is_month_of(local + n * day_length, tm) &&
                            !is_month_of(local + (n + 1) * day_length, tm));
    }
    if (p.nearest != 0 && tm.tm_wday >= 1 && tm.tm_wday <= 5) {
        // which day of this month would be served here: this one, or a neighbour on a weekend
        const auto is_wanted = [&](int ahead) {
            const std::int64_t there = local + ahead * day_length;
            return is_month_of(there, tm) && fields_of(there).tm_mday == p.nearest;
        };
        const bool has_monday = is_month_of(local + 3 * day_length, tm);
        by_day = by_day || is_wanted(0);
        if (tm.tm_wday == 5) by_day = by_day || is_wanted(1);
        if (tm.tm_wday == 1) by_day = by_day || is_wanted(-1);
        // a Saturday the 1st goes to Monday, a Sunday at the end to Friday
        if (tm.tm_wday == 1 && p.nearest == 1) by_day = by_day || is_wanted(-2);
        if (tm.tm_wday == 5 && !has_monday) by_day = by_day || is_wanted(2);
    }
    bool by_weekday = p.weekday.values.contains(tm.tm_wday);
    for (const auto& n : p.nths) {
        if (n.weekday != tm.tm_wday) continue;
        if (n.which == 0) {
            by_weekday = by_weekday || !is_month_of(local + 7 * day_length, tm);
        } else {
            by_weekday = by_weekday || (is_month_of(local - (n.which - 1) * 7 * day_length, tm) &&
                                        !is_month_of(local - n.which * 7 * day_length, tm));
        }
    }
    if (p.day.is_star && p.weekday.is_star) return true;
    if (p.day.is_star) return by_weekday;
    if (p.weekday.is_star) return by_day;
    return p.both ? by_day && by_weekday : by_day || by_weekday;
}

/// Judges local times; remembers the answer for a day.
class judge {
public:
    explicit judge(const pattern& p) : pattern_(p) {}

    bool matches(std::int64_t local) { return matches(local, fields_of(local)); }
    bool matches(std::int64_t local, const std::tm& tm) {
        if (!pattern_.second.values.contains(tm.tm_sec) ||
            !pattern_.minute.values.contains(tm.tm_min) ||
            !pattern_.hour.values.contains(tm.tm_hour)) {
            return false;
        }
        const std::int64_t day = local / day_length;
        if (day != day_) day_ = day, answer_ = day_matches(pattern_, local, tm);
        return answer_;
    }

private:
    const pattern& pattern_;
    std::int64_t day_ = -1;
    bool answer_ = false;
};

// --- the walk through real time ------------------------------------------------------------------

/// Local time, as seconds since 1970 on the local clock, at each step of a window of real time.
struct window {
    std::int64_t begin;
    std::int64_t step;
    std::vector<std::int64_t> locals;
    std::vector<std::tm> fields;
};

window walk(std::int64_t begin, std::int64_t end, std::int64_t step) {
    window w{begin, step, {}, {}};
    for (std::int64_t t = begin; t < end; t += step) {
        const std::time_t instant = t;
        std::tm fields{};
        localtime_r(&instant, &fields);
        w.locals.push_back(t + fields.tm_gmtoff);
        w.fields.push_back(fields);
    }
    return w;
}

/// The instants of a pattern in the window but for its first `warm_up` steps, in which it only
/// learns which local times have been.
std::vector<std::int64_t> expected_instants(const pattern& p, const window& w, std::size_t warm_up,
                                            cicada::gap in_gap) {
    judge of(p);
    std::vector<std::int64_t> instants;
    std::set<std::int64_t> again; // local times that the clock was set back over
    for (std::size_t i = 0; i < w.locals.size(); ++i) {
        const std::int64_t local = w.locals[i];
        const std::int64_t before = i > 0 ? w.locals[i - 1] : local - w.step;
        for (std::int64_t seen = local; seen <= before; seen += w.step) again.insert(seen);
        bool fires = of.matches(local, w.fields[i]) && (p.is_repeating() || !again.contains(local));
        if (!p.is_repeating() && in_gap == cicada::gap::run) {
            for (std::int64_t leapt = before + w.step; leapt < local; leapt += w.step) {
                fires = fires || (of.matches(leapt) && !again.contains(leapt));
            }
        }
        if (fires && i >= warm_up) {
            instants.push_back(w.begin + static_cast<std::int64_t>(i) * w.step);
        }
    }
    return instants;
}

std::int64_t count_of(wall_time t) {
    return std::chrono::floor<seconds>(t).time_since_epoch().count();
}

void compare(const pattern& p, const window& w, std::size_t warm_up, const std::string& zone_name,
             cicada::gap in_gap, const std::vector<std::int64_t>& from) {
    const std::string text = p.text();
    const cicada::cron c(text, zone_name, {.gap = in_gap});
    const std::vector<std::int64_t> expected = expected_instants(p, w, warm_up, in_gap);
    const wall_time begin{seconds(w.begin + static_cast<std::int64_t>(warm_up) * w.step)};
    const wall_time end{seconds(w.begin + static_cast<std::int64_t>(w.locals.size()) * w.step)};
    const auto where = [&](std::int64_t t) {
        return '"' + text + "\" in " + zone_name + " near " +
               cicada::format_instant(wall_time(seconds(t)));
    };

    auto next = c.next(begin - cicada::duration(1));
    for (const std::int64_t t : expected) {
        ASSERT_TRUE(next.has_value()) << where(t);
        ASSERT_EQ(count_of(*next), t) << where(t) << ", but " << cicada::format_instant(*next);
        next = c.next(*next);
    }
    ASSERT_TRUE(!next || *next >= end) << where(count_of(*next));

    auto previous = c.previous(end);
    for (auto t = expected.rbegin(); t != expected.rend(); ++t) {
        ASSERT_TRUE(previous.has_value()) << where(*t);
        ASSERT_EQ(count_of(*previous), *t) << where(*t);
        ASSERT_TRUE(*t % 7 != 0 || c.matches(*previous)) << where(*t);
        previous = c.previous(*previous);
    }
    ASSERT_TRUE(!previous || *previous < begin) << where(count_of(*previous));

    // and from instants that are none of the pattern's, most of them near the transition
    for (const std::int64_t t : from) {
        const auto after = std::upper_bound(expected.begin(), expected.end(), t);
        const auto following = c.next(wall_time(seconds(t)));
        if (after != expected.end()) {
            ASSERT_TRUE(following && count_of(*following) == *after) << where(t);
        } else {
            ASSERT_TRUE(!following || *following >= end) << where(t);
        }
        const auto upto = std::lower_bound(expected.begin(), expected.end(), t);
        const auto preceding = c.previous(wall_time(seconds(t)));
        if (upto != expected.begin()) {
            ASSERT_TRUE(preceding && count_of(*preceding) == *(upto - 1)) << where(t);
        } else {
            ASSERT_TRUE(!preceding || *preceding < begin) << where(t);
        }
    }
}

/// The changes of a zone's offset from 1970 to 2100.
std::vector<wall_time> transitions_of(const cicada::zone& where) {
    std::vector<wall_time> all;
    const wall_time end{seconds(std::int64_t{130} * 31'556'952)};
    for (wall_time t = where.at(wall_time{}).until; t < end; t = where.at(t).until) {
        all.push_back(t);
    }
    if (all.empty()) all.push_back(wall_time(seconds(1'234'567'890)));
    return all;
}

/// The zone of the C library, and back at the end.
class zone_of_the_process {
public:
    zone_of_the_process() {
        if (const char* tz = std::getenv("TZ")) before_ = tz;
    }
    ~zone_of_the_process() {
        if (before_) {
            use(*before_);
        } else {
            ::unsetenv("TZ");
            ::tzset();
        }
    }
    void use(const std::string& name) const {
        ::setenv("TZ", name.c_str(), 1);
        ::tzset();
    }

private:
    std::optional<std::string> before_;
};

} // namespace

TEST(cron_model, agrees_with_a_walk_through_real_time_around_the_transitions_of_every_zone) {
    const zone_of_the_process process;
    generator r(20'260'101);
    long patterns = 0;
    for (const std::string& name : cicada::zone::names()) {
        const cicada::zone where(name);
        const std::vector<wall_time> transitions = transitions_of(where);
        process.use(name);
        for (int n = 0; n < transitions_per_zone * rounds(); ++n) {
            const auto chosen =
                static_cast<std::size_t>(pick(r, 0, static_cast<int>(transitions.size()) - 1));
            const std::int64_t transition = count_of(transitions[chosen]);
            // whole minutes will do, unless the local clock or the pattern has seconds
            const bool in_seconds =
                (n == 0 && pick(r, 0, 7) == 0) || transition % 60 != 0 ||
                where.at(transitions[chosen]).offset.count() % 60 != 0 ||
                where.at(transitions[chosen] - seconds(1)).offset.count() % 60 != 0;
            const std::int64_t step = in_seconds ? 1 : 60;
            const std::int64_t half = in_seconds ? 2 * 3600 : 36 * 3600;
            const window w = walk(transition - half, transition + half, step);
            const std::time_t at = transition;
            std::tm near{};
            localtime_r(&at, &near);
            for (int i = 0; i < patterns_per_transition; ++i, ++patterns) {
                const pattern p = any_pattern(r, near, in_seconds);
                const auto in_gap = pick(r, 0, 1) == 0 ? cicada::gap::run : cicada::gap::skip;
                std::vector<std::int64_t> from;
                for (int k = 0; k < 20; ++k) {
                    const int away = static_cast<int>(k % 5 == 0 ? half / 2 : half / 20);
                    from.push_back(transition + pick(r, -away, away));
                }
                compare(p, w, w.locals.size() / 4, name, in_gap, from);
                if (HasFatalFailure()) return;
            }
        }
    }
    RecordProperty("patterns", std::to_string(patterns));
}

TEST(cron_model, agrees_with_a_walk_through_the_days_of_decades) {
    constexpr int windows = 60;
    constexpr int patterns_per_window = 20;
    constexpr std::int64_t years = 365 * day_length;
    const zone_of_the_process process;
    process.use("UTC");
    generator r(20'261'124);
    for (int n = 0; n < windows * rounds(); ++n) {
        const std::int64_t begin = pick(r, 0, 130 * 365) * day_length;
        const window w = walk(begin, begin + 12 * years, day_length);
        for (int i = 0; i < patterns_per_window; ++i) {
            pattern p = any_pattern(r, w.fields[w.fields.size() / 2], false);
            p.minute = p.hour = {.values = {}, .text = "0"};
            p.minute.values.add(0);
            p.hour.values.add(0);
            if (p.nearest != 0) { // mostly where the month's ends are in the way
                p.nearest =
                    std::array{1, 1, 30, 31, p.nearest}[static_cast<std::size_t>(pick(r, 0, 4))];
                p.day.text = std::to_string(p.nearest) + 'W';
            }
            std::vector<std::int64_t> from;
            for (int k = 0; k < 20; ++k)
                from.push_back(begin + pick(r, 0, 12 * 365 - 1) * day_length + pick(r, 1, 80'000));
            compare(p, w, 0, "UTC", cicada::gap::run, from);
            if (HasFatalFailure()) return;
        }
    }
}
