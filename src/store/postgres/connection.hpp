#pragma once

/// The one door to libpq: one connection, and statements on it.
///
/// Nothing is set beyond the transaction that it is in, and no statement is prepared: what answers
/// may be a pooler, which gives each transaction to another session (PgBouncer, D18). Unless it is
/// known that there is none: then some are prepared when they come a second time.
///
/// Whatever is asked has a time in which it must be answered. A server that is stopped, or whose
/// network is gone, gives no sign; then the connection is given up.
///
/// Threads:  one at a time.
/// Errors:   store_error, as failure.hpp says; after one that ends the connection is_usable() is
///           false.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <store/postgres/failure.hpp>
#include <store/postgres/values.hpp>

namespace cicada::detail {

struct ends_connection_of {
    void operator()(pg_conn* connection) const noexcept;
};

/// One statement. It is_prepared when it comes a second time, and nobody stands between.
struct pg_query {
    const std::string* sql;
    const pg_values* values;
    bool is_prepared = false;
};

/// Statements failed that may succeed when all of the transaction is done again.
struct pg_try_again {
    store_error why;
};

class pg_connection {
public:
    /// Connects, to the first of the hosts that answers and may be written to.
    pg_connection(const std::string& url, const std::string& place);

    bool is_usable() const noexcept { return is_usable_; }
    /// Of the database: "UTF8". Empty: what answers does not say.
    std::string_view encoding() const noexcept;
    /// For what is asked from here on.
    void answer_within(duration longest) noexcept { longest_ = longest; }

    /// Statements without values, separated by semicolons; the rows of the last one.
    pg_rows run(const std::string& sql, pg_moment when = pg_moment::working);
    /// `sql` is one statement.
    pg_rows run(const std::string& sql, const pg_values& values);
    /// In one trip. What comes after one that fails, as BEGIN may, is not done: there is one Sync.
    /// (Until it has come the server waits without a limit. So let only the last one lock: D21.)
    std::vector<pg_rows> run_all(std::span<const pg_query> all);
    /// One, and a COMMIT, each with its Sync, in one trip; its rows come first. When it throws, it
    /// was undone, unless it is unknown_outcome; else committed() is to follow.
    pg_rows run_and_commit(const pg_query& one);
    pg_rows committed();
    /// By the number of the process that serves us, as it says itself: a pooler would have told us
    /// one of its own when we connected.
    void is_served_by(std::int64_t process) noexcept;
    bool is_direct() const noexcept { return is_direct_; }

private:
    /// By which it can be sent. Empty: it is not prepared.
    std::string name_of(const pg_query& one);
    void send(const pg_query& one, const std::string& name);
    void must(int is_done, pg_moment when); // what libpq was asked to
    void is_over(pg_moment when);
    bool is_connected() const noexcept;
    pg_rows answer(pg_moment when);
    owned<pg_result, clears_result{}> result(pg_moment when);
    pg_rows rows_of(owned<pg_result, clears_result{}> result, pg_moment when);
    void wait(bool to_write, elapsed_time until, pg_moment when);
    [[noreturn]] void lost(std::string_view why, pg_moment when);

    const std::string place_;
    owned<pg_conn, ends_connection_of{}> connection_;
    duration longest_;
    bool is_usable_ = true;
    bool is_known_ = false; // whether it is
    bool is_direct_ = false;
    struct statement {
        unsigned number = 0;
        bool is_there = false;
    };
    std::map<std::string, statement> statements_; // that came before
};

} // namespace cicada::detail
