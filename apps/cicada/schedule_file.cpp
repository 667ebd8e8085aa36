#include "schedule_file.hpp"

#include <algorithm>

#include <cicada/schedule/duration_text.hpp>

#include "instants.hpp"
#include "toml_file.hpp"

namespace cicada::app {

namespace {

const std::vector<std::string> ways_to_say_when = {"cron", "every", "fixed_delay", "when"};
const std::vector<std::string> schedule_keys = {
    "cron",   "every",    "fixed_delay",     "when",           "timezone", "gap",    "dialect",
    "missed", "catch_up", "catch_up_window", "start_deadline", "overlap",  "jitter", "takes"};

zone zone_named(std::string_view name) { return zone(name); }

class schedule_reader {
public:
    schedule_reader(toml_file& file, const toml::table& table, std::string name, const zone& where)
        : section_(file, table, "[schedule." + name + "]", schedule_keys), name_(std::move(name)),
          where_(section_.read("timezone", zone_named).value_or(where)) {}

    /// Adds it to `file`, unless something about it was refused.
    void read_into(schedule_file& file) {
        refuse_what_has_no_effect();
        std::optional<cron> pattern;
        const std::optional<recurrence> when = read_when(pattern);
        const planned_schedule fallback{.name = name_, .when = interval(std::chrono::hours(1))};
        planned_schedule s = fallback;
        s.missed = section_.choose<missed>("missed").value_or(s.missed);
        s.catch_up = section_.choose<catch_up>("catch_up").value_or(s.catch_up);
        s.catch_up_window = section_.read_duration("catch_up_window").value_or(s.catch_up_window);
        s.start_deadline = section_.read_duration("start_deadline").value_or(s.start_deadline);
        s.overlap = section_.choose<overlap>("overlap").value_or(s.overlap);
        s.jitter = section_.read_duration("jitter").value_or(s.jitter);
        s.takes = section_.read_duration("takes").value_or(s.takes);
        if (s.jitter > s.start_deadline)
            section_.refuse_key("start_deadline",
                                "it is shorter than \"jitter\", which would delay runs beyond it");
        if (!when) return;
        s.when = *when;
        file.schedules.push_back(std::move(s));
        file.patterns.push_back(pattern);
    }

private:
    std::optional<recurrence> read_when(std::optional<cron>& pattern) {
        const auto said = std::count_if(ways_to_say_when.begin(), ways_to_say_when.end(),
                                        [&](const std::string& key) { return section_.has(key); });
        if (said != 1) {
            section_.refuse(said == 0 ? "nothing says when \"" + name_ + "\" runs"
                                      : "more than one key says when \"" + name_ + "\" runs",
                            "give one of cron, every, fixed_delay and when");
            return std::nullopt;
        }
        cron_options how{.name = name_};
        how.gap = section_.choose<gap>("gap").value_or(how.gap);
        how.dialect = section_.choose<dialect>("dialect").value_or(how.dialect);
        pattern =
            section_.read("cron", [&](std::string_view text) { return cron(text, where_, how); });
        if (pattern && !pattern->next(wall_time::min())) {
            section_.refuse_key("cron", pattern->is_reboot()
                                            ? "@reboot is an event: it has no instants"
                                            : "this pattern never comes");
            return std::nullopt;
        }
        if (pattern) return *pattern;
        const auto of_kind = [](interval::kind kind) {
            return [kind](std::string_view text) {
                const duration period = parse_duration(text);
                if (period == duration::zero())
                    throw bad_input({.what = "a period must be greater than zero"});
                if (period < std::chrono::milliseconds(1))
                    throw bad_input({.what = "a file's schedules are at least 1 ms apart"});
                return interval(period, kind);
            };
        };
        if (const auto i = section_.read("every", of_kind(interval::kind::fixed_rate))) return *i;
        if (const auto i = section_.read("fixed_delay", of_kind(interval::kind::fixed_delay)))
            return *i;
        if (auto s = section_.read("when", schedule::parse)) return std::move(*s);
        return std::nullopt;
    }

    /// A key without an effect says that its author expected one.
    void refuse_what_has_no_effect() {
        const bool is_pattern = section_.has("cron");
        const bool is_interval = section_.has("every") || section_.has("fixed_delay");
        const auto refuse = [&](const char* key, const char* why) {
            if (section_.has(key)) section_.refuse_key(key, std::string("\"") + key + "\" " + why);
        };
        if (!is_interval) {
            refuse("missed", "is for every and fixed_delay; here it is \"catch_up\"");
        } else {
            refuse("catch_up", "is for calendars; here it is \"missed\"");
            refuse("catch_up_window", "is for calendars");
        }
        if (is_pattern) return;
        refuse("timezone", "is for cron");
        refuse("gap", "is for cron");
        refuse("dialect", "is for cron");
    }

    toml_section section_;
    std::string name_;
    zone where_;
};

/// In the order of the file; a toml::table is in that of the alphabet.
std::vector<std::pair<toml::key, const toml::node*>> in_order(const toml::table& table) {
    std::vector<std::pair<toml::key, const toml::node*>> all;
    for (const auto& [key, value] : table) all.emplace_back(key, &value);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.first.source().begin < b.first.source().begin;
    });
    return all;
}

void read_outage(toml_file& in, const toml::table& table, schedule_file& out) {
    toml_section section(in, table, "[[outage]]", {"from", "until"});
    const auto instant = [&](std::string_view text) {
        return read_instant(text, out.where, wall_time());
    };
    const auto from = section.read("from", instant);
    const auto until = section.read("until", instant);
    if (!section.has("from") || !section.has("until"))
        section.refuse("an outage needs \"from\" and \"until\"");
    if (!from || !until) return;
    if (*until < *from) section.refuse_key("until", "the outage ends before it begins");
    if (!out.outages.empty() && *from <= out.outages.back().until) {
        section.refuse_key("from", "outages are given in order, and apart from each other");
    }
    out.outages.push_back({*from, *until});
}

} // namespace

schedule_file read_schedule_file(const std::string& path) {
    toml_file in(path);
    schedule_file out;
    toml_section top(in, in.root(), "the file", {"timezone", "schedule", "outage"});
    out.where = top.read("timezone", zone_named).value_or(zone());

    const toml::node* schedules = in.root().get("schedule");
    if (schedules == nullptr || !schedules->is_table() || schedules->as_table()->empty()) {
        in.refuse(schedules ? schedules->source() : toml::source_region{{1, 1}, {1, 1}, nullptr},
                  "there are no schedules", "give each one a table: [schedule.backup]");
        in.finish();
    }
    for (const auto& [key, value] : in_order(*schedules->as_table())) {
        if (const toml::table* one = value->as_table()) {
            schedule_reader(in, *one, std::string(key.str()), out.where).read_into(out);
        } else {
            in.refuse(key.source(), "expected a table: [schedule." + std::string(key.str()) + "]");
        }
    }
    if (const toml::node* outages = in.root().get("outage")) {
        const toml::array* all = outages->as_array();
        if (all == nullptr) in.refuse(outages->source(), "expected tables: [[outage]]");
        for (std::size_t i = 0; all && i < all->size(); ++i) {
            if (const toml::table* one = (*all)[i].as_table()) {
                read_outage(in, *one, out);
            } else {
                in.refuse((*all)[i].source(), "expected a table: [[outage]]");
            }
        }
    }
    in.finish();
    return out;
}

} // namespace cicada::app
