#include <cicada/schedule/filter.hpp>

#include <algorithm>

#include <schedule/local_at.hpp>
#include <schedule/refused_rule.hpp>
#include <schedule/write.hpp>

namespace cicada {

namespace {

using namespace std::chrono;

constexpr const char* weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};

} // namespace

time_filter::stretch time_filter::at(wall_time instant) const noexcept {
    // While the offset stays as it is local time advances as time does, and the rest is
    // subtraction.
    const zone::stretch around = zone_.at(instant);
    const local_time local = detail::local_at(zone_, instant);
    constexpr duration day = hours(24);
    const duration since_midnight = (local.time_since_epoch() % day + day) % day;

    duration begin = duration::zero();
    duration end = day;
    bool does_hold = false;
    if (kind_ == kind::daily) {
        const auto [first, second] = std::minmax(begin_, end_);
        if (since_midnight < first) {
            end = first;
        } else if (since_midnight < second) {
            begin = first;
            end = second;
        } else {
            begin = second;
        }
        const bool is_between = begin == first && end == second;
        does_hold = is_between == (begin_ < end_);
    } else {
        does_hold = holds_on(floor<days>(local));
    }
    return {std::max(around.from, later(instant, begin - since_midnight)),
            std::min(around.until, later(instant, end - since_midnight)), does_hold};
}

bool time_filter::holds_on(local_days day) const noexcept {
    if (kind_ == kind::weekdays) return (weekdays_ >> weekday(day).c_encoding() & 1) != 0;
    return std::binary_search(dates_.begin(), dates_.end(), day);
}

std::string time_filter::text() const {
    std::string list;
    const auto append = [&](const std::string& item) {
        list.append(list.empty() ? "" : ", ").append(item);
    };
    switch (kind_) {
    case kind::dates:
        for (const local_days day : dates_) append(detail::in_quotes(year_month_day(day)));
        return "on_dates({" + list + '}' + detail::zone_argument(zone_) + ')';
    case kind::weekdays:
        for (const unsigned day : {1u, 2u, 3u, 4u, 5u, 6u, 0u}) { // as in ISO 8601
            if ((weekdays_ >> day & 1) != 0) append(weekday_names[day]);
        }
        return "on_weekdays({" + list + '}' + detail::zone_argument(zone_) + ')';
    case kind::daily:
        append(detail::in_quotes(time_of_day(begin_)));
        append(detail::in_quotes(time_of_day(end_)));
        return "daily_between(" + list + detail::zone_argument(zone_) + ')';
    }
    return {};
}

time_filter on_dates(const std::vector<or_text<year_month_day>>& dates,
                     const or_text<zone>& where) {
    if (dates.empty()) throw detail::refused_rule("on_dates needs at least one date");
    time_filter made(time_filter::kind::dates, where.value());
    made.dates_.reserve(dates.size());
    for (const or_text<year_month_day>& given : dates) {
        const year_month_day date = given.value();
        if (!date.ok() || date.year() < year(1678) || date.year() > year(2261)) {
            throw detail::refused_rule(
                "on_dates needs dates that exist, in the years 1678 to 2261");
        }
        made.dates_.emplace_back(date);
    }
    std::sort(made.dates_.begin(), made.dates_.end());
    made.dates_.erase(std::unique(made.dates_.begin(), made.dates_.end()), made.dates_.end());
    return made;
}

time_filter on_weekdays(const std::vector<weekday>& weekdays, const or_text<zone>& where) {
    if (weekdays.empty()) {
        throw detail::refused_rule("on_weekdays needs at least one weekday");
    }
    time_filter made(time_filter::kind::weekdays, where.value());
    for (const weekday day : weekdays) {
        if (!day.ok()) throw detail::refused_rule("on_weekdays needs weekdays that exist");
        made.weekdays_ = static_cast<std::uint8_t>(made.weekdays_ | 1u << day.c_encoding());
    }
    return made;
}

time_filter daily_between(const or_text<time_of_day>& begin, const or_text<time_of_day>& end,
                          const or_text<zone>& where) {
    if (begin.value() == end.value()) {
        throw detail::refused_rule(
            "daily_between needs two times that differ: from one to the same is a whole "
            "day, or nothing");
    }
    time_filter made(time_filter::kind::daily, where.value());
    made.begin_ = begin.value().since_midnight;
    made.end_ = end.value().since_midnight;
    return made;
}

} // namespace cicada
