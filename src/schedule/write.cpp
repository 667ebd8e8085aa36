#include <schedule/write.hpp>

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

std::string in_quotes(std::string_view text) {
    std::string result(1, '"');
    return result.append(text).append(1, '"');
}

std::string in_quotes(wall_time instant) { return in_quotes(format_instant(instant)); }

std::string in_quotes(local_time local) {
    return in_quotes(without_offset(local.time_since_epoch()));
}

std::string in_quotes(std::chrono::year_month_day date) {
    const duration midnight = std::chrono::sys_days(date).time_since_epoch();
    return in_quotes(without_offset(midnight).substr(0, length_of_date));
}

std::string in_quotes(time_of_day time) {
    std::string text = without_offset(time.since_midnight).substr(length_of_date + 1);
    if (time.since_midnight % std::chrono::minutes(1) == duration::zero()) text.resize(5);
    return in_quotes(text);
}

std::string zone_argument(const zone& where) {
    return where == zone() ? std::string() : ", " + in_quotes(where.name());
}

} // namespace cicada::detail
