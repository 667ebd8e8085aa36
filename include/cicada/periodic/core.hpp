#pragma once

/// The object behind a periodic: small between ticks, and without a coroutine frame.
///
/// Nearly all periodics are *plain*: an interval, a one-shot or a calendar without policies, whose
/// body does not suspend. Their ticks are a short path: the arithmetic of grid.hpp, and the body.
/// The first thing that needs more (a policy, a suspended run, a pause, an error, ...) makes a
/// `course`, which decides from then on. See docs/design.md.

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include <cicada/async/ending.hpp>
#include <cicada/async/invoke.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/loop/snapshot.hpp>
#include <cicada/periodic/options.hpp>
#include <cicada/periodic/tick.hpp>
#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/life.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

namespace detail {

class periodic_core;
class periodic_course;
class periodic_run;
enum class time_line : std::uint8_t;
struct calendar_state;
struct nominal_instant;
struct periodic_extras;

/// The id of the run that is on the stack as a plain periodic becomes one with a course.
inline constexpr std::uint64_t first_run = 1;

/// One try to run the body for a nominal instant.
struct attempt {
    duration due; // on its time line
    std::uint64_t missed = 0; // to be told
    std::uint64_t run = first_run; // its id in the course
    std::uint32_t number = 1;
    time_line line{}; // elapsed
};

/// How a body has ended, or that it has not.
struct body_end {
    bool is_suspended = false;
    bool was_cancelled = false;
    std::exception_ptr error;
};

/// What a body needs to make its tick; reads the wall clock only if it is asked.
struct tick_source {
    periodic_core& of;
    const attempt& which;
    duration now; // on its time line
    body_end& end;
    CICADA_API tick make() const;
};

/// 48 bytes, and the body; on a calendar 16 more, and the schedule. What few periodics need is in
/// `periodic_extras` and `periodic_course`, made when first needed.
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

    // ---- for handles; loop thread, but for home() and once it has ended ------------------------
    /// Any thread. Null: it has ended.
    executor* home() const noexcept final {
        return context_.load(std::memory_order_acquire)->home.load(std::memory_order_acquire);
    }
    bool has_ended() const noexcept final { return life_ == life::ended; }
    void add_handle() noexcept final;
    void release_handle() noexcept final;
    void add_listener(listener& one) final;
    void remove_listener(listener& one) noexcept final;
    bool contains(const activity& other) const noexcept final;
    void request_cancel() noexcept;
    /// Through a handle; see activity::ask_to_cancel().
    void ask_to_cancel() noexcept final {
        if (has_ended()) return;
        asked_ = true;
        request_cancel();
    }
    void owner_dropped() noexcept final {
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

    // ---- for the bodies ------------------------------------------------------------------------
    /// On its loop: arms the first tick. Throws std::bad_alloc; then it has ended.
    void begin(const first& when);
    tick tick_for(const tick_source& source) const;
    wall_time to_wall(const nominal_instant& instant) const noexcept;
    loop& on() const noexcept { return *static_cast<loop*>(home()); }

protected:
    periodic_core(loop& home, const setup& how);

    /// Runs the body for one tick, and says in source.end how it ended; or throws.
    virtual void invoke(const tick_source& source) = 0;
    virtual void destroy_body() noexcept = 0;

private:
    friend class periodic_course;
    friend class periodic_run;
    class visit;

    void expired() noexcept final;
    std::string_view task_name() const noexcept final { return name(); }
    void add_to(loop_snapshot& all) const final;
    std::string recurrence_text() const;
    bool stay() noexcept final {
        add_handle();
        return true;
    }
    void shut_down() noexcept final;
    void reconsider() noexcept final;

    bool is_once() const noexcept { return is_once(kind_); }
    bool is_calendar() const noexcept { return kind_ == kind::calendar; }
    bool has_extras() const noexcept {
        return !context_.load(std::memory_order_relaxed)->is_shared;
    }
    periodic_extras& extras() const noexcept;
    periodic_extras& need_extras();
    /// Null: it is plain.
    periodic_course* course() const noexcept;
    periodic_course& need_course();

    void tick_plainly() noexcept;
    void tick_of_calendar() noexcept;
    void run_plainly(const attempt& which, duration now) noexcept;
    void finish(const attempt& which, const body_end& end) noexcept;
    void count(std::uint64_t missed) noexcept;
    void begin_plainly(const first& when);
    void arm_plainly(std::optional<duration> at);
    void arm(std::optional<nominal_instant> at);
    first begins_at(const first& when) const noexcept;
    void refuse_one_shot() const;
    bool is_over() const noexcept;
    void end() noexcept;

    std::atomic<std::uint32_t> holders_{2}; // handles, and the loop until it has ended
    std::atomic<home_context*> context_; // the loop's, shared by all, or extras
    union {
        duration period_; // of a one-shot: its delay, or its instant
        calendar_state* calendar_; // of a calendar
    };
    // Of these and of what follows the course, once there is one, knows better.
    std::uint32_t ran_ = 0;
    std::uint32_t missed_count_ : 16 = 0;
    static constexpr std::uint32_t most_missed = (1u << 16) - 1;
    life life_ : 3 = life::active; // with a course only whether it has ended
    kind kind_ : 3;
    time_line line_ : 1 = {}; // elapsed; where the timer is armed
    bool asked_ : 1 = false; // to cancel, through a handle
    bool runs_plainly_ : 1 = false; // its body is on the stack
    std::uint8_t visits_ : 4 = 0; // calls of this on the stack, which is not freed meanwhile
    cicada::missed missed_ : 2;
    cicada::on_error on_error_ : 1;
};

/// A body that is a coroutine, while it runs.
class CICADA_API periodic_run : public activity, public list_links<periodic_run> {
public:
    /// Takes the first steps. It may have ended then, and be gone.
    void begin(std::coroutine_handle<> root, const tick_source& source);

protected:
    explicit periodic_run(const tick_source& source) noexcept
        : of_(source.of), id_(source.which.run) {}
    void on_ended() noexcept override;
    std::string_view common_name() const noexcept final { return of_.name(); }
    virtual std::exception_ptr error() const noexcept = 0;
    virtual bool was_cancelled() const noexcept = 0;

private:
    friend class periodic_core;
    friend class periodic_course;
    periodic_core& of_;
    const std::uint64_t id_;
    body_end* first_steps_ = nullptr; // while they are taken
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
        self->periodic_run::begin(root, source);
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

} // namespace detail
} // namespace cicada
