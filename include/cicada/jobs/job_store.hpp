#pragma once

/// job_store: a handle to a store of jobs.
///
///     cicada::job_store store = co_await cicada::open_store("sqlite:reports.db");
///     co_await store.apply("reports", jobs);
///     co_await store.submit("send_report", R"({"to": "me@example.org"})", {.after = 10min});
///     const auto said = co_await store.why("weekly", cicada::parse_instant("2026-11-02T06:00Z"));
///     std::puts(said.text.c_str());
///
/// Threads:  a handle is a value, whose copies are the same store; its functions are called, and
///           awaited, on a loop, of whatever thread.
/// Resumes:  on that loop.
/// Cancel:   throws `cancelled`. What was asked for may have been done all the same.
/// Errors:   store_error; not_found, for a job or a run that is not there; std::invalid_argument,
///           which names the field.
/// Lifetime: what options point to is copied by the call. The store is closed when its last handle,
///           and the last worker on it, has gone.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <cicada/async/task.hpp>
#include <cicada/jobs/job.hpp>
#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/life.hpp>
#include <cicada/store/errors.hpp>
#include <cicada/store/records.hpp>

namespace cicada {

namespace detail {
class store_access;
}

/// There is no such job, or run.
class CICADA_API not_found final : public error {
public:
    using error::error;
};

/// What apply() changes.
struct apply_plan {
    enum class action : std::uint8_t { create, update, remove, keep };
    struct entry {
        action what = action::keep;
        std::string name;
        std::string changes; // update: what differs, for people: `when: "every 5m" -> "every 10m"`
    };
    std::vector<entry> jobs; // by name
    bool is_outdated = false; // a later revision was applied before: nothing is changed

    /// One line for each that is not kept: `+ weekly`, `~ poll  when: ...`, `- old`.
    CICADA_API std::string text() const;
};

struct apply_options {
    /// Grows from one version of the set of jobs to the next, say with its build time. A process of
    /// an older version, which starts later, changes nothing then. Default: as the last one.
    std::optional<std::uint64_t> revision = std::nullopt;
    /// Only say what would be changed.
    bool is_dry_run = false;
};

struct submit_options {
    duration after = duration::zero();
    std::optional<wall_time> at = std::nullopt; // in place of `after`
    /// While a run of this kind with the same key is kept, there is no second one. Empty: none.
    std::string_view key = {};
    cicada::retry retry = {};
    cicada::on_lost on_lost = on_lost::retry;
    cicada::when_cut_off when_cut_off = when_cut_off::stop;
    std::string_view label = {};
};

struct submitted {
    run_id id{};
    bool is_new = true; // false: that key was there
};

struct pause_options {
    std::string_view note = {};
    std::string_view by = {}; // who
    std::optional<wall_time> until = std::nullopt; // then it resumes by itself
};

struct trigger_options {
    /// Unique in the job, while its run is kept: a second trigger with the same key does nothing.
    std::string_view key = {};
    std::optional<std::string_view> arguments = std::nullopt; // in place of the job's
};

/// Which instants that had a run get another one:
enum class reprocess : std::uint8_t { none, failed, all };

struct backfill_options {
    /// Names it: to ask again with the same id changes nothing. Empty: made from the range.
    std::string_view id = {};
    cicada::reprocess reprocess = reprocess::none;
    /// From one start to the next, at least. One run is under way at a time.
    duration pace = duration::zero();
};

struct runs_options {
    std::optional<run_state> state = std::nullopt;
    std::optional<wall_time> from = std::nullopt; // nominal
    std::optional<wall_time> until = std::nullopt;
    std::optional<run_id> before = std::nullopt; // for the next page: the last id of this one
    std::size_t most = 100;
};

struct prune_options {
    duration older_than = duration::max(); // since they ended
    std::uint64_t keep = 0; // the newest so many of each job; 0: no such limit
};

struct job_status {
    cicada::job job;
    std::string owner;
    cicada::life life = life::active;
    std::optional<wall_time> next = std::nullopt;
    wall_time decided{}; // all instants up to it have their decisions
    std::string paused_by; // of a pause
    std::string pause_note;
    std::optional<wall_time> paused_until = std::nullopt;
    std::uint64_t ran = 0; // runs that were begun
    std::uint64_t missed = 0; // instants without a run, because nobody was there in time
    std::uint64_t dropped = 0; // instants without a run, because of the overlap policy
    std::uint64_t failed = 0; // attempts
    std::uint32_t failed_in_a_row = 0;
    std::vector<run_record> open; // ready or running
};

/// What became of an instant of a job.
struct reason_why {
    enum class answer : std::uint8_t {
        decided, // see `decision`, and `runs` if it ran
        open, // its run is ready, or running: see `runs`
        waits, // for a run before it to end, by the overlap policy
        to_come, // it is due, and not decided yet
        not_due, // no instant of its schedule
        before_the_job, // which did not exist then, or had another schedule
        not_kept, // longer ago than history is kept
    };
    answer what = answer::not_due;
    std::optional<cicada::decision> decision = std::nullopt;
    std::vector<run_record> runs; // for this instant, oldest first; skipped: the one in the way
    std::string text; // all of it, as a sentence
};

class CICADA_API job_store {
public:
    /// Creates, updates and removes, in one transaction, until the jobs of `owner` are these. A job
    /// that is as it was is left alone. An edited one has decided, by its old schedule, all that
    /// was due; the new one counts from now on. One that is removed drops what is to come, and
    /// what a pause holds; what runs goes on. Throws std::invalid_argument for what is wrong with a
    /// job, by its name; for two of one name; for one that another owner has.
    task<apply_plan> apply(std::string owner, std::vector<job> jobs, apply_options options = {});

    /// Once, durably: a run of `kind`. Arguments as of a job.
    task<submitted> submit(std::string kind, std::string arguments = "{}",
                           submit_options options = {});

    task<std::vector<job_status>> jobs();
    task<job_status> status(std::string name);
    /// Newest first. An empty name: what was submitted.
    task<std::vector<run_record>> runs(std::string name, runs_options options = {});
    task<run_record> run(run_id id);
    task<reason_why> why(std::string name, wall_time instant);

    /// Nothing starts until resume(), but for what is triggered, and backfills wait; what runs goes
    /// on. It lasts whatever the job is edited to, also one that had come to its end; one that is
    /// removed, and applied again, is not paused. Throws std::invalid_argument for an `until` that
    /// has passed.
    task<> pause(std::string name, pause_options options = {});
    task<> resume(std::string name, passed instants = passed::skip);
    /// One run more, for now. Gives its id; none: its overlap policy skipped it, or lets it wait.
    /// Throws closed_error for a job that has come to its end.
    task<std::optional<run_id>> trigger(std::string name, trigger_options options = {});
    /// Runs for the instants in [from, until), which are of the past, by the schedule that it has
    /// now; one at a time, oldest first, beside what the job does anyway. Gives the id of the
    /// backfill. Throws closed_error as trigger() does.
    task<std::string> backfill(std::string name, wall_time from, wall_time until,
                               backfill_options options = {});
    /// Of a run that is ready: it ends here. One that is running is asked to end, wherever that is.
    task<> cancel(run_id id);
    /// Another run like this one, of a job as by trigger(). Throws std::invalid_argument while it
    /// is open.
    task<std::optional<run_id>> rerun(run_id id);
    /// History goes, but for the last run of each job, and the last that was ok; and with it the
    /// edits and backfills that explain only what has gone. Gives how many rows went: runs,
    /// stretches of instants without one, edits, and backfills.
    task<std::uint64_t> prune(prune_options options);

    // ---- a store that is a file ----
    /// What somebody should look after while it works, for a check of health: `full`, `log_held`.
    /// Empty: all is well. Workers report the same when it comes up. Any thread; it does not wait.
    std::vector<store_error> warnings() const;
    /// A copy, as of now, while it is in use.
    task<> back_up(std::string to);
    /// Of what was restored from a backup, before a worker runs: nothing of what was due between
    /// the backup and now runs; it is recorded as restored.
    task<> restored();

    detail::store_access& access() const noexcept { return *access_; }
    explicit job_store(std::shared_ptr<detail::store_access> access) noexcept
        : access_(std::move(access)) {}

private:
    std::shared_ptr<detail::store_access> access_;
};

/// Opens a store, and makes it if there is none:
///
///     "sqlite:FILE"     one process; survives all that the file does. FILE?durability=power_loss
///                       (default), or process_crash: faster, but what was done in the second
///                       before a power cut may be lost. FILE?network=allowed: also on a network
///                       file system, which no other machine uses
///     "postgresql:..."  libpq's URL: any number of processes, on any number of machines, for who
///                       is linked with the component postgres. ?migrate=auto (default) brings its
///                       schema up to date, check refuses one that is not
///     "memory:"         for tests
///
/// In a simulation its time is simulated. Throws store_error.
CICADA_API task<job_store> open_store(std::string url);

/// Copies a backup to where a store was, which nobody may own meanwhile. Throws store_error.
CICADA_API void restore_store(const std::string& backup, const std::string& url);

} // namespace cicada
