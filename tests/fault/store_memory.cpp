// Memory runs out at each allocation in turn of what is written to the store in memory: nothing of
// it is there then, and it can be done again.
#include <new>

#include <gtest/gtest.h>

#include <fault/failing_new.hpp>
#include <store/memory/store.hpp>
#include <support/rows_text.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using fault::until_failure;

namespace {

class store_memory : public testing::Test {
protected:
    wall_time now{};
    memory_store store{{.now = [this] { return now; }, .losable = 2}};

    std::string all() {
        return support::read(store, [](reading& in) {
            std::string found = text(in.nodes()) + text(in.jobs({})) + text(in.runs({})) +
                                text(in.waking(wall_time::max(), 9)) + text(in.applied("us")) +
                                text(in.next_ready({.kinds = {"work"}}));
            for (const job_row& row : in.jobs({})) {
                found += text(in.stretches(row.id, wall_time::min(), wall_time::max())) +
                         text(in.edits(row.id)) + text(in.backfills(row.id));
            }
            return found;
        });
    }
    /// Each allocation of `f(writing&)` fails in turn, until none does.
    template <class F>
    void fail_each_allocation_of(F f) {
        const std::string before = all();
        bool failed = true;
        for (long nth = 0; failed; ++nth) {
            SCOPED_TRACE(nth);
            support::part_of one(f);
            part* const parts[] = {&one};
            bool is_thrown = false;
            until_failure = nth;
            try {
                store.write(parts);
            } catch (const std::bad_alloc&) {
                is_thrown = true;
            }
            failed = until_failure < 0;
            until_failure = -1;
            ASSERT_EQ(is_thrown || one.error, failed);
            ASSERT_EQ(all() == before, failed);
            ASSERT_TRUE(failed || nth > 0) << "there is nothing to test";
        }
        EXPECT_NE(all(), before);
    }
    static run_row ready(wall_time nominal) {
        run_row row;
        row.of.kind = "work";
        row.of.nominal = row.of.run_at = nominal;
        row.of.arguments = "some arguments, for which there is no place in the string itself";
        return row;
    }
};

} // namespace

TEST_F(store_memory, without_memory_writes_nothing) {
    node_id node{};
    job_id job{};
    fail_each_allocation_of([&](writing& in) { node = in.enter({.name = "node"}, 60s); });
    fail_each_allocation_of([&](writing& in) {
        job = in.create({.name = "a job with a name that is rather long", .at = {.wake_at = now}})
                  .value_or(job_id::none);
    });
    fail_each_allocation_of([](writing& in) { in.apply("us", 1); });
    fail_each_allocation_of([&](writing& in) {
        run_row one = ready(now);
        one.of.key = "key";
        in.submit(one);
    });
    fail_each_allocation_of([&](writing& in) {
        step one{.by = node, .job = job, .revision = 1, .at = {.wake_at = now + 1s}};
        one.definition = "a definition, edited so that it is longer than it was before";
        one.begins = {ready(now), ready(now + 1s)};
        one.begins[0].of.state = run_state::running;
        one.stretches = {{.first = now, .last = now},
                         {.first = now + 1s, .last = now + 1s, .follows = now}};
        one.backfill = backfill_row{.id = "b"};
        in.take(one);
    });
    fail_each_allocation_of(
        [&](writing& in) { in.claim_runs({.by = node, .id = 7, .kinds = {"work"}, .most = 9}); });
    fail_each_allocation_of([&](writing& in) {
        step one;
        for (const run_row& row : in.runs({.state = run_state::running})) {
            one.changes.push_back({.id = row.of.id, .fence = row.of.fence, .claim = row.claim});
        }
        in.take(one);
    });
    fail_each_allocation_of([&](writing& in) { in.submit(ready(now)); });
    fail_each_allocation_of([&](writing& in) {
        in.claim_runs({.by = node, .id = 8, .kinds = {"work"}, .most = 9});
        for (const run_row& row : in.runs({.state = run_state::running})) {
            in.take({.changes = {{.id = row.of.id, .fence = row.of.fence, .claim = row.claim}}});
        }
    });
    fail_each_allocation_of(
        [](writing& in) { in.prune({.ended_before = wall_time::max(), .kept_of_each = 1}); });
    fail_each_allocation_of([&](writing& in) { in.leave(node); });
}
