#pragma once

/// Who reads a SQLite database, for messages.

#include <string>

namespace cicada::detail {

/// "process 1234 (sqlite3)", "this process", or several of them: who reads in a transaction that
/// has begun, or has just ended. "somebody" where the system does not say, as of a process outside
/// of this container. Opens no file of the database: see files.hpp.
std::string log_readers(const std::string& database);

} // namespace cicada::detail
