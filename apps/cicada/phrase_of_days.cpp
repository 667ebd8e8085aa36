#include <algorithm>

#include "phrases.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

using values = std::vector<int>;

constexpr const char* month_names[] = {"",        "January",  "February", "March",  "April",
                                       "May",     "June",     "July",     "August", "September",
                                       "October", "November", "December"};
constexpr const char* weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

constexpr std::uint16_t all_months = 0x1ffe;

bool is_one_stretch(const values& all) { return all.size() > 2 && are_consecutive(all); }

std::string names_of_months(const cron_fields& f) {
    const values months = members(f.months);
    if (is_one_stretch(months)) {
        return std::string(month_names[months.front()]) + " to " + month_names[months.back()];
    }
    std::vector<std::string> items;
    for (const int m : months) items.emplace_back(month_names[m]);
    return listed(items);
}

/// " of every month", " of March and June", " of every month from June to August"
std::string of_months(const cron_fields& f) {
    if (f.months == all_months) return " of every month";
    const bool is_range = is_one_stretch(members(f.months));
    return (is_range ? " of every month from " : " of ") + names_of_months(f);
}

/// For what is no part of a month: " in March and June".
std::string in_months(const cron_fields& f) {
    if (f.months == all_months) return {};
    const bool is_range = is_one_stretch(members(f.months));
    return (is_range ? " in the months from " : " in ") + names_of_months(f);
}

std::string before_the_last(int n) {
    if (n == 0) return "the last day";
    return "the " + ordinal(n) + " day before the last";
}

/// "on the 15th and the last day", without the months.
std::string days_of_month(const cron_fields& f) {
    const values days = members(f.days);
    const bool is_plain = f.days_from_end == 0 && f.nearest == 0;
    if (is_plain && days.size() == 31) return "on every day";
    if (is_plain && is_one_stretch(days)) {
        return "from the " + ordinal(days.front()) + " to the " + ordinal(days.back());
    }
    if (const auto p = as_progression(days); is_plain && p) {
        return "on every " + ordinal(p->step) + " day from the " + ordinal(p->first) + " to the " +
               ordinal(p->last);
    }
    std::vector<std::string> items;
    for (const int day : days) items.push_back("the " + ordinal(day));
    if (f.nearest >= 32) {
        items.push_back(f.nearest == 32
                            ? "the last weekday (Monday to Friday)"
                            : "the weekday nearest to " + before_the_last(f.nearest - 32));
    } else if (f.nearest > 0) {
        items.push_back("the weekday nearest to the " + ordinal(f.nearest));
    }
    values from_end = members(f.days_from_end);
    std::reverse(from_end.begin(), from_end.end());
    for (const int n : from_end) items.push_back(before_the_last(n));
    return "on " + listed(items);
}

/// "from Monday to Friday", "on Mondays and the last Friday of every month"; `months` is for what
/// is counted within them.
std::string weekdays(const cron_fields& f, const std::string& months) {
    constexpr const char* ordinals[] = {"first", "second", "third", "fourth", "fifth", "last"};
    values days = members(f.weekdays);
    if (days.size() == 7) return "on every day of the week";
    for (int& day : days) day = day == 0 ? 7 : day; // as weeks begin with Monday
    std::sort(days.begin(), days.end());
    if (f.nth_weekdays == 0 && is_one_stretch(days)) {
        return std::string("from ") + weekday_names[days.front()] + " to " +
               weekday_names[days.back() % 7];
    }
    std::vector<std::string> items;
    for (const int day : days) items.push_back(std::string(weekday_names[day % 7]) + 's');
    const values nth = members(f.nth_weekdays);
    for (const int rule : nth) {
        items.push_back(std::string("the ") + ordinals[rule % 6] + ' ' + weekday_names[rule / 6]);
    }
    return "on " + listed(items) + (nth.empty() ? "" : months);
}

std::string years(const cron_fields& f) {
    values all;
    for (int y = cron_fields::first_year; y <= cron_fields::last_year; ++y) {
        if (f.has_year(y)) all.push_back(y);
    }
    constexpr std::size_t most_listed = 6;
    if (all.size() == cron_fields::last_year - cron_fields::first_year + 1) return {};
    if (is_one_stretch(all)) {
        return " from " + std::to_string(all.front()) + " to " + std::to_string(all.back());
    }
    if (const auto p = as_progression(all)) {
        return " in every " + ordinal(p->step) + " year from " + std::to_string(p->first) + " to " +
               std::to_string(p->last);
    }
    std::vector<std::string> items;
    for (const int y : all) {
        if (items.size() == most_listed) break;
        items.push_back(std::to_string(y));
    }
    if (all.size() > most_listed) {
        items.push_back(std::to_string(all.size() - most_listed) + " further years");
    }
    return " in " + listed(items);
}

} // namespace

std::string phrase_of_days(const cron_fields& f) {
    std::string text;
    if (f.any_day && f.any_weekday) {
        text = in_months(f);
    } else if (f.any_weekday) {
        text = ' ' + days_of_month(f) + of_months(f);
    } else if (f.any_day) {
        const std::string plain = f.nth_weekdays == 0 ? in_months(f) : "";
        text = ' ' + weekdays(f, of_months(f)) + plain;
    } else if (f.both_days) {
        text = ' ' + days_of_month(f) + of_months(f) + ", but only " + weekdays(f, of_months(f));
    } else {
        const std::string plain = f.nth_weekdays == 0 ? in_months(f) : "";
        text = ' ' + days_of_month(f) + of_months(f) + " or " + weekdays(f, of_months(f)) + plain;
    }
    return text + years(f);
}

} // namespace cicada::app
