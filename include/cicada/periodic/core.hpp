#pragma once

/// The object behind a periodic: small between ticks, and without a coroutine frame. What it does
/// is in src/periodic/.
///
/// Nearly all periodics are *plain*: an interval, a one-shot or a calendar without policies, whose
/// body does not suspend. Their ticks are a short path: the arithmetic of grid.hpp, and the body.
/// The first thing that needs more (a policy, a suspended run, a pause, an error, ...) makes a
/// `course`, which decides from then on. See docs/design.md.

#include <atomic>
#include <cstdint>
#include <exception>

#include <cicada/async/ending.hpp>
#include <cicada/async/invoke.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/periodic/options.hpp>
#include <cicada/periodic/tick.hpp>
#include <cicada/schedule/interval.hpp>
#include <cicada/schedule/life.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada {

namespace detail {

class periodic_core;
class periodic_course;
class periodic_engine;
enum class time_line : std::uint8_t;
struct attempt;
struct body_end;
struct calendar_state;
struct periodic_extras;

/// What a body needs to make its tick, of which it reads the wall clock only if it is asked.
struct tick_source;
CICADA_API tick make_tick(const tick_source& source);

/// 48 bytes, and the body; on a calendar 16 more, and the schedule. What few periodics need is in
/// `periodic_extras` and `periodic_course`, made when first needed.
class CICADA_API periodic_core : public timer, public pooled {
public:
    enum class kind : std::uint8_t { fixed_rate, fixed_delay, once, once_at_wall, calendar };
    struct setup {
        setup(kind k, duration d, const every_options* o = nullptr) noexcept
            : which(k), period(d), options(o) {}
        setup(const interval& i, const every_options* o = nullptr) noexcept
            : setup(i.which() == interval::kind::fixed_delay ? kind::fixed_delay : kind::fixed_rate,
                    i.period(), o) {}
        setup(const schedule& s, const every_options* o = nullptr) noexcept
            : setup(kind::calendar, duration::max(), o) {
            when = &s;
        }
        setup(wall_time t, const every_options* o = nullptr) noexcept
            : setup(kind::once_at_wall, t.time_since_epoch(), o) {}

        bool is_once() const noexcept { return which == kind::once || which == kind::once_at_wall; }

        kind which;
        duration period; // of a one-shot: its delay, or its instant
        const every_options* options;
        const schedule* when = nullptr; // of a calendar
    };

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
    /// Through a handle; see activity::ask_to_cancel().
    void ask_to_cancel() noexcept final;
    void owner_dropped() noexcept final;

protected:
    periodic_core(loop& home, const setup& how);

    /// Runs the body for one tick, and says in source.end how it ended; or throws.
    virtual void invoke(const tick_source& source) = 0;
    virtual void destroy_body() noexcept = 0;

    void expired(const expiry& at) noexcept override;
    /// A tick up to its body, and what follows that. Only a plain one at a fixed rate is begun; any
    /// other takes place in begin_tick().
    struct begun_tick {
        static constexpr std::uint64_t none = ~std::uint64_t{0};
        duration due;
        std::uint64_t missed; // or none
    };
    begun_tick begin_tick(const expiry& at) noexcept;
    void end_tick(const begun_tick& which) noexcept {
        if (!just_goes_on()) [[unlikely]]
            return finish_tick(which, nullptr);
        runs_plainly_ = false;
    }
    void finish_tick(const begun_tick& which, std::exception_ptr error) noexcept;

private:
    friend class periodic_engine;

    void expires_soon() const noexcept final { __builtin_prefetch(&ran_); }
    std::string_view task_name() const noexcept final;
    void add_to(loop_snapshot& all) const final;
    bool stay() noexcept final;
    void shut_down() noexcept final;
    void reconsider() noexcept final;

    void tick_otherwise() noexcept;
    bool just_goes_on() const noexcept {
        return kind_ == kind::fixed_rate && life_ == life::active && !has_extras();
    }
    void run_plainly(const attempt& which, duration now) noexcept;
    loop& on() const noexcept { return *static_cast<loop*>(home()); }
    bool is_once() const noexcept { return kind_ == kind::once || kind_ == kind::once_at_wall; }
    bool has_extras() const noexcept {
        return !context_.load(std::memory_order_relaxed)->is_shared;
    }

    std::atomic<std::uint32_t> holders_{2}; // handles, and the loop until it has ended
    std::atomic<home_context*> context_; // the loop's, shared by all, or extras
    union {
        duration period_; // of a one-shot: its delay, or its instant
        calendar_state* calendar_; // of a calendar
    };
    // Of these and of what follows the course, once there is one, knows better.
    std::uint32_t ran_ = 0;
    std::uint32_t missed_count_ : 16 = 0;
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
protected:
    explicit periodic_run(const tick_source& source) noexcept;
    /// Takes the first steps. It may have ended then, and be gone.
    void begin(std::coroutine_handle<> root, const tick_source& source);
    void ended(bool was_cancelled, std::exception_ptr error) noexcept;
    std::string_view common_name() const noexcept final;

private:
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
    void on_ended() noexcept override {
        ended(result_.is_cancelled(), result_.is_error() ? result_.error() : nullptr);
    }

    result<T> result_;
};

} // namespace detail
} // namespace cicada
