#include <store/sqlite/failure.hpp>

#include <cerrno>
#include <new>

#include <sqlite3.h>

namespace cicada::detail {

namespace {

std::string_view mend_of(store_fault fault) noexcept {
    switch (fault) {
    case store_fault::unreachable:
        return "see that its folder is there and can be written to";
    case store_fault::busy:
        return "end the program that writes to it; it belongs to one process";
    case store_fault::timed_out:
        return "ask for less at a time";
    case store_fault::full:
        return "free some space; what is stored is whole";
    case store_fault::too_large:
        return "store less in one value";
    case store_fault::unknown_outcome:
        return "it may have been done or not, which the next successful commit, or opening the "
               "file anew, will settle";
    case store_fault::read_only:
        return "let this process write to it, its folder and its disk";
    case store_fault::no_rights:
        return "let this process read and write it and its folder";
    case store_fault::corrupt:
        return "keep it aside, and restore a backup";
    case store_fault::not_a_store:
        return "name another file";
    default:
        return "see that the device it lies on works";
    }
}

std::string_view what_of(store_fault fault) noexcept {
    switch (fault) {
    case store_fault::unreachable:
        return "cannot be opened";
    case store_fault::busy:
        return "is locked by another program";
    case store_fault::timed_out:
        return "did not answer in time";
    case store_fault::full:
        return "has no space left";
    case store_fault::too_large:
        return "does not take a value of this size";
    case store_fault::unknown_outcome:
        return "failed at a commit";
    case store_fault::read_only:
        return "is read-only";
    case store_fault::no_rights:
        return "may not be opened by this process";
    case store_fault::corrupt:
        return "is damaged";
    case store_fault::not_a_store:
        return "is no store of jobs";
    default:
        return "failed";
    }
}

} // namespace

store_fault fault_of(int code, int system_error, sqlite_moment when) noexcept {
    const bool is_forbidden = system_error == EACCES || system_error == EPERM;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return store_fault::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return store_fault::busy;
    default:
        break;
    }
    if (when == sqlite_moment::committing) return store_fault::unknown_outcome;
    switch (code & 0xff) {
    case SQLITE_CANTOPEN:
        if (system_error == EROFS) return store_fault::read_only;
        return is_forbidden ? store_fault::no_rights : store_fault::unreachable;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return store_fault::no_rights;
    case SQLITE_READONLY:
        return is_forbidden ? store_fault::no_rights : store_fault::read_only;
    case SQLITE_CORRUPT:
        return store_fault::corrupt;
    case SQLITE_NOTADB:
        return store_fault::not_a_store;
    case SQLITE_TOOBIG:
        return store_fault::too_large;
    case SQLITE_INTERRUPT:
        return store_fault::timed_out;
    default:
        return store_fault::failed;
    }
}

void throw_sqlite(int code, sqlite3* in, const std::string& place, sqlite_moment when) {
    if (code == SQLITE_NOMEM && when != sqlite_moment::committing) throw std::bad_alloc();
    const store_fault fault = fault_of(code, in ? sqlite3_system_errno(in) : 0, when);
    std::string what(what_of(fault));
    what.append(" (SQLite ").append(std::to_string(code)).append(": ");
    what.append(in ? sqlite3_errmsg(in) : sqlite3_errstr(code)).append(")");
    throw store_error(fault, place, what, mend_of(fault));
}

void throw_sqlite(int code, sqlite3* in, sqlite_moment when) {
    const char* const path = sqlite3_db_filename(in, "main");
    throw_sqlite(code, in, path ? path : "", when);
}

} // namespace cicada::detail
