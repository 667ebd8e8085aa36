#include <store/sqlite/store.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <store/sqlite/backup.hpp>
#include <store/sqlite/migrate.hpp>
#include <support/faulty_vfs.hpp>
#include <support/file_system.hpp>
#include <support/temporary_folder.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::faulty_vfs;
using testing::HasSubstr;

namespace {

class store_in_sqlite : public testing::Test {
protected:
    std::string refusal(store_fault fault, auto call) {
        try {
            call();
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), fault) << e.what();
            return e.what();
        }
        return "";
    }
    std::string refusal(store_fault fault) {
        return refusal(fault, [&] { sqlite_store({.path = path}); });
    }
    static job_id create(store& in, std::string name) {
        return *support::write(in, [&](writing& w) { return w.create({.name = name}); });
    }
    static std::size_t jobs(store& in) {
        return support::read(in, [](reading& r) { return r.jobs({}).size(); });
    }
    void run(std::string_view sql) { sqlite_database(path, sqlite_access::write).run(sql); }
    /// As a process that is killed leaves it.
    void leave_unclean() { run("UPDATE boot SET is_clean = 0"); }
    bool has(const std::string& beside) const { return std::filesystem::exists(path + beside); }

    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";
};

} // namespace

// ---- opening -----------------------------------------------------------------------------------

TEST_F(store_in_sqlite, is_made_where_there_is_none_and_is_there_afterwards) {
    create(*std::make_unique<sqlite_store>(sqlite_options{.path = path}), "a");
    EXPECT_FALSE(has("-wal"));
    sqlite_store again({.path = path});
    EXPECT_EQ(jobs(again), 1u);
    EXPECT_EQ(again.place(), "sqlite:" + path);
}

TEST_F(store_in_sqlite, has_one_owner_at_a_time) {
    std::optional<sqlite_store> first(std::in_place, sqlite_options{.path = path});
    EXPECT_THAT(refusal(store_fault::owned_by_another), HasSubstr("is open in this process"));
    create(*first, "a"); // which is none the worse for it
    first.reset();
    EXPECT_EQ(refusal(store_fault::owned_by_another), "");
}

TEST_F(store_in_sqlite, ends_the_nodes_of_the_process_before_it) {
    const auto enter = [](writing& in) { return in.enter({.name = "a"}, 1h); };
    {
        sqlite_store store({.path = path});
        support::write(store, enter);
    }
    sqlite_store store({.path = path});
    const auto nodes = support::read(store, [](reading& in) { return in.nodes(); });
    ASSERT_EQ(nodes.size(), 1u);
    EXPECT_EQ(nodes[0].state, node_state::dead);
}

TEST_F(store_in_sqlite, of_a_later_version_is_refused_and_left_as_it_is) {
    {
        sqlite_store made({.path = path});
    }
    run("PRAGMA user_version = 99; DROP TABLE boot");
    EXPECT_THAT(refusal(store_fault::too_new),
                HasSubstr("is of version 99 and this program knows " +
                          std::to_string(schema_version) + ": use the version of cicada that"));
    sqlite_database db(path, sqlite_access::read);
    EXPECT_EQ(pragma(db, "user_version"), 99);
}

TEST_F(store_in_sqlite, that_is_no_store_is_refused) {
    sqlite_database(path, sqlite_access::create).run("CREATE TABLE t(x)");
    EXPECT_THAT(refusal(store_fault::not_a_store), HasSubstr("is a database of something else"));
    std::ofstream(path, std::ios::trunc) << std::string(5000, 'x');
    refusal(store_fault::not_a_store);
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    EXPECT_THAT(refusal(store_fault::not_a_store), HasSubstr("is a folder"));
    path = folder / "none/jobs.db";
    EXPECT_THAT(refusal(store_fault::unreachable), HasSubstr("make its folder first"));
}

TEST_F(store_in_sqlite, that_was_not_closed_is_looked_through) {
    {
        sqlite_store store({.path = path});
        for (int n = 0; n < 2000; ++n) create(store, "job " + std::to_string(n));
    }
    const auto tear = [&] {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) - 4096));
        file << std::string(2048, '\xff'); // a page that opening alone does not read
    };
    tear();
    {
        sqlite_store store({.path = path});
    } // in good order, so nobody looked
    leave_unclean();
    EXPECT_NE(refusal(store_fault::corrupt), "");
}

TEST_F(store_in_sqlite, that_is_damaged_is_left_for_a_backup) {
    {
        sqlite_store store({.path = path});
        create(store, "a");
        store.back_up(folder / "copy.db");
    }
    std::filesystem::resize_file(path, 5000);
    EXPECT_NE(refusal(store_fault::corrupt), "");
    restore(folder / "copy.db", path);
    sqlite_store store({.path = path});
    EXPECT_EQ(jobs(store), 1u);
}

// ---- working -----------------------------------------------------------------------------------

TEST_F(store_in_sqlite, answers_who_reads_while_somebody_writes) {
    sqlite_store store({.path = path});
    create(store, "a");
    support::write(store, [&](writing& in) {
        in.create({.name = "b"});
        std::size_t seen = 0;
        std::thread([&] { seen = jobs(store); }).join(); // without waiting for the commit
        EXPECT_EQ(seen, 1u);
    });
    EXPECT_EQ(jobs(store), 2u);
}

TEST_F(store_in_sqlite, ends_a_question_that_takes_too_long) {
    sqlite_store store({.path = path, .longest_read = 1ms});
    support::write(store, [&](writing& in) {
        for (int n = 0; n < 500; ++n) in.create({.name = std::to_string(n)});
    });
    const auto ask_for_long = [&] {
        store.read([](reading& in) {
            const auto began = std::chrono::steady_clock::now();
            while (std::chrono::steady_clock::now() - began < 1min) in.jobs({});
        });
    };
    refusal(store_fault::timed_out, ask_for_long);
    support::read(store, [](reading& in) { return in.nodes().size(); }); // the next one is heard
}

TEST_F(store_in_sqlite, keeps_its_log_short) {
    sqlite_store store({.path = path});
    const job_id id = create(store, "a");
    std::uintmax_t longest = 0;
    for (std::uint64_t n = 1; n <= 300; ++n) { // 30 MB
        const std::string text(100'000, static_cast<char>('a' + n % 26));
        const step one{.job = id, .revision = n, .at = {.progress = text}};
        support::write(store, [&](writing& in) { return in.take(one); });
        longest = std::max(longest, std::filesystem::file_size(path + "-wal"));
    }
    EXPECT_LT(longest, 6u << 20);
    EXPECT_GT(longest, 4u << 20);
}

TEST_F(store_in_sqlite, is_backed_up_while_it_is_in_use) {
    sqlite_store store({.path = path});
    create(store, "a");
    support::write(store, [&](writing& in) {
        in.create({.name = "b"});
        store.back_up(folder / "copy.db");
    });
    sqlite_store copy({.path = folder / "copy.db"});
    EXPECT_EQ(jobs(copy), 1u);
    EXPECT_EQ(jobs(store), 2u);
}

// ---- a disk that fails -------------------------------------------------------------------------

TEST_F(store_in_sqlite, does_nothing_after_an_unknown_outcome_until_a_commit_succeeds) {
    faulty_vfs disk;
    sqlite_store store({.path = path, .vfs = disk.name()});
    disk.fail_at(0, SQLITE_IOERR, faulty_vfs::operation::sync, faulty_vfs::spell::for_good);
    refusal(store_fault::unknown_outcome, [&] { create(store, "a"); });
    // Not even what is there is told: after a crash it might be otherwise.
    EXPECT_THAT(refusal(store_fault::failed, [&] { jobs(store); }), HasSubstr("still fails"));
    EXPECT_NE(refusal(store_fault::failed, [&] { create(store, "b"); }), "");
    disk.heal();
    EXPECT_EQ(jobs(store), 0u); // settled: it is gone, for good
    create(store, "b");
    EXPECT_EQ(jobs(store), 1u);
}

TEST_F(store_in_sqlite, gives_its_reserve_back_when_the_disk_is_full) {
    faulty_vfs disk;
    sqlite_store store({.path = path, .vfs = disk.name()});
    EXPECT_TRUE(has(".reserve"));
    disk.fail_at(0, SQLITE_FULL, faulty_vfs::operation::write);
    EXPECT_THAT(refusal(store_fault::full, [&] { create(store, "a"); }),
                HasSubstr("has no space left"));
    EXPECT_FALSE(has(".reserve"));
    create(store, "a"); // in what was given back
}

TEST_F(store_in_sqlite, goes_on_with_what_is_there_when_the_disk_is_full_and_takes_nothing_new) {
    faulty_vfs disk;
    sqlite_store store({.path = path, .vfs = disk.name()});
    create(store, "a");
    const auto begin = [&](node_id by) {
        step one{.by = by, .job = job_id{1}, .at = {.decided = wall_time(1s)}};
        one.revision = support::read(store, [](reading& in) { return in.jobs({}); }).at(0).revision;
        run_row& run = one.begins.emplace_back();
        run.job = job_id{1};
        run.of.nominal = wall_time(1s * static_cast<int>(one.revision));
        return support::write(store, [&](writing& in) { return in.take(one); }).is;
    };
    const node_id node = support::write(store, [](writing& in) { return in.enter({}, 1h); });
    disk.fail_at(0, SQLITE_FULL, faulty_vfs::operation::write);
    support::told_of_file_systems.is_full = true;
    refusal(store_fault::full, [&] { create(store, "b"); }); // the disk's: the reserve goes
    EXPECT_THAT(refusal(store_fault::full, [&] { create(store, "b"); }),
                HasSubstr("has no space left for anything new"));
    EXPECT_NE(refusal(store_fault::full, [&] { begin(node_id::none); }), "");
    EXPECT_NE(refusal(store_fault::full,
                      [&] { support::write(store, [](writing& in) { return in.submit({}); }); }),
              "");
    EXPECT_EQ(begin(node), verdict::taken);
    support::told_of_file_systems.is_full = false;
    create(store, "b");
    EXPECT_EQ(begin(node_id::none), verdict::taken);
    EXPECT_TRUE(has(".reserve"));
}

TEST_F(store_in_sqlite, undoes_the_part_that_failed_and_keeps_the_others) {
    sqlite_store store({.path = path});
    struct making final : part {
        explicit making(std::string what, bool fails = false) : name(what), is_bad(fails) {}
        void run(writing& in) override {
            in.create({.name = name});
            if (is_bad) throw 42;
        }
        std::string name;
        bool is_bad;
    };
    making a("a"), b("b", true), c("c");
    part* const all[] = {&a, &b, &c};
    store.write(all);
    EXPECT_TRUE(b.error);
    EXPECT_EQ(jobs(store), 2u);
}
