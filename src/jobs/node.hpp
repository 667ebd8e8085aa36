#pragma once

/// node: the engine of a worker. One coroutine turns round and round:
///
///     look at the store, at each poll, or when it was changed     jobs that wake soon, requests
///     take in what a survey has found, which nobody waits for     runs that nobody knows of
///     gather what has come up                                     due jobs, ends of attempts
///     write all of it at once, and claim for free slots           one errand
///     follow the answers                                          begin attempts, read again
///     wait for the next wake, the next poll, or an event
///
/// There is one write under way at a time, so what comes up meanwhile makes the next batch. What it
/// knows of jobs may be out of date; what lies in the store decides. After an unknown outcome it
/// reads what is there. What is known of an attempt's end stays queued until the store has taken or
/// refused it.
///
/// The parts: node.cpp (its life), node_turn.cpp, node_batch.cpp, node_answers.cpp (the turn),
/// node_attempts.cpp (what runs here), node_others.cpp (what others have left or asked for). See
/// docs/jobs.md for the guarantees.
///
/// Threads: that of the loop that awaits run().

#include <deque>
#include <map>
#include <random>
#include <set>

#include <cicada/async/event.hpp>
#include <cicada/async/spawn.hpp>
#include <cicada/jobs/worker.hpp>
#include <jobs/access.hpp>
#include <jobs/alarm.hpp>
#include <jobs/batch.hpp>
#include <jobs/heartbeat.hpp>
#include <jobs/running.hpp>
#include <jobs/view.hpp>

namespace cicada::detail {

class CICADA_API node {
public:
    node(job_store store, worker_options options);

    void add_handler(std::string kind, job_handler handler);
    task<> run();
    worker_counts counts() const noexcept { return counts_; }

private:
    /// Wakes the node. Shared with those that outlive it for a moment.
    struct bell {
        event rung;
        bool is_told = false; // something was changed in the store
        bool is_reached = false; // the store, by the heartbeat: a pause is over
    };

    /// Which attempt: D8. After a failover to a store that lacks the last commits a fence may come
    /// a second time, but a claim does not.
    struct claimed {
        std::uint64_t fence = 0;
        std::uint64_t claim = 0;
        auto operator<=>(const claimed&) const = default;
    };
    static claimed claim_of(const run_row& row) { return {row.of.fence, row.claim}; }

    /// Who has asked an attempt to end. What it ends as, cancelled, depends on it.
    enum class asked : std::uint8_t { no, by_request, by_shutdown, by_cut_off };

    /// An attempt whose handler has not returned.
    struct attempt {
        std::shared_ptr<running> shared;
        join_handle<> handler = {};
        asked to_end = asked::no;
    };

    struct when_gone {
        cicada::on_lost is_lost = on_lost::fail;
        cicada::when_cut_off is_cut_off = when_cut_off::stop;
    };

    struct sight; // of the store, at a poll

    /// What a survey has found, which may take long: as of some time ago.
    struct finds {
        node_id who = node_id::none; // who asked for it
        std::uint64_t server = 0; // that the view was of
        std::vector<run_row> ready; // the newest: their kinds are looked at
        bool compares = false; // these, too:
        std::vector<run_row> in_its_name;
        std::vector<job_row> stalled;

        void find(reading& in);
    };

    // ---- node.cpp ----
    task<> enter();
    task<> work();
    task<> stop();
    task<> leave();
    task<> abandon();
    elapsed_time elapsed_of(wall_time instant) const;
    elapsed_time next_turn() const;
    void note_trouble(const std::exception_ptr& error);
    void report(const std::string& whose, std::exception_ptr error) const;
    store_link& link() const { return store_.access().link(); }

    // ---- node_turn.cpp ----
    task<bool> turn();
    task<> look();
    task<> take_in_finds();
    void notice(const std::vector<job_wake>& wakes);
    task<> check_others();
    task<> read_jobs();
    void tell_of_store();
    void search_if_needed();
    task<> search();
    void tell_of_clock(const decision& one);
    void tell_of_zones(const std::string& newer);
    view::entry* put(const job_row& row);
    void plan(view::entry& one);
    bool is_due(const view::entry& one) const;
    view::entry* put_due(const job_row& row);
    void mend(const job_row& row);
    bool prunes() const noexcept;
    task<> prune();
    task<> go_on_with_backfills();
    void read_again(job_id which);
    void ready_at(wall_time instant);

    // ---- node_batch.cpp ----
    std::shared_ptr<batch> gather();
    bool feed(run_news& one, batch& into, wall_time now);
    bool feed_alone(run_news& one, batch& into, run_change change);
    batch::entry& entry_of(view::entry& of, batch& into);
    bool look_into(view::entry& of, batch& into, wall_time now);
    void take_slots(step& in, std::uint64_t claim_id, std::size_t& free, wall_time now);

    // ---- node_answers.cpp ----
    task<> write(std::shared_ptr<batch> what);
    task<> write_apart(std::shared_ptr<batch> what);
    void carry_out(batch& what, batch::answer& made);
    void carry_out(batch::entry& one, step_result& made);
    void follow(batch::entry& one, step_result& made);
    void tell(const std::string& job, const decision& what) const;
    void not_written(batch& what, const std::exception_ptr& why);
    void give_back(batch::entry& one);
    void put_off(job_id which, duration by);
    std::string whose(job_id which);

    // ---- node_attempts.cpp ----
    void begin(run_row row);
    task<> attempt_of(claimed which, job_handler handler, std::shared_ptr<running> shared);
    attempt take_out(claimed which);
    void not_begun(std::shared_ptr<const run_row> row);
    void attempt_ended(claimed which, attempt_end how);
    void end_those_not_begun();
    void ask_to_end(attempt& one, asked by);
    void ask_all_to_end(asked by);
    void deadline_has_come();
    void cut_off();
    when_gone policies(const run_row& row);

    // ---- node_others.cpp ----
    task<> adopt();
    task<> do_what_is_asked();
    void requests(const std::vector<run_row>& rows);
    void compare(const std::vector<run_row>& in_its_name, const std::set<claimed>& ended);
    void lost(const run_row& row, const std::set<claimed>& ended);
    std::set<claimed> ends_that_wait() const;
    bool is_known(const run_row& row, const std::set<claimed>& ended) const;
    bool is_mine(const std::string& kind, const std::string& label) const;
    void check_kind(const std::string& kind, const std::string& label, const std::string& job);
    bool is_left_to_others(const view::entry& of) const;
    duration place_of(job_id which) const;
    duration gives_way(const view::entry& of) const;
    duration gives_way(job_id which, const cicada::job* of) const;

    const job_store store_;
    const worker_options options_;
    std::map<std::string, job_handler, std::less<>> handlers_;
    std::mt19937_64 random_;

    worker_counts counts_;

    // While it runs:
    loop* home_ = nullptr;
    std::shared_ptr<bell> bell_;
    std::optional<heartbeat> heart_;
    alarm wakes_;
    alarm deadline_;
    claim me_; // what it can claim
    view view_;
    std::uint64_t server_ = 0; // that the view is of
    std::set<job_id> to_read_;
    std::optional<job_id> searched_to_; // while all jobs are searched: the last one
    std::string zones_; // the version of the tz database
    wall_time latest_ = wall_time::min(); // that the store's clock has been
    std::vector<job_id> feeds_; // of these a backfill goes on
    std::set<job_id> confirms_; // of these: others were to have them first, and have not
    std::set<wall_time> checks_; // when to look for what others have not had
    std::map<job_id, wall_time> put_off_; // until then, however often they are read
    std::map<claimed, attempt> attempts_;
    std::shared_ptr<batch> written_; // until the next one, or a poll
    std::deque<run_news> news_;
    std::vector<std::pair<std::string, decision>> told_; // as soon as all answers are followed
    std::vector<std::uint64_t> unknown_claims_; // of writes whose outcome is
    std::vector<node_row> others_; // the other nodes that live
    bool are_alike_ = false; // they can run what this one can
    bool is_behind_ = false; // more is due here than went into the last batch
    bool wakes_more_ = false; // than it has seen
    std::deque<asked_row> asked_; // by SQL, and not done yet
    std::set<job_id> mends_; // these, by a step that is to be written
    std::map<job_id, unsigned> refusals_; // of steps that were decided on what was out of date
    std::set<std::string> reported_kinds_;
    std::set<std::string> reported_zones_; // that are newer than some that were here
    std::map<store_fault, store_error> warnings_; // of the store, which were told
    std::map<claimed, unsigned> strangers_; // runs in its name: rounds that saw them
    std::optional<wall_time> ready_at_; // when something may be there to claim
    bool tells_of_clock_ = false; // when a job says that it was wrong
    elapsed_time look_at_{};
    elapsed_time looked_at_ = elapsed_time::min();
    elapsed_time compare_at_{};
    future<finds> survey_; // under way
    elapsed_time check_at_{};
    elapsed_time prune_at_ = elapsed_time::max(); // never: all is kept
    prune_place prune_from_ = {};
    elapsed_time pause_until_{}; // the store is in trouble
    duration pause_{};
    bool has_survey_failed_ = false; // which was told
    bool has_left_some_ = false; // for others to claim
    bool is_in_ = false;
    bool is_cut_off_ = false;
    bool is_stopping_ = false;
    elapsed_time grace_ends_at_ = elapsed_time::max();
};

} // namespace cicada::detail
