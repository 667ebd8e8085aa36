#pragma once

/// Whole stretches of local time: dates, weekdays, or a part of each day. What except() takes away
/// from a schedule.
///
///     on_dates({"2026-12-24", 2026y / December / 31}, "Europe/Berlin")
///     on_weekdays({Saturday, Sunday}, "Europe/Berlin")
///     daily_between("22:00", 6h, "Europe/Berlin")                // wraps around midnight
///
/// DST: decided by what the clock on the wall shows, in both passes of an overlap.
/// Threads: a value; const functions from any thread.

#include <vector>

#include <cicada/schedule/or_text.hpp>

namespace cicada {

class time_filter;

/// From midnight to midnight. Throws std::invalid_argument for no date at all, one that does not
/// exist, or one outside of 1678 to 2261.
CICADA_API time_filter on_dates(const std::vector<or_text<std::chrono::year_month_day>>& dates,
                                const or_text<zone>& where = {});

/// Throws std::invalid_argument for no weekday at all, or one that does not exist.
CICADA_API time_filter on_weekdays(const std::vector<std::chrono::weekday>& days,
                                   const or_text<zone>& where = {});

/// From `begin` on and before `end`, of each day, or of the next one if `end` is the earlier.
/// Throws std::invalid_argument when they are equal.
CICADA_API time_filter daily_between(const or_text<time_of_day>& begin,
                                     const or_text<time_of_day>& end,
                                     const or_text<zone>& where = {});

/// What except() takes away from a schedule. See the functions above.
class CICADA_API time_filter {
public:
    bool holds(wall_time instant) const noexcept { return at(instant).holds; }

    /// A stretch of time in which holds() stays as it is.
    struct stretch {
        wall_time from; // wall_time::min(): always
        wall_time until; // exclusive; wall_time::max(): for ever
        bool holds;
    };
    /// One that holds `instant`. The next one may be of the same kind.
    stretch at(wall_time instant) const noexcept;

    /// As one writes it in C++; see schedule::text().
    std::string text() const;
    const zone& where() const noexcept { return zone_; }
    friend bool operator==(const time_filter&, const time_filter&) = default;

private:
    friend time_filter on_dates(const std::vector<or_text<std::chrono::year_month_day>>&,
                                const or_text<zone>&);
    friend time_filter on_weekdays(const std::vector<std::chrono::weekday>&, const or_text<zone>&);
    friend time_filter daily_between(const or_text<time_of_day>&, const or_text<time_of_day>&,
                                     const or_text<zone>&);

    enum class kind : std::uint8_t { dates, weekdays, daily };
    time_filter(kind which, const zone& where) noexcept : kind_(which), zone_(where) {}
    bool holds_on(std::chrono::local_days day) const noexcept;

    kind kind_;
    std::uint8_t weekdays_ = 0; // bit d, 0 = Sunday to 6
    zone zone_;
    std::vector<std::chrono::local_days> dates_; // sorted, each once
    duration begin_{}; // since midnight; begin_ > end_: around midnight
    duration end_{};
};

} // namespace cicada
