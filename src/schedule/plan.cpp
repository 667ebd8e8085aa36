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
    std::optional<candidate> beyond; // the first after now, if it was met
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
    if (!c || c->instant > now) {
        p.beyond = c;
        return p;
    }
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
    pending p = instants_between(when, decided, end, newest);
    planned_instants out;
    const bool is_known = p.beyond && !p.beyond->is_excluded && p.beyond->instant > now;
    out.next = is_known ? p.beyond->instant : when.next(std::max(decided, now));
    if (out.next && policy.until && *out.next > *policy.until) out.next.reset();
    for (const wall_time t : p.excluded) settle(out.settled, decision::kind::excluded, t);

    const duration window =
        policy.catch_up == catch_up::none && policy.start_deadline == duration::max()
            ? soon_enough
            : policy.window;
    auto eligible = p.instants.begin(); // those before it are too old
    for (; eligible != p.instants.end(); ++eligible) {
        const duration late = between(*eligible, now);
        if (late > policy.start_deadline) {
            settle(out.settled, decision::kind::too_late, *eligible);
        } else if (late - policy.on_purpose > window) {
            settle(out.settled, decision::kind::missed, *eligible);
        } else {
            break;
        }
    }
    const std::size_t many = static_cast<std::size_t>(p.instants.end() - eligible);
    if (many == 0) return out;

    std::size_t runs = 1;
    if (policy.catch_up.which() == catch_up::mode::all)
        runs = std::min<std::size_t>(many, policy.catch_up.max());
    const auto first_run = policy.catch_up == catch_up::first
                               ? eligible
                               : p.instants.end() - static_cast<std::ptrdiff_t>(runs);
    const bool stands_for_all =
        policy.catch_up == catch_up::first || policy.catch_up == catch_up::last;
    for (auto t = eligible; t != p.instants.end(); ++t) {
        if (t >= first_run && t < first_run + static_cast<std::ptrdiff_t>(runs)) continue;
        if (stands_for_all) {
            settle(out.settled, decision::kind::coalesced_into, *t, *first_run);
        } else {
            settle(out.settled, decision::kind::missed, *t);
        }
    }
    p.instants.erase(first_run + static_cast<std::ptrdiff_t>(runs), p.instants.end());
    p.instants.erase(p.instants.begin(), first_run);
    out.runs = std::move(p.instants);
    return out;
}

} // namespace cicada
