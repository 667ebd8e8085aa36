#include <conformance/store/any_store.hpp>

#include <set>

using namespace conformance_of_stores;

TEST_P(any_store, runs_are_claimed_by_run_at_and_then_by_id) {
    const run_row third = submit(now - 1s);
    const run_row first = submit(now - 3s);
    const run_row fourth = submit(now - 1s);
    const run_row second = submit(now - 2s);
    const run_row fifth = submit(now);
    EXPECT_THAT(ids(claim_runs(enter(), 7)),
                ElementsAre(first.of.id, second.of.id, third.of.id, fourth.of.id, fifth.of.id));
}

TEST_P(any_store, the_order_of_claims_is_over_all_kinds_and_labels) {
    run_row a = submission(now - 3s, "a");
    run_row b = submission(now - 2s, "b");
    b.label = "gpu";
    run_row c = submission(now - 1s, "a");
    c.label = "gpu";
    run_row d = submission(now - 2s, "b");
    std::vector<run_id> made;
    for (const run_row& row : {c, b, a, d}) made.push_back(submit(row).begun.at(0).of.id);
    const claim by{
        .by = enter(), .id = 7, .kinds = {"b", "a", "b"}, .labels = {"gpu", "", "gpu"}, .most = 9};
    EXPECT_THAT(ids(claim_runs(by)), ElementsAre(made[2], made[1], made[3], made[0]));
}

TEST_P(any_store, what_is_claimed_runs_from_here_on_by_this_node) {
    const node_id node = enter("somebody");
    const run_row made = submit(now);
    now += 5s;
    const std::uint64_t claim = 0xffffffffffffffff; // a claim may be any number but 0
    const auto claimed = claim_runs(node, claim);
    reopen();
    run_row expected = made;
    expected.of.state = run_state::running;
    expected.of.fence = claimed.at(0).of.fence;
    expected.of.node = "somebody";
    expected.of.started_at = now;
    expected.began_at = now;
    expected.node = node;
    expected.claim = claim;
    EXPECT_THAT(claimed, ElementsAre(expected));
    EXPECT_EQ(run(made.of.id), expected);
}

TEST_P(any_store, a_run_is_claimed_once) {
    submit(now);
    submit(now);
    const node_id node = enter();
    EXPECT_EQ(claim_runs(node, 7, 1).size(), 1u);
    EXPECT_EQ(claim_runs(enter("other"), 8).size(), 1u);
    EXPECT_THAT(claim_runs(node, 9), IsEmpty());
}

TEST_P(any_store, many_runs_are_claimed_as_each_alone_would_be) {
    std::vector<run_id> made;
    for (int i = 0; i < 40; ++i) made.push_back(submit(now).of.id);
    const run_row again = claim_runs(enter(), 7, 1).at(0); // one has begun before
    run_change back = change_of(again);
    back.state = run_state::ready;
    EXPECT_EQ(take({.by = again.node, .changes = {back}}).is, verdict::taken);
    now += 5s;

    const node_id node = enter("somebody");
    const std::vector<run_row> claimed = claim_runs(node, 9);
    EXPECT_THAT(ids(claimed), testing::ElementsAreArray(made));
    reopen();
    std::set<std::uint64_t> fences;
    for (const run_row& one : claimed) {
        EXPECT_EQ(run(one.of.id), one);
        EXPECT_EQ(one.of.node, "somebody");
        EXPECT_EQ(one.began_at, one.of.id == again.of.id ? now - 5s : now);
        EXPECT_GT(one.of.fence, again.of.fence);
        fences.insert(one.of.fence);
    }
    EXPECT_EQ(fences.size(), 40u);
}

TEST_P(any_store, a_run_is_claimed_at_its_instant_and_not_before) {
    submit(now + 1s);
    const node_id node = enter();
    now += 1s - 1ns;
    EXPECT_THAT(claim_runs(node, 7), IsEmpty());
    now += 1ns;
    EXPECT_EQ(claim_runs(node, 7).size(), 1u);
}

TEST_P(any_store, no_more_runs_are_claimed_than_asked_for) {
    for (int i = 0; i < 5; ++i) submit(now);
    const node_id node = enter();
    EXPECT_THAT(claim_runs(node, 7, 0), IsEmpty());
    EXPECT_EQ(claim_runs(node, 7, 2).size(), 2u);
    EXPECT_EQ(claim_runs(node, 7, 100).size(), 3u);
}

TEST_P(any_store, only_kinds_that_are_named_are_claimed) { // D12
    submit(now, "work");
    submit(now, "Work");
    submit(now, "wor");
    const node_id node = enter();
    EXPECT_THAT(claim_runs({.by = node, .id = 7, .most = 9}), IsEmpty());
    EXPECT_THAT(claim_runs({.by = node, .id = 7, .kinds = {"work ", "wo"}, .most = 9}), IsEmpty());
    const auto claimed = claim_runs({.by = node, .id = 7, .kinds = {"work"}, .most = 9});
    ASSERT_EQ(claimed.size(), 1u);
    EXPECT_EQ(claimed[0].of.kind, "work");
    EXPECT_EQ(runs({.state = run_state::ready}).size(), 2u) << "they wait, and nothing else";
}

TEST_P(any_store, a_run_with_a_label_is_claimed_only_with_that_label) { // D12
    run_row one = submission(now);
    one.label = "gpu";
    submit(one);
    const node_id node = enter();
    EXPECT_THAT(claim_runs(node, 7), IsEmpty());
    claim by{.by = node, .id = 7, .kinds = {"work"}, .labels = {"gp", "gpu2", ""}, .most = 9};
    EXPECT_THAT(claim_runs(by), IsEmpty());
    EXPECT_EQ(next_ready(by), std::nullopt);
    by.labels = {"cpu", "gpu"};
    EXPECT_EQ(next_ready(by), now);
    EXPECT_EQ(claim_runs(by).size(), 1u);
}

TEST_P(any_store, a_run_without_a_label_is_claimed_with_any) {
    submit(now);
    const claim by{.by = enter(), .id = 7, .kinds = {"work"}, .labels = {"gpu"}, .most = 9};
    EXPECT_EQ(claim_runs(by).size(), 1u);
}

TEST_P(any_store, who_is_not_live_claims_nothing) {
    submit(now);
    const node_id late = enter("late", 10s);
    const node_id left = enter("left");
    leave(left);
    EXPECT_THAT(claim_runs(left, 7), IsEmpty());
    EXPECT_THAT(claim_runs(node_id{99}, 7), IsEmpty());
    EXPECT_THAT(claim_runs(node_id::none, 7), IsEmpty());
    now += 10s;
    EXPECT_THAT(claim_runs(late, 7), IsEmpty()) << "its lease is over";
    EXPECT_EQ(runs().at(0).of.state, run_state::ready);
    renew(late);
    EXPECT_EQ(claim_runs(late, 7).size(), 1u);
    submit(now);
    now += 60s;
    evict();
    EXPECT_THAT(claim_runs(late, 7), IsEmpty()) << "it has been evicted";
}

TEST_P(any_store, runs_of_jobs_and_those_of_none_are_claimed_alike) {
    const job_id id = create("a");
    const run_row of_job = begin(id, now - 1s);
    const run_row of_none = submit(now);
    EXPECT_THAT(ids(claim_runs(enter(), 7)), ElementsAre(of_job.of.id, of_none.of.id));
    EXPECT_EQ(job(id).revision, 2u) << "a claim is no step";
}

TEST_P(any_store, a_claim_keeps_the_attempt_and_the_losses) {
    run_row one = submission(now);
    one.of.attempt = 4;
    one.of.lost = 2;
    submit(one);
    const run_row claimed = claim_runs(enter(), 7).at(0);
    EXPECT_EQ(claimed.of.attempt, 4u);
    EXPECT_EQ(claimed.of.lost, 2u);
}

// ---- when ever ---------------------------------------------------------------------------------

TEST_P(any_store, the_next_run_that_is_ready_is_the_soonest_that_these_could_claim) {
    const claim by{.kinds = {"work", "rest"}, .labels = {"gpu"}}; // whoever that is
    EXPECT_EQ(next_ready(by), std::nullopt);
    submit(now + 3s, "rest");
    EXPECT_EQ(next_ready(by), now + 3s);
    submit(now + 1s, "play");
    run_row labelled = submission(now + 1s);
    labelled.label = "tape";
    submit(labelled);
    EXPECT_EQ(next_ready(by), now + 3s);
    labelled.of.run_at = now + 2s;
    labelled.label = "gpu";
    submit(labelled);
    EXPECT_EQ(next_ready(by), now + 2s);
    submit(now - 1h);
    EXPECT_EQ(next_ready(by), now - 1h) << "its time has come: at once";
    claim_runs(enter(), 7);
    EXPECT_EQ(next_ready(by), now + 2s);
    EXPECT_EQ(next_ready({}), std::nullopt);
}

TEST_P(any_store, the_last_claim_says_when_there_may_be_more) {
    submit(now - 2s);
    submit(now - 1s);
    submit(now + 3s);
    const node_id node = enter();
    const auto claim_last = [&](std::size_t most) {
        const claim by{.by = node, .id = 7, .kinds = {"work"}, .most = most};
        return write([&](writing& in) {
            EXPECT_TRUE(in.renew(node, 1h));
            return in.claim_last(by);
        });
    };
    const claim_result first = claim_last(1);
    EXPECT_EQ(ids(first.runs).size(), 1u);
    EXPECT_EQ(first.next, now - 2s) << "no sooner than what it has claimed";
    const claim_result second = claim_last(2);
    EXPECT_EQ(ids(second.runs).size(), 1u);
    EXPECT_EQ(second.next, now + 3s);
    EXPECT_THAT(claim_last(2).runs, IsEmpty());
    EXPECT_EQ(runs({.state = run_state::running}).size(), 2u);
}
