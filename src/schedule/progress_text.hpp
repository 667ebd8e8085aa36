#pragma once

/// The progress of a course as text: a column of a durable job.
///
///     1 active w1767225600000000000 0 0 0 1767222000000000000 7 7 0 0 1 0 1 0 1 e3600 trigger 12
///
/// The version of this form; the state; the next instant ("-": none) and by how much it is delayed;
/// is_horizon; is_counted; what is decided; last_run, ran, missed, dropped, failed, untold and
/// failed_in_a_row; what has arrived and what waits, each list after its length. Instants are
/// nanoseconds since the epoch of their line: w of wall time, e of elapsed time. What runs is not
/// in it: those are rows of their own.

#include <string>
#include <string_view>

#include <schedule/course.hpp>

namespace cicada::detail {

/// All but the runs, in the newest form.
CICADA_API std::string to_text(const progress& p);

/// What to_text() has written, now or in an earlier version. Throws parse_error for anything else.
CICADA_API progress parse_progress(std::string_view text);

} // namespace cicada::detail
