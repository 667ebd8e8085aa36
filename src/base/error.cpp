#include <cicada/base/error.hpp>

#include <string>

namespace cicada {

timeout_error::timeout_error() : error("cicada: the time given to with_timeout ran out") {}

task_cancelled::task_cancelled() : error("cicada: the awaited task was cancelled") {}

failing_error::failing_error(std::uint32_t in_a_row)
    : error("cicada: " + std::to_string(in_a_row) + " runs in a row have failed"),
      in_a_row_(in_a_row) {}

clock_error::clock_error(duration was_ahead)
    : error("cicada: the wall clock was " + std::to_string(was_ahead / std::chrono::hours(1)) +
            " h ahead, and has been set back: calendars go on from the new time"),
      was_ahead_(was_ahead) {}

} // namespace cicada
