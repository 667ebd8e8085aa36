#pragma once

/// The nodes of a SQLite store.

#include <optional>
#include <string>
#include <vector>

#include <store/rows.hpp>
#include <store/sqlite/database.hpp>

namespace cicada::detail {

class sqlite_nodes {
public:
    explicit sqlite_nodes(sqlite_database& in);

    std::vector<node_row> listed(wall_time now);
    /// Its name, if it is live.
    std::optional<std::string> live(node_id who, wall_time now);

    node_id enter(const node_row& who, wall_time now, duration lease);
    bool renew(node_id who, wall_time now, duration lease);
    void end(node_id who, node_state how, wall_time now);
    std::vector<node_id> evict(wall_time now, duration patience);
    /// Of the process that had the file before.
    void end_all(wall_time now);

private:
    sqlite_database& in_;
    sqlite_statement insert_, renew_, end_, end_all_, over_, live_, listed_;
};

} // namespace cicada::detail
