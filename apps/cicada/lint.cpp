#include "lint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "instants.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

using namespace std::chrono;

constexpr std::uint64_t all_of_sixty = (std::uint64_t{1} << 60) - 1;
constexpr std::uint32_t all_hours = (1u << 24) - 1;

struct subject {
    const cron& rule;
    const cron_fields& fields;
    std::vector<std::string> words; // of the pattern
    wall_time now;

    /// The place of the hour among the words; 0 for a nickname.
    std::size_t hour_at() const { return words.size() < 5 ? 0 : words.size() == 5 ? 1 : 2; }
    /// The pattern with another word, in the quotes that a shell needs; empty for a nickname.
    std::string with(std::size_t at, const std::string& word) const {
        if (words.size() < 5) return {};
        std::vector<std::string> changed = words;
        changed[at] = word;
        return '\'' + joined_fields(changed) + '\'';
    }
};

using finding = std::optional<std::string>;

finding never_comes(const subject& s) {
    if (s.rule.is_reboot() || s.rule.next(s.now)) return std::nullopt;
    if (const auto last = s.rule.previous(s.now)) {
        return "it does not come again: the last time was " +
               format_instant_in(s.rule.where(), *last);
    }
    return "it never comes: no date of the years that it names is as it says";
}

finding only_in_leap_years(const subject& s) {
    const auto first = s.rule.next(sys_days(year(cron_fields::first_year) / January / 1));
    auto t = first;
    for (int i = 0; i < 3; ++i) {
        if (!t) return std::nullopt;
        const auto local = floor<days>(s.rule.where().to_local(*t));
        const year_month_day date(local);
        if (date.month() != February || date.day() != day(29)) return std::nullopt;
        t = s.rule.next(*s.rule.where().to_instant(local_time(local + days(1))));
    }
    return "it comes only in leap years";
}

finding either_day(const subject& s) {
    const cron_fields& f = s.fields;
    if (f.any_day || f.any_weekday || f.both_days || s.words.size() < 5) return std::nullopt;
    const std::size_t at = s.hour_at() + 3;
    return "both day fields are set: a day that satisfies either one runs; for days that satisfy "
           "both write " +
           s.with(at, '+' + s.words[at]);
}

finding both_days_meet(const subject& s) {
    const bool has_plus = s.words.size() >= 5 && s.words[s.hour_at() + 3].starts_with('+');
    if (!has_plus || s.fields.both_days) return std::nullopt;
    return "the '+' does nothing: it asks for days that satisfy both day fields, and one of them "
           "is *";
}

finding every_second(const subject& s) {
    const cron_fields& f = s.fields;
    if (f.seconds != all_of_sixty) return std::nullopt;
    const std::string rewrite = s.with(0, "0");
    const std::string once = rewrite.empty() ? "" : "; for once a minute write " + rewrite;
    const bool is_always = f.minutes == all_of_sixty && f.hours == all_hours;
    return (is_always ? "it comes every second, 86,400 times a day"
                      : "it comes 60 times in each of its minutes") +
           once;
}

finding every_minute_of_one_hour(const subject& s) {
    const cron_fields& f = s.fields;
    const std::size_t hours = members(f.hours).size();
    if (f.seconds != 1 || f.minutes != all_of_sixty || hours > 2) return std::nullopt;
    return "it comes 60 times in each of its hours; for once write " + s.with(s.hour_at() - 1, "0");
}

finding short_months(const subject& s) {
    const cron_fields& f = s.fields;
    const std::vector<int> days = members(f.days);
    if (f.any_day || days.empty() || days.front() < 29 || f.days_from_end != 0 || f.nearest != 0)
        return std::nullopt;
    if (!f.any_weekday && !f.both_days) return std::nullopt;
    constexpr int lengths[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const auto is_short = [&](int month) { return lengths[month] < days.front(); };
    const std::vector<int> months = members(f.months);
    const auto skipped = std::count_if(months.begin(), months.end(), is_short);
    const bool some_februaries =
        (f.months >> 2 & 1) != 0 && days.front() == 29 && months.size() > 1;
    if (skipped == 0 && !some_februaries) return std::nullopt;
    if (static_cast<std::size_t>(skipped) == months.size()) return std::nullopt; // it never comes
    return "months without a " + ordinal(days.front()) + " are left out" +
           (some_februaries && skipped == 0 ? ": February, but in leap years" : "") +
           "; for the last day of every month write " + s.with(s.hour_at() + 1, "L");
}

/// `*/7`: what is left over at the end of the field.
finding uneven(std::uint64_t set, int size, const char* unit, const char* of) {
    const auto p = as_progression(members(set));
    if (!p || p->first != 0 || p->step == 1 || p->last + p->step < size) return std::nullopt;
    const int rest = size - p->last;
    if (rest == p->step) return std::nullopt;
    const auto steps = static_cast<std::uint64_t>(p->step);
    return "the steps do not divide the " + std::string(of) + ": after " + unit + ' ' +
           std::to_string(p->last) + " it comes again after " +
           counted(static_cast<std::uint64_t>(rest), unit) + ", not " + grouped(steps);
}
finding uneven_seconds(const subject& s) {
    return uneven(s.fields.seconds, 60, "second", "minute");
}
finding uneven_minutes(const subject& s) { return uneven(s.fields.minutes, 60, "minute", "hour"); }
finding uneven_hours(const subject& s) { return uneven(s.fields.hours, 24, "hour", "day"); }

std::optional<int> number(std::string_view text) {
    int n = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, n);
    return error == std::errc() && stop == end ? std::optional(n) : std::nullopt;
}

/// The first step of a field that is longer than what it steps over.
std::optional<std::string> long_step(std::string_view field, int size) {
    for (std::size_t at = 0; at < field.size();) {
        const std::string_view entry = field.substr(at, field.find(',', at) - at);
        at += entry.size() + 1;
        const std::size_t slash = std::min(entry.find('/'), entry.size());
        const std::size_t dash = std::min(entry.find('-'), slash);
        const auto step = number(entry.substr(std::min(slash + 1, entry.size())));
        const auto first = number(entry.substr(0, dash));
        const auto last = number(entry.substr(std::min(dash + 1, slash), slash - dash - 1));
        const int length = entry.starts_with('*') ? size - 1 : first && last ? *last - *first : 0;
        if (step && length > 0 && *step > length) return std::string(entry);
    }
    return std::nullopt;
}

finding leads_out(const subject& s) {
    struct field {
        int size;
        const char* once;
        const char* unit; // of a duration
    };
    constexpr field fields[] = {{60, "a minute", "s"},
                                {60, "an hour", "m"},
                                {24, "a day", "h"},
                                {31, "a month", "d"},
                                {12, "a year", ""}};
    const std::size_t hour_at = s.hour_at();
    for (std::size_t i = 0; hour_at > 0 && i < hour_at + 3; ++i) {
        const field& f = fields[i + 2 - hour_at];
        const auto entry = long_step(s.words[i], f.size);
        if (!entry) continue;
        std::string text =
            "the step of " + *entry + " leads out of its field: that is once " + f.once;
        if (*f.unit != '\0')
            text += "; a period is no pattern, but every = \"" +
                    entry->substr(entry->find('/') + 1) + f.unit + "\" in a file";
        return text;
    }
    return std::nullopt;
}

finding uneven_days(const subject& s) {
    const auto p = as_progression(members(s.fields.days));
    if (s.fields.any_day || !p || p->first != 1 || p->step == 1 || p->last + p->step <= 31)
        return std::nullopt;
    return "the steps begin anew with each month: after the " + ordinal(p->last) + " comes the 1st";
}

finding joins_the_herd(const subject& s) {
    const cron_fields& f = s.fields;
    const bool is_on_the_hour =
        f.seconds == 1 && f.minutes == 1 && (f.hours == 1 || f.hours == all_hours);
    const bool is_ocps = s.rule.written_in() == dialect::ocps;
    if (!is_on_the_hour || !is_ocps || s.words.size() != 5 || s.words[0] != "0")
        return std::nullopt;
    return "many others run then, too: " + s.with(0, "H") +
           " has its own minute, by a hash of the schedule's name";
}

} // namespace

std::vector<remark> lint(const cron& rule, std::string_view pattern, wall_time now) {
    using level = remark::level;
    struct check {
        level how_bad;
        finding (*find)(const subject&);
    };
    constexpr check checks[] = {
        {level::warning, only_in_leap_years},
        {level::warning, either_day},
        {level::warning, both_days_meet},
        {level::warning, every_second},
        {level::warning, every_minute_of_one_hour},
        {level::warning, short_months},
        {level::warning, leads_out},
        {level::warning, uneven_seconds},
        {level::warning, uneven_minutes},
        {level::warning, uneven_hours},
        {level::hint, uneven_days},
        {level::hint, joins_the_herd},
    };
    std::vector<remark> remarks;
    if (rule.is_reboot()) return remarks;
    const subject s{rule, rule.fields(), fields_of(pattern), now};
    if (auto text = never_comes(s)) return {{level::warning, std::move(*text)}}; // that is all
    for (const check& one : checks) {
        if (auto text = one.find(s)) remarks.push_back({one.how_bad, std::move(*text)});
    }
    return remarks;
}

} // namespace cicada::app
