#pragma once

/// The schema of a SQLite store, which PRAGMA user_version counts.

#include <cstdint>
#include <string>

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// What this version of cicada writes.
inline constexpr std::int64_t schema_version = 1;

/// Brings it up to schema_version, each step in a transaction of its own. Of a store of an older
/// version a copy is made first, `<path>.version-<n>`.
/// Errors: too_new, and nothing was changed.
void migrate(sqlite_database& in, const std::string& path, const char* vfs);

} // namespace cicada::detail
