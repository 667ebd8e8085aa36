#pragma once

/// The engine of periodics: one small object between ticks, without a coroutine frame.

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>

#include <cicada/async/ending.hpp>
#include <cicada/async/invoke.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/periodic/options.hpp>
#include <cicada/periodic/tick.hpp>
#include <cicada/schedule/plan.hpp>

namespace cicada {

/// How a periodic has fared.
struct periodic_counters {
    std::uint64_t ran = 0;     // runs started
    std::uint64_t missed = 0;  // nominal instants without a run, because the loop came too late
    std::uint64_t dropped = 0; // nominal instants without a run, because of the overlap policy
    std::uint64_t failed = 0;  // runs that threw
};

namespace detail {

class periodic_core;
class periodic_run;
struct periodic_extras;

/// What a body needs to make its tick; reads the wall clock only if it is asked.
struct tick_source {
    periodic_core& of;
    duration due;
    duration now;
    std::uint64_t missed;
    CICADA_API tick make() const;
};

/// 48 bytes, and the body. Most periodics need nothing else; the rest (names, limits, jitter, counters of what went
/// wrong, runs that are suspended) is in `periodic_extras`, made when first needed.
class CICADA_API periodic_core : public timer, public pooled {
public:
    enum class kind : std::uint8_t { fixed_rate, fixed_delay, once, once_at_wall };
    struct setup {
        kind which;
        duration period; // of a one-shot: its delay, or its instant
        const every_options* options = nullptr;
    };

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
    std::optional<wall_time> next() const;
    periodic_counters counters() const noexcept;
    std::string_view name() const noexcept;
    /// The error that ended it, if one did; whoever asks has taken it.
    std::exception_ptr take_error() noexcept;

    // ---- for the bodies -------------------------------------------------------------------------------------------
    /// On its loop: arms the first tick.
    void begin(const first& when) noexcept;
    void run_ended(periodic_run& run, std::exception_ptr error) noexcept;
    tick tick_for(const tick_source& source) const;
    loop& on() const noexcept { return *static_cast<loop*>(home()); }

protected:
    periodic_core(loop& home, const setup& how);

    /// Runs the body for one tick. A coroutine that is still running afterwards is returned.
    virtual periodic_run* invoke(const tick_source& source) = 0;
    virtual void destroy_body() noexcept = 0;

private:
    friend class periodic_run;
    enum class phase : std::uint8_t { active, paused, ended };

    void expired() noexcept final;
    std::string_view task_name() const noexcept final { return name(); }
    bool describe(task_info& info) const final;
    void prepare_shutdown() noexcept final { add_handle(); }
    void shut_down() noexcept final;

    bool has_extras() const noexcept {
        return !context_.load(std::memory_order_relaxed)->is_shared;
    }
    periodic_extras& extras() const noexcept;
    periodic_extras& need_extras();
    bool is_wall() const noexcept { return kind_ == kind::once_at_wall; }
    bool is_once() const noexcept { return kind_ == kind::once || kind_ == kind::once_at_wall; }
    interval schedule() const;
    duration now_on_its_line() const noexcept;
    wall_time to_wall(duration instant) const noexcept;

    void tick_plainly(loop& home) noexcept;
    void tick_with_extras() noexcept;
    void act(verdict what, duration due) noexcept;
    void run_with_extras(duration due) noexcept;
    void run_body(duration due, duration now, std::uint64_t missed) noexcept;
    void settle() noexcept;
    void count(std::uint64_t missed) noexcept;
    std::uint64_t ran() const noexcept;
    void failed(std::exception_ptr error) noexcept;
    void arm_for(std::optional<duration> nominal);
    void disarm_now() noexcept;
    void end() noexcept;

    std::atomic<std::uint16_t> holders_{2}; // handles, and the loop until it has ended
    phase phase_ : 2 = phase::active;
    bool asked_ : 1 = false; // to cancel, through a handle
    kind kind_ : 2;
    cicada::missed missed_ : 2;
    cicada::on_error on_error_ : 1;
    bool in_body_ : 1 = false;
    bool stopping_ : 1 = false; // no further ticks; it ends with its last run
    std::atomic<home_context*> context_; // the loop's, shared by all, or extras
    duration period_; // of a one-shot: its delay, or its instant
    std::uint32_t ran_ = 0; // the rest is in extras: see count()
    std::uint32_t missed_count_ = 0;
};

/// A body that is a coroutine, while it runs.
class CICADA_API periodic_run : public activity, public list_links<periodic_run> {
public:
    /// Takes the first steps. False: it has ended, and is gone.
    bool begin(std::coroutine_handle<> root);

protected:
    explicit periodic_run(periodic_core& of) noexcept : of_(of) {}
    void on_ended() noexcept override;
    virtual std::exception_ptr error() const noexcept = 0;

private:
    periodic_core& of_;
    bool* ended_at_once_ = nullptr;
};

template <class T>
class periodic_run_of final : public periodic_run {
public:
    static periodic_run* begin(periodic_core& of, task<T> work) {
        auto* self = new periodic_run_of(of);
        const auto root = work.release();
        root.promise().owner = self;
        root.promise().out = &self->result_;
        return self->periodic_run::begin(root) ? self : nullptr;
    }

private:
    explicit periodic_run_of(periodic_core& of) noexcept : periodic_run(of) {}
    void set_cancelled() noexcept override { result_.set_cancelled(); }
    std::exception_ptr error() const noexcept override {
        return result_.is_error() ? result_.error() : nullptr;
    }

    result<T> result_;
};

extern template class ending_ref<periodic_core>;
extern template class end_awaiter<periodic_core>;

} // namespace detail
} // namespace cicada
