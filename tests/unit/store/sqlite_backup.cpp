#include <store/sqlite/backup.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

#include <cicada/store/errors.hpp>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <store/sqlite/connection.hpp>
#include <store/sqlite/owner_lock.hpp>
#include <support/faulty_vfs.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using testing::HasSubstr;

namespace {

class store_backup : public testing::Test {
protected:
    sqlite_database make(const std::string& at, int items, const char* vfs = nullptr) {
        sqlite_database made = open_writer(at, sqlite_durability::power_loss, vfs);
        made.run("CREATE TABLE item(id INTEGER PRIMARY KEY)");
        for (int n = 0; n < items; ++n) made.run("INSERT INTO item DEFAULT VALUES");
        return made;
    }
    static std::int64_t items(const std::string& at, const char* vfs = nullptr) {
        sqlite_database db = open_reader(at, vfs);
        quick_check(db);
        sqlite_statement ask(db, "SELECT count(*) FROM item");
        sqlite_rows answer = ask.with({});
        return answer.next() ? answer.integer(0) : -1;
    }
    static std::string refusal(store_fault fault, auto call) {
        try {
            call();
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), fault) << e.what();
            return e.what();
        }
        return "";
    }
    bool has(const std::string& name) const { return std::filesystem::exists(folder / name); }

    support::temporary_folder folder;
    std::string path = folder / "jobs.db";
    std::string copy = folder / "copy.db";
};

} // namespace

TEST_F(store_backup, holds_what_was_committed_also_what_is_only_in_the_log) {
    sqlite_database db = make(path, 3);
    ASSERT_TRUE(has("jobs.db-wal"));
    backup(path, copy);
    EXPECT_EQ(items(copy), 3);
    EXPECT_FALSE(has("copy.db.partial"));
    EXPECT_FALSE(has("copy.db.lock"));
    db.run("INSERT INTO item DEFAULT VALUES");
    backup(path, copy); // in its place
    EXPECT_EQ(items(copy), 4);
}

TEST_F(store_backup, never_replaces_a_store_in_use) {
    sqlite_database db = make(path, 1);
    std::filesystem::create_symlink(path, folder / "other-name.db");
    EXPECT_THAT(refusal(store_fault::owned_by_another, [&] { backup(path, path); }),
                HasSubstr("is the store itself"));
    EXPECT_NE(
        refusal(store_fault::owned_by_another, [&] { backup(path, folder / "other-name.db"); }),
        "");
    const owner_lock other(copy);
    EXPECT_NE(refusal(store_fault::owned_by_another, [&] { backup(path, copy); }), "");
}

TEST_F(store_backup, that_fails_leaves_the_one_before_it) {
    support::faulty_vfs disk;
    sqlite_database db = make(path, 1, disk.name());
    backup(path, copy, disk.name());
    db.run("INSERT INTO item DEFAULT VALUES");
    disk.fail_at(1, SQLITE_FULL, support::faulty_vfs::operation::write);
    EXPECT_NE(refusal(store_fault::full, [&] { backup(path, copy, disk.name()); }), "");
    EXPECT_FALSE(has("copy.db.partial"));
    EXPECT_EQ(items(copy), 1);
    disk.fail_at(0, SQLITE_IOERR, support::faulty_vfs::operation::sync);
    EXPECT_NE(refusal(store_fault::failed, [&] { backup(path, copy, disk.name()); }), "");
    EXPECT_EQ(items(copy), 1);
}

TEST_F(store_backup, is_restored_and_the_log_of_what_it_replaces_is_gone) {
    {
        sqlite_database db = make(path, 3);
        backup(path, copy);
    }
    {
        sqlite_database db = open_writer(path, sqlite_durability::power_loss);
        db.run("INSERT INTO item DEFAULT VALUES");
        // What a process that was killed leaves behind.
        std::filesystem::copy(path, folder / "killed.db");
        std::filesystem::copy(path + "-wal", folder / "killed.db-wal");
    }
    restore(copy, folder / "killed.db");
    EXPECT_FALSE(has("killed.db-wal"));
    EXPECT_EQ(items(folder / "killed.db"), 3);
    EXPECT_EQ(items(copy), 3);
}

TEST_F(store_backup, is_not_restored_over_a_store_in_use) {
    make(path, 3);
    backup(path, copy);
    std::optional<owner_lock> in_use(path);
    EXPECT_THAT(refusal(store_fault::owned_by_another, [&] { restore(copy, path); }),
                HasSubstr("is open in this process"));
    in_use.reset();
    restore(copy, path);
    EXPECT_EQ(items(path), 3);
}

TEST_F(store_backup, must_be_one_and_whole_to_be_restored) {
    make(path, 500);
    {
        sqlite_database(folder / "other.db", sqlite_access::create).run("CREATE TABLE t(x)");
    }
    std::ofstream(folder / "text.db") << std::string(10000, 'x');
    EXPECT_NE(refusal(store_fault::not_a_store, [&] { restore(folder / "other.db", path); }), "");
    EXPECT_NE(refusal(store_fault::not_a_store, [&] { restore(folder / "text.db", path); }), "");
    EXPECT_NE(refusal(store_fault::unreachable, [&] { restore(folder / "none.db", path); }), "");
    {
        std::filesystem::copy(path, folder / "torn.db");
        std::fstream torn(folder / "torn.db", std::ios::in | std::ios::out | std::ios::binary);
        torn.seekp(4096);
        torn << std::string(4096, 'x');
    }
    EXPECT_NE(refusal(store_fault::corrupt, [&] { restore(folder / "torn.db", path); }), "");
    EXPECT_EQ(items(path), 500);
}
