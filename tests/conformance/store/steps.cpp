// Compare-and-set, and that a step is written wholly or not at all.

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

TEST_P(any_store, of_two_steps_on_one_revision_the_first_is_taken_and_the_other_is_stale) {
    const job_id id = create("a");
    step one = of(id);
    one.at.progress = "one";
    step other = of(id);
    other.at.progress = "other";
    EXPECT_EQ(take(one).is, verdict::taken);
    EXPECT_EQ(take(other).is, verdict::stale);
    EXPECT_EQ(job(id).at.progress, "one");
    EXPECT_EQ(job(id).revision, 2u);
}

TEST_P(any_store, two_steps_on_one_revision_in_the_other_order) {
    const job_id id = create("a");
    step one = of(id);
    one.at.progress = "one";
    step other = of(id);
    other.at.progress = "other";
    EXPECT_EQ(take(other).is, verdict::taken);
    EXPECT_EQ(take(one).is, verdict::stale);
    EXPECT_EQ(job(id).at.progress, "other");
}

TEST_P(any_store, two_steps_on_one_revision_in_one_transaction) {
    const job_id id = create("a");
    const step one = of(id);
    const auto verdicts =
        write([&](writing& in) { return std::vector{in.take(one).is, in.take(one).is}; });
    EXPECT_THAT(verdicts, ElementsAre(verdict::taken, verdict::stale));
}

TEST_P(any_store, a_step_on_a_revision_that_has_not_been_yet_is_stale) {
    const job_id id = create("a");
    EXPECT_EQ(take({.job = id, .revision = 0}).is, verdict::stale);
    EXPECT_EQ(take({.job = id, .revision = 2}).is, verdict::stale);
    EXPECT_EQ(take({.job = id, .revision = 1}).is, verdict::taken);
}

TEST_P(any_store, a_step_of_a_job_that_is_not_there_is_stale) {
    EXPECT_EQ(take({.job = job_id{99}, .revision = 0}).is, verdict::stale);
    EXPECT_EQ(take({.job = job_id{99}, .revision = 1}).is, verdict::stale);
    EXPECT_THAT(jobs(), IsEmpty());
}

TEST_P(any_store, jobs_have_revisions_of_their_own) {
    const job_id a = create("a");
    const job_id b = create("b");
    take(of(a));
    take(of(a));
    EXPECT_EQ(job(a).revision, 3u);
    EXPECT_EQ(job(b).revision, 1u);
}

TEST_P(any_store, a_step_is_too_early_until_its_instant_has_come) { // D26
    const job_id id = create("a");
    step one = of(id);
    one.not_before = now + 1s;
    one.begins.push_back(ready_run(now + 1s));
    EXPECT_EQ(take(one).is, verdict::too_early);
    now += 1s - 1ns;
    EXPECT_EQ(take(one).is, verdict::too_early);
    EXPECT_EQ(job(id).revision, 1u);
    EXPECT_THAT(runs(), IsEmpty());
    now += 1ns;
    EXPECT_EQ(take(one).is, verdict::taken);
}

TEST_P(any_store, of_several_reasons_the_verdict_is_the_first) {
    const job_id id = create("a");
    run_row keyed = ready_run(now);
    keyed.of.key = "key";
    step one = of(id);
    one.begins = {keyed};
    take(one);
    const run_row there = runs().at(0);

    step wrong = {.by = node_id{99}, .not_before = now + 1s, .job = id, .revision = 1};
    wrong.changes = {change(there, run_state::cancelled)};
    wrong.changes[0].fence += 1;
    wrong.begins = {keyed};
    EXPECT_EQ(take(wrong).is, verdict::too_early);
    wrong.not_before = now;
    EXPECT_EQ(take(wrong).is, verdict::not_live);
    wrong.by = enter();
    EXPECT_EQ(take(wrong).is, verdict::stale);
    wrong.revision = 2;
    EXPECT_EQ(take(wrong).is, verdict::refused);
    wrong.changes[0].fence -= 1;
    EXPECT_EQ(take(wrong).is, verdict::repeated);
    wrong.begins.clear();
    EXPECT_EQ(take(wrong).is, verdict::taken);
}

TEST_P(any_store, a_step_with_one_of_three_changes_refused_writes_nothing) {
    const job_id id = create("a", {.wake_at = now, .progress = "before"});
    const node_id node = enter();
    for (const auto after : {0s, 1s, 2s}) begin(id, now + after);
    now += 10s;
    const auto claimed = claim_runs(node, 7);
    ASSERT_EQ(claimed.size(), 3u);
    const std::string before = text(jobs()) + text(runs());

    for (std::size_t wrong = 0; wrong < 3; ++wrong) {
        step one = of(id);
        one.by = node;
        one.at = {.life = life::ended, .decided = now, .wake_at = now + 1h, .progress = "after"};
        one.definition = "edited";
        one.owner = "them";
        one.zones = "new";
        one.stretches = {{.first = now, .last = now}};
        one.backfill = backfill_row{.id = "b"};
        run_row more = ready_run(now);
        more.of.key = "k";
        one.begins = {more};
        for (const run_row& row : claimed) one.changes.push_back(change(row, run_state::ok));
        one.changes[1].state = run_state::ready;
        one.changes[wrong].fence += 1;
        const step_result result = take(one);
        EXPECT_EQ(result.is, verdict::refused);
        EXPECT_THAT(result.begun, IsEmpty());
        EXPECT_EQ(text(jobs()) + text(runs()), before);
        EXPECT_THAT(waking(now), ElementsAre(job_wake{id, job(id).revision, now - 10s}));
        read([&](reading& in) {
            EXPECT_THAT(in.stretches(id, wall_time::min(), wall_time::max()), IsEmpty());
            EXPECT_THAT(in.backfills(id), IsEmpty());
            EXPECT_EQ(in.edits(id).size(), 1u);
            EXPECT_EQ(in.next_ready({.kinds = {"work"}}), std::nullopt);
            return 0;
        });
    }
    // What a step that is not taken would have used is free.
    run_row more = ready_run(now);
    more.of.key = "k";
    step one = of(id);
    one.begins = {more};
    EXPECT_EQ(take(one).is, verdict::taken);
}

TEST_P(any_store, a_step_whose_second_run_is_repeated_begins_not_even_the_first) {
    const job_id id = create("a");
    const run_row there = begin(id, now);
    step one = of(id);
    one.begins = {ready_run(now + 1s), ready_run(now)};
    const step_result result = take(one);
    EXPECT_EQ(result.is, verdict::repeated);
    EXPECT_EQ(result.is_there, there.of.id);
    EXPECT_THAT(result.begun, IsEmpty());
    EXPECT_EQ(runs().size(), 1u);
    EXPECT_EQ(job(id).open.size(), 1u);
    EXPECT_EQ(job(id).revision, 2u);
}

TEST_P(any_store, a_step_without_a_job_changes_runs_and_leaves_their_job_as_it_is) {
    const job_id id = create("a");
    const node_id node = enter();
    begin(id, now);
    const std::uint64_t revision = job(id).revision;
    const run_row claimed = claim_runs(node, 7).at(0);
    run_change to_end = change(claimed, run_state::running);
    to_end.is_asked_to_end = true;
    step one{.by = node, .changes = {to_end}};
    EXPECT_EQ(take(one).is, verdict::taken);
    EXPECT_TRUE(run(claimed.of.id).of.is_asked_to_end);
    EXPECT_EQ(job(id).revision, revision);
    EXPECT_TRUE(job(id).open.at(0).of.is_asked_to_end);
}

TEST_P(any_store, a_step_without_a_job_begins_runs_that_have_none) {
    const node_id node = enter();
    step one{.by = node, .begins = {submission(now, "work", "k")}};
    const step_result result = take(one);
    EXPECT_EQ(result.is, verdict::taken);
    ASSERT_EQ(result.begun.size(), 1u);
    EXPECT_EQ(result.begun[0].job, job_id::none);
    EXPECT_EQ(take(one).is, verdict::repeated);
}

TEST_P(any_store, an_answer_has_the_new_runs_as_they_were_stored) {
    const job_id id = create("weekly");
    const node_id node = enter("first of all");
    run_row mine = ready_run(now);
    mine.of.state = run_state::running;
    mine.claim = 0xfedcba9876543210;
    mine.number = 1;
    run_row next = ready_run(now + 1h);
    next.number = 2;
    next.label = "gpu";
    step one = of(id);
    one.by = node;
    one.begins = {mine, next};
    const auto begun = take(one).begun;
    reopen();
    ASSERT_EQ(begun.size(), 2u);
    EXPECT_THAT(begun, ElementsAre(run(begun[0].of.id), run(begun[1].of.id)));
    EXPECT_EQ(job(id).open.size(), 2u);

    EXPECT_EQ(begun[0].of.state, run_state::running);
    EXPECT_EQ(begun[0].of.job, "weekly");
    EXPECT_EQ(begun[0].job, id);
    EXPECT_EQ(begun[0].node, node);
    EXPECT_EQ(begun[0].of.node, "first of all");
    EXPECT_EQ(begun[0].claim, 0xfedcba9876543210);
    EXPECT_EQ(begun[0].began_at, now);
    EXPECT_EQ(begun[0].of.started_at, now);

    EXPECT_EQ(begun[1].of.state, run_state::ready);
    EXPECT_EQ(begun[1].of.job, "weekly");
    EXPECT_EQ(begun[1].node, node_id::none);
    EXPECT_EQ(begun[1].of.node, "");
    EXPECT_EQ(begun[1].claim, 0u);
    EXPECT_EQ(begun[1].began_at, now);
    EXPECT_EQ(begun[1].of.started_at, std::nullopt);
    EXPECT_EQ(begun[1].of.run_at, now + 1h);

    EXPECT_GT(begun[0].of.fence, 0u);
    EXPECT_GT(begun[1].of.fence, begun[0].of.fence);
    EXPECT_GT(begun[1].of.id, begun[0].of.id);
}
