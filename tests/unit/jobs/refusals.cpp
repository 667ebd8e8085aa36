// Bad input of each kind, and what is said of it: where, what, and what mends it. Nothing is lost.

#include <cicada/jobs.hpp>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <support/file_system.hpp>
#include <support/simulated.hpp>
#include <support/temporary_folder.hpp>

using namespace std::chrono_literals;

namespace {

using cicada::job;
using cicada::job_store;
using cicada::task;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// As text, and the folder of the test as FOLDER.
class refusals : public testing::Test {
protected:
    ~refusals() override { support::told_of_file_systems = {}; }

    std::string file(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder / name, std::ios::binary) << bytes;
        return "sqlite:" + (folder / name);
    }
    void run_sql(const std::string& name, const char* sql) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open((folder / name).c_str(), &db), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(db);
    }
    std::string place_of(const std::string& name) const { return "sqlite:" + (folder / name); }

    std::string of_opening(const std::string& url) const {
        std::string said = "taken";
        try {
            cicada::simulation sim;
            const auto work = [](std::string from) -> task<> {
                co_await cicada::open_store(std::move(from));
            };
            sim.run(work(url));
        } catch (const cicada::store_error& e) {
            said = e.what();
        }
        for (std::size_t at = 0; (at = said.find(folder.path())) != std::string::npos;)
            said.replace(at, folder.path().size(), "FOLDER");
        return said;
    }
    void make_store(const std::string& name) const {
        ASSERT_EQ(of_opening(place_of(name)), "taken");
    }

    const support::temporary_folder folder;
};

TEST_F(refusals, of_a_url_name_what_is_meant) {
    EXPECT_EQ(of_opening("jobs.db"),
              "cicada: \"jobs.db\" has no scheme: a store is \"memory:\", \"sqlite:FILE\" or "
              "\"postgresql://HOST/DATABASE\"");
    EXPECT_EQ(of_opening("sqlit:jobs.db"), "cicada: \"sqlit:jobs.db\" has an unknown scheme, "
                                           "\"sqlit\": did you mean sqlite?");
}

TEST_F(refusals, of_a_file_that_is_no_store_leave_it_as_it_is) {
    EXPECT_EQ(of_opening("sqlite:" + folder.path()),
              "cicada: \"FOLDER\" is a folder: name a file in it");
    EXPECT_EQ(of_opening(place_of("none/jobs.db")),
              "cicada: \"FOLDER/none/jobs.db\" cannot be reached (No such file or directory): make "
              "its folder first");
    const std::string notes(5000, 'x');
    EXPECT_EQ(of_opening(file("notes.txt", notes)),
              "cicada: \"FOLDER/notes.txt\" is no store of jobs (SQLite 26: file is not a "
              "database): name another file");
    std::ifstream in(folder / "notes.txt");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), notes);

    run_sql("other.db", "CREATE TABLE customer (name TEXT); INSERT INTO customer VALUES ('x')");
    EXPECT_EQ(of_opening(place_of("other.db")),
              "cicada: \"FOLDER/other.db\" is a database of something else: name another file");
    run_sql("other.db", "DELETE FROM customer WHERE name = 'x'");
}

TEST_F(refusals, of_a_later_version_leave_it_to_that) {
    make_store("jobs.db");
    run_sql("jobs.db", "PRAGMA user_version = 1000");
    EXPECT_EQ(of_opening(place_of("jobs.db")),
              "cicada: \"FOLDER/jobs.db\" is of version 1000 and this program knows 1: use the "
              "version of cicada that wrote it, or a later one");
    run_sql("jobs.db", "PRAGMA user_version = 1");
    EXPECT_EQ(of_opening(place_of("jobs.db")), "taken");
}

TEST_F(refusals, of_a_network_file_system_say_how_to_use_it_all_the_same) {
    support::told_of_file_systems.kind = 0x6969;
    EXPECT_EQ(of_opening(place_of("jobs.db")),
              "cicada: \"FOLDER/jobs.db\" is on a network file system (NFS): put it on a disk of "
              "this machine, or, if no other machine uses it, write "
              "\"sqlite:FOLDER/jobs.db?network=allowed\"");
    EXPECT_EQ(of_opening(place_of("jobs.db?network=allowed")), "taken");
}

/// What `f` says in a child, which may give up rights.
std::string said_by_child(const std::function<std::string()>& f) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string said = f();
        const ssize_t written = ::write(ends[1], said.data(), said.size());
        ::_exit(written < 0);
    }
    ::close(ends[1]);
    std::string said;
    char bytes[512];
    for (ssize_t n; (n = ::read(ends[0], bytes, sizeof bytes)) > 0;)
        said.append(bytes, static_cast<std::size_t>(n));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return said;
}

TEST_F(refusals, of_who_has_no_rights_say_which_are_needed) {
    make_store("jobs.db");
    namespace fs = std::filesystem;
    fs::permissions(folder / "jobs.db", fs::perms::owner_read | fs::perms::others_read);
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec);
    const auto opened = [&](const std::string& url) {
        return said_by_child([&]() -> std::string {
            const bool is_root = ::geteuid() == 0;
            if (is_root && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return "still root";
            return of_opening(url);
        });
    };
    EXPECT_EQ(opened(place_of("jobs.db")),
              "cicada: \"FOLDER/jobs.db.lock\" cannot be opened (Permission denied): let this "
              "process write to its folder");
    fs::permissions(folder.path(), fs::perms::all);
    fs::permissions(folder / "jobs.db.lock", fs::perms::all);
    const std::string read_only = opened(place_of("jobs.db"));
    EXPECT_THAT(read_only, StartsWith("cicada: \"FOLDER/jobs.db\" "));
    EXPECT_THAT(read_only, HasSubstr(": let this process "));
    fs::permissions(folder / "jobs.db", fs::perms::all);
    EXPECT_EQ(of_opening(place_of("jobs.db")), "taken");
}

TEST_F(refusals, of_a_second_owner_name_the_first) {
    cicada::simulation sim;
    auto owned = cicada::spawn([](std::string url) -> task<> {
        const job_store store = co_await cicada::open_store(url);
        co_await cicada::sleep(1h);
    }(place_of("jobs.db")));
    sim.advance(1s);
    const std::string owner = std::to_string(::getpid());
    EXPECT_EQ(said_by_child([&]() -> std::string {
                  // (Within its own simulation this process has the other one.)
                  try {
                      cicada::restore_store(folder / "none.db", place_of("jobs.db"));
                  } catch (const cicada::store_error& e) {
                      return std::string(e.what()).substr(std::string("cicada: ").size() + 1 +
                                                          folder.path().size());
                  }
                  return "taken";
              }),
              "/jobs.db\" is owned by process " + owner +
                  ": one store at a time opens a SQLite file, so end that one first, or name "
                  "another file");
}

// ---- what is asked of a store ------------------------------------------------------------------

template <class F>
task<> refused(std::vector<std::string>& said, F ask) {
    std::string what = "taken";
    try {
        co_await ask();
    } catch (const std::invalid_argument& e) {
        what = e.what();
    }
    said.push_back(std::move(what));
}

TEST_F(refusals, of_jobs_and_arguments_name_the_job_and_the_field) {
    support::simulated sim;
    std::vector<std::string> said;
    sim.run([&said]() -> task<> {
        job_store store = co_await cicada::open_store("memory:");
        const auto apply = [&](std::string arguments, int times) {
            const job one = {.name = "weekly",
                             .when = cicada::interval(1h),
                             .kind = "send",
                             .arguments = std::move(arguments)};
            return store.apply("us", std::vector<job>(static_cast<std::size_t>(times), one));
        };
        co_await apply("{}", 1);
        co_await refused(said, [&] { return apply("{to: me}", 1); });
        co_await refused(said, [&] { return apply('"' + std::string(70'000, 'x') + '"', 1); });
        co_await refused(said, [&] { return apply("{}", 2); });
        co_await refused(said, [&] { return store.submit("send", "[1, 2"); });
        co_await refused(said, [&] { return store.submit("", "{}"); });
        const auto all = co_await store.jobs();
        EXPECT_EQ(all.size(), 1u) << "what was there is there";
        EXPECT_EQ(all.at(0).job.arguments, "{}");
        const auto runs = co_await store.runs("");
        EXPECT_EQ(runs.size(), 0u);
    });
    EXPECT_THAT(
        said, ElementsAre(
                  "cicada: job \"weekly\": its `arguments` are no JSON: what is at byte 2 does not "
                  "belong there; write {} for none",
                  "cicada: job \"weekly\": its `arguments` have 70002 bytes; write at most 65536, "
                  "and keep elsewhere what is large",
                  "cicada: two jobs have the name \"weekly\"",
                  "cicada: submit(\"send\"): its `arguments` are no JSON: they end at byte 5, and "
                  "more is to come; write {} for none",
                  "cicada: submit(\"\"): it needs a `kind`: that of the handler that runs it"));
}

} // namespace
