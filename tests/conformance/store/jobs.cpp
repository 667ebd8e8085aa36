#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

TEST_P(any_store, a_new_job_is_as_it_was_given) {
    const job_state at{.life = life::paused,
                       .decided = now - 1ns,
                       .wake_at = now + 5s,
                       .epoch = 3,
                       .progress = "p",
                       .notes = "n"};
    const auto id = write([&](writing& in) {
        return in.create({.name = "weekly",
                          .owner = "us",
                          .definition = "{\"when\": 1}",
                          .zones = "2026a",
                          .at = at});
    });
    reopen();
    EXPECT_THAT(jobs(), ElementsAre(job_row{.id = id.value(),
                                            .name = "weekly",
                                            .owner = "us",
                                            .revision = 1,
                                            .definition = "{\"when\": 1}",
                                            .zones = "2026a",
                                            .created_at = now,
                                            .kept_from = wall_time::min(),
                                            .at = at,
                                            .open = {}}));
    EXPECT_NE(id, job_id::none);
}

TEST_P(any_store, a_name_is_there_once) {
    const job_id first = create("a");
    const auto again = write([](writing& in) { return in.create({.name = "a", .owner = "them"}); });
    EXPECT_EQ(again, std::nullopt);
    EXPECT_EQ(job(first).owner, "us");
    EXPECT_NE(create("b"), first);
    EXPECT_NE(create("A"), first); // names are bytes
}

TEST_P(any_store, each_step_makes_the_revision_one_more_and_writes_the_state_anew) {
    const job_id id = create("a", {.wake_at = now, .progress = "long before", .notes = "some"});
    const job_state next{
        .life = life::ending, .decided = now, .wake_at = now + 1h, .epoch = 1, .progress = "p"};
    const step_result result = take({.job = id, .revision = 1, .at = next});
    EXPECT_EQ(result.is, verdict::taken);
    EXPECT_EQ(result.revision, 2u);
    reopen();
    EXPECT_EQ(job(id).revision, 2u);
    EXPECT_EQ(job(id).at, next);
}

TEST_P(any_store, a_step_changes_definition_owner_and_zones_only_if_it_has_them) {
    const job_id id =
        write([](writing& in) {
            return in.create({.name = "a", .owner = "us", .definition = "1", .zones = "2026a"});
        }).value();
    take(of(id));
    EXPECT_EQ(job(id).definition, "1");
    EXPECT_EQ(job(id).owner, "us");
    EXPECT_EQ(job(id).zones, "2026a");
    step one = of(id);
    one.definition = "2";
    one.owner = "them";
    one.zones = "2026b";
    take(one);
    reopen();
    EXPECT_EQ(job(id).definition, "2");
    EXPECT_EQ(job(id).owner, "them");
    EXPECT_EQ(job(id).zones, "2026b");
    EXPECT_THAT(jobs({.owner = "us"}), IsEmpty());
    EXPECT_EQ(jobs({.owner = "them"}).size(), 1u);
}

// ---- questions ---------------------------------------------------------------------------------

TEST_P(any_store, jobs_are_found_by_ids_or_names_and_come_by_name) {
    const job_id c = create("c");
    const job_id a = create("a");
    const job_id b = create("b");
    const auto names = [&](const job_query& which) {
        std::string found;
        for (const job_row& row : jobs(which)) found += row.name;
        return found;
    };
    EXPECT_EQ(names({}), "abc");
    EXPECT_EQ(names({.ids = {c, b}}), "bc");
    EXPECT_EQ(names({.ids = {b, b, job_id{99}}}), "b");
    EXPECT_EQ(names({.ids = {job_id{99}}}), "");
    EXPECT_EQ(names({.names = {"c", "x", "a", "c"}}), "ac");
    EXPECT_EQ(names({.names = {"x"}}), "");
    EXPECT_EQ(names({.ids = {a, b, c}, .most = 1}), "abc") << "all that are named";
    EXPECT_EQ(names({.names = {"a", "b", "c"}, .after = "b", .most = 1}), "abc");
}

TEST_P(any_store, jobs_of_an_owner_or_all_are_paged_by_name) {
    for (const char* const name : {"d", "a", "c", "e", "b"}) {
        create(name, {}, std::string(name) < "d" ? "us" : "them");
    }
    const auto names = [&](const job_query& which) {
        std::string found;
        for (const job_row& row : jobs(which)) found += row.name;
        return found;
    };
    EXPECT_EQ(names({.most = 2}), "ab");
    EXPECT_EQ(names({.after = "b", .most = 2}), "cd");
    EXPECT_EQ(names({.after = "bb"}), "cde");
    EXPECT_EQ(names({.after = "e"}), "");
    EXPECT_EQ(names({.most = 0}), "");
    EXPECT_EQ(names({.owner = "us"}), "abc");
    EXPECT_EQ(names({.owner = "us", .after = "a", .most = 1}), "b");
    EXPECT_EQ(names({.owner = "them", .most = 1}), "d");
    EXPECT_EQ(names({.owner = "nobody"}), "");
}

TEST_P(any_store, names_are_ordered_by_their_bytes) {
    for (const char* const name : {"b", "\xc3\xa4", "B", "a", "a1", "a 1"}) create(name);
    std::vector<std::string> names;
    for (const job_row& row : jobs()) names.push_back(row.name);
    EXPECT_THAT(names, ElementsAre("B", "a", "a 1", "a1", "b", "\xc3\xa4"));
}

TEST_P(any_store, jobs_come_to_be_looked_at_soonest_first_and_then_by_id) {
    const job_id a = create("a", {.wake_at = now + 3s});
    const job_id b = create("b", {.wake_at = now + 1s});
    const job_id c = create("c", {.wake_at = now + 3s});
    create("d", {.wake_at = std::nullopt});
    EXPECT_THAT(waking(now + 1s - 1ns), IsEmpty());
    EXPECT_THAT(waking(now + 1s), ElementsAre(job_wake{b, 1, now + 1s}));
    EXPECT_THAT(waking(now + 3s), ElementsAre(job_wake{b, 1, now + 1s}, job_wake{a, 1, now + 3s},
                                              job_wake{c, 1, now + 3s}));
    EXPECT_EQ(waking(now + 3s, 2).size(), 2u);
    EXPECT_THAT(waking(now + 3s, 0), IsEmpty());

    take({.job = b, .revision = 1, .at = {.wake_at = now + 4s}});
    take({.job = a, .revision = 1, .at = {.wake_at = std::nullopt}});
    EXPECT_THAT(waking(wall_time::max()),
                ElementsAre(job_wake{c, 1, now + 3s}, job_wake{b, 2, now + 4s}));
}

TEST_P(any_store, jobs_whose_wake_goes_by_a_wrong_clock_or_other_zones_are_found) {
    const job_id a = create("a", {.decided = now});
    const job_id b = create("b", {.decided = now + 1ns});
    const job_id c = create("c", {.life = life::ended, .decided = now + 1s});
    const job_id d = create("d", {.decided = now});
    step one = of(d);
    one.zones = "2026a";
    take(one);
    const auto search = [&](job_id after, std::string_view zones, std::size_t most) {
        return read([&](reading& in) { return in.out_of_date(after, now, zones, most); });
    };
    EXPECT_THAT(search(job_id::none, "", 10).found, ElementsAre(b, d));
    EXPECT_THAT(search(job_id::none, "2026a", 10).found, ElementsAre(a, b));
    EXPECT_EQ(search(job_id::none, "", 10).goes_on_after, std::nullopt);
    EXPECT_THAT(search(job_id::none, "", 3).found, ElementsAre(b)); // looks at three
    EXPECT_EQ(search(job_id::none, "", 3).goes_on_after, c);
    EXPECT_THAT(search(c, "", 3).found, ElementsAre(d));
    EXPECT_EQ(search(c, "", 3).goes_on_after, std::nullopt);
}

TEST_P(any_store, jobs_of_which_nothing_will_ever_come_are_found) {
    const auto stalled = [&](std::size_t most = 10) {
        return read([&](reading& in) { return in.stalled(most); });
    };
    const job_id a = create("a");
    const job_id b = create("b");
    create("c", {.wake_at = now});
    for (const life is : {life::paused, life::ending, life::held, life::cancelling, life::ended})
        create("no " + std::to_string(int(is)), {.life = is});
    EXPECT_THAT(stalled(), ElementsAre(a, b));
    EXPECT_THAT(stalled(1), ElementsAre(a));
    EXPECT_THAT(stalled(0), IsEmpty());

    const run_row ready = begin(a, now + 1h);
    const run_row other = begin(b, now);
    submit(now + 1h);
    ASSERT_EQ(claim_runs(enter(), 5).size(), 1u);
    reopen();
    EXPECT_THAT(stalled(), IsEmpty()) << "one is ready, one is running";
    end(ready, run_state::cancelled);
    EXPECT_THAT(stalled(), ElementsAre(a));
    end(run(other.of.id));
    EXPECT_THAT(stalled(), ElementsAre(a, b));
    step one = of(a);
    one.at.wake_at = now + 1h;
    take(one);
    EXPECT_THAT(stalled(), ElementsAre(b));
}

TEST_P(any_store, open_runs_of_a_job_are_in_its_row_by_number) {
    const job_id id = create("a");
    const job_id other = create("b");
    step one = of(id);
    for (const std::uint64_t number : {3u, 1u, 2u}) {
        run_row row = ready_run(now + std::chrono::seconds(number));
        row.number = number;
        one.begins.push_back(row);
    }
    const auto begun = take(one).begun;
    begin(other, now);
    submit(now);
    ASSERT_EQ(job(id).open.size(), 3u);
    EXPECT_THAT(job(id).open, ElementsAre(begun[1], begun[2], begun[0]));
    claim_runs(enter(), 5);
    EXPECT_EQ(job(id).open.at(0).of.state, run_state::ready) << "not its time yet";
    now += 1s;
    claim_runs(enter(), 6);
    EXPECT_EQ(job(id).open.at(0), run(begun[1].of.id));
    end(run(begun[1].of.id));
    end(run(begun[0].of.id), run_state::cancelled);
    EXPECT_THAT(job(id).open, ElementsAre(begun[2]));
    EXPECT_EQ(jobs().at(0).open.size(), 1u);
    EXPECT_EQ(jobs({.owner = "us"}).at(1).open.size(), 1u);
}

// ---- edits, owners, backfills ------------------------------------------------------------------

TEST_P(any_store, each_definition_is_kept_with_the_instant_after_which_it_counts) {
    const job_id id = create("a", {.decided = now});
    const job_id other = create("b", {.decided = now + 1ns});
    const auto edits = [&](job_id which) {
        return read([&](reading& in) { return in.edits(which); });
    };
    EXPECT_THAT(edits(id), ElementsAre(edit_row{now, "{}"}));
    step one = of(id);
    one.at.decided = now + 1h;
    take(one);
    EXPECT_EQ(edits(id).size(), 1u) << "no edit";
    one = of(id);
    one.at.decided = now + 2h;
    one.definition = "second";
    take(one);
    one = of(id);
    one.definition = "third, in the same instant";
    take(one);
    one = of(id);
    one.at.decided = now + 3h;
    one.definition = "fourth";
    take(one);
    reopen();
    EXPECT_THAT(edits(id),
                ElementsAre(edit_row{now, "{}"}, edit_row{now + 2h, "third, in the same instant"},
                            edit_row{now + 3h, "fourth"}));
    EXPECT_THAT(edits(other), ElementsAre(edit_row{now + 1ns, "{}"}));
    EXPECT_THAT(edits(job_id{99}), IsEmpty());
}

TEST_P(any_store, an_owner_applies_the_same_revision_or_a_later_one) {
    const auto apply = [&](const char* owner, std::uint64_t revision) {
        return write([&](writing& in) { return in.apply(owner, revision); });
    };
    const auto applied = [&](const char* owner) {
        return read([&](reading& in) { return in.applied(owner); });
    };
    EXPECT_EQ(applied("us"), std::nullopt);
    EXPECT_TRUE(apply("us", 5));
    EXPECT_EQ(applied("us"), 5u);
    EXPECT_TRUE(apply("us", 5));
    EXPECT_FALSE(apply("us", 4));
    EXPECT_EQ(applied("us"), 5u);
    EXPECT_TRUE(apply("them", 0));
    EXPECT_EQ(applied("them"), 0u);
    EXPECT_TRUE(apply("us", 1u << 31));
    reopen();
    EXPECT_EQ(applied("us"), 1u << 31);
    EXPECT_EQ(applied("Us"), std::nullopt);
}

TEST_P(any_store, a_backfill_is_there_once_by_its_id_and_comes_forward) {
    const job_id id = create("a");
    const job_id other = create("b");
    const auto put = [&](job_id job, const backfill_row& row) {
        step one = of(job);
        one.backfill = row;
        EXPECT_EQ(take(one).is, verdict::taken);
    };
    const auto backfills = [&](job_id which) {
        return read([&](reading& in) { return in.backfills(which); });
    };
    backfill_row first{.id = "z",
                       .job = id,
                       .from = now - 24h,
                       .until = now,
                       .done_to = now - 24h,
                       .how = "{\"pace\": 1}"};
    backfill_row second{.id = "a",
                        .job = id,
                        .from = wall_time::min(),
                        .until = wall_time::max(),
                        .done_to = now,
                        .how = ""};
    EXPECT_THAT(backfills(id), IsEmpty());
    put(id, first);
    put(id, second);
    backfill_row others = first;
    others.job = other;
    put(other, others);
    EXPECT_THAT(backfills(id), ElementsAre(first, second)) << "in the order of their making";
    first.done_to = now - 1h;
    first.over_at = now;
    put(id, first);
    reopen();
    EXPECT_THAT(backfills(id), ElementsAre(first, second));
    EXPECT_THAT(backfills(other), ElementsAre(others));
}
