// What is there once.

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

namespace {

run_row with_key(run_row row, run_origin origin, std::string key) {
    row.of.origin = origin;
    row.of.key = std::move(key);
    return row;
}

} // namespace

TEST_P(any_store, an_instant_of_a_job_has_one_scheduled_run) {
    const job_id id = create("a");
    const run_row first = begin(id, now);
    step one = of(id);
    one.begins = {ready_run(now)};
    const step_result result = take(one);
    EXPECT_EQ(result.is, verdict::repeated);
    EXPECT_EQ(result.is_there, first.of.id);
    EXPECT_EQ(job(id).revision, 2u);
    one.begins = {ready_run(now + 1ns)};
    EXPECT_EQ(take(one).is, verdict::taken) << "a nanosecond makes another instant";
    end(first);
    one = of(id);
    one.begins = {ready_run(now)};
    EXPECT_EQ(take(one).is, verdict::repeated) << "also when it has ended";
}

TEST_P(any_store, the_same_instant_within_one_step_is_repeated) {
    const job_id id = create("a");
    step one = of(id);
    one.begins = {ready_run(now), ready_run(now)};
    EXPECT_EQ(take(one).is, verdict::repeated);
    EXPECT_THAT(runs(), IsEmpty());
}

TEST_P(any_store, an_instant_of_another_job_is_another) {
    begin(create("a"), now);
    begin(create("b"), now);
    EXPECT_EQ(runs().size(), 2u);
}

TEST_P(any_store, an_instant_in_another_epoch_is_another) { // D5
    const job_id id = create("a");
    const run_row first = begin(id, now);
    step one = of(id);
    one.at.epoch = 1;
    run_row again = ready_run(now);
    again.epoch = 1;
    one.begins = {again};
    ASSERT_EQ(take(one).is, verdict::taken);
    EXPECT_EQ(runs().at(0).epoch, 1u);
    one = of(id);
    one.begins = {again};
    const step_result result = take(one);
    EXPECT_EQ(result.is, verdict::repeated);
    EXPECT_NE(result.is_there, first.of.id);
}

TEST_P(any_store, an_instant_may_have_runs_of_other_origins) { // D27
    const job_id id = create("a");
    begin(id, now);
    for (const run_origin origin :
         {run_origin::triggered, run_origin::backfilled, run_origin::rerun}) {
        for (int twice = 0; twice < 2; ++twice) {
            step one = of(id);
            one.begins = {with_key(ready_run(now), origin, "")};
            EXPECT_EQ(take(one).is, verdict::taken) << to_string(origin);
        }
    }
    EXPECT_EQ(runs().size(), 7u);
}

TEST_P(any_store, a_trigger_before_an_instant_and_the_instant_both_run) { // D27
    const job_id id = create("a");
    step one = of(id);
    one.begins = {with_key(ready_run(now), run_origin::triggered, "by hand")};
    ASSERT_EQ(take(one).is, verdict::taken);
    begin(id, now);
    EXPECT_EQ(claim_runs(enter(), 7).size(), 2u);
}

TEST_P(any_store, a_key_of_a_job_has_one_run) { // D17
    const job_id id = create("a");
    step one = of(id);
    one.begins = {with_key(ready_run(now), run_origin::triggered, "k")};
    const run_id first = take(one).begun.at(0).of.id;
    for (const run_origin origin : {run_origin::triggered, run_origin::backfilled}) {
        one = of(id);
        one.begins = {with_key(ready_run(now + 1h), origin, "k")};
        const step_result result = take(one);
        EXPECT_EQ(result.is, verdict::repeated);
        EXPECT_EQ(result.is_there, first);
    }
    one.begins = {with_key(ready_run(now), run_origin::triggered, "K")};
    EXPECT_EQ(take(one).is, verdict::taken);
    step of_other = of(create("b"));
    of_other.begins = {with_key(ready_run(now), run_origin::triggered, "k")};
    EXPECT_EQ(take(of_other).is, verdict::taken);
    EXPECT_EQ(submit(submission(now, "work", "k")).is, verdict::taken);
}

TEST_P(any_store, a_key_of_what_was_submitted_is_there_once_for_its_kind) {
    const step_result first = submit(submission(now, "mail", "k"));
    ASSERT_EQ(first.is, verdict::taken);
    run_row again = submission(now + 1h, "mail", "k");
    again.of.arguments = "other";
    const step_result second = submit(again);
    EXPECT_EQ(second.is, verdict::repeated);
    EXPECT_EQ(second.is_there, first.begun.at(0).of.id);
    EXPECT_THAT(second.begun, IsEmpty());
    EXPECT_THAT(runs(), ElementsAre(first.begun.at(0)));
    EXPECT_EQ(submit(submission(now, "post", "k")).is, verdict::taken);
}

TEST_P(any_store, an_empty_key_is_none) {
    EXPECT_EQ(submit(submission(now)).is, verdict::taken);
    EXPECT_EQ(submit(submission(now)).is, verdict::taken);
    EXPECT_EQ(runs().size(), 2u);
}

TEST_P(any_store, a_key_is_free_again_when_its_run_has_been_pruned) {
    const node_id node = enter();
    const run_id first = submit(submission(now, "work", "k")).begun.at(0).of.id;
    submit(now);
    for (const run_row& row : claim_runs(node, 7)) end(row);
    EXPECT_EQ(submit(submission(now, "work", "k")).is, verdict::repeated);
    EXPECT_EQ(prune({.kept_of_each = 1}), 1u);
    const step_result again = submit(submission(now, "work", "k"));
    EXPECT_EQ(again.is, verdict::taken);
    EXPECT_NE(again.begun.at(0).of.id, first) << "ids do not come again";
}

TEST_P(any_store, what_is_submitted_is_ready_and_of_no_job) {
    create("a");
    run_row one = submission(now + 1h, "mail", "k");
    one.of.arguments = "{\"to\": 1}";
    one.of.attempt = 2;
    one.label = "gpu";
    one.policy = "{\"retry\": 3}";
    one.missed = 4;
    one.number = 5;
    const step_result result = submit(one);
    reopen();
    ASSERT_EQ(result.begun.size(), 1u);
    run_row expected = one;
    expected.of.id = result.begun[0].of.id;
    expected.of.fence = result.begun[0].of.fence;
    expected.began_at = now;
    EXPECT_EQ(result.begun[0], expected);
    EXPECT_EQ(run(expected.of.id), expected);
    EXPECT_NE(expected.of.id, no_run);
    EXPECT_GT(expected.of.fence, 0u);
}
