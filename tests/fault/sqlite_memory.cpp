// Memory runs out at SQLite's allocations while a node works with a store: that is std::bad_alloc,
// or an unknown outcome where it is at a commit, and the node goes on.
#include <fault/sqlite_history.hpp>

#include <atomic>
#include <iostream>
#include <new>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <support/slow.hpp>
#include <support/temporary_folder.hpp>

using namespace cicada;
using namespace cicada::detail;

namespace {

std::atomic<long> until_failure = -1; // allocations of SQLite; negative: none fails
sqlite3_mem_methods usual;

bool fails() { return until_failure >= 0 && until_failure-- == 0; }

/// SQLite takes its methods before it is first used: all programs of this file's get these.
const bool is_installed = [] {
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual) != SQLITE_OK) return false;
    sqlite3_mem_methods ours = usual;
    ours.xMalloc = [](int size) { return fails() ? nullptr : usual.xMalloc(size); };
    ours.xRealloc = [](void* block, int size) {
        return fails() ? nullptr : usual.xRealloc(block, size);
    };
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK;
}();

} // namespace

TEST(memory_of_sqlite, may_run_out_at_any_of_its_allocations) {
    ASSERT_TRUE(is_installed);
    constexpr std::int64_t instants = 6;
    std::uint64_t failures = 0;
    bool has_failed = true;
    // Each of the first, and then some, for there are tens of thousands.
    constexpr long most_each = support::is_slow ? 50 : 200;
    for (long nth = 0; has_failed && !HasFailure(); nth += nth < most_each ? 1 : 97) {
        SCOPED_TRACE(nth);
        const support::temporary_folder folder(support::fast_folders());
        const std::string path = folder / "jobs.db";
        fire::witness told;
        const auto is_unknown = [](const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::unknown_outcome) << e.what();
        };
        const auto live = [&] {
            sqlite_store store({.path = path});
            fire::node node(store, [&](const auto& one) { told.tell(one); });
            for (bool is_busy = true; is_busy && !HasFailure();) {
                try {
                    is_busy = node.turn(instants);
                } catch (const std::bad_alloc&) {
                } catch (const store_error& e) {
                    is_unknown(e);
                }
            }
        };
        until_failure = nth;
        try {
            live();
        } catch (const std::bad_alloc&) { // as it was opened
        } catch (const store_error& e) {
            is_unknown(e);
        }
        has_failed = until_failure < 0;
        until_failure = -1;
        failures += has_failed;
        told.check(path);
        live();
        told.check(path);
    }
    std::cout << failures << " allocations that failed\n";
    EXPECT_GT(failures, most_each);
}
