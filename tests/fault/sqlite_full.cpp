// The disk fills up for good. What is stored goes on in the reserve, and in what old history
// leaves; nothing new is taken, until there is room again.
#include <store/sqlite/store.hpp>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <store/sqlite/connection.hpp>
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

class full_disk_of_store : public testing::Test {
protected:
    full_disk_of_store() {
        support::write(store, [&](writing& in) {
            in.create({.name = "a"});
            node = in.enter({.name = "node"}, 1000h);
        });
    }
    ~full_disk_of_store() override { support::told_of_file_systems.is_full = false; }

    /// All files together may grow by this much.
    void leave_room_for(std::int64_t more) {
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            more += static_cast<std::int64_t>(entry.file_size());
        disk.has_room_for(more);
        support::told_of_file_systems.is_full = true;
    }
    /// A run of the next instant, which ends at once. False: there is no room for it.
    bool fire() {
        try {
            const job_row row = support::read(store, [](reading& in) { return in.jobs({}); }).at(0);
            step begins{.by = node, .job = row.id, .revision = row.revision};
            begins.at.decided = wall_time(1s * static_cast<int>(row.revision));
            run_row& run = begins.begins.emplace_back();
            run.of.nominal = begins.at.decided;
            run.of.state = run_state::running;
            run.of.arguments = std::string(4000, 'x');
            run.claim = 1;
            const step_result begun =
                support::write(store, [&](writing& in) { return in.take(begins); });
            EXPECT_EQ(begun.is, verdict::taken);
            step ends{.by = node};
            ends.changes.push_back(
                {.id = begun.begun.at(0).of.id, .fence = begun.begun.at(0).of.fence, .claim = 1});
            support::write(store, [&](writing& in) { return in.take(ends); });
            ++fired;
            return true;
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::full) << e.what();
            return false;
        }
    }
    bool is_warned() const {
        const auto all = store.warnings();
        return all.size() == 1 && all[0].fault() == store_fault::full;
    }
    bool takes_new() {
        try {
            support::write(store, [](writing& in) { in.submit({}); });
            return true;
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::full) << e.what();
            return false;
        }
    }
    bool has_reserve() const { return std::filesystem::exists(path + ".reserve"); }

    support::temporary_folder folder{support::fast_folders()};
    std::string path = folder / "jobs.db";
    faulty_vfs disk;
    sqlite_store store{{.path = path, .vfs = disk.name()}};
    node_id node{};
    int fired = 0;
};

} // namespace

TEST_F(full_disk_of_store, is_lived_with_for_as_long_as_history_may_go) {
    EXPECT_TRUE(has_reserve());
    leave_room_for(6 << 20);
    while (!is_warned()) {
        EXPECT_TRUE(fire()) << "it is full when the log is folded, and no commit sees that";
        ASSERT_LT(fired, 10'000);
    }
    EXPECT_FALSE(has_reserve());
    EXPECT_FALSE(takes_new());
    const int before = fired;
    int refused = 0;
    for (int i = 0; i < 6'000; ++i) { // with 24 MB of arguments
        if (!fire()) ++refused;
        if (i % 100 != 0) continue;
        support::write(store, [](writing& in) { in.prune({.kept_of_each = 100}); });
    }
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(fired, before + 6'000);
    EXPECT_FALSE(takes_new());
    EXPECT_TRUE(is_warned());

    disk.heal();
    support::told_of_file_systems.is_full = false;
    EXPECT_TRUE(takes_new());
    EXPECT_TRUE(has_reserve());
    EXPECT_THAT(store.warnings(), testing::IsEmpty());
}

TEST_F(full_disk_of_store, ends_in_refusals_when_all_history_is_kept_and_loses_nothing) {
    leave_room_for(6 << 20);
    for (int refused = 0; refused < 10;) {
        if (!fire()) ++refused;
        ASSERT_LT(fired, 20'000);
    }
    EXPECT_TRUE(is_warned());
    EXPECT_GT(fired, 1'000) << "in the room that there was, and in the reserve";
    disk.heal();
    support::told_of_file_systems.is_full = false;
    EXPECT_TRUE(fire());
    sqlite_database db(path, sqlite_access::read, disk.name());
    quick_check(db);
}
