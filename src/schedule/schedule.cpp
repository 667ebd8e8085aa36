#include <cicada/schedule/schedule.hpp>

#include <cicada/base/error.hpp>
#include <schedule/search.hpp>

namespace cicada {

namespace detail {

schedule_rule::~schedule_rule() = default;

search_result schedule_rule::find(wall_time after, sought) const {
    return {.instant = next(after)};
}

} // namespace detail

std::optional<candidate> schedule::next_candidate(wall_time after) const {
    const search_result found = find_next_candidate(after);
    if (!found.instant) return std::nullopt;
    return candidate{*found.instant, found.is_excluded};
}

bool schedule::operator==(const schedule& other) const {
    return rule_ == other.rule_ || text() == other.text();
}

never_error::never_error(const std::string& what, schedule rule, wall_time after)
    : std::invalid_argument(what), rule_(rule), after_(after) {}

schedule::window::window(schedule of, wall_time from, wall_time until) noexcept
    : of_(of), from_(from), until_(until) {}

schedule::window schedule::between(wall_time from, wall_time until) const {
    return window(*this, from, until);
}

schedule::window::iterator schedule::window::begin() const {
    // matches, for there is no instant before the first one there is, to ask for what follows it.
    if (from_ < until_ && of_.matches(from_)) return iterator(*this, from_);
    return iterator(*this, following(from_));
}

std::optional<wall_time> schedule::window::following(wall_time t) const {
    const search_result found = detail::find_up_to(of_, t, until_, detail::sought::instants);
    if (found.horizon && *found.horizon < until_)
        throw error("cicada: between() found no instant of " + of_.text() + " from " +
                    format_instant(t) + " to " + format_instant(*found.horizon) +
                    ", and gives up: it has gone through a thousand million in vain");
    return found.instant && *found.instant < until_ ? found.instant : std::nullopt;
}

} // namespace cicada
