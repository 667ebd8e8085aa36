#include <store/sqlite/migrate.hpp>

#include <cicada/store/errors.hpp>
#include <store/sqlite/backup.hpp>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/sql.hpp>
#include <store/sqlite/transaction.hpp>

namespace cicada::detail {

namespace {

constexpr const std::string_view* known[] = {&sql_migrations_0001};
static_assert(std::size(known) == schema_version);

} // namespace

sqlite_migrations all_migrations() noexcept { return known; }

void migrate(sqlite_database& in, const std::string& path, const char* vfs, sqlite_migrations by) {
    const std::int64_t was = pragma(in, "user_version");
    const auto last = static_cast<std::int64_t>(by.size());
    if (was > last) {
        throw store_error(store_fault::too_new, path,
                          "is of version " + std::to_string(was) + " and this program knows " +
                              std::to_string(last),
                          "use the version of cicada that wrote it, or a later one");
    }
    if (was > 0 && was < last) backup(path, path + ".version-" + std::to_string(was), vfs);
    sqlite_transactions transactions(in);
    for (std::int64_t version = was; version < last; ++version) {
        sqlite_transaction work(transactions);
        in.run(*by[static_cast<std::size_t>(version)]);
        in.run("PRAGMA user_version = " + std::to_string(version + 1));
        work.commit();
    }
}

} // namespace cicada::detail
