#pragma once

/// The tz database: a directory of TZif files, one for each name. TZDIR in the environment, else
/// /usr/share/zoneinfo.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/base/export.hpp>

namespace cicada::detail {

std::filesystem::path tz_directory();

/// Whether it may be the name of a file in the database: relative, and staying within.
bool is_zone_name(std::string_view name);

/// The bytes of the name's file. Throws unknown_zone, with the names that are near.
std::string read_zone_file(std::string_view name,
                           const std::filesystem::path& directory = tz_directory());

/// All names, sorted.
std::vector<std::string> read_zone_names(const std::filesystem::path& directory = tz_directory());

/// "2025b", or "unknown".
std::string read_tz_version(const std::filesystem::path& directory = tz_directory());

/// What tells one tz database from another: its version, or, where it says none, "hash:" and a hash
/// of its files.
std::string read_tz_mark(const std::filesystem::path& directory = tz_directory());
/// The same, as of the first call, or of the last reload_tz(). Threads: any.
CICADA_API std::string tz_mark();
/// By the versions. Of hashes nobody knows which is newer.
CICADA_API bool is_newer_tz(std::string_view mark, std::string_view than) noexcept;
/// What tz_mark() gives from here on; none: it reads anew. And what it was.
std::optional<std::string> set_tz_mark(std::optional<std::string> mark);

/// The name of the system's zone. `tz` is the value of the environment variable TZ, null if there
/// is none; `etc` holds `localtime` and `timezone`. There may be no such zone, if TZ says nothing
/// that we understand.
std::string local_zone_name(const char* tz, const std::filesystem::path& etc);

} // namespace cicada::detail
