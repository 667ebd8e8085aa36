#pragma once

/// Transactions on a connection, which is made when it is needed, and anew when it is lost.
///
/// Threads: one at a time.

#include <atomic>
#include <optional>

#include <store/postgres/clock.hpp>
#include <store/postgres/connection.hpp>
#include <store/postgres/migrate.hpp>

namespace cicada::detail {

enum class pg_access : std::uint8_t { write, read };

/// What is known of it, by all sessions of a store.
struct pg_server {
    pg_clock clock;
    std::atomic<std::uint64_t> number{0}; // another one: it is another, or was started anew
};

class pg_session {
public:
    pg_session(std::string url, std::string place, pg_server& server)
        : url_(std::move(url)), place_(std::move(place)), server_(server) {}

    /// Connects, and brings the schema up to date, or sees whether it is.
    void open(pg_migrations how);
    /// The store's time, as of the beginning. What was lost before is not: another connection is
    /// made, at most once. Where the session is ours, and the time is known, a transaction that
    /// writes is begun along with its first statement, which throws pg_try_again if it was not so.
    wall_time begin(pg_access access);
    /// Within a transaction.
    pg_rows run(std::string_view sql, const pg_values& values = {});
    /// As run(). Where the session is ours it keeps the plan, so this is for what is asked often
    /// and has one good plan, however few rows there are when it is asked first.
    pg_rows run_prepared(const std::string& sql, const pg_values& values);
    /// The same, of what is written the last in a transaction: a COMMIT goes along, where the
    /// session is ours, and commit() hears what has come of it. Then nothing may be written.
    pg_rows run_last(const std::string& sql, const pg_values& values);
    /// When it throws, it was undone, unless it is unknown_outcome. Another one does nothing.
    void commit();
    void roll_back() noexcept;

    bool is_usable() const noexcept { return connection_ && connection_->is_usable(); }
    /// A transaction that is left open for longer is ended by the server, so that what it holds is
    /// free before others take over what this process runs: D21.
    void idle_at_most(duration longest) noexcept { longest_idle_ = longest; }
    void answer_within(duration longest) noexcept;

private:
    wall_time begin_on(pg_access access);
    pg_rows run(const pg_query& one);
    pg_rows begin_with(const pg_query& one);
    wall_time has_begun(pg_rows& moment, elapsed_time sent_at);
    std::string begin_text(pg_access access) const;
    std::string settings() const;
    template <class F>
    auto asked(F ask) const;
    void connect();

    const std::string url_;
    const std::string place_;
    pg_server& server_;
    std::optional<pg_connection> connection_;
    std::string settled_; // the settings of a session that is ours
    duration longest_idle_ = std::chrono::seconds(5);
    duration longest_answer_ = std::chrono::seconds(30);
    bool is_in_transaction_ = false;
    bool is_committing_ = false; // the answer to that is still to come
    std::optional<wall_time> begins_; // along with its first statement
};

} // namespace cicada::detail
