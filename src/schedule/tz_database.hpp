#pragma once

/// The tz database: a directory of TZif files, one for each name. TZDIR in the environment, else
/// /usr/share/zoneinfo.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/base/export.hpp>

namespace cicada::detail {

std::filesystem::path tz_directory();

/// Whether it may be the name of a file in the database: relative, and staying within.
bool is_zone_name(std::string_view name);

/// The bytes of the name's file. Throws unknown_zone, with the names that are near.
std::string read_zone_file(std::string_view name);

/// All names, sorted.
std::vector<std::string> read_zone_names();

/// "2025b", or "unknown".
std::string read_tz_version();

/// What tells one tz database from another: its version, or, where it says none, "hash:" and a hash
/// of its files. As of the first call, or of the last reload_tz(). Threads: any.
CICADA_API std::string tz_mark();
/// By the versions. Of hashes nobody knows which is newer.
CICADA_API bool is_newer_tz(std::string_view mark, std::string_view than) noexcept;
/// The next tz_mark() reads anew.
void forget_tz_mark();

/// The name of the system's zone. `tz` is the value of the environment variable TZ, null if there
/// is none; `etc` holds `localtime` and `timezone`. There may be no such zone, if TZ says nothing
/// that we understand.
std::string local_zone_name(const char* tz, const std::filesystem::path& etc);

} // namespace cicada::detail
