#include <schedule/posix_tz.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <cicada/base/rfc3339.hpp>

namespace cicada::detail {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class rule_reader {
public:
    explicit rule_reader(std::string_view text) : text_(text) {}

    std::string abbreviation() {
        const bool is_quoted = take('<');
        const std::size_t start = at_;
        while (!at_end() && (is_letter(text_[at_]) || (is_quoted && is_quotable(text_[at_])))) {
            ++at_;
        }
        const std::string_view name = text_.substr(start, at_ - start);
        if (name.size() < 3) fail("an abbreviation of three letters or more");
        if (is_quoted && !take('>')) fail("a '>'");
        return std::string(name);
    }

    /// POSIX counts offsets from local time to UTC: west is positive.
    seconds offset() { return -time(24); }
    bool has_offset() const { return !at_end() && text_[at_] != ','; }

    yearly_time date() {
        if (!take(',')) {
            fail("a ',' and when daylight time starts and ends",
                 "write both, as in EST5EDT,M3.2.0,M11.1.0");
        }
        yearly_time when{};
        if (take('M')) {
            when.which = yearly_time::kind::weekday;
            when.month = static_cast<std::uint8_t>(number(1, 12, "a month from 1 to 12"));
            if (!take('.')) fail("a '.'");
            when.week = static_cast<std::uint8_t>(number(1, 5, "a week from 1 to 5"));
            if (!take('.')) fail("a '.'");
            when.day = static_cast<std::uint16_t>(number(0, 6, "a day of the week from 0 to 6"));
        } else if (take('J')) {
            when.which = yearly_time::kind::day_without_leap;
            when.day = static_cast<std::uint16_t>(number(1, 365, "a day from 1 to 365"));
        } else {
            when.which = yearly_time::kind::day;
            when.day = static_cast<std::uint16_t>(number(0, 365, "a day from 0 to 365, J or M"));
        }
        when.time = take('/') ? time(167) : hours(2);
        return when;
    }

    void end() {
        if (!at_end()) fail("the end");
    }

private:
    static bool is_quotable(char c) { return is_digit(c) || c == '+' || c == '-'; }
    bool at_end() const { return at_ == text_.size(); }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    int number(int least, int most, const char* what) {
        const std::size_t start = at_;
        int value = 0;
        for (; !at_end() && is_digit(text_[at_]) && value <= most; ++at_) {
            value = value * 10 + (text_[at_] - '0');
        }
        if (at_ == start || value < least || value > most) {
            at_ = start;
            fail(what);
        }
        return value;
    }

    seconds time(int most_hours) {
        const bool is_negative = take('-');
        if (!is_negative) take('+');
        seconds sum = hours(
            number(0, most_hours, most_hours == 24 ? "hours from 0 to 24" : "hours from 0 to 167"));
        if (take(':')) {
            sum += minutes(number(0, 59, "minutes from 0 to 59"));
            if (take(':')) sum += seconds(number(0, 59, "seconds from 0 to 59"));
        }
        return is_negative ? -sum : sum;
    }

    [[noreturn]] void fail(const char* expected, const char* hint = "") const {
        throw parse_error(text_, at_, expected, hint);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::int64_t yearly_time::in(std::chrono::year y) const noexcept {
    using namespace std::chrono;
    sys_days date(y / January / 1);
    switch (which) {
    case kind::day:
        date += days(day);
        break;
    case kind::day_without_leap:
        date += days(day - 1);
        if (y.is_leap() && day >= 60) date += days(1);
        break;
    case kind::weekday:
        const std::chrono::month m(month);
        const std::chrono::weekday d(day);
        date = week == 5 ? sys_days(y / m / d[last]) : sys_days(y / m / d[week]);
        break;
    }
    return (sys_seconds(date) + time).time_since_epoch().count();
}

posix_tz parse_posix_tz(std::string_view text) {
    rule_reader in(text);
    posix_tz rules;
    rules.standard.abbreviation = in.abbreviation();
    rules.standard.offset = in.offset();
    if (in.has_offset()) {
        posix_tz::daylight_time daylight{};
        daylight.type.is_dst = true;
        daylight.type.abbreviation = in.abbreviation();
        daylight.type.offset = in.has_offset() ? in.offset() : rules.standard.offset + hours(1);
        daylight.start = in.date();
        daylight.end = in.date();
        rules.daylight = std::move(daylight);
    }
    in.end();
    return rules;
}

void append_changes(timeline& line, const posix_tz& rules, std::int64_t from) {
    using std::chrono::year;
    const timeline::type_index standard = line.add_type(rules.standard);
    line.append(from, standard);
    if (!rules.daylight) return;
    const auto& [type, start, end] = *rules.daylight;
    const timeline::type_index daylight = line.add_type(type);

    // Daylight times of two years may meet or overlap: that is how "all year" is written.
    std::int64_t until = std::numeric_limits<std::int64_t>::min();
    for (year y{1676}; y <= year{2262}; ++y) {
        const std::int64_t start_at = start.in(y)-rules.standard.offset.count();
        std::int64_t end_at = end.in(y)-type.offset.count();
        if (end_at < start_at) end_at = end.in(y + std::chrono::years(1)) - type.offset.count();
        if (end_at <= std::max(start_at, from)) continue;
        if (start_at > until) {
            if (until > from) line.append(until, standard);
            line.append(std::max(start_at, from), daylight);
        }
        until = std::max(until, end_at);
    }
    if (until > from) line.append(until, standard);
}

} // namespace cicada::detail
