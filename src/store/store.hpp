#pragma once

/// store: the seam to what keeps jobs. Synchronous, and it decides nothing: what follows from what
/// is decided by `course`, and written as a *step*, which holds if nothing has changed meanwhile.
///
/// A store may be shared by many nodes. What makes that right is in four checks, and nowhere else:
///
///   - compare-and-set: a step names the revision of the job on which it was decided. Of two nodes
///     that see the same instant due, one writes; the other is told `stale`, and reads again.
///   - lease: a node lives as long as its lease does. A step or claim of a node that was evicted,
///     or whose lease is over, is refused (`not_live`), wholly after the eviction, or taken wholly
///     before it. A lease is over from lease_until on; if nobody has evicted the node, it may be
///     renewed.
///   - fence and claim: a run that is new, is claimed, or goes from running to ready, gets a fence
///     greater than any before in this store; a claim has a number that is random. What a node
///     writes about a run names both; a run that was taken over meanwhile has others (`refused`).
///     The fence moves as a run is taken over already.
///   - identity: (job, epoch, nominal, origin scheduled) is there once, and so is (job, key), and
///     (kind, key) of what has no job: `repeated`. An empty key is none.
///
/// Time is the store's: now() is what leases, claims and `not_before` go by. It is one instant in
/// the whole of a transaction.
///
/// Threads: one at a time calls write(); read() may be called at the same time from another.
/// Errors:  store_error. From write(): nothing was written, unless it is unknown_outcome: then it
///          was or was not, and only reading again tells: runs by their claim, jobs by their
///          revision.

#include <exception>
#include <span>

#include <cicada/base/function.hpp>
#include <cicada/store/errors.hpp>
#include <store/rows.hpp>

namespace cicada::detail {

/// What can be asked within a transaction: all of it sees the same moment.
class CICADA_API reading {
public:
    virtual wall_time now() = 0;
    /// Live ones, and those that have ended less than node_is_listed_for ago; by id. After that
    /// they may be forgotten for good, also if the clock is set back.
    virtual std::vector<node_row> nodes() = 0;
    /// Jobs to look at up to this instant, soonest first; at the same instant, by id.
    virtual std::vector<job_wake> waking(wall_time until, std::size_t most) = 0;
    virtual std::vector<job_row> jobs(const job_query& which) = 0; // by name
    /// Looks at `most` jobs, by id after this one. It finds those that are not over, and of whose
    /// wake_at nothing can be said: it goes by another version of the tz database than `zones`
    /// (D3), or by a clock that was ahead: they were decided after `latest` (D5).
    virtual job_search out_of_date(job_id after, wall_time latest, std::string_view zones,
                                   std::size_t most) = 0;
    /// Jobs that are active, and of which nothing will ever come: they never wake, and no run of
    /// them is open. By id (D14).
    virtual std::vector<job_id> stalled(std::size_t most) = 0;
    virtual std::vector<run_row> runs(const run_query& which) = 0;
    /// When the next run that is ready, and that these could claim, may start. None: there is none.
    virtual std::optional<wall_time> next_ready(const claim& by) = 0;
    /// Stretches that touch [from, until), of all epochs, by their first instant.
    virtual std::vector<stretch> stretches(job_id of, wall_time from, wall_time until) = 0;
    virtual std::vector<edit_row> edits(job_id of) = 0; // oldest first
    virtual std::vector<backfill_row> backfills(job_id of) = 0; // in the order of their making
    /// The revision of the last apply() of an owner. None: it never applied.
    virtual std::optional<std::uint64_t> applied(std::string_view owner) = 0;
    /// What others have asked for, and nobody has done. Oldest first. Default: there are no others.
    virtual std::vector<asked_row> asked(std::size_t most);

protected:
    reading() = default;
    reading(const reading&) = default;
    reading& operator=(const reading&) = default;
    ~reading() = default;
};

class CICADA_API writing : public reading {
public:
    // ---- nodes ----
    /// A new node, which is live for `lease` from now. `id` and `state` are given by the store.
    virtual node_id enter(const node_row& who, duration lease) = 0;
    /// False: it has been evicted, or left.
    virtual bool renew(node_id who, duration lease) = 0;
    /// What it still runs is orphaned.
    virtual void leave(node_id who) = 0;
    /// Nodes whose lease has been over for `patience` are dead from here on. These, by id.
    virtual std::vector<node_id> evict(duration patience) = 0;

    // ---- jobs ----
    /// Its revision is 1. None: the name is taken.
    virtual std::optional<job_id> create(const new_job& one) = 0;
    virtual step_result take(const step& one) = 0;
    /// Each in its turn, as take() alone would; one that is not taken stops none after it. A store
    /// does together what it can. Default: one by one.
    virtual std::vector<step_result> take_all(std::span<const step* const> all);
    /// False: this owner has applied a later revision.
    virtual bool apply(std::string_view owner, std::uint64_t revision) = 0;

    // ---- runs ----
    /// Of no job. With a key that a run of its kind has: that one's, `repeated`.
    virtual step_result submit(const run_row& one) = 0;
    /// Runs that are ready and whose time has come, by run_at, then id: they are running from here
    /// on, by this node. Nothing, unless it is live.
    virtual std::vector<run_row> claim_runs(const claim& by) = 0;
    /// The same, and when the next of them is ready: the last that a part does, so that a store may
    /// have done with it. Default: what these two give.
    virtual claim_result claim_last(const claim& by);

    /// It is done in this transaction, and gone. False: it is already. Default: it is.
    virtual bool done(asked_id which);

    /// A part of a round, which is small: others wait for it.
    virtual prune_result prune(const prune_request& what) = 0;

protected:
    ~writing() = default;
};

/// Work within a transaction. What it throws undoes what it has written, and nothing else. It may
/// be run several times: what it wrote before is undone then, and what it heard is forgotten.
class CICADA_API part {
public:
    virtual void run(writing& in) = 0;
    std::exception_ptr error = nullptr; // what it threw

protected:
    ~part() = default;
};

class CICADA_API store {
public:
    store() = default;
    store(const store&) = delete;
    store& operator=(const store&) = delete;
    virtual ~store();

    /// The parts in order, in one transaction or, if one of them fails, in several: when it
    /// returns, what each has written will last.
    virtual void write(std::span<part* const> parts) = 0;
    /// Calls `ask(reading&)` within a transaction that writes nothing.
    virtual void read(const function<void(reading&)>& ask) = 0;
    /// Copies it, as of now, to this file, which is whole or not there. Any thread, beside the
    /// others. Default: store_error, for it is no file.
    virtual void back_up(const std::string& to);
    /// What somebody should look after while it goes on, one for each fault: `full`, when nothing
    /// new is taken; `log_held`. Empty: all is well. Any thread; it does not wait.
    virtual std::vector<store_error> warnings() const;
    /// Where it is, for messages: "sqlite:reports.db".
    virtual std::string place() const = 0;
};

} // namespace cicada::detail
