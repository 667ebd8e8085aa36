#pragma once

/// A database of its own for a test, on a PostgreSQL server of the tests: that of the environment
/// variable CICADA_POSTGRES (a folder, see scratch_postgres.py), by which the tests that ctest runs
/// share one; without it one is started for this process, and ended with it.
///
///     support::postgres_database jobs;
///     pg_store store({.url = jobs.url()});
///
/// One that is migrated is a copy of the first one that was: that takes less time.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <unistd.h>

#include <store/postgres/migrate.hpp>
#include <support/temporary_folder.hpp>

namespace support {

class postgres_server {
public:
    postgres_server() {
        if (const char* const shared = std::getenv("CICADA_POSTGRES")) {
            folder_ = shared;
        } else {
            make("start", "");
        }
        read_urls();
    }
    /// One more, which ends with this: postgres_server("start", "max_connections=5"), or
    /// postgres_server("standby", another.folder()).
    postgres_server(const std::string& what, const std::string& more) {
        make(what, more);
        read_urls();
    }
    postgres_server(const postgres_server&) = delete;
    postgres_server& operator=(const postgres_server&) = delete;
    ~postgres_server() {
        if (own_) tell("stop", "");
    }

    std::string url_of(const std::string& database) const { return url_ + database; }
    /// By way of PgBouncer.
    std::string pooled_url_of(const std::string& database) const {
        if (pooled_url_.empty()) throw std::runtime_error("no PgBouncer: scripts/bootstrap test");
        return pooled_url_ + database;
    }
    std::string folder() const { return folder_; }

    static postgres_server& the() {
        static postgres_server one;
        return one;
    }

private:
    void make(const std::string& what, const std::string& more) {
        own_.emplace();
        folder_ = *own_ / "server";
        tell(what, more);
    }
    void read_urls() {
        std::ifstream(folder_ + "/url") >> url_;
        std::ifstream(folder_ + "/pooled_url") >> pooled_url_;
        if (url_.empty()) throw std::runtime_error("no server: see " + folder_ + "/log");
    }
    void tell(const std::string& what, const std::string& more) const {
        const std::string command = "python3 " CICADA_TESTS "/support/scratch_postgres.py " + what +
                                    " '" + folder_ + "' " + more;
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("the test server does not " + what);
    }

    std::optional<temporary_folder> own_;
    std::string folder_;
    std::string url_;
    std::string pooled_url_;
};

/// What somebody else does there.
class postgres_client {
public:
    explicit postgres_client(const std::string& url) : on_(url, url) {}
    cicada::detail::pg_rows run(const std::string& sql) { return on_.run(sql); }
    /// The number that it gives.
    std::int64_t ask(const std::string& sql) {
        auto rows = run(sql);
        return rows.next() ? rows.integer(0) : -1;
    }

private:
    cicada::detail::pg_connection on_;
};

class postgres_database {
public:
    enum class is { empty, migrated };

    explicit postgres_database(is how = is::empty) : name_(new_name()) {
        postgres_client server(postgres_server::the().url_of("postgres"));
        if (how == is::empty) {
            server.run("CREATE DATABASE " + name_);
        } else {
            make_template(server);
            server.run("CREATE DATABASE " + name_ + " TEMPLATE migrated STRATEGY file_copy");
        }
    }
    postgres_database(const postgres_database&) = delete;
    postgres_database& operator=(const postgres_database&) = delete;
    ~postgres_database() {
        try {
            postgres_client(postgres_server::the().url_of("postgres"))
                .run("DROP DATABASE " + name_ + " WITH (FORCE)");
        } catch (const std::exception&) { // it goes with the server
        }
    }

    const std::string& name() const { return name_; }
    std::string url() const { return postgres_server::the().url_of(name_); }
    std::string pooled_url() const { return postgres_server::the().pooled_url_of(name_); }
    /// Nothing is in it from here on, and numbers begin anew.
    void clear() {
        postgres_client(url()).run("TRUNCATE cicada.node, cicada.job, cicada.edit, cicada.run, "
                                   "cicada.stretch, cicada.backfill, cicada.applied; "
                                   "ALTER SEQUENCE cicada.run_id RESTART; "
                                   "ALTER SEQUENCE cicada.fence RESTART");
    }

private:
    /// By whoever comes first, of all processes.
    static void make_template(postgres_client& server) {
        using namespace cicada::detail;
        static bool is_made = false;
        if (std::exchange(is_made, true)) return;
        server.run("SELECT pg_advisory_lock(1)");
        if (server.ask("SELECT count(*) FROM pg_database WHERE datname = 'migrated'") == 0) {
            server.run("CREATE DATABASE new");
            {
                const std::string url = postgres_server::the().url_of("new");
                pg_connection first(url, url);
                migrate(first, url, pg_migrations::made);
            }
            server.run("ALTER DATABASE new RENAME TO migrated");
        }
        server.run("SELECT pg_advisory_unlock(1)");
    }
    static std::string new_name() {
        static int made = 0;
        return "test_" + std::to_string(getpid()) + "_" + std::to_string(++made);
    }
    std::string name_;
};

} // namespace support
