#pragma once

/// The schema of a SQLite store, which PRAGMA user_version counts.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// What this version of cicada writes.
inline constexpr std::int64_t schema_version = 1;

/// The n-th leads from version n to n + 1.
using sqlite_migrations = std::span<const std::string_view* const>;
sqlite_migrations all_migrations() noexcept;

/// Brings it up to the version to which these lead, each in a transaction of its own. Of a store of
/// an older version a copy is made first, `<path>.version-<n>`.
/// Errors: too_new, and nothing was changed.
void migrate(sqlite_database& in, const std::string& path, const char* vfs = nullptr,
             sqlite_migrations by = all_migrations());

} // namespace cicada::detail
