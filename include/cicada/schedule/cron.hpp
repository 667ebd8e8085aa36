#pragma once

/// cron: patterns of the Open Cron Pattern Specification (OCPS 1.0, with increments 1.1 to 1.4), in
/// any zone.
///
///     cicada::cron weekdays("0 7 * * MON-FRI", "Europe/Berlin");
///     auto instant = weekdays.next(cicada::wall_time::clock::now());
///
/// Fields: [second] minute hour day-of-month month day-of-week [year]. 5 fields, 6 with seconds
/// first, 7 with the year (1970 to 2199) last. Each is a list of values, ranges and steps (`*/5`,
/// `10-40/10`); names of months and days in any case; 0 and 7 are Sunday. Days of the month also
/// `L` (the last) and `15W` (the weekday nearest to it, within the month); days of the week also
/// `TUE#3`, `FRI#L` or `5L`. `?` in the day fields means `*`. When both day fields are restricted
/// (not `*` or `?`) a day that satisfies either matches; a leading `+` in day-of-week asks for
/// both. Nicknames: `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`,
/// `@hourly`, and `@reboot`, which has no instants.
/// Extension: `H`, `H(a-b)`, `H/n`, a stable hash of `cron_options::name`, to spread a herd.
///
/// DST: a pattern whose second, minute or hour field holds `*`, a range or a step is *repeating*,
/// and fires at exactly the real instants whose local time matches: in both passes of an overlap,
/// not in a gap. Any other is *fixed*: once, at the first pass of an overlap; for a local time in a
/// gap at the first instant after it, or not at all with gap::skip.
///
/// Threads: a value; const functions from any thread.
/// Errors:  parse_error with the offset, what was expected, and a rewrite where there is one;
///          unknown_zone. A pattern that never matches is no error: next() is then none.
/// Cost:    one value of 80 bytes, no allocation; see the cron rows of the benchmark.

#include <array>

#include <cicada/base/rfc3339.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada {

enum class dialect : std::uint8_t {
    ocps,
    /// As Quartz: seconds required, days of the week 1 = SUN to 7, `a/n`, wrap-around ranges, `?`,
    /// `L-3`, `LW`.
    quartz,
};

struct cron_options {
    cicada::gap gap = gap::run;
    cicada::dialect dialect = dialect::ocps;
    /// What `H` is a hash of. With `H` and no name the pattern is refused.
    std::string_view name = {};
};

/// What a pattern says, as sets: bit n of a set is the value n. 72 bytes, of which a process may
/// hold millions.
struct cron_fields {
    static constexpr int first_year = 1970;
    static constexpr int last_year = 2199;

    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days = 0; // of the month, from bit 1 on
    std::uint16_t months : 13 = 0; // from bit 1 on
    bool any_day : 1 = false; // day-of-month begins with `*` or `?`; then it has all days
    bool any_weekday : 1 = false; // the same of day-of-week
    bool both_days : 1 = false; // `+`, and both day fields are restricted
    std::uint8_t weekdays : 7 = 0; // Sunday is bit 0
    bool is_repeating : 1 = false;
    // The weekday nearest to: n: day n; 32 + n: n before the last; 0: not so.
    std::uint8_t nearest : 6 = 0;
    bool is_reboot : 1 = false;
    bool skips_gaps : 1 = false; // gap::skip: no part of the pattern, but here is room for it
    std::uint32_t days_from_end = 0; // bit n: n days before the last of the month; L is bit 0
    std::uint64_t nth_weekdays = 0; // d#n: bit 6 * d + n - 1; d#L: bit 6 * d + 5
    std::array<std::uint64_t, 4> years{}; // see has_year; all, if there is no field for them

    /// Of one from first_year to last_year.
    constexpr bool has_year(int year) const noexcept {
        const auto n = static_cast<std::size_t>(year - first_year);
        return (years[n / 64] >> n % 64 & 1) != 0;
    }
    friend bool operator==(const cron_fields&, const cron_fields&) = default;
};

/// Those that H can take the place of afterwards.
enum class cron_field : std::uint8_t { second, minute, hour };

class CICADA_API cron {
public:
    explicit cron(std::string_view pattern, std::string_view zone_name,
                  const cron_options& how = {});
    explicit cron(std::string_view pattern, cicada::zone where = {}, const cron_options& how = {});

    /// The first instant strictly after `after`; none: there is no further one.
    std::optional<wall_time> next(wall_time after) const noexcept;
    /// The last instant strictly before `before`.
    std::optional<wall_time> previous(wall_time before) const noexcept;
    bool matches(wall_time instant) const noexcept;

    /// The same pattern in another zone.
    cron in(cicada::zone other) const noexcept;
    /// The same pattern with a field as `H` of that name has it: for a value (`30`) `H`, for steps
    /// through all of the field (`*/15`) `H/15`. Any other field stays as it is.
    cron hashed(cron_field which, std::string_view name) const noexcept;

    /// In canonical form, without the zone.
    std::string pattern() const;
    /// What that is written in: OCPS; Quartz for what only Quartz can say (`LW`, `L-3`, `L-3W`).
    dialect written_in() const noexcept;
    /// `cron("0 7 * * 1-5", "Europe/Berlin")`: see schedule::text(). The zone is left out when it
    /// is UTC; `, gap::skip` and then `, dialect::quartz` follow where they are needed.
    std::string text() const;
    const cicada::zone& where() const noexcept { return zone_; }
    cicada::gap in_gap() const noexcept { return fields_.skips_gaps ? gap::skip : gap::run; }
    const cron_fields& fields() const& noexcept { return fields_; }
    cron_fields fields() && noexcept { return fields_; }
    /// `@reboot`: an event, not a time.
    bool is_reboot() const noexcept { return fields_.is_reboot; }
    bool is_repeating() const noexcept { return fields_.is_repeating; }

    friend bool operator==(const cron&, const cron&) = default;

private:
    cron_fields fields_;
    cicada::zone zone_;
};

} // namespace cicada
