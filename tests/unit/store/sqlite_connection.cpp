#include <store/sqlite/connection.hpp>

#include <fstream>

#include <cicada/store/errors.hpp>
#include <gtest/gtest.h>
#include <support/faulty_vfs.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;

namespace {

store_fault fault(auto call) {
    try {
        call();
    } catch (const store_error& e) {
        return e.fault();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

} // namespace

TEST(sqlite_connection, writes_as_the_durability_says) {
    const support::temporary_folder folder;
    sqlite_database safe = open_writer(folder / "a.db", sqlite_durability::power_loss);
    EXPECT_EQ(pragma(safe, "synchronous"), 2);
    EXPECT_EQ(pragma(safe, "foreign_keys"), 1);
    EXPECT_EQ(pragma(safe, "wal_autocheckpoint"), 0);
    EXPECT_EQ(pragma(safe, "secure_delete"), 0);
    EXPECT_EQ(pragma(safe, "application_id"), application_id);
    sqlite_database fast = open_writer(folder / "b.db", sqlite_durability::process_crash);
    EXPECT_EQ(pragma(fast, "synchronous"), 1);
}

TEST(sqlite_connection, reader_writes_nothing) {
    const support::temporary_folder folder;
    open_writer(folder / "a.db", sqlite_durability::power_loss).run("CREATE TABLE t(x)");
    sqlite_database reader = open_reader(folder / "a.db");
    EXPECT_EQ(fault([&] { reader.run("DELETE FROM t"); }), store_fault::read_only);
}

TEST(sqlite_connection, leaves_a_database_of_something_else_alone) {
    const support::temporary_folder folder;
    const auto open = [&](const char* name) {
        open_writer(folder / name, sqlite_durability::power_loss);
    };
    {
        sqlite_database(folder / "other.db", sqlite_access::create).run("CREATE TABLE t(x)");
    }
    EXPECT_EQ(fault([&] { open("other.db"); }), store_fault::not_a_store);
    std::ofstream(folder / "text.db") << std::string(5000, 'x');
    EXPECT_EQ(fault([&] { open("text.db"); }), store_fault::not_a_store);
    std::ofstream(folder / "empty.db") << "";
    open("empty.db");
    open("empty.db");
}

TEST(sqlite_connection, that_is_cut_while_it_makes_a_store_can_make_it_again) {
    const support::temporary_folder folder;
    int cuts = 0;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        bool was_cut = true;
        for (std::uint64_t k = 0; was_cut; ++k) {
            support::faulty_vfs disk;
            const std::string path = folder / (std::to_string(seed) + "-" + std::to_string(k));
            disk.cut_at(k, seed);
            try {
                open_writer(path, sqlite_durability::power_loss, disk.name());
            } catch (const store_error&) {
            }
            was_cut = disk.has_struck();
            cuts += was_cut;
            disk.restart();
            sqlite_database db = open_writer(path, sqlite_durability::power_loss, disk.name());
            EXPECT_EQ(pragma(db, "application_id"), application_id);
            quick_check(db);
        }
    }
    EXPECT_GT(cuts, 20);
}
