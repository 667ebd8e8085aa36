#include <cicada/schedule/duration_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cicada {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::weeks;

struct unit {
    std::string_view name;
    duration length;
};

constexpr unit iso_dates[] = {{"W", weeks(1)}, {"D", days(1)}};
constexpr unit iso_times[] = {{"H", hours(1)}, {"M", minutes(1)}, {"S", seconds(1)}};
constexpr unit short_units[] = {{"w", weeks(1)},
                                {"d", days(1)},
                                {"h", hours(1)},
                                {"m", minutes(1)},
                                {"s", seconds(1)},
                                {"ms", std::chrono::milliseconds(1)},
                                {"us", std::chrono::microseconds(1)},
                                {"ns", std::chrono::nanoseconds(1)}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class duration_reader {
public:
    explicit duration_reader(std::string_view text) : text_(text) {}

    duration read() {
        if (text_.empty()) fail(0, "a duration such as 1h30m or PT1H30M");
        if (text_[0] == '-') fail(0, "a duration", "it cannot be negative");
        is_iso_ = take('P');
        if (!is_iso_) {
            numbers(short_units, "a unit: w, d, h, m, s, ms, us or ns");
        } else {
            const bool has_date = !at_end() && text_[at_] != 'T';
            if (has_date) numbers(iso_dates, "W or D, or a T before hours, minutes and seconds");
            if (take('T') || !has_date) numbers(iso_times, "H, M or S");
        }
        if (!at_end()) fail(at_, "the end");
        return sum_;
    }

private:
    /// One or more, up to a T or the end.
    void numbers(std::span<const unit> all, const char* expected) {
        std::span<const unit> allowed = all;
        do {
            const std::size_t start = at_;
            const std::string_view whole = digits();
            if (whole.empty()) fail(at_, "a digit");
            const bool has_fraction = take('.') || (is_iso_ && take(','));
            const std::string_view fraction = has_fraction ? digits() : std::string_view();
            if (has_fraction && fraction.empty()) fail(at_, "a digit of a fraction");

            const std::size_t name_at = at_;
            const std::string_view name = unit_name();
            const auto found = std::find_if(allowed.begin(), allowed.end(),
                                            [&](const unit& u) { return u.name == name; });
            if (found == allowed.end()) fail(name_at, expected, hint_for(name, all));
            add(start, whole, found->length);
            add_fraction(start, fraction, found->length);
            allowed = {found + 1, allowed.end()};
            if (has_fraction && !at_end()) {
                fail(at_, "the end", "only the last number may have a fraction");
            }
        } while (!at_end() && text_[at_] != 'T');
    }

    std::string_view unit_name() {
        const std::size_t start = at_;
        while (!at_end() && is_letter(text_[at_])) {
            ++at_;
            if (is_iso_) break; // one letter; a T may follow
        }
        return text_.substr(start, at_ - start);
    }

    const char* hint_for(std::string_view name, std::span<const unit> all) const {
        if (name.empty()) return "a number needs a unit";
        for (const unit& u : all) {
            if (u.name == name) return "units go from the greatest to the least, each at most once";
        }
        const bool is_year = name == "Y" || name == "y";
        const bool is_month = name == "mo" || (name == "M" && is_iso_);
        return is_year || is_month ? "years and months have no fixed length: use days" : "";
    }

    void add(std::size_t start, std::string_view whole, duration length) {
        std::int64_t count = 0;
        for (const char c : whole) {
            if (__builtin_mul_overflow(count, 10, &count) ||
                __builtin_add_overflow(count, c - '0', &count)) {
                fail_too_long(start);
            }
        }
        duration::rep product = 0;
        if (__builtin_mul_overflow(count, length.count(), &product)) fail_too_long(start);
        add(start, duration(product));
    }

    void add_fraction(std::size_t start, std::string_view fraction, duration length) {
        fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
        for (const char c : fraction) {
            if (length % 10 != duration::zero()) fail(start, "a whole number of nanoseconds");
            length /= 10;
            add(start, length * (c - '0'));
        }
    }

    void add(std::size_t start, duration more) {
        if (more > duration::max() - sum_) fail_too_long(start);
        sum_ += more;
    }

    std::string_view digits() {
        const std::size_t start = at_;
        while (!at_end() && is_digit(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }
    bool at_end() const { return at_ == text_.size(); }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    [[noreturn]] void fail_too_long(std::size_t at) const {
        fail(at, "a duration of less than 292 years");
    }
    [[noreturn]] void fail(std::size_t at, const char* expected, const char* hint = "") const {
        throw parse_error(text_, at, expected, hint);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool is_iso_ = false;
    duration sum_{0};
};

/// min() has no positive counterpart.
std::uint64_t magnitude_of(duration d) {
    const auto bits = static_cast<std::uint64_t>(d.count());
    return d < duration::zero() ? 0 - bits : bits;
}

} // namespace

duration parse_duration(std::string_view text) { return duration_reader(text).read(); }

std::string format_duration(duration d) {
    constexpr std::uint64_t second = 1'000'000'000;
    std::uint64_t rest = magnitude_of(d);

    std::string text = d < duration::zero() ? "-P" : "P";
    const auto append = [&](std::uint64_t unit_length, char name) {
        if (rest < unit_length) return;
        text.append(std::to_string(rest / unit_length)).push_back(name);
        rest %= unit_length;
    };
    append(86'400 * second, 'D');
    if (rest == 0 && d != duration::zero()) return text;
    text.push_back('T');
    append(3'600 * second, 'H');
    append(60 * second, 'M');
    if (rest == 0 && d != duration::zero()) return text;
    text.append(std::to_string(rest / second));
    if (rest % second != 0) {
        std::string fraction = std::to_string(second + rest % second); // a 1, and nine digits
        fraction.erase(fraction.find_last_not_of('0') + 1);
        fraction.front() = '.';
        text.append(fraction);
    }
    text.push_back('S');
    return text;
}

std::string format_short_duration(duration d) {
    if (d == duration::zero()) return "0s";
    std::uint64_t rest = magnitude_of(d);
    std::string text = d < duration::zero() ? "-" : "";
    for (const unit& u : std::span(short_units).subspan(1)) { // without weeks
        const auto length = static_cast<std::uint64_t>(u.length.count());
        if (rest < length) continue;
        text.append(std::to_string(rest / length)).append(u.name);
        rest %= length;
    }
    return text;
}

} // namespace cicada
