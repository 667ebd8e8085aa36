#include <cicada/schedule/schedule.hpp>

namespace cicada {

namespace detail {

schedule_rule::~schedule_rule() = default;

search_result schedule_rule::find(wall_time after, sought) const {
    return {.instant = next(after)};
}

} // namespace detail

schedule::window schedule::between(wall_time from, wall_time until) const {
    return window(*this, from, until);
}

schedule::window::iterator schedule::window::begin() const {
    // matches, for there is no instant before the first one there is, to ask for what follows it.
    if (from_ < until_ && of_.matches(from_)) return iterator(*this, from_);
    return iterator(*this, following(from_));
}

std::optional<wall_time> schedule::window::following(wall_time t) const {
    search_result found = of_.find_next(t);
    while (found.horizon && *found.horizon < until_) found = of_.find_next(*found.horizon);
    return found.instant && *found.instant < until_ ? found.instant : std::nullopt;
}

} // namespace cicada
