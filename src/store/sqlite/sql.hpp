#pragma once

/// The .sql files of this folder, which the build embeds: see cmake/embed.cmake.

#include <string_view>

#include <store/named_sql.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

extern const std::string_view sql_boot;
extern const std::string_view sql_counters;
extern const std::string_view sql_jobs;
extern const std::string_view sql_migrations_0001;
extern const std::string_view sql_nodes;
extern const std::string_view sql_prune;
extern const std::string_view sql_runs;
extern const std::string_view sql_stretches;

/// The statements of a file, on one connection.
class sqlite_file {
public:
    sqlite_file(sqlite_database& in, std::string_view text) : in_(in), text_(text) {}
    sqlite_statement operator()(std::string_view name) const {
        return sqlite_statement(in_, named(text_, name));
    }

private:
    sqlite_database& in_;
    std::string_view text_;
};

} // namespace cicada::detail
