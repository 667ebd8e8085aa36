// All interleavings of a few nodes in a tiny world, step by step, on the store in memory: T2 of the
// design. What a node knows is of its last look, so each of them may be late by as much as the
// others do meanwhile. The store goes back by its undo log, and what was seen is not entered again.

#include <gtest/gtest.h>

#include <iostream>
#include <set>
#include <unordered_map>

#include <jobs/decider.hpp>
#include <jobs/submitted_run.hpp>
#include <store/memory/store.hpp>
#include <support/rows_text.hpp>
#include <support/slow.hpp>
#include <support/transaction.hpp>

namespace {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;

constexpr wall_time start{};
constexpr duration lease = 2s;

struct shape {
    std::size_t nodes = 2;
    bool has_job = false; // of an instant each second; else one run is submitted
    int ticks = 3; // of a second
    unsigned depth = 8;
};

struct one_node {
    node_id id = node_id::none;
    bool is_gone = false; // it crashed
    std::optional<run_row> runs = std::nullopt;
    job_row sees = {};
};

/// All but the store.
struct state {
    std::vector<one_node> nodes;
    int ticks = 0;
    std::uint64_t writes = 0;
    // What holds, whatever the store lets pass (and what follows from the rest, if it does not):
    std::set<node_id> dead = {};
    std::optional<std::uint64_t> claimed = std::nullopt; // by this the run is whose it is
    wall_time decided{};
};

enum class action { tick, enter, renew, claim, complete, crash, evict, take_over, look, decide };
constexpr const char* words[] = {"tick",  "enter", "renew",     "claim", "complete",
                                 "crash", "evict", "take over", "look",  "decide"};

class world {
public:
    world(shape of, std::vector<store_check> left_out)
        : of_(of),
          store_(
              {.now = [this] { return now_; }, .losable = 100, .left_out = std::move(left_out)}) {
        support::write(store_, [&](writing& in) {
            if (!of_.has_job) return in.submit(row_of("k", "{}", {}, start)).is;
            const job one{
                .name = "j", .when = interval(1s), .kind = "k", .until = start + 1s * of_.ticks};
            in.create(decider::make({one, std::nullopt}, "us", start));
            return verdict::taken;
        });
        state first{.nodes = std::vector<one_node>(of_.nodes)};
        explore(first, of_.depth);
    }

    std::string wrong; // what, and how it came to that; empty: nothing
    std::size_t states() const { return seen_.size(); }

private:
    void explore(const state& at, unsigned left) {
        if (!wrong.empty()) return;
        unsigned& was_left = seen_[std::hash<std::string>()(text_of(at))]; // from 1; 0: never
        if (was_left > left) return;
        was_left = left + 1;
        if (left == 0) return;
        step(at, left, action::tick, 0);
        for (std::size_t n = 0; n < at.nodes.size(); ++n) {
            for (int a = 1; a <= static_cast<int>(action::decide); ++a)
                step(at, left, static_cast<action>(a), n);
        }
    }
    void step(const state& at, unsigned left, action what, std::size_t n) {
        if (!wrong.empty()) return;
        state next = at;
        now_ = start + 1s * next.ticks;
        path_.emplace_back(what, n);
        if (does(what, next, next.nodes[n])) {
            if (!wrong.empty()) return tell_path();
            explore(next, left - 1);
        }
        path_.pop_back();
        if (next.writes != at.writes) store_.lose_last(1);
    }
    void tell_path() {
        for (const auto& [what, n] : path_)
            wrong += std::string("\n  ") + words[static_cast<int>(what)] + " " + std::to_string(n);
    }

    /// One transaction, which is one in the undo log, whatever it writes.
    template <class F>
    auto write(state& s, F f) {
        ++s.writes;
        return support::write(store_, [&](writing& in) {
            in.apply("the number of", s.writes);
            return f(in);
        });
    }
    job_row stored_job() {
        return support::read(store_, [](reading& in) { return in.jobs({}).at(0); });
    }

    /// False: nothing has come of it.
    bool does(action what, state& s, one_node& n) {
        if (what == action::tick) return s.ticks < of_.ticks && ++s.ticks > 0;
        if (n.is_gone) return false;
        if (what == action::enter) {
            if (n.id != node_id::none) return false;
            n.id = write(s, enters);
            return true;
        }
        if (n.id == node_id::none) return false;
        switch (what) {
        case action::renew:
            return renews(s, n);
        case action::claim:
            return claims(s, n);
        case action::complete:
            return n.runs && completes(s, n);
        case action::crash:
            n.is_gone = true;
            n.runs.reset();
            return true;
        case action::evict: {
            const auto dead = write(s, [&](writing& in) { return in.evict(0s); });
            s.dead.insert(dead.begin(), dead.end());
            return !dead.empty();
        }
        case action::take_over:
            return takes_over(s, n);
        case action::look: {
            if (of_.has_job) n.sees = stored_job();
            return of_.has_job;
        }
        case action::decide:
            return n.sees.revision != 0 && decides(s, n);
        default:
            return false;
        }
    }
    static node_id enters(writing& in) { return in.enter({.name = "n", .kinds = {"k"}}, lease); }
    /// One that is told that it is dead enters anew, and what it runs goes on.
    bool renews(state& s, one_node& n) {
        const node_id was = n.id;
        n.id = write(s, [&](writing& in) { return in.renew(was, lease) ? was : enters(in); });
        if (s.dead.contains(n.id)) wrong = "a dead node lives again";
        return true;
    }
    bool claims(state& s, one_node& n) {
        if (n.runs) return false;
        const std::uint64_t number = s.writes + 1; // of this moment
        const auto rows = write(s, [&](writing& in) {
            return in.claim_runs({.by = n.id, .id = number, .kinds = {"k"}, .most = 1});
        });
        if (rows.empty()) return false;
        if (s.dead.contains(n.id)) wrong = "a dead node claims";
        n.runs = rows[0];
        s.claimed = number;
        return true;
    }
    bool completes(state& s, one_node& n) {
        cicada::detail::step made;
        if (of_.has_job) {
            decider by(n.sees);
            if (!by.run_ended(n.runs->of.id, {}, now_)) return false; // it must look first
            made = by.take_step(n.id);
        } else {
            made.by = n.id;
            made.changes = {change_of(*n.runs)};
            made.changes[0].state = run_state::ok;
        }
        const verdict is = take(s, n, made);
        if (is == verdict::stale) return true;
        const bool is_its_own = s.claimed == n.runs->claim;
        if (is == verdict::taken && !is_its_own) wrong = "who has it no more completes a run";
        if (is == verdict::taken) s.claimed.reset();
        n.runs.reset();
        return true;
    }
    bool takes_over(state& s, one_node& n) {
        const auto rows =
            support::read(store_, [](reading& in) { return in.runs({.is_orphaned = true}); });
        if (rows.empty()) return false;
        cicada::detail::step made;
        if (of_.has_job) {
            decider by(n.sees.revision != 0 ? n.sees : stored_job());
            if (!by.run_lost(rows[0].of.id, now_)) return false;
            made = by.take_step(n.id);
        } else {
            made.by = n.id;
            made.changes = {after_attempt(rows[0], {.how = run_end::lost}, now_, "here")};
            made.changes[0].run_at = now_;
        }
        if (take(s, n, made) == verdict::taken) s.claimed.reset();
        return true;
    }
    bool decides(state& s, one_node& n) {
        decider by(n.sees);
        by.due(now_);
        if (n.runs || !by.has_step()) return false;
        cicada::detail::step made = by.take_step(n.id);
        const std::uint64_t number = s.writes + 1;
        for (run_row& one : made.begins) {
            one.of.state = run_state::running;
            one.node = n.id;
            one.claim = number;
        }
        if (take(s, n, made) != verdict::taken) return true;
        if (made.begins.empty()) return true;
        n.runs = n.sees.open.at(0);
        s.claimed = number;
        return true;
    }
    verdict take(state& s, one_node& n, const cicada::detail::step& made) {
        const step_result result = write(s, [&](writing& in) { return in.take(made); });
        if (result.is == verdict::repeated) wrong = "an instant is decided twice";
        if (result.is != verdict::taken) return result.is;
        if (s.dead.contains(n.id)) wrong = "a dead node writes";
        if (!of_.has_job) return result.is;
        n.sees = stored_job();
        if (n.sees.at.decided < s.decided) wrong = "what was decided is forgotten";
        s.decided = n.sees.at.decided;
        support::read(store_, [&](reading& in) {
            for (const stretch& one : in.stretches(n.sees.id, wall_time::min(), wall_time::max())) {
                const auto runs =
                    in.runs({.nominal_from = one.first, .nominal_until = one.last + 1ns});
                if (!runs.empty()) wrong = "an instant that runs has another fate as well";
            }
            return 0;
        });
        return result.is;
    }

    std::string text_of(const state& s) {
        std::string all = support::read(store_, [](reading& in) {
            return text(in.nodes()) + text(in.jobs({})) + text(in.runs({}));
        });
        for (const one_node& n : s.nodes)
            all += "\n n" + text(n.id) + (n.is_gone ? " gone" : "") + text(n.runs) +
                   std::to_string(n.sees.revision) + text(n.sees.at);
        return all + '\n' + std::to_string(s.ticks);
    }

    const shape of_;
    wall_time now_{};
    memory_store store_;
    std::vector<std::pair<action, std::size_t>> path_;
    std::unordered_map<std::size_t, unsigned> seen_; // by hash
};

TEST(interleavings, of_nodes_with_a_run_and_with_a_job_break_nothing) {
    for (shape of : {shape{.nodes = 2, .depth = 10}, shape{.nodes = 3, .depth = 8},
                     shape{.nodes = 2, .has_job = true, .depth = 8}}) {
        if (support::is_slow) of.depth -= 2;
        const world all(of, {});
        EXPECT_EQ(all.wrong, "");
        std::cout << of.nodes << " nodes and a " << (of.has_job ? "job" : "run") << ", " << of.depth
                  << " steps deep: " << all.states() << " states\n";
    }
}

TEST(interleavings, find_out_a_store_that_looks_at_no_lease) {
    EXPECT_NE(world({.nodes = 2}, {store_check::lease}).wrong, "");
}
TEST(interleavings, find_out_a_store_that_looks_at_no_fence) {
    EXPECT_NE(world({.nodes = 2, .depth = 10}, {store_check::fence}).wrong, "");
}
TEST(interleavings, find_out_a_store_that_looks_at_no_revision) {
    EXPECT_NE(world({.nodes = 2, .has_job = true}, {store_check::revision}).wrong, "");
}

} // namespace
