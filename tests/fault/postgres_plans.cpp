// How each statement is carried out does not depend on what the server believes about its tables:
// a job has a million runs, and the server thinks that there are none, or that all are ready, or
// knows better; and a session may have been there since there were none (D15).
#include <store/postgres/store.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

#include <gtest/gtest.h>
#include <store/run_change.hpp>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::read;
using support::write;

namespace {

constexpr std::int64_t runs = 1'000'000;

/// What auto_explain says of a statement: how it was carried out, and the pages that it looked at.
struct plan {
    struct node {
        std::size_t indent = 0;
        std::size_t parent = 0;
        std::size_t place = 0; // among its siblings
        std::string what;
    };
    explicit plan(const std::string& notice);

    std::string statement;
    std::string text;
    std::vector<node> nodes;
    int pages = 0;
};

int number_after(const std::string& line, const std::string& words) {
    const std::size_t at = line.find(words);
    return at == std::string::npos ? 0 : std::atoi(line.c_str() + at + words.size());
}

plan::plan(const std::string& notice) {
    const std::string head = "Query Text: ";
    const std::size_t from = notice.find(head) + head.size();
    std::size_t at = from;
    // The plan begins with the first line that has costs.
    for (std::size_t end; at < notice.size(); at = end + 1) {
        end = std::min(notice.find('\n', at), notice.size());
        if (notice.substr(at, end - at).find("  (cost=") != std::string::npos) break;
    }
    statement = notice.substr(from, at - from);
    text = notice.substr(std::min(at, notice.size()));
    bool has_pages = false;
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t end = std::min(text.find('\n', next), text.size());
        const std::string line = text.substr(next, end - next);
        next = end + 1;
        if (line.find("(cost=") != std::string::npos) {
            const std::size_t arrow = line.find("->");
            node made{.indent = arrow == std::string::npos ? 0 : arrow, .what = line};
            for (std::size_t i = nodes.size(); i-- > 0;) {
                if (nodes[i].indent < made.indent) {
                    made.parent = i;
                    break;
                }
                if (nodes[i].indent == made.indent) ++made.place;
            }
            nodes.push_back(made);
        } else if (!has_pages && line.find("Buffers: shared") != std::string::npos) {
            has_pages = true; // of all of it
            pages = number_after(line, "hit=") + number_after(line, "read=");
        }
    }
}

std::string explaining(const std::string& url) {
    std::string options;
    for (const char* const one :
         {"session_preload_libraries=auto_explain", "auto_explain.log_min_duration=0",
          "auto_explain.log_nested_statements=on", "auto_explain.log_analyze=on",
          "auto_explain.log_timing=off", "auto_explain.log_buffers=on",
          "auto_explain.log_level=notice"})
        options.append("-c%20").append(one).append("%20");
    std::string made = url + "?options=";
    for (const char c : options) {
        if (c == '=') {
            made += "%3D";
        } else {
            made += c;
        }
    }
    return made;
}

/// A store, and what its statements cost.
class watched {
public:
    explicit watched(const std::string& url)
        : between_(url), store_({.url = explaining(between_.url()),
                                 .now = [] { return wall_time(std::chrono::hours(1'000)); }}) {
        between_.rule([this](const std::string& sql) {
            sent_.push_back(sql);
            return support::proxy_deed::forward();
        });
        me_ = write(store_,
                    [](writing& in) { return in.enter({.name = "node", .kinds = {"work"}}, 24h); });
    }
    ~watched() { between_.rule(nullptr); }

    /// At most so many pages.
    template <class F>
    auto cost(const std::string& what, int most, F call) {
        SCOPED_TRACE(what);
        between_.take_notices();
        sent_.clear();
        using value = decltype(call());
        std::optional<value> made;
        try {
            made.emplace(call());
        } catch (const store_error& e) {
            ADD_FAILURE() << e.what() << '\n' << sent_.back();
            throw;
        }
        int pages = 0;
        std::string all;
        for (const std::string& notice : between_.take_notices()) {
            if (notice.find("plan:") == std::string::npos) continue;
            const plan one(notice);
            if (std::any_of(sent_.begin(), sent_.end(), [&](const std::string& sql) {
                    return sql.substr(0, 60) == one.statement.substr(0, 60);
                }))
                pages += one.pages;
            check(one);
            all += one.statement + one.text + "\n\n";
        }
        if (counts_) {
            EXPECT_LE(pages, most) << all;
            most_[what] = std::max(most_[what], pages);
        }
        return std::move(*made);
    }
    /// Until then: a session that is new reads the catalogue.
    void count_from_here_on() { counts_ = true; }
    store& in() { return store_; }
    node_id me() const { return me_; }
    const std::map<std::string, int>& figures() const { return most_; }

private:
    static void check(const plan& one) {
        for (const plan::node& node : one.nodes) {
            const bool is_of_function = node.what.find("Function Scan") != std::string::npos;
            const std::string& above = one.nodes[node.parent].what;
            EXPECT_FALSE(is_of_function && node.place == 1 && node.indent > 0 &&
                         above.find("Nested Loop") != std::string::npos)
                << "it is gone through for each row\n"
                << one.statement << one.text;
            for (const char* const table :
                 {"run", "job", "edit", "stretch", "backfill", "node", "applied"}) {
                EXPECT_EQ(node.what.find("Seq Scan on " + std::string(table) + " "),
                          std::string::npos)
                    << one.statement << one.text;
            }
        }
    }

    support::postgres_proxy between_;
    std::vector<std::string> sent_;
    pg_store store_;
    node_id me_{};
    std::map<std::string, int> most_;
    bool counts_ = false;
};

class postgres_with_a_million_runs : public testing::Test {
protected:
    postgres_with_a_million_runs() {
        pg_store store({.url = jobs.url()});
        job = write(store, [](writing& in) {
                  return in.create({.name = "job", .owner = "us", .definition = "{}"});
              }).value();
        client.run("SELECT setval('cicada.run_id', 1000000), setval('cicada.fence', 1000000)");
    }

    void fill() {
        constexpr std::int64_t at_once = 50'000; // each within the time that an answer has
        for (std::int64_t from = 1; from < runs; from += at_once) {
            client.run(
                "INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal, epoch, "
                "number, missed, attempt, lost, fence, claim, node, last_node, run_at, began_at, "
                "started_at, ended_at, kind, label, key, policy, reason, log, report, arguments) "
                "SELECT i, CASE WHEN i <= 200 THEN 2 ELSE 1 END, 0, CASE WHEN i % 20 = 0 THEN 3 "
                "ELSE 2 END, false, i * 1000000000, 0, "
                "i, 0, 1, 0, i, i, 1, 1, i, i, i, i, 'work', '', '', '', '', '', '', '{}' "
                "FROM generate_series(" +
                std::to_string(from) + "::bigint, " + std::to_string(from + at_once - 1) +
                ") AS s (i)");
        }
        client.run(
            "INSERT INTO cicada.job (name, owner, revision, edit, zones, created_at, kept_from, "
            "life, decided, wake_at, epoch, progress, notes) SELECT 'other ' || i, 'them', 1, 1, "
            "'', 0, 0, 0, 0, i, 0, '', '' FROM generate_series(1, 2000) AS s (i);"
            "INSERT INTO cicada.stretch (job, epoch, kind, first_at, last_at, count, is_at_least, "
            "into_at, because_of, note) SELECT 1, 0, 0, i, i, 1, false, NULL, 0, '' "
            "FROM generate_series(1, 20000) AS s (i);"
            "INSERT INTO cicada.node (name, state, lease_until, entered_at, ended_at, kinds, "
            "labels) SELECT 'old', 1, 0, 0, 1, '{}', '{}' FROM generate_series(1, 20000);");
    }
    /// Runs that are ready, of a kind.
    void make_ready(const std::string& kind, int count) {
        client.run(
            "INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal, epoch, "
            "number, missed, attempt, lost, fence, claim, run_at, began_at, "
            "kind, label, key, policy, reason, log, report, arguments) "
            "SELECT nextval('cicada.run_id'), 3, 1, 0, false, 0, 0, i, 0, 1, 0, "
            "nextval('cicada.fence'), 0, i, i, '" +
            kind + "', '', '', '', '', '', '', '{}' FROM generate_series(1, " +
            std::to_string(count) + ") AS s (i)");
    }
    /// What writes, once: a session keeps the plans of what functions do.
    void warm_up(watched& at);
    /// Every call of the seam.
    void look(watched& at);

    support::postgres_database jobs;
    support::postgres_client client{jobs.url()};
    job_id job{};
    std::int64_t nominal = 2 * runs;
    std::int64_t gone = 1;
};

void postgres_with_a_million_runs::warm_up(watched& at) {
    const auto the_job = [&] {
        return read(at.in(), [&](reading& r) { return r.jobs({.ids = {job}}); }).at(0);
    };
    const auto take = [&](const step& one) {
        return write(at.in(), [&](writing& w) { return w.take(one); });
    };
    job_row of = the_job();
    step one{.by = at.me(), .job = of.id, .revision = of.revision, .at = of.at};
    one.begins.resize(2);
    for (run_row& row : one.begins) {
        row.of.kind = "first";
        row.of.nominal = wall_time(++nominal * 1s);
        row.of.state = nominal % 2 == 0 ? run_state::running : run_state::ready;
        row.claim = 1;
    }
    one.stretches.resize(1);
    const auto begun = take(one).begun;
    one.begins.clear();
    of = the_job();
    one.revision = of.revision;
    for (const run_row& row : of.open) one.changes.push_back(change_of(row));
    for (run_change& each : one.changes) each.state = run_state::ok;
    ASSERT_EQ(take(one).is, verdict::taken);
    make_ready("first", 1);
    const claim some{.by = at.me(), .id = 2, .kinds = {"first"}, .labels = {"here"}, .most = 10};
    const auto claimed = write(at.in(), [&](writing& w) { return w.claim_runs(some); });
    step end{.by = at.me(), .changes = {change_of(claimed.at(0))}};
    end.changes[0].state = run_state::ok;
    ASSERT_EQ(take(end).is, verdict::taken);
}

void postgres_with_a_million_runs::look(watched& at) {
    store& in = at.in();
    const node_id me = at.me();
    const auto ask = [&](const std::string& what, int most, auto f) {
        return at.cost(what, most, [&] { return read(in, f); });
    };
    const auto change = [&](const std::string& what, int most, auto f) {
        return at.cost(what, most, [&] { return write(in, f); });
    };
    const auto begin = [&](const job_row& of) {
        step one{.by = me, .job = of.id, .revision = of.revision, .at = of.at};
        one.begins.resize(1);
        run_row& row = one.begins[0];
        row.of.kind = "work";
        row.of.state = run_state::running;
        row.of.nominal = wall_time(++nominal * 1s);
        row.claim = 7;
        return one;
    };
    const auto the_job = [&] {
        return ask("job by id", 100, [&](reading& r) { return r.jobs({.ids = {job}}); }).at(0);
    };

    step one = begin(the_job());
    const step_result begun = change("begin", 150, [&](writing& w) { return w.take(one); });
    ASSERT_EQ(begun.is, verdict::taken);
    one = begin(the_job());
    one.changes = {change_of(begun.begun.at(0))};
    one.changes[0].state = run_state::ok;
    const step_result next = change("end, and begin", 250, [&](writing& w) { return w.take(one); });
    ASSERT_EQ(next.is, verdict::taken);
    ASSERT_EQ(the_job().open.size(), 1u);
    one = begin(the_job());
    one.begins[0].of.nominal = wall_time(runs * 1s); // as the last of those had
    EXPECT_EQ(change("repeat", 150, [&](writing& w) { return w.take(one); }).is, verdict::repeated);

    ask("job by name", 100, [](reading& r) { return r.jobs({.names = {"job"}}); });
    ask("jobs of owner", 100, [](reading& r) { return r.jobs({.owner = "us"}); });
    ask("jobs", 3000, [](reading& r) { return r.jobs({.most = 100}); });
    ask("waking", 50, [](reading& r) { return r.waking(wall_time(1h), 10); });
    ask("out of date", 100,
        [](reading& r) { return r.out_of_date(job_id::none, wall_time(1h), "2026a", 100); });
    ask("stalled", 100, [](reading& r) { return r.stalled(10); });
    ask("nodes", 50, [](reading& r) { return r.nodes(); });
    const auto runs_of = [&](const std::string& what, int most, const run_query& which) {
        return ask(what, most, [&](reading& r) { return r.runs(which); });
    };
    runs_of("orphans", 50, {.is_orphaned = true});
    runs_of("runs of node", 50, {.state = run_state::running, .node = me});
    runs_of("runs by claim", 50, {.state = run_state::running, .node = me, .claim = 7});
    runs_of("runs that are asked to end", 50,
            {.state = run_state::running, .node = me, .is_asked_to_end = true});
    runs_of("ready runs", 3000, {.state = run_state::ready, .most = 10});
    runs_of("runs by id", 50, {.ids = {run_id{1}, run_id{runs / 2}, run_id{runs}}});
    runs_of("newest runs", 100, {.most = 10});
    runs_of("newest runs of job", 200, {.job = job, .most = 10});
    runs_of("older runs of job", 200, {.job = job, .before = run_id{runs / 2}, .most = 10});
    runs_of("failed runs of job", 100, {.job = job, .state = run_state::failed, .most = 10});
    runs_of("cancelled runs of job", 50, {.job = job, .state = run_state::cancelled, .most = 10});
    runs_of("runs of instants", 50,
            {.job = job, .nominal_from = wall_time(9s), .nominal_until = wall_time(12s)});
    runs_of("run by key", 50, {.job = job, .key = "a key"});
    runs_of("run by kind and key", 50, {.job = job_id::none, .kind = "work", .key = "a key"});
    runs_of("submitted runs of kind", 100, {.job = job_id::none, .kind = "work", .most = 10});
    ask("stretches", 100,
        [&](reading& r) { return r.stretches(job, wall_time(19'990ns), wall_time::max()); });
    ask("edits", 50, [&](reading& r) { return r.edits(job); });
    ask("backfills", 50, [&](reading& r) { return r.backfills(job); });
    ask("applied", 50, [&](reading& r) { return r.applied("us"); });

    make_ready("many", 300);
    claim some{.by = me, .id = 8, .kinds = {"many", "other"}, .labels = {"here"}, .most = 100};
    ask("next ready", 50, [&](reading& r) { return r.next_ready(some); });
    const auto claimed =
        change("claim of 100", 100 + 60 * 100, [&](writing& w) { return w.claim_runs(some); });
    ASSERT_EQ(claimed.size(), 100u);
    some.kinds = {"none"};
    change("claim of none", 50, [&](writing& w) { return w.claim_runs(some); });
    std::vector<step> ends;
    for (const run_row& row : claimed) {
        ends.push_back({.by = me, .changes = {change_of(row)}});
        ends.back().changes[0].state = run_state::ok;
    }
    std::vector<const step*> pointers;
    for (const step& end : ends) pointers.push_back(&end);
    const auto ended =
        change("100 ends", 100 + 60 * 100, [&](writing& w) { return w.take_all(pointers); });
    EXPECT_EQ(ended.at(99).is, verdict::taken);
    run_row row;
    row.of.kind = "work";
    row.of.key = std::to_string(++nominal);
    EXPECT_EQ(change("submit", 100, [&](writing& w) { return w.submit(row); }).is, verdict::taken);
    EXPECT_EQ(change("submit again", 100, [&](writing& w) { return w.submit(row); }).is,
              verdict::repeated);
    change("claim of 10", 100 + 60 * 10, [&](writing& w) {
        return w.claim_runs({.by = me, .id = 9, .kinds = {"work"}, .most = 10});
    });
    EXPECT_TRUE(change("renew", 50, [&](writing& w) { return w.renew(me, 24h); }));
    change("evict", 50, [](writing& w) { return w.evict(1h); });
    const new_job another{.name = std::to_string(++nominal)};
    change("create", 50, [&](writing& w) { return w.create(another); });
    change("apply", 50, [](writing& w) { return w.apply("us", 1); });

    const auto prune = [&](const std::string& what, int most, const prune_request& of) {
        return change(what, most, [&](writing& w) { return w.prune(of); });
    };
    // Each row that goes is read twice, and two newer ones are looked for.
    gone += 500;
    EXPECT_EQ(prune("prune 500 by age", 500 * 30, {.ended_before = wall_time(1ns * gone)}).gone,
              500u);
    gone += 500;
    EXPECT_EQ(prune("prune 500 by number", 12'000,
                    {.ended_before = wall_time(),
                     .kept_of_each = 100,
                     .most = 500,
                     .from = {.ended_at = wall_time::max()}})
                  .gone,
              500u);
    prune("prune nothing", 8'000, {.ended_before = wall_time()});
    client.run("UPDATE cicada.run SET state = 2, ended_at = 1 WHERE state < 2");
}

} // namespace

TEST_F(postgres_with_a_million_runs, cost_what_a_few_do_whatever_is_known_of_them) {
    std::map<std::string, int> figures;
    const auto note = [&](const watched& of) {
        for (const auto& [what, pages] : of.figures())
            figures[what] = std::max(figures[what], pages);
    };
    const auto look_anew = [&](const char* what) {
        SCOPED_TRACE(what);
        watched at(jobs.url());
        look(at);
        at.count_from_here_on();
        look(at);
        note(at);
    };
    {
        SCOPED_TRACE("by plans of a time when there was next to nothing");
        watched early(jobs.url());
        warm_up(early);
        fill();
        early.count_from_here_on();
        look(early);
        note(early);
    }
    look_anew("it has never been looked at");
    client.run("ANALYZE");
    look_anew("it was looked at just now");
    make_ready("work", 50'000);
    look_anew("many have become ready since");
    // What it would have found then, with the table as small as it was, or as large as it is.
    client.run("SET allow_system_table_mods = on;"
               "UPDATE pg_statistic SET stadistinct = 1, stakind1 = 1, stanumbers1 = '{1}', "
               "stavalues1 = array_in('{0}', 'int2'::regtype, -1) "
               "WHERE starelid = 'cicada.run'::regclass AND staattnum = (SELECT attnum FROM "
               "pg_attribute WHERE attrelid = 'cicada.run'::regclass AND attname = 'state')");
    look_anew("all were ready as it was looked at");
    client.run("UPDATE pg_statistic SET stanumbers1 = '{1}', "
               "stavalues1 = array_in('{1}', 'int2'::regtype, -1) "
               "WHERE starelid = 'cicada.run'::regclass AND staattnum = (SELECT attnum FROM "
               "pg_attribute WHERE attrelid = 'cicada.run'::regclass AND attname = 'state')");
    look_anew("all were running as it was looked at");
    client.run("DELETE FROM pg_statistic WHERE starelid IN "
               "(SELECT oid FROM pg_class WHERE relnamespace = 'cicada'::regnamespace);"
               "UPDATE pg_class SET relpages = (relkind = 'i')::int, reltuples = 0 "
               "WHERE relnamespace = 'cicada'::regnamespace AND relkind IN ('r', 'i')");
    look_anew("it was empty as it was looked at");
    for (const auto& [what, pages] : figures) std::cout << what << ": " << pages << " pages\n";
}

// D22: what was claimed and has ended stays in the indexes of what is ready and what is running,
// and each instant at which a job has woken in that of what wakes.
TEST(postgres_beside_a_transaction_that_is_left_open, is_looked_at_for_what_it_was) {
    const support::postgres_database jobs;
    watched at(jobs.url());
    support::postgres_client holder{jobs.url()};
    holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current()");
    support::postgres_client client{jobs.url()};
    client.run(
        "INSERT INTO cicada.run (id, origin, state, is_asked_to_end, nominal, epoch, number, "
        "missed, attempt, lost, fence, claim, run_at, began_at, kind, label, key, policy, "
        "reason, log, report, arguments) SELECT nextval('cicada.run_id'), 4, 0, false, 0, 0, "
        "0, 0, 1, 0, nextval('cicada.fence'), 0, i, i, 'work', '', '', '', '', '', '', '{}' "
        "FROM generate_series(1, 20000) AS s (i)");
    client.run("INSERT INTO cicada.job (name, owner, revision, edit, zones, created_at, kept_from, "
               "life, decided, wake_at, epoch, progress, notes) SELECT 'job ' || i, 'them', 1, 1, "
               "'', 0, 0, 0, 0, i, 0, '', '' FROM generate_series(1, 20000) AS s (i)");
    client.run("UPDATE cicada.job SET wake_at = 4000000000000000000");
    const std::string me = std::to_string(static_cast<std::int64_t>(at.me()));
    client.run("UPDATE cicada.run SET state = 1, claim = 1, node = " + me + ", last_node = node");
    client.run("UPDATE cicada.run SET state = 2, ended_at = 1");
    const auto look = [&] {
        at.cost("orphans", 50, [&] {
            return read(at.in(), [](reading& r) { return r.runs({.is_orphaned = true}); });
        });
        at.cost("runs that are asked to end", 50, [&] {
            return read(at.in(), [&](reading& r) {
                return r.runs(
                    {.state = run_state::running, .node = at.me(), .is_asked_to_end = true});
            });
        });
        const claim work{.by = at.me(), .id = 1, .kinds = {"work"}, .most = 10};
        at.cost("next ready", 50,
                [&] { return read(at.in(), [&](reading& r) { return r.next_ready(work); }); });
        at.cost("claim", 50,
                [&] { return write(at.in(), [&](writing& w) { return w.claim_runs(work); }); });
        at.cost("waking", 50, [&] {
            return read(at.in(), [](reading& r) { return r.waking(wall_time::max(), 10); });
        });
    };
    look();
    at.count_from_here_on();
    look();
}
