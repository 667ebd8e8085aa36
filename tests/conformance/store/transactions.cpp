// Parts of a transaction, and what is seen at the same time.

#include <atomic>
#include <deque>
#include <functional>
#include <stdexcept>
#include <thread>

#include <cicada/store/errors.hpp>
#include <conformance/store/any_store.hpp>

using namespace conformance_of_stores;

namespace {

using work = std::function<void(writing&)>;

class transactions : public any_store {
protected:
    /// All as parts of one transaction. What each threw: its text; else nothing.
    std::vector<std::string> write_all(std::vector<work> all) {
        std::deque<support::part_of<work>> parts;
        std::vector<part*> in_order;
        for (work& one : all) in_order.push_back(&parts.emplace_back(std::move(one)));
        store().write(in_order);
        std::vector<std::string> thrown;
        for (const auto& one : parts) thrown.push_back(said(one.error));
        return thrown;
    }
    static std::string said(const std::exception_ptr& error) {
        if (!error) return "";
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            return e.what();
        } catch (int number) {
            return std::to_string(number);
        }
    }
    static work creates(std::string name) {
        return [name](writing& in) { in.create({.name = name, .owner = "us"}); };
    }
    static work creates_and_throws(std::string name) {
        return [name](writing& in) {
            in.create({.name = name, .owner = "us"});
            throw std::runtime_error(name + " failed");
        };
    }
    std::string names() {
        std::string found;
        for (const job_row& row : jobs()) found += row.name;
        return found;
    }
};

INSTANTIATE_TEST_SUITE_P(stores, transactions, testing::ValuesIn(kinds_of_store()),
                         [](const auto& kind) { return std::string(kind.param.name); });

} // namespace

TEST_P(transactions, parts_are_done_in_order_and_see_what_those_before_have_written) {
    std::string seen;
    const auto look = [&](writing& in) {
        seen += '/';
        for (const job_row& row : in.jobs({})) seen += row.name;
    };
    EXPECT_THAT(write_all({look, creates("a"), look, creates("b"), look}),
                ElementsAre("", "", "", "", ""));
    EXPECT_EQ(seen, "//a/ab");
}

TEST_P(transactions, a_transaction_may_have_no_parts) {
    store().write({});
    EXPECT_EQ(names(), "");
}

TEST_P(transactions, a_part_that_throws_undoes_itself_and_nothing_else) {
    EXPECT_THAT(write_all({creates("a"), creates_and_throws("b"), creates("c")}),
                ElementsAre("", "b failed", ""));
    reopen();
    EXPECT_EQ(names(), "ac");
}

TEST_P(transactions, the_first_part_or_the_last_may_throw) {
    EXPECT_THAT(write_all({creates_and_throws("a"), creates("b"), creates_and_throws("c")}),
                ElementsAre("a failed", "", "c failed"));
    EXPECT_EQ(names(), "b");
}

TEST_P(transactions, all_parts_may_throw) {
    create("a");
    EXPECT_THAT(write_all({creates_and_throws("b"), creates_and_throws("c")}),
                ElementsAre("b failed", "c failed"));
    reopen();
    EXPECT_EQ(names(), "a");
}

TEST_P(transactions, anything_may_be_thrown) {
    EXPECT_THAT(write_all({[](writing& in) {
                               in.create({.name = "a"});
                               throw 42;
                           },
                           creates("b")}),
                ElementsAre("42", ""));
    EXPECT_EQ(names(), "b");
}

TEST_P(transactions, a_part_that_is_used_again_says_what_it_threw_the_last_time) {
    bool fails = true;
    support::part_of one([&](writing&) {
        if (fails) throw std::runtime_error("once");
    });
    part* const parts[] = {&one};
    store().write(parts);
    EXPECT_TRUE(one.error);
    fails = false;
    store().write(parts);
    EXPECT_FALSE(one.error);
}

TEST_P(transactions, a_part_that_throws_undoes_each_kind_of_change) {
    const job_id id = create("a", {.decided = now, .wake_at = now, .progress = "before"});
    const job_id other = create("b");
    const node_id node = enter("node", 60s);
    const node_id leaves = enter("leaves", 60s);
    const node_id late = enter("late", 1s);
    write([](writing& in) { in.apply("us", 1); });
    stretch before{.first = now, .last = now + 1s};
    step setup = of(id);
    setup.stretches = {before};
    setup.backfill = backfill_row{.id = "f", .job = id};
    run_row mine = ready_run(now);
    mine.of.state = run_state::running;
    mine.claim = 6;
    setup.by = node;
    setup.begins = {mine};
    take(setup);
    for (int i = 0; i < 3; ++i) end(begin(other, now + i * 1ns), run_state::cancelled);
    const run_row waits = submit(submission(now, "work", "k")).begun.at(0);
    now += 2s;

    const auto all = [&](reading& in) {
        std::string found = text(in.nodes()) + text(in.jobs({})) + text(in.runs({})) +
                            text(in.waking(wall_time::max(), 100)) + text(in.applied("us")) +
                            text(in.applied("them"));
        for (const job_id each : {id, other}) {
            found += text(in.stretches(each, wall_time::min(), wall_time::max())) +
                     text(in.edits(each)) + text(in.backfills(each));
        }
        return found + text(in.next_ready({.kinds = {"work"}}));
    };
    const std::string was = read(all);
    std::string became;
    const auto change_all = [&](writing& in) {
        in.renew(node, 1h);
        in.leave(leaves);
        EXPECT_THAT(in.evict(0s), ElementsAre(late));
        in.enter({.name = "new"}, 60s);
        in.create({.name = "c", .owner = "them", .at = {.wake_at = now}});
        in.apply("us", 2);
        in.apply("them", 2);
        EXPECT_EQ(in.claim_runs({.by = node, .id = 8, .kinds = {"work"}, .most = 1}).size(), 1u);
        in.submit(submission(now, "work", "l"));
        EXPECT_EQ(in.submit(waits).is, verdict::repeated);
        const job_row row = in.jobs({.ids = {id}}).at(0);
        step one{.job = id, .revision = row.revision, .at = {.decided = now, .progress = "after"}};
        one.definition = "edited";
        one.owner = "them";
        one.zones = "new";
        one.changes = {change(row.open.at(0), run_state::ready)};
        one.begins = {ready_run(now + 1h)};
        one.stretches = {{.first = now + 5s, .last = now + 5s, .follows = before.last},
                         {.kind = decision::kind::paused, .first = now, .last = now}};
        one.backfill = backfill_row{.id = "f", .job = id, .over_at = now};
        EXPECT_EQ(in.take(one).is, verdict::taken);
        EXPECT_GT(in.prune({.ended_before = wall_time::max()}).gone, 0u);
        became = all(in);
    };
    EXPECT_THAT(write_all({[&](writing& in) {
                    change_all(in);
                    throw std::runtime_error("undo");
                }}),
                ElementsAre("undo"));
    EXPECT_NE(became, was);
    EXPECT_EQ(read(all), was);
    reopen();
    EXPECT_EQ(read([](reading& in) { return in.jobs({}).size(); }), 2u);

    // And what was undone can be done.
    if (!place().lasts()) {
        const std::string seen = became;
        write(change_all);
        EXPECT_EQ(became, seen) << "ids and fences too";
    }
}

TEST_P(transactions, what_was_undone_has_used_up_nothing_that_is_unique) {
    const job_id id = create("a");
    const auto begins = [&](writing& in) {
        in.create({.name = "b"});
        step one{.job = id, .revision = 1};
        run_row row = ready_run(now);
        row.of.key = "k";
        one.begins = {row};
        EXPECT_EQ(in.take(one).is, verdict::taken);
        EXPECT_EQ(in.submit(submission(now, "work", "k")).is, verdict::taken);
    };
    EXPECT_THAT(write_all({[&](writing& in) {
                               begins(in);
                               throw std::runtime_error("undo");
                           },
                           begins}),
                ElementsAre("undo", ""));
    EXPECT_EQ(names(), "ab");
    EXPECT_EQ(runs().size(), 2u);
}

TEST_P(transactions, a_step_that_is_not_taken_undoes_nothing_of_its_part) {
    const job_id id = create("a");
    EXPECT_THAT(write_all({[&](writing& in) {
                    in.create({.name = "b"});
                    step one{.job = id, .revision = 1, .begins = {ready_run(now)}};
                    EXPECT_EQ(in.take(one).is, verdict::taken);
                    one.revision = 2;
                    EXPECT_EQ(in.take(one).is, verdict::repeated);
                    in.create({.name = "c"});
                }}),
                ElementsAre(""));
    EXPECT_EQ(names(), "abc");
    EXPECT_EQ(job(id).revision, 2u);
}

// ---- at the same time --------------------------------------------------------------------------

TEST_P(transactions, what_a_question_throws_comes_to_who_asked) {
    EXPECT_THROW(store().read([](reading&) { throw std::runtime_error("no"); }),
                 std::runtime_error);
    create("a");
    EXPECT_EQ(names(), "a");
}

TEST_P(transactions, a_question_sees_one_moment_while_another_thread_writes) {
    const job_id a = create("a");
    const job_id b = create("b");
    std::atomic<bool> is_over = false;
    std::atomic<std::uint64_t> seen = 0;
    std::thread reader([&] {
        while (!is_over) {
            store().read([&](reading& in) {
                const auto first = in.jobs({.ids = {a}}).at(0).revision;
                std::this_thread::yield();
                const auto second = in.jobs({.ids = {b}}).at(0).revision;
                EXPECT_EQ(first, second);
                EXPECT_EQ(in.runs({.job = a}).size(), first - 1);
                seen = first;
            });
        }
    });
    for (std::uint64_t revision = 1; revision <= 100; ++revision) {
        write_all({[&](writing& in) {
                       step one{.job = a, .revision = revision};
                       one.begins = {ready_run(now + std::chrono::seconds(revision))};
                       in.take(one);
                   },
                   [&](writing& in) { in.take({.job = b, .revision = revision}); }});
    }
    while (seen < 101) std::this_thread::yield();
    is_over = true;
    reader.join();
}

TEST_P(transactions, what_was_written_is_there_after_it_is_opened_again) {
    if (!place().lasts()) GTEST_SKIP() << "it goes with the store";
    const job_id id = create("a");
    const run_row row = begin(id, now);
    reopen();
    EXPECT_EQ(job(id).open.at(0), row);
}

TEST_P(transactions, nodes_that_were_live_when_it_was_closed_are_dead) {
    if (!place().is_owned()) GTEST_SKIP() << "it may be closed here, and be open elsewhere";
    const node_id node = enter();
    submit(now);
    const run_row row = claim_runs(node, 7).at(0);
    reopen();
    EXPECT_EQ(nodes().at(0).state, node_state::dead);
    EXPECT_THAT(runs({.is_orphaned = true}), ElementsAre(row));
    EXPECT_FALSE(renew(node));
    EXPECT_EQ(end(row, run_state::ready).is, verdict::taken);
}

TEST_P(transactions, of_eight_that_open_it_at_once_one_owns_it) { // D27
    if (!place().is_owned()) GTEST_SKIP() << "it may have many";
    create("a");
    std::atomic<int> refused = 0;
    std::vector<std::thread> others;
    for (int i = 0; i < 7; ++i) {
        others.emplace_back([&] {
            try {
                place().open([] { return wall_time(); });
            } catch (const store_error& e) {
                if (e.fault() == store_fault::owned_by_another) ++refused;
            }
        });
    }
    for (std::thread& one : others) one.join();
    EXPECT_EQ(refused, 7);
    EXPECT_EQ(names(), "a");
}

TEST_P(transactions, a_store_says_where_it_is) { EXPECT_FALSE(store().place().empty()); }
