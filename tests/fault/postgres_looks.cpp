// What the looks of a store pass over, where to look at all of it takes long (D22).
#include <store/postgres/store.hpp>

#include <thread>

#include <gtest/gtest.h>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::read;
using support::write;

namespace {

const claim work{.by = node_id{1}, .id = 1, .kinds = {"work"}, .most = 10};

class postgres_looks : public testing::Test {
protected:
    postgres_looks() {
        between_.rule([](const std::string& sql) {
            const bool is_look = sql.find("o.run_at >= ") != std::string::npos ||
                                 sql.find("j.wake_at >= ") != std::string::npos;
            if (is_look) std::this_thread::sleep_for(5ms); // as beside much that is dead
            return support::proxy_deed::forward();
        });
    }
    /// The instant that is asked for is put there by somebody else.
    template <class F>
    void pass_and_find(const std::string& sql, F ask) {
        const auto look = [&] { return read(store_, ask); };
        EXPECT_EQ(look(), std::nullopt);
        client_.run(sql);
        EXPECT_EQ(look(), std::nullopt);
        while (!store_.has_to_look_beside()) std::this_thread::sleep_for(10ms);
        beside_.read([&](reading& in) { store_.look_beside(in); });
        EXPECT_EQ(look(), wall_time(5ns));
    }

    const support::postgres_database jobs_;
    support::postgres_proxy between_{jobs_.url()};
    pg_store store_{{.url = between_.url()}};
    pg_store beside_{{.url = jobs_.url(), .looks_beside = true}};
    support::postgres_client client_{jobs_.url()};
};

} // namespace

TEST_F(postgres_looks, pass_what_is_ready_until_it_is_looked_for_beside_them) {
    pass_and_find("SELECT cicada.submit('work'); UPDATE cicada.run SET run_at = 5",
                  [](reading& in) { return in.next_ready(work); });
}

TEST_F(postgres_looks, pass_what_wakes_until_it_is_looked_for_beside_them) {
    pass_and_find("INSERT INTO cicada.job (name, owner, revision, edit, zones, created_at, "
                  "kept_from, life, decided, wake_at, epoch, progress, notes) "
                  "VALUES ('job', 'us', 1, 1, '', 0, 0, 0, 0, 5, 0, '', '')",
                  [](reading& in) {
                      const auto all = in.waking(in.now(), 1);
                      return all.empty() ? std::nullopt : std::optional(all.front().wake_at);
                  });
}

TEST_F(postgres_looks, do_not_pass_what_was_claimed_by_what_was_undone) {
    write(store_, [](writing& in) { return in.enter({.name = "node", .kinds = {"work"}}, 1h); });
    const auto look = [&] { return read(store_, [](reading& in) { return in.next_ready(work); }); };
    EXPECT_EQ(look(), std::nullopt); // it is slow from here on
    write(store_, [](writing& in) {
        run_row one;
        one.of.kind = "work";
        one.of.run_at = wall_time(5ns);
        in.submit(one);
    });
    EXPECT_THROW(write(store_,
                       [](writing& in) {
                           EXPECT_EQ(in.claim_runs(work).size(), 1u);
                           EXPECT_EQ(in.next_ready(work), std::nullopt);
                           throw std::runtime_error("");
                       }),
                 std::runtime_error);
    EXPECT_EQ(look(), wall_time(5ns));
    EXPECT_EQ(write(store_, [](writing& in) { return in.claim_runs(work); }).size(), 1u);
    EXPECT_EQ(look(), std::nullopt);
}
