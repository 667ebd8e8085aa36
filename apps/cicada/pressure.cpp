#include "pressure.hpp"

#include <algorithm>
#include <numeric>

#include <nlohmann/json.hpp>

#include "heat_strip.hpp"
#include "instants.hpp"
#include "pattern_arguments.hpp"
#include "problem.hpp"
#include "spread.hpp"
#include "week.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

constexpr const char* days_of_a_week[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/// "Mon 09:30", or "daily 09:30" when that minute is the same on each day.
std::string minute_of(const week& of, std::size_t minute) {
    const local_time in_some_week(std::chrono::minutes(static_cast<int>(minute)));
    bool is_daily = true;
    for (std::size_t day = 0; day < 7; ++day) {
        is_daily &= of.day(day)[minute % minutes_a_day] == of.minutes()[minute];
    }
    const std::string day = is_daily ? "daily" : days_of_a_week[minute / minutes_a_day];
    return day + ' ' + format_time(in_some_week);
}

/// The minutes with the most runs: of each time of the day the busiest day's.
std::vector<std::size_t> busiest(const week& of) {
    constexpr std::size_t most_shown = 5;
    std::vector<std::size_t> minutes(of.minutes().size());
    std::iota(minutes.begin(), minutes.end(), std::size_t{0});
    std::sort(minutes.begin(), minutes.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(of.minutes()[b], a) < std::pair(of.minutes()[a], b);
    });
    std::vector<std::size_t> shown;
    for (const std::size_t m : minutes) {
        if (shown.size() == most_shown || of.minutes()[m] < 2) break;
        const auto is_same_time = [m](std::size_t other) {
            return other % minutes_a_day == m % minutes_a_day;
        };
        if (std::none_of(shown.begin(), shown.end(), is_same_time)) shown.push_back(m);
    }
    return shown;
}

std::string some_of(std::vector<std::string> names) {
    constexpr std::size_t most_shown = 5;
    if (names.size() > most_shown + 1) {
        const std::size_t others = names.size() - most_shown;
        names.resize(most_shown);
        names.push_back(std::to_string(others) + " more");
    }
    return listed(names);
}

std::string as_text(const week& now, const week& then, const zone& where,
                    const terminal& shown_on) {
    constexpr std::size_t margin = 5;
    const bool is_wide = shown_on.columns >= 96 + static_cast<int>(margin);
    const std::size_t cells = is_wide ? 96 : 48;
    const std::string indent(margin, ' ');
    const auto row = [&](const std::string& label, std::span<const std::uint32_t> values) {
        return label + std::string(margin - label.size(), ' ') +
               heat_strip(values, cells, now.most(), shown_on) + '\n';
    };
    const auto title = [&](const std::string& words) {
        return shown_on.has_colours ? "\033[1m" + words + "\033[0m\n" : words + '\n';
    };

    std::string text =
        title(counted(now.runs(), "run") + " in the week from " +
              format_local(now.begins_at()).substr(0, 10) + ", in " + std::string(where.name()) +
              "; at most " + grouped(now.most()) + " start in one minute");
    for (std::size_t day = 0; day < 7; ++day) text += row(days_of_a_week[day], now.day(day));
    text += row("day", now.busiest_day()) + indent + axis_of_a_day(cells) + '\n';

    const std::vector<std::size_t> top = busiest(now);
    if (!top.empty()) text += '\n' + title("The busiest minutes");
    for (const std::size_t m : top) {
        text += "  " + minute_of(now, m) + "  " + counted(now.minutes()[m], "run") + ": " +
                some_of(now.names_at(m)) + '\n';
    }
    if (then.most() < now.most()) {
        text += '\n' +
                title("With H for the minute of each pattern, and jitter for intervals, at most " +
                      grouped(then.most()) + " start in one minute");
        text += row("day", then.busiest_day()) + indent + axis_of_a_day(cells) + '\n';
    }
    return text;
}

std::string as_json(const week& now, const week& then, const zone& where) {
    using json = nlohmann::ordered_json;
    const auto to_json = [](const week& w) -> json {
        return {{"runs", w.runs()},
                {"most", w.most()},
                {"day", w.busiest_day()},
                {"week", w.minutes()}};
    };
    json all = {{"zone", where.name()}, {"from", format_local(now.begins_at()).substr(0, 10)}};
    all.update(to_json(now));
    all["busiest"] = json::array();
    for (const std::size_t m : busiest(now)) {
        all["busiest"].push_back({{"minute", minute_of(now, m)},
                                  {"runs", now.minutes()[m]},
                                  {"schedules", now.names_at(m)}});
    }
    all["spread"] = to_json(then);
    return all.dump() + '\n';
}

} // namespace

int pressure(const pressure_arguments& given, wall_time now, output& out) {
    const schedule_file file = read_schedule_file(given.file);
    zone where = file.where;
    wall_time from;
    mistakes found;
    found.in([&] {
        if (!given.zone.empty()) where = read_zone(given.zone);
    });
    found.in([&] { from = read_instant_option("--from", given.from, where, now); });
    found.finish();
    const std::vector<planned_schedule> apart = spread(file);
    const week as_is(file.schedules, where, from);
    const week as_could_be(apart, where, from);
    out.write(given.wants_json ? as_json(as_is, as_could_be, where)
                               : as_text(as_is, as_could_be, where, terminal::standard_output()));
    return 0;
}

} // namespace cicada::app
