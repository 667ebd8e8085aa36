#pragma once

/// How a store opens its file: one connection that writes, and some that only read.

#include <string>

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// What a commit survives.
enum class sqlite_durability : std::uint8_t {
    power_loss, // all
    process_crash, // a crash of the process, but not of the machine
};

/// "Cicd": says that a SQLite file is a store of cicada's (PRAGMA application_id).
inline constexpr std::int64_t application_id = 0x43696364;

/// Opens what there is, or makes an empty database. Throws not_a_store for a database of something
/// else. Which version of a store it is, PRAGMA user_version says.
sqlite_database open_writer(const std::string& path, sqlite_durability durability,
                            const char* vfs = nullptr);
/// The file must exist.
sqlite_database open_reader(const std::string& path, const char* vfs = nullptr);

/// The number that this PRAGMA has.
std::int64_t pragma(sqlite_database& in, std::string_view name);
/// Reads all of the database. Throws what is wrong with it, as corrupt.
void quick_check(sqlite_database& in);

} // namespace cicada::detail
