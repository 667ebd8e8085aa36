// What SQLite has to do grows with what is asked of it, and not with what is stored.

#include <store/sqlite/store.hpp>

#include <string>

#include <gtest/gtest.h>
#include <jobs/apply.hpp>
#include <sqlite3.h>
#include <support/temporary_folder.hpp>
#include <support/transaction.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

/// Of its virtual machine, by all connections that are opened while this exists.
class steps_of_sqlite {
public:
    steps_of_sqlite() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&on_open)); }
    steps_of_sqlite(const steps_of_sqlite&) = delete;
    steps_of_sqlite& operator=(const steps_of_sqlite&) = delete;
    ~steps_of_sqlite() { sqlite3_reset_auto_extension(); }

    template <class F>
    std::int64_t of(F f) {
        count = 0;
        f();
        return count;
    }

private:
    static int on_open(sqlite3* db, const char**, const void*) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &on_end, nullptr);
    }
    static int on_end(unsigned, void*, void* statement, void*) {
        count += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement),
                                     SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }
    static inline std::int64_t count = 0;
};

class sqlite_size : public testing::Test {
protected:
    void apply(int jobs, const std::string& owner) {
        std::vector<job> all;
        for (int i = 0; i < jobs; ++i)
            all.push_back({.name = owner + std::to_string(i), .when = interval(1h), .kind = "k"});
        const wanted_jobs wanted = check_wanted(owner, std::move(all));
        support::write(store, [&](writing& in) {
            std::vector<job_row> there = in.jobs({.owner = owner, .most = 100'000});
            const planned made = plan_apply(wanted, there, in.now());
            for (const new_job& one : made.creates) in.create(one);
            for (const step& one : made.steps) in.take(one);
        });
    }
    void submit(int runs) {
        support::write(store, [&](writing& in) {
            run_row one;
            one.of.kind = "k";
            one.of.origin = run_origin::submitted;
            one.policy = "{}";
            one.of.arguments = "{}";
            for (int i = 0; i < runs; ++i) in.submit(one);
        });
    }
    std::int64_t steps_of_a_turn(node_id by) {
        return steps.of([&] {
            support::write(store, [&](writing& in) {
                claim some{.by = by, .id = ++claims, .kinds = {"k"}, .most = 100};
                const auto claimed = in.claim_runs(some);
                ASSERT_EQ(claimed.size(), 100u);
                for (const run_row& one : claimed) {
                    const run_change end{.id = one.of.id,
                                         .fence = one.of.fence,
                                         .claim = one.claim,
                                         .run_at = one.of.run_at};
                    ASSERT_EQ(in.take({.by = by, .changes = {end}}).is, verdict::taken);
                }
                in.waking(in.now() - 1h, 1000);
                in.next_ready(some);
                in.runs({.state = run_state::running, .node = by, .is_asked_to_end = true});
                in.runs({.is_orphaned = true});
            });
        });
    }

    support::temporary_folder folder;
    steps_of_sqlite steps;
    sqlite_store store{
        {.path = folder / "jobs.db", .durability = sqlite_durability::process_crash}};
    std::uint64_t claims = 0;
};

TEST_F(sqlite_size, of_what_is_applied_costs_its_share) {
    const std::int64_t few = steps.of([&] { apply(100, "a"); });
    const std::int64_t many = steps.of([&] { apply(10'000, "b"); });
    EXPECT_GT(few, 0);
    EXPECT_LT(many, few * 100 * 3 / 2);
    const std::int64_t again = steps.of([&] { apply(100, "c"); });
    EXPECT_LT(again, few * 3 / 2) << "beside 10,000 others";
}

TEST_F(sqlite_size, of_what_is_stored_costs_a_claim_and_an_end_nothing) {
    const node_id by = support::write(
        store, [](writing& in) { return in.enter({.name = "n", .kinds = {"k"}}, 1h); });
    submit(1'000);
    const std::int64_t few = steps_of_a_turn(by);
    submit(100'000);
    apply(20'000, "a");
    const std::int64_t many = steps_of_a_turn(by);
    EXPECT_GT(few, 0);
    EXPECT_LT(many, few * 3 / 2);
}

} // namespace
