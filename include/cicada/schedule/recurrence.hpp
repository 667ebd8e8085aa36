#pragma once

#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

/// What says when: an interval of elapsed time, or a calendar schedule of wall time.
///
///     recurrence(interval(15min)).text()                       // "every 15m"
///     recurrence(fixed_delay(90s)).text()                      // "fixed_delay 1m30s"
///     recurrence(every_days(2, "2026-01-01T04:00:00")).text()  // that of the schedule
///
/// Threads: a value; const functions from any thread.
class CICADA_API recurrence {
public:
    recurrence(interval every) noexcept : interval_(every) {}
    recurrence(schedule calendar) noexcept
        : interval_(duration::max()), calendar_(std::move(calendar)) {}
    template <instant_rule R>
    recurrence(R rule) : recurrence(schedule(std::move(rule))) {}

    /// Reads what text() writes, durations in either form of parse_duration, and all that
    /// schedule::parse reads. Throws parse_error, whose offset is one in `text`.
    static recurrence parse(std::string_view text);

    bool is_calendar() const noexcept { return calendar_.has_value(); }
    bool is_fixed_delay() const noexcept {
        return interval_.which() == interval::kind::fixed_delay;
    }
    /// Of an interval.
    const interval& as_interval() const noexcept { return interval_; }
    /// Of a calendar.
    const schedule& as_calendar() const noexcept { return *calendar_; }

    /// It parses back to an equal recurrence.
    std::string text() const;
    friend bool operator==(const recurrence&, const recurrence&) = default;

private:
    interval interval_; // of a calendar: never
    std::optional<schedule> calendar_;
};

} // namespace cicada
