#include <store/sqlite/database.hpp>

#include <limits>
#include <string>

#include <cicada/store/errors.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <store/sqlite/transaction.hpp>
#include <support/faulty_vfs.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using support::faulty_vfs;

namespace {

class sqlite : public testing::Test {
protected:
    static store_fault fault(auto call) {
        try {
            call();
        } catch (const store_error& e) {
            return e.fault();
        }
        ADD_FAILURE() << "nothing was thrown";
        return {};
    }
    static std::int64_t count(sqlite_database& in) {
        sqlite_statement ask(in, "SELECT count(*) FROM item");
        sqlite_rows answer = ask.with({});
        return answer.next() ? answer.integer(0) : -1;
    }
    static void insert_failing(sqlite_database& in, faulty_vfs& disk) {
        disk.fail_at(0, SQLITE_IOERR, faulty_vfs::operation::sync);
        sqlite_transactions its(in);
        sqlite_transaction work(its);
        in.run("INSERT INTO item VALUES(1)");
        work.commit();
    }

    support::temporary_folder folder;
    std::string path = folder / "a.db";
    sqlite_database db{path, sqlite_access::create};
    sqlite_transactions transactions{db};
};

} // namespace

TEST_F(sqlite, gives_back_each_kind_of_value) {
    db.run("CREATE TABLE item(id INTEGER, note TEXT, data BLOB) STRICT");
    sqlite_statement insert(db, "INSERT INTO item VALUES(?1, ?2, ?3)");
    const std::string note("a\0b\xc3\xa9", 5);
    const std::byte data[] = {std::byte{0}, std::byte{255}};
    EXPECT_EQ(insert.run({std::numeric_limits<std::int64_t>::min(), note,
                          std::span<const std::byte>(data)}),
              1);
    EXPECT_EQ(insert.run({std::optional<std::int64_t>(), nullptr, nullptr}), 1);
    EXPECT_EQ(insert.run({1u, "", std::span<const std::byte>()}), 1);

    sqlite_statement all(db, "SELECT id, note, data FROM item ORDER BY rowid");
    sqlite_rows rows = all.with({});
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows.text(1), note);
    EXPECT_EQ(rows.blob(2).size(), 2u);
    EXPECT_EQ(rows.blob(2)[1], std::byte{255});
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer_or_null(0), std::nullopt);
    EXPECT_TRUE(rows.is_null(1));
    EXPECT_TRUE(rows.is_null(2));
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer_or_null(0), 1);
    EXPECT_FALSE(rows.is_null(1));
    EXPECT_EQ(rows.text(1), "");
    EXPECT_FALSE(rows.is_null(2));
    EXPECT_FALSE(rows.next());
}

TEST_F(sqlite, finds_text_that_holds_a_nul) {
    db.run("CREATE TABLE item(note TEXT) STRICT");
    sqlite_statement insert(db, "INSERT INTO item VALUES(?1)");
    insert.run({std::string_view("a\0b", 3)});
    insert.run({"a"});
    sqlite_statement find(db, "SELECT rowid FROM item WHERE note = ?1");
    sqlite_rows rows = find.with({std::string("a\0b", 3)}); // which is gone by now
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), 1);
    EXPECT_FALSE(rows.next());
}

TEST_F(sqlite, undoes_a_transaction_that_was_not_committed) {
    db.run("CREATE TABLE item(id INTEGER)");
    {
        sqlite_transaction work(transactions);
        db.run("INSERT INTO item VALUES(1)");
        EXPECT_TRUE(db.is_in_transaction());
    }
    EXPECT_EQ(count(db), 0);
    sqlite_transaction work(transactions);
    db.run("INSERT INTO item VALUES(1)");
    work.commit();
    EXPECT_FALSE(db.is_in_transaction());
    EXPECT_EQ(count(db), 1);
}

TEST_F(sqlite, holds_nothing_back_once_its_rows_are_gone) {
    db.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
           "CREATE TABLE item(id INTEGER); INSERT INTO item VALUES(1), (2)");
    sqlite_database reader(path, sqlite_access::read);
    sqlite_statement all(reader, "SELECT id FROM item");
    // The first column says whether somebody was in the way.
    sqlite_statement fold(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    const auto is_held_back = [&] {
        sqlite_rows answer = fold.with({});
        EXPECT_TRUE(answer.next());
        return answer.integer(0) == 1;
    };
    {
        sqlite_rows rows = all.with({});
        ASSERT_TRUE(rows.next()); // and not to the end
        EXPECT_TRUE(is_held_back());
    }
    EXPECT_FALSE(is_held_back());
}

TEST_F(sqlite, statement_is_usable_after_it_has_failed) {
    db.run("CREATE TABLE item(id INTEGER PRIMARY KEY)");
    sqlite_statement insert(db, "INSERT INTO item VALUES(?1)");
    insert.run({1});
    EXPECT_EQ(fault([&] { insert.run({1}); }), store_fault::failed);
    EXPECT_EQ(fault([&] { insert.run({1, 2}); }), store_fault::failed);
    EXPECT_EQ(insert.run({2}), 1);
}

TEST_F(sqlite, errors_name_the_file) {
    try {
        db.run("SELECT * FROM absent");
        FAIL();
    } catch (const store_error& e) {
        EXPECT_EQ(e.place(), path);
        EXPECT_NE(std::string(e.what()).find("no such table: absent"), std::string::npos);
    }
}

TEST_F(sqlite, says_why_a_file_cannot_be_opened) {
    EXPECT_EQ(fault([&] { sqlite_database(folder / "none.db", sqlite_access::write); }),
              store_fault::unreachable);
    EXPECT_EQ(fault([&] { sqlite_database(folder / "no/folder.db", sqlite_access::create); }),
              store_fault::unreachable);
}

// Why a commit that fails has an unknown outcome.

TEST_F(sqlite, commit_whose_sync_fails_is_there_after_a_crash) {
    faulty_vfs disk;
    const std::string on = folder / "b.db";
    {
        sqlite_database of(on, sqlite_access::create, disk.name());
        of.run("PRAGMA journal_mode = WAL; CREATE TABLE item(id INTEGER)");
        EXPECT_EQ(fault([&] { insert_failing(of, disk); }), store_fault::unknown_outcome);
        EXPECT_FALSE(of.is_in_transaction());
        EXPECT_EQ(count(of), 0); // as this process sees it
        disk.cut_at(0, 1); // of the process only: what was written is kept
    }
    disk.restart();
    sqlite_database of(on, sqlite_access::create, disk.name());
    EXPECT_EQ(count(of), 1);
}

TEST_F(sqlite, commit_whose_sync_fails_is_gone_once_another_succeeds) {
    faulty_vfs disk;
    const std::string on = folder / "b.db";
    {
        sqlite_database of(on, sqlite_access::create, disk.name());
        of.run("PRAGMA journal_mode = WAL; CREATE TABLE item(id INTEGER)");
        EXPECT_EQ(fault([&] { insert_failing(of, disk); }), store_fault::unknown_outcome);
        of.run("INSERT INTO item VALUES(2), (3)");
        disk.cut_at(0, 1);
    }
    disk.restart();
    sqlite_database of(on, sqlite_access::create, disk.name());
    EXPECT_EQ(count(of), 2);
}

TEST_F(sqlite, full_disk_undoes_the_transaction_and_small_writes_go_on) {
    faulty_vfs disk;
    sqlite_database of(folder / "full.db", sqlite_access::create, disk.name());
    of.run("PRAGMA journal_mode = WAL; CREATE TABLE item(id INTEGER)");
    disk.fail_at(0, SQLITE_FULL, faulty_vfs::operation::write);
    EXPECT_EQ(fault([&] {
                  sqlite_transactions its(of);
                  sqlite_transaction work(its);
                  of.run("INSERT INTO item VALUES(1)");
                  work.commit();
              }),
              store_fault::full);
    EXPECT_TRUE(disk.has_struck());
    EXPECT_FALSE(of.is_in_transaction());
    of.run("INSERT INTO item VALUES(2)");
    EXPECT_EQ(count(of), 1);
}
