#pragma once

/// course: what becomes of each nominal instant of a schedule. The one place where that is decided.
///
/// A course is a value: *rules* (when, and by which policies) and *progress* (what has been decided
/// and what is under way, plain data that can be written down and read back). Its *steps* take what
/// happened and the time, change the progress, and say what follows: what to start, what to ask to
/// end, what was decided. Who drives it carries that out afterwards, so nothing that it calls comes
/// back into the middle of a decision. It has three drivers, which decide nothing themselves: a
/// periodic (a timer and a body), simulate() (a queue of events), and durable jobs (rows).
///
///     course c(rules, progress);
///     c.begin(first::immediately, now);
///     ... at c.look_at():
///     outcome what;
///     c.due(now, what);                           // what has come is decided, and told
///     while (c.start_next(now, what)) ...         // what may start now, one at a time
///     ... a run has ended:
///     c.run_ended(id, run_end::ok, now, what);    // and start_next() again
///
/// Threads: none; pure. It reads no clock.
/// Cost:    no allocation in the steady state, but for decisions that are told.

#include <cstdint>
#include <optional>
#include <vector>

#include <base/fifo.hpp>
#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/life.hpp>
#include <cicada/schedule/recurrence.hpp>
#include <schedule/policies.hpp>
#include <schedule/time_line.hpp>

namespace cicada::detail {

/// When, and by which policies.
struct rules {
    recurrence when;
    policies how = {};
    std::optional<wall_time> from = std::nullopt; // calendars: no instants before
    std::optional<wall_time> until = std::nullopt; // no instants from here on
    std::uint64_t times = 0; // so many runs; 0: no end
    bool is_once = false; // one instant: that of begin()
    std::uint64_t identity = 0; // what jitter depends on

    friend bool operator==(const rules&, const rules&) = default;
};

/// What has been decided, and what is under way.
struct progress {
    /// An instant that is to get a run, or whose run goes on.
    struct run {
        std::uint64_t id = 0;
        nominal_instant nominal = {};
        std::uint64_t tag = 0; // of its arrival
        std::uint64_t missed = 0; // what its tick is told
        std::uint32_t attempt = 1;
        wall_time started_at{}; // its first attempt
        /// The last attempt has failed, and this waits for the next one: it counts as running.
        std::optional<elapsed_time> retry_at = std::nullopt;
        bool is_retry_due = false;
        bool is_asked_to_end = false;

        bool waits_for_retry() const noexcept { return retry_at || is_retry_due; }
        friend bool operator==(const run&, const run&) = default;
    };
    /// What brought an instant here.
    enum class cause : std::uint8_t {
        schedule,
        trigger,
        request, // a trigger that names its instant: start_deadline is not for it
    };
    /// An instant that waits to start.
    struct arrival {
        nominal_instant nominal;
        cause by = cause::schedule;
        std::uint64_t tag = 0; // what the driver knows it by; of a scheduled instant 0

        bool is_triggered() const noexcept { return by != cause::schedule; }
        friend bool operator==(const arrival&, const arrival&) = default;
    };

    life state = life::active;
    /// The first nominal instant that has not been decided, and how much later than that it is to
    /// be looked at: jitter and accuracy. None: with a fixed delay, while it runs; or never.
    std::optional<nominal_instant> next = std::nullopt;
    duration delay{};
    bool is_horizon = false; // `next` is no instant: up to there none was found
    bool is_counted = false; // of an interval: `next` was a period ahead, at most, as it was found
    wall_time decided{}; // of a calendar: all instants up to it have their decisions
    fifo<arrival> arrived = {}; // to be judged by the overlap policy, in this order
    fifo<arrival> waiting = {}; // judged: each runs when one that runs has ended
    std::vector<run> runs = {};
    std::uint64_t last_run = 0; // the greatest id
    std::uint64_t ran = 0; // runs started
    std::uint64_t missed = 0; // instants without a run, because of lateness
    std::uint64_t dropped = 0; // the same, because of the overlap policy or start_deadline
    std::uint64_t failed = 0; // attempts
    std::uint64_t untold = 0; // missed and dropped since the last run
    std::uint32_t failed_in_a_row = 0;

    friend bool operator==(const progress&, const progress&) = default;
};

/// What follows from a step. Who carries it out does so in this order.
struct outcome {
    bool cancel_runs = false; // ask those that run to end, also those that were asked before
    std::uint64_t cancel_run = 0; // ask this one to end; 0: none
    std::vector<decision> decided; // tell them, in this order
    bool has_lost_some = false; // of these, for want of memory
    std::optional<progress::run> start; // begin an attempt of it, which is in progress::runs
    /// Of run_ended() with run_end::failed:
    bool is_error_final = false; // the error ends it, and goes to whoever awaits the end
    std::uint32_t failing = 0; // so many in a row: a failing_error for the error handler

    /// As new, for the next step; the memory stays.
    void clear() noexcept {
        cancel_runs = has_lost_some = is_error_final = false;
        cancel_run = 0;
        decided.clear();
        start.reset();
        failing = 0;
    }
};

enum class run_end : std::uint8_t {
    ok,
    failed, // and is worth another attempt, if its policy has one
    failed_for_good, // no other attempt
    cancelled, // as it was asked to
    lost, // nobody knows how: what ran it is gone; no other attempt
};

class CICADA_API course {
public:
    /// With `tells` false nobody wants to know: outcome::decided stays empty.
    explicit course(rules by, progress from = {}, bool tells = true) noexcept
        : by_(std::move(by)), at_(std::move(from)), tells_(tells) {}

    /// begin(), reschedule() and edit() change it: who writes down the progress writes this down as
    /// well.
    const rules& by() const noexcept { return by_; }
    const detail::progress& at() const noexcept { return at_; }
    life state() const noexcept { return at_.state; }
    bool is_paused() const noexcept { return at_.state == life::paused || at_.state == life::held; }
    bool tells() const noexcept { return tells_; }
    /// Also when it tells nobody.
    const std::optional<decision>& last_decision() const noexcept { return last_; }

    /// Its first instant. Of a one-shot `how` gives it, and its time line.
    void begin(const first& how, const clock_reading& now);

    /// When to look again. None of them: when a run ends, or something is asked of it.
    struct wake {
        std::optional<nominal_instant> due; // call due()
        std::optional<elapsed_time> retry; // call retry_due()
        bool may_start = false; // call start_next(), at once
    };
    wake look_at() const noexcept;
    /// Of these, when to call due().
    std::optional<nominal_instant> due_at() const noexcept;
    /// The nominal instant that comes next, if that is known and it is not paused.
    std::optional<nominal_instant> next() const noexcept;

    /// Decides the instants that have come.
    void due(const clock_reading& now, outcome& what);
    /// Retries whose time has come may start.
    void retry_due(const clock_reading& now) noexcept;
    /// Judges the next of what has arrived or waits, and starts it, if it may start. False: there
    /// is none. Called until then after each step but those that come from a handle.
    bool start_next(const clock_reading& now, outcome& what);
    /// Of what runs. Precondition: it does.
    const progress::run& run(std::uint64_t id) const noexcept;
    /// What the progress that it was made from did not know of the run.
    void run_is_of(std::uint64_t id, const nominal_instant& nominal, wall_time started_at) noexcept;
    /// Whether what is triggered now would start, and neither wait nor be dropped.
    bool would_start_at_once() const noexcept;
    /// Whether its policy has another attempt for it, if this one fails.
    bool may_retry(const progress::run& one) const noexcept;
    /// An attempt of the run has ended, that start_next() has started.
    void run_ended(std::uint64_t id, run_end how, const clock_reading& now, outcome& what);

    /// Until resume() no instant starts but what is triggered. What runs goes on, retries included.
    void pause() noexcept;
    /// What has passed meanwhile was not wanted, and is told as paused; or due() decides it.
    void resume(const clock_reading& now, outcome& what, passed instants = passed::skip);
    /// It has no further instants, and nobody is to resume it: what a pause holds gets no run. What
    /// runs, or was triggered, goes on to its end. Ignored when it is not both over and paused.
    void release(const clock_reading& now, outcome& what);
    /// Nothing starts any more, and what runs is asked to end.
    void cancel(const clock_reading& now, outcome& what);
    /// One run is asked to end. If it waits for a retry its last attempt was the last, and it has
    /// failed. Ignored when it is no longer in progress.
    void cancel_run(std::uint64_t id, const clock_reading& now, outcome& what);
    /// One more instant: now, or the one that is given (of the past: a backfill, a rerun), for
    /// which no start_deadline counts. Ignored when it has no further instants.
    void trigger(const clock_reading& now, std::optional<nominal_instant> nominal = std::nullopt,
                 std::uint64_t tag = 0);
    /// What has come by now is decided by the schedule that was; another one holds from here on, an
    /// interval's first instant being one period away. Ignored when it has no further instants.
    /// Throws std::logic_error for a one-shot.
    void reschedule(recurrence when, const clock_reading& now, outcome& what);
    /// What has come by now is decided by the rules that were, and the new ones count strictly
    /// after now. An interval that is the same keeps its next instant. When the new rules have no
    /// instant any more (`until` is now) what waits and runs goes on to its end; when they have
    /// one again, what was ending, cancelling or ended is active.
    /// Throws std::logic_error from or to a one-shot.
    void edit(rules by, const clock_reading& now, outcome& what);
    /// The progress is that of a backup: nobody knows what became of the instants since then. They
    /// are told as restored, without runs.
    void restored(const clock_reading& now, outcome& what);
    /// The rules of time zones have changed, or the clock was set.
    void reconsider(const clock_reading& now, outcome& what);

private:
    using arrivals = fifo<progress::arrival>;
    bool has_instants() const noexcept { return at_.state <= life::paused; }
    bool is_idle() const noexcept;
    void look_to(std::optional<nominal_instant> next, const clock_reading& now);
    void look_to(const search_result& found, const clock_reading& now);
    void look_on(const clock_reading& now);
    void look_a_period_on(const clock_reading& now);
    void look_past(const clock_reading& now);
    void count_anew(const clock_reading& now, outcome& what);
    wall_time undecided_after() const noexcept;
    duration room_after(const nominal_instant& next) const;
    void no_more() noexcept;
    void have_run_often_enough(const clock_reading& now, outcome& what);
    void due_of_interval(const clock_reading& now, outcome& what);
    void due_of_calendar(const clock_reading& now, outcome& what);
    void decide_what_has_come(const clock_reading& now, outcome& what);
    void correct(const clock_reading& now, outcome& what);
    void correct_calendar(const clock_reading& now, outcome& what);
    void correct_delay(const clock_reading& now, outcome& what);
    void tell_passed(decision::kind why, const clock_reading& now, bool up_to_now, outcome& what);
    void ask_to_end(const clock_reading& now, outcome& what);
    void drop_all(arrivals& those, decision::kind why, const clock_reading& now, outcome& what);
    void judge(const progress::arrival& one, const clock_reading& now, outcome& what);
    void start(const progress::arrival& one, const clock_reading& now, outcome& what);
    void failed_for_good(const clock_reading& now, outcome& what);
    void settle(const clock_reading& now);
    void tell(outcome& what, const decision& one) noexcept;
    void tell_all(outcome& what, const std::vector<decision>& settled) noexcept;
    void tell(outcome& what, decision::kind kind, const nominal_instant& first,
              const clock_reading& now, std::uint64_t many = 1, duration last = {}) noexcept;
    void tell_run(outcome& what, decision::kind kind, const progress::run& one,
                  const clock_reading& now) noexcept;

    rules by_;
    detail::progress at_;
    std::optional<decision> last_;
    bool tells_;
};

} // namespace cicada::detail
