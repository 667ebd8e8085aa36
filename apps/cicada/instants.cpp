#include "instants.hpp"

#include <cstdio>
#include <cstdlib>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/or_text.hpp>

namespace cicada::app {

namespace {

using namespace std::chrono;

constexpr std::size_t length_of_date = 10;
constexpr std::size_t length_to_minutes = 16;
constexpr std::size_t length_to_seconds = 19;

/// 2026-03-29T02:30:00, with as many digits of a second as it needs.
std::string without_offset(local_time local) {
    std::string text = format_instant(wall_time(local.time_since_epoch()));
    text.pop_back();
    return text;
}

} // namespace

std::string format_instant_in(const zone& where, wall_time instant) {
    const seconds offset = where.at(instant).offset;
    if (where == zone() || offset % minutes(1) != seconds(0)) return format_instant(instant);
    return without_offset(where.to_local(instant)) + format_offset(offset);
}

std::string format_offset(seconds offset) {
    const hh_mm_ss size(abs(offset));
    char text[32];
    const int length = std::snprintf(
        text, sizeof text, "%c%02d:%02d", offset < seconds(0) ? '-' : '+',
        static_cast<int>(size.hours().count()), static_cast<int>(size.minutes().count()));
    std::string result(text, static_cast<std::size_t>(length));
    if (size.seconds() != seconds(0)) {
        std::snprintf(text, sizeof text, ":%02d", static_cast<int>(size.seconds().count()));
        result += text;
    }
    return result;
}

std::string format_local(local_time local) {
    std::string text = without_offset(local);
    text[length_of_date] = ' ';
    if (local == floor<minutes>(local)) text.resize(length_to_minutes);
    return text;
}

std::string format_time(local_time local) { return format_local(local).substr(length_of_date + 1); }

std::string_view weekday_of(local_time local) {
    constexpr std::string_view names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    return names[weekday(floor<days>(local)).c_encoding()];
}

std::string format_span(duration d) {
    struct unit {
        const char* name;
        duration length;
    };
    constexpr unit units[] = {
        {"d", days(1)},          {"h", hours(1)},         {"min", minutes(1)},   {"s", seconds(1)},
        {"ms", milliseconds(1)}, {"us", microseconds(1)}, {"ns", nanoseconds(1)}};
    if (d >= years(2)) return "about " + std::to_string(round<years>(d).count()) + " years";
    for (std::size_t i = 0; i < std::size(units); ++i) {
        if (d < units[i].length) continue;
        std::string text = std::to_string(d / units[i].length) + ' ' + units[i].name;
        const bool is_coarse = units[i].length > seconds(1);
        if (const auto rest = is_coarse ? d % units[i].length / units[i + 1].length : 0; rest > 0) {
            text.append(1, ' ')
                .append(std::to_string(rest))
                .append(1, ' ')
                .append(units[i + 1].name);
        }
        return text;
    }
    return "0 s";
}

wall_time read_instant(std::string_view text, const zone& where, wall_time now) {
    if (text == "now") return now;
    if (text.size() <= length_of_date) {
        const or_text<year_month_day> date(text);
        return *where.to_instant(local_time(local_days(date.value())));
    }
    const bool has_offset = text.find_first_of("Zz+-", length_of_date) != text.npos;
    if (has_offset || (text.size() != length_to_minutes && text.size() < length_to_seconds)) {
        return parse_instant(text);
    }
    const std::string whole = std::string(text) + (text.size() == length_to_minutes ? ":00" : "");
    return *where.to_instant(or_text<local_time>(whole).value());
}

} // namespace cicada::app
