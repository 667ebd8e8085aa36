#include <fault/sqlite_history.hpp>

#include <algorithm>
#include <filesystem>

#include <store/run_change.hpp>

namespace fire {

namespace {

std::string report_of(std::uint64_t fence) { return "done under " + std::to_string(fence); }

} // namespace

run_change node::change(const run_row& from, run_state to) {
    run_change made = change_of(from);
    made.state = to;
    return made;
}

void node::take_over(const run_row& run) {
    step one{.by = me_, .changes = {change(run, run_state::ready)}};
    ++one.changes[0].lost;
    write([&](writing& in) { return in.take(one); });
}

// Every fourth fails at first.
void node::end(const run_row& run) {
    const bool fails = run.number % 4 == 1 && run.of.attempt == 1;
    step one{.by = me_, .changes = {change(run, fails ? run_state::ready : run_state::ok)}};
    if (fails) {
        ++one.changes[0].attempt;
    } else {
        one.changes[0].report = report_of(run.of.fence);
        one.changes[0].log = std::string(run.number % 5 * 1000, 'x');
    }
    const step_result taken = write([&](writing& in) { return in.take(one); });
    if (taken.is == verdict::taken && !fails) {
        tell_({acknowledgement::kind::ended, static_cast<std::int64_t>(run.of.id), run.of.fence});
    }
}

// Every third instant, and the one after it, are a stretch.
void node::decide(const job_row& job) {
    std::int64_t n = number_of(job.at.decided) + 1;
    step one{
        .by = me_, .not_before = instant(n), .job = job.id, .revision = job.revision, .at = job.at};
    if (n % 3 == 0) {
        const stretch missed{.first = instant(n), .last = instant(n + 1), .count = 2};
        one.stretches.push_back(missed);
        ++n;
    } else {
        run_row row;
        row.of.kind = "work";
        row.of.nominal = row.of.run_at = instant(n);
        row.of.state = run_state::running;
        row.of.arguments = "{}";
        row.number = static_cast<std::uint64_t>(n);
        row.claim = ++claim_;
        one.begins.push_back(row);
    }
    if (n % 7 == 0) one.definition = "edited at " + std::to_string(n);
    one.at.decided = instant(n);
    one.at.wake_at = instant(n + 1);
    one.at.progress = std::string(static_cast<std::size_t>(n % 6 * 300), 'p');
    const step_result taken = write([&](writing& in) { return in.take(one); });
    if (taken.is == verdict::not_live) me_ = node_id::none;
    if (taken.is != verdict::taken) return;
    tell_({acknowledgement::kind::decided, n, 0});
    for (const run_row& run : taken.begun) {
        tell_({acknowledgement::kind::begun, static_cast<std::int64_t>(run.of.id), run.of.fence});
        end(run);
    }
}

bool node::turn(std::int64_t last) {
    if (me_ == node_id::none) {
        me_ = write([](writing& in) {
            return in.enter({.name = "node", .kinds = {"work"}}, std::chrono::hours(1));
        });
    }
    const auto jobs = read([](reading& in) { return in.jobs({.names = {"job"}}); });
    if (jobs.empty()) {
        const new_job made{.name = "job",
                           .owner = "us",
                           .definition = "as it was made",
                           .at = {.decided = instant(0), .wake_at = instant(1)}};
        write([&](writing& in) { return in.create(made); });
        return true;
    }
    const auto orphans = read([](reading& in) { return in.runs({.is_orphaned = true}); });
    for (const run_row& run : orphans) take_over(run);
    // Of those an end was not told.
    const auto mine =
        read([&](reading& in) { return in.runs({.state = run_state::running, .node = me_}); });
    for (const run_row& run : mine) end(run);
    const auto claimed = write([&](writing& in) {
        return in.claim_runs({.by = me_, .id = ++claim_, .kinds = {"work"}, .most = 2});
    });
    for (const run_row& run : claimed) {
        tell_({acknowledgement::kind::begun, static_cast<std::int64_t>(run.of.id), run.of.fence});
        end(run);
    }
    const job_row& job = jobs.front();
    if (number_of(job.at.decided) < last) {
        decide(job);
        return true;
    }
    return !(orphans.empty() && mine.empty() && claimed.empty());
}

void witness::tell(const acknowledgement& one) {
    switch (one.what) {
    case acknowledgement::kind::decided:
        decided_ = std::max(decided_, one.id);
        break;
    case acknowledgement::kind::begun:
        EXPECT_TRUE(fences_.insert(one.fence).second) << "fence " << one.fence << " twice";
        break;
    case acknowledgement::kind::ended:
        ended_[one.id] = one.fence;
        break;
    }
}

void witness::check(const std::string& path) const {
    if (decided_ == 0 && ended_.empty() && !std::filesystem::exists(path)) return;
    sqlite_database db(path, sqlite_access::write);
    const auto all = [&](const char* sql, auto each) {
        sqlite_statement ask(db, sql);
        sqlite_rows rows = ask.with({});
        while (rows.next()) each(rows);
    };
    all("PRAGMA integrity_check", [](sqlite_rows& row) { EXPECT_EQ(row.text(0), "ok"); });
    all("PRAGMA foreign_key_check", [](sqlite_rows& row) { ADD_FAILURE() << row.text(0); });
    if (pragma(db, "user_version") == 0) {
        EXPECT_EQ(decided_, 0);
        EXPECT_TRUE(ended_.empty());
        return;
    }

    std::int64_t decided = 0;
    all("SELECT decided FROM job", [&](sqlite_rows& row) { decided = number_of(row.instant(0)); });
    EXPECT_GE(decided, decided_) << "an instant that was decided is not";
    std::map<std::int64_t, int> decisions;
    all("SELECT nominal FROM run WHERE origin = 0",
        [&](sqlite_rows& row) { ++decisions[number_of(row.instant(0))]; });
    all("SELECT first_at, last_at FROM stretch", [&](sqlite_rows& row) {
        for (auto n = number_of(row.instant(0)); n <= number_of(row.instant(1)); ++n) {
            ++decisions[n];
        }
    });
    for (std::int64_t n = 1; n <= decided; ++n) EXPECT_EQ(decisions[n], 1) << "instant " << n;
    EXPECT_EQ(decisions.size(), static_cast<std::size_t>(decided));

    std::map<std::int64_t, std::string> reports;
    all("SELECT id, report FROM run WHERE state = 2",
        [&](sqlite_rows& row) { reports[row.integer(0)] = row.text(1); });
    for (const auto& [id, fence] : ended_) {
        EXPECT_EQ(reports[id], report_of(fence)) << "run " << id;
    }
}

} // namespace fire
