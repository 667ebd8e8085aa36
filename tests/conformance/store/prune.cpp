// What history goes, and what stays: D15.

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

namespace {

class prune : public any_store {
protected:
    const wall_time start = now;
    node_id node = enter("node", duration::max());
    job_id id = create("a", {.decided = start});

    /// A run for this instant of the job, which ends one second later.
    run_id ended(run_state how, job_id of_job) {
        const run_id made = begin(of_job, now).of.id;
        for (const run_row& row : claim_runs(node, 7)) {
            now += 1s;
            end(row, how);
        }
        return made;
    }
    run_id ok() { return ended(run_state::ok, id); }
    run_id failed() { return ended(run_state::failed, id); }
    std::vector<run_id> left() { return ids(runs({.job = id})); }
    /// What counts after this instant.
    void edit(wall_time since) {
        step one = of(id);
        one.at.decided = since;
        one.definition = "edit " + std::to_string(one.revision);
        take(one);
    }
    std::vector<wall_time> edits() {
        std::vector<wall_time> found;
        for (const edit_row& row : read([&](reading& in) { return in.edits(id); }))
            found.push_back(row.since);
        return found;
    }
    void backfill(std::string name, std::optional<wall_time> over_at) {
        step one = of(id);
        one.backfill = {.id = std::move(name), .job = id, .over_at = over_at};
        take(one);
    }
    std::vector<std::string> backfills() {
        std::vector<std::string> found;
        for (const backfill_row& row : read([&](reading& in) { return in.backfills(id); }))
            found.push_back(row.id);
        return found;
    }
    std::size_t older_than(wall_time instant, std::size_t most = 100) {
        return any_store::prune({.ended_before = instant, .most = most});
    }
    std::size_t to(std::uint64_t kept, std::size_t most = 100) {
        return any_store::prune({.kept_of_each = kept, .most = most});
    }
};

INSTANTIATE_TEST_SUITE_P(stores, prune, testing::ValuesIn(kinds_of_store()),
                         [](const auto& kind) { return std::string(kind.param.name); });

constexpr wall_time ever = wall_time::max();

} // namespace

TEST_P(prune, nothing_goes_by_default) {
    for (int i = 0; i < 5; ++i) ok();
    EXPECT_EQ(any_store::prune({}), 0u);
    EXPECT_EQ(left().size(), 5u);
    EXPECT_EQ(job(id).kept_from, wall_time::min());
}

TEST_P(prune, what_ended_before_goes) {
    ok();
    const run_id second = ok();
    const run_id third = ok();
    EXPECT_EQ(older_than(start + 1s), 0u);
    EXPECT_EQ(older_than(start + 1s + 1ns), 1u);
    EXPECT_THAT(left(), ElementsAre(third, second));
    EXPECT_EQ(older_than(start + 1s + 1ns), 0u);
    reopen();
    EXPECT_THAT(left(), ElementsAre(third, second));
}

TEST_P(prune, it_goes_by_when_a_run_ended_and_not_by_when_it_began) {
    submit(now);
    submit(now);
    submit(now);
    const auto claimed = claim_runs(node, 7);
    now += 1min;
    end(claimed[1]);
    end(claimed[2]);
    now += 1min;
    end(claimed[0]);
    EXPECT_EQ(older_than(now), 1u);
    EXPECT_THAT(ids(runs()), ElementsAre(claimed[2].of.id, claimed[0].of.id));
}

TEST_P(prune, the_last_run_and_the_last_that_was_ok_stay) {
    ok();
    const run_id last_ok = ok();
    failed();
    const run_id last = failed();
    EXPECT_EQ(older_than(ever), 2u);
    EXPECT_THAT(left(), ElementsAre(last, last_ok));
    EXPECT_EQ(to(1), 0u);
    EXPECT_THAT(left(), ElementsAre(last, last_ok));
}

TEST_P(prune, the_last_run_stays_whatever_became_of_it) {
    for (const run_state how : {run_state::failed, run_state::cancelled, run_state::lost}) {
        id = create(std::string(to_string(how)));
        ended(how, id);
        const run_id last = ended(how, id);
        older_than(ever);
        EXPECT_THAT(left(), ElementsAre(last));
    }
}

TEST_P(prune, what_is_open_stays_and_is_not_the_last_that_ended) {
    const run_id ran = ok();
    const run_id running = begin(id, now).of.id;
    claim_runs(node, 8);
    const run_id ready = begin(id, now + 1h).of.id;
    EXPECT_EQ(older_than(ever), 0u);
    EXPECT_EQ(to(1), 0u);
    EXPECT_THAT(left(), ElementsAre(ready, running, ran));
}

TEST_P(prune, so_many_that_have_ended_stay_and_they_are_the_newest) {
    std::vector<run_id> made;
    for (int i = 0; i < 6; ++i) made.push_back(failed());
    begin(id, now + 1h);
    EXPECT_EQ(to(6), 0u);
    EXPECT_EQ(to(4), 2u);
    EXPECT_EQ(left().size(), 5u);
    EXPECT_EQ(left().back(), made[2]);
    EXPECT_EQ(to(1), 3u);
    EXPECT_EQ(left().back(), made[5]);
}

TEST_P(prune, the_last_that_was_ok_stays_beside_so_many) {
    const run_id last_ok = ok();
    failed();
    const run_id third = failed();
    const run_id fourth = failed();
    EXPECT_EQ(to(2), 1u);
    EXPECT_THAT(left(), ElementsAre(fourth, third, last_ok));
}

TEST_P(prune, either_reason_is_enough) {
    for (int i = 0; i < 6; ++i) ok();
    EXPECT_EQ(any_store::prune({.ended_before = start + 2s, .kept_of_each = 3}), 3u);
    EXPECT_EQ(any_store::prune({.ended_before = start + 5s + 1ns, .kept_of_each = 3}), 2u);
    EXPECT_EQ(left().size(), 1u);
}

TEST_P(prune, each_job_has_a_history_of_its_own) {
    const job_id other = create("b");
    for (int i = 0; i < 3; ++i) {
        ok();
        ended(run_state::ok, other);
    }
    EXPECT_EQ(to(2), 2u);
    EXPECT_EQ(left().size(), 2u);
    EXPECT_EQ(runs({.job = other}).size(), 2u);
    EXPECT_EQ(older_than(ever), 2u);
    EXPECT_EQ(runs().size(), 2u);
}

TEST_P(prune, what_was_submitted_has_a_history_for_each_kind) {
    for (const char* const kind : {"mail", "post", "mail", "post", "mail"}) {
        submit(now, kind);
        for (const run_row& row :
             claim_runs({.by = node, .id = 7, .kinds = {"mail", "post"}, .most = 9})) {
            end(row, run_state::failed);
        }
    }
    EXPECT_EQ(older_than(ever), 3u);
    const auto rows = runs();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].of.kind, "mail");
    EXPECT_EQ(rows[1].of.kind, "post");
}

TEST_P(prune, runs_of_other_origins_count_in_the_history_of_their_job) {
    for (int i = 0; i < 3; ++i) {
        step one = of(id);
        run_row row = ready_run(now);
        row.of.origin = run_origin::triggered;
        one.begins = {row};
        take(one);
        for (const run_row& claimed : claim_runs(node, 7)) end(claimed);
    }
    EXPECT_EQ(to(1), 2u);
    EXPECT_EQ(job(id).kept_from, wall_time::min()) << "no instant of the schedule has gone";
}

TEST_P(prune, no_more_rows_go_than_asked_for_and_less_means_that_it_is_done) {
    for (int i = 0; i < 6; ++i) ok();
    step one = of(id);
    one.stretches = {{.first = start - 2h, .last = start - 1h}};
    take(one);
    EXPECT_EQ(older_than(ever, 0), 0u);
    EXPECT_EQ(older_than(ever, 4), 4u);
    EXPECT_EQ(older_than(ever, 4), 2u) << "a run and the stretch";
    EXPECT_EQ(older_than(ever, 4), 0u);
    EXPECT_EQ(left().size(), 1u);
}

TEST_P(prune, an_instant_that_has_been_pruned_is_not_kept_from_there_on) {
    ok();
    ok();
    const run_id third = ok();
    EXPECT_EQ(to(1), 2u);
    EXPECT_EQ(job(id).kept_from, start + 1s + 1ns) << "the second one's instant, and past it";
    EXPECT_EQ(job(id).revision, 4u) << "which is no step";
    EXPECT_THAT(left(), ElementsAre(third));
    reopen();
    EXPECT_EQ(job(id).kept_from, start + 1s + 1ns);
}

TEST_P(prune, stretches_go_whose_last_instant_was_before) {
    const stretch first{.first = start - 2h, .last = start - 1h};
    const stretch second{.kind = decision::kind::paused, .first = start - 1h, .last = start + 1s};
    step one = of(id);
    one.stretches = {first, second};
    take(one);
    const auto stretches = [&] {
        return read([&](reading& in) { return in.stretches(id, wall_time::min(), ever); });
    };
    EXPECT_EQ(older_than(start - 1h), 0u);
    EXPECT_EQ(older_than(start - 1h + 1ns), 1u);
    EXPECT_THAT(stretches(), ElementsAre(second));
    EXPECT_EQ(job(id).kept_from, start - 1h + 1ns);
    EXPECT_EQ(older_than(start + 1s), 0u) << "it reaches to there";
    EXPECT_EQ(older_than(start + 1h), 1u);
    EXPECT_THAT(stretches(), IsEmpty());
    EXPECT_EQ(job(id).kept_from, start + 1s + 1ns);
}

TEST_P(prune, stretches_before_what_is_kept_go_with_the_runs) {
    step one = of(id);
    const stretch stays{.kind = decision::kind::paused, .first = start, .last = start + 5s};
    one.stretches = {{.first = start - 2h, .last = start - 1h}, stays};
    take(one);
    for (int i = 0; i < 3; ++i) ok();
    EXPECT_EQ(to(2), 2u) << "a run and a stretch";
    read([&](reading& in) {
        EXPECT_THAT(in.stretches(id, wall_time::min(), ever), ElementsAre(stays));
        return 0;
    });
}

// ---- what explains instants --------------------------------------------------------------------

TEST_P(prune, an_edit_goes_when_another_has_counted_for_as_long_as_history_is_kept) {
    edit(start + 10s);
    edit(start + 20s);
    EXPECT_EQ(older_than(start + 10s), 0u) << "the first one counts to there";
    EXPECT_EQ(older_than(start + 10s + 1ns), 1u);
    EXPECT_THAT(edits(), ElementsAre(start + 10s, start + 20s));
    EXPECT_EQ(job(id).kept_from, start + 10s + 1ns) << "nobody can say what was an instant then";
    EXPECT_EQ(older_than(ever), 1u);
    EXPECT_EQ(older_than(ever), 0u) << "what is in force stays";
    reopen();
    EXPECT_THAT(edits(), ElementsAre(start + 20s));
    EXPECT_EQ(job(id).definition, "edit 2");
}

TEST_P(prune, edits_go_with_the_last_runs_that_they_explain) {
    ok();
    edit(start + 1s);
    ok();
    edit(start + 2s);
    ok();
    ok();
    EXPECT_EQ(to(3), 1u) << "an instant after it may be one of the first edit's";
    EXPECT_EQ(to(2), 2u) << "a run and an edit";
    EXPECT_THAT(edits(), ElementsAre(start + 1s, start + 2s));
}

TEST_P(prune, the_edit_in_force_stays_when_a_clock_that_was_wrong_had_others_made_after_it) {
    edit(start + 1000s);
    edit(start + 2000s);
    edit(start + 1s);
    EXPECT_EQ(older_than(ever), 2u);
    EXPECT_THAT(edits(), ElementsAre(start + 1s, start + 2000s));
    EXPECT_EQ(job(id).definition, "edit 3");
}

TEST_P(prune, backfills_go_when_they_have_been_over_for_long) {
    backfill("a", start - 1h);
    backfill("b", std::nullopt);
    backfill("c", start);
    EXPECT_EQ(older_than(start - 1h), 0u);
    EXPECT_EQ(older_than(start), 1u);
    EXPECT_THAT(backfills(), ElementsAre("b", "c"));
    EXPECT_EQ(older_than(ever), 1u);
    reopen();
    EXPECT_THAT(backfills(), ElementsAre("b")) << "it goes on";
    EXPECT_EQ(job(id).kept_from, wall_time::min());
}

TEST_P(prune, so_many_backfills_that_are_over_stay_as_runs_and_they_are_the_newest) {
    for (const char* name : {"d", "c", "b", "a"}) backfill(name, start);
    backfill("e", std::nullopt);
    EXPECT_EQ(to(3), 1u);
    EXPECT_EQ(to(2, 0), 0u);
    EXPECT_EQ(to(1), 2u);
    EXPECT_THAT(backfills(), ElementsAre("a", "e"));
}

TEST_P(prune, a_round_in_parts_comes_to_the_same_as_one_at_once) {
    const job_id other = create("b");
    for (int i = 1; i <= 6; ++i) {
        ok();
        ended(run_state::failed, other);
        edit(now);
        backfill(std::to_string(i), now);
    }
    std::size_t gone = 0;
    std::size_t parts = 0;
    std::optional<prune_place> from(std::in_place);
    for (; from; ++parts) {
        const prune_request part{
            .ended_before = start + 5s, .kept_of_each = 2, .most = 3, .from = *from};
        const prune_result made = write([&](writing& in) { return in.prune(part); });
        EXPECT_LE(made.gone, part.most);
        gone += made.gone;
        from = made.goes_on;
    }
    EXPECT_EQ(gone, 4u + 4u + 3u + 4u) << "runs of each, edits, backfills";
    EXPECT_GT(parts, 5u);
    EXPECT_EQ(older_than(start + 5s), 0u);
    EXPECT_EQ(to(2), 0u);
}

TEST_P(prune, an_instant_that_was_pruned_can_come_again) { // which is why `decided` counts, D1
    ok();
    ok();
    step one = of(id);
    one.begins = {ready_run(start)};
    EXPECT_EQ(take(one).is, verdict::repeated);
    EXPECT_EQ(to(1), 1u);
    EXPECT_EQ(take(one).is, verdict::taken);
}
