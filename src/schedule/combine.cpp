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

class union_of final : public detail::schedule_rule {
public:
    explicit union_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("any_of", rules_);
    }

    std::optional<wall_time> next(wall_time after) const override {
        std::optional<wall_time> earliest;
        for (const schedule& rule : rules_) {
            const std::optional<wall_time> instant = rule.next(after);
            if (instant && (!earliest || *instant < *earliest)) earliest = instant;
        }
        return earliest;
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
    std::vector<schedule> rules_;
};

class intersection_of final : public detail::schedule_rule {
public:
    explicit intersection_of(std::vector<schedule> rules) : rules_(std::move(rules)) {
        refuse_nothing("all_of", rules_);
    }

    std::optional<wall_time> next(wall_time after) const override {
        if (after == wall_time::max()) return std::nullopt;
        return instant_of(agreed(after + tick, [](const schedule& rule, wall_time from) {
            return as_candidate(rule.next(from - tick));
        }));
    }
    std::optional<wall_time> previous(wall_time before) const override {
        if (before == wall_time::min()) return std::nullopt;
        return instant_of(agreed(before - tick, [](const schedule& rule, wall_time up_to) {
            return as_candidate(rule.previous(up_to + tick));
        }));
    }
    bool matches(wall_time instant) const override {
        return std::all_of(rules_.begin(), rules_.end(),
                           [=](const schedule& rule) { return rule.matches(instant); });
    }
    std::optional<candidate> next_candidate(wall_time after) const override {
        if (after == wall_time::max()) return std::nullopt;
        return agreed(after + tick, [](const schedule& rule, wall_time from) {
            return rule.next_candidate(from - tick);
        });
    }
    std::string text() const override { return call("all_of", rules_); }

private:
    static constexpr duration tick{1};

    static std::optional<candidate> as_candidate(std::optional<wall_time> instant) {
        return instant ? std::optional(candidate{*instant}) : std::nullopt;
    }
    static std::optional<wall_time> instant_of(const std::optional<candidate>& c) {
        return c ? std::optional(c->instant) : std::nullopt;
    }

    /// Asks the rules in turn for their instant nearest to `start`, each from where the one before it has got to, until all
    /// have stayed at one.
    template <class Nearest>
    std::optional<candidate> agreed(wall_time start, Nearest nearest) const {
        candidate at{start};
        std::size_t agreeing = 0;
        detail::search search;
        for (std::size_t i = 0; agreeing < rules_.size(); i = (i + 1) % rules_.size()) {
            const std::optional<candidate> moved =
                search.step() ? nearest(rules_[i], at.instant) : std::nullopt;
            if (!moved) return std::nullopt;
            if (moved->instant != at.instant) {
                at = candidate{moved->instant};
                agreeing = 0;
            }
            at.is_excluded |= moved->is_excluded;
            ++agreeing;
        }
        return at;
    }

    std::vector<schedule> rules_;
};

} // namespace

schedule any_of(std::vector<schedule> rules) { return schedule(new union_of(std::move(rules))); }

schedule all_of(std::vector<schedule> rules) {
    return schedule(new intersection_of(std::move(rules)));
}

} // namespace cicada
