#pragma once

/// What every store promises (src/store/store.hpp), tested in the same way with each of them: see
/// stores.cpp for the list.
///
///     TEST_P(any_store, a_step_on_an_old_revision_is_stale) {
///         const job_id id = create("a");
///         EXPECT_EQ(take(decided(id)).is, verdict::taken);
///         EXPECT_EQ(take({.job = id, .revision = 1}).is, verdict::stale);
///     }
///
/// Each test has a store of its own, whose clock stands until the test moves it.

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <store/run_change.hpp>
#include <store/store.hpp>
#include <support/rows_text.hpp>
#include <support/transaction.hpp>

namespace conformance_of_stores {

using namespace cicada;
using namespace cicada::detail;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using clock_function = cicada::detail::function<wall_time()>;

/// Where one store is, for as long as this exists.
class place {
public:
    virtual ~place() = default;
    /// Made, the first time; later opened again, if it lasts().
    virtual std::unique_ptr<store> open(clock_function now) = 0;
    /// What was written is there when it is closed and opened again.
    virtual bool lasts() const = 0;
    /// Who opens it a second time is refused. Else both have the same.
    virtual bool is_owned() const { return false; }
    /// What is undone does: ids and fences have gaps.
    virtual bool uses_up_numbers() const { return false; }
    /// Of what is looked for: names, kinds, labels, keys. (People's have 200 bytes at most.)
    virtual std::size_t longest_name() const { return std::string::npos; }
};

struct kind_of_store {
    const char* name;
    std::unique_ptr<place> (*make)();
};
inline void PrintTo(const kind_of_store& kind, std::ostream* to) { *to << kind.name; }

const std::vector<kind_of_store>& kinds_of_store();
/// Before main().
bool add_kind_of_store(kind_of_store one);

class any_store : public testing::TestWithParam<kind_of_store> {
protected:
    wall_time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

    any_store() : place_(GetParam().make()) { reopen(); }

    detail::store& store() { return *store_; }
    conformance_of_stores::place& place() { return *place_; }
    /// What follows reads what lies there, not what this process remembers.
    void reopen() {
        if (store_ && !place_->lasts()) return;
        store_.reset();
        store_ = place_->open([this] { return now; });
    }

    // ---- one call, one transaction ----
    template <class F>
    auto write(F f) {
        return support::write(*store_, std::move(f));
    }
    template <class F>
    auto read(F f) {
        return support::read(*store_, std::move(f));
    }
    node_id enter(std::string name = "node", duration lease = 60s) {
        return write([&](writing& in) { return in.enter({.name = name}, lease); });
    }
    bool renew(node_id who, duration lease = 60s) {
        return write([&](writing& in) { return in.renew(who, lease); });
    }
    void leave(node_id who) {
        write([&](writing& in) { in.leave(who); });
    }
    std::vector<node_id> evict(duration patience = 0s) {
        return write([&](writing& in) { return in.evict(patience); });
    }
    std::vector<node_row> nodes() {
        return read([](reading& in) { return in.nodes(); });
    }

    job_id create(std::string name, job_state at = {}, std::string owner = "us") {
        const auto made = write([&](writing& in) {
            return in.create({.name = name, .owner = owner, .definition = "{}", .at = at});
        });
        return made.value();
    }
    std::vector<job_row> jobs(const job_query& which = {}) {
        return read([&](reading& in) { return in.jobs(which); });
    }
    job_row job(job_id id) { return jobs({.ids = {id}}).at(0); }
    std::vector<job_wake> waking(wall_time until, std::size_t most = 100) {
        return read([&](reading& in) { return in.waking(until, most); });
    }

    step_result take(const step& one) {
        return write([&](writing& in) { return in.take(one); });
    }
    /// A step of this job as it is now, by a person.
    step of(job_id id) {
        const job_row row = job(id);
        return {.job = id, .revision = row.revision, .at = row.at};
    }
    /// Begins a run of this job, for that instant.
    run_row begin(job_id id, wall_time nominal, std::string kind = "work") {
        step one = of(id);
        one.begins.push_back(ready_run(nominal, std::move(kind)));
        return take(one).begun.at(0);
    }
    static run_row ready_run(wall_time nominal, std::string kind = "work") {
        run_row row;
        row.of.kind = std::move(kind);
        row.of.nominal = nominal;
        row.of.run_at = nominal;
        return row;
    }
    static run_row submission(wall_time run_at, std::string kind = "work", std::string key = {}) {
        run_row row = ready_run(run_at, std::move(kind));
        row.of.origin = run_origin::submitted;
        row.of.key = std::move(key);
        return row;
    }
    step_result submit(const run_row& one) {
        return write([&](writing& in) { return in.submit(one); });
    }
    run_row submit(wall_time run_at, std::string kind = "work") {
        return submit(submission(run_at, std::move(kind))).begun.at(0);
    }
    std::vector<run_row> claim_runs(const claim& by) {
        return write([&](writing& in) { return in.claim_runs(by); });
    }
    std::vector<run_row> claim_runs(node_id by, std::uint64_t id, std::size_t most = 100) {
        return claim_runs({.by = by, .id = id, .kinds = {"work"}, .most = most});
    }
    std::optional<wall_time> next_ready(const claim& by) {
        return read([&](reading& in) { return in.next_ready(by); });
    }
    std::vector<run_row> runs(const run_query& which = {}) {
        return read([&](reading& in) { return in.runs(which); });
    }
    run_row run(run_id id) { return runs({.ids = {id}}).at(0); }
    /// What becomes of a run that is as it is there.
    static run_change change(const run_row& from, run_state to) {
        run_change made = change_of(from);
        made.state = to;
        return made;
    }
    step_result end(const run_row& from, run_state to = run_state::ok) {
        return take({.changes = {change(from, to)}});
    }
    /// A part of a round; how many rows went.
    std::size_t prune(const prune_request& what) {
        return write([&](writing& in) { return in.prune(what); }).gone;
    }

private:
    std::unique_ptr<conformance_of_stores::place> place_;
    std::unique_ptr<detail::store> store_;
};

/// Ids of rows, in their order.
inline std::vector<run_id> ids(const std::vector<run_row>& rows) {
    std::vector<run_id> found;
    for (const run_row& row : rows) found.push_back(row.of.id);
    return found;
}

} // namespace conformance_of_stores
