#pragma once

#include <cstdint>

namespace cicada {

/// The states of a schedule at work, and what each may hold:
///
///     life        next instant  what waits to start        runs
///     active      perhaps       perhaps                    perhaps
///     paused      kept          kept, but for triggered    perhaps
///     ending      none          perhaps                    perhaps: not all of them none
///     held        none          kept, but for triggered    perhaps: not all of them none
///     cancelling  none          none                       some, all of them asked to end
///     ended       none          none                       none
///
///     active <-> paused, ending <-> held    pause(), resume(), failure_limit::action::pause
///     held -> ending                        its job is removed: what it kept is dropped
///     active -> ending, paused -> held      the schedule has no further instant: `until`, `times`,
///                                           a one-shot
///     any -> cancelling                     cancel(), or an error that stops it
///     ending, held, cancelling -> ended     nothing is left
///     any -> active, or held -> paused      a job is given another schedule, which has instants
enum class life : std::uint8_t { active, paused, ending, held, cancelling, ended };

/// What becomes of the instants that came during a pause, as it ends:
enum class passed : std::uint8_t {
    skip, // they get no run
    catch_up, // what the policy for instants that are late says: catch_up, missed
};

} // namespace cicada
