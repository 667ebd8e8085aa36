#include "clock_changes.hpp"

#include "instants.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

/// The local times that a pattern names within a stretch: found in UTC, which leaves none out.
struct named_times {
    std::vector<local_time> first; // a few
    std::uint64_t count = 0;
    local_time last;

    std::string text() const {
        if (count > first.size()) {
            return "the " + grouped(count) + " times from " + format_time(first.front()) + " to " +
                   format_time(last);
        }
        std::vector<std::string> items;
        for (const local_time t : first) items.push_back(format_time(t));
        return listed(items);
    }
    const char* verb(const char* one, const char* many) const { return count == 1 ? one : many; }
};

named_times named_between(const cron& rule, local_time begin, local_time end) {
    constexpr std::size_t most_listed = 3;
    const cron civil = rule.in(zone());
    const auto as_if_utc = [](local_time t) { return wall_time(t.time_since_epoch()); };
    named_times found;
    for (auto t = civil.next(later(as_if_utc(begin), duration(-1))); t && *t < as_if_utc(end);
         t = civil.next(*t)) {
        found.last = local_time(t->time_since_epoch());
        if (found.first.size() < most_listed) found.first.push_back(found.last);
        ++found.count;
    }
    return found;
}

std::string effect_of_gap(const clock_change& change, const cron& rule, const named_times& named) {
    const std::string what = named.text() + named.verb(" does", " do") + " not exist: ";
    if (rule.is_repeating()) return what + named.verb("no run", "no runs") + " in that time";
    if (rule.in_gap() == gap::skip)
        return what + named.verb("the run is", "the runs are") + " skipped";
    const std::string when = format_time(rule.where().to_local(change.at));
    const bool is_shared =
        named_between(rule, change.end(), change.end() + std::chrono::seconds(1)).count > 0;
    if (is_shared)
        return what + "the run at " + when + " stands for " + named.verb("it", "them") + ", too";
    return what + (named.count == 1 ? "runs" : "one run for all of them") + " at " + when +
           ", the first instant after the gap";
}

std::string effect_of_overlap(const clock_change& change, const cron& rule,
                              const named_times& named) {
    const std::string what = named.text() + named.verb(" comes", " come") + " twice: ";
    if (rule.is_repeating())
        return what + "runs in both passes, " + grouped(named.count) + " more than usual";
    return what + (named.count == 1 ? "runs once" : "each runs once") + ", at the first pass (" +
           format_offset(change.from) + ')';
}

} // namespace

std::vector<clock_change> clock_changes(const zone& where, wall_time from, wall_time until) {
    std::vector<clock_change> changes;
    for (zone::stretch here = where.at(from); here.until < until;) {
        const zone::stretch next = where.at(here.until);
        if (next.offset != here.offset) changes.push_back({here.until, here.offset, next.offset});
        here = next;
    }
    return changes;
}

std::string effect(const clock_change& change, const cron& rule) {
    const named_times named = named_between(rule, change.begin(), change.end());
    if (named.count == 0) return {};
    return change.is_gap() ? effect_of_gap(change, rule, named)
                           : effect_of_overlap(change, rule, named);
}

} // namespace cicada::app
