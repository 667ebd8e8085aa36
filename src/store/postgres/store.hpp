#pragma once

/// pg_store: jobs in a PostgreSQL database (12 or later), which any number of processes share.
///
///     pg_store jobs({.url = "postgresql://app@db1,db2/app"});
///
/// To open it makes the schema `cicada`, or brings it up to date, if it may.
///
/// A transaction is of the level READ COMMITTED: rows that matter are locked, and compared with
/// what they were. One that fails because of another (a deadlock) is done again, all its parts.
///
/// Threads:  write() on one at a time, read() on one at a time, beside each other: each has a
///           connection of its own, which is made when it is needed.
/// Blocks:   for each statement, a trip to the server and back; while it is away for as long as
///           that takes to find out.
/// Errors:   store_error: see failure.hpp.

#include <mutex>

#include <store/postgres/marks.hpp>
#include <store/postgres/session.hpp>
#include <store/store.hpp>

namespace cicada::detail {

class pg_work;

struct pg_options {
    std::string url; // libpq's
    pg_migrations migrations = pg_migrations::made;
    function<wall_time()> now = {}; // none: the server's clock
    /// What somebody waits for this long is given up; with a node, half of its lease, if that is
    /// less.
    duration longest_answer = std::chrono::seconds(30);
    /// What it reads it looks for among all that is there, which may take long; nobody waits for
    /// it. See pg_marks.
    bool looks_beside = false;
};

class pg_store final : public store {
public:
    /// Connects.
    explicit pg_store(pg_options options);

    void write(std::span<part* const> parts) override;
    void read(const function<void(reading&)>& ask) override;
    std::string place() const override { return place_; }

    /// Never ahead of the store's. Any thread.
    wall_time now() const;
    /// Another number than before: another server, or it was started anew. Any thread.
    std::uint64_t server() const noexcept { return server_.number; }
    /// What has to be looked at beside all else, for what its looks have passed over. Any thread.
    bool has_to_look_beside() const { return marks_.has_due(elapsed_clock::now()); }
    /// By another store of that place, which looks_beside. Any thread, one at a time.
    void look_beside(reading& in);
    /// That has failed.
    void gave_up_looking() { marks_.give_up(); }

private:
    bool write_together(std::span<part* const> parts);
    void write_alone(part& one);
    wall_time begin(pg_session& in, pg_access access);
    void run(part& one, pg_work& in);

    void is_of_node_with(duration lease);

    const pg_options options_;
    const std::string place_;
    pg_server server_;
    pg_marks marks_;
    std::atomic<duration> longest_answer_;
    std::mutex writing_;
    pg_session writer_; // guarded by writing_
    std::mutex reading_;
    pg_session reader_; // guarded by reading_
};

} // namespace cicada::detail
