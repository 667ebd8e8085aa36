#include <cstdio>

#include "phrases.hpp"
#include "words.hpp"

namespace cicada::app {

namespace {

using values = std::vector<int>;

constexpr std::size_t most_listed = 6;

std::string clock(int hour, int minute) {
    char text[32];
    std::snprintf(text, sizeof text, "%02d:%02d", hour, minute);
    return text;
}

std::string clock(int hour, int minute, int second) {
    char text[16];
    std::snprintf(text, sizeof text, ":%02d", second);
    return clock(hour, minute) + text;
}

std::string numbers(const values& all) {
    std::vector<std::string> items;
    for (const int v : all) items.push_back(std::to_string(v));
    return listed(items);
}

/// `*/n` that comes out even in a field of `size` values; 0: it is something else.
int even_step(const values& all, int size) {
    const int count = static_cast<int>(all.size());
    if (count < 2 || size % count != 0) return 0;
    const int step = size / count;
    for (int i = 0; i < count; ++i) {
        if (all[static_cast<std::size_t>(i)] != i * step) return 0;
    }
    return step;
}

std::string every(int step, const std::string& unit) {
    return step == 1 ? "Every " + unit : "Every " + std::to_string(step) + ' ' + unit + 's';
}

/// " of the minutes 5 and 10"
std::string of_the(const values& all, const std::string& unit, int size) {
    const int step = even_step(all, size);
    if (step == 1) return " of every " + unit;
    if (step > 1) return " of every " + ordinal(step) + ' ' + unit;
    if (all.size() == 1) return " of " + unit + ' ' + std::to_string(all.front());
    if (all.size() > 2 && are_consecutive(all)) {
        return " of the " + unit + "s " + std::to_string(all.front()) + " to " +
               std::to_string(all.back());
    }
    return " of the " + unit + "s " + numbers(all);
}

/// For something that goes on through each of these hours: " from 09:00 to 17:45".
std::string through(const values& hours, const std::string& first, const std::string& last) {
    if (hours.size() == 24) return {};
    if (are_consecutive(hours)) return " from " + first + " to " + last;
    const int step = even_step(hours, 24);
    if (step > 1) return " in every " + ordinal(step) + " hour";
    return " in the hours " + numbers(hours);
}

struct times {
    values seconds;
    values minutes;
    values hours;

    std::size_t count() const { return seconds.size() * minutes.size() * hours.size(); }
    bool has_seconds() const { return seconds != values{0}; }
};

std::string list_of(const times& t) {
    std::vector<std::string> items;
    for (const int h : t.hours) {
        for (const int m : t.minutes) {
            for (const int s : t.seconds)
                items.push_back(t.has_seconds() ? clock(h, m, s) : clock(h, m));
        }
    }
    return listed(items);
}

/// One minute of many hours.
std::string once_an_hour(int minute, const values& hours) {
    const int step = even_step(hours, 24);
    if (step == 1 && minute > 0) return "At minute " + std::to_string(minute) + " of every hour";
    if (step > 0 && minute == 0) return every(step, "hour");
    if (const auto p = as_progression(hours)) {
        return every(p->step, "hour") + " from " + clock(p->first, minute) + " to " +
               clock(p->last, minute);
    }
    return "At minute " + std::to_string(minute) + of_the(hours, "hour", 24);
}

std::string without_seconds(const values& minutes, const values& hours) {
    const std::string first = clock(hours.front(), minutes.front());
    const std::string last = clock(hours.back(), minutes.back());
    if (const int step = even_step(minutes, 60)) {
        return every(step, "minute") + through(hours, first, last);
    }
    if (minutes.size() == 1) return once_an_hour(minutes.front(), hours);
    if (const auto p = as_progression(minutes)) {
        if (hours.size() == 1) return every(p->step, "minute") + " from " + first + " to " + last;
        return every(p->step, "minute") + " from minute " + std::to_string(p->first) + " to " +
               std::to_string(p->last) + of_the(hours, "hour", 24);
    }
    return "At the minutes " + numbers(minutes) + of_the(hours, "hour", 24);
}

std::string of_minutes(const values& minutes, const values& hours) {
    if (even_step(minutes, 60) > 0) {
        return of_the(minutes, "minute", 60) + through(hours, clock(hours.front(), minutes.front()),
                                                       clock(hours.back(), minutes.back()));
    }
    if (minutes.size() * hours.size() <= most_listed) {
        const bool is_one = minutes.size() * hours.size() == 1;
        return (is_one ? " of the minute " : " of the minutes ") + list_of({{0}, minutes, hours});
    }
    return of_the(minutes, "minute", 60) + of_the(hours, "hour", 24);
}

std::string with_seconds(const times& t) {
    if (const int step = even_step(t.seconds, 60)) {
        if (t.minutes.size() < 60) return every(step, "second") + of_minutes(t.minutes, t.hours);
        return every(step, "second") + through(t.hours, clock(t.hours.front(), 0, 0),
                                               clock(t.hours.back(), 59, t.seconds.back()));
    }
    const bool is_one = t.seconds.size() == 1;
    return (is_one ? "At second " : "At the seconds ") + numbers(t.seconds) +
           of_minutes(t.minutes, t.hours);
}

} // namespace

time_phrase phrase_of_times(const cron_fields& f) {
    const times t{members(f.seconds), members(f.minutes), members(f.hours)};
    if (t.count() == 1 || (!f.is_repeating && t.count() <= most_listed))
        return {"At " + list_of(t), true};
    return {t.has_seconds() ? with_seconds(t) : without_seconds(t.minutes, t.hours)};
}

} // namespace cicada::app
