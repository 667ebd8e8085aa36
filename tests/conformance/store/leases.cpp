#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

TEST_P(any_store, a_node_is_live_for_its_lease_and_keeps_what_it_said_of_itself) {
    const node_id id = write([](writing& in) {
        return in.enter({.name = "one", .kinds = {"a", "b"}, .labels = {"gpu"}}, 60s);
    });
    EXPECT_THAT(nodes(), ElementsAre(node_row{.id = id,
                                              .name = "one",
                                              .state = node_state::live,
                                              .lease_until = now + 60s,
                                              .entered_at = now,
                                              .kinds = {"a", "b"},
                                              .labels = {"gpu"}}));
}

TEST_P(any_store, id_and_state_of_a_node_are_given_by_the_store) {
    const node_id first = enter();
    leave(first);
    const node_row old = nodes().at(0);
    const node_id second = write([&](writing& in) { return in.enter(old, 1s); });
    EXPECT_NE(second, first);
    EXPECT_NE(second, node_id::none);
    EXPECT_EQ(nodes().at(1).state, node_state::live);
    EXPECT_EQ(nodes().at(1).ended_at, std::nullopt);
}

TEST_P(any_store, a_lease_counts_from_now_when_it_is_renewed) {
    const node_id id = enter("node", 60s);
    now += 15s;
    EXPECT_TRUE(renew(id, 20s));
    EXPECT_EQ(nodes().at(0).lease_until, now + 20s);
}

TEST_P(any_store, a_step_one_nanosecond_before_the_lease_is_over_is_taken) {
    const node_id id = enter("node", 60s);
    now += 60s - 1ns;
    EXPECT_EQ(take({.by = id}).is, verdict::taken);
}

TEST_P(any_store, a_step_at_the_instant_at_which_the_lease_is_over_is_not_taken) {
    const node_id id = enter("node", 60s);
    const job_id of_job = create("a");
    now += 60s;
    step one = of(of_job);
    one.by = id;
    EXPECT_EQ(take(one).is, verdict::not_live);
    EXPECT_EQ(job(of_job).revision, 1u);
}

TEST_P(any_store, a_lease_that_is_over_may_be_renewed_if_nobody_has_evicted_the_node) {
    const node_id id = enter("node", 60s);
    now += 3min;
    EXPECT_EQ(take({.by = id}).is, verdict::not_live);
    EXPECT_TRUE(renew(id));
    EXPECT_EQ(take({.by = id}).is, verdict::taken);
}

TEST_P(any_store, who_was_evicted_never_comes_back) {
    const node_id id = enter("node", 60s);
    now += 60s;
    EXPECT_THAT(evict(), ElementsAre(id));
    EXPECT_FALSE(renew(id));
    EXPECT_EQ(take({.by = id}).is, verdict::not_live);
    now -= 30s; // nor when the clock goes back to when its lease still was
    EXPECT_FALSE(renew(id));
    EXPECT_EQ(take({.by = id}).is, verdict::not_live);
    const node_row row = nodes().at(0);
    EXPECT_EQ(row.state, node_state::dead);
    EXPECT_EQ(row.ended_at, now + 30s);
}

TEST_P(any_store, nobody_is_evicted_before_his_lease_has_been_over_for_the_patience) {
    const node_id id = enter("node", 60s);
    now += 60s - 1ns;
    EXPECT_THAT(evict(), IsEmpty());
    now += 10s;
    EXPECT_THAT(evict(10s), IsEmpty());
    EXPECT_TRUE(renew(id, 0s)); // from here on
    now += 10s - 1ns;
    EXPECT_THAT(evict(10s), IsEmpty());
    now += 1ns;
    EXPECT_THAT(evict(10s), ElementsAre(id));
    EXPECT_THAT(evict(10s), IsEmpty()); // once
}

TEST_P(any_store, of_many_nodes_those_are_evicted_whose_leases_are_over_by_id) {
    const node_id a = enter("a", 3s);
    const node_id b = enter("b", 60s);
    const node_id c = enter("c", 1s);
    now += 10s;
    EXPECT_THAT(evict(), ElementsAre(a, c));
    EXPECT_TRUE(renew(b));
}

TEST_P(any_store, who_has_left_is_not_live_and_is_not_evicted) {
    const node_id id = enter("node", 60s);
    now += 1s;
    leave(id);
    EXPECT_FALSE(renew(id));
    EXPECT_EQ(take({.by = id}).is, verdict::not_live);
    now += 10min;
    EXPECT_THAT(evict(), IsEmpty());
    EXPECT_EQ(nodes().at(0).state, node_state::ended);
    EXPECT_EQ(nodes().at(0).ended_at, now - 10min);
}

TEST_P(any_store, to_leave_does_nothing_to_who_is_dead) {
    const node_id id = enter("node", 60s);
    now += 60s;
    evict();
    leave(id);
    EXPECT_EQ(nodes().at(0).state, node_state::dead);
}

TEST_P(any_store, a_node_that_never_was_is_not_live) {
    const node_id nobody{77};
    EXPECT_FALSE(renew(nobody));
    leave(nobody);
    EXPECT_EQ(take({.by = nobody}).is, verdict::not_live);
    EXPECT_THAT(nodes(), IsEmpty());
}

TEST_P(any_store, nodes_are_listed_until_an_hour_after_their_end) {
    const node_id ended = enter("ended");
    leave(ended);
    now += 1h - 1ns;
    EXPECT_EQ(nodes().size(), 1u);
    const node_id live = enter("live");
    EXPECT_EQ(nodes().size(), 2u);
    now += 1ns;
    ASSERT_EQ(nodes().size(), 1u);
    EXPECT_EQ(nodes().at(0).id, live);
    enter("another"); // a chance to clear up
    EXPECT_EQ(nodes().size(), 2u);
}

TEST_P(any_store, a_lease_may_be_longer_than_time) {
    const node_id id = enter("node", duration::max());
    EXPECT_EQ(nodes().at(0).lease_until, later(now, duration::max()));
    EXPECT_TRUE(renew(id, duration::max()));
    EXPECT_THAT(evict(duration::max()), IsEmpty());
    EXPECT_EQ(take({.by = id}).is, verdict::taken);
}

TEST_P(any_store, the_clock_stands_within_a_transaction) {
    const auto seen = write([&](writing& in) {
        const wall_time before = in.now();
        now += 1h;
        return std::pair(before, in.now());
    });
    EXPECT_EQ(seen.first, seen.second);
    EXPECT_EQ(read([](reading& in) { return in.now(); }), now);
}
