#include "summary.hpp"

#include <algorithm>
#include <queue>

#include <nlohmann/json.hpp>

#include "instants.hpp"
#include "table.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

std::string name_of(std::size_t kind) {
    return std::string(to_string(static_cast<decision::kind>(kind)));
}

} // namespace

void summary::add(const planned_schedule& s, const decision& d) {
    line& l = lines_[static_cast<std::size_t>(&s - of_.data())];
    l.counts[static_cast<std::size_t>(d.what)] += d.count;
    if (d.attempts == 0) return;
    if (!l.runs.empty() && between(l.runs.back().first, d.started_at) > l.longest_gap) {
        l.gap_from = l.runs.back().first;
        l.longest_gap = between(l.gap_from, d.started_at);
    }
    l.runs.emplace_back(d.started_at, d.ended_at);
}

peak summary::peak_of(std::vector<run> runs) {
    std::sort(runs.begin(), runs.end());
    std::priority_queue<wall_time, std::vector<wall_time>, std::greater<>> ends;
    peak most;
    for (const auto& [started, ended] : runs) {
        while (!ends.empty() && ends.top() <= started) ends.pop();
        // One that takes no time is there, too.
        ends.push(std::max(ended, later(started, duration(1))));
        if (ends.size() > most.runs) most = {ends.size(), started};
    }
    return most;
}

peak summary::peak_of_all() const {
    std::vector<run> all;
    for (const line& l : lines_) all.insert(all.end(), l.runs.begin(), l.runs.end());
    return peak_of(std::move(all));
}

std::string summary::text(const zone& shown_in) const {
    const auto to_seconds = [&](wall_time t) {
        return format_instant_in(shown_in, std::chrono::floor<std::chrono::seconds>(t));
    };
    std::vector<std::size_t> shown; // ran, and the other kinds that came up
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
        const bool came_up = std::any_of(lines_.begin(), lines_.end(),
                                         [kind](const line& l) { return l.counts[kind] > 0; });
        if (came_up || kind == 0) shown.push_back(kind);
    }
    std::vector<std::string> heading{"SCHEDULE"};
    for (const std::size_t kind : shown) heading.push_back(name_of(kind));
    heading.insert(heading.end(), {"at once", "longest gap between starts"});
    table t(std::move(heading));
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const line& l = lines_[i];
        std::vector<std::string> row{of_[i].name};
        for (const std::size_t kind : shown) row.push_back(grouped(l.counts[kind]));
        row.push_back(grouped(peak_of(l.runs).runs));
        row.push_back(l.longest_gap > duration::zero()
                          ? format_span(l.longest_gap) + " from " + to_seconds(l.gap_from)
                          : "-");
        t.add(std::move(row));
    }
    const peak most = peak_of_all();
    std::string text = t.text();
    if (most.runs > 0) {
        text += "most at once: " + counted(most.runs, "run") + ", first at " + to_seconds(most.at) +
                '\n';
    }
    return text;
}

std::string summary::json(const zone& shown_in) const {
    using nlohmann::ordered_json;
    const auto to_json = [&](const peak& p) -> ordered_json {
        if (p.runs == 0) return {{"runs", 0}};
        return {{"runs", p.runs}, {"at", format_instant_in(shown_in, p.at)}};
    };
    ordered_json all = {{"schedules", ordered_json::array()}};
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const line& l = lines_[i];
        ordered_json one = {{"name", of_[i].name}};
        for (std::size_t kind = 0; kind < kinds_; ++kind) one[name_of(kind)] = l.counts[kind];
        one["at_once"] = to_json(peak_of(l.runs));
        one["longest_gap"] = nullptr;
        if (l.longest_gap > duration::zero()) {
            one["longest_gap"] = {{"seconds", std::chrono::duration<double>(l.longest_gap).count()},
                                  {"from", format_instant_in(shown_in, l.gap_from)}};
        }
        all["schedules"].push_back(std::move(one));
    }
    all["at_once"] = to_json(peak_of_all());
    return all.dump(2) + '\n';
}

} // namespace cicada::app
