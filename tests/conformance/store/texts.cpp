// What is written is read again exactly: texts of all bytes, instants from end to end, numbers.

#include <limits>

#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

namespace {

std::vector<std::string> texts() {
    using namespace std::string_literals;
    std::string all_bytes;
    for (int repeat = 0; repeat < 256; ++repeat) {
        for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
    }
    return {"",
            " ",
            "a\0b"s,
            "\0"s,
            "ends in NUL\0"s,
            "Gr\xc3\xbc\xc3\x9f"
            "e \xe2\x82\xac \xf0\x9f\x95\x90",
            "\xff\xfe no UTF-8 \xc3", // the store above is spared it, but not this one
            "it's \"quoted\" \\ %s ? :a $1 ; --",
            "two\nlines\r\n\ttabs",
            "123",
            "1e5",
            "NULL",
            all_bytes}; // 64 KiB
}

std::string shortened(const std::string& text) { return text.substr(0, 40); }

} // namespace

TEST_P(any_store, texts_of_a_job_are_kept_byte_by_byte) {
    for (const std::string& text : texts()) {
        SCOPED_TRACE(shortened(text));
        const std::string name = text.substr(0, place().longest_name());
        const job_state at{.progress = text, .notes = text};
        const auto id = write([&](writing& in) {
            return in.create({.name = "job " + name,
                              .owner = name,
                              .definition = text,
                              .zones = text,
                              .at = at});
        });
        ASSERT_TRUE(id);
        EXPECT_TRUE(write([&](writing& in) { return in.apply(name, 3); }));
        step one{.job = *id, .revision = 1, .at = at, .definition = text + text};
        one.stretches = {{.note = text}};
        one.backfill = backfill_row{.id = name, .job = *id, .how = text};
        EXPECT_EQ(take(one).is, verdict::taken);
        reopen();
        const job_row row = job(*id);
        EXPECT_TRUE(row.name == "job " + name);
        EXPECT_TRUE(row.owner == name);
        EXPECT_TRUE(row.definition == text + text);
        EXPECT_TRUE(row.zones == text);
        EXPECT_TRUE(row.at == at);
        EXPECT_EQ(jobs({.names = {"job " + name}}).size(), 1u);
        EXPECT_EQ(jobs({.owner = name}).size(), 1u);
        EXPECT_FALSE(write([&](writing& in) { return in.create({.name = "job " + name}); }));
        read([&](reading& in) {
            EXPECT_EQ(in.applied(name), 3u);
            EXPECT_TRUE(in.stretches(*id, wall_time::min(), wall_time::max()).at(0).note == text);
            EXPECT_TRUE(in.backfills(*id).at(0) == *one.backfill);
            EXPECT_TRUE(in.edits(*id).at(0).definition == text + text);
            return 0;
        });
    }
    EXPECT_EQ(jobs().size(), texts().size());
}

TEST_P(any_store, texts_of_a_run_are_kept_byte_by_byte) {
    for (const std::string& text : texts()) {
        SCOPED_TRACE(shortened(text));
        const std::string name = text.substr(0, place().longest_name());
        const node_id node = write([&](writing& in) {
            return in.enter({.name = text, .kinds = {text, "x"}, .labels = {name}}, 60s);
        });
        run_row one = submission(now, "kind " + name, "key " + name);
        one.of.arguments = text;
        one.label = name;
        one.policy = text;
        ASSERT_EQ(submit(one).is, verdict::taken);
        EXPECT_EQ(submit(one).is, verdict::repeated);
        const claim by{.by = node, .id = 7, .kinds = {"kind " + name}, .labels = {name}, .most = 9};
        EXPECT_EQ(next_ready(by), now);
        const auto claimed = claim_runs(by);
        ASSERT_EQ(claimed.size(), 1u);
        run_change ended = change(claimed[0], run_state::ok);
        ended.reason = text;
        ended.log = text;
        ended.report = text;
        EXPECT_EQ(take({.by = node, .changes = {ended}}).is, verdict::taken);
        run_row expected = claimed[0];
        expected.of.state = run_state::ok;
        expected.of.ended_at = now;
        expected.of.reason = expected.of.log = expected.of.report = text;
        EXPECT_TRUE(expected.of.arguments == text);
        EXPECT_TRUE(expected.of.node == text);
        EXPECT_TRUE(expected.label == name && expected.policy == text);
        const node_row said = nodes().back();
        EXPECT_TRUE(said.name == text);
        EXPECT_EQ(said.kinds.size(), 2u);
        EXPECT_TRUE(said.kinds.at(0) == text && said.labels == std::vector{name});
        reopen();
        EXPECT_TRUE(run(claimed[0].of.id) == expected);
        EXPECT_EQ(runs({.kind = "kind " + name}).size(), 1u);
    }
}

TEST_P(any_store, what_differs_after_a_nul_differs) {
    using namespace std::string_literals;
    const job_id first = create("a\0b"s);
    EXPECT_NE(create("a\0c"s), first);
    EXPECT_NE(create("a"s), first);
    EXPECT_EQ(jobs({.names = {"a\0c"s}}).size(), 1u);
    EXPECT_EQ(submit(submission(now, "k\0a"s, "x\0a"s)).is, verdict::taken);
    EXPECT_EQ(submit(submission(now, "k\0b"s, "x\0a"s)).is, verdict::taken);
    EXPECT_EQ(submit(submission(now, "k\0a"s, "x\0b"s)).is, verdict::taken);
    EXPECT_EQ(submit(submission(now, "k\0a"s, "x\0a"s)).is, verdict::repeated);
    EXPECT_EQ(claim_runs({.by = enter(), .id = 7, .kinds = {"k\0b"s}, .most = 9}).size(), 1u);
}

TEST_P(any_store, lists_of_a_node_may_be_empty_and_hold_anything) {
    using list = std::vector<std::string>;
    const std::vector<list> lists = {
        {}, {""}, {"", ""}, {"a,b", "c"}, {"a", "b,c"}, {"[\"a\"]"}, {std::string("\0", 1)}};
    for (const list& one : lists) {
        write([&](writing& in) { return in.enter({.kinds = one, .labels = one}, 60s); });
        EXPECT_EQ(nodes().back().kinds, one);
        EXPECT_EQ(nodes().back().labels, one);
    }
}

TEST_P(any_store, instants_from_end_to_end_are_kept_to_the_nanosecond) {
    const std::vector<wall_time> instants = {
        wall_time::min(), wall_time::min() + 1ns, wall_time(-1ns),        wall_time(0ns),
        wall_time(1ns),   now + 123456789ns,      wall_time::max() - 1ns, wall_time::max()};
    for (const wall_time at : instants) {
        SCOPED_TRACE(at.time_since_epoch().count());
        const job_id id =
            create(std::to_string(at.time_since_epoch().count()), {.decided = at, .wake_at = at});
        run_row row = ready_run(at);
        step one{.job = id, .revision = 1, .at = {.decided = at, .wake_at = at}};
        one.begins = {row};
        one.stretches = {{.first = at, .last = at, .into = at}};
        one.backfill = backfill_row{.id = "b", .job = id, .from = at, .until = at, .done_to = at};
        const auto begun = take(one).begun;
        reopen();
        EXPECT_EQ(job(id).at, one.at);
        EXPECT_EQ(begun.at(0).of.nominal, at);
        EXPECT_EQ(begun.at(0).of.run_at, at);
        EXPECT_EQ(run(begun.at(0).of.id), begun.at(0));
        EXPECT_EQ(take({.job = id, .revision = 2, .begins = {row}}).is, verdict::repeated);
        read([&](reading& in) {
            EXPECT_THAT(in.backfills(id), ElementsAre(*one.backfill));
            EXPECT_THAT(in.edits(id), ElementsAre(edit_row{at, "{}"}));
            EXPECT_THAT(in.waking(at, 100), testing::Contains(job_wake{id, 2, at}));
            return 0;
        });
        if (at < wall_time::max()) {
            read([&](reading& in) {
                EXPECT_THAT(in.stretches(id, at, at + 1ns), ElementsAre(one.stretches[0]));
                return 0;
            });
            EXPECT_EQ(runs({.job = id, .nominal_from = at, .nominal_until = at + 1ns}).size(), 1u);
        }
    }
    EXPECT_EQ(runs().size(), instants.size());
    const auto claimed = claim_runs(enter(), 7);
    EXPECT_EQ(claimed.size(), 5u) << "those whose time has come";
    for (std::size_t i = 0; i < claimed.size(); ++i) EXPECT_EQ(claimed[i].of.run_at, instants[i]);
    EXPECT_EQ(next_ready({.kinds = {"work"}}), instants.at(5));
}

TEST_P(any_store, a_clock_may_stand_at_either_end_of_time) {
    now = wall_time::min();
    const node_id early = enter("early");
    EXPECT_EQ(take({.by = early}).is, verdict::taken);
    submit(now);
    EXPECT_EQ(claim_runs(early, 7).at(0).of.started_at, wall_time::min());
    now = wall_time::max();
    EXPECT_EQ(nodes().size(), 1u);
    EXPECT_THAT(evict(), ElementsAre(early));
    EXPECT_EQ(nodes().at(0).ended_at, wall_time::max());
    now = wall_time::min();
    EXPECT_EQ(nodes().size(), 1u) << "it is set back";
}

TEST_P(any_store, numbers_are_kept_up_to_their_greatest) {
    constexpr auto most_32 = std::numeric_limits<std::uint32_t>::max();
    constexpr auto most_63 = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const job_id id = create("a", {.epoch = most_32});
    run_row row = ready_run(now);
    row.of.attempt = most_32;
    row.of.lost = most_32;
    row.of.is_asked_to_end = true;
    row.epoch = most_32;
    row.number = most_63;
    row.missed = most_63;
    step one = of(id);
    one.begins = {row};
    one.stretches = {{.epoch = most_32, .first = now, .last = now, .count = most_63}};
    const auto begun = take(one).begun;
    EXPECT_TRUE(write([&](writing& in) { return in.apply("us", most_63); }));
    reopen();
    EXPECT_EQ(run(begun.at(0).of.id), begun.at(0));
    EXPECT_EQ(begun[0].of.attempt, most_32);
    EXPECT_EQ(begun[0].of.lost, most_32);
    EXPECT_TRUE(begun[0].of.is_asked_to_end);
    EXPECT_EQ(begun[0].epoch, most_32);
    EXPECT_EQ(begun[0].number, most_63);
    EXPECT_EQ(begun[0].missed, most_63);
    EXPECT_EQ(job(id).at.epoch, most_32);
    read([&](reading& in) {
        EXPECT_THAT(in.stretches(id, now, now + 1s), ElementsAre(one.stretches[0]));
        EXPECT_EQ(in.applied("us"), most_63);
        return 0;
    });
    EXPECT_FALSE(write([&](writing& in) { return in.apply("us", most_63 - 1); }));
}

TEST_P(any_store, each_of_a_few_is_kept) {
    const job_id id = create("a");
    for (const life each :
         {life::active, life::paused, life::ending, life::held, life::cancelling, life::ended}) {
        step one = of(id);
        one.at.life = each;
        take(one);
        EXPECT_EQ(job(id).at.life, each);
    }
    for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(decision::kind::clock_went_back);
         ++kind) {
        step one = of(id);
        const wall_time at = now + std::chrono::seconds(kind);
        one.stretches = {{.kind = static_cast<decision::kind>(kind), .first = at, .last = at}};
        take(one);
        read([&](reading& in) {
            EXPECT_THAT(in.stretches(id, at, at + 1ns), ElementsAre(one.stretches[0]));
            return 0;
        });
    }
}
