#include "simulate.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "display.hpp"
#include "instants.hpp"
#include "pattern_arguments.hpp"
#include "problem.hpp"
#include "schedule_file.hpp"
#include "summary.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

std::string_view colour_of(decision::kind what) {
    switch (what) {
    case decision::kind::ran:
        return "32";
    case decision::kind::failed:
    case decision::kind::missed:
    case decision::kind::too_late:
    case decision::kind::lost:
    case decision::kind::restored:
        return "31";
    default:
        return "33";
    }
}

/// One line for each decision.
class listing {
public:
    listing(const std::vector<planned_schedule>& all, const zone& shown_in, output& out)
        : zone_(shown_in), out_(out), has_colours_(terminal::standard_output().has_colours) {
        for (const planned_schedule& s : all) name_width_ = std::max(name_width_, width_of(s.name));
        out_.write(padded("NOMINAL", instant_width) + "  " + padded("SCHEDULE", name_width_) +
                   "  " + padded("DECISION", decision_width) + "  DETAILS\n");
    }
    void add(const planned_schedule& s, const decision& d) {
        std::string what = padded(to_string(d.what), decision_width);
        if (has_colours_) what = "\033[" + std::string(colour_of(d.what)) + 'm' + what + "\033[0m";
        std::string line = padded(format_instant_in(zone_, d.nominal), instant_width) + "  " +
                           padded(s.name, name_width_) + "  " + what + "  " + details(d);
        line.erase(line.find_last_not_of(' ') + 1);
        out_.write(line + '\n');
    }

private:
    std::string details(const decision& d) const {
        if (d.attempts > 0) {
            const duration late = between(d.nominal, d.started_at);
            const duration took = between(d.started_at, d.ended_at);
            std::vector<std::string> items;
            if (late > duration::zero()) items.push_back(format_span(late) + " later");
            if (took > duration::zero()) items.push_back("took " + format_span(took));
            return listed(items, ", ");
        }
        std::string text;
        if (d.count > 1 || d.is_at_least)
            text += (d.is_at_least ? "at least " : "") + grouped(d.count) + " up to " +
                    format_instant_in(zone_, d.last) + ": ";
        if (d.into) text += "into " + format_instant_in(zone_, *d.into) + ": ";
        return text.append(reason(d.what));
    }

    static constexpr std::size_t instant_width = 25;
    static constexpr std::size_t decision_width = 15;
    zone zone_;
    output& out_;
    bool has_colours_;
    std::size_t name_width_ = 8;
};

/// An array with one decision a line, written as they come.
class json_listing {
public:
    json_listing(const zone& shown_in, output& out) : zone_(shown_in), out_(out) {}
    void add(const planned_schedule& s, const decision& d) {
        nlohmann::ordered_json one = {{"schedule", s.name},
                                      {"decision", to_string(d.what)},
                                      {"nominal", format_instant_in(zone_, d.nominal)}};
        if (d.count > 1 || d.is_at_least) {
            one["count"] = d.count;
            if (d.is_at_least) one["is_at_least"] = true;
            one["last"] = format_instant_in(zone_, d.last);
        }
        if (d.into) one["into"] = format_instant_in(zone_, *d.into);
        if (d.attempts > 0) {
            one["started_at"] = format_instant_in(zone_, d.started_at);
            one["ended_at"] = format_instant_in(zone_, d.ended_at);
        }
        out_.write((is_first_ ? "[\n" : ",\n") + one.dump());
        is_first_ = false;
    }
    void end() { out_.write(is_first_ ? "[]\n" : "\n]\n"); }

private:
    zone zone_;
    output& out_;
    bool is_first_ = true;
};

} // namespace

int simulate(const simulate_arguments& given, wall_time now, output& out) {
    const schedule_file file = read_schedule_file(given.file);
    zone shown_in = file.where;
    wall_time from, to;
    mistakes found;
    found.in([&] {
        if (!given.zone.empty()) shown_in = read_zone(given.zone);
    });
    found.in([&] { from = read_instant_option("--from", given.from, shown_in, now); });
    found.in([&] {
        to = given.to.empty() ? later(from, std::chrono::days(1))
                              : read_instant_option("--to", given.to, shown_in, now);
    });
    found.finish();
    if (to < from)
        throw bad_input(problem{.where = "--to", .what = "the end comes before the beginning"});
    const simulated_window window{from, to, file.outages};

    if (given.wants_summary) {
        summary all(file.schedules);
        cicada::simulate(file.schedules, window,
                         [&](const planned_schedule& s, const decision& d) { all.add(s, d); });
        out.write(given.wants_json ? all.json(shown_in) : all.text(shown_in));
    } else if (given.wants_json) {
        json_listing all(shown_in, out);
        cicada::simulate(file.schedules, window,
                         [&](const planned_schedule& s, const decision& d) { all.add(s, d); });
        all.end();
    } else {
        listing all(file.schedules, shown_in, out);
        cicada::simulate(file.schedules, window,
                         [&](const planned_schedule& s, const decision& d) { all.add(s, d); });
    }
    return 0;
}

} // namespace cicada::app
