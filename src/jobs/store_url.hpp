#pragma once

#include <string>

#include <cicada/store/errors.hpp>
#include <store/sqlite/store.hpp>

namespace cicada::detail {

/// What open_store() is given.
struct store_url {
    enum class kind : std::uint8_t { memory, sqlite, postgres };
    kind which = kind::memory;
    std::string file = {}; // sqlite
    sqlite_durability durability = sqlite_durability::power_loss; // sqlite
    sqlite_network network = sqlite_network::refused; // sqlite
    std::string postgres = {}; // libpq's URL
    bool migrates = true; // postgres: it makes the schema, or brings it up to date
};

/// Throws store_error (bad_url), which says what is wrong with it and how it is written.
store_url parse_store_url(const std::string& url);

} // namespace cicada::detail
