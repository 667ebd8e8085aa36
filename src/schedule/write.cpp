#include "schedule/write.hpp"

namespace cicada::detail {

namespace {

constexpr std::size_t length_of_date = std::string_view("2026-01-31").size();

/// 2026-01-31T09:00:00, with as many digits of a second as it needs.
std::string without_offset(duration since_epoch) {
    std::string text = format_instant(wall_time(since_epoch));
    text.pop_back(); // the Z
    return text;
}

} // namespace

std::string quoted(std::string_view text) {
    std::string result(1, '"');
    return result.append(text).append(1, '"');
}

std::string quoted(wall_time instant) { return quoted(format_instant(instant)); }

std::string quoted(local_time local) { return quoted(without_offset(local.time_since_epoch())); }

std::string quoted(std::chrono::year_month_day date) {
    const duration midnight = std::chrono::sys_days(date).time_since_epoch();
    return quoted(without_offset(midnight).substr(0, length_of_date));
}

std::string quoted(time_of_day time) {
    std::string text = without_offset(time.since_midnight).substr(length_of_date + 1);
    if (time.since_midnight % std::chrono::minutes(1) == duration::zero()) text.resize(5);
    return quoted(text);
}

std::string zone_argument(const zone& where) {
    return where == zone() ? std::string() : ", " + quoted(where.name());
}

} // namespace cicada::detail
