#include <store/sqlite/migrate.hpp>

#include <cicada/store/errors.hpp>
#include <store/sqlite/backup.hpp>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/sql.hpp>
#include <store/sqlite/transaction.hpp>

namespace cicada::detail {

namespace {

/// The n-th leads to version n + 1.
constexpr const std::string_view* migrations[] = {&sql_migrations_0001};
static_assert(std::size(migrations) == schema_version);

} // namespace

void migrate(sqlite_database& in, const std::string& path, const char* vfs) {
    const std::int64_t was = pragma(in, "user_version");
    if (was > schema_version) {
        throw store_error(store_fault::too_new, path,
                          "is of version " + std::to_string(was) + " and this program knows " +
                              std::to_string(schema_version),
                          "use the version of cicada that wrote it, or a later one");
    }
    if (was > 0 && was < schema_version)
        backup(path, path + ".version-" + std::to_string(was), vfs);
    sqlite_transactions transactions(in);
    for (std::int64_t version = was; version < schema_version; ++version) {
        sqlite_transaction work(transactions);
        in.run(*migrations[version]);
        in.run("PRAGMA user_version = " + std::to_string(version + 1));
        work.commit();
    }
}

} // namespace cicada::detail
