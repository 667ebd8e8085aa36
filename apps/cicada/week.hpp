#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <cicada/schedule/simulate.hpp>
#include <cicada/schedule/zone.hpp>

namespace cicada::app {

constexpr std::size_t minutes_a_day = 24 * 60;

/// How many runs start in each minute of a week of local time, which begins on a Monday.
class week {
public:
    /// The week that holds `some_time`.
    week(const std::vector<planned_schedule>& all, const zone& where, wall_time some_time);

    std::span<const std::uint32_t> minutes() const { return starts_; }
    std::span<const std::uint32_t> day(std::size_t n) const {
        return minutes().subspan(n * minutes_a_day, minutes_a_day);
    }
    /// The most of each minute of the day, on whichever day that is.
    std::vector<std::uint32_t> busiest_day() const;
    std::uint32_t most() const;
    local_time begins_at() const { return begin_; }
    std::uint64_t runs() const;

    /// Whose runs start in this minute of the week, each once, as they stand in the file.
    std::vector<std::string> names_at(std::size_t minute) const;

private:
    template <class Visit>
    void each_start(Visit visit) const;

    const std::vector<planned_schedule>& all_;
    zone zone_;
    local_time begin_;
    std::vector<std::uint32_t> starts_;
};

} // namespace cicada::app
