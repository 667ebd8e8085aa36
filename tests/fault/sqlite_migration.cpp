// A store of an older version is brought up to a later one, and the power goes, or the disk fails,
// at each operation of that: it is of one version or the other, wholly, and can be brought up then.
#include <store/sqlite/migrate.hpp>

#include <filesystem>
#include <functional>
#include <iostream>

#include <cicada/store/errors.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <store/sqlite/connection.hpp>
#include <support/faulty_vfs.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using support::faulty_vfs;

namespace {

constexpr int items = 300;

const std::string_view make = "CREATE TABLE item (id INTEGER PRIMARY KEY, note TEXT);"
                              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < 300) INSERT INTO item (note) SELECT 'note ' || i FROM n";
const std::string_view widen = "ALTER TABLE item ADD COLUMN size INTEGER NOT NULL DEFAULT 0;"
                               "UPDATE item SET size = length(note)";
const std::string_view move_over =
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, note TEXT, size INTEGER NOT NULL) STRICT;"
    "INSERT INTO thing (id, note, size) SELECT id, note, size FROM item;"
    "DROP TABLE item; CREATE INDEX thing_size ON thing (size)";
const std::string_view fails = "CREATE TABLE more (id INTEGER); INSERT INTO absent (id) VALUES (1)";

constexpr const std::string_view* first[] = {&make};
constexpr const std::string_view* all[] = {&make, &widen, &move_over};
constexpr const std::string_view* bad[] = {&make, &widen, &fails};

class migration : public testing::Test {
protected:
    void bring_to(sqlite_migrations by, const char* vfs = nullptr) {
        sqlite_database db = open_writer(path, sqlite_durability::power_loss, vfs);
        migrate(db, path, vfs, by);
    }
    /// The version it is of; it has all that belongs to that.
    static std::int64_t version_of(const std::string& path) {
        sqlite_database db(path, sqlite_access::write);
        quick_check(db);
        const std::int64_t version = pragma(db, "user_version");
        const char* const sums[] = {"", "SELECT count(*) FROM item",
                                    "SELECT count(*) FROM item WHERE size > 5",
                                    "SELECT count(*) FROM thing WHERE size > 5"};
        sqlite_statement ask(db, sums[version]);
        sqlite_rows rows = ask.with({});
        EXPECT_TRUE(rows.next());
        EXPECT_EQ(rows.integer(0), items);
        return version;
    }
    std::uint64_t at_each(const std::function<void(faulty_vfs&, std::uint64_t)>& plan) {
        for (std::uint64_t k = 0;; ++k) {
            SCOPED_TRACE(k);
            const support::temporary_folder folder(support::fast_folders());
            path = folder / "jobs.db";
            const std::string copy = path + ".version-1";
            faulty_vfs disk;
            bring_to(first, disk.name());
            plan(disk, k);
            try {
                bring_to(all, disk.name());
            } catch (const store_error&) {
            }
            if (!disk.has_struck() || HasFailure()) return k;
            disk.restart();
            const std::int64_t version = version_of(path);
            EXPECT_TRUE(version == 1 || std::filesystem::exists(copy));
            if (std::filesystem::exists(copy)) {
                EXPECT_EQ(version_of(copy), 1);
            }
            bring_to(all, disk.name());
            EXPECT_EQ(version_of(path), 3);
        }
    }

    std::string path;
};

} // namespace

TEST_F(migration, may_lose_power_at_each_operation) {
    std::uint64_t cuts = 0;
    for (const std::uint64_t seed : {0, 1, 2, 3}) {
        cuts += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            disk.cut_at(k, seed < 2 ? seed : seed * 1000 + k);
        });
    }
    std::cout << cuts << " losses of power\n";
    EXPECT_GT(cuts, 100u);
}

TEST_F(migration, may_fail_at_each_operation) {
    std::uint64_t errors = 0;
    for (const int code : {SQLITE_IOERR, SQLITE_FULL}) {
        errors += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            const auto only =
                code == SQLITE_FULL ? faulty_vfs::operation::write : faulty_vfs::operation::any;
            disk.fail_at(k, code, only, faulty_vfs::spell::for_good);
        });
    }
    std::cout << errors << " errors of input and output\n";
    EXPECT_GT(errors, 40u);
}

TEST_F(migration, that_fails_leaves_the_version_before_it_and_a_copy) {
    const support::temporary_folder folder(support::fast_folders());
    path = folder / "jobs.db";
    bring_to(first);
    EXPECT_FALSE(std::filesystem::exists(path + ".version-1")) << "there was nothing to copy";
    EXPECT_THROW(bring_to(bad), store_error);
    EXPECT_EQ(version_of(path), 2);
    EXPECT_EQ(version_of(path + ".version-1"), 1);
    bring_to(all);
    EXPECT_EQ(version_of(path), 3);
    EXPECT_THROW(bring_to(first), store_error); // it is too new for that
}
