#include <schedule/cron_search.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

// Each field is a set of bits, and the search asks them for the next bit: no loop runs over
// seconds, minutes, hours or days. A month becomes a set of days once; a year of a kind that was
// tried in vain is not tried again, and there are only 14 kinds.

namespace cicada::detail {

namespace {

using namespace std::chrono;

enum class direction { forward, backward };

constexpr int none = -1;

constexpr bool has(std::uint64_t set, int n) noexcept { return set >> n & 1; }

/// The end of a set where a search in that direction begins.
template <direction D>
int edge(std::uint64_t set) noexcept {
    return D == direction::forward ? std::countr_zero(set) : 63 - std::countl_zero(set);
}

template <direction D>
int at_or_beyond(std::uint64_t set, int n) noexcept {
    set &= D == direction::forward ? ~0ull << n : ~0ull >> (63 - n);
    return set == 0 ? none : edge<D>(set);
}

template <direction D>
int beyond(std::uint64_t set, int n) noexcept {
    set &= D == direction::forward ? ~1ull << n : ~(~0ull << n);
    return set == 0 ? none : edge<D>(set);
}

template <direction D>
int year_beyond(const std::array<std::uint64_t, 4>& years, int n) noexcept {
    constexpr int step = D == direction::forward ? 1 : -1;
    int word = n / 64;
    const int in_word = beyond<D>(years[static_cast<std::size_t>(word)], n % 64);
    if (in_word != none) return word * 64 + in_word;
    for (word += step; word >= 0 && word < 4; word += step) {
        const std::uint64_t set = years[static_cast<std::size_t>(word)];
        if (set != 0) return word * 64 + edge<D>(set);
    }
    return none;
}

// --- the days of a month -------------------------------------------------------------------------

/// Bit d of a month that begins on weekday `first`, for each day of the week in `weekdays`.
constexpr std::uint64_t each_week(std::uint64_t weekdays, int first) noexcept {
    constexpr std::uint64_t six_weeks = 0x0000'0008'1020'4081; // bits 0, 7, ... 35
    return (weekdays * six_weeks >> first) << 1;
}

/// The weekday (Monday to Friday) nearest to `day`, never leaving the month.
constexpr int nearest_workday(int day, int first, int length) noexcept {
    switch ((first + day - 1) % 7) {
    case 6:
        return day > 1 ? day - 1 : 3;
    case 0:
        return day < length ? day + 1 : day - 2;
    default:
        return day;
    }
}

std::uint64_t by_day_of_month(const cron_fields& f, int first, int length) noexcept {
    std::uint64_t set = f.days;
    for (std::uint64_t rest = f.days_from_end; rest != 0; rest &= rest - 1) {
        const int day = length - std::countr_zero(rest);
        if (day > 0) set |= std::uint64_t{1} << day;
    }
    if (f.nearest != 0) {
        const int day = f.nearest < 32 ? f.nearest : length - (f.nearest - 32);
        if (day > 0 && day <= length) {
            set |= std::uint64_t{1} << nearest_workday(day, first, length);
        }
    }
    return set;
}

std::uint64_t by_day_of_week(const cron_fields& f, int first, int length) noexcept {
    std::uint64_t set = each_week(f.weekdays, first);
    for (std::uint64_t rest = f.nth_weekdays; rest != 0; rest &= rest - 1) {
        const int rule = std::countr_zero(rest);
        const int earliest = 1 + (rule / 6 - first + 7) % 7;
        const bool is_last = rule % 6 == 5;
        const int day = is_last ? earliest + (length - earliest) / 7 * 7 : earliest + rule % 6 * 7;
        set |= std::uint64_t{1} << day;
    }
    return set;
}

/// Bit d for each day of a month that matches.
std::uint64_t matching_days(const cron_fields& f, int first, int length) noexcept {
    const std::uint64_t by_day = by_day_of_month(f, first, length);
    const std::uint64_t by_weekday = by_day_of_week(f, first, length);
    const bool is_either = !f.any_day && !f.any_weekday && !f.both_days;
    const std::uint64_t all = (std::uint64_t{2} << length) - 2;
    return (is_either ? by_day | by_weekday : by_day & by_weekday) & all;
}

/// 0 is Sunday. For days from 1970 on, which began on a Thursday.
constexpr int weekday_of(local_days day) noexcept {
    return static_cast<int>((day.time_since_epoch().count() + 4) % 7);
}

std::uint64_t matching_days(const cron_fields& f, year y, int m) noexcept {
    const auto of_month = y / month(static_cast<unsigned>(m));
    const auto length = static_cast<unsigned>((of_month / last).day());
    return matching_days(f, weekday_of(local_days(of_month / 1)), static_cast<int>(length));
}

// --- dates and times -----------------------------------------------------------------------------

constexpr year first_year{cron_fields::first_year};
constexpr year last_year{cron_fields::last_year};
constexpr local_days first_day{first_year / January / 1};
constexpr local_days last_day{last_year / December / 31};

local_days day_of(year y, int m, int d) noexcept {
    return local_days(y / month(static_cast<unsigned>(m)) / day(static_cast<unsigned>(d)));
}

/// The nearest matching day at `from` or beyond.
template <direction D>
std::optional<local_days> find_day(const cron_fields& f, local_days from) noexcept {
    if (from < first_day || from > last_day) return std::nullopt;
    const year_month_day date(from);
    year y = date.year();
    int n = static_cast<int>((y - first_year).count());
    if (has(f.years[static_cast<std::size_t>(n / 64)], n % 64)) {
        int m = static_cast<int>(static_cast<unsigned>(date.month()));
        if (has(f.months, m)) {
            const int d = at_or_beyond<D>(matching_days(f, y, m),
                                          static_cast<int>(static_cast<unsigned>(date.day())));
            if (d != none) return day_of(y, m, d);
        }
        while ((m = beyond<D>(f.months, m)) != none) {
            if (const auto set = matching_days(f, y, m)) return day_of(y, m, edge<D>(set));
        }
    }
    std::uint32_t tried = 0; // of the 14 kinds of year
    while ((n = year_beyond<D>(f.years, n)) != none) {
        y = first_year + std::chrono::years(n);
        const std::uint32_t kind = 1u << (weekday_of(day_of(y, 1, 1)) * 2 + (y.is_leap() ? 1 : 0));
        if ((tried & kind) != 0) continue;
        tried |= kind;
        for (int m = edge<D>(f.months); m != none; m = beyond<D>(f.months, m)) {
            if (const auto set = matching_days(f, y, m)) return day_of(y, m, edge<D>(set));
        }
    }
    return std::nullopt;
}

/// The nearest matching second of a day at `from` or beyond; none: not on that day.
template <direction D>
int find_second(const cron_fields& f, int from) noexcept {
    const int h = from / 3600, m = from / 60 % 60, s = from % 60;
    if (has(f.hours, h)) {
        if (has(f.minutes, m)) {
            const int second = at_or_beyond<D>(f.seconds, s);
            if (second != none) return h * 3600 + m * 60 + second;
        }
        const int minute = beyond<D>(f.minutes, m);
        if (minute != none) return h * 3600 + minute * 60 + edge<D>(f.seconds);
    }
    const int hour = beyond<D>(f.hours, h);
    if (hour == none) return none;
    return hour * 3600 + edge<D>(f.minutes) * 60 + edge<D>(f.seconds);
}

template <direction D>
std::optional<local_seconds> find(const cron_fields& f, local_seconds from) noexcept {
    if (f.is_reboot) return std::nullopt;
    const auto today = floor<days>(from);
    const int second = find_second<D>(f, static_cast<int>((from - today).count()));
    constexpr days step(D == direction::forward ? 1 : -1);
    const auto found = find_day<D>(f, second != none ? today : today + step);
    if (!found) return std::nullopt;
    if (second != none && *found == today) return today + seconds(second);
    return *found + hours(edge<D>(f.hours)) + minutes(edge<D>(f.minutes)) +
           seconds(edge<D>(f.seconds));
}

} // namespace

std::optional<local_seconds> first_match(const cron_fields& fields, local_seconds local) noexcept {
    return find<direction::forward>(fields, std::max<local_seconds>(local, first_day));
}

std::optional<local_seconds> last_match(const cron_fields& fields, local_seconds local) noexcept {
    constexpr local_seconds end = last_day + days(1) - seconds(1);
    return find<direction::backward>(fields, std::min(local, end));
}

} // namespace cicada::detail
