#include <schedule/cron_pattern.hpp>

#include <algorithm>

namespace cicada::detail {

namespace {

/// How a field may be written: a fixed pattern has plain values for its times, and the day fields
/// no `*` unless it is meant, for there it also decides how they combine.
enum class style { list, ranges, ranges_and_star };

/// A set of values, as the list that says it.
template <class Has>
class list_writer {
public:
    list_writer(Has has, int least, int most) : has_(has), least_(least), most_(most) {}

    std::string write(style how) const {
        std::string text;
        for (int v = first_from(least_); v <= most_;) {
            const int d = first_from(v + 1) - v; // beyond the end for the last one
            int last = v;
            while (last + d <= most_ && follows(last, d)) last += d;
            std::string part = std::to_string(v);
            if (how != style::list && last > v) {
                const bool is_all =
                    v == least_ && last + d > most_ && how == style::ranges_and_star;
                std::string range = is_all ? "*" : std::to_string(v) + '-' + std::to_string(last);
                if (d > 1) range += '/' + std::to_string(d);
                if (range.size() < listed_size(v, last, d)) {
                    part = std::move(range);
                    v = last;
                }
            }
            if (!text.empty()) text += ',';
            text += part;
            v = first_from(v + 1);
        }
        return text;
    }

private:
    int first_from(int v) const {
        while (v <= most_ && !has_(v)) ++v;
        return v;
    }
    bool follows(int last, int d) const { return first_from(last + 1) == last + d; }
    static std::size_t listed_size(int v, int last, int d) {
        std::size_t size = 0;
        for (; v <= last; v += d) size += std::to_string(v).size() + 1;
        return size - 1;
    }

    Has has_;
    int least_;
    int most_;
};

std::string write_set(std::uint64_t set, int least, int most, style how) {
    return list_writer([set](int v) { return (set >> v & 1) != 0; }, least, most).write(how);
}

std::string write_set(std::uint64_t set, cron_part part, style how) {
    return write_set(set, range_of(part).least, range_of(part).most, how);
}

void append(std::string& list, std::string_view entry) {
    if (entry.empty()) return;
    if (!list.empty()) list += ',';
    list += entry;
}

std::string write_times(const cron_fields& f) {
    const style how = f.is_repeating ? style::ranges_and_star : style::list;
    const std::string seconds = write_set(f.seconds, cron_part::second, how);
    const std::string minutes = write_set(f.minutes, cron_part::minute, how);
    std::string hours = write_set(f.hours, cron_part::hour, how);
    std::string times = minutes + ' ' + hours;
    if (seconds != "0" || dialect_of(f) == dialect::quartz) times = seconds + ' ' + times;
    if (f.is_repeating && times.find_first_of("*-") == times.npos) {
        // one that was written as a range of one value, or with a step that leads out of the field
        const std::size_t end = std::min(hours.find(','), hours.size());
        times.insert(times.size() - hours.size() + end, '-' + hours.substr(0, end));
    }
    return times;
}

std::string write_days(const cron_fields& f) {
    if (f.any_day) return "*";
    std::string text = write_set(f.days, cron_part::day, style::ranges);
    for (int n = 0; n < 31; ++n) {
        if ((f.days_from_end >> n & 1) != 0) append(text, n == 0 ? "L" : "L-" + std::to_string(n));
    }
    if (f.nearest >= 32) {
        append(text, f.nearest == 32 ? "LW" : "L-" + std::to_string(f.nearest - 32) + 'W');
    } else if (f.nearest > 0) {
        append(text, std::to_string(f.nearest) + 'W');
    }
    return text;
}

std::string write_weekdays(const cron_fields& f, bool is_quartz) {
    if (f.any_weekday) return is_quartz ? "?" : "*";
    const int from = is_quartz ? 1 : 0;
    std::string text = write_set(std::uint64_t{f.weekdays} << from, from, from + 6, style::ranges);
    for (int rule = 0; rule < 42; ++rule) {
        if ((f.nth_weekdays >> rule & 1) == 0) continue;
        const std::string nth = rule % 6 == 5 ? "L" : std::to_string(rule % 6 + 1);
        append(text, std::to_string(rule / 6 + from) + '#' + nth);
    }
    return f.both_days ? '+' + text : text;
}

/// Empty: all of them.
std::string write_years(const cron_fields& f) {
    const list_writer list([&](int year) { return f.has_year(year); }, cron_fields::first_year,
                           cron_fields::last_year);
    const std::string text = list.write(style::ranges);
    return text == "1970-2199" ? std::string() : text;
}

} // namespace

dialect dialect_of(const cron_fields& fields) noexcept {
    return fields.nearest >= 32 || fields.days_from_end > 1 ? dialect::quartz : dialect::ocps;
}

std::string format_cron(const cron_fields& f) {
    if (f.is_reboot) return "@reboot";
    const bool is_quartz = dialect_of(f) == dialect::quartz;
    const std::string years = write_years(f);
    std::string times = write_times(f);
    const bool has_all_fields = !years.empty();
    if (has_all_fields && !is_quartz && f.seconds == 1) times = "0 " + times;
    std::string text = times + ' ' + write_days(f) + ' ' +
                       write_set(f.months, cron_part::month, style::ranges_and_star) + ' ' +
                       write_weekdays(f, is_quartz);
    if (has_all_fields) text += ' ' + years;
    return text;
}

} // namespace cicada::detail
