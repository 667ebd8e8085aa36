#pragma once

/// What SQLite's result codes mean for who asked.
///
/// The moment matters. An error while a transaction is built up undoes it: known. An error at its
/// COMMIT may come after all of it has been written: the running process sees it undone, and who
/// opens the file next sees it done, unless a later commit has overwritten it. Only two codes at a
/// COMMIT are known to have left nothing behind: a full disk, and a lock of somebody else.

#include <cicada/store/errors.hpp>

struct sqlite3;

namespace cicada::detail {

enum class sqlite_moment : std::uint8_t { opening, working, committing };

/// Of an extended code. `system_error` is the errno behind it, where there is one.
store_fault fault_of(int code, int system_error, sqlite_moment when) noexcept;

/// Throws what the code stands for; std::bad_alloc for lack of memory, but at a COMMIT. `in` may be
/// null, when not even that could be had.
[[noreturn]] void throw_sqlite(int code, sqlite3* in, const std::string& place, sqlite_moment when);
/// Of a database that is open, whose path is the place.
[[noreturn]] void throw_sqlite(int code, sqlite3* in, sqlite_moment when);

} // namespace cicada::detail
