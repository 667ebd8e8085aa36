#pragma once

#include <string>

#include <store/sqlite/descriptor.hpp>

namespace cicada::detail {

/// One process owns a SQLite store, by a lock on the file `<database>.lock` beside it, which holds
/// the owner's pid for whoever is refused. The system frees it when the process ends, however it
/// ends; the file stays, for to remove it would let two lock what has one name.
///
/// It is flock(2): it keeps out a second store of the same process as well, and needs no access to
/// the database itself. Programs that this process starts do not inherit it.
///
/// Errors: owned_by_another, and what keeps the file from being made.
class owner_lock {
public:
    explicit owner_lock(const std::string& database);
    owner_lock(owner_lock&&) = default;
    owner_lock& operator=(owner_lock&&) = delete;
    ~owner_lock();

private:
    descriptor file_;
};

} // namespace cicada::detail
