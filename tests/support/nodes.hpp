#pragma once

/// Workers of one store in simulated time, each with a way to it that can be cut.
///
///     support::simulated sim;
///     support::nodes all;
///     all.add({.name = "tick", .when = interval(10s), .kind = "work"});
///     auto& a = all.start("a", {.most = 1}, {{"work", handler}});
///     sim->advance(1min);
///     a.cut();                                        // nothing reaches the store any more
///     EXPECT_EQ(all.of("tick").size(), 1u);

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <cicada/cicada.hpp>
#include <cicada/jobs/worker.hpp>
#include <jobs/access.hpp>
#include <jobs/decider.hpp>
#include <jobs/direct_link.hpp>
#include <jobs/submitted_run.hpp>
#include <support/picky_writing.hpp>
#include <support/warning_store.hpp>

namespace support {

/// What becomes of what is sent.
enum class way { open, cut, answers_are_lost };

class test_link final : public cicada::detail::store_link {
public:
    test_link(cicada::detail::store& to, std::shared_ptr<way> is)
        : direct_(to, [] { return cicada::wall_now(); }), is_(std::move(is)) {}

    void carry(std::shared_ptr<cicada::detail::errand> what) override {
        ++writes;
        if (takes == cicada::duration::zero()) return arrive(std::move(what));
        cicada::spawn(arrive_later(this, std::move(what))).detach();
    }
    void carry_reading(std::shared_ptr<cicada::detail::question> what) override {
        ++reads;
        if (*is_ == way::cut) return fail(*what, cicada::store_fault::unreachable);
        direct_.carry_reading(std::move(what));
    }
    void carry_survey(std::shared_ptr<cicada::detail::question> what) override {
        surveys.push_back(std::move(what));
        if (!holds_surveys) answer_surveys();
    }
    void answer_surveys() {
        for (auto& one : std::exchange(surveys, {})) carry_reading(std::move(one));
    }
    cicada::wall_time now() override { return direct_.now(); }

    picky_writing::looks looks; // at each step; what it throws, the store does
    cicada::duration takes{}; // each write
    bool holds_surveys = false;
    std::vector<std::shared_ptr<cicada::detail::question>> surveys; // not answered
    int writes = 0;
    int reads = 0;

private:
    struct sent final : cicada::detail::errand {
        sent(std::shared_ptr<cicada::detail::errand> w, picky_writing::looks at)
            : what(std::move(w)), looks(std::move(at)) {}
        void run(cicada::detail::writing& in) override {
            if (!looks) return what->run(in);
            picky_writing picky(in, looks);
            what->run(picky);
        }
        void over() noexcept override {}
        const std::shared_ptr<cicada::detail::errand> what;
        const picky_writing::looks looks;
    };
    void arrive(std::shared_ptr<cicada::detail::errand> what) {
        if (*is_ == way::cut) return fail(*what, cicada::store_fault::unreachable);
        const auto goes = std::make_shared<sent>(what, looks);
        direct_.carry(goes);
        if (*is_ == way::answers_are_lost) return fail(*what, cicada::store_fault::unknown_outcome);
        what->error = goes->error;
        what->over();
    }
    static cicada::task<> arrive_later(test_link* to,
                                       std::shared_ptr<cicada::detail::errand> what) {
        co_await cicada::sleep(to->takes);
        to->arrive(std::move(what));
    }
    template <class What>
    static void fail(What& what, cicada::store_fault why) {
        what.error = std::make_exception_ptr(cicada::store_error(why, "here", "fails", "wait"));
        what.over();
    }

    cicada::detail::direct_link direct_;
    const std::shared_ptr<way> is_;
};

class nodes {
public:
    using handlers = std::vector<std::pair<std::string, cicada::detail::job_handler>>;

    class one {
    public:
        void cut() { *way_ = way::cut; }
        void lose_answers() { *way_ = way::answers_are_lost; }
        void mend() { *way_ = way::open; }
        void stop() { stopping_.emplace(running_.cancel()); }
        /// Its way is cut, and all that it runs is cancelled.
        void crash() {
            cut();
            stop();
        }
        bool has_ended() const { return running_.has_ended(); }
        const std::string& thrown() const { return *thrown_; } // by run()
        cicada::worker_counts counts() const { return worker_->counts(); }
        test_link& link() { return *link_; }

    private:
        friend class nodes;
        std::shared_ptr<way> way_ = std::make_shared<way>(way::open);
        std::shared_ptr<std::string> thrown_ = std::make_shared<std::string>();
        test_link* link_ = nullptr;
        std::shared_ptr<cicada::worker> worker_;
        cicada::join_handle<> running_;
        std::optional<cicada::cancellation<void>> stopping_;
    };

    one& start(std::string name, cicada::worker_options options, const handlers& those) {
        one& made = all_.emplace_back();
        options.name = name;
        made.worker_ =
            std::make_shared<cicada::worker>(cicada::job_store(access(made)), std::move(options));
        for (const auto& [kind, handler] : those) made.worker_->handle(kind, handler);
        made.running_ = cicada::spawn(run(made.worker_, made.thrown_), {.name = name});
        return made;
    }

    /// A handle to the store for somebody else.
    cicada::job_store handle() {
        one& made = all_.emplace_back();
        return cicada::job_store(access(made));
    }
    void add(const cicada::job& of) {
        using namespace cicada::detail;
        const new_job made = decider::make({of, std::nullopt}, "owner", cicada::wall_now());
        write([&](writing& in) { in.create(made); });
    }
    cicada::run_id submit(std::string kind, cicada::submit_options how = {}) {
        using namespace cicada::detail;
        const run_row row = row_of(std::move(kind), "{}", how, cicada::wall_now());
        step_result made;
        write([&](writing& in) { made = in.submit(row); });
        return made.begun.front().of.id;
    }
    /// All runs of a job, or of what was submitted, oldest first.
    std::vector<cicada::detail::run_row> of(const std::string& job = {}) {
        using namespace cicada::detail;
        std::vector<run_row> rows;
        read([&](reading& in) { rows = in.runs({}); });
        std::erase_if(rows, [&](const run_row& r) { return r.of.job != job; });
        std::reverse(rows.begin(), rows.end());
        return rows;
    }
    cicada::detail::run_row run(cicada::run_id id) {
        using namespace cicada::detail;
        std::vector<run_row> rows;
        read([&](reading& in) { rows = in.runs({.ids = {id}}); });
        return rows.at(0);
    }
    std::vector<cicada::run_state> states(const std::string& job = {}) {
        std::vector<cicada::run_state> all;
        for (const auto& row : of(job)) all.push_back(row.of.state);
        return all;
    }

    template <class F>
    void write(F f) {
        struct only final : cicada::detail::part {
            explicit only(F& given) : f(given) {}
            void run(cicada::detail::writing& in) override { f(in); }
            F& f;
        } p(f);
        cicada::detail::part* parts[] = {&p};
        store_->write(parts);
        if (p.error) std::rethrow_exception(p.error);
        for (const auto& each : accesses_) {
            if (const auto there = each.lock()) there->changed();
        }
    }
    template <class F>
    void read(F f) {
        store_->read(std::move(f));
    }
    /// What the store warns of.
    std::vector<cicada::store_error>& warnings() { return store_->there; }

private:
    static cicada::task<> run(std::shared_ptr<cicada::worker> one,
                              std::shared_ptr<std::string> thrown) {
        try {
            co_await one->run();
        } catch (const std::exception& e) {
            *thrown = e.what();
        }
    }
    std::shared_ptr<cicada::detail::store_access> access(one& of) {
        auto link = std::make_unique<test_link>(*store_, of.way_);
        of.link_ = link.get();
        auto made = std::make_shared<cicada::detail::store_access>(store_, std::move(link));
        accesses_.push_back(made);
        return made;
    }

    const std::shared_ptr<warning_store> store_ = std::make_shared<warning_store>(
        cicada::detail::memory_options{.now = [] { return cicada::wall_now(); }});
    std::deque<one> all_;
    std::vector<std::weak_ptr<cicada::detail::store_access>> accesses_;
};

} // namespace support
