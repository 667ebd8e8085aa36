#include <store/sqlite/connection.hpp>

#include <sqlite3.h>
#include <store/sqlite/failure.hpp>

namespace cicada::detail {

namespace {

std::string path_of(sqlite_database& of) { return sqlite3_db_filename(of.handle(), "main"); }

// The PRAGMAs, each with why.

constexpr std::string_view of_all =
    // Only a tool of somebody else's contends.
    "PRAGMA busy_timeout = 5000;"
    // A page that is damaged is found when it is read.
    "PRAGMA cell_size_check = ON;"
    // A schema that somebody has tampered with runs no functions.
    "PRAGMA trusted_schema = OFF;"
    // An error of the disk is an error code and not a SIGBUS.
    "PRAGMA mmap_size = 0;"
    // Sorting makes no files.
    "PRAGMA temp_store = MEMORY;";

constexpr std::string_view of_writer =
    // Readers do not wait, and a commit is one write and one sync.
    "PRAGMA journal_mode = WAL;"
    "PRAGMA foreign_keys = ON;"
    // The writer folds the log into the file itself, where nobody waits for it.
    "PRAGMA wal_autocheckpoint = 0;"
    // A log that was once long does not stay so on disk.
    "PRAGMA journal_size_limit = 67108864;"
    // What is removed need not be overwritten.
    "PRAGMA secure_delete = OFF;";

constexpr std::string_view of_reader = "PRAGMA query_only = ON;";

constexpr std::string_view durable_in(sqlite_durability durability) noexcept {
    // With NORMAL a commit is not synced, and a loss of power may undo it: what had been fired
    // would be fired again.
    return durability == sqlite_durability::power_loss ? "PRAGMA synchronous = FULL;"
                                                       : "PRAGMA synchronous = NORMAL;";
}

} // namespace

sqlite_database open_writer(const std::string& path, sqlite_durability durability,
                            const char* vfs) {
    sqlite_database db(path, sqlite_access::create, vfs);
    db.run(of_all);
    const bool is_new = pragma(db, "page_count") == 0;
    if (!is_new && pragma(db, "application_id") != application_id) {
        throw store_error(store_fault::not_a_store, path, "is a database of something else",
                          "name another file");
    }
    if (sqlite3_db_readonly(db.handle(), "main") == 1) {
        throw_sqlite(SQLITE_READONLY, nullptr, path, sqlite_moment::opening);
    }
    // The first that is written: a crash leaves a file that is empty, or known to be a store.
    if (is_new) db.run("PRAGMA application_id = " + std::to_string(application_id));
    db.run(of_writer);
    db.run(durable_in(durability));
    return db;
}

sqlite_database open_reader(const std::string& path, const char* vfs) {
    sqlite_database db(path, sqlite_access::read, vfs);
    db.run(of_all);
    db.run(of_reader);
    return db;
}

std::int64_t pragma(sqlite_database& in, std::string_view name) {
    sqlite_statement ask(in, std::string("PRAGMA ").append(name));
    sqlite_rows answer = ask.with({});
    return answer.next() ? answer.integer(0) : 0;
}

void quick_check(sqlite_database& in) {
    sqlite_statement ask(in, "PRAGMA quick_check(1)");
    sqlite_rows answer = ask.with({});
    if (answer.next() && answer.text(0) == "ok") return;
    throw store_error(store_fault::corrupt, path_of(in),
                      "is damaged (" + std::string(answer.text(0)) + ")",
                      "keep it aside, and restore a backup");
}

} // namespace cicada::detail
