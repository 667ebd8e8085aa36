// Codes of the table of failure.hpp that strike while a store is at work (D20): each is told as
// what it is, nothing of its transaction is there, and the store goes on with the next one.
#include <store/postgres/store.hpp>

#include <atomic>
#include <functional>
#include <optional>

#include <gtest/gtest.h>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using support::proxy_deed;
using support::read;
using support::write;

namespace {

using told = std::optional<store_fault>;

constexpr told nothing = std::nullopt; // it is done all the same
using enum store_fault;
constexpr told unknown = unknown_outcome;

struct code {
    const char* sqlstate;
    bool ends; // the session
    told beginning; // by what is struck as a transaction begins, along with its first statement
    told working;
    told committing;
};
const code codes[] = {
    {"57P02", true, nothing, unreachable, unknown}, // another session begins it anew
    {"57P03", true, nothing, unreachable, unknown},
    {"08006", true, nothing, unreachable, unknown},
    {"25006", false, nothing, unreachable, unknown},
    {"53300", false, nothing, unreachable, unreachable},
    {"57014", false, timed_out, timed_out, unknown},
    {"40001", false, nothing, nothing, nothing}, // all of it is done again
    {"42501", false, no_rights, no_rights, no_rights},
    {"22021", false, too_large, too_large, too_large},
    {"23514", false, too_large, too_large, too_large},
    {"54000", false, too_large, too_large, too_large},
};

struct refusal { // of a session, which libpq tells in words only
    const char* sqlstate;
    const char* words;
    told is;
};
const refusal refusals[] = {
    {"57P03", "the database system is starting up", unreachable},
    {"53300", "sorry, too many clients already", unreachable},
    {"25006", "session is read-only", unreachable},
    {"28000", "no pg_hba.conf entry for host \"127.0.0.1\"", no_rights},
    {"28P01", "password authentication failed for user \"cicada\"", no_rights},
    {"42501", "permission denied for database \"jobs\"", no_rights},
    {"3D000", "database \"jobs\" does not exist", not_a_store},
};

class postgres_struck : public testing::Test {
protected:
    void strike(const std::function<bool(const std::string&)>& which, const proxy_deed& deed) {
        strikes_ = 0;
        between_.rule([=, this](const std::string& sql) {
            if (strikes_ > 0 || !which(sql)) return proxy_deed::forward();
            ++strikes_;
            return deed;
        });
    }
    static proxy_deed deed_of(const code& one) {
        if (one.ends) return proxy_deed::fail(one.sqlstate, "as it was asked");
        return proxy_deed::raise(one.sqlstate);
    }
    /// What comes of it, and the text.
    told create(const std::string& name) {
        try {
            EXPECT_TRUE(write(store_, [&](writing& in) { return in.create({.name = name}); }));
            return nothing;
        } catch (const store_error& e) {
            text_ = e.what();
            return e.fault();
        }
    }
    told look() {
        try {
            read(store_, [](reading& in) { return in.jobs({}); });
            return nothing;
        } catch (const store_error& e) {
            return e.fault();
        }
    }
    bool is_there(const std::string& name) {
        return !read(by_hand_, [&](reading& in) { return in.jobs({.names = {name}}); }).empty();
    }
    /// A job of this name is made, and struck there.
    void expect(const code& by, const std::string& moment,
                const std::function<bool(const std::string&)>& which, told what) {
        const std::string name = moment + " of " + by.sqlstate;
        SCOPED_TRACE(name);
        strike(which, deed_of(by));
        EXPECT_EQ(create(name), what);
        EXPECT_EQ(strikes_, 1);
        EXPECT_EQ(is_there(name), what == nothing);
        if (what) {
            EXPECT_NE(text_.find("SQLSTATE " + std::string(by.sqlstate)), std::string::npos)
                << text_;
            EXPECT_EQ(create(name), nothing);
            EXPECT_TRUE(is_there(name));
        }
    }

    std::atomic<int> strikes_ = 0;
    std::string text_;
    support::postgres_database database_{support::postgres_database::is::migrated};
    support::postgres_proxy between_{database_.url()};
    pg_store store_{{.url = between_.url()}};
    pg_store by_hand_{{.url = database_.url()}};
};

bool is_begin(const std::string& sql) { return sql.starts_with("BEGIN"); }
bool is_first(const std::string& sql) { return sql.starts_with("INSERT"); }
bool is_second(const std::string& sql) { return sql.starts_with("SELECT cicada.edit_job"); }
bool is_commit(const std::string& sql) { return sql == "COMMIT"; }
bool is_look(const std::string& sql) { return sql.starts_with("SELECT j."); }

} // namespace

TEST_F(postgres_struck, by_a_code_leaves_nothing_and_goes_on) {
    for (const code& one : codes) {
        for (int i = 0; i < 2; ++i) create("before that " + std::to_string(i) + one.sqlstate);
        expect(one, "beginning", is_first, one.beginning);
        expect(one, "middle", is_second, one.working);
        expect(one, "end", is_commit, one.committing);
        look();
        strike(is_begin, deed_of(one));
        EXPECT_EQ(look(), one.working == nothing ? busy : one.beginning) << one.sqlstate;
        EXPECT_EQ(strikes_, 1);
        strike(is_look, deed_of(one)); // who reads has heard a part, so it is not read again
        EXPECT_EQ(look(), one.working == nothing ? busy : one.working) << one.sqlstate;
        EXPECT_EQ(strikes_, 1);
        EXPECT_EQ(look(), nothing);
    }
}

TEST_F(postgres_struck, as_it_connects_anew_tells_why_and_goes_on) {
    for (const refusal& one : refusals) {
        SCOPED_TRACE(one.sqlstate);
        between_.rule([&](const std::string& sql) {
            return sql == "connect" ? proxy_deed::fail(one.sqlstate, one.words)
                                    : proxy_deed::cut_before();
        });
        EXPECT_EQ(create(one.words), one.is);
        EXPECT_FALSE(is_there(one.words));
        EXPECT_EQ(look(), one.is);
        between_.rule(nullptr);
        EXPECT_EQ(create(one.words), nothing);
        EXPECT_EQ(look(), nothing);
        EXPECT_TRUE(is_there(one.words));
    }
}

TEST_F(postgres_struck, again_and_again_by_what_is_done_again_tells_it_in_the_end) {
    int struck = 0;
    between_.rule([&](const std::string& sql) {
        if (!is_first(sql)) return proxy_deed::forward();
        ++struck;
        return proxy_deed::raise("40001");
    });
    EXPECT_EQ(create("job"), busy);
    between_.rule(nullptr);
    EXPECT_EQ(struck, 10);
    EXPECT_FALSE(is_there("job"));
    EXPECT_EQ(create("job"), nothing);
}
