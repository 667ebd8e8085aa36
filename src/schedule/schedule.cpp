#include <cicada/schedule/schedule.hpp>

namespace cicada {

namespace detail {

schedule_rule::~schedule_rule() = default;

std::optional<candidate> schedule_rule::next_candidate(wall_time after) const {
    const std::optional<wall_time> instant = next(after);
    if (!instant) return std::nullopt;
    return candidate{*instant};
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
    const std::optional<wall_time> instant = of_.next(t);
    return instant && *instant < until_ ? instant : std::nullopt;
}

} // namespace cicada
