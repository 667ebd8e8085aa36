// The connection is cut at each request of a history, before the server has heard of it, or once it
// has done it. What was acknowledged is there; what failed is not, but for unknown_outcome, which
// is one or the other; and the store works on.
#include <store/postgres/store.hpp>

#include <atomic>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <store/run_change.hpp>
#include <support/postgres_database.hpp>
#include <support/postgres_proxy.hpp>
#include <support/transaction.hpp>

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using support::proxy_deed;
using support::read;
using support::write;

namespace {

struct act {
    std::string name;
    std::function<void(store&)> run;
    std::function<bool(reading&)> is_there; // what it does
};

/// What a node does with a job of its own, act by act.
class history {
public:
    explicit history(int number)
        : name_("job " + std::to_string(number)), kind_("kind " + std::to_string(number)),
          now_(wall_time(std::chrono::hours(24 * 365 * 56))) {}

    std::vector<act> acts();
    /// What it knows of itself, read anew: it was not told.
    void recall(reading& in) {
        job_ = job(in);
        auto all = in.nodes();
        if (const node_row* const found = node(all)) me_ = found->id;
    }

private:
    job_row job(reading& in) const {
        const auto found = in.jobs({.names = {name_}});
        return found.empty() ? job_row() : found[0];
    }
    node_row* node(std::vector<node_row>& all) const {
        for (node_row& one : all)
            if (one.name == name_) return &one;
        return nullptr;
    }
    /// After something else that is written, so that a COMMIT goes along.
    std::size_t claim_last(store& in, std::size_t most) {
        const claim by{.by = me_, .id = ++claim_, .kinds = {kind_}, .most = most};
        const auto claims = [&](writing& w) {
            EXPECT_TRUE(w.renew(me_, lease_));
            return w.claim_last(by).runs.size();
        };
        return write(in, claims);
    }
    std::vector<run_row> runs(reading& in, run_state state) const {
        const job_row of = job(in);
        if (of.id == job_id::none) return {};
        return in.runs({.job = of.id, .state = state});
    }
    step new_step() const {
        return {.by = me_, .job = job_.id, .revision = job_.revision, .at = job_.at};
    }
    void keep(const step_result& made) {
        EXPECT_EQ(made.is, verdict::taken);
        job_.revision = made.revision;
    }

    node_id me_{};
    job_row job_;
    std::string name_;
    std::string kind_;
    wall_time now_;
    std::uint64_t claim_ = 0;
    duration lease_ = 2h;
};

std::vector<act> history::acts() {
    const std::string key = "the key";
    const auto run_of = [this](std::int64_t n, run_state state) {
        run_row row;
        row.of.kind = kind_;
        row.of.nominal = now_ + n * 1s;
        row.of.state = state;
        row.number = static_cast<std::uint64_t>(n);
        row.claim = 5;
        return row;
    };
    return {
        {"enter",
         [this](store& in) {
             me_ = write(
                 in, [&](writing& w) { return w.enter({.name = name_, .kinds = {kind_}}, 1h); });
         },
         [this](reading& in) {
             auto all = in.nodes();
             return node(all) != nullptr;
         }},
        {"create",
         [this](store& in) {
             const auto id = write(in, [&](writing& w) {
                 return w.create({.name = name_, .definition = "as it was made"});
             });
             job_ = {.id = id.value(), .revision = 1};
         },
         [this](reading& in) { return job(in).definition == "as it was made"; }},
        {"step",
         [=, this](store& in) {
             step one = new_step();
             one.begins = {run_of(1, run_state::running), run_of(2, run_state::ready)};
             one.stretches.push_back({.first = now_, .last = now_});
             one.definition = "edited";
             one.backfill = backfill_row{.id = "backfill"};
             keep(write(in, [&](writing& w) { return w.take(one); }));
         },
         [this](reading& in) {
             const job_row of = job(in);
             // All of it, or nothing.
             const bool is = of.revision >= 2;
             EXPECT_EQ(of.definition == "edited", is);
             EXPECT_EQ(in.stretches(of.id, wall_time::min(), wall_time::max()).size(),
                       is ? 1u : 0u);
             EXPECT_EQ(in.backfills(of.id).size(), is ? 1u : 0u);
             EXPECT_EQ(of.open.size(), is ? 2u : 0u);
             return is;
         }},
        {"claim", [this](store& in) { EXPECT_EQ(claim_last(in, 1), 1u); },
         [this](reading& in) { return runs(in, run_state::running).size() == 2; }},
        {"claim of none",
         [this](store& in) {
             lease_ = 3h;
             EXPECT_EQ(claim_last(in, 10), 0u);
         },
         [this](reading& in) {
             auto all = in.nodes();
             return node(all)->lease_until > later(in.now(), 150min);
         }},
        {"renew",
         [this](store& in) {
             EXPECT_TRUE(write(in, [&](writing& w) { return w.renew(me_, 5h); }));
         },
         [this](reading& in) {
             auto all = in.nodes();
             return node(all)->lease_until > later(in.now(), 4h);
         }},
        {"end",
         [this](store& in) {
             const auto mine = read(in, [&](reading& r) { return runs(r, run_state::running); });
             std::vector<step> ends;
             for (const run_row& row : mine) {
                 ends.push_back({.by = me_, .changes = {change_of(row)}});
                 ends.back().changes[0].state = run_state::ok;
                 ends.back().changes[0].report = "done";
             }
             std::vector<const step*> all;
             for (const step& one : ends) all.push_back(&one);
             const auto taken = write(in, [&](writing& w) { return w.take_all(all); });
             for (const step_result& one : taken) EXPECT_EQ(one.is, verdict::taken);
         },
         [this](reading& in) {
             const std::size_t ended = runs(in, run_state::ok).size();
             EXPECT_TRUE(ended == 0 || ended == 2) << ended;
             return ended == 2;
         }},
        {"two parts, one of which is refused",
         [=, this](store& in) {
             step one = new_step();
             one.at.notes = "noted";
             step_result made;
             support::part_of first([&](writing& w) { made = w.take(one); });
             support::part_of second([&](writing& w) {
                 w.create({.name = name_ + " that is undone"});
                 throw std::logic_error("as it was asked");
             });
             part* const parts[] = {&first, &second};
             in.write(parts);
             if (first.error) std::rethrow_exception(first.error);
             keep(made);
             EXPECT_TRUE(second.error);
         },
         [this](reading& in) {
             EXPECT_TRUE(in.jobs({.names = {name_ + " that is undone"}}).empty());
             return job(in).at.notes == "noted";
         }},
        {"submit",
         [=](store& in) {
             run_row row = run_of(0, run_state::ready);
             row.of.key = key;
             EXPECT_EQ(write(in, [&](writing& w) { return w.submit(row).is; }), verdict::taken);
         },
         [=, this](reading& in) {
             return in.runs({.job = job_id::none, .kind = kind_, .key = key}).size() == 1;
         }},
        {"prune",
         [this](store& in) {
             // From this job on: there are others.
             const job_id before{static_cast<std::int64_t>(job_.id) - 1};
             const prune_request what{
                 .kept_of_each = 1,
                 .from = {.ended_at = wall_time::max(), .history = {.job = before}}};
             write(in, [&](writing& w) { return w.prune(what); });
         },
         [this](reading& in) { return runs(in, run_state::ok).size() == 1; }},
        {"leave", [this](store& in) { write(in, [&](writing& w) { w.leave(me_); }); },
         [this](reading& in) {
             auto all = in.nodes();
             return node(all)->state == node_state::ended;
         }},
    };
}

class postgres_that_is_cut : public testing::Test {
protected:
    /// Runs a history, and does this to its n-th request; false: it has not so many.
    bool run(int n, proxy_deed deed) {
        history one(++histories_);
        store_.emplace(pg_options{.url = between_.url()}); // the same requests each time
        asked_ = 0;
        sql_.clear();
        between_.rule([this, n, deed](const std::string& sql) {
            if (sql.starts_with("BEGIN"))
                begin_ = sql.find("READ ONLY") != std::string::npos ? "reading" : "writing";
            if (sql == "connect" || ++asked_ != n) return proxy_deed::forward();
            sql_ = sql;
            was_at_ = sql.starts_with("BEGIN") ? "begin" : begin_;
            return deed;
        });
        for (const act& each : one.acts()) {
            SCOPED_TRACE(each.name);
            const bool was_struck = asked_ >= n;
            const auto is_there = [&] {
                return read(by_hand_, [&](reading& r) {
                    one.recall(r);
                    return each.is_there(r);
                });
            };
            try {
                each.run(*store_);
            } catch (const store_error& e) {
                wait_for_the_server();
                ++failed_;
                ++failed_at_[was_at_];
                SCOPED_TRACE(e.what() + (" at " + sql_));
                const bool is = is_there();
                if (e.fault() == store_fault::unknown_outcome) {
                    if (sql_ == "COMMIT") {
                        ++(is ? was_done_ : was_not_done_);
                    } else { // a claim, which a COMMIT follows, or has not yet
                        EXPECT_TRUE(sql_.starts_with("WITH shares")) << sql_;
                    }
                } else {
                    EXPECT_FALSE(is);
                    EXPECT_EQ(e.fault(), fault_);
                }
                if (!is) each.run(*store_);
            }
            if (asked_ >= n) {
                EXPECT_TRUE(is_there());
            }
            if (was_struck) break; // it works on
        }
        between_.rule(nullptr);
        return asked_ >= n;
    }
    /// A COMMIT that it has heard of is done, though nobody hears the answer.
    void wait_for_the_server() {
        while (client_.ask("SELECT count(*) FROM pg_stat_activity AS a WHERE a.state <> 'idle' "
                           "AND a.datname = current_database() AND a.pid <> pg_backend_pid()") > 0)
            std::this_thread::sleep_for(1ms);
    }
    int run_at_each(proxy_deed deed, int stride = 1) {
        int n = 1;
        while (!HasFailure()) {
            SCOPED_TRACE(n);
            if (!run(n, deed)) break;
            n += stride;
        }
        std::cout << n - 1 << " requests, " << failed_ << " failed; of unknown outcome "
                  << was_done_ << " were done, " << was_not_done_ << " were not\n";
        return n - 1;
    }

    support::postgres_database database_;
    support::postgres_proxy between_{database_.url()};
    std::optional<pg_store> store_;
    pg_store by_hand_{{.url = database_.url()}};
    support::postgres_client client_{database_.url()};
    store_fault fault_ = store_fault::unreachable;
    std::atomic<int> asked_ = 0;
    std::string sql_; // of what was struck
    std::string begin_;
    std::string was_at_; // "begin", "reading", "writing"
    int histories_ = 0;
    int failed_ = 0;
    std::map<std::string, int> failed_at_;
    int was_done_ = 0;
    int was_not_done_ = 0;
};

} // namespace

TEST_F(postgres_that_is_cut, before_a_request_has_not_done_it) {
    EXPECT_GT(run_at_each(proxy_deed::cut_before()), 40);
    EXPECT_EQ(was_done_, 0);
    EXPECT_GE(was_not_done_, 10);
}

TEST_F(postgres_that_is_cut, after_a_request_has_done_what_was_committed) {
    EXPECT_GT(run_at_each(proxy_deed::cut_after()), 40);
    EXPECT_GE(was_done_, 10);
    EXPECT_EQ(was_not_done_, 0);
}

// A trigger, or the server, may raise anything at any statement.
TEST_F(postgres_that_is_cut, by_an_error_of_a_statement_leaves_nothing_of_it) {
    fault_ = store_fault::full;
    EXPECT_GT(run_at_each(proxy_deed::raise("53100"), 2), 40);
    EXPECT_EQ(was_done_ + was_not_done_, 0);
}

TEST_F(postgres_that_is_cut, by_a_deadlock_does_all_of_the_transaction_again) {
    fault_ = store_fault::busy;
    EXPECT_GT(run_at_each(proxy_deed::raise("40P01"), 2), 40);
    EXPECT_EQ(failed_at_["writing"], 0); // who reads is told, for it has heard a part already
}

TEST_F(postgres_that_is_cut, by_the_end_of_the_server_goes_on_with_the_next) {
    EXPECT_GT(run_at_each(proxy_deed::fail("57P01", "terminating connection"), 3), 40);
}
