#pragma once

/// Transactions on a connection, which is made when it is needed, and anew when it is lost.
///
/// Threads: one at a time; server() any.

#include <atomic>
#include <optional>

#include <store/postgres/clock.hpp>
#include <store/postgres/connection.hpp>
#include <store/postgres/migrate.hpp>

namespace cicada::detail {

enum class pg_access : std::uint8_t { write, read };

class pg_session {
public:
    /// `clock` hears what time it is at the server.
    pg_session(std::string url, std::string place, pg_clock& clock)
        : url_(std::move(url)), place_(std::move(place)), clock_(clock) {}

    /// Connects, and brings the schema up to date, or sees whether it is.
    void open(pg_migrations how);
    /// The store's time, as of the beginning. What was lost before is not: another connection is
    /// made, at most once.
    wall_time begin(pg_access access);
    /// Within a transaction.
    pg_rows run(std::string_view sql, const pg_values& values = {});
    void begin_part();
    void keep_part();
    void undo_part();
    /// When it throws, it was undone, unless it is unknown_outcome.
    void commit();
    void roll_back() noexcept;

    bool is_usable() const noexcept { return connection_ && connection_->is_usable(); }
    /// Another number: another server, or it was started anew.
    std::uint64_t server() const noexcept { return server_; }
    /// A transaction that is left open for longer is ended by the server, so that what it holds is
    /// free before others take over what this process runs: D21.
    void idle_at_most(duration longest) noexcept { longest_idle_ = longest; }
    void answer_within(duration longest) noexcept { longest_answer_ = longest; }

private:
    wall_time begin_on(pg_access access);
    std::string begin_text(pg_access access) const;
    void flush();

    const std::string url_;
    const std::string place_;
    pg_clock& clock_;
    std::optional<pg_connection> connection_;
    std::string unsent_; // goes with what is sent next
    duration longest_idle_ = std::chrono::seconds(5);
    duration longest_answer_ = std::chrono::seconds(30);
    bool is_in_transaction_ = false;
    std::atomic<std::uint64_t> server_{0};
};

} // namespace cicada::detail
