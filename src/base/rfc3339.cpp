#include <cicada/base/rfc3339.hpp>

#include <cstdio>
#include <utility>

namespace cicada {

namespace {

std::string_view in_cpp(remedy what) {
    switch (what) {
    case remedy::none:
        break;
    case remedy::quartz_dialect:
        return "then say dialect::quartz";
    case remedy::name_for_hash:
        return "give the schedule one: cron_options{.name = \"...\"}";
    case remedy::period:
        return "for a period use cicada::every(5min, ...)";
    }
    return {};
}

std::string message(std::string_view text, std::size_t offset, const std::string& expected,
                    const std::string& hint, remedy mended_by) {
    std::string m;
    m.append(1, '"').append(text).append("\", column ").append(std::to_string(offset + 1));
    m.append(": expected ").append(expected);
    if (!hint.empty()) m.append("; ").append(hint);
    if (mended_by != remedy::none) m.append(hint.empty() ? "; " : ": ").append(in_cpp(mended_by));
    return m;
}

/// Reads fixed-width fields from left to right.
class reader {
public:
    explicit reader(std::string_view text) : text_(text) {}

    int number(int digits, int least, int most, const char* what) {
        const std::size_t start = at_;
        int value = 0;
        for (int i = 0; i < digits; ++i) {
            if (at_ == text_.size() || text_[at_] < '0' || text_[at_] > '9') {
                fail(at_, std::string(what) + " of " + std::to_string(digits) + " digits");
            }
            value = value * 10 + (text_[at_++] - '0');
        }
        if (value < least || value > most) {
            fail(start, std::string(what) + " from " + std::to_string(least) + " to " +
                            std::to_string(most));
        }
        return value;
    }
    char one_of(std::string_view chars, const char* what) {
        if (at_ == text_.size() || chars.find(text_[at_]) == std::string_view::npos)
            fail(at_, what);
        return text_[at_++];
    }
    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    duration fraction() {
        duration::rep value = 0;
        duration::rep unit = 100'000'000;
        std::size_t digits = 0;
        for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
             ++at_, ++digits, unit /= 10) {
            value += (text_[at_] - '0') * unit;
        }
        if (digits == 0) fail(at_, "a digit of a fraction of a second");
        return duration(value);
    }
    void end() {
        if (at_ != text_.size()) fail(at_, "the end");
    }
    [[noreturn]] void fail(std::size_t offset, std::string expected, std::string hint = {}) {
        throw parse_error(text_, offset, std::move(expected), std::move(hint));
    }
    std::size_t offset() const { return at_; }
    bool at_end() const { return at_ == text_.size(); }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

parse_error::parse_error(std::string_view text, std::size_t offset, std::string expected,
                         std::string hint, remedy mended_by)
    : std::invalid_argument(message(text, offset, expected, hint, mended_by)), offset_(offset),
      expected_(std::move(expected)), hint_(std::move(hint)), mended_by_(mended_by) {}

parse_error::parse_error(const parse_error& part, std::string_view text, std::size_t begin)
    : parse_error(text, begin + part.offset_, part.expected_, part.hint_, part.mended_by_) {}

wall_time parse_instant(std::string_view text) {
    using namespace std::chrono;
    reader in(text);
    const year y(in.number(4, 0, 9999, "a year"));
    in.one_of("-", "a '-' after the year");
    const month m(static_cast<unsigned>(in.number(2, 1, 12, "a month")));
    in.one_of("-", "a '-' after the month");
    const std::size_t day_at = in.offset();
    const day d(static_cast<unsigned>(in.number(2, 1, 31, "a day")));
    if (!(y / m / d).ok()) in.fail(day_at, "a day of that month");
    in.one_of("Tt ", "a 'T' between date and time");
    const hours h(in.number(2, 0, 23, "an hour"));
    in.one_of(":", "a ':' after the hour");
    const minutes min(in.number(2, 0, 59, "a minute"));
    in.one_of(":", "a ':' after the minute");
    const seconds s(in.number(2, 0, 60, "a second"));
    const duration fraction = in.take('.') ? in.fraction() : duration::zero();
    if (in.at_end())
        in.fail(in.offset(), "'Z' or an offset such as +01:00",
                "append Z if the instant is in UTC");
    const char sign = in.one_of("Zz+-", "'Z' or an offset such as +01:00");
    minutes offset{0};
    if (sign == '+' || sign == '-') {
        offset = hours(in.number(2, 0, 23, "the hours of an offset"));
        in.one_of(":", "a ':' in the offset");
        offset += minutes(in.number(2, 0, 59, "the minutes of an offset"));
        if (sign == '-') offset = -offset;
    }
    in.end();

    const sys_seconds whole = sys_days(y / m / d) + h + min + s - offset;
    // In seconds: its own nanoseconds would not fit.
    constexpr sys_seconds first = floor<seconds>(wall_time::min());
    constexpr duration first_fraction =
        seconds(1) + wall_time::min().time_since_epoch() % seconds(1);
    constexpr sys_seconds last = floor<seconds>(wall_time::max());
    const bool is_before = whole < first || (whole == first && fraction < first_fraction);
    const bool is_beyond = whole > last || (whole == last && fraction > wall_time::max() - last);
    if (is_before || is_beyond) in.fail(0, "an instant between 1677-09-21 and 2262-04-11");
    if (whole == first) return wall_time::min() + (fraction - first_fraction);
    return wall_time(whole.time_since_epoch()) + fraction;
}

std::string format_instant(wall_time instant) {
    using namespace std::chrono;
    const sys_seconds whole = floor<seconds>(instant);
    const sys_days date = floor<days>(whole);
    const year_month_day ymd(date);
    const hh_mm_ss time(whole - date);
    // `instant - whole` may overflow.
    auto ns = static_cast<long long>((instant.time_since_epoch() % seconds(1)).count());
    if (ns < 0) ns += 1'000'000'000;
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(ymd.year()),
                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    std::string result = text;
    if (ns != 0) {
        std::snprintf(text, sizeof text, ".%09lld", ns);
        result += text;
        result.erase(result.find_last_not_of('0') + 1);
    }
    return result + 'Z';
}

} // namespace cicada
