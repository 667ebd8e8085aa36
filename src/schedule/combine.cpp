#include <cicada/schedule/combine.hpp>

#include <algorithm>

#include <schedule/refused_rule.hpp>
#include <schedule/search.hpp>

namespace cicada {

namespace {

using detail::sought;

std::string call(std::string_view function, const std::vector<schedule>& rules) {
    std::string text(function);
    char before = '(';
    for (const schedule& rule : rules) {
        text.append(1, before).append(before == '(' ? "" : " ").append(rule.text());
        before = ',';
    }
    return text + ')';
}

void refuse_nothing(std::string_view function, const std::vector<schedule>& rules) {
    if (!rules.empty()) return;
    throw detail::refused_rule(std::string(function) + " needs at least one schedule");
}

class union_of final : public detail::compound_rule {
public:
    explicit union_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("any_of", rules_);
    }

    search_result find(wall_time after, sought what) const override {
        search_result earliest;
        std::optional<wall_time> horizon;
        for (const schedule& rule : rules_) {
            const search_result found = detail::find(rule, after, what);
            if (found.horizon && (!horizon || *found.horizon < *horizon)) horizon = found.horizon;
            if (!found.instant) continue;
            if (!earliest.instant || *found.instant < *earliest.instant) {
                earliest = found;
            } else if (found.instant == earliest.instant && !found.is_excluded) {
                earliest.is_excluded = false; // what one excludes another may name
            }
        }
        const bool is_sure = !horizon || (earliest.instant && *earliest.instant <= *horizon);
        return is_sure ? earliest : search_result{.horizon = horizon};
    }
    std::optional<wall_time> previous(wall_time before) const override {
        std::optional<wall_time> latest; // which, when empty, is less than any
        for (const schedule& rule : rules_) latest = std::max(latest, rule.previous(before));
        return latest;
    }
    bool matches(wall_time instant) const override {
        return std::any_of(rules_.begin(), rules_.end(),
                           [=](const schedule& rule) { return rule.matches(instant); });
    }
    std::string text() const override { return call("any_of", rules_); }

private:
    std::vector<schedule> rules_;
};

class intersection_of final : public detail::compound_rule {
public:
    explicit intersection_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("all_of", rules_);
    }

    search_result find(wall_time after, sought what) const override {
        if (after == wall_time::max()) return {};
        const auto at_or_after = [what](const schedule& rule, wall_time from) -> search_result {
            const search_result found = detail::find(rule, from - tick, what);
            if (!found.horizon) return found;
            if (*found.horizon == wall_time::max()) return {};
            return {.horizon = *found.horizon + tick};
        };
        search_result found = agreed(after + tick, at_or_after);
        if (found.horizon) *found.horizon -= tick;
        return found;
    }
    std::optional<wall_time> previous(wall_time before) const override {
        if (before == wall_time::min()) return std::nullopt;
        const auto at_or_before = [](const schedule& rule, wall_time up_to) -> search_result {
            return {.instant = rule.previous(up_to + tick)};
        };
        return agreed(before - tick, at_or_before).instant;
    }
    bool matches(wall_time instant) const override {
        return std::all_of(rules_.begin(), rules_.end(),
                           [=](const schedule& rule) { return rule.matches(instant); });
    }
    std::string text() const override { return call("all_of", rules_); }

private:
    static constexpr duration tick{1};

    /// Asks the rules in turn for their instant nearest to `start`, each from where the one before
    /// it has got to, also by a search that it gave up, until all have stayed at one. A horizon is
    /// here the first place that was not looked at.
    template <class Nearest>
    search_result agreed(wall_time start, Nearest nearest) const {
        candidate at{start};
        std::size_t agreeing = 0;
        detail::search search;
        for (std::size_t i = 0; agreeing < rules_.size(); i = (i + 1) % rules_.size()) {
            if (at.instant != start && !search.step()) return {.horizon = at.instant};
            const search_result moved = nearest(rules_[i], at.instant);
            const std::optional<wall_time> to = moved.instant ? moved.instant : moved.horizon;
            if (!to) return {};
            if (*to != at.instant) {
                at = candidate{*to};
                agreeing = 0;
            }
            if (!moved.instant) continue;
            at.is_excluded |= moved.is_excluded;
            ++agreeing;
        }
        return {.instant = at.instant, .is_excluded = at.is_excluded};
    }

    std::vector<schedule> rules_;
};

} // namespace

schedule any_of(std::vector<schedule> rules) { return schedule(new union_of(std::move(rules))); }

schedule all_of(std::vector<schedule> rules) {
    return schedule(new intersection_of(std::move(rules)));
}

} // namespace cicada
