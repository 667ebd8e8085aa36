// P1: how many runs a second does a store of PostgreSQL take through the public API, with history,
// by N workers, each a process: of what was submitted (queue), and of jobs that are due (tick)?
//
// The limit is a bare libpq program with the same tables, indexes and checks, and a connection for
// each worker: of the queue it claims 100 and ends them, a prepared statement and a commit each;
// "limit pipelined" ends 100 and claims the next in one transaction, sent at once. Of ticks it
// moves 100 jobs on, which it is given, and inserts their runs, and ends those; "limit reads" asks
// which they are, and for their definitions.
//
// P2: how late does a run of a job start, the commit before it included? P2.nodes: and when 10^4
// jobs are due in one second, on three nodes? The limit of P2 sleeps until the instant, and fires
// as that of P1 does.
//
// P3: how late is a run claimed, at 1,000 a second, and while somebody beside it leaves a
// transaction open (CICADA_BENCH_SECONDS: for so long), so that nothing can be vacuumed?
//
// The server is that of CICADA_BENCH_POSTGRES, which bench/run starts.
#include "durable.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <dirent.h>
#include <libpq-fe.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace bench;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "PostgreSQL: %s\n", why.c_str());
    std::_Exit(EXIT_FAILURE);
}

// ---- a bare libpq program -----------------------------------------------------------------------

/// What a statement is given, in the binary format: numbers, and arrays of them.
class values {
public:
    values& add(std::int64_t one) {
        begin(20);
        put(static_cast<std::uint64_t>(one), 8);
        return end();
    }
    values& add(const std::vector<std::int64_t>& all) {
        begin(1016);
        for (const std::uint64_t head : {std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{20}})
            put(head, 4);
        put(all.size(), 4);
        put(1, 4);
        for (const std::int64_t one : all) {
            put(8, 4);
            put(static_cast<std::uint64_t>(one), 8);
        }
        return end();
    }

private:
    friend class connection;
    void begin(unsigned type) {
        types_.push_back(type);
        starts_.push_back(data_.size());
    }
    values& end() {
        sizes_.push_back(static_cast<int>(data_.size() - starts_.back()));
        return *this;
    }
    void put(std::uint64_t number, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) data_ += static_cast<char>(number >> (8 * i));
    }
    std::vector<const char*> pointers() const {
        std::vector<const char*> all;
        for (const std::size_t start : starts_) all.push_back(data_.data() + start);
        return all;
    }

    std::string data_;
    std::vector<unsigned> types_;
    std::vector<std::size_t> starts_;
    std::vector<int> sizes_;
};

class rows {
public:
    explicit rows(PGresult* of) : of_(of) {}
    rows(const rows&) = delete;
    rows& operator=(const rows&) = delete;
    ~rows() { PQclear(of_); }
    int size() const { return PQntuples(of_); }
    std::int64_t number(int row, int column) const {
        const char* const at = PQgetvalue(of_, row, column);
        if (PQfformat(of_, column) == 0) return std::atoll(at);
        std::uint64_t made = 0;
        for (int i = 0; i < PQgetlength(of_, row, column); ++i)
            made = made << 8 | static_cast<unsigned char>(at[i]);
        return static_cast<std::int64_t>(made);
    }

private:
    PGresult* of_;
};

class connection {
public:
    explicit connection(const std::string& url) : to_(PQconnectdb(url.c_str())) {
        if (PQstatus(to_) != CONNECTION_OK) fail(PQerrorMessage(to_));
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { PQfinish(to_); }

    rows run(const std::string& sql) { return rows(checked(PQexec(to_, sql.c_str()))); }
    void prepare(const char* name, const char* sql, const std::vector<unsigned>& types) {
        PQclear(checked(PQprepare(to_, name, sql, static_cast<int>(types.size()), types.data())));
    }
    rows run(const char* prepared, const values& with) {
        const std::vector<int> binary(with.sizes_.size(), 1);
        return rows(
            checked(PQexecPrepared(to_, prepared, static_cast<int>(binary.size()),
                                   with.pointers().data(), with.sizes_.data(), binary.data(), 1)));
    }

    // Several at once: their answers come in the order in which they were sent.
    void begin_pipeline() { PQenterPipelineMode(to_); }
    void send(const char* prepared, const values& with) {
        const std::vector<int> binary(with.sizes_.size(), 1);
        if (PQsendQueryPrepared(to_, prepared, static_cast<int>(binary.size()),
                                with.pointers().data(), with.sizes_.data(), binary.data(), 1) == 0)
            fail(PQerrorMessage(to_));
    }
    void sync() { PQpipelineSync(to_); }
    rows answer() {
        PGresult* const one = checked(PQgetResult(to_));
        if (PQresultStatus(one) != PGRES_PIPELINE_SYNC) PQgetResult(to_); // none: it is over
        return rows(one);
    }

private:
    PGresult* checked(PGresult* one) {
        const ExecStatusType status = PQresultStatus(one);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
            status != PGRES_PIPELINE_SYNC)
            fail(PQerrorMessage(to_));
        return one;
    }
    PGconn* to_;
};

// ---- the server ---------------------------------------------------------------------------------

std::string server() {
    const char* const url = std::getenv("CICADA_BENCH_POSTGRES");
    if (!url) fail("CICADA_BENCH_POSTGRES is not set: see bench/run");
    return url;
}

/// With a store in it. It goes with its owner.
class database {
public:
    database() : name_("bench_" + std::to_string(getpid())) {
        connection(server() + "postgres").run("CREATE DATABASE " + name_);
        // In a process of its own: those that are forked later have no threads of it.
        in_child([this] {
            cicada::run([](std::string where) -> cicada::task<> {
                co_await cicada::open_store(where);
            }(url()));
        });
    }
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database() {
        connection(server() + "postgres").run("DROP DATABASE " + name_ + " WITH (FORCE)");
    }
    std::string url() const { return server() + name_; }

    static void in_child(const std::function<void()>& what) {
        const pid_t child = fork();
        if (child == 0) {
            what();
            std::_Exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (status != 0) fail("a process has failed");
    }

private:
    const std::string name_;
};

struct process {
    long parent = 0;
    double cpu_us = 0, with_children_us = 0;
};

process process_of(long id) {
    std::ifstream in("/proc/" + std::to_string(id) + "/stat");
    std::string text;
    std::getline(in, text);
    const std::size_t at = text.rfind(')');
    if (at == std::string::npos) return {};
    process made;
    char state = 0;
    unsigned long user = 0, system = 0;
    long children_user = 0, children_system = 0;
    std::sscanf(text.c_str() + at + 1,
                " %c %ld %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu %ld %ld", &state, &made.parent,
                &user, &system, &children_user, &children_system);
    const double us = 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
    made.cpu_us = static_cast<double>(user + system) * us;
    made.with_children_us = made.cpu_us + static_cast<double>(children_user + children_system) * us;
    return made;
}

/// CPU of all of its processes so far, also of those that are gone.
class server_cpu {
public:
    explicit server_cpu(connection& in)
        : id_(process_of(in.run("SELECT pg_backend_pid()").number(0, 0)).parent) {}
    double us() const {
        double sum = process_of(id_).with_children_us;
        DIR* const all = opendir("/proc");
        while (const dirent* one = readdir(all)) {
            const long id = std::atol(one->d_name);
            if (id <= 0) continue;
            const process is = process_of(id);
            if (is.parent == id_) sum += is.cpu_us;
        }
        closedir(all);
        return sum;
    }

private:
    long id_;
};

// ---- P1 -----------------------------------------------------------------------------------------

/// What the processes of a measurement share.
struct shared {
    std::atomic<long> are_ready, may_go, ran, are_over, cpu_ns;
};

/// `work(shared, which)` in so many processes: it opens what it needs, calls begin() and end().
struct workers {
    using body = std::function<void(shared&, long)>;

    static void begin(shared& all) {
        ++all.are_ready;
        while (all.may_go == 0) usleep(200);
        all.cpu_ns -= cpu_ns();
    }
    static void end(shared& all) {
        all.cpu_ns += cpu_ns();
        ++all.are_over;
    }
};

std::int64_t wal_at(connection& in) {
    return in.run("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").number(0, 0);
}

/// Reports runs a second, and what each costs.
[[noreturn]] void runs_of(std::optional<database>& in, long many, long runs,
                          const workers::body& work) {
    auto* const all = static_cast<shared*>(
        mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    std::vector<pid_t> children;
    for (long i = 0; i < many; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            work(*all, i);
            std::_Exit(0);
        }
        children.push_back(child);
    }
    double took = 0, servers_us = 0, wal = 0;
    {
        connection watch(in->url());
        const server_cpu cpu(watch);
        while (all->are_ready < many) {
            usleep(1000);
            if (waitpid(-1, nullptr, WNOHANG) > 0) fail("a worker has failed");
        }
        watch.run("CHECKPOINT");
        const double cpu_before = cpu.us();
        const std::int64_t wal_before = wal_at(watch);
        const std::int64_t from = elapsed_ns();
        all->may_go = 1;
        while (all->are_over < many) {
            usleep(2000);
            int status = 0;
            if (waitpid(-1, &status, WNOHANG) > 0 && status != 0) fail("a worker has failed");
        }
        took = static_cast<double>(elapsed_ns() - from) * 1e-9;
        servers_us = cpu.us() - cpu_before;
        wal = static_cast<double>(wal_at(watch) - wal_before);
        const std::int64_t ended =
            watch.run("SELECT count(*) FROM cicada.run WHERE state = 2").number(0, 0);
        if (ended != runs)
            fail(std::to_string(ended) + " of " + std::to_string(runs) + " have ended");
    }
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    in.reset();
    const auto n = static_cast<double>(runs);
    report({{"runs/s", n / took},
            {"client us", static_cast<double>(all->cpu_ns) * 1e-3 / n},
            {"server us", servers_us / n},
            {"WAL bytes", wal / n}});
}

constexpr std::size_t at_once = 100;
long how_many() {
    if (const char* const runs = std::getenv("CICADA_BENCH_RUNS")) return std::atol(runs);
    return quick() ? 20'000 : 100'000;
}

/// As if so many had been submitted.
void submit(database& in, long runs) {
    connection to(in.url());
    to.run("INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal, epoch, "
           "number, missed, attempt, lost, fence, claim, node, last_node, run_at, began_at, "
           "kind, label, key, policy, reason, log, report, arguments) "
           "SELECT nextval('cicada.run_id'), NULL, 4, 0, false, t.now, 0, 0, 0, 1, 0, "
           "nextval('cicada.fence'), 0, NULL, NULL, t.now, t.now, 'none', '', '', '', '', '', "
           "'', '{\"to\": \"me@example.org\"}' "
           "FROM generate_series(1, " +
           std::to_string(runs) +
           "), (SELECT (extract(epoch FROM now()) * 1000000)::bigint * 1000 AS now) AS t");
    to.run("VACUUM ANALYZE cicada.run");
}

/// Jobs that are due once, one after the other from a while from now on, and not again within the
/// hour.
cicada::task<> apply_some(std::string url, long n, nanoseconds in = 100ms,
                          nanoseconds apart = 0ns) {
    cicada::job_store store = co_await cicada::open_store(url);
    const cicada::wall_time from = cicada::wall_now() + in;
    constexpr long many = 5'000;
    for (long i = 0; i < n; i += many) {
        std::vector<cicada::job> some;
        for (long k = i; k < std::min(i + many, n); ++k)
            some.push_back({.name = "job " + std::to_string(k),
                            .when = cicada::interval(10h),
                            .kind = "none",
                            .first = from + k * apart});
        co_await store.apply("bench " + std::to_string(i), std::move(some));
    }
}

class bare_worker {
public:
    explicit bare_worker(const std::string& url) : in_(url) {
        for (const char* const off : {"seqscan", "hashjoin", "mergejoin", "bitmapscan"})
            in_.run(std::string("SET enable_") + off + " = off");
        in_.run("SET jit = off; SET plan_cache_mode = force_generic_plan");
        me_ =
            in_.run("INSERT INTO cicada.node (name, state, lease_until, entered_at, kinds, "
                    "labels) VALUES ('bare', 0, " +
                    std::to_string(wall_ns() + 3'600'000'000'000) + ", 0, '{}', '{}') RETURNING id")
                .number(0, 0);
        in_.prepare("claim",
                    "WITH me AS MATERIALIZED ("
                    "    SELECT n.id FROM cicada.node AS n"
                    "    WHERE n.id = $1 AND n.state = 0 AND n.lease_until > $2 FOR KEY SHARE), "
                    "free AS MATERIALIZED ("
                    "    SELECT r.id FROM me, cicada.run AS r"
                    "    WHERE r.state = 0 AND r.kind = 'none' AND r.label = '' AND r.run_at <= $2"
                    "    ORDER BY r.run_at, r.id LIMIT $3 FOR NO KEY UPDATE OF r SKIP LOCKED) "
                    "UPDATE cicada.run AS r SET state = 1, claim = $4, node = $1, last_node = $1,"
                    "       began_at = $2, started_at = $2, fence = nextval('cicada.fence') "
                    "FROM free WHERE r.id = free.id "
                    "RETURNING r.id, r.fence, r.kind, r.nominal, r.attempt, r.arguments, r.key",
                    {20, 20, 20, 20});
        in_.prepare("end",
                    "UPDATE cicada.run AS r SET state = 2, ended_at = $4 "
                    "FROM unnest($1, $2) AS v (id, fence) "
                    "WHERE r.id = v.id AND r.fence = v.fence AND r.state + 0 = 1 AND r.claim = $3 "
                    "RETURNING r.id",
                    {1016, 1016, 20, 20});
        in_.prepare("fire",
                    "WITH me AS MATERIALIZED ("
                    "    SELECT n.id FROM cicada.node AS n"
                    "    WHERE n.id = $1 AND n.state = 0 AND n.lease_until > $2 FOR KEY SHARE), "
                    "moved AS ("
                    "    UPDATE cicada.job AS j SET revision = j.revision + 1, decided = v.at,"
                    "           wake_at = v.next"
                    "    FROM me, unnest($4, $5, $6, $7) AS v (id, revision, at, next)"
                    "    WHERE j.id = v.id AND j.revision = v.revision RETURNING j.id, v.at) "
                    "INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal,"
                    "       epoch, number, missed, attempt, lost, fence, claim, node, last_node,"
                    "       run_at, began_at, started_at, kind, label, key, policy, reason, log,"
                    "       report, arguments) "
                    "SELECT nextval('cicada.run_id'), m.id, 0, 1, false, m.at, 0, 1, 0, 1, 0,"
                    "       nextval('cicada.fence'), $3, $1, $1, m.at, $2, $2, 'none', '', '', '',"
                    "       '', '', '', '{}' "
                    "FROM moved AS m ON CONFLICT DO NOTHING RETURNING id, fence",
                    {20, 20, 20, 1016, 1016, 1016, 1016});
        in_.prepare("due",
                    "SELECT j.id, j.revision, j.wake_at,"
                    "       (SELECT e.definition FROM cicada.edit AS e WHERE e.id = j.edit) "
                    "FROM cicada.job AS j WHERE j.wake_at <= $1 AND j.id % $2 = $3 "
                    "ORDER BY j.wake_at, j.id LIMIT $4",
                    {20, 20, 20, 20});
        in_.prepare("begin", "BEGIN", {});
        in_.prepare("commit", "COMMIT", {});
    }
    connection& in() { return in_; }

    struct claimed {
        std::vector<std::int64_t> ids, fences;
    };
    static claimed those_of(const rows& all) {
        claimed made;
        for (int i = 0; i < all.size(); ++i) {
            made.ids.push_back(all.number(i, 0));
            made.fences.push_back(all.number(i, 1));
        }
        return made;
    }
    values to_claim(std::size_t most) const {
        return values().add(me_).add(wall_ns()).add(static_cast<std::int64_t>(most)).add(claim_id);
    }
    values to_end(const claimed& those) const {
        return values().add(those.ids).add(those.fences).add(claim_id).add(wall_ns());
    }
    values to_fire(const std::vector<std::int64_t>& jobs,
                   const std::vector<std::int64_t>& revisions, std::int64_t at) const {
        return values()
            .add(me_)
            .add(wall_ns())
            .add(claim_id)
            .add(jobs)
            .add(revisions)
            .add(std::vector<std::int64_t>(jobs.size(), at))
            .add(std::vector<std::int64_t>(jobs.size(), at + 36'000'000'000'000));
    }

private:
    static constexpr std::int64_t claim_id = 77;
    connection in_;
    std::int64_t me_ = 0;
};

void limit_queue(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    submit(*in, how_many());
    runs_of(in, at.n, how_many(), [&](shared& all, long) {
        bare_worker one(in->url());
        workers::begin(all);
        for (;;) {
            const auto those = bare_worker::those_of(one.in().run("claim", one.to_claim(at_once)));
            if (those.ids.empty()) break;
            one.in().run("end", one.to_end(those));
        }
        workers::end(all);
    });
}

template <std::size_t Most>
void limit_queue_pipelined(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    submit(*in, how_many());
    runs_of(in, at.n, how_many(), [&](shared& all, long) {
        bare_worker one(in->url());
        one.in().begin_pipeline();
        workers::begin(all);
        bare_worker::claimed those;
        do {
            one.in().send("begin", {});
            one.in().send("end", one.to_end(those));
            one.in().send("claim", one.to_claim(Most));
            one.in().send("commit", {});
            one.in().sync();
            one.in().answer();
            one.in().answer();
            those = bare_worker::those_of(one.in().answer());
            one.in().answer();
            one.in().answer();
        } while (!those.ids.empty());
        workers::end(all);
    });
}

/// `work(shared, which, url, ticks)` by each worker, of jobs that are due.
template <class F>
void ticks_of(const point& at, F work) {
    unpin();
    std::optional<database> in(std::in_place);
    const long n = how_many() / 2;
    database::in_child([&] { cicada::run(apply_some(in->url(), n)); });
    connection(in->url()).run("VACUUM ANALYZE cicada.job");
    runs_of(in, at.n, n, [&](shared& all, long which) { work(all, which, in->url(), n); });
}

template <std::size_t Most>
void limit_tick(const point& at) {
    ticks_of(at, [&](shared& all, long which, const std::string& url, long) {
        bare_worker one(url);
        std::vector<std::int64_t> ids;
        const rows mine =
            one.in().run("SELECT id FROM cicada.job WHERE id % " + std::to_string(at.n) + " = " +
                         std::to_string(which) + " ORDER BY id");
        for (int i = 0; i < mine.size(); ++i) ids.push_back(mine.number(i, 0));
        workers::begin(all);
        for (std::size_t from = 0; from < ids.size(); from += Most) {
            const std::vector<std::int64_t> some(
                ids.begin() + static_cast<long>(from),
                ids.begin() + static_cast<long>(std::min(from + Most, ids.size())));
            const std::vector<std::int64_t> revisions(some.size(), 1);
            const auto those = bare_worker::those_of(
                one.in().run("fire", one.to_fire(some, revisions, wall_ns())));
            one.in().run("end", one.to_end(those));
        }
        workers::end(all);
    });
}

void limit_tick_reading(const point& at) {
    ticks_of(at, [&](shared& all, long which, const std::string& url, long) {
        bare_worker one(url);
        workers::begin(all);
        for (;;) {
            std::vector<std::int64_t> ids, revisions;
            const rows due = one.in().run(
                "due", values().add(wall_ns()).add(at.n).add(which).add(std::int64_t{at_once}));
            for (int i = 0; i < due.size(); ++i) {
                ids.push_back(due.number(i, 0));
                revisions.push_back(due.number(i, 1));
            }
            if (ids.empty()) break;
            const auto those =
                bare_worker::those_of(one.in().run("fire", one.to_fire(ids, revisions, wall_ns())));
            one.in().run("end", one.to_end(those));
        }
        workers::end(all);
    });
}

cicada::task<> work(std::string url, std::size_t most, long runs, shared& all) {
    cicada::job_store store = co_await cicada::open_store(url);
    cicada::worker worker(store, {.most = most});
    cicada::event is_over;
    worker.handle("none", [&](cicada::job_run) {
        if (++all.ran >= runs) is_over.set();
    });
    workers::begin(all);
    auto running = cicada::spawn(worker.run());
    while (all.ran < runs) { // another process may see that first
        try {
            co_await cicada::with_timeout(20ms, is_over.wait());
        } catch (const cicada::timeout_error&) {
        }
    }
    co_await running.cancel(); // what has ended is written
    workers::end(all);
}

template <std::size_t Most>
void cicada_queue(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    submit(*in, how_many());
    runs_of(in, at.n, how_many(),
            [&](shared& all, long) { cicada::run(work(in->url(), Most, how_many(), all)); });
}

template <std::size_t Most>
void cicada_tick(const point& at) {
    ticks_of(at, [](shared& all, long, const std::string& url, long n) {
        cicada::run(work(url, Most, n, all));
    });
}

/// Tuned, as their users would: see postgres_peers.mjs.
template <const auto& Which>
void peer(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    const char* const program = std::getenv("CICADA_BENCH_POSTGRES_PEERS");
    const std::string command = std::string(program) + ' ' + Which + " '" + in->url() + "' " +
                                std::to_string(at.n) + ' ' + std::to_string(how_many());
    double runs_per_second = 0;
    FILE* const out = popen(command.c_str(), "r");
    if (!out || std::fscanf(out, "%lf", &runs_per_second) != 1) fail("no answer of a peer");
    pclose(out);
    in.reset();
    report({{"runs/s", runs_per_second}});
}

constexpr char graphile_worker[] = "graphile-worker";
constexpr char pg_boss[] = "pg-boss";

std::vector<contender> with_peers(std::vector<contender> ours) {
    if (std::getenv("CICADA_BENCH_POSTGRES_PEERS")) {
        ours.push_back({graphile_worker, peer<graphile_worker>});
        ours.push_back({pg_boss, peer<pg_boss>});
    }
    return ours;
}

// ---- P2, P3 -------------------------------------------------------------------------------------

void limit_lateness(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    database::in_child([&] { cicada::run(apply_some(in->url(), at.n)); });
    lateness all;
    {
        bare_worker one(in->url());
        std::vector<std::int64_t> ids;
        const rows jobs = one.in().run("SELECT id FROM cicada.job ORDER BY id");
        for (int i = 0; i < jobs.size(); ++i) ids.push_back(jobs.number(i, 0));
        std::vector<std::int64_t> revisions(ids.size(), 1);
        const std::int64_t begin = wall_ns() + 100'000'000;
        const std::int64_t distance = 1'000'000'000 / at.n;
        for (std::int64_t k = 0; k < at.n * watched() / 1s;) {
            const std::int64_t instant = begin + k * distance;
            const timespec until{instant / 1'000'000'000, instant % 1'000'000'000};
            clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr);
            const std::int64_t first = k;
            std::vector<std::int64_t> some, expected;
            for (; begin + k * distance <= wall_ns() && some.size() < 500; ++k) {
                if (!some.empty() && k % at.n == 0) break; // it has been there in this batch
                const auto which = static_cast<std::size_t>(k % at.n);
                some.push_back(ids[which]);
                expected.push_back(revisions[which]++);
            }
            const auto those =
                bare_worker::those_of(one.in().run("fire", one.to_fire(some, expected, instant)));
            for (std::int64_t i = first; i < k; ++i) all.add(wall_ns() - (begin + i * distance));
            one.in().run("end", one.to_end(those));
        }
    }
    in.reset();
    all.report_it();
}

cicada::task<> apply_each_second(std::string url, long n) {
    cicada::job_store store = co_await cicada::open_store(url);
    co_await store.apply("bench", jobs_each_second(n, cicada::wall_now()));
}

cicada::task<> be_late(std::string url, lateness& all) {
    cicada::job_store store = co_await cicada::open_store(url);
    cicada::worker worker(store, {.most = 1000});
    const cicada::wall_time from = cicada::wall_now() + 3s;
    worker.handle("none", [&](cicada::job_run run) {
        if (run.nominal() >= from) all.add(wall_ns() - run.nominal().time_since_epoch().count());
    });
    auto running = cicada::spawn(worker.run());
    co_await cicada::sleep(watched() + 3s);
    co_await running.cancel();
}

void cicada_lateness(const point& at) {
    unpin();
    std::optional<database> in(std::in_place);
    database::in_child([&] { cicada::run(apply_each_second(in->url(), at.n)); });
    lateness all;
    cicada::run(be_late(in->url(), all));
    in.reset();
    all.report_it();
}

/// One of some nodes, for as long as it takes; what it has run it tells its parent.
cicada::task<> be_one_of(std::string url, long runs, shared& all, std::int64_t* late) {
    cicada::job_store store = co_await cicada::open_store(url);
    cicada::worker worker(store, {.most = 1000});
    worker.handle("none", [&](cicada::job_run run) {
        const long place = all.ran++;
        if (place < runs) late[place] = wall_ns() - run.nominal().time_since_epoch().count();
    });
    auto running = cicada::spawn(worker.run());
    while (all.ran < runs) co_await cicada::sleep(5ms);
    co_await cicada::sleep(200ms); // what comes now would be too much
    co_await running.cancel();
}

/// As many as fall into one second, of which each is due once.
void cicada_nodes(const point& at) {
    unpin();
    constexpr long runs = 10'000;
    std::optional<database> in(std::in_place);
    const auto size = sizeof(shared) + runs * sizeof(std::int64_t);
    auto* const all = static_cast<shared*>(
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    auto* const late = reinterpret_cast<std::int64_t*>(all + 1);
    database::in_child(
        [&] { cicada::run(apply_some(in->url(), runs, 8s, nanoseconds(1s) / runs)); });
    std::vector<pid_t> children;
    for (long i = 0; i < at.n; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            cicada::run(be_one_of(in->url(), runs, *all, late));
            std::_Exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) waitpid(child, nullptr, 0);
    std::int64_t recorded = 0;
    {
        connection to(in->url());
        recorded =
            to.run("SELECT count(DISTINCT job) FROM cicada.run WHERE state = 2").number(0, 0);
        if (recorded != runs || all->ran != runs ||
            to.run("SELECT count(*) FROM cicada.run").number(0, 0) != runs)
            fail("not all are recorded, or some twice");
    }
    in.reset();
    lateness seen;
    for (long i = 0; i < runs; ++i) seen.add(late[i]);
    seen.report_it();
}

// ---- P3 -----------------------------------------------------------------------------------------

long for_seconds() {
    if (const char* const seconds = std::getenv("CICADA_BENCH_SECONDS")) return std::atol(seconds);
    return quick() ? 30 : 600;
}

/// 1,000 a second, each to be run two seconds later.
void feed(const std::string& url, long seconds) {
    connection to(url);
    to.prepare("feed",
               "INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal, epoch, "
               "number, missed, attempt, lost, fence, claim, node, last_node, run_at, began_at, "
               "kind, label, key, policy, reason, log, report, arguments) "
               "SELECT nextval('cicada.run_id'), NULL, 4, 0, false, v.at, 0, 0, 0, 1, 0, "
               "nextval('cicada.fence'), 0, NULL, NULL, v.at, v.at, 'none', '', '', '', '', '', "
               "'', '{}' FROM generate_series($1, $1 + 99000000, 1000000) AS v (at)",
               {20});
    const std::int64_t begin = wall_ns();
    for (std::int64_t k = 0; k < seconds * 10; ++k) {
        const std::int64_t instant = begin + k * 100'000'000;
        const timespec until{instant / 1'000'000'000, instant % 1'000'000'000};
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, nullptr);
        to.run("feed", values().add(instant + 2'000'000'000));
    }
}

cicada::task<> claim_in_time(std::string url, lateness& all, long seconds) {
    cicada::job_store store = co_await cicada::open_store(url);
    cicada::worker worker(store);
    worker.handle("none", [&](cicada::job_run run) {
        all.add(wall_ns() - run.nominal().time_since_epoch().count());
    });
    auto running = cicada::spawn(worker.run());
    co_await cicada::sleep(std::chrono::seconds(seconds + 3));
    co_await running.cancel();
}

enum class holder { none, here, elsewhere };

template <holder Where>
void cicada_held(const point&) {
    unpin();
    const long seconds = for_seconds();
    alarm(static_cast<unsigned>(seconds + 120));
    std::optional<database> in(std::in_place);
    lateness all;
    {
        std::optional<connection> holds;
        if (Where != holder::none) {
            holds.emplace(Where == holder::here ? in->url() : server() + "postgres");
            holds->run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current()");
        }
        const pid_t feeds = fork();
        if (feeds == 0) {
            feed(in->url(), seconds);
            std::_Exit(0);
        }
        cicada::run(claim_in_time(in->url(), all, seconds));
        waitpid(feeds, nullptr, 0);
    }
    in.reset();
    // The last third: by then there is what could not be vacuumed.
    all.us.erase(all.us.begin(),
                 all.us.begin() + static_cast<std::ptrdiff_t>(all.us.size() * 2 / 3));
    all.report_it();
}

const std::vector<point> up_to_4_workers = {
    {.label = "1 worker", .n = 1}, {.label = "2 workers", .n = 2}, {.label = "4 workers", .n = 4}};

const question p1{{.id = "P1",
                   .asks = "claim and end what was submitted to PostgreSQL, batches of 100",
                   .unit = "runs/s",
                   .goal = ">= 0.8 x the limit; >= 30,000",
                   .better = better_is::higher,
                   .points = up_to_4_workers,
                   .contenders = with_peers({{"limit", limit_queue},
                                             {"limit pipelined", limit_queue_pipelined<100>},
                                             {"limit pipelined 500", limit_queue_pipelined<500>},
                                             {"cicada", cicada_queue<100>},
                                             {"cicada 500", cicada_queue<500>}})}};

const question p1_tick{{.id = "P1.tick",
                        .asks = "fire what is due of many jobs of PostgreSQL, and end it",
                        .unit = "runs/s",
                        .goal = ">= 0.8 x the limit; >= 30,000",
                        .better = better_is::higher,
                        .points = up_to_4_workers,
                        .contenders = {{"limit", limit_tick<100>},
                                       {"limit 500", limit_tick<500>},
                                       {"limit reads", limit_tick_reading},
                                       {"cicada", cicada_tick<100>},
                                       {"cicada 1000", cicada_tick<1000>}}}};

const question p2{{.id = "P2",
                   .asks = "how late a run of a job of PostgreSQL starts, with its commit",
                   .unit = "us late, p99",
                   .goal = "<= 5,000 at 100/s, <= 50,000 at 5,000/s",
                   .points = {{.label = "100/s", .n = 100}, {.label = "5,000/s", .n = 5000}},
                   .contenders = {{"limit", limit_lateness}, {"cicada", cicada_lateness}}}};

const question p2_nodes{{.id = "P2.nodes",
                         .asks = "10^4 jobs of PostgreSQL due in one second, on three nodes",
                         .unit = "us late, p99",
                         .goal = "all recorded, none twice",
                         .points = {{.label = "3 nodes", .n = 3}},
                         .contenders = {{"cicada", cicada_nodes}}}};

const question p3{{.id = "P3",
                   .asks = "how late a run is claimed at 1,000/s, while a transaction is left open",
                   .unit = "us late, p99",
                   .goal = "held <= 2 x the first",
                   .points = {{.label = "1,000/s", .most_rounds = 1}},
                   .contenders = {{"cicada", cicada_held<holder::none>},
                                  {"cicada held", cicada_held<holder::here>},
                                  {"cicada held else", cicada_held<holder::elsewhere>}}}};

} // namespace
