#include "next.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "instants.hpp"

namespace cicada::app {

namespace {

std::string none_after(const asked_pattern& asked) {
    if (asked.rule.is_reboot()) {
        return "@reboot is an event, not a time: it has no instants";
    }
    const std::string pattern = '"' + asked.rule.pattern() + '"';
    const auto last = asked.rule.previous(asked.after);
    if (!last) return pattern + " never comes";
    return pattern + " does not come again: the last time was " +
           format_instant_in(asked.rule.where(), *last);
}

nlohmann::ordered_json to_json(const zone& where, wall_time instant) {
    return {{"at", format_instant_in(where, instant)},
            {"utc", format_instant(instant)},
            {"unix", std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count()}};
}

} // namespace

int next(const next_arguments& given, wall_time now, output& out) {
    const asked_pattern asked = read(given, now);
    const zone shown_in = given.in_utc ? zone() : asked.rule.where();
    nlohmann::ordered_json instants = nlohmann::ordered_json::array();
    std::size_t found = 0;
    for (auto t = asked.rule.next(asked.after); t; t = asked.rule.next(*t)) {
        ++found;
        if (given.wants_json) {
            instants.push_back(to_json(shown_in, *t));
        } else {
            out.write(format_instant_in(shown_in, *t) + '\n');
        }
        if (found == given.count) break;
    }
    if (given.wants_json) {
        const nlohmann::ordered_json all = {{"pattern", asked.rule.pattern()},
                                            {"zone", asked.rule.where().name()},
                                            {"after", format_instant_in(shown_in, asked.after)},
                                            {"instants", instants}};
        out.write(all.dump(2) + '\n');
    }
    if (found > 0) return 0;
    out.flush();
    std::fprintf(stderr, "cicada: %s\n", none_after(asked).c_str());
    return 1;
}

} // namespace cicada::app
