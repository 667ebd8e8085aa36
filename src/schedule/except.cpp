#include <cicada/schedule/combine.hpp>

#include <algorithm>

#include <schedule/search.hpp>
#include <schedule/write.hpp>

namespace cicada {

namespace {

using detail::sought;

constexpr duration tick{1};

time_filter::stretch removed_at(const time_filter& filter, wall_time instant) {
    return filter.at(instant);
}
time_filter::stretch removed_at(const schedule& instants, wall_time instant) {
    return {instant, later(instant, tick), instants.matches(instant)};
}

template <class Removed>
class difference final : public detail::compound_rule {
public:
    difference(schedule base, Removed removed) : base_(base), removed_(std::move(removed)) {}

    search_result find(wall_time after, sought what) const override {
        if (what == sought::candidates) {
            search_result found = base_.find_next_candidate(after);
            found.is_excluded |= found.instant && removed_at(removed_, *found.instant).holds;
            return found;
        }
        detail::search search;
        do {
            const search_result found = base_.find_next(after);
            if (found.horizon) {
                after = *found.horizon;
                continue;
            }
            if (!found.instant) return {};
            const time_filter::stretch around = removed_at(removed_, *found.instant);
            if (!around.holds) return found;
            after = std::max(*found.instant, around.until - tick);
        } while (search.step());
        return {.horizon = after};
    }
    std::optional<wall_time> previous(wall_time before) const override {
        for (detail::search search; search.step();) {
            const std::optional<wall_time> instant = base_.previous(before);
            if (!instant) return std::nullopt;
            const time_filter::stretch around = removed_at(removed_, *instant);
            if (!around.holds) return instant;
            before = around.from;
        }
        return std::nullopt;
    }
    bool matches(wall_time instant) const override {
        return base_.matches(instant) && !removed_at(removed_, instant).holds;
    }
    std::string text() const override {
        return "except(" + base_.text() + ", " + removed_.text() + ')';
    }

private:
    schedule base_;
    Removed removed_;
};

class from_on final : public detail::compound_rule {
public:
    from_on(schedule base, wall_time first) : base_(base), first_(first) {}

    search_result find(wall_time after, sought what) const override {
        return detail::find(base_, after < first_ ? first_ - tick : after, what);
    }
    std::optional<wall_time> previous(wall_time before) const override {
        const std::optional<wall_time> instant = base_.previous(before);
        return instant && *instant >= first_ ? instant : std::nullopt;
    }
    bool matches(wall_time instant) const override {
        return instant >= first_ && base_.matches(instant);
    }
    std::string text() const override {
        return "starting(" + base_.text() + ", " + detail::in_quotes(first_) + ')';
    }

private:
    schedule base_;
    wall_time first_;
};

class up_to final : public detail::compound_rule {
public:
    up_to(schedule base, wall_time end) : base_(base), end_(end) {}

    search_result find(wall_time after, sought what) const override {
        const search_result found = detail::find(base_, after, what);
        // There is none at the end: who has got to just before it has seen all.
        const bool is_over = found.instant ? *found.instant >= end_
                                           : found.horizon && later(*found.horizon, tick) >= end_;
        return is_over ? search_result{} : found;
    }
    std::optional<wall_time> previous(wall_time before) const override {
        return base_.previous(std::min(before, end_));
    }
    bool matches(wall_time instant) const override {
        return instant < end_ && base_.matches(instant);
    }
    std::string text() const override {
        return "until(" + base_.text() + ", " + detail::in_quotes(end_) + ')';
    }

private:
    schedule base_;
    wall_time end_;
};

} // namespace

schedule except(schedule base, time_filter removed) {
    return schedule(new difference<time_filter>(base, std::move(removed)));
}

schedule except(schedule base, schedule removed) {
    return schedule(new difference<schedule>(base, removed));
}

schedule starting(schedule base, const or_text<wall_time>& first) {
    return schedule(new from_on(base, first.value()));
}

schedule until(schedule base, const or_text<wall_time>& end) {
    return schedule(new up_to(base, end.value()));
}

} // namespace cicada
