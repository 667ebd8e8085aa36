#pragma once

/// The engine of periodics: one small object between ticks, without a coroutine frame.

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include <cicada/async/ending.hpp>
#include <cicada/async/invoke.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/periodic/options.hpp>
#include <cicada/periodic/tick.hpp>
#include <cicada/schedule/plan.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

/// How a periodic has fared.
struct periodic_counters {
    std::uint64_t ran = 0;     // runs started
    std::uint64_t missed = 0;  // nominal instants without a run, because the loop came too late
    std::uint64_t dropped = 0; // nominal instants without a run, because of the overlap policy
    std::uint64_t failed = 0;  // attempts that threw
};

namespace detail {

class periodic_core;
class periodic_run;
class retry_wait;
struct calendar_state;
struct periodic_extras;

/// One try to run the body for a nominal instant, on the time line of its schedule.
struct attempt {
    duration due;
    std::uint64_t missed = 0; // to be told
    std::uint32_t number = 1;
    wall_time first_started_at{}; // kept only when somebody wants to know
};

/// What a body needs to make its tick; reads the wall clock only if it is asked.
struct tick_source {
    periodic_core& of;
    const attempt& which;
    duration now;
    CICADA_API tick make() const;
};

/// 48 bytes, and the body; on a calendar 16 more, and the schedule. Most periodics need nothing else; the rest (names, limits,
/// jitter, counters of what went wrong, runs that are suspended) is in `periodic_extras`, made when first needed.
class CICADA_API periodic_core : public timer, public pooled {
public:
    enum class kind : std::uint8_t { fixed_rate, fixed_delay, once, once_at_wall, calendar };
    struct setup {
        kind which;
        duration period; // of a one-shot: its delay, or its instant
        const every_options* options = nullptr;
        const cicada::schedule* when = nullptr; // of a calendar
    };

    static constexpr bool is_once(kind k) noexcept {
        return k == kind::once || k == kind::once_at_wall;
    }

    virtual ~periodic_core();

    // ---- for handles; loop thread, but for home() and once it has ended -------------------------------------------
    /// Any thread. Null: it has ended.
    executor* home() const noexcept {
        return context_.load(std::memory_order_acquire)->home.load(std::memory_order_acquire);
    }
    bool has_ended() const noexcept { return phase_ == phase::ended; }
    void add_handle() noexcept;
    void release_handle() noexcept;
    void add_listener(listener& one);
    void remove_listener(listener& one) noexcept;
    bool contains(const activity& other) const noexcept;
    void request_cancel() noexcept;
    /// Through a handle; see activity::ask_to_cancel().
    void ask_to_cancel() noexcept {
        if (has_ended()) return;
        asked_ = true;
        request_cancel();
    }
    void owner_dropped() noexcept {
        if (!asked_) ask_to_cancel();
    }
    void pause();
    void resume();
    void trigger();
    void reschedule(interval when);
    void reschedule(const cicada::schedule& when);
    std::optional<wall_time> next() const;
    periodic_counters counters() const noexcept;
    std::vector<decision> history() const;
    std::string_view name() const noexcept;
    /// Whether an error ended it that nobody has taken.
    bool has_error() const noexcept;
    /// The error that ended it, if one did; whoever asks has taken it.
    std::exception_ptr take_error() noexcept;

    // ---- for the bodies -------------------------------------------------------------------------------------------
    /// On its loop: arms the first tick. Throws std::bad_alloc; then it has ended.
    void begin(const first& when);
    void retry_now(retry_wait& which) noexcept;
    tick tick_for(const tick_source& source) const;
    loop& on() const noexcept { return *static_cast<loop*>(home()); }

protected:
    periodic_core(loop& home, const setup& how);

    /// Runs the body for one tick. False: it is a coroutine, whose run tells by itself when it is over.
    virtual bool invoke(const tick_source& source) = 0;
    virtual void destroy_body() noexcept = 0;

private:
    friend class periodic_run;
    enum class phase : std::uint8_t { active, paused, ended };

    void expired() noexcept final;
    std::string_view task_name() const noexcept final { return name(); }
    bool describe(task_info& info) const final;
    bool stay() noexcept final {
        add_handle();
        return true;
    }
    void shut_down() noexcept final;
    void reconsider() noexcept final;

    bool has_extras() const noexcept {
        return !context_.load(std::memory_order_relaxed)->is_shared;
    }
    periodic_extras& extras() const noexcept;
    periodic_extras& need_extras();
    bool is_wall() const noexcept { return kind_ >= kind::once_at_wall; }
    bool is_once() const noexcept { return is_once(kind_); }
    bool is_calendar() const noexcept { return kind_ == kind::calendar; }
    interval schedule() const;
    duration now_on_its_line() const noexcept;
    /// The same, but of an elapsed line the turn's: what is due is judged by it.
    duration turn_on_its_line() const noexcept;
    wall_time to_wall(duration instant) const noexcept;

    void tick_plainly() noexcept;
    void tick_with_extras() noexcept;
    void tick_of_calendar() noexcept;
    void admit(duration due) noexcept;
    void start_waiting() noexcept;
    void start(duration due) noexcept;
    void run_body(const attempt& which, duration now) noexcept;
    void run_over(const attempt& which, std::exception_ptr error, bool cancelled) noexcept;
    void suspended(periodic_run& run) noexcept;
    void run_ended(periodic_run& run, std::exception_ptr error) noexcept;
    bool retries(const attempt& failed, const std::exception_ptr& error);
    void failed_for_good(std::exception_ptr error) noexcept;
    void settle() noexcept;
    void count(std::uint64_t missed) noexcept;
    std::uint64_t ran() const noexcept;
    void arm_for(std::optional<duration> nominal);
    calendar_policy policy() const noexcept;
    void arm_first(const first& when);
    void arm_first_of_calendar(const first& when);
    void arm_undecided();
    duration room_after(duration nominal) const;
    void drop_retries() noexcept;
    void tell_passed() noexcept;
    void tell_passed_of_calendar(decision::kind why) noexcept;
    bool may_reschedule();
    void disarm_now() noexcept;
    void end() noexcept;
    void note(const decision& d) noexcept;
    void note(decision::kind what, duration first, std::uint64_t many = 1) noexcept;

    std::atomic<std::uint32_t> holders_{2}; // handles, and the loop until it has ended
    std::atomic<home_context*> context_; // the loop's, shared by all, or extras
    union {
        duration period_; // of a one-shot: its delay, or its instant
        calendar_state* calendar_; // of a calendar
    };
    std::uint32_t ran_ = 0; // of this and missed_count_ the rest is in extras: see count()
    phase phase_ : 2 = phase::active;
    kind kind_ : 3;
    bool asked_ : 1 = false; // to cancel, through a handle
    bool cancelling_ : 1 = false; // what runs was asked to end, and nothing starts any more
    bool in_body_ : 1 = false;
    bool stopping_ : 1 = false; // no further nominal instants; it ends with its last run
    cicada::missed missed_ : 2;
    cicada::on_error on_error_ : 1;
    std::uint32_t missed_count_ : 20 = 0;
    static constexpr std::uint32_t most_missed = (1u << 20) - 1;
};

/// A body that is a coroutine, while it runs.
class CICADA_API periodic_run : public activity, public list_links<periodic_run> {
public:
    /// Takes the first steps. It may have ended then, and be gone.
    void begin(std::coroutine_handle<> root);

protected:
    explicit periodic_run(const tick_source& source) noexcept
        : of_(source.of), which_(source.which) {}
    void on_ended() noexcept override;
    std::string_view common_name() const noexcept final { return of_.name(); }
    virtual std::exception_ptr error() const noexcept = 0;
    virtual bool was_cancelled() const noexcept = 0;

private:
    friend class periodic_core;
    periodic_core& of_;
    const attempt which_;
    bool* ended_at_once_ = nullptr;
};

template <class T>
class periodic_run_of final : public periodic_run {
public:
    static void begin(const tick_source& source, task<T> work) {
        work.require_unspent();
        auto* self = new periodic_run_of(source);
        const auto root = work.release();
        root.promise().owner = self;
        root.promise().out = &self->result_;
        self->periodic_run::begin(root);
    }

private:
    using periodic_run::periodic_run;
    void set_cancelled() noexcept override { result_.set_cancelled(); }
    std::exception_ptr error() const noexcept override {
        return result_.is_error() ? result_.error() : nullptr;
    }
    bool was_cancelled() const noexcept override { return result_.is_cancelled(); }

    result<T> result_;
};

extern template class ending_ref<periodic_core>;
extern template class end_awaiter<periodic_core>;

} // namespace detail
} // namespace cicada
