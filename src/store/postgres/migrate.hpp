#pragma once

/// The schema of a PostgreSQL store: D19.
///
/// Programs of different versions of cicada work side by side on one store: each step of the schema
/// says which version still works with it, and what an older one needs goes one version later.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <store/postgres/connection.hpp>

namespace cicada::detail {

enum class pg_migrations : std::uint8_t { made, checked };

/// To a version from the one before it.
struct pg_migration {
    std::string_view sql;
    std::int64_t least_version; // of programs that work with what it makes
};
std::span<const pg_migration> all_pg_migrations() noexcept;

/// Brings the schema up to date, or only sees whether it is. Several programs may do it at once:
/// one does, the others wait. What cannot be changed for a while, for others use it, is tried again
/// for up to five minutes.
/// Errors: too_new; not_a_store, if there is none and none is to be made; no_rights.
void migrate(pg_connection& in, const std::string& place, pg_migrations how,
             std::span<const pg_migration> by = all_pg_migrations());

} // namespace cicada::detail
