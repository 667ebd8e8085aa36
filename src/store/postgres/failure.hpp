#pragma once

/// What PostgreSQL's SQLSTATE codes mean for who asked: D20. (The codes: appendix A of its manual.)
///
///     08, 57P01 to 57P03, none      the connection is lost: unreachable; another is made
///     25006                         the server only reads: as that, for another may write
///     53                            it lacks something: full (53100), unreachable (53300), failed
///     57014                         timed_out
///     40001, 40P01, 55P03           busy; a store tries the first two again by itself
///     22, 23, 54                    too_large: some value does not fit; the batch is split (D10)
///     28, 42501                     no_rights
///     3D000, 3F000, 42P01, 42703,   not_a_store: there is no such database, or no schema in it; in
///       42883                       one that was opened it may have gone with a migration: too_new
///     58, XX                        failed; XX001 and XX002: corrupt
///
/// The moment matters. What is lost on its way to a COMMIT, or back, is unknown_outcome: the server
/// may have done it. (So may be what waited for a standby, and was told to wait no more.) Before
/// that it is known: nothing is done without a COMMIT.

#include <string_view>

#include <cicada/store/errors.hpp>

struct pg_conn;
struct pg_result;

namespace cicada::detail {

enum class pg_moment : std::uint8_t { connecting, working, committing };

/// An empty code: no answer came.
store_fault fault_of(std::string_view sqlstate, pg_moment when) noexcept;
/// Another attempt may succeed, with nothing changed by hand: a deadlock, or the like.
bool is_worth_repeating(std::string_view sqlstate) noexcept;
/// The connection is of no use any more.
bool ends_connection(std::string_view sqlstate) noexcept;

/// Throws what that stands for, with what the server says of it.
[[noreturn]] void throw_postgres(std::string_view sqlstate, std::string_view message,
                                 const std::string& place, pg_moment when);

} // namespace cicada::detail
