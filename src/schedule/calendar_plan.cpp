#include <schedule/calendar_plan.hpp>

#include <algorithm>

#include <schedule/search.hpp>

namespace cicada::detail {

namespace {

constexpr std::uint64_t most_counted = 100'000; // instants, one by one: more could hold a loop
constexpr duration soon_enough = std::chrono::minutes(1) - duration(1); // for catch_up::none

wall_time before(wall_time t) noexcept { return later(t, duration(-1)); }
wall_time after(wall_time t) noexcept { return later(t, duration(1)); }

/// The next instant, if it is not beyond `upto`.
std::optional<wall_time> instant_up_to(const schedule& when, wall_time t, wall_time upto) {
    const search_result found = find_up_to(when, t, upto, sought::instants);
    return found.instant && *found.instant <= upto ? found.instant : std::nullopt;
}

/// What does not get a run, as stretches of consecutive instants with the same fate.
class settler {
public:
    settler(const schedule& when, calendar_plan& out) noexcept : when_(when), out_(out) {}

    /// The instants after `from` and up to `upto`: `why`, but for those that are excluded. When too
    /// many have been counted, the rest is one stretch, which says so.
    void settle(wall_time from, wall_time upto, decision::kind why,
                std::optional<wall_time> into = std::nullopt) {
        if (from >= upto) return;
        search_result c = find_up_to(when_, from, upto, sought::candidates);
        for (; c.instant && *c.instant <= upto && left_ > 0; --left_) {
            add(c.is_excluded ? decision::kind::excluded : why, *c.instant, into);
            c = find_up_to(when_, *c.instant, upto, sought::candidates);
        }
        if (!c.instant || *c.instant > upto) return;
        const auto last = when_.previous(after(upto));
        const bool names_some = last && *last >= *c.instant;
        add(names_some ? why : decision::kind::excluded, *c.instant, into);
        decision& rest = out_.settled.back();
        const auto beyond = names_some ? when_.next_candidate(*last) : std::nullopt;
        rest.last = names_some && !(beyond && beyond->instant <= upto) ? *last : upto;
        rest.is_at_least = rest.last > *c.instant;
    }
    void add(decision::kind what, wall_time instant, std::optional<wall_time> into = std::nullopt) {
        if (what == decision::kind::excluded) into.reset();
        auto& all = out_.settled;
        if (is_consecutive_ && !all.empty() && all.back().what == what && all.back().into == into) {
            ++all.back().count;
            all.back().last = instant;
        } else {
            all.push_back({.what = what, .nominal = instant, .last = instant, .into = into});
            is_consecutive_ = true;
        }
        if (what != decision::kind::excluded) ++out_.missed;
    }
    /// One that gets a run lies here.
    void pass_run() noexcept { is_consecutive_ = false; }

private:
    const schedule& when_;
    calendar_plan& out_;
    std::uint64_t left_ = most_counted;
    bool is_consecutive_ = false;
};

/// The bounds of what may still run, at the time of a decision.
struct bounds {
    wall_time deadline; // what is earlier comes after its start_deadline
    wall_time eligible; // what is earlier is not caught up

    bounds(const calendar_query& q, wall_time now) noexcept
        : deadline(back(now, q.start_deadline)) {
        const duration window =
            q.catch_up == catch_up::none ? std::min(q.window, soon_enough) : q.window;
        eligible = std::max(deadline, back(later(now, -q.on_purpose), window));
    }
    static wall_time back(wall_time from, duration by) noexcept {
        return by == duration::max() ? wall_time::min() : later(from, -by);
    }
};

/// Those that get a run, oldest first, of the instants in [from, upto].
std::vector<wall_time> choose(const calendar_query& q, wall_time from, wall_time upto) {
    std::vector<wall_time> chosen;
    if (q.catch_up == catch_up::first) {
        if (const auto t = instant_up_to(q.when, before(from), upto)) chosen.push_back(*t);
        return chosen;
    }
    const std::size_t most = q.catch_up.which() == catch_up::mode::all ? q.catch_up.max() : 1;
    auto t = q.when.previous(after(upto));
    for (; t && *t >= from && chosen.size() < most; t = q.when.previous(*t)) chosen.push_back(*t);
    std::reverse(chosen.begin(), chosen.end());
    if (t || chosen.size() == most) return chosen;
    // There are no more, or the way back was too long for a search.
    std::vector<wall_time> all;
    t = instant_up_to(q.when, before(from), upto);
    for (; t && all.size() < most_counted; t = instant_up_to(q.when, *t, upto)) all.push_back(*t);
    if (all.size() <= chosen.size() || (t && !chosen.empty())) return chosen;
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    return all;
}

void plan_many(const calendar_query& q, wall_time decided, wall_time upto, wall_time now,
               calendar_plan& out) {
    using kind = decision::kind;
    const bounds b(q, now);
    std::vector<wall_time> runs = choose(q, std::max(b.eligible, after(decided)), upto);
    settler s(q.when, out);
    s.settle(decided, std::min(upto, before(b.deadline)), kind::too_late);
    s.settle(std::max(decided, before(b.deadline)), std::min(upto, before(b.eligible)),
             kind::missed);
    const bool stands_for_all = q.catch_up == catch_up::first || q.catch_up == catch_up::last;
    const kind why = stands_for_all && !runs.empty() ? kind::coalesced_into : kind::missed;
    const auto into = why == kind::missed ? std::nullopt : std::optional(runs.front());
    wall_time at = std::max(decided, before(b.eligible));
    for (const wall_time run : runs) {
        s.settle(at, before(run), why, into);
        s.pass_run();
        at = run;
    }
    s.settle(at, upto, why, into);
    if (runs.empty()) return;
    out.run = runs.back();
    runs.pop_back();
    out.earlier_runs = std::move(runs);
}

void plan_one(const calendar_query& q, const candidate& c, wall_time now, calendar_plan& out) {
    using kind = decision::kind;
    const bounds b(q, now);
    if (!c.is_excluded && c.instant >= b.eligible) {
        out.run = c.instant;
        return;
    }
    settler(q.when, out)
        .add(c.is_excluded            ? kind::excluded
             : c.instant < b.deadline ? kind::too_late
                                      : kind::missed,
             c.instant);
}

wall_time last_before(const std::optional<wall_time>& until, wall_time now) noexcept {
    return until ? std::min(now, before(*until)) : now;
}

} // namespace

calendar_plan plan(const calendar_query& q, wall_time decided, wall_time now) {
    calendar_plan out;
    const wall_time upto = last_before(q.until, now);
    search_result c = find_up_to(q.when, decided, upto, sought::candidates);
    if (c.instant && *c.instant <= upto) { // nearly always one
        const candidate first{*c.instant, c.is_excluded};
        c = find_up_to(q.when, first.instant, upto, sought::candidates);
        if (!c.instant || *c.instant > upto) {
            plan_one(q, first, now, out);
        } else {
            plan_many(q, decided, upto, now, out);
        }
    }
    if (c.instant && *c.instant > now && !c.is_excluded) {
        if (!q.until || *c.instant < *q.until) out.next.instant = c.instant;
    } else {
        out.next = next_before_until(q, std::max(decided, now));
    }
    return out;
}

calendar_plan plan_without_runs(const calendar_query& q, decision::kind why, wall_time decided,
                                wall_time now) {
    calendar_plan out;
    settler(q.when, out).settle(decided, last_before(q.until, now), why);
    return out;
}

search_result next_before_until(const calendar_query& q, wall_time after) {
    search_result found = q.when.find_next(after);
    if (q.until && found.instant && *found.instant >= *q.until) found.instant.reset();
    if (q.until && found.horizon && *found.horizon >= *q.until) found.horizon.reset();
    return found;
}

} // namespace cicada::detail
