#include <store/sqlite/failure.hpp>

#include <cerrno>
#include <new>

#include <gtest/gtest.h>
#include <sqlite3.h>

using namespace cicada;
using detail::fault_of;
using detail::sqlite_moment;

TEST(sqlite_failure, at_a_commit_is_unknown_but_for_a_full_disk_and_a_lock) {
    for (const int code : {SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMMAP,
                           SQLITE_CORRUPT, SQLITE_NOMEM, SQLITE_IOERR_NOMEM, SQLITE_READONLY}) {
        EXPECT_EQ(fault_of(code, 0, sqlite_moment::committing), store_fault::unknown_outcome)
            << code;
    }
    EXPECT_EQ(fault_of(SQLITE_FULL, ENOSPC, sqlite_moment::committing), store_fault::full);
    EXPECT_EQ(fault_of(SQLITE_BUSY, 0, sqlite_moment::committing), store_fault::busy);
    EXPECT_EQ(fault_of(SQLITE_BUSY_SNAPSHOT, 0, sqlite_moment::committing), store_fault::busy);
}

TEST(sqlite_failure, before_a_commit_is_known_and_undone) {
    const auto working = [](int code, int error = 0) {
        return fault_of(code, error, sqlite_moment::working);
    };
    EXPECT_EQ(working(SQLITE_IOERR_WRITE), store_fault::failed);
    EXPECT_EQ(working(SQLITE_IOERR_FSYNC), store_fault::failed);
    EXPECT_EQ(working(SQLITE_FULL), store_fault::full);
    EXPECT_EQ(working(SQLITE_CORRUPT_VTAB), store_fault::corrupt);
    EXPECT_EQ(working(SQLITE_NOTADB), store_fault::not_a_store);
    EXPECT_EQ(working(SQLITE_READONLY_DBMOVED), store_fault::read_only);
    EXPECT_EQ(working(SQLITE_TOOBIG), store_fault::too_large);
    EXPECT_EQ(working(SQLITE_INTERRUPT), store_fault::timed_out);
    EXPECT_EQ(working(SQLITE_BUSY), store_fault::busy);
}

TEST(sqlite_failure, tells_no_rights_from_nothing_there) {
    EXPECT_EQ(fault_of(SQLITE_CANTOPEN, ENOENT, sqlite_moment::opening), store_fault::unreachable);
    EXPECT_EQ(fault_of(SQLITE_CANTOPEN, EACCES, sqlite_moment::opening), store_fault::no_rights);
    EXPECT_EQ(fault_of(SQLITE_CANTOPEN, EROFS, sqlite_moment::opening), store_fault::read_only);
}

TEST(sqlite_failure, of_memory_is_bad_alloc_but_at_a_commit) {
    const auto fail = [](sqlite_moment when) {
        detail::throw_sqlite(SQLITE_NOMEM, nullptr, "x.db", when);
    };
    EXPECT_THROW(fail(sqlite_moment::working), std::bad_alloc);
    EXPECT_THROW(fail(sqlite_moment::committing), store_error);
}
