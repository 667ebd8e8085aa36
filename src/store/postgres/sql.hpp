#pragma once

/// The .sql files of this folder, which the build embeds: see cmake/embed.cmake.

#include <string>
#include <string_view>

#include <store/named_sql.hpp>

namespace cicada::detail {

extern const std::string_view pg_sql_jobs;
extern const std::string_view pg_sql_migrations_0001;
extern const std::string_view pg_sql_nodes;
extern const std::string_view pg_sql_prune;
extern const std::string_view pg_sql_runs;
extern const std::string_view pg_sql_schema;
extern const std::string_view pg_sql_steps;

/// As named(), for a statement that is sent.
inline std::string pg_statement(std::string_view file, std::string_view name) {
    return std::string(named(file, name));
}

} // namespace cicada::detail
