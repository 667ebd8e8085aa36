#pragma once

/// What lies in a store, row by row, and what is asked of it. All of it plain values; instants are
/// of the store's clock, exact to the nanosecond, for they are identities.

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/life.hpp>
#include <cicada/store/records.hpp>

namespace cicada::detail {

enum class node_id : std::int64_t { none = 0 };
enum class job_id : std::int64_t { none = 0 };
inline constexpr run_id no_run{0};

// ---- nodes -------------------------------------------------------------------------------------

///     live -> ended    it left
///     live -> dead     its lease was over, and another has evicted it: it never comes back
enum class node_state : std::uint8_t { live, ended, dead };

/// That it is listed after its end.
inline constexpr duration node_is_listed_for = std::chrono::hours(1);

struct node_row {
    node_id id = node_id::none;
    std::string name;
    node_state state = node_state::live;
    wall_time lease_until{};
    wall_time entered_at{};
    std::optional<wall_time> ended_at = std::nullopt;
    std::vector<std::string> kinds = {};
    std::vector<std::string> labels = {};

    friend bool operator==(const node_row&, const node_row&) = default;
};

// ---- runs --------------------------------------------------------------------------------------

/// A run, and what only the engine needs to know of it.
struct run_row {
    run_record of = {}; // `job` and `node`, the names, are filled in by the store
    job_id job = job_id::none; // none: it was submitted
    std::uint32_t epoch = 0; // of the job, as it began
    std::uint64_t number = 0; // the course's, within the job
    std::uint64_t missed = 0; // what it is told: instants before it without a run
    wall_time began_at{}; // its first attempt; of a ready run that has had none, when it was made
    node_id node = node_id::none; // running: whose it is; ended: whose it was; ready: none
    std::uint64_t claim = 0; // random, of the claim by which that node has, or had it
    std::string label = {}; // only nodes with this label may run it; empty: all
    std::string policy = {}; // of what was submitted: retries and the like, as text

    friend bool operator==(const run_row&, const run_row&) = default;
};

/// What becomes of a run that is there. Refused, unless it is still what it `was`. What ends it
/// gives it ended_at: the store's now. (From ready to running it comes by a claim only.)
struct run_change {
    run_id id = no_run;
    // What it was:
    run_state was = run_state::running;
    std::uint64_t fence = 0;
    std::uint64_t claim = 0; // of a running one
    // What it becomes. From running to ready the fence moves, so that whoever had it is refused.
    run_state state = run_state::ok;
    std::uint32_t attempt = 1;
    std::uint32_t lost = 0;
    wall_time run_at{};
    bool is_asked_to_end = false;
    // None: as it was.
    std::optional<std::string> reason = std::nullopt;
    std::optional<std::string> log = std::nullopt;
    std::optional<std::string> report = std::nullopt;
};

// ---- jobs --------------------------------------------------------------------------------------

/// What each step writes anew.
struct job_state {
    cicada::life life = life::active;
    wall_time decided{}; // all instants up to it have their decisions
    std::optional<wall_time> wake_at = std::nullopt; // a node is to look at it then. None: never
    std::uint32_t epoch = 0; // one more each time that instants come a second time: D5, D28
    std::string progress; // the course's
    std::string notes; // the decider's: who paused it, what was triggered; mostly empty

    friend bool operator==(const job_state&, const job_state&) = default;
};

struct job_row {
    job_id id = job_id::none;
    std::string name;
    std::string owner;
    std::uint64_t revision = 0; // one more with each step
    std::string definition; // JSON
    std::string zones; // the version of the tz database that wake_at goes by
    wall_time created_at{};
    wall_time kept_from = wall_time::min(); // history before this has been pruned
    job_state at;
    std::vector<run_row> open; // its runs that are ready or running, by number

    friend bool operator==(const job_row&, const job_row&) = default;
};

struct job_wake {
    job_id id = job_id::none;
    std::uint64_t revision = 0;
    wall_time wake_at{};

    friend bool operator==(const job_wake&, const job_wake&) = default;
};

/// Of a search through jobs by id.
struct job_search {
    std::vector<job_id> found;
    std::optional<job_id> goes_on_after; // the last one seen; none: it has seen less than `most`
};

struct new_job {
    std::string name;
    std::string owner;
    std::string definition;
    std::string zones;
    job_state at;
};

/// Consecutive instants without a run, for one reason: D16.
struct stretch {
    decision::kind kind = decision::kind::missed;
    std::uint32_t epoch = 0;
    wall_time first{};
    wall_time last{};
    std::uint64_t count = 1;
    bool is_at_least = false; // see decision
    std::optional<wall_time> into = std::nullopt; // the instant whose run stands for them
    run_id because_of = no_run; // skipped_overlap: the run that was in the way
    std::string note = {}; // paused: by whom, and why
    /// The instant before `first`. A stretch that ends there, and is of the same kind, epoch, into,
    /// because_of and note, is made longer in place of a new one. None: it begins anew. (Not kept:
    /// what is read has none.)
    std::optional<wall_time> follows = std::nullopt;

    friend bool operator==(const stretch&, const stretch&) = default;
};

/// A definition, and the instant after which it counts: job_state::decided of the step that brought
/// it, or of the new job. Another one of the same instant takes its place.
struct edit_row {
    wall_time since{};
    std::string definition;

    friend bool operator==(const edit_row&, const edit_row&) = default;
};

/// Instants of the past that are to run: D17.
struct backfill_row {
    std::string id;
    job_id job = job_id::none;
    wall_time from{};
    wall_time until{};
    wall_time done_to{}; // all its instants up to here have been given a run, or passed over
    std::string how; // options, as text
    std::optional<wall_time> over_at = std::nullopt; // none: it goes on

    friend bool operator==(const backfill_row&, const backfill_row&) = default;
};

// ---- steps -------------------------------------------------------------------------------------

/// One decision, as it is written: all of it, or nothing.
struct step {
    node_id by = node_id::none; // it must be live, and its lease not over. None: a person's
    wall_time not_before = wall_time::min(); // the store's clock must have come to this: D26
    job_id job = job_id::none; // none: it concerns `changes` and `begins` only
    std::uint64_t revision = 0; // that the job has, or it is stale
    job_state at = {};
    std::optional<std::string> definition = std::nullopt; // an edit
    std::optional<std::string> owner = std::nullopt;
    std::optional<std::string> zones = std::nullopt;
    std::vector<run_change> changes = {}; // each of another run
    /// New runs of this job: ready, or running, claimed by `by` with their `claim`. The store gives
    /// them id, fence, began_at and started_at.
    std::vector<run_row> begins = {};
    std::vector<stretch> stretches = {};
    std::optional<backfill_row> backfill = std::nullopt; // how far it has come, or a new one
};

/// Of several reasons, the first of these.
enum class verdict : std::uint8_t {
    taken,
    too_early, // wait for the rest of the time
    not_live, // the node has been evicted, or its lease is over
    stale, // the job has another revision: read it anew
    refused, // a run is not what it was: it was claimed, has ended, or was taken over
    repeated, // what begins is there already: the instant, or the key
};

struct step_result {
    verdict is = verdict::taken;
    std::uint64_t revision = 0; // taken: the job's new one
    std::vector<run_row> begun = {}; // as they were stored
    run_id is_there = no_run; // repeated: the run of that instant, or with that key
};

// ---- questions ---------------------------------------------------------------------------------

struct claim {
    node_id by = node_id::none;
    std::uint64_t id = 0; // random, not 0
    std::vector<std::string> kinds = {};
    std::vector<std::string> labels = {};
    std::size_t most = 0;
};

/// All slots are taken: what may start next is looked for when one is free, and comes no sooner
/// than what has been claimed.
inline bool is_full(const claim& by, const std::vector<run_row>& claimed) noexcept {
    return by.most > 0 && claimed.size() == by.most;
}

struct claim_result {
    std::vector<run_row> runs = {};
    std::optional<wall_time> next = std::nullopt; // when there may be more for who claims
};

struct job_query {
    std::vector<job_id> ids = {}; // all of these that are there; or
    std::vector<std::string> names = {}; // all of these that are there; or
    std::optional<std::string> owner = std::nullopt; // all of this one; or all, by name:
    std::string after = {};
    std::size_t most = 1000;
};

/// All that are given must hold. Newest first, by id.
struct run_query {
    std::vector<run_id> ids = {};
    std::optional<job_id> job = std::nullopt;
    std::optional<std::string> kind = std::nullopt;
    std::optional<std::string> key = std::nullopt; // with `job`
    std::optional<run_state> state = std::nullopt;
    std::optional<node_id> node = std::nullopt; // as run_row::node
    std::optional<std::uint64_t> claim = std::nullopt;
    std::optional<wall_time> nominal_from = std::nullopt;
    std::optional<wall_time> nominal_until = std::nullopt; // not including it
    bool is_orphaned = false; // running, by a node that is dead, or has left
    bool is_asked_to_end = false;
    run_id before = no_run; // ids less than this; none: from the newest
    std::size_t most = 1000;
};

// ---- what is asked for by others ---------------------------------------------------------------

/// Of a job, by a program that has the store, but not this library (by SQL: D25). A node carries it
/// out.
enum class asked_id : std::int64_t {};

struct asked_row {
    enum class kind : std::uint8_t { trigger, pause, resume };
    asked_id id{};
    kind what = kind::trigger;
    std::string job; // its name
    std::optional<std::string> arguments = std::nullopt; // trigger: in place of the job's
    std::string key = {}; // trigger
    std::string by = {}; // pause: who
    std::string note = {}; // pause
    std::optional<wall_time> until = std::nullopt; // pause
};

// ---- what goes ---------------------------------------------------------------------------------

/// Whose history a run belongs to: its job's; or, if it has none, that of its kind. They are looked
/// through in this order.
struct history_of {
    job_id job = job_id::none;
    std::string kind = {}; // of a job: empty

    friend auto operator<=>(const history_of&, const history_of&) = default;
};

/// How far a round through history has come; at first, nowhere.
struct prune_place {
    wall_time ended_at = wall_time::min(); // of the last run that was looked at by its age,
    run_id run = no_run; // and this is it
    history_of history = {}; // all up to this one were looked through

    friend bool operator==(const prune_place&, const prune_place&) = default;
};

/// What history may go, and how much of a round one transaction may be.
///
/// Runs that have ended: those that are old; then, of what is left, those that are too many. Of
/// each job, and of what was submitted by kind, the last one that ended stays, and the last that
/// was ok: D15. (The last is that with the greatest id.) What explains instants goes with them:
///
///   - a stretch whose last instant was before `ended_before`, or before job_row::kept_from;
///   - an edit after which another has counted since before then; not the one in force;
///   - a backfill that was over before `ended_before`, or that so many newer ones were made after.
///
/// kept_from moves past each instant whose scheduled run, stretch or edit has gone.
struct prune_request {
    wall_time ended_before = wall_time::min();
    std::uint64_t kept_of_each = 0; // only so many that have ended stay, the newest; 0: all
    std::size_t most = 500; // rows
    prune_place from = {};
};

struct prune_result {
    std::size_t gone = 0; // rows
    /// Where the round is to go on, in another transaction. None: it is done.
    std::optional<prune_place> goes_on = std::nullopt;
};

} // namespace cicada::detail
