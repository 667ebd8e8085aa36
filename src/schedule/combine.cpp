#include <cicada/schedule/combine.hpp>

#include <algorithm>

#include "schedule/search.hpp"

namespace cicada {

namespace {

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
    throw std::invalid_argument("cicada: " + std::string(function) +
                                " needs at least one schedule");
}

class union_of final : public detail::compound_rule {
public:
    explicit union_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("any_of", rules_);
    }

    search_result find_next(wall_time after) const override {
        search_result earliest;
        for (const schedule& rule : rules_) {
            const search_result found = rule.find_next(after);
            keep_earlier(earliest.instant, found.instant);
            keep_earlier(earliest.horizon, found.horizon);
        }
        if (!earliest.instant || !earliest.horizon) return earliest;
        return *earliest.instant <= *earliest.horizon ? search_result{.instant = earliest.instant}
                                                      : search_result{.horizon = earliest.horizon};
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
    std::optional<candidate> next_candidate(wall_time after) const override {
        std::optional<candidate> earliest;
        for (const schedule& rule : rules_) {
            const std::optional<candidate> c = rule.next_candidate(after);
            if (!c) continue;
            if (!earliest || c->instant < earliest->instant) {
                earliest = c;
            } else if (c->instant == earliest->instant && !c->is_excluded) {
                earliest->is_excluded = false; // what one excludes another may name
            }
        }
        return earliest;
    }
    std::string text() const override { return call("any_of", rules_); }

private:
    static void keep_earlier(std::optional<wall_time>& earliest, std::optional<wall_time> t) {
        if (t && (!earliest || *t < *earliest)) earliest = t;
    }

    std::vector<schedule> rules_;
};

class intersection_of final : public detail::compound_rule {
public:
    explicit intersection_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("all_of", rules_);
    }

    search_result find_next(wall_time after) const override {
        if (after == wall_time::max()) return {};
        const outcome o = agreed(after + tick, [](const schedule& rule, wall_time from) -> outcome {
            const search_result found = rule.find_next(from - tick);
            if (found.instant) return {.found = candidate{*found.instant}};
            if (!found.horizon || *found.horizon == wall_time::max()) return {};
            return {.reached = *found.horizon + tick};
        });
        if (o.found) return {.instant = o.found->instant};
        if (o.reached) return {.horizon = *o.reached - tick};
        return {};
    }
    std::optional<wall_time> previous(wall_time before) const override {
        if (before == wall_time::min()) return std::nullopt;
        const outcome o =
            agreed(before - tick, [](const schedule& rule, wall_time up_to) -> outcome {
                const std::optional<wall_time> instant = rule.previous(up_to + tick);
                return instant ? outcome{.found = candidate{*instant}} : outcome{};
            });
        return o.found ? std::optional(o.found->instant) : std::nullopt;
    }
    bool matches(wall_time instant) const override {
        return std::all_of(rules_.begin(), rules_.end(),
                           [=](const schedule& rule) { return rule.matches(instant); });
    }
    std::optional<candidate> next_candidate(wall_time after) const override {
        if (after == wall_time::max()) return std::nullopt;
        return agreed(after + tick,
                      [](const schedule& rule, wall_time from) -> outcome {
                          return {.found = rule.next_candidate(from - tick)};
                      })
            .found;
    }
    std::string text() const override { return call("all_of", rules_); }

private:
    static constexpr duration tick{1};

    /// Neither: there is none.
    struct outcome {
        std::optional<candidate> found;
        std::optional<wall_time> reached; // there is none before it, and the search was given up
    };

    /// Asks the rules in turn for their instant nearest to `start`, each from where the one before
    /// it has got to, also by a search that it gave up, until all have stayed at one.
    template <class Nearest>
    outcome agreed(wall_time start, Nearest nearest) const {
        candidate at{start};
        std::size_t agreeing = 0;
        detail::search search;
        for (std::size_t i = 0; agreeing < rules_.size(); i = (i + 1) % rules_.size()) {
            if (at.instant != start && !search.step()) return {.reached = at.instant};
            const outcome moved = nearest(rules_[i], at.instant);
            if (moved.reached) {
                at = candidate{*moved.reached};
                agreeing = 0;
                continue;
            }
            if (!moved.found) return {};
            if (moved.found->instant != at.instant) {
                at = candidate{moved.found->instant};
                agreeing = 0;
            }
            at.is_excluded |= moved.found->is_excluded;
            ++agreeing;
        }
        return {.found = at};
    }

    std::vector<schedule> rules_;
};

} // namespace

schedule any_of(std::vector<schedule> rules) { return schedule(new union_of(std::move(rules))); }

schedule all_of(std::vector<schedule> rules) {
    return schedule(new intersection_of(std::move(rules)));
}

} // namespace cicada
