// Whose a run is: fences and claims, completion, rescue.

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

TEST_P(any_store, fences_grow_over_all_runs_with_each_claim_and_each_take_over) {
    const node_id node = enter();
    const job_id id = create("a");
    std::uint64_t last = 0;
    const auto expect_greater = [&](const run_row& row) {
        EXPECT_GT(row.of.fence, last);
        EXPECT_EQ(run(row.of.id), row);
        last = row.of.fence;
    };
    expect_greater(begin(id, now));
    expect_greater(submit(now));
    for (std::uint64_t round = 1; round < 4; ++round) {
        const auto claimed = claim_runs(node, round);
        ASSERT_EQ(claimed.size(), 2u);
        for (const run_row& row : claimed) expect_greater(row);
        for (const run_row& row : claimed) {
            EXPECT_EQ(end(row, run_state::ready).is, verdict::taken);
            expect_greater(run(row.of.id));
        }
    }
    reopen();
    expect_greater(submit(now));
}

TEST_P(any_store, the_fence_stays_while_a_run_stays_whose_it_is) {
    submit(now);
    const run_row claimed = claim_runs(enter(), 7).at(0);
    run_change asked = change(claimed, run_state::running);
    asked.is_asked_to_end = true;
    take({.changes = {asked}});
    EXPECT_EQ(run(claimed.of.id).of.fence, claimed.of.fence);
    EXPECT_EQ(run(claimed.of.id).claim, claimed.claim);
    EXPECT_EQ(run(claimed.of.id).node, claimed.node);
    EXPECT_EQ(end(claimed).is, verdict::taken) << "its owner does not know yet that he was asked";
    EXPECT_EQ(run(claimed.of.id).of.fence, claimed.of.fence);
}

TEST_P(any_store, a_run_that_ends_says_how_when_and_whose_it_was) {
    const node_id node = enter("somebody");
    submit(now);
    const run_row claimed = claim_runs(node, 7).at(0);
    now += 5s;
    run_change ended = change(claimed, run_state::failed);
    ended.attempt = 3;
    ended.lost = 2;
    ended.reason = "why";
    ended.log = "what";
    ended.report = "how far";
    EXPECT_EQ(take({.by = node, .changes = {ended}}).is, verdict::taken);
    reopen();
    run_row expected = claimed;
    expected.of.state = run_state::failed;
    expected.of.attempt = 3;
    expected.of.lost = 2;
    expected.of.reason = "why";
    expected.of.log = "what";
    expected.of.report = "how far";
    expected.of.ended_at = now;
    EXPECT_EQ(run(claimed.of.id), expected);
    leave(node);
    now += 2h;
    enter("another");
    EXPECT_EQ(run(claimed.of.id).of.node, "somebody") << "though that node is forgotten";
}

TEST_P(any_store, texts_that_a_change_does_not_have_stay) {
    run_row one = submission(now);
    one.of.reason = "r";
    one.of.log = "l";
    one.of.report = "p";
    submit(one);
    const run_row claimed = claim_runs(enter(), 7).at(0);
    run_change next = change(claimed, run_state::ready);
    next.log = "";
    take({.changes = {next}});
    const run_row after = run(claimed.of.id);
    EXPECT_EQ(after.of.reason, "r");
    EXPECT_EQ(after.of.log, "");
    EXPECT_EQ(after.of.report, "p");
}

TEST_P(any_store, a_run_that_waits_for_its_retry_is_nobodys) {
    const node_id node = enter("first");
    submit(now);
    const run_row claimed = claim_runs(node, 7).at(0);
    run_change next = change(claimed, run_state::ready);
    next.attempt = 2;
    next.run_at = now + 1min;
    EXPECT_EQ(take({.by = node, .changes = {next}}).is, verdict::taken);
    const run_row waits = run(claimed.of.id);
    EXPECT_EQ(waits.of.state, run_state::ready);
    EXPECT_EQ(waits.node, node_id::none);
    EXPECT_EQ(waits.claim, 0u);
    EXPECT_EQ(waits.of.node, "first") << "of the last attempt";
    EXPECT_EQ(waits.of.started_at, now);
    EXPECT_EQ(waits.of.ended_at, std::nullopt);
    EXPECT_GT(waits.of.fence, claimed.of.fence);
    EXPECT_EQ(end(claimed).is, verdict::refused);

    now += 1min;
    const run_row again = claim_runs(enter("second"), 8).at(0);
    EXPECT_EQ(again.of.attempt, 2u);
    EXPECT_EQ(again.of.node, "second");
    EXPECT_EQ(again.of.started_at, now);
    EXPECT_EQ(again.began_at, now - 1min) << "its first attempt";
}

TEST_P(any_store, a_completion_with_another_fence_is_refused) {
    submit(now);
    const run_row claimed = claim_runs(enter(), 7).at(0);
    for (const std::uint64_t fence :
         {claimed.of.fence - 1, claimed.of.fence + 1, std::uint64_t{0}}) {
        run_row stale = claimed;
        stale.of.fence = fence;
        EXPECT_EQ(end(stale).is, verdict::refused);
    }
    EXPECT_EQ(run(claimed.of.id), claimed);
}

TEST_P(any_store, a_completion_with_the_right_fence_but_another_claim_is_refused) { // D8
    submit(now);
    const run_row claimed = claim_runs(enter(), 7).at(0);
    for (const std::uint64_t claim : {std::uint64_t{0}, std::uint64_t{6}, std::uint64_t{8}}) {
        run_row stale = claimed;
        stale.claim = claim;
        EXPECT_EQ(end(stale).is, verdict::refused);
    }
    EXPECT_EQ(run(claimed.of.id), claimed);
    EXPECT_EQ(end(claimed).is, verdict::taken);
}

TEST_P(any_store, a_change_of_a_run_in_another_state_is_refused) {
    submit(now);
    run_row row = runs().at(0);
    EXPECT_EQ(end(row, run_state::cancelled).is, verdict::taken);
    EXPECT_EQ(end(row, run_state::cancelled).is, verdict::refused) << "it has ended";
    submit(now);
    row = runs().at(0);
    run_row as_running = row;
    as_running.of.state = run_state::running;
    EXPECT_EQ(end(as_running).is, verdict::refused) << "it has not been claimed";
    const run_row claimed = claim_runs(enter(), 7).at(0);
    EXPECT_EQ(end(row, run_state::cancelled).is, verdict::refused) << "it was claimed";
    EXPECT_EQ(end(claimed, run_state::lost).is, verdict::taken);
    EXPECT_EQ(end(claimed).is, verdict::refused);
    EXPECT_EQ(run(claimed.of.id).of.state, run_state::lost);
}

TEST_P(any_store, a_change_of_a_ready_run_names_its_fence) {
    submit(now);
    const node_id node = enter();
    const run_row first = runs().at(0);
    end(claim_runs(node, 7).at(0), run_state::ready); // claimed, and handed back
    EXPECT_EQ(end(first, run_state::cancelled).is, verdict::refused);
    run_row as_is = runs().at(0);
    as_is.claim = 12345; // nobody has it, so no claim counts
    EXPECT_EQ(end(as_is, run_state::cancelled).is, verdict::taken);
}

TEST_P(any_store, a_ready_run_that_is_put_off_is_claimed_then) {
    submit(now);
    run_change later_on = change(runs().at(0), run_state::ready);
    later_on.run_at = now + 1h;
    EXPECT_EQ(take({.changes = {later_on}}).is, verdict::taken);
    EXPECT_EQ(next_ready({.kinds = {"work"}}), now + 1h);
    const node_id node = enter("node", 2h);
    EXPECT_THAT(claim_runs(node, 7), IsEmpty());
    now += 1h;
    EXPECT_EQ(claim_runs(node, 7).size(), 1u);
}

TEST_P(any_store, a_change_of_a_run_that_is_not_there_is_refused) {
    EXPECT_EQ(take({.changes = {{.id = run_id{99}}}}).is, verdict::refused);
    EXPECT_EQ(take({.changes = {{.id = no_run, .was = run_state::ready}}}).is, verdict::refused);
}

// ---- who dies ----------------------------------------------------------------------------------

TEST_P(any_store, what_a_dead_node_runs_is_orphaned) {
    const node_id dead = enter("dead", 10s);
    const node_id live = enter("live", 1h);
    submit(now);
    submit(now);
    submit(now);
    const run_row lost = claim_runs(dead, 7, 1).at(0);
    claim_runs(live, 8, 1);
    EXPECT_THAT(runs({.is_orphaned = true}), IsEmpty());
    now += 10s;
    EXPECT_THAT(runs({.is_orphaned = true}), IsEmpty()) << "not evicted yet";
    evict();
    EXPECT_THAT(runs({.is_orphaned = true}), ElementsAre(lost));
    EXPECT_EQ(run(lost.of.id), lost) << "to evict changes nothing of it";
    now += 2h;
    enter("somebody"); // the dead one may be forgotten now
    EXPECT_THAT(runs({.is_orphaned = true}), ElementsAre(lost));
    end(lost, run_state::lost);
    EXPECT_THAT(runs({.is_orphaned = true}), IsEmpty());
}

TEST_P(any_store, what_runs_when_a_node_leaves_is_orphaned) {
    const node_id node = enter();
    submit(now);
    const run_row left = claim_runs(node, 7).at(0);
    leave(node);
    EXPECT_THAT(runs({.is_orphaned = true}), ElementsAre(left));
}

TEST_P(any_store, a_completion_after_the_rescue_is_refused) { // D27
    const node_id dead = enter("dead", 10s);
    submit(now);
    const run_row run_of_dead = claim_runs(dead, 7).at(0);
    now += 10s;
    evict();
    run_change rescue = change(run_of_dead, run_state::ready);
    rescue.lost = 1;
    const node_id live = enter("live");
    EXPECT_EQ(take({.by = live, .changes = {rescue}}).is, verdict::taken);
    EXPECT_EQ(end(run_of_dead).is, verdict::refused) << "the fence has moved already";
    const run_row again = claim_runs(live, 8).at(0);
    EXPECT_EQ(again.of.lost, 1u);
    EXPECT_EQ(end(run_of_dead).is, verdict::refused);
    EXPECT_EQ(end(again).is, verdict::taken);
    EXPECT_EQ(end(run_of_dead).is, verdict::refused);
}

TEST_P(any_store, a_rescue_after_the_completion_is_refused) { // D27
    const node_id slow = enter("slow", 10s);
    submit(now);
    const run_row claimed = claim_runs(slow, 7).at(0);
    const run_change rescue = change(claimed, run_state::ready);
    const run_change completion = change(claimed, run_state::ok);
    now += 10s - 1ns;
    EXPECT_EQ(take({.by = slow, .changes = {completion}}).is, verdict::taken);
    now += 1ns;
    evict();
    EXPECT_EQ(take({.by = enter("live"), .changes = {rescue}}).is, verdict::refused);
    EXPECT_EQ(run(claimed.of.id).of.state, run_state::ok);
    EXPECT_THAT(runs({.is_orphaned = true}), IsEmpty());
}

TEST_P(any_store, of_two_rescues_one_is_taken) {
    const node_id dead = enter("dead", 10s);
    submit(now);
    const run_row claimed = claim_runs(dead, 7).at(0);
    now += 10s;
    evict();
    const step rescue{.changes = {change(claimed, run_state::ready)}};
    EXPECT_EQ(take(rescue).is, verdict::taken);
    EXPECT_EQ(take(rescue).is, verdict::refused);
}

TEST_P(any_store, what_a_node_says_after_its_eviction_is_not_taken_though_nobody_took_over) {
    const node_id dead = enter("dead", 10s);
    submit(now);
    const run_row claimed = claim_runs(dead, 7).at(0);
    now += 10s;
    evict();
    EXPECT_EQ(take({.by = dead, .changes = {change(claimed, run_state::ok)}}).is,
              verdict::not_live);
    EXPECT_EQ(run(claimed.of.id), claimed);
}
