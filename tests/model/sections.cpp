// One task in random nests of timeouts, scopes and shields, asked to cancel from outside at random
// instants, whose waits swallow some requests and let others pass: it goes as in a naive account
// that keeps a list of all requests, and of which `cancelled` delivered which. Each case runs in
// both forms: thrown at, and told (unless_cancelled). Who goes on is thrown at in both.
//
// A case is one seed. To repeat one alone: CICADA_SEED=<seed> model_tests --gtest_filter=sections.*

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <cicada/cicada.hpp>
#include <support/random.hpp>
#include <support/simulated.hpp>
#include <support/slow.hpp>

using namespace cicada;
using namespace std::chrono_literals;

namespace {

constexpr int cases = support::is_slow ? 2'000 : 20'000;

struct node {
    enum class kind { wait, timeout, scope, shield };
    kind what;
    int id;
    duration time; // of the wait, of the limit, or until a child of the scope fails
    bool goes_on; // after `cancelled`, or after the error of the section
    std::vector<node> parts = {}; // of the section; of a wait: what it does when it is cancelled
};

struct child_error {
    int of;
};

struct plan_of_case {
    std::vector<node> program;
    std::vector<duration> requests; // from outside

    explicit plan_of_case(std::uint64_t seed) : random_(seed) {
        program = parts(3);
        for (unsigned n = random_(4); n > 0; --n) requests.push_back(some_time());
        std::sort(requests.begin(), requests.end());
    }

private:
    /// No two instants of a case are the same, so that no order within a turn matters.
    duration some_time() {
        return duration(std::int64_t{random_(1'000'000)} * 1'000'000 + random_(1'000'000) + 1);
    }
    std::vector<node> parts(unsigned depth) {
        std::vector<node> all;
        for (unsigned n = 1 + random_(3); n > 0; --n) {
            const unsigned what = depth == 0 ? 0 : random_(6);
            node one{what < 2    ? node::kind::wait
                     : what == 2 ? node::kind::shield
                     : what == 3 ? node::kind::scope
                                 : node::kind::timeout,
                     ++ids_, some_time(), random_(2) == 0};
            const bool has_parts = one.what != node::kind::wait || (depth > 0 && random_(2) == 0);
            if (has_parts) one.parts = parts(depth - 1);
            all.push_back(std::move(one));
        }
        return all;
    }

    support::random_numbers random_;
    int ids_ = 0;
};

/// What has happened, in words.
class account {
public:
    void note(const node& one, const char* what, duration at) {
        text_ += std::to_string(one.id) + ' ' + what + " at " + std::to_string(at.count()) + '\n';
    }
    void ended(const char* how) { text_ += how; }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// ---- the library ------------------------------------------------------------------------------

enum class form { thrown, told };

class actual {
public:
    static std::string of(const plan_of_case& plan, form by, support::simulated& sim) {
        actual run(sim->now(), by);
        sim.run([&]() -> task<> {
            auto program = spawn(run.all(plan.program));
            std::vector<periodic> requests;
            for (const duration at : plan.requests)
                requests.push_back(after(at, [&] { program.cancel(); }));
            try {
                co_await program;
                run.account_.ended("value");
            } catch (const task_cancelled&) {
                run.account_.ended("cancelled");
            } catch (const timeout_error&) {
                run.account_.ended("timeout");
            } catch (const child_error&) {
                run.account_.ended("error");
            }
        });
        return run.account_.text();
    }

private:
    actual(elapsed_time begin, form by) : begin_(begin), is_told_(by == form::told) {}
    void note(const node& one, const char* what) { account_.note(one, what, now() - begin_); }

    task<> all(const std::vector<node>& parts) {
        for (const node& one : parts) {
            if (!is_told_) {
                co_await step(one);
            } else if (!co_await unless_cancelled(step(one))) {
                co_return;
            }
        }
    }
    task<> step(const node& one) {
        switch (one.what) {
        case node::kind::wait:
            return wait(one);
        case node::kind::timeout:
            return limited(one);
        case node::kind::scope:
            return scoped(one);
        case node::kind::shield:
            break;
        }
        return shielded(one);
    }
    task<> wait(const node& one) {
        if (is_told_ && !one.goes_on) {
            const auto slept = co_await unless_cancelled(sleep(one.time));
            note(one, slept ? "waited" : "cancelled");
            if (!slept) co_await all(one.parts);
            co_return;
        }
        try {
            co_await sleep(one.time);
            note(one, "waited");
            co_return;
        } catch (const cancelled&) {
            note(one, "cancelled");
        }
        co_await all(one.parts);
        if (!one.goes_on) throw cancelled{};
    }
    task<> limited(const node& one) {
        try {
            if (is_told_ && !one.goes_on) {
                const auto done = co_await unless_cancelled(with_timeout(one.time, all(one.parts)));
                note(one, done ? "in time" : "passes");
                co_return;
            }
            co_await with_timeout(one.time, all(one.parts));
            note(one, "in time");
        } catch (const timeout_error&) {
            note(one, "timeout");
            if (!one.goes_on) throw;
        } catch (const cancelled&) {
            note(one, "passes");
            if (!one.goes_on) throw;
        }
    }
    static task<> fail(const node& one) {
        co_await sleep(one.time);
        throw child_error{one.id};
    }
    task<> scoped(const node& one) {
        const auto body = [&](scope& s) -> task<> {
            s.spawn(fail(one));
            if (is_told_) {
                static_cast<void>(co_await unless_cancelled(all(one.parts)));
            } else {
                co_await all(one.parts);
            }
        };
        try {
            if (is_told_) {
                static_cast<void>(co_await unless_cancelled(with_scope(body)));
            } else {
                co_await with_scope(body);
            }
        } catch (const child_error& e) {
            note(one, e.of == one.id ? "its error" : "another's error");
            if (!one.goes_on) throw;
        }
    }
    task<> shielded(const node& one) {
        if (is_told_) {
            const auto done = co_await unless_cancelled(shield(all(one.parts)));
            if (!done) co_return;
        } else {
            co_await shield(all(one.parts));
        }
        note(one, "done");
    }

    elapsed_time begin_;
    bool is_told_;
    account account_;
};

// ---- the naive account ------------------------------------------------------------------------

class expected {
public:
    static std::string of(const plan_of_case& plan) {
        expected run(plan);
        try {
            run.all(plan.program);
            run.account_.ended("value");
        } catch (const cancelled&) {
            run.account_.ended("cancelled");
        } catch (const timeout_error&) {
            run.account_.ended("timeout");
        } catch (const child_error&) {
            run.account_.ended("error");
        }
        return run.account_.text();
    }

private:
    static constexpr std::size_t outside = 0; // the level of requests; sections are above
    static constexpr int nothing_yet = -1;
    struct section {
        duration asks_at = duration::max();
        int begun_after = 0; // so many throws
        bool shields = false;
        bool has_asked = false;
    };
    struct request {
        std::size_t level;
        int delivered_by = nothing_yet; // the throw
        bool is_pending = true;
        bool is_open = true; // its section has not ended
    };

    explicit expected(const plan_of_case& plan) : plan_(plan) {}
    void note(const node& one, const char* what) { account_.note(one, what, now_); }

    std::size_t lowest_that_reaches() const {
        std::size_t level = sections_.size();
        while (level > 0 && !sections_[level - 1].shields) --level;
        return level == 0 ? outside : level + 1;
    }
    bool waits_for_delivery(const request& r) const {
        return r.is_open && r.is_pending && r.level >= lowest_that_reaches();
    }
    bool is_any_pending() const {
        return std::any_of(requests_.begin(), requests_.end(),
                           [&](const request& r) { return waits_for_delivery(r); });
    }
    void deliver_by(int number) {
        for (request& r : requests_) {
            if (!waits_for_delivery(r)) continue;
            r.delivered_by = number;
            r.is_pending = false;
        }
    }
    void deliver() { deliver_by(++throws_); }

    /// Lets the time pass, up to `until`. False: a request came that reaches here.
    bool pass(duration until) {
        while (!is_any_pending()) {
            duration next = until;
            section* whose = nullptr;
            for (section& one : sections_) {
                if (!one.has_asked && one.asks_at < next) {
                    next = one.asks_at;
                    whose = &one;
                }
            }
            const bool is_from_outside =
                next_request_ < plan_.requests.size() && plan_.requests[next_request_] < next;
            if (is_from_outside) next = plan_.requests[next_request_++];
            now_ = next;
            if (is_from_outside) {
                requests_.push_back({outside});
            } else if (whose) {
                whose->has_asked = true;
                requests_.push_back({static_cast<std::size_t>(whose - sections_.data()) + 1});
            } else {
                return true;
            }
        }
        return false;
    }

    /// Of the requests to the section and from beyond it: those that were delivered last within it.
    int last_delivery(const section& within, std::size_t level) const {
        int last = nothing_yet;
        for (const request& r : requests_) {
            if (r.level <= level && r.is_open && r.delivered_by > within.begun_after)
                last = std::max(last, r.delivered_by);
        }
        return last;
    }
    bool was_from_beyond(int number, std::size_t level) const {
        return std::any_of(requests_.begin(), requests_.end(), [&](const request& r) {
            return number != nothing_yet && r.level < level && r.delivered_by == number;
        });
    }
    /// Ends the innermost section. Whether it was cancelled for its own request alone.
    bool leave(bool was_cancelled) {
        const std::size_t level = sections_.size();
        const section ended = sections_.back();
        last_ = last_delivery(ended, level);
        for (request& r : requests_)
            if (r.level == level) r.is_open = false;
        sections_.pop_back();
        if (!was_cancelled || !ended.has_asked || was_from_beyond(last_, level)) return false;
        if (!is_any_pending()) return true;
        deliver();
        last_ = throws_;
        return false;
    }
    void enter(duration asks_after, bool shields) {
        section one{.begun_after = throws_, .shields = shields};
        if (!shields) one.asks_at = now_ + asks_after;
        sections_.push_back(one);
    }

    void all(const std::vector<node>& parts) {
        for (const node& one : parts) step(one);
    }
    void step(const node& one) {
        switch (one.what) {
        case node::kind::wait:
            return wait(one);
        case node::kind::timeout:
            return limited(one);
        case node::kind::scope:
            return scoped(one);
        case node::kind::shield:
            return shielded(one);
        }
    }
    void wait(const node& one) {
        if (pass(now_ + one.time)) return note(one, "waited");
        deliver();
        note(one, "cancelled");
        all(one.parts);
        if (!one.goes_on) throw cancelled{};
    }
    void limited(const node& one) {
        enter(one.time, false);
        try {
            all(one.parts);
            leave(false);
            return note(one, "in time");
        } catch (const cancelled&) {
            if (!leave(true)) {
                note(one, "passes");
                if (!one.goes_on) throw;
                return;
            }
        } catch (const timeout_error&) { // of another within
            leave(false);
        } catch (...) {
            leave(false);
            throw;
        }
        note(one, "timeout");
        if (!one.goes_on) throw timeout_error();
    }
    void scoped(const node& one) {
        enter(one.time, false);
        const duration fails_at = sections_.back().asks_at;
        std::exception_ptr error;
        bool was_cancelled = false;
        try {
            all(one.parts);
        } catch (const cancelled&) {
            was_cancelled = true;
        } catch (...) {
            error = std::current_exception();
        }
        const bool has_failed = sections_.back().has_asked;
        const bool for_itself = leave(was_cancelled);
        try {
            finish(one, fails_at, has_failed, was_cancelled && !for_itself, error);
        } catch (const child_error& e) {
            note(one, e.of == one.id ? "its error" : "another's error");
            if (!one.goes_on) throw;
        }
    }
    void finish(const node& one, duration fails_at, bool has_failed, bool was_cancelled,
                const std::exception_ptr& error) {
        if (has_failed) {
            if (was_cancelled) { // by others: again, after the error
                for (request& r : requests_)
                    if (r.is_open && r.delivered_by == last_) r.is_pending = true;
            }
            throw child_error{one.id};
        }
        if (error) std::rethrow_exception(error); // what is pending stays so
        if (was_cancelled) {
            deliver_by(last_);
            throw cancelled{};
        }
        if (pass(fails_at)) throw child_error{one.id};
        deliver();
        throw cancelled{};
    }
    void shielded(const node& one) {
        enter({}, true);
        try {
            all(one.parts);
        } catch (...) {
            sections_.pop_back();
            throw;
        }
        sections_.pop_back();
        note(one, "done");
    }

    const plan_of_case& plan_;
    duration now_{};
    std::size_t next_request_ = 0;
    std::vector<section> sections_;
    std::vector<request> requests_;
    int throws_ = 0;
    int last_ = nothing_yet; // what delivery the section that ended last ended by
    account account_;
};

} // namespace

TEST(sections, tell_requests_apart_as_a_naive_account_does) {
    const char* const given = std::getenv("CICADA_SEED");
    const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : 1;
    const std::uint64_t last = given ? first : first + cases - 1;
    int ended_by_timeout = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const plan_of_case plan(seed);
        const std::string account = expected::of(plan);
        for (const form by : {form::thrown, form::told}) {
            support::simulated sim;
            ASSERT_EQ(actual::of(plan, by, sim), account)
                << "with seed " << seed << (by == form::told ? ", told" : ", thrown");
        }
        ended_by_timeout += account.find("timeout") != std::string::npos ? 1 : 0;
    }
    if (!given) {
        EXPECT_GT(ended_by_timeout, cases / 10);
    }
}
