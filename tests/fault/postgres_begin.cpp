// A transaction that is begun along with its first statement: nothing of it is done that would not
// have been after a BEGIN of its own.
#include <store/postgres/store.hpp>

#include <array>

#include <gtest/gtest.h>
#include <support/postgres_database.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::write;

namespace {

class postgres_begin : public testing::Test {
protected:
    /// The server's clock is ahead, from here on.
    void set_clock(const std::string& ahead) {
        std::string moment = moment_;
        const std::string now = "transaction_timestamp()";
        moment.replace(moment.find(now), now.size(), now + " + interval '" + ahead + "'");
        client_.run(moment);
    }
    /// What one of these says of when it is, and whether it is done once, however often it is run.
    wall_time submit() {
        wall_time at;
        write(store_, [&](writing& in) {
            at = in.now();
            run_row one;
            one.of.kind = "work";
            in.submit(one);
        });
        EXPECT_EQ(client_.ask("SELECT count(*) FROM cicada.run"), ++submitted_);
        return at;
    }

    const support::postgres_database jobs_{support::postgres_database::is::migrated};
    support::postgres_client client_{jobs_.url()};
    pg_store store_{{.url = jobs_.url()}};

private:
    std::string moment_ = [this] {
        auto rows = client_.run("SELECT pg_get_functiondef('cicada.moment'::regproc)");
        rows.next();
        return rows.text(0);
    }();
    std::int64_t submitted_ = 0;
};

} // namespace

TEST_F(postgres_begin, what_comes_after_one_that_fails_is_not_done) {
    pg_connection in(jobs_.url(), jobs_.url());
    const pg_values none;
    const std::string begin = "BEGIN ISOLATION LEVEL NONE";
    const std::string insert = "INSERT INTO cicada.applied VALUES ('us', 1)";
    const std::string look = "SELECT count(*) FROM cicada.applied";
    const std::array<pg_query, 2> fails{{{&begin, &none}, {&insert, &none}}};
    for (int i = 0; i < 3; ++i) EXPECT_THROW(in.run_all(fails), store_error);
    ASSERT_TRUE(in.is_usable());
    const std::array<pg_query, 3> works{{{&look, &none, true}, {&insert, &none}, {&look, &none}}};
    auto answers = in.run_all(works);
    for (std::size_t i = 0; i < answers.size(); ++i) answers[i].next();
    EXPECT_EQ(answers[0].integer(0), 0);
    EXPECT_EQ(answers[2].integer(0), 1);
}

TEST_F(postgres_begin, it_is_done_again_when_the_clock_was_set) {
    wall_time before = submit();
    for (int i = 0; i < 3; ++i) {
        const wall_time at = submit();
        EXPECT_GT(at, before);
        before = at;
    }
    set_clock("1 h");
    const wall_time ahead = submit();
    EXPECT_GT(ahead, later(before, 1h));
    EXPECT_GT(submit(), ahead);
    set_clock("1 min");
    const wall_time back = submit();
    EXPECT_LT(back, later(before, 2min));
    EXPECT_GT(submit(), back);
}

TEST_F(postgres_begin, a_connection_that_was_lost_before_is_made_anew) {
    for (int i = 0; i < 4; ++i) {
        submit();
        client_.run("SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity AS a "
                    "WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()");
    }
    submit();
}
