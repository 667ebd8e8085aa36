// What may be wrong with a server, a database or a role as a store is opened: each is told from the
// others, and says what mends it. And several programs open it at once.
#include <store/postgres/store.hpp>

#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::postgres_client;
using support::postgres_server;
using support::proxy_deed;
using support::read;
using support::write;

namespace {

struct refusal {
    store_fault fault{};
    std::string text = "it is opened";
};

refusal open(const pg_options& by) {
    try {
        pg_store store(by);
        write(store, [](writing& in) { return in.create({.name = "job"}); });
        return {};
    } catch (const store_error& e) {
        return {e.fault(), e.what()};
    }
}

/// The URL with another role.
std::string as(const std::string& role, std::string url) {
    const std::size_t from = url.find("//") + 2;
    return url.replace(from, url.find('@') - from, role);
}

/// A line at the head of the server's pg_hba.conf, for as long as this exists.
class host_based_rule {
public:
    host_based_rule(postgres_client& by, const std::string& line) : client_(by) {
        was_ << std::ifstream(file_).rdbuf();
        write(line + '\n' + was_.str());
    }
    host_based_rule(const host_based_rule&) = delete;
    host_based_rule& operator=(const host_based_rule&) = delete;
    ~host_based_rule() { write(was_.str()); }

private:
    void write(const std::string& text) {
        const auto loaded = [&] {
            return client_.ask("SELECT extract(epoch FROM pg_conf_load_time()) * 1000000");
        };
        std::ofstream(file_) << text;
        const std::int64_t before = loaded();
        client_.run("SELECT pg_reload_conf()");
        while (loaded() == before) std::this_thread::sleep_for(5ms);
    }

    postgres_client& client_;
    const std::string file_ = postgres_server::the().folder() + "/data/pg_hba.conf";
    std::ostringstream was_;
};

class postgres_opened : public testing::Test {
protected:
    ~postgres_opened() override {
        for (const std::string& role : roles_) {
            client.run("DROP OWNED BY " + role);
            client.run("DROP ROLE " + role);
        }
    }
    /// A new role, which may connect, and no more.
    std::string role(const std::string& options = "") {
        roles_.push_back(database.name() + "_" + std::to_string(roles_.size()));
        client.run("CREATE ROLE " + roles_.back() + " LOGIN " + options);
        return roles_.back();
    }
    void expect(const pg_options& by, store_fault fault, const std::string& part) {
        const refusal made = open(by);
        EXPECT_EQ(made.fault, fault) << made.text;
        EXPECT_NE(made.text.find(part), std::string::npos) << made.text;
    }

    support::postgres_database database;
    postgres_client client{database.url()};
    std::vector<std::string> roles_;
};

} // namespace

TEST_F(postgres_opened, needs_a_server) {
    expect({.url = "postgresql://app:secret@127.0.0.1:1/jobs"}, store_fault::unreachable,
           "cicada: \"postgresql://app@127.0.0.1:1/jobs\" cannot be reached (connection to server");
    expect({.url = "postgresql://app:secret@127.0.0.1:port/jobs"}, store_fault::unreachable,
           "invalid integer value \"port\" for connection option \"port\"");
    support::postgres_proxy between(database.url());
    const auto answered = [&](const std::string& sqlstate, const std::string& message) {
        between.rule([=](const std::string&) { return proxy_deed::fail(sqlstate, message); });
        return open({.url = between.url()}).fault;
    };
    EXPECT_EQ(answered("57P03", "the database system is starting up"), store_fault::unreachable);
    EXPECT_EQ(answered("53300", "sorry, too many clients already"), store_fault::unreachable);
    EXPECT_EQ(answered("28P01", "password authentication failed for user \"app\""),
              store_fault::no_rights);
    EXPECT_EQ(answered("28000", "no pg_hba.conf entry for host \"::1\""), store_fault::no_rights);
    EXPECT_EQ(answered("42501", "permission denied for database \"jobs\""), store_fault::no_rights);
}

TEST_F(postgres_opened, needs_a_database_of_its_own) {
    expect({.url = postgres_server::the().url_of("no_such_database")}, store_fault::not_a_store,
           "create the database, or name another");
    expect({.url = database.url(), .migrations = pg_migrations::checked}, store_fault::not_a_store,
           "has no schema \"cicada\": open it once as the user that owns");
    client.run("CREATE SCHEMA cicada; CREATE TABLE cicada.meat (x int)");
    expect({.url = database.url()}, store_fault::not_a_store,
           "has a schema \"cicada\" that is something else's: use a database of its own");
}

TEST_F(postgres_opened, needs_rights) {
    const std::string nobody = as(role(), database.url());
    expect({.url = nobody}, store_fault::no_rights, "permission denied for database");
    EXPECT_EQ(open({.url = database.url()}).text, "it is opened");
    expect({.url = nobody}, store_fault::no_rights, "permission denied for schema cicada");
    expect({.url = as("no_such_role", database.url())}, store_fault::no_rights,
           "see user and password, and pg_hba.conf");
}

TEST_F(postgres_opened, works_for_a_role_that_may_only_read_and_write) {
    pg_store owner({.url = database.url()});
    const std::string worker = role();
    client.run("GRANT USAGE ON SCHEMA cicada TO " + worker +
               ";GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cicada TO " + worker +
               ";GRANT USAGE ON ALL SEQUENCES IN SCHEMA cicada TO " + worker);
    pg_store store({.url = as(worker, database.url())});
    const auto node =
        write(store, [](writing& in) { return in.enter({.name = "node", .kinds = {"work"}}, 1h); });
    run_row row;
    row.of.kind = "work";
    EXPECT_EQ(write(store, [&](writing& in) { return in.submit(row).is; }), verdict::taken);
    const claim all{.by = node, .id = 1, .kinds = {"work"}, .most = 1};
    EXPECT_EQ(write(store, [&](writing& in) { return in.claim_runs(all); }).size(), 1u);
    write(store, [](writing& in) { return in.prune({.kept_of_each = 1}); });

    client.run("UPDATE cicada.meta SET version = 0, least_version = 0");
    expect({.url = as(worker, database.url())}, store_fault::no_rights,
           "is of version 0, and this program needs 1, to which this user may not bring it: open "
           "it once as the user that owns the schema");
    expect({.url = as(worker, database.url()), .migrations = pg_migrations::checked},
           store_fault::not_a_store, "is of version 0, and this program needs 1: open it once as");
}

TEST_F(postgres_opened, needs_the_right_to_connect) {
    const std::string nobody = role();
    client.run("REVOKE CONNECT ON DATABASE " + database.name() + " FROM PUBLIC");
    expect({.url = as(nobody, database.url())}, store_fault::no_rights,
           "does not have CONNECT privilege.): grant it what docs/operations.md says");
}

TEST_F(postgres_opened, needs_the_password) {
    const std::string owner = role("PASSWORD 'right'");
    client.run("GRANT CREATE ON DATABASE " + database.name() + " TO " + owner);
    const host_based_rule asks(client, "host all " + owner + " 127.0.0.1/32 scram-sha-256");
    const std::string wrong = as(owner + ":wr0ng", database.url());
    expect({.url = wrong}, store_fault::no_rights,
           "password authentication failed for user \"" + owner +
               "\"): see user and password, and pg_hba.conf");
    EXPECT_EQ(open({.url = wrong}).text.find("wr0ng"), std::string::npos);
    expect({.url = as(owner, database.url()) + "?passfile=/nowhere"}, store_fault::no_rights,
           "no password supplied): see user and password, and pg_hba.conf");
    EXPECT_EQ(open({.url = as(owner + ":right", database.url())}).text, "it is opened");
}

TEST_F(postgres_opened, tells_that_its_role_has_no_connection_left_and_goes_on_with_the_next) {
    const std::string owner = role("CONNECTION LIMIT 1");
    client.run("GRANT CREATE ON DATABASE " + database.name() + " TO " + owner);
    pg_store store({.url = as(owner, database.url())});
    const auto look = [&] { return read(store, [](reading& in) { return in.jobs({}).size(); }); };
    try {
        look();
        ADD_FAILURE() << "there is a second one";
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::unreachable);
        const std::string text = e.what();
        EXPECT_NE(text.find("too many connections for role \"" + owner + "\"): raise max_conn"),
                  std::string::npos)
            << text;
    }
    EXPECT_TRUE(write(store, [](writing& in) { return in.create({.name = "job"}); }));
    client.run("ALTER ROLE " + owner + " CONNECTION LIMIT 2");
    EXPECT_EQ(look(), 1u);
}

TEST_F(postgres_opened, may_be_newer_than_the_program_as_far_as_it_says_so) {
    EXPECT_EQ(open({.url = database.url()}).text, "it is opened");
    client.run("UPDATE cicada.meta SET version = 99");
    EXPECT_EQ(open({.url = database.url()}).text, "it is opened");
    client.run("UPDATE cicada.meta SET least_version = 99");
    expect({.url = database.url()}, store_fault::too_new,
           "is of version 99, and this program knows 1: use the version of cicada that made it");
    client.run("DELETE FROM cicada.meta");
    expect({.url = database.url()}, store_fault::corrupt, "has no row in cicada.meta");
}

TEST_F(postgres_opened, is_one_that_may_be_written_to) {
    pg_store store({.url = database.url()});
    client.run("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
    expect({.url = database.url()}, store_fault::read_only, "name the primary");
    // Of one that was there it is a failover: it is waited for.
    client.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
               database.name() + "' AND pid <> pg_backend_pid()");
    try {
        write(store, [](writing& in) { return in.create({.name = "job"}); });
        ADD_FAILURE() << "it is written to";
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::unreachable) << e.what();
    }
    client.run("SET default_transaction_read_only = off; ALTER DATABASE " + database.name() +
               " SET default_transaction_read_only = off");
    EXPECT_TRUE(write(store, [](writing& in) { return in.create({.name = "job"}); }));
}

TEST_F(postgres_opened, keeps_all_bytes_or_is_refused) {
    const std::string text("\0\1 \xc3\xa4 \xed\xa0\x80 \xff", 11);
    const auto in_encoding = [&](const std::string& encoding) {
        client.run("DROP DATABASE IF EXISTS " + database.name() + "_encoded");
        client.run("CREATE DATABASE " + database.name() + "_encoded ENCODING '" + encoding +
                   "' TEMPLATE template0");
        return postgres_server::the().url_of(database.name() + "_encoded");
    };
    for (const std::string& url :
         {in_encoding("SQL_ASCII"), database.url() + "?client_encoding=LATIN1"}) {
        pg_store store({.url = url});
        EXPECT_TRUE(write(store, [&](writing& in) { return in.create({.name = text}); }));
        const auto jobs = read(store, [&](reading& in) { return in.jobs({.names = {text}}); });
        ASSERT_EQ(jobs.size(), 1u);
        EXPECT_EQ(jobs[0].name, text);
    }
    expect({.url = in_encoding("LATIN1")}, store_fault::not_a_store,
           "keeps texts as LATIN1, which lacks characters: create a database with");
    client.run("DROP DATABASE " + database.name() + "_encoded");
}

TEST_F(postgres_opened, is_made_once_by_all_that_open_it_at_once) {
    // Whatever is the default there.
    client.run("ALTER DATABASE " + database.name() +
               " SET default_transaction_isolation = 'serializable'");
    std::vector<refusal> made(8);
    std::vector<std::thread> threads;
    for (refusal& one : made) threads.emplace_back([&] { one = open({.url = database.url()}); });
    for (std::thread& one : threads) one.join();
    for (const refusal& one : made) EXPECT_EQ(one.text, "it is opened");
    EXPECT_EQ(client.ask("SELECT count(*) FROM cicada.meta"), 1);
    EXPECT_EQ(client.ask("SELECT count(*) FROM cicada.job"), 1);
}

TEST_F(postgres_opened, waits_for_another_that_makes_it) {
    client.run("BEGIN; SELECT pg_advisory_xact_lock(1667851617)");
    std::thread others([&] {
        std::this_thread::sleep_for(3s);
        client.run("ROLLBACK");
    });
    const elapsed_time from = elapsed_clock::now();
    testing::internal::CaptureStderr();
    EXPECT_EQ(open({.url = database.url()}).text, "it is opened");
    EXPECT_GE(between(from, elapsed_clock::now()), 2900ms);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "cicada: \"" + database.url() +
                  "\" is to be brought to version 1, and waits until others let go of it: "
                  "pg_stat_activity says who\n");
    others.join();
}

TEST_F(postgres_opened, gives_up_what_is_not_answered_in_its_time) {
    support::postgres_proxy between_them(database.url());
    pg_store store({.url = between_them.url(), .longest_answer = 1s});
    between_them.rule([](const std::string& sql) {
        return sql == "COMMIT" ? proxy_deed::swallow() : proxy_deed::forward();
    });
    const elapsed_time from = elapsed_clock::now();
    try {
        write(store, [](writing& in) { return in.create({.name = "job"}); });
        ADD_FAILURE() << "it is answered";
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), store_fault::unknown_outcome) << e.what();
    }
    const duration took = between(from, elapsed_clock::now());
    EXPECT_GE(took, 1s);
    EXPECT_LT(took, 4s);
    between_them.rule(nullptr);
    EXPECT_FALSE(write(store, [](writing& in) { return in.create({.name = "job"}); }));
}
