#include "explain.hpp"

#include <nlohmann/json.hpp>

#include "clock_changes.hpp"
#include "display.hpp"
#include "instants.hpp"
#include "lint.hpp"
#include "sentence.hpp"

namespace cicada::app {

namespace {

struct described_change {
    clock_change change;
    std::string effect;
};

struct explanation {
    std::string sentence;
    std::vector<wall_time> next;
    bool has_changes = false; // of clocks, in the coming two years
    std::vector<described_change> changes; // those that matter
    std::vector<remark> remarks;
};

explanation explain(const asked_pattern& asked, std::size_t count) {
    const cron& rule = asked.rule;
    explanation e{.sentence = sentence(rule)};
    for (auto t = rule.next(asked.after); t; t = rule.next(*t)) {
        e.next.push_back(*t);
        if (e.next.size() == count) break;
    }
    const wall_time until = later(asked.after, std::chrono::years(2));
    for (const clock_change& change : clock_changes(rule.where(), asked.after, until)) {
        e.has_changes = true;
        if (rule.is_reboot()) continue;
        std::string what = effect(change, rule);
        if (!what.empty()) e.changes.push_back({change, std::move(what)});
    }
    e.remarks = lint(rule, asked.text, asked.after);
    return e;
}

std::string when(const clock_change& change) {
    const auto local = [](wall_time t, std::chrono::seconds offset) {
        return local_time(later(t, offset).time_since_epoch());
    };
    const std::string before = format_local(local(change.at, change.from));
    const std::string after = format_local(local(change.at, change.to));
    const bool is_same_day = before.substr(0, 10) == after.substr(0, 10);
    return before + " -> " + (is_same_day ? after.substr(11) : after);
}

std::string_view name_of(remark::level level) {
    return level == remark::level::warning ? "warning" : "hint";
}

/// Paragraphs with a heading in the margin.
class page {
public:
    explicit page(bool has_colours) : has_colours_(has_colours) {}
    void add(std::string_view heading, const std::string& line, std::string_view colour = "2") {
        constexpr std::size_t margin = 11;
        const bool is_new = heading != heading_;
        heading_ = heading;
        const std::string shown = padded(is_new ? heading : "", margin);
        if (has_colours_) {
            text_.append("\033[").append(colour).append("m").append(shown).append("\033[0m");
        } else {
            text_ += shown;
        }
        text_.append(line).append(1, '\n');
    }
    const std::string& text() const { return text_; }

private:
    bool has_colours_;
    std::string heading_;
    std::string text_;
};

std::string as_text(const asked_pattern& asked, const explanation& e, const terminal& shown_on) {
    const zone& where = asked.rule.where();
    page p(shown_on.has_colours);
    p.add("pattern", asked.rule.pattern());
    for (const wall_time t : e.next) {
        p.add("next", std::string(weekday_of(where.to_local(t))) + ' ' +
                          format_instant_in(where, t) + "  in " +
                          format_span(between(asked.after, t)));
    }
    for (const described_change& c : e.changes) p.add("clocks", when(c.change) + "  " + c.effect);
    if (e.changes.empty() && e.has_changes && !e.next.empty()) {
        p.add("clocks", "no change of the coming two years touches it");
    }
    for (const remark& r : e.remarks) {
        const bool is_warning = r.how_bad == remark::level::warning;
        p.add(name_of(r.how_bad), r.text, is_warning ? "1;33" : "36");
    }
    const std::string bold = shown_on.has_colours ? "\033[1m" + e.sentence + "\033[0m" : e.sentence;
    return bold + '\n' + p.text();
}

std::string as_json(const asked_pattern& asked, const explanation& e) {
    using json = nlohmann::ordered_json;
    const zone& where = asked.rule.where();
    json all = {
        {"pattern", asked.rule.pattern()}, {"zone", where.name()}, {"sentence", e.sentence}};
    all["next"] = json::array();
    for (const wall_time t : e.next) all["next"].push_back(format_instant_in(where, t));
    all["clock_changes"] = json::array();
    for (const described_change& c : e.changes) {
        all["clock_changes"].push_back({{"at", format_instant_in(where, c.change.at)},
                                        {"from", format_offset(c.change.from)},
                                        {"to", format_offset(c.change.to)},
                                        {"effect", c.effect}});
    }
    all["remarks"] = json::array();
    for (const remark& r : e.remarks) {
        all["remarks"].push_back({{"level", name_of(r.how_bad)}, {"text", r.text}});
    }
    return all.dump(2) + '\n';
}

} // namespace

int explain(const pattern_arguments& given, wall_time now, output& out) {
    const asked_pattern asked = read(given, now);
    const explanation e = explain(asked, given.count);
    out.write(given.wants_json ? as_json(asked, e)
                               : as_text(asked, e, terminal::standard_output()));
    return 0;
}

} // namespace cicada::app
