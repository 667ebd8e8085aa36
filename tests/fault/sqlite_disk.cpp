// The disk below a SQLite store fails, fills up, or loses power, at each of its operations in turn:
// while the store is made, and at each of what a node does with it. No instant is without a
// decision or has two, and what was acknowledged is there.
#include <fault/sqlite_history.hpp>

#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <support/faulty_vfs.hpp>
#include <support/slow.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;
using fire::witness;
using support::faulty_vfs;

namespace {

constexpr std::int64_t instants = 9;
constexpr std::uint64_t stride = support::is_slow ? 5 : 1; // then at each fifth operation

/// How a history went.
enum class fate { done, gave_up };

class disk_of_store : public testing::Test {
protected:
    /// A node opens the store, and goes on after each error, but no more than a few times. Amid of
    /// it the store is backed up.
    fate live(faulty_vfs& disk, witness& told) {
        int errors = 0;
        const auto may_fail = [&](auto call) {
            try {
                call();
            } catch (const store_error&) {
                ++errors;
            } catch (const std::bad_alloc&) {
                ++errors;
            }
        };
        bool is_busy = true;
        while (is_busy && errors < 4) {
            may_fail([&] {
                sqlite_store store({.path = path, .vfs = disk.name()});
                fire::node node(store, [&](const auto& one) { told.tell(one); });
                for (int turns = 0; is_busy && errors < 4; ++turns) {
                    may_fail([&] { is_busy = node.turn(instants); });
                    if (turns != 3) continue;
                    const witness until_now = told;
                    may_fail([&] {
                        store.back_up(copy);
                        told_of_copy = until_now;
                    });
                }
            });
        }
        return is_busy ? fate::gave_up : fate::done;
    }

    void check(const witness& told) const {
        told.check(path);
        // Once it was acknowledged it is there, and from the moment it is there it is whole.
        EXPECT_TRUE(!told_of_copy || std::filesystem::exists(copy));
        if (std::filesystem::exists(copy)) told_of_copy.value_or(witness()).check(copy);
    }

    /// Calls plan(disk, k) for k = 0, 1, ... until the fault comes no more. Each time a store is
    /// made and lives, and lives on once the disk works again. Gives how often.
    std::uint64_t at_each(const std::function<void(faulty_vfs&, std::uint64_t)>& plan) {
        for (std::uint64_t k = 0;; k += stride) {
            SCOPED_TRACE(k);
            const support::temporary_folder folder(support::fast_folders());
            path = folder / "jobs.db";
            copy = folder / "copy.db";
            told_of_copy.reset();
            faulty_vfs disk;
            witness told;
            plan(disk, k);
            live(disk, told);
            if (!disk.has_struck() || HasFailure()) return k / stride;
            disk.restart();
            check(told);
            EXPECT_EQ(live(disk, told), fate::done);
            check(told);
        }
    }

    std::string path;
    std::string copy; // a backup
    std::optional<witness> told_of_copy; // of what it has to hold
};

} // namespace

using operation = faulty_vfs::operation;
using spell = faulty_vfs::spell;

TEST_F(disk_of_store, may_lose_power_at_each_operation) {
    std::uint64_t cuts = 0;
    for (const std::uint64_t seed : {0, 1, 2, 3}) { // nothing of what was not synced, all, some
        SCOPED_TRACE(seed);
        cuts += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            disk.cut_at(k, seed < 2 ? seed : seed * 1000 + k);
        });
    }
    std::cout << cuts << " losses of power\n";
    EXPECT_GT(cuts, 400 / stride);
}

TEST_F(disk_of_store, may_fail_at_each_operation) {
    std::uint64_t errors = 0;
    for (const spell how : {spell::once, spell::for_good}) {
        errors += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            disk.fail_at(k, SQLITE_IOERR, operation::any, how, k + 2);
        });
    }
    std::cout << errors << " errors of input and output\n";
    EXPECT_GT(errors, 200 / stride);
}

TEST_F(disk_of_store, may_fail_at_each_sync) {
    std::uint64_t errors = 0;
    for (const std::uint64_t seed :
         {0, 1, 2}) { // of what it was to sync nothing is there, all, some
        errors += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            disk.fail_at(k, SQLITE_IOERR, operation::sync, spell::once, seed < 2 ? seed : k + 2);
        });
    }
    std::cout << errors << " errors of a sync\n";
    EXPECT_GT(errors, 60 / stride);
}

TEST_F(disk_of_store, may_be_full_at_each_write) {
    std::uint64_t errors = 0;
    for (const spell how : {spell::once, spell::for_good}) {
        errors += at_each([&](faulty_vfs& disk, std::uint64_t k) {
            disk.fail_at(k, SQLITE_FULL, operation::write, how);
        });
    }
    std::cout << errors << " times full\n";
    EXPECT_GT(errors, 200 / stride);
}

TEST_F(disk_of_store, may_become_read_only_at_each_write) {
    const std::uint64_t errors = at_each([&](faulty_vfs& disk, std::uint64_t k) {
        disk.fail_at(k, SQLITE_READONLY, operation::write, spell::for_good);
    });
    std::cout << errors << " times read-only\n";
    EXPECT_GT(errors, 100 / stride);
}

TEST_F(disk_of_store, may_fail_at_each_read) {
    std::uint64_t errors = 0;
    for (const int code : {SQLITE_IOERR, SQLITE_IOERR_SHORT_READ}) {
        errors += at_each(
            [&](faulty_vfs& disk, std::uint64_t k) { disk.fail_at(k, code, operation::read); });
    }
    std::cout << errors << " reads that failed or were short\n";
    EXPECT_GT(errors, 20 / stride);
}
