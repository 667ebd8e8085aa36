#pragma once

/// Transactions, and parts of them that can be undone by themselves.
///
///     sqlite_transactions of(db);
///     sqlite_transaction work(of);
///     {
///         sqlite_savepoint part(of);
///         ...                            // what throws is undone
///         part.keep();
///     }
///     work.commit();

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// The statements for the transactions of one connection. They are made ahead, so that one can be
/// undone also when no memory is left.
class sqlite_transactions {
public:
    explicit sqlite_transactions(sqlite_database& in);

    /// It has ended by itself, or what should have been undone was not: it must not be committed.
    bool is_broken() const noexcept { return is_broken_ || !in_.is_in_transaction(); }

private:
    friend class sqlite_transaction;
    friend class sqlite_snapshot;
    friend class sqlite_savepoint;
    void begin(sqlite_statement& how);
    void roll_back() noexcept;

    sqlite_database& in_;
    sqlite_statement begin_writing_, begin_reading_, commit_, roll_back_, begin_part_, undo_part_,
        keep_part_;
    bool is_broken_ = false;
};

/// Takes the write lock when it is made, and undoes what was not committed when it goes.
class sqlite_transaction {
public:
    explicit sqlite_transaction(sqlite_transactions& of);
    sqlite_transaction(const sqlite_transaction&) = delete;
    sqlite_transaction& operator=(const sqlite_transaction&) = delete;
    ~sqlite_transaction();

    /// When it throws nothing of it is to be seen here: as unknown_outcome says, or undone.
    void commit();

private:
    sqlite_transactions& of_;
};

/// While it lives all that is read is of one moment. Nothing is written.
class sqlite_snapshot {
public:
    explicit sqlite_snapshot(sqlite_transactions& of);
    sqlite_snapshot(const sqlite_snapshot&) = delete;
    sqlite_snapshot& operator=(const sqlite_snapshot&) = delete;
    ~sqlite_snapshot();

private:
    sqlite_transactions& of_;
};

/// Within a transaction, or another of these.
class sqlite_savepoint {
public:
    explicit sqlite_savepoint(sqlite_transactions& of);
    sqlite_savepoint(const sqlite_savepoint&) = delete;
    sqlite_savepoint& operator=(const sqlite_savepoint&) = delete;
    ~sqlite_savepoint();

    void keep();

private:
    sqlite_transactions& of_;
    bool is_kept_ = false;
};

} // namespace cicada::detail
