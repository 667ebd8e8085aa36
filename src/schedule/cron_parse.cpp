#include <schedule/cron_pattern.hpp>

#include <algorithm>

#include <schedule/cron_refuse.hpp>
#include <schedule/name_hash.hpp>

namespace cicada::detail {

namespace {

constexpr std::size_t most_fields = 7;

/// One entry of a list: a value, a range, a step over either.
struct entry {
    int first = 0;
    int last = 0; // less than first: around the end of the field
    int step = 1;
    bool is_wild = false; // `*` without a step
    bool is_single = false;
};

constexpr std::uint64_t bit(int n) noexcept { return std::uint64_t{1} << n; }

class reader {
public:
    reader(std::string_view pattern, dialect language, std::string_view name)
        : pattern_(pattern), name_(name), language_(language),
          is_quartz_(language == dialect::quartz) {}

    void read(cron_fields& f);

private:
    void split();
    void nickname(cron_fields& f) const;

    void open(cron_part part);
    std::uint64_t values(cron_part part);
    void days(cron_fields& f);
    void day_from_end(cron_fields& f);
    void weekdays(cron_fields& f);
    int which_of_month();
    void years(cron_fields& f);

    entry next_entry();
    int value(bool ends_a_range = false, int begun_with = 0);
    int number();
    int name(std::string_view names, int from);
    entry hashed();
    void steps(entry& e, std::size_t start);
    template <class Visit>
    void each(const entry& e, Visit visit) const;
    std::uint64_t bits(const entry& e) const;

    char peek() const { return at_ < end_ ? pattern_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    /// A letter with a meaning: OCPS has capitals only, Quartz both.
    bool at_letter(char c) const { return (is_quartz_ ? upper(peek()) : peek()) == c; }
    bool take_letter(char c) {
        if (!at_letter(c)) return false;
        ++at_;
        return true;
    }
    bool next_of_list();
    int least() const {
        return part_ == cron_part::weekday && is_quartz_ ? 1 : range_of(part_).least;
    }
    int most() const { return range_of(part_).most; }
    /// The last value of `*`: 7 is Sunday once more.
    int last_of_all() const { return part_ == cron_part::weekday && !is_quartz_ ? 6 : most(); }
    cron_place here(std::size_t offset) const { return {pattern_, offset, part_, language_}; }

    std::string_view pattern_;
    std::string_view name_;
    dialect language_;
    bool is_quartz_;
    cron_part part_ = cron_part::minute;
    bool spans_ = false; // some entry was a range, a step or `*`
    std::size_t field_ = 0; // the next one to open
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::size_t count_ = 0;
    std::size_t starts_[most_fields + 1] = {};
    std::size_t ends_[most_fields + 1] = {};
};

void reader::split() {
    const char* const text = pattern_.data();
    const std::size_t size = pattern_.size();
    std::size_t count = 0;
    for (std::size_t at = 0;; ++count) {
        while (at < size && is_blank(text[at])) ++at;
        if (at == size) break;
        const std::size_t start = at;
        while (at < size && !is_blank(text[at])) ++at;
        if (count <= most_fields) starts_[count] = start, ends_[count] = at; // and one too many
    }
    count_ = count;
}

void reader::read(cron_fields& f) {
    split();
    if (count_ > 0 && pattern_[starts_[0]] == '@') return nickname(f);
    if (count_ < (is_quartz_ ? 6u : 5u) || count_ > most_fields) {
        refuse_count(pattern_, language_, count_, starts_[most_fields]);
    }
    if (count_ > 5) f.seconds = values(cron_part::second);
    f.minutes = values(cron_part::minute);
    f.hours = static_cast<std::uint32_t>(values(cron_part::hour));
    f.is_repeating = spans_;
    days(f);
    f.months = values(cron_part::month) & 0x1fff;
    weekdays(f);
    years(f);
    if (f.any_day || f.any_weekday) f.both_days = false;
}

void reader::nickname(cron_fields& f) const {
    const std::string_view word = pattern_.substr(starts_[0], ends_[0] - starts_[0]);
    if (count_ == 1 && !is_quartz_) {
        for (const cron_nickname& n : cron_nicknames) {
            if (n.name != word) continue;
            if (n.pattern.empty()) {
                f.is_reboot = true;
            } else {
                reader(n.pattern, dialect::ocps, {}).read(f);
            }
            return;
        }
    }
    refuse_nickname(pattern_, language_, word,
                    pattern_.substr(count_ > 1 ? starts_[1] : pattern_.size()));
}

void reader::open(cron_part part) {
    part_ = part;
    at_ = starts_[field_];
    end_ = ends_[field_];
    ++field_;
}

/// True: after a comma stands another entry. All of them are read, even when `*` has said
///       everything.
bool reader::next_of_list() {
    if (take(',')) return true;
    if (at_ != end_) refuse_character(here(at_), "',' or the end of the field");
    return false;
}

std::uint64_t reader::values(cron_part part) {
    open(part);
    std::uint64_t set = 0;
    if (end_ - at_ == 1 && peek() == '*') { // what most fields are
        spans_ = true;
        return bits({.first = least(), .last = most()});
    }
    do {
        const entry e = next_entry();
        spans_ = spans_ || !e.is_single;
        set |= bits(e);
    } while (next_of_list());
    return set;
}

void reader::days(cron_fields& f) {
    open(cron_part::day);
    std::uint64_t set = 0;
    const std::size_t start = at_;
    bool is_first = true;
    do {
        if (at_letter('L')) {
            day_from_end(f);
        } else {
            const std::size_t entry_at = at_;
            const entry e = next_entry();
            if (at_letter('W')) {
                if (!e.is_single || entry_at != start || at_ + 1 != end_) {
                    refuse(here(at_), "',' or the end of the field",
                           "a weekday nearest to a day, such as 15W, stands alone in its field");
                }
                ++at_;
                f.nearest = e.first & 0x3f;
            } else {
                set |= bits(e);
            }
            if (is_first) f.any_day = e.is_wild;
        }
        is_first = false;
    } while (next_of_list());
    f.days = static_cast<std::uint32_t>(set);
    if (f.any_day) f.days_from_end = 0;
}

/// `L`, and in Quartz `L-3`, `LW`, `L-3W`.
void reader::day_from_end(cron_fields& f) {
    const std::size_t start = at_++;
    int before_last = 0;
    if (is_quartz_ && take('-')) {
        const std::size_t digits = at_;
        before_last = is_digit(peek()) ? number() : 31;
        if (before_last > 30)
            refuse(here(digits), "a number of days before the last, from 0 to 30");
    }
    if (is_quartz_ && at_letter('W')) {
        if (start != starts_[field_ - 1] || at_ + 1 != end_) {
            refuse(here(start), "LW to stand alone in its field");
        }
        ++at_;
        f.nearest = (32 + before_last) & 0x3f;
    } else {
        f.days_from_end |= 1u << before_last;
    }
}

void reader::weekdays(cron_fields& f) {
    open(cron_part::weekday);
    if (!is_quartz_) f.both_days = take('+');
    std::uint64_t set = 0;
    bool is_first = true;
    do {
        if (is_quartz_ && at_letter('L')) {
            ++at_;
            set |= bit(7);
        } else {
            const std::size_t entry_at = at_;
            const entry e = next_entry();
            const int day = (is_quartz_ ? e.first + 6 : e.first) % 7;
            if (peek() == '#' || at_letter('L')) {
                if (!e.is_single) {
                    refuse(here(entry_at), "one day of the week before '#' or 'L'",
                           "list them, such as 1#2,2#2");
                }
                f.nth_weekdays |= bit(6 * day + which_of_month() - 1);
            } else {
                set |= bits(e);
            }
            if (is_first) f.any_weekday = e.is_wild;
        }
        is_first = false;
    } while (next_of_list());
    // Quartz counts from 1 = SUN; OCPS from 0, and 7 is Sunday too.
    f.weekdays = (is_quartz_ ? set >> 1 : set | set >> 7) & 0x7f;
    if (f.any_weekday) f.nth_weekdays = 0;
    if (is_quartz_) {
        const auto is_open = [&](std::size_t field) { return pattern_[starts_[field]] == '?'; };
        if (is_open(3) == is_open(5)) {
            refuse(here(starts_[5]), "'?' in exactly one of the two day fields",
                   is_open(3) ? "write * for every day"
                              : "Quartz cannot restrict both; OCPS can, in the default dialect");
        }
    }
}

/// Reads `#n`, `#L` or `L`: from 1 to 5, and 6 for the last.
int reader::which_of_month() {
    if (!take('#')) {
        ++at_;
        return 6;
    }
    if (take_letter('L')) return 6;
    const std::size_t start = at_;
    const int which = is_digit(peek()) ? number() : 0;
    if (which < 1 || which > 5) {
        refuse(here(start), "which one of the month, from 1 to 5, or L for the last");
    }
    return which;
}

void reader::years(cron_fields& f) {
    const auto add = [&](int year) {
        const int n = year - cron_fields::first_year;
        f.years[static_cast<std::size_t>(n / 64)] |= bit(n % 64);
    };
    if (count_ < most_fields) {
        constexpr int last = cron_fields::last_year - cron_fields::first_year;
        static_assert(last / 64 == 3);
        f.years = {~0ull, ~0ull, ~0ull, ~0ull >> (63 - last % 64)};
        return;
    }
    open(cron_part::year);
    do {
        each(next_entry(), add);
    } while (next_of_list());
}

entry reader::next_entry() {
    const std::size_t start = at_;
    const char c = peek();
    entry e;
    if (c == '*' || (c == '?' && (part_ == cron_part::day || part_ == cron_part::weekday)) ||
        (c == '/' && is_quartz_)) {
        if (c == '?' && is_quartz_ && end_ - starts_[field_ - 1] != 1) {
            refuse(here(start), "'?' to stand alone in its field");
        }
        if (c != '/') ++at_;
        e = {.first = least(), .last = last_of_all(), .is_wild = true};
    } else if (c == 'H' && !is_quartz_ && (at_ + 1 == end_ || !is_letter(pattern_[at_ + 1]))) {
        return hashed();
    } else {
        e.first = e.last = value();
        e.is_single = true;
        if (take('-')) {
            e.last = value(true, e.first);
            e.is_single = false;
            if (e.last < e.first && (!is_quartz_ || part_ == cron_part::year)) {
                refuse_descending(here(start), e.first, e.last);
            }
        }
    }
    steps(e, start);
    return e;
}

/// Reads `/n`, if it is there, into the entry that it steps over.
void reader::steps(entry& e, std::size_t start) {
    if (peek() != '/') return;
    const std::size_t slash = at_++;
    if (e.is_single) {
        if (!is_quartz_) {
            while (is_digit(peek())) ++at_;
            refuse_bare_step(here(start), e.first, pattern_.substr(slash, at_ - slash));
        }
        e.last = last_of_all();
    }
    const std::size_t digits = at_;
    e.step = is_digit(peek()) ? number() : 0;
    if (e.step < 1) refuse_step(here(digits));
    if (is_quartz_ && e.step > most()) {
        refuse(here(digits), "a step of at most " + std::to_string(most()));
    }
    e.is_single = e.is_wild = false;
}

entry reader::hashed() {
    const std::size_t start = at_++;
    if (part_ == cron_part::year) refuse_value(here(start));
    if (name_.empty()) {
        refuse(here(start), "a name to hash for H", {}, remedy::name_for_hash);
    }
    int first = least();
    int last = part_ == cron_part::day ? 28 : last_of_all(); // in every month
    if (take('(')) {
        const std::size_t range_at = at_;
        first = value();
        if (!take('-')) refuse_character(here(at_), "'-' and the end of the range of H");
        last = value(true, first);
        if (last < first) refuse_descending(here(range_at), first, last);
        if (!take(')')) refuse_character(here(at_), "')' after the range of H");
    }
    entry e{.first = first, .last = last};
    const bool is_stepped = peek() == '/';
    if (is_stepped) steps(e, start);
    const int choices = is_stepped ? std::min(last - first + 1, e.step) : last - first + 1;
    e.first += static_cast<int>(cron_hash(name_, part_) % static_cast<std::uint64_t>(choices));
    if (!is_stepped) {
        e.last = e.first;
        e.is_single = true;
    }
    return e;
}

/// A number or a name. SUN is 0 and 7, so that it can end a range too.
int reader::value(bool ends_a_range, int begun_with) {
    const std::size_t start = at_;
    const char c = peek();
    if (is_digit(c)) {
        const int n = number();
        if (n < least() || n > most()) refuse_number(here(start), n);
        return n;
    }
    if (is_letter(c) && part_ == cron_part::month) return name(month_names, 1);
    if (is_letter(c) && part_ == cron_part::weekday) {
        const int day = name(weekday_names, least());
        return day == 0 && ends_a_range && begun_with > 0 ? 7 : day;
    }
    refuse_value(here(start));
}

/// Saturates: what is too large is so for every field.
int reader::number() {
    int n = 0;
    for (; is_digit(peek()); ++at_) n = std::min(n * 10 + (peek() - '0'), 99'999'999);
    return n;
}

int reader::name(std::string_view names, int from) {
    const std::size_t start = at_;
    std::size_t length = 0;
    while (start + length < end_ && is_letter(pattern_[start + length])) ++length;
    // a fourth letter can only be the L of `FRIL`
    const bool is_last = length == 4 && part_ == cron_part::weekday &&
                         (is_quartz_ ? upper(pattern_[start + 3]) : pattern_[start + 3]) == 'L';
    const int n = length == 3 || is_last ? find_name(names, pattern_.data() + start) : -1;
    if (n < 0) refuse_value(here(start));
    at_ = start + 3;
    return n + from;
}

template <class Visit>
void reader::each(const entry& e, Visit visit) const {
    const int values = most() - least() + 1;
    const int last = e.last < e.first ? e.last + values : e.last;
    for (long long v = e.first; v <= last; v += e.step) {
        visit(static_cast<int>(v > most() ? v - values : v));
    }
}

std::uint64_t reader::bits(const entry& e) const {
    if (e.step == 1 && e.first <= e.last) return (~0ull >> (63 - e.last)) & (~0ull << e.first);
    std::uint64_t set = 0;
    each(e, [&](int v) { set |= bit(v); });
    return set;
}

} // namespace

/// A hash of the name, then the finish of SplitMix64 with the field. Never to change, for it
/// decides when jobs run.
std::uint64_t cron_hash(std::string_view name, cron_part part) noexcept {
    std::uint64_t h = name_hash(name);
    h += (static_cast<std::uint64_t>(part) + 1) * 0x9e3779b97f4a7c15;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
    h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
    return h ^ (h >> 31);
}

cron_fields parse_cron(std::string_view pattern, dialect language, std::string_view name) {
    cron_fields fields;
    reader(pattern, language, name).read(fields);
    return fields;
}

} // namespace cicada::detail
