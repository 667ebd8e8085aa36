// What the store in memory has beside what every store promises (tests/conformance/store): it loses
// transactions, as a failover does, and can leave out its checks.

#include <store/memory/store.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <support/rows_text.hpp>
#include <support/transaction.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::read;
using support::write;

class memory : public testing::Test {
protected:
    wall_time now{};
    std::unique_ptr<memory_store> store;

    void open(memory_options options) {
        options.now = [this] { return now; };
        store = std::make_unique<memory_store>(std::move(options));
    }
    run_id submit(const char* key) {
        run_row one;
        one.of.kind = "work";
        one.of.key = key;
        const step_result made = write(*store, [&](writing& in) { return in.submit(one); });
        return made.is == verdict::taken ? made.begun.at(0).of.id : no_run;
    }
    std::vector<run_row> claim_runs(node_id by, std::uint64_t id) {
        const claim what{.by = by, .id = id, .kinds = {"work"}, .most = 9};
        return write(*store, [&](writing& in) { return in.claim_runs(what); });
    }
    node_id enter(duration lease = 60s) {
        return write(*store, [&](writing& in) { return in.enter({}, lease); });
    }
    verdict take(const step& one) {
        return write(*store, [&](writing& in) { return in.take(one); }).is;
    }
    static run_change completion(const run_row& of) {
        return {.id = of.of.id, .fence = of.of.fence, .claim = of.claim};
    }
    std::vector<run_row> runs() {
        return read(*store, [](reading& in) { return in.runs({}); });
    }
    std::string keys() {
        std::string found;
        for (const run_row& row : runs()) found += row.of.key;
        return found;
    }
};

} // namespace

// ---- a failover --------------------------------------------------------------------------------

TEST_F(memory, loses_the_last_transactions_and_no_others) {
    open({.losable = 3});
    for (const char* const key : {"a", "b", "c", "d", "e"}) submit(key);
    store->lose_last(0);
    EXPECT_EQ(keys(), "edcba");
    store->lose_last(2);
    EXPECT_EQ(keys(), "cba");
    store->lose_last(1);
    EXPECT_EQ(keys(), "ba");
    store->lose_last(5);
    EXPECT_EQ(keys(), "ba") << "so many were kept, and they are gone";
    EXPECT_NE(submit("c"), no_run);
    EXPECT_EQ(submit("a"), no_run) << "what was not lost is there";
}

TEST_F(memory, loses_nothing_by_default) {
    open({});
    submit("a");
    store->lose_last(1);
    EXPECT_EQ(keys(), "a");
}

TEST_F(memory, loses_all_that_a_transaction_wrote) {
    open({.losable = 1});
    const auto write_all = [&](writing& in) {
        const node_id node = in.enter({}, 60s);
        const job_id job = in.create({.name = "a", .at = {.wake_at = now}}).value();
        in.apply("us", 5);
        step one{.by = node, .job = job, .revision = 1};
        one.begins.emplace_back().of.state = run_state::running;
        one.stretches.emplace_back();
        one.backfill = backfill_row{.id = "b"};
        EXPECT_EQ(in.take(one).is, verdict::taken);
        return text(in.jobs({})) + text(in.runs({}));
    };
    const std::string first = write(*store, write_all);
    store->lose_last(1);
    read(*store, [](reading& in) {
        EXPECT_TRUE(in.nodes().empty());
        EXPECT_TRUE(in.jobs({}).empty());
        EXPECT_TRUE(in.runs({}).empty());
        EXPECT_TRUE(in.waking(wall_time::max(), 1).empty());
        EXPECT_EQ(in.applied("us"), std::nullopt);
        EXPECT_TRUE(in.edits(job_id{1}).empty());
        EXPECT_TRUE(in.backfills(job_id{1}).empty());
        EXPECT_TRUE(in.stretches(job_id{1}, wall_time::min(), wall_time::max()).empty());
        return 0;
    });
    EXPECT_EQ(write(*store, write_all), first) << "ids, revisions and fences come again";
}

TEST_F(memory, what_wrote_nothing_is_no_transaction_that_is_lost) {
    open({.losable = 1});
    submit("a");
    runs();
    EXPECT_EQ(submit("a"), no_run);
    EXPECT_THROW(write(*store,
                       [](writing& in) {
                           in.submit({});
                           throw std::runtime_error("undo");
                       }),
                 std::runtime_error);
    store->lose_last(1);
    EXPECT_EQ(keys(), "");
}

TEST_F(memory, a_completion_from_before_a_failover_is_refused_though_id_and_fence_are_equal) { // D8
    open({.losable = 9});
    const node_id node = enter();
    submit("before");
    const run_row before = claim_runs(node, 0x5a5a5a5a).at(0);
    store->lose_last(2);
    submit("after");
    const run_row after = claim_runs(node, 0xa5a5a5a5).at(0);
    ASSERT_EQ(after.of.id, before.of.id);
    ASSERT_EQ(after.of.fence, before.of.fence);
    EXPECT_EQ(take({.by = node, .changes = {completion(before)}}), verdict::refused);
    EXPECT_EQ(take({.by = node, .changes = {completion(after)}}), verdict::taken);
}

TEST_F(memory, a_renewal_that_was_lost_did_not_renew) {
    open({.losable = 1});
    const node_id node = enter(10s);
    now += 5s;
    write(*store, [&](writing& in) { return in.renew(node, 10s); });
    store->lose_last(1);
    now += 5s;
    EXPECT_EQ(take({.by = node}), verdict::not_live);
}

TEST_F(memory, says_where_it_is) {
    open({});
    EXPECT_EQ(store->place(), "memory:");
    open({.place = "memory:of a cluster"});
    EXPECT_EQ(store->place(), "memory:of a cluster");
}

// ---- a check that is missing is missed ---------------------------------------------------------

TEST_F(memory, takes_stale_completions_without_the_check_of_fences) {
    for (const bool is_checked : {true, false}) {
        open({.left_out =
                  is_checked ? std::vector<store_check>{} : std::vector{store_check::fence}});
        const node_id node = enter();
        submit("a");
        run_change stale = completion(claim_runs(node, 7).at(0));
        stale.fence += 1;
        stale.claim += 1;
        EXPECT_EQ(take({.changes = {stale}}), is_checked ? verdict::refused : verdict::taken);
        EXPECT_EQ(take({.changes = {stale}}), verdict::refused) << "it has ended";
    }
}

TEST_F(memory, takes_stale_steps_without_compare_and_set) {
    for (const bool is_checked : {true, false}) {
        open({.left_out =
                  is_checked ? std::vector<store_check>{} : std::vector{store_check::revision}});
        const job_id job =
            write(*store, [](writing& in) { return in.create({.name = "a"}); }).value();
        EXPECT_EQ(take({.job = job, .revision = 1}), verdict::taken);
        EXPECT_EQ(take({.job = job, .revision = 1}), is_checked ? verdict::stale : verdict::taken);
        EXPECT_EQ(take({.job = job_id{9}, .revision = 1}), verdict::stale) << "there is none";
    }
}

TEST_F(memory, takes_steps_and_claims_of_the_dead_without_the_check_of_leases) {
    for (const bool is_checked : {true, false}) {
        open({.left_out =
                  is_checked ? std::vector<store_check>{} : std::vector{store_check::lease}});
        const node_id node = enter(60s);
        submit("a");
        now += 60s;
        EXPECT_EQ(take({.by = node}), is_checked ? verdict::not_live : verdict::taken);
        write(*store, [](writing& in) { return in.evict(0s); });
        EXPECT_EQ(take({.by = node}), is_checked ? verdict::not_live : verdict::taken);
        EXPECT_EQ(claim_runs(node, 7).size(), is_checked ? 0u : 1u);
    }
}
