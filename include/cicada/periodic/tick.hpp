#pragma once

#include <cicada/base/time.hpp>

namespace cicada {

namespace detail {
class periodic_core;
}

/// What a periodic function may be told, by taking it as its first argument.
struct tick {
    wall_time nominal; // the instant that the schedule names
    wall_time now;     // when this attempt was started
    duration lateness; // between the two, in elapsed time; never negative
    /// Nominal instants that got no run of their own since the tick before, as known now: missed or
    /// dropped.
    std::uint64_t missed;
    /// 1, or more when this is a retry for the same nominal instant.
    std::uint32_t attempt;

    /// Requests cancel of the periodic whose tick it is, as its handle does, from within the body:
    /// no further tick comes, retries are dropped, and every run that is suspended is asked to end,
    /// this one included: `cancelled` is thrown at its next suspension. A function that is no
    /// coroutine runs to its end; a task that it then returns never begins.
    ///
    /// Threads:  any; a blocking() body may call it where it runs.
    /// Lifetime: while the run goes on for which it was made; a copy that is kept longer must not
    ///           be asked.
    /// A tick that was made by hand, in a test of the body, has no periodic: nothing happens.
    CICADA_API void cancel() const;

    detail::periodic_core* of = nullptr; // cicada's
};

} // namespace cicada
