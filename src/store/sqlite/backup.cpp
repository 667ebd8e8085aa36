#include <store/sqlite/backup.hpp>

#include <optional>

#include <cicada/store/errors.hpp>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/files.hpp>
#include <store/sqlite/owner_lock.hpp>

namespace cicada::detail {

namespace {

void check_is_store(sqlite_database& of, const std::string& path) {
    if (pragma(of, "application_id") == application_id) return;
    throw store_error(store_fault::not_a_store, path, "is no store of jobs", "name another file");
}

/// Under the name it returns, on disk and checked.
std::string copied(const std::string& from, const std::string& to, const char* vfs) {
    const std::string partial = to + ".partial";
    remove_file(partial); // of one that was interrupted
    try {
        // Not open_reader(), for one that may only query may not do this either.
        sqlite_database source(from, sqlite_access::read, vfs);
        check_is_store(source, from);
        source.run("PRAGMA synchronous = FULL"); // that holds for the copy: it is on disk then
        sqlite_statement vacuum(source, "VACUUM INTO ?1");
        vacuum.run({partial});
        sqlite_database made(partial, sqlite_access::read, vfs);
        quick_check(made);
    } catch (...) {
        discard_file(partial);
        throw;
    }
    return partial;
}

/// SQLite's companions of a database belong to it alone: with another one they would damage it.
void remove_log_of(const std::string& database) {
    remove_file(database + "-wal");
    remove_file(database + "-shm");
    sync_folder_of(database);
}

/// So that a crash before all is in place leaves a whole store. One that is damaged has nothing to
/// lose.
void fold_log_of(const std::string& database) noexcept {
    try {
        if (!file_exists(database + "-wal")) return;
        sqlite_database old(database, sqlite_access::write);
        old.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const std::exception&) {
    }
}

} // namespace

void backup(const std::string& from, const std::string& to, const char* vfs) {
    const std::string target = real_path(to);
    if (is_same_file(from, target)) {
        throw store_error(store_fault::owned_by_another, to, "is the store itself",
                          "name another file for its backup");
    }
    // Where no store ever was, no lock file is to be left.
    std::optional<owner_lock> lock;
    if (file_exists(target + ".lock")) lock.emplace(target);
    const std::string partial = copied(from, target, vfs);
    remove_log_of(target);
    move_file(partial, target);
}

void restore(const std::string& from, const std::string& to) {
    const std::string target = real_path(to);
    const owner_lock lock(target);
    const std::string partial = copied(real_path(from), target, nullptr);
    fold_log_of(target);
    remove_log_of(target);
    move_file(partial, target);
}

} // namespace cicada::detail
