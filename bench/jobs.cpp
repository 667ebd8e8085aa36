// J1: how many runs a second does a store of SQLite take through the public API, each claimed and
// ended durably, with N in flight? J2: how late does a run start, the commit before it included?
// J3: what do jobs cost that are only there: a tick, in CPU, the time to open the store, bytes on
// disk and in memory?
//
// The limit of J1 is a bare SQLite program with the same tables, which in each transaction ends N
// runs and claims the next N, a statement for each; "limit thread" has another thread do so, and
// "limit 16" claims sixteen by a statement. That of J2 sleeps until the instant, and writes its two
// rows.
#include "durable.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace bench;

/// A folder that goes with the process, if it does not end by report().
class folder {
public:
    folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "cicada-bench-XXXXXX").string();
        if (!mkdtemp(name.data())) std::exit(EXIT_FAILURE);
        path_ = name;
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() { std::filesystem::remove_all(path_); }
    std::string file() const { return path_ + "/jobs.db"; }
    std::string url() const { return "sqlite:" + file(); }

private:
    std::string path_;
};

// ---- a bare SQLite program ----------------------------------------------------------------------

class bare_database {
public:
    explicit bare_database(const std::string& file) {
        if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) fail();
        run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "PRAGMA wal_autocheckpoint = 1024;");
    }
    bare_database(const bare_database&) = delete;
    bare_database& operator=(const bare_database&) = delete;
    ~bare_database() { sqlite3_close_v2(db_); }

    void run(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }
    sqlite3_stmt* prepared(const char* sql) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr)) fail();
        return made;
    }
    bool step(sqlite3_stmt* one) {
        const int code = sqlite3_step(one);
        if (code == SQLITE_ROW) return true;
        if (code != SQLITE_DONE) fail();
        sqlite3_reset(one);
        return false;
    }
    [[noreturn]] void fail() {
        std::fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(db_));
        std::exit(EXIT_FAILURE);
    }

private:
    sqlite3* db_ = nullptr;
};

// ---- J1 -----------------------------------------------------------------------------------------

long runs_of(const point& at) {
    const long n = at.n == 1 ? 4'000 : at.n == 8 ? 16'000 : 40'000;
    return quick() ? n / 4 : n;
}

cicada::task<> submit_some(cicada::job_store store, long n) {
    for (long i = 0; i < n; ++i) co_await store.submit("none", R"({"to": "me@example.org"})");
}

cicada::task<> submit_all(cicada::job_store store, long n) {
    std::vector<cicada::join_handle<>> all;
    for (long i = 0; i < 200; ++i) all.push_back(cicada::spawn(submit_some(store, n / 200)));
    for (auto& one : all) co_await one;
}

cicada::task<> make_store(std::string url, long n) {
    cicada::job_store store = co_await cicada::open_store(url);
    co_await submit_all(store, n);
}

/// What a store does at least, with statements alone.
class bare_worker {
public:
    struct claimed_run {
        std::int64_t id;
        std::int64_t fence;
        std::string arguments;
    };
    bare_worker(const std::string& file, long fence, long most, std::size_t claimed_at_once)
        : db_(file), fence_(fence), most_(most), claimed_at_once_(claimed_at_once) {}

    /// Ends those, and claims the next, in one transaction.
    std::vector<claimed_run> go_on(const std::vector<claimed_run>& claimed) {
        const std::int64_t now = wall_ns();
        std::vector<claimed_run> next;
        db_.run("BEGIN IMMEDIATE");
        for (const claimed_run& one : claimed) {
            sqlite3_bind_int64(end_, 1, one.id);
            sqlite3_bind_int64(end_, 2, now);
            sqlite3_bind_int64(end_, 3, one.fence);
            sqlite3_bind_int64(end_, 4, 77);
            db_.step(end_);
        }
        sqlite3_bind_int64(ready_, 1, now);
        sqlite3_bind_int64(ready_, 2, most_);
        while (db_.step(ready_)) {
            const auto* const arguments =
                reinterpret_cast<const char*>(sqlite3_column_text(ready_, 6));
            const std::int64_t id = sqlite3_column_int64(ready_, 0);
            next.push_back({id, fence_ + id, arguments});
        }
        for (std::size_t first = 0; first < next.size(); first += claimed_at_once_) {
            sqlite3_bind_int64(claim_, 1, fence_);
            sqlite3_bind_int64(claim_, 2, now);
            for (std::size_t i = 0; i < claimed_at_once_; ++i) {
                const std::int64_t id = first + i < next.size() ? next[first + i].id : 0; // none
                sqlite3_bind_int64(claim_, static_cast<int>(3 + i), id);
            }
            db_.step(claim_);
        }
        if (!next.empty()) {
            sqlite3_bind_int64(fences_, 1, next.back().fence);
            db_.step(fences_);
        }
        db_.run("COMMIT");
        return next;
    }

private:
    static std::string claim_of(std::size_t many) {
        std::string sql = "UPDATE run SET state = 1, fence = ?1 + id, claim = 77, node = 1, "
                          "last_node = 1, began_at = ?2, started_at = ?2 WHERE id IN (?3";
        for (std::size_t i = 1; i < many; ++i) sql += ", ?" + std::to_string(3 + i);
        return sql + ")";
    }

    bare_database db_;
    const std::int64_t fence_;
    const long most_;
    const std::size_t claimed_at_once_;
    sqlite3_stmt* const ready_ = db_.prepared(
        "SELECT id, kind, origin, nominal, attempt, lost, arguments, key, label, policy FROM run "
        "INDEXED BY run_ready WHERE state = 0 AND kind = 'none' AND label = '' AND run_at <= ?1 "
        "ORDER BY run_at, id LIMIT ?2");
    sqlite3_stmt* const claim_ = db_.prepared(claim_of(claimed_at_once_).c_str());
    sqlite3_stmt* const end_ = db_.prepared("UPDATE run SET state = 2, ended_at = ?2 WHERE id = ?1 "
                                            "AND state = 1 AND fence = ?3 AND claim = ?4");
    sqlite3_stmt* const fences_ =
        db_.prepared("UPDATE counter SET value = ?1 WHERE name = 'fence'");
};

/// Has a thread of its own do something, and sleeps until it is done: what it costs at least that
/// a loop does not wait for a disk.
class other_thread {
public:
    other_thread() : thread_([this] { work(); }) {}
    other_thread(const other_thread&) = delete;
    other_thread& operator=(const other_thread&) = delete;
    ~other_thread() {
        give(nullptr);
        thread_.join();
    }
    void call(const std::function<void()>& what) {
        give(&what);
        std::unique_lock lock(mutex_);
        is_done_.wait(lock, [&] { return !has_some_; });
    }

private:
    void give(const std::function<void()>* what) {
        {
            const std::lock_guard lock(mutex_);
            what_ = what;
            has_some_ = true;
        }
        is_given_.notify_one();
    }
    void work() {
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                is_given_.wait(lock, [&] { return has_some_; });
            }
            if (!what_) return;
            (*what_)();
            {
                const std::lock_guard lock(mutex_);
                has_some_ = false;
            }
            is_done_.notify_one();
        }
    }

    std::mutex mutex_;
    std::condition_variable is_given_, is_done_;
    const std::function<void()>* what_ = nullptr;
    bool has_some_ = false;
    std::thread thread_;
};

template <class Call>
void bare_runs(const point& at, std::size_t claimed_at_once, Call call) {
    unpin();
    const folder here;
    const long n = runs_of(at);
    cicada::run(make_store(here.url(), n));
    bare_worker worker(here.file(), n, at.n, claimed_at_once);
    std::vector<bare_worker::claimed_run> claimed;
    long done = 0;
    const auto from = elapsed_ns();
    do {
        done += static_cast<long>(claimed.size());
        call([&] { claimed = worker.go_on(claimed); });
    } while (!claimed.empty());
    if (done != n) std::exit(EXIT_FAILURE);
    const double took = static_cast<double>(elapsed_ns() - from) * 1e-9;
    std::filesystem::remove_all(std::filesystem::path(here.file()).parent_path());
    report({{"runs/s", static_cast<double>(n) / took}});
}

void limit_runs(const point& at) {
    bare_runs(at, 1, [](const std::function<void()>& what) { what(); });
}

void limit_runs_of_16(const point& at) {
    bare_runs(at, 16, [](const std::function<void()>& what) { what(); });
}

void limit_runs_of_thread(const point& at) {
    other_thread writer;
    bare_runs(at, 1, [&](const std::function<void()>& what) { writer.call(what); });
}

cicada::task<> drain(std::string url, long n, std::size_t in_flight, double& runs_per_second) {
    cicada::job_store store = co_await cicada::open_store(url);
    co_await submit_all(store, n);
    cicada::worker worker(store, {.most = in_flight});
    cicada::event all_have_run;
    long ran = 0;
    worker.handle("none", [&](cicada::job_run) {
        if (++ran == n) all_have_run.set();
    });
    const auto from = elapsed_ns();
    auto running = cicada::spawn(worker.run());
    co_await all_have_run.wait();
    co_await running.cancel(); // what has ended is written
    runs_per_second = static_cast<double>(n) / (static_cast<double>(elapsed_ns() - from) * 1e-9);
}

void cicada_runs(const point& at) {
    unpin();
    double runs_per_second = 0;
    {
        const folder here;
        cicada::run(
            drain(here.url(), runs_of(at), static_cast<std::size_t>(at.n), runs_per_second));
    }
    report({{"runs/s", runs_per_second}});
}

/// BullMQ, of npm, on a Redis of its own: see bullmq.mjs.
void bullmq(const point& at) {
    unpin();
    const std::string command =
        "node \"$CICADA_BENCH_BULLMQ\" " + std::to_string(at.n) + ' ' + std::to_string(runs_of(at));
    double runs_per_second = 0;
    FILE* out = popen(command.c_str(), "r");
    if (!out || std::fscanf(out, "%lf", &runs_per_second) != 1) std::exit(EXIT_FAILURE);
    report({{"runs/s", runs_per_second}});
}

std::vector<contender> with_bullmq(std::vector<contender> ours) {
    if (std::getenv("CICADA_BENCH_BULLMQ")) ours.push_back({"BullMQ", bullmq});
    return ours;
}

// ---- J2 -----------------------------------------------------------------------------------------

/// A row of a job changes, and one of a run is new.
void limit_lateness(const point& at) {
    unpin();
    const folder here;
    cicada::run(make_store(here.url(), 0));
    bare_database db(here.file());
    db.run("CREATE TABLE job_row (id INTEGER PRIMARY KEY, revision INTEGER, progress TEXT);"
           "CREATE TABLE run_row (id INTEGER PRIMARY KEY, job INTEGER, nominal INTEGER, text TEXT);"
           "INSERT INTO job_row (id, revision, progress) VALUES (1, 1, '')");
    sqlite3_stmt* const job =
        db.prepared("UPDATE job_row SET revision = revision + 1, progress = ?1 WHERE id = 1");
    sqlite3_stmt* const run =
        db.prepared("INSERT INTO run_row (job, nominal, text) VALUES (1, ?1, ?2)");
    const std::string text(80, 'x');
    lateness all;
    const std::int64_t begin = wall_ns() + 100'000'000;
    const std::int64_t distance = 1'000'000'000 / at.n;
    for (std::int64_t instant = begin; instant < begin + watched().count(); instant += distance) {
        const timespec until{instant / 1'000'000'000, instant % 1'000'000'000};
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr);
        db.run("BEGIN IMMEDIATE");
        sqlite3_bind_text(job, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        db.step(job);
        sqlite3_bind_int64(run, 1, instant);
        sqlite3_bind_text(run, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        db.step(run);
        db.run("COMMIT");
        all.add(wall_ns() - instant);
    }
    std::filesystem::remove_all(std::filesystem::path(here.file()).parent_path());
    all.report_it();
}

cicada::task<> be_late(std::string url, long n, lateness& all) {
    cicada::job_store store = co_await cicada::open_store(url);
    const cicada::wall_time from = cicada::wall_now() + 500ms;
    co_await store.apply("bench", jobs_each_second(n, from));
    cicada::worker worker(store);
    worker.handle("none", [&](cicada::job_run run) {
        if (run.nominal() >= from + 2s)
            all.add(wall_ns() - run.nominal().time_since_epoch().count());
    });
    auto running = cicada::spawn(worker.run());
    co_await cicada::sleep(watched() + 2500ms);
    co_await running.cancel();
}

void cicada_lateness(const point& at) {
    unpin();
    lateness all;
    {
        const folder here;
        cicada::run(be_late(here.url(), at.n, all));
    }
    all.report_it();
}

// ---- J3 -----------------------------------------------------------------------------------------

/// `n` jobs, of which 1,000 run once a second, and the rest in a year.
cicada::task<> fill(cicada::job_store store, long n, cicada::wall_time from) {
    co_await store.apply("busy", jobs_each_second(1000, from));
    constexpr long many = 10'000;
    for (long i = 1000; i < n; i += many) {
        std::vector<cicada::job> idle;
        for (long k = i; k < std::min(i + many, n); ++k)
            idle.push_back({.name = "idle " + std::to_string(k),
                            .when = cicada::interval(1h),
                            .kind = "none",
                            .first = from + 24h * 365});
        co_await store.apply("idle " + std::to_string(i), std::move(idle));
    }
}

struct stored_jobs {
    double open_ms = 0, us_each = 0, mib = 0;
};

cicada::task<> fill_store(std::string url, long n) {
    cicada::job_store store = co_await cicada::open_store(url);
    co_await fill(store, n, cicada::wall_now());
}

cicada::task<> run_stored(std::string url, stored_jobs& made) {
    const auto resident = resident_bytes();
    const auto opened = elapsed_ns();
    cicada::job_store store = co_await cicada::open_store(url);
    cicada::worker worker(store);
    cicada::event has_begun;
    long ticks = 0;
    worker.handle("none", [&](cicada::job_run) {
        ++ticks;
        has_begun.set();
    });
    auto running = cicada::spawn(worker.run());
    co_await has_begun.wait();
    made.open_ms = static_cast<double>(elapsed_ns() - opened) * 1e-6;
    co_await cicada::sleep(2s);
    const std::int64_t cpu = cpu_ns();
    const long before = ticks;
    co_await cicada::sleep(watched());
    made.us_each = static_cast<double>(cpu_ns() - cpu) * 1e-3 / static_cast<double>(ticks - before);
    made.mib = static_cast<double>(resident_bytes() - resident) / (1 << 20);
    co_await running.cancel();
}

void cicada_stored(const point& at) {
    unpin();
    stored_jobs made;
    double bytes = 0;
    {
        const folder here;
        // In a process of its own, whose memory does not count.
        const pid_t child = fork();
        if (child == 0) {
            cicada::run(fill_store(here.url(), at.n));
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (status != 0) std::exit(EXIT_FAILURE);
        bytes = static_cast<double>(std::filesystem::file_size(here.file())) /
                static_cast<double>(at.n);
        cicada::run(run_stored(here.url(), made));
    }
    report({{"CPU us a tick", made.us_each},
            {"open ms", made.open_ms},
            {"bytes a job", bytes},
            {"RSS MiB", made.mib}});
}

const question j1{{.id = "J1",
                   .asks = "claim and end runs of SQLite, durably, N in flight",
                   .unit = "runs/s",
                   .goal = ">= 0.8 x the limit",
                   .better = better_is::higher,
                   .points = {{.label = "N=1", .n = 1},
                              {.label = "N=8", .n = 8},
                              {.label = "N=64", .n = 64},
                              {.label = "batch 100", .n = 100}},
                   .contenders = with_bullmq({{"limit", limit_runs},
                                              {"limit thread", limit_runs_of_thread},
                                              {"limit 16", limit_runs_of_16},
                                              {"cicada", cicada_runs}})}};

const question j2{{.id = "J2",
                   .asks = "how late a run of a job starts, with its commit",
                   .unit = "us late, p99",
                   .goal = "<= 5,000 when idle",
                   .points = {{.label = "100/s", .n = 100}, {.label = "1,000/s", .n = 1000}},
                   .contenders = {{"limit", limit_lateness}, {"cicada", cicada_lateness}}}};

const question j3{{.id = "J3",
                   .asks = "a tick of one of 1,000 jobs a second, among N that are stored",
                   .unit = "CPU us a tick",
                   .goal = "1e6 within 1.5 x of 1e3",
                   .points = {{.label = "N=1e3", .n = 1'000},
                              {.label = "N=1e5", .n = 100'000},
                              {.label = "N=1e6", .n = 1'000'000, .full_only = true}},
                   .contenders = {{"cicada", cicada_stored}}}};

} // namespace
