#include <store/sqlite/transaction.hpp>

#include <exception>

#include <sqlite3.h>
#include <store/sqlite/failure.hpp>

namespace cicada::detail {

namespace {

// It fails only where SQLite has rolled back by itself.
void roll_back(sqlite_database& in) noexcept {
    if (!in.is_in_transaction()) return;
    sqlite3_exec(in.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace

sqlite_transaction::sqlite_transaction(sqlite_database& in) : in_(in) {
    in_.run("BEGIN IMMEDIATE");
}

sqlite_transaction::~sqlite_transaction() { roll_back(in_); }

void sqlite_transaction::commit() {
    const int code = sqlite3_exec(in_.handle(), "COMMIT", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    throw_sqlite(code, in_.handle(), sqlite3_db_filename(in_.handle(), "main"),
                 sqlite_moment::committing);
}

sqlite_snapshot::sqlite_snapshot(sqlite_database& in) : in_(in) { in_.run("BEGIN"); }

sqlite_snapshot::~sqlite_snapshot() { roll_back(in_); }

sqlite_savepoints::sqlite_savepoints(sqlite_database& in)
    : in_(in), begin_(in, "SAVEPOINT part"), undo_(in, "ROLLBACK TO part"),
      release_(in, "RELEASE part") {}

sqlite_savepoint::sqlite_savepoint(sqlite_savepoints& of) : of_(of) { of_.begin_.run(); }

sqlite_savepoint::~sqlite_savepoint() {
    if (is_kept_ || !of_.in_.is_in_transaction()) return;
    try {
        of_.undo_.run();
        of_.release_.run();
    } catch (const std::exception&) {
        of_.is_broken_ = true;
    }
}

void sqlite_savepoint::keep() {
    of_.release_.run();
    is_kept_ = true;
}

} // namespace cicada::detail
