#include <cicada/schedule/plan.hpp>

#include <algorithm>

namespace cicada {

namespace {

constexpr std::uint64_t most_counted =
    100'000; // of missed instants; looking at more could hold a loop
constexpr duration soon_enough = std::chrono::minutes(1); // for catch_up::none

/// Adds to the last decision where that is of the same kind and nothing lies in between.
void settle(std::vector<decision>& settled, decision::kind what, wall_time instant,
            std::optional<wall_time> into = std::nullopt) {
    if (!settled.empty() && settled.back().what == what && settled.back().into == into) {
        ++settled.back().count;
        settled.back().last = instant;
    } else {
        settled.push_back({.what = what, .nominal = instant, .last = instant, .into = into});
    }
}

struct pending {
    std::vector<wall_time> instants; // oldest first
    std::vector<wall_time> excluded;
};

/// The instants after `decided` and up to `now`: all of the first `most_counted`, then only the newest ones.
pending instants_between(const schedule& when, wall_time decided, wall_time now,
                         std::uint32_t newest) {
    pending p;
    auto c = when.next_candidate(decided);
    for (std::uint64_t n = 0; c && c->instant <= now && n < most_counted; ++n) {
        (c->is_excluded ? p.excluded : p.instants).push_back(c->instant);
        c = when.next_candidate(c->instant);
    }
    if (!c || c->instant > now) return p;
    const auto at = static_cast<std::ptrdiff_t>(p.instants.size());
    auto t = when.previous(later(now, duration(1)));
    for (; t && newest > 0 && *t >= c->instant; --newest, t = when.previous(*t))
        p.instants.insert(p.instants.begin() + at, *t);
    return p;
}

} // namespace

planned_instants plan(const schedule& when, const calendar_policy& policy, wall_time decided,
                      wall_time now) {
    const std::uint32_t newest =
        policy.catch_up.which() == catch_up::mode::all ? std::max(policy.catch_up.max(), 1u) : 1;
    const wall_time end = policy.until ? std::min(now, *policy.until) : now;
    const pending p = instants_between(when, decided, end, newest);
    planned_instants out;
    out.next = when.next(std::max(decided, now));
    if (out.next && policy.until && *out.next > *policy.until) out.next.reset();
    for (const wall_time t : p.excluded) settle(out.settled, decision::kind::excluded, t);
    if (p.instants.empty()) return out;

    const auto lateness = [now](wall_time t) { return between(t, now); };
    const duration no_older =
        policy.catch_up == catch_up::none && policy.start_deadline == duration::max()
            ? soon_enough
            : policy.window;
    const auto refusal = [&](wall_time t) -> std::optional<decision::kind> {
        if (lateness(t) > policy.start_deadline) return decision::kind::too_late;
        if (lateness(t) > no_older) return decision::kind::missed;
        return std::nullopt;
    };
    std::vector<wall_time> eligible;
    for (const wall_time t : p.instants) {
        if (const auto no = refusal(t)) {
            settle(out.settled, *no, t);
        } else {
            eligible.push_back(t);
        }
    }
    if (eligible.empty()) return out;

    switch (policy.catch_up.which()) {
    case catch_up::mode::none: {
        const wall_time chosen = eligible.back();
        eligible.pop_back();
        for (const wall_time t : eligible) settle(out.settled, decision::kind::missed, t);
        out.runs.push_back(chosen);
        break;
    }
    case catch_up::mode::last:
    case catch_up::mode::first: {
        const bool is_last = policy.catch_up.which() == catch_up::mode::last;
        const wall_time chosen = is_last ? eligible.back() : eligible.front();
        for (const wall_time t : eligible) {
            if (t != chosen) settle(out.settled, decision::kind::coalesced_into, t, chosen);
        }
        out.runs.push_back(chosen);
        break;
    }
    case catch_up::mode::all: {
        const std::size_t many = std::min<std::size_t>(eligible.size(), policy.catch_up.max());
        const auto from = eligible.end() - static_cast<std::ptrdiff_t>(many);
        for (auto t = eligible.begin(); t != from; ++t)
            settle(out.settled, decision::kind::missed, *t);
        out.runs.assign(from, eligible.end());
        break;
    }
    }
    return out;
}

} // namespace cicada
