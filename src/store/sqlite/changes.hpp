#pragma once

/// Changes of runs that have nothing to do with each other, by one statement for sixteen of them:
/// what is done once in a statement costs a third of what a row does. The statement asks for their
/// values by functions, which look into what make() was given.

#include <bitset>
#include <span>

#include <store/rows.hpp>
#include <store/sqlite/database.hpp>

struct sqlite3_context;
struct sqlite3_value;

namespace cicada::detail {

class sqlite_changes {
public:
    static constexpr std::size_t most = 16; // as many as the statement names
    using taken = std::bitset<most>;

    /// The functions are those of this connection.
    explicit sqlite_changes(sqlite_database& in);
    sqlite_changes(const sqlite_changes&) = delete;
    sqlite_changes& operator=(const sqlite_changes&) = delete;

    /// Of different runs, none from running to ready: there a fence moves. Those that are not what
    /// they were are not taken.
    taken make(std::span<const run_change* const> those, wall_time now);

private:
    static void is_as_it_was(sqlite3_context* answer, int count, sqlite3_value** given) noexcept;
    static void changed(sqlite3_context* answer, int count, sqlite3_value** given) noexcept;
    std::size_t place_of(sqlite3_value* id) const noexcept;

    sqlite_statement make_;
    // While it makes them:
    std::span<const run_change* const> those_;
    taken taken_;
    wall_time now_{};
};

} // namespace cicada::detail
