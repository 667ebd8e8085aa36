#pragma once

/// Transactions, and parts of them that can be undone by themselves.
///
///     sqlite_transaction work(db);
///     {
///         sqlite_savepoint part(savepoints);
///         ...                            // what throws is undone
///         part.keep();
///     }
///     work.commit();

#include <store/sqlite/database.hpp>

namespace cicada::detail {

/// Takes the write lock when it is made, and undoes what was not committed when it goes.
class sqlite_transaction {
public:
    explicit sqlite_transaction(sqlite_database& in);
    sqlite_transaction(const sqlite_transaction&) = delete;
    sqlite_transaction& operator=(const sqlite_transaction&) = delete;
    ~sqlite_transaction();

    /// When it throws the transaction has ended: as unknown_outcome says, or undone.
    void commit();

private:
    sqlite_database& in_;
};

/// While it lives all that is read is of one moment. Nothing is written.
class sqlite_snapshot {
public:
    explicit sqlite_snapshot(sqlite_database& in);
    sqlite_snapshot(const sqlite_snapshot&) = delete;
    sqlite_snapshot& operator=(const sqlite_snapshot&) = delete;
    ~sqlite_snapshot();

private:
    sqlite_database& in_;
};

/// What savepoints of one connection share.
class sqlite_savepoints {
public:
    explicit sqlite_savepoints(sqlite_database& in);

    /// The transaction has ended by itself, or what should have been undone was not: it must not be
    /// committed.
    bool is_broken() const noexcept { return is_broken_ || !in_.is_in_transaction(); }
    void forget() noexcept { is_broken_ = false; } // at the begin of a transaction

private:
    friend class sqlite_savepoint;
    sqlite_database& in_;
    sqlite_statement begin_, undo_, release_;
    bool is_broken_ = false;
};

class sqlite_savepoint {
public:
    explicit sqlite_savepoint(sqlite_savepoints& of);
    sqlite_savepoint(const sqlite_savepoint&) = delete;
    sqlite_savepoint& operator=(const sqlite_savepoint&) = delete;
    ~sqlite_savepoint();

    void keep();

private:
    sqlite_savepoints& of_;
    bool is_kept_ = false;
};

} // namespace cicada::detail
