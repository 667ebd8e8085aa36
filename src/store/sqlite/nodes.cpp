#include <store/sqlite/nodes.hpp>

#include <charconv>

#include <store/sqlite/sql.hpp>

namespace cicada::detail {

namespace {

/// Each as "5:hello", so that they may hold anything.
std::string list_text(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) {
        text.append(std::to_string(item.size())).append(":").append(item);
    }
    return text;
}

std::vector<std::string> list_of(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        std::size_t size = 0;
        const char* const colon = std::from_chars(text.begin(), text.end(), size).ptr;
        const auto head = static_cast<std::size_t>(colon - text.begin()) + 1;
        if (head > text.size()) break;
        items.emplace_back(text.substr(head, size));
        text.remove_prefix(std::min(head + size, text.size()));
    }
    return items;
}

} // namespace

sqlite_nodes::sqlite_nodes(sqlite_database& in)
    : in_(in), insert_(in, named(sql_nodes, "insert")), renew_(in, named(sql_nodes, "renew")),
      end_(in, named(sql_nodes, "end")), end_all_(in, named(sql_nodes, "end_all")),
      over_(in, named(sql_nodes, "over")), live_(in, named(sql_nodes, "live")),
      listed_(in, named(sql_nodes, "listed")) {}

std::vector<node_row> sqlite_nodes::listed(wall_time now) {
    std::vector<node_row> found;
    sqlite_rows rows = listed_.with({later(now, -node_is_listed_for)});
    while (rows.next()) {
        found.push_back({.id = rows.number<node_id>(0),
                         .name = std::string(rows.text(1)),
                         .state = rows.number<node_state>(2),
                         .lease_until = rows.instant(3),
                         .entered_at = rows.instant(4),
                         .ended_at = rows.instant_or_null(5),
                         .kinds = list_of(rows.text(6)),
                         .labels = list_of(rows.text(7))});
    }
    return found;
}

std::optional<std::string> sqlite_nodes::live(node_id who, wall_time now) {
    sqlite_rows rows = live_.with({who});
    if (!rows.next() || rows.instant(0) <= now) return std::nullopt;
    return std::string(rows.text(1));
}

node_id sqlite_nodes::enter(const node_row& who, wall_time now, duration lease) {
    insert_.run({who.name, later(now, lease), now, list_text(who.kinds), list_text(who.labels)});
    return node_id{in_.last_id()};
}

bool sqlite_nodes::renew(node_id who, wall_time now, duration lease) {
    return renew_.run({who, later(now, lease)}) == 1;
}

void sqlite_nodes::end(node_id who, node_state how, wall_time now) { end_.run({who, how, now}); }

std::vector<node_id> sqlite_nodes::evict(wall_time now, duration patience) {
    std::vector<node_id> dead;
    {
        sqlite_rows rows = over_.with({});
        while (rows.next()) {
            if (later(rows.instant(1), patience) <= now) dead.push_back(rows.number<node_id>(0));
        }
    }
    for (const node_id who : dead) end(who, node_state::dead, now);
    return dead;
}

void sqlite_nodes::end_all(wall_time now) { end_all_.run({now}); }

} // namespace cicada::detail
