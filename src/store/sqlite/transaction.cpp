#include <store/sqlite/transaction.hpp>

#include <exception>

namespace cicada::detail {

sqlite_transactions::sqlite_transactions(sqlite_database& in)
    : in_(in), begin_writing_(in, "BEGIN IMMEDIATE"), begin_reading_(in, "BEGIN"),
      commit_(in, "COMMIT"), roll_back_(in, "ROLLBACK"), begin_part_(in, "SAVEPOINT part"),
      undo_part_(in, "ROLLBACK TO part"), keep_part_(in, "RELEASE part") {}

void sqlite_transactions::begin(sqlite_statement& how) {
    if (in_.is_in_transaction()) roll_back_.run(); // for it has failed the last time
    is_broken_ = false;
    how.run();
}

// SQLite itself has ended some that failed. One that cannot be ended is tried again by begin().
void sqlite_transactions::roll_back() noexcept {
    if (!in_.is_in_transaction()) return;
    try {
        roll_back_.run();
    } catch (const std::exception&) {
    }
}

sqlite_transaction::sqlite_transaction(sqlite_transactions& of) : of_(of) {
    of_.begin(of_.begin_writing_);
}

sqlite_transaction::~sqlite_transaction() { of_.roll_back(); }

void sqlite_transaction::commit() { of_.commit_.commit(); }

sqlite_snapshot::sqlite_snapshot(sqlite_transactions& of) : of_(of) {
    of_.begin(of_.begin_reading_);
}

sqlite_snapshot::~sqlite_snapshot() { of_.roll_back(); }

sqlite_savepoint::sqlite_savepoint(sqlite_transactions& of) : of_(of) { of_.begin_part_.run(); }

sqlite_savepoint::~sqlite_savepoint() {
    if (is_kept_ || !of_.in_.is_in_transaction()) return;
    try {
        of_.undo_part_.run();
        of_.keep_part_.run();
    } catch (const std::exception&) {
        of_.is_broken_ = true;
    }
}

void sqlite_savepoint::keep() {
    of_.keep_part_.run();
    is_kept_ = true;
}

} // namespace cicada::detail
