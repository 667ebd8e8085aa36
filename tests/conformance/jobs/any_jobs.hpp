#pragma once

/// What jobs promise on every store, in simulated time: with a worker that comes and goes.
///
///     TEST_P(any_jobs, run) {
///         at("2026-03-01T00:00:00Z", [this]() -> task<> {
///             co_await add(tick);
///             co_await come();
///             co_await sleep(1min);
///             co_await go_away();              // and, if it lasts, it is closed
///             EXPECT_EQ(starts.size(), 13u);
///         });
///     }

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <cicada/jobs.hpp>
#include <jobs/access.hpp>
#include <support/simulated.hpp>

namespace conformance_of_jobs {

using namespace cicada;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Where jobs are kept, for as long as this exists.
class kept {
public:
    virtual ~kept() = default;
    virtual std::string url() const = 0;
    /// It may be closed, and opened again.
    virtual bool lasts() const { return true; }
};

struct kind_of_kept {
    const char* name;
    std::unique_ptr<kept> (*make)();
};
inline void PrintTo(const kind_of_kept& kind, std::ostream* to) { *to << kind.name; }

/// Before main().
bool add_kind_of_kept(kind_of_kept one);

class any_jobs : public testing::TestWithParam<kind_of_kept> {
protected:
    template <class F>
    void at(const char* start, F test) {
        support::simulated sim(start);
        sim_ = &sim;
        sim.run([this, test = std::move(test)]() -> task<> {
            began_at = wall_now();
            co_await open();
            co_await test();
            co_await go_away();
            store_.reset();
        });
        errors = sim.errors;
    }

    job_store& store() { return *store_; }
    support::simulated& sim() { return *sim_; }

    // ---- the worker ----
    /// Runs "work", which takes so many seconds as its arguments say: {} is none.
    task<> come() {
        if (!store_) co_await open();
        working_.emplace(spawn(serve(this, *store_)));
    }
    task<> go_away() {
        if (working_) co_await working_->cancel();
        working_.reset();
        if (where_->lasts()) store_.reset();
    }

    // ---- jobs, and what became of them ----
    task<> add(job one) {
        if (!store_) co_await open();
        std::vector<job> all(1, std::move(one));
        co_await store_->apply("us", std::move(all));
    }
    task<std::vector<duration>> nominals(std::string name) {
        std::vector<duration> all;
        runs_options all_of_them;
        all_of_them.most = 1000;
        const auto runs = co_await store_->runs(name, all_of_them);
        for (const run_record& one : runs) all.insert(all.begin(), one.nominal - began_at);
        co_return all;
    }
    /// As they lie there.
    task<std::vector<detail::stretch>> stretches(std::string name) {
        auto asked = store_->access().link().read([name](detail::reading& in) {
            const auto row = in.jobs({.names = {name}}).at(0);
            return in.stretches(row.id, wall_time::min(), wall_time::max());
        });
        co_return co_await asked;
    }
    task<reason_why> why(std::string name, duration instant) {
        return store_->why(std::move(name), began_at + instant);
    }

    duration poll = 1s;
    wall_time began_at{};
    std::vector<duration> starts; // of "work", since began_at
    std::vector<std::string> errors; // what came to the error handler, once it is over

private:
    task<> open() {
        job_store opened = co_await open_store(where_->url());
        store_.emplace(std::move(opened));
    }
    static task<> work(any_jobs* here, job_run run) {
        here->starts.push_back(wall_now() - here->began_at);
        const std::string& seconds = run.arguments();
        if (seconds != "{}") co_await sleep(std::chrono::seconds(std::stoi(seconds)));
    }
    static task<> serve(any_jobs* here, job_store store) {
        worker_options options;
        options.poll = here->poll;
        options.lease = 60 * here->poll;
        worker one(store, std::move(options));
        one.handle("work", [here](job_run run) { return work(here, std::move(run)); });
        co_await one.run();
    }

    const std::unique_ptr<kept> where_ = GetParam().make();
    support::simulated* sim_ = nullptr;
    std::optional<job_store> store_;
    std::optional<join_handle<>> working_;
};

} // namespace conformance_of_jobs
