#include "week.hpp"

#include <algorithm>
#include <numeric>

namespace cicada::app {

using namespace std::chrono;

namespace {

local_time monday_before(local_time t) {
    const local_days today = floor<days>(t);
    return local_time(today - (weekday(today) - Monday));
}

} // namespace

week::week(const std::vector<planned_schedule>& all, const zone& where, wall_time some_time)
    : all_(all), zone_(where), begin_(monday_before(where.to_local(some_time))),
      starts_(7 * minutes_a_day) {
    each_start([&](std::size_t minute, const planned_schedule&) { ++starts_[minute]; });
}

template <class Visit>
void week::each_start(Visit visit) const {
    const wall_time from = *zone_.to_instant(begin_);
    const wall_time until = *zone_.to_instant(begin_ + days(7));
    simulate(all_, {from, until}, [&](const planned_schedule& s, const decision& d) {
        if (d.attempts == 0) return;
        // A week that begins or ends within an overlap has local times outside of itself.
        const auto minute =
            floor<std::chrono::minutes>(zone_.to_local(d.started_at) - begin_).count();
        if (minute < 0 || minute >= static_cast<std::int64_t>(starts_.size())) return;
        visit(static_cast<std::size_t>(minute), s);
    });
}

std::vector<std::uint32_t> week::busiest_day() const {
    std::vector<std::uint32_t> result(minutes_a_day);
    for (std::size_t i = 0; i < starts_.size(); ++i) {
        result[i % minutes_a_day] = std::max(result[i % minutes_a_day], starts_[i]);
    }
    return result;
}

std::uint32_t week::most() const { return *std::max_element(starts_.begin(), starts_.end()); }

std::uint64_t week::runs() const {
    return std::accumulate(starts_.begin(), starts_.end(), std::uint64_t{0});
}

std::vector<std::string> week::names_at(std::size_t minute) const {
    std::vector<bool> starts(all_.size());
    each_start([&](std::size_t at, const planned_schedule& s) {
        if (at == minute) starts[static_cast<std::size_t>(&s - all_.data())] = true;
    });
    std::vector<std::string> names;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (starts[i]) names.push_back(all_[i].name);
    }
    return names;
}

} // namespace cicada::app
