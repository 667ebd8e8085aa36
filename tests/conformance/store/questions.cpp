// Questions about runs.

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

TEST_P(any_store, runs_come_newest_first_by_id) {
    std::vector<run_id> made;
    for (const duration off : {2s, 1s, 3s}) made.push_back(submit(now + off).of.id);
    EXPECT_THAT(ids(runs()), ElementsAre(made[2], made[1], made[0]));
    EXPECT_THAT(ids(runs({.ids = {made[0], made[2], made[0], run_id{99}}})),
                ElementsAre(made[2], made[0]));
    EXPECT_THAT(runs({.ids = {run_id{99}}}), IsEmpty());
}

TEST_P(any_store, runs_are_paged_by_the_last_id_before) {
    std::vector<run_id> made;
    const job_id id = create("a");
    for (int i = 0; i < 5; ++i) made.push_back(begin(id, now + i * 1s).of.id);
    submit(now);
    for (const run_query& which : {run_query{.job = id}, run_query{.job = id, .kind = "work"}}) {
        std::vector<run_id> found;
        run_query page = which;
        page.most = 2;
        for (int pages = 0; pages < 4; ++pages) {
            const auto rows = runs(page);
            if (rows.empty()) break;
            for (const run_row& row : rows) found.push_back(row.of.id);
            page.before = rows.back().of.id;
        }
        EXPECT_THAT(found, ElementsAre(made[4], made[3], made[2], made[1], made[0]));
    }
    EXPECT_THAT(ids(runs({.before = made[1]})), ElementsAre(made[0]));
    EXPECT_THAT(ids(runs({.ids = made, .before = made[2]})), ElementsAre(made[1], made[0]));
    EXPECT_THAT(runs({.before = made[0]}), IsEmpty());
    EXPECT_EQ(runs({.before = run_id{1000}}).size(), 6u);
    EXPECT_THAT(runs({.most = 0}), IsEmpty());
    EXPECT_THAT(ids(runs({.ids = {made[0], made[1]}, .most = 1})), ElementsAre(made[1]));
}

TEST_P(any_store, runs_of_a_job_or_of_none) {
    const job_id a = create("a");
    const job_id b = create("b");
    const run_row of_a = begin(a, now);
    const run_row of_b = begin(b, now);
    const run_row of_none = submit(now);
    EXPECT_THAT(runs({.job = a}), ElementsAre(of_a));
    EXPECT_THAT(runs({.job = b}), ElementsAre(of_b));
    EXPECT_THAT(runs({.job = job_id::none}), ElementsAre(of_none));
    EXPECT_THAT(runs({.job = job_id{99}}), IsEmpty());
    EXPECT_THAT(runs({.ids = {of_b.of.id, of_none.of.id}, .job = b}), ElementsAre(of_b));
}

TEST_P(any_store, runs_of_a_kind) {
    const run_row work = submit(now, "work");
    const run_row rest = submit(now, "rest");
    EXPECT_THAT(runs({.kind = "work"}), ElementsAre(work));
    EXPECT_THAT(runs({.kind = "rest"}), ElementsAre(rest));
    EXPECT_THAT(runs({.kind = ""}), IsEmpty());
}

TEST_P(any_store, runs_with_a_key_of_a_job) {
    const auto begin_with = [&](job_id id, std::string key) {
        step one = of(id);
        run_row row = ready_run(now);
        row.of.origin = run_origin::triggered;
        row.of.key = std::move(key);
        one.begins = {row};
        return take(one).begun.at(0);
    };
    const job_id a = create("a");
    const job_id b = create("b");
    const run_row of_a = begin_with(a, "k");
    const run_row of_b = begin_with(b, "k");
    const run_row another = begin_with(a, "l");
    submit(submission(now, "work", "k"));
    begin(a, now);
    EXPECT_THAT(runs({.job = a, .key = "k"}), ElementsAre(of_a));
    EXPECT_THAT(runs({.job = b, .key = "k"}), ElementsAre(of_b));
    EXPECT_THAT(runs({.job = a, .key = "l"}), ElementsAre(another));
    EXPECT_THAT(runs({.job = b, .key = "l"}), IsEmpty());
    EXPECT_THAT(runs({.job = a, .key = "k", .state = run_state::ok}), IsEmpty());
    EXPECT_THAT(runs({.job = a, .key = "k", .before = of_a.of.id}), IsEmpty());
    EXPECT_THAT(runs({.job = a, .key = "k", .before = of_b.of.id}), ElementsAre(of_a));
    end(of_a, run_state::cancelled);
    EXPECT_THAT(ids(runs({.job = a, .key = "k"})), ElementsAre(of_a.of.id)) << "also when it ended";
}

TEST_P(any_store, runs_in_each_state) {
    const node_id node = enter();
    const std::vector<run_state> states = {run_state::ready,     run_state::running,
                                           run_state::ok,        run_state::failed,
                                           run_state::cancelled, run_state::lost};
    std::vector<run_id> made;
    for (const run_state state : states) {
        made.push_back(submit(now - 1s).of.id);
        if (state == run_state::ready) continue;
        if (state == run_state::cancelled) {
            end(run(made.back()), state);
            continue;
        }
        run_row claimed; // the one that was made just now: the first one stays ready
        for (const run_row& row : claim_runs(node, made.size())) {
            if (row.of.id == made.back()) {
                claimed = row;
            } else {
                end(row, run_state::ready);
            }
        }
        if (state != run_state::running) end(claimed, state);
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        EXPECT_THAT(ids(runs({.state = states[i]})), ElementsAre(made[i])) << to_string(states[i]);
        EXPECT_THAT(ids(runs({.job = job_id::none, .state = states[i]})), ElementsAre(made[i]));
    }
}

TEST_P(any_store, runs_of_a_node_and_of_a_claim) {
    const node_id a = enter("a");
    const node_id b = enter("b");
    for (int i = 0; i < 4; ++i) submit(now);
    const auto first = claim_runs(a, 7, 1);
    const auto second = claim_runs(a, 0xfffffffffffffff8, 1);
    const auto third = claim_runs(b, 9, 1);
    const run_state running = run_state::running;
    EXPECT_EQ(runs({.state = running, .node = a}).size(), 2u);
    EXPECT_EQ(runs({.state = running, .node = b}), third);
    EXPECT_EQ(runs({.state = running, .node = a, .claim = 7}), first);
    EXPECT_EQ(runs({.state = running, .node = a, .claim = 0xfffffffffffffff8}), second);
    EXPECT_EQ(runs({.claim = 9}), third);
    EXPECT_THAT(runs({.node = b, .claim = 7}), IsEmpty());
    EXPECT_THAT(runs({.node = node_id{99}}), IsEmpty());

    end(first[0]);
    EXPECT_EQ(runs({.state = running, .node = a}), second);
    EXPECT_THAT(ids(runs({.node = a, .claim = 7})), ElementsAre(first[0].of.id))
        << "so it is seen whose completion was taken";
    end(second[0], run_state::ready);
    EXPECT_THAT(ids(runs({.node = a})), ElementsAre(first[0].of.id)) << "what waits is nobody's";
}

TEST_P(any_store, runs_of_a_range_of_nominal_instants_that_does_not_include_its_end) {
    const job_id id = create("a");
    const run_id first = begin(id, now).of.id;
    const run_id second = begin(id, now + 1s).of.id;
    const run_id third = begin(id, now - 1s).of.id;
    EXPECT_THAT(ids(runs({.job = id, .nominal_from = now})), ElementsAre(second, first));
    EXPECT_THAT(ids(runs({.job = id, .nominal_until = now})), ElementsAre(third));
    EXPECT_THAT(ids(runs({.job = id, .nominal_from = now, .nominal_until = now + 1s})),
                ElementsAre(first));
    EXPECT_THAT(ids(runs({.nominal_from = now, .nominal_until = now + 1ns})), ElementsAre(first));
    EXPECT_THAT(runs({.nominal_from = now, .nominal_until = now}), IsEmpty());
    EXPECT_THAT(runs({.nominal_from = now + 1ns, .nominal_until = now + 1s}), IsEmpty());
}

TEST_P(any_store, runs_that_are_asked_to_end) {
    const node_id node = enter();
    submit(now);
    submit(now);
    const auto claimed = claim_runs(node, 7);
    EXPECT_THAT(runs({.is_asked_to_end = true}), IsEmpty());
    run_change asked = change(claimed[1], run_state::running);
    asked.is_asked_to_end = true;
    take({.changes = {asked}});
    EXPECT_THAT(ids(runs({.is_asked_to_end = true})), ElementsAre(claimed[1].of.id));
    EXPECT_THAT(ids(runs({.state = run_state::running, .node = node, .is_asked_to_end = true})),
                ElementsAre(claimed[1].of.id));
    EXPECT_EQ(runs().size(), 2u);
}

TEST_P(any_store, orphans_of_one_node) {
    const node_id a = enter("a");
    const node_id b = enter("b");
    submit(now);
    submit(now);
    const auto of_a = claim_runs(a, 7, 1);
    claim_runs(b, 8, 1);
    leave(a);
    leave(b);
    EXPECT_EQ(runs({.is_orphaned = true}).size(), 2u);
    EXPECT_EQ(runs({.node = a, .is_orphaned = true}), of_a);
    EXPECT_THAT(runs({.state = run_state::ready, .is_orphaned = true}), IsEmpty());
}
