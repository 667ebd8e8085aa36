#pragma once

#include <string_view>

#include <schedule/zone_rules.hpp>

namespace cicada::detail {

/// Reads a file of the tz database: TZif, versions 1 to 4 (RFC 9636, and RFC 8536 before it).
///
/// What the POSIX string at its end says is written out as changes, up to the end of wall_time.
/// Before the first change the first type holds, mostly local mean time. A file that counts leap
/// seconds (those under right/) is refused: wall_time does not count them. Throws
/// std::invalid_argument that says what is wrong with the bytes, or parse_error that says what is
/// wrong with the string.
zone_rules parse_tzif(std::string_view bytes);

} // namespace cicada::detail
