// The rules of calendar.hpp that know no calendar.

#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/duration_text.hpp>

#include <schedule/refused_rule.hpp>
#include <schedule/write.hpp>

namespace cicada {

namespace {

class anchored_interval final : public detail::schedule_rule {
public:
    anchored_interval(duration period, wall_time anchor)
        : period_(static_cast<std::uint64_t>(period.count())), anchor_(anchor) {
        if (period <= duration::zero()) {
            throw detail::refused_rule("every_interval needs a period greater than zero");
        }
    }

    std::optional<wall_time> next(wall_time after) const override {
        if (after < anchor_) return anchor_;
        const std::uint64_t wait = period_ - past(after);
        return wait <= nanoseconds_between(after, wall_time::max())
                   ? std::optional(after + length(wait))
                   : std::nullopt;
    }
    std::optional<wall_time> previous(wall_time before) const override {
        if (before <= anchor_) return std::nullopt;
        const wall_time latest = before - duration(1);
        return latest - length(past(latest));
    }
    bool matches(wall_time instant) const override {
        return instant >= anchor_ && past(instant) == 0;
    }
    std::string text() const override {
        std::string text = "every_interval(" + detail::in_quotes(format_duration(length(period_)));
        if (anchor_ != wall_time()) text.append(", ").append(detail::in_quotes(anchor_));
        return text + ')';
    }

private:
    /// From one end of time to the other it is more than a duration can hold.
    static std::uint64_t nanoseconds_between(wall_time from, wall_time until) {
        return static_cast<std::uint64_t>(until.time_since_epoch().count()) -
               static_cast<std::uint64_t>(from.time_since_epoch().count());
    }
    static duration length(std::uint64_t count) {
        return duration(static_cast<std::int64_t>(count));
    }
    /// How long ago the last instant was, seen from `t`, which is not before the anchor.
    std::uint64_t past(wall_time t) const { return nanoseconds_between(anchor_, t) % period_; }

    std::uint64_t period_;
    wall_time anchor_;
};

class one_instant final : public detail::schedule_rule {
public:
    explicit one_instant(wall_time instant) : instant_(instant) {}
    std::optional<wall_time> next(wall_time after) const override {
        return after < instant_ ? std::optional(instant_) : std::nullopt;
    }
    std::optional<wall_time> previous(wall_time before) const override {
        return instant_ < before ? std::optional(instant_) : std::nullopt;
    }
    bool matches(wall_time instant) const override { return instant == instant_; }
    std::string text() const override { return "once(" + detail::in_quotes(instant_) + ')'; }

private:
    wall_time instant_;
};

} // namespace

schedule every_interval(const or_text<duration>& period, const or_text<wall_time>& anchor) {
    return schedule(new anchored_interval(period.value(), anchor.value()));
}

schedule once(const or_text<wall_time>& instant) {
    return schedule(new one_instant(instant.value()));
}

} // namespace cicada
