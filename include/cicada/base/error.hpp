#pragma once

/// What cicada throws.
///
/// A failed operation throws something derived from `cicada::error`. Misuse that can be seen when
/// something is made throws std::invalid_argument, and a call in the wrong place std::logic_error.
/// `cancelled` is not an error and not a std::exception: it is how a request to cancel unwinds a
/// task.

#include <exception>
#include <stdexcept>

#include <cicada/base/time.hpp>

namespace cicada {

/// Thrown into a task that was asked to cancel, at the point where it waits. Let it pass, or
/// rethrow it after cleaning up: `catch (const std::exception&)` does not see it.
class CICADA_API cancelled final {};

class CICADA_API error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The time given to `with_timeout` ran out.
class CICADA_API timeout_error final : public error {
public:
    timeout_error();
};

/// What one waited for was cancelled by somebody else, so it has no value to give. Distinct from
/// `cancelled`, which says that the waiting task itself was asked to stop.
class CICADA_API task_cancelled final : public error {
public:
    task_cancelled();
};

/// Given to the error handler: so many runs of a periodic have failed in a row. See failure_limit.
class CICADA_API failing_error final : public error {
public:
    explicit failing_error(std::uint32_t in_a_row);
    std::uint32_t in_a_row() const noexcept { return in_a_row_; }

private:
    std::uint32_t in_a_row_;
};

/// Given to the error handler: the wall clock was wrong, and has been set right. Calendars decide
/// from the new now on; see most_set_back.
class CICADA_API clock_error final : public error {
public:
    explicit clock_error(duration was_ahead);
    duration was_ahead() const noexcept { return was_ahead_; }

private:
    duration was_ahead_;
};

/// The gate, channel, semaphore or loop refuses new work; the promise of a future was dropped; a
/// ticker's calendar has come to its end.
class CICADA_API closed_error final : public error {
public:
    using error::error;
};

} // namespace cicada
