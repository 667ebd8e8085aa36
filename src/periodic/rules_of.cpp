#include <periodic/rules_of.hpp>

#include <schedule/retries_of.hpp>

namespace cicada::detail {

namespace {

policies policies_of(const every_options& o) {
    return {.overlap = o.overlap,
            .on_error = o.on_error,
            .retry = retries_of(o.retry),
            .missed = o.missed,
            .catch_up = o.catch_up,
            .catch_up_window = o.catch_up_window,
            .start_deadline = o.start_deadline,
            .jitter = o.jitter,
            .accuracy = o.accuracy,
            .failures = o.failures};
}

recurrence recurrence_of(const periodic_core::setup& how) {
    using kind = periodic_core::kind;
    if (how.when) return *how.when;
    if (how.is_once()) return interval(duration::max());
    return interval(how.period, how.which == kind::fixed_delay ? interval::kind::fixed_delay
                                                               : interval::kind::fixed_rate);
}

} // namespace

rules rules_of(const periodic_core::setup& how) {
    rules by{.when = recurrence_of(how), .is_once = how.is_once()};
    if (!how.options) return by;
    by.how = policies_of(*how.options);
    by.until = how.options->until;
    by.times = how.options->times;
    return by;
}

bool has_plain_policies(const every_options& o, periodic_core::kind of) noexcept {
    policies plain;
    plain.on_error = o.on_error; // of these two the core takes care
    plain.missed = o.missed;
    const bool begins_now = of != periodic_core::kind::calendar ||
                            o.first.which() == first::kind::immediately ||
                            o.first.which() == first::kind::after_period;
    return policies_of(o) == plain && !o.until && o.times == 0 && !o.on_decision &&
           o.history == 0 && begins_now;
}

} // namespace cicada::detail
