#include <model/jobs/play.hpp>

#include <algorithm>

namespace jobs_model {

using namespace cicada;

namespace {

/// Of a job that is decided by who asks, and told to nobody.
bool is_asked(const history& of, const simulation& sim) {
    return std::any_of(of.happens.begin(), of.happens.end(), [&](const happening& one) {
        return one.what != happening::kind::outage && one.what != happening::kind::set_clock &&
               one.at == of.start + sim.elapsed();
    });
}

} // namespace

task<> work(attempt what) {
    co_await sleep(what.takes);
    if (what.how == attempt::ending::fails) throw error("it fails");
    if (what.how == attempt::ending::fails_for_good) throw no_retry("it fails for good");
}

std::string text_of(const decision& d) {
    std::string text = format_instant(d.nominal) + ' ' + what_came(d);
    if (d.count != 1)
        text += " x" + std::to_string(d.count) + (d.is_at_least ? "+" : "") + " to " +
                format_instant(d.last);
    if (d.attempts > 0)
        text += ", from " + format_instant(d.started_at) + " to " + format_instant(d.ended_at);
    return text;
}

std::string what_came(const decision& d) {
    std::string text(to_string(d.what));
    if (d.into) text += ' ' + format_instant(*d.into);
    if (d.attempts > 0) text += ", attempts " + std::to_string(d.attempts);
    return text;
}

std::string figures(const periodic_counters& all, const std::optional<wall_time>& next,
                    bool has_ended) {
    return "ran " + std::to_string(all.ran) + ", missed " + std::to_string(all.missed) +
           ", dropped " + std::to_string(all.dropped) + ", failed " + std::to_string(all.failed) +
           (has_ended ? ", ended"
            : next    ? ", next " + format_instant(*next)
                      : ", none next");
}

void note(account& in, const history& of, const decision& d, const simulation& sim) {
    if (!is_asked(of, sim)) in.told.push_back(text_of(d));
}

} // namespace jobs_model
