#pragma once

#include <vector>

#include <base/told_in_turn.hpp>
#include <periodic/engine.hpp>
#include <periodic/extras.hpp>

namespace cicada::detail {

/// A body that is a coroutine, as it takes its first steps; within another, if that one turns a
/// loop itself.
class first_steps {
public:
    first_steps(const tick_source& source, activity& run) noexcept;
    first_steps(const first_steps&) = delete;
    first_steps& operator=(const first_steps&) = delete;
    ~first_steps();

    /// Null: it takes none.
    static const first_steps* of(const periodic_core& one) noexcept;

    activity& run() const noexcept { return run_; }
    nominal_instant nominal() const noexcept { return {source_.which.line, source_.which.due}; }
    wall_time started_at() const noexcept;

private:
    const tick_source& source_;
    activity& run_;
    const first_steps* const within_;
};

/// Who is told, and asked, and what is kept for history(). Most periodics have none of it.
struct periodic_observers final : pooled {
    periodic_observers(const every_options& given, bool is_loop)
        : on_decision(given.on_decision), is_loop_told(is_loop), is_worth_a_retry(given.retry.when),
          most_kept(given.history) {}

    bool are_told() const noexcept { return on_decision || is_loop_told || most_kept > 0; }

    detail::function<void(const decision&)> on_decision;
    bool is_loop_told; // by loop_options::on_decision
    detail::function<bool(const std::exception_ptr&)> is_worth_a_retry;
    told_in_turn<decision> turn;
    std::vector<decision> history; // a ring, once it is full
    std::size_t most_kept;
    std::size_t oldest = 0;
};

/// A periodic as the driver of a course: it calls the steps, and carries out what they say. The
/// timer is for what is due in elapsed time besides the next instant: retries, and what may start
/// in the loop's next turn; that of the core is for the instants.
class periodic_course final : public timer, public pooled {
public:
    periodic_course(periodic_core& of, rules by, progress from,
                    owned<periodic_observers> observers = {});

    const detail::course& decides() const noexcept { return decides_; }
    life state() const noexcept { return decides_.state(); }
    bool runs(const activity& other) const noexcept;
    std::vector<decision> history() const;

    // ---- from the loop ----
    void begin(const first& when);
    void due() noexcept;
    void look_anew() noexcept; // zones were reloaded, or the clock was set
    void began(periodic_run& run) noexcept { runs_.push_back(run); }
    void ended(periodic_run& run, const body_end& how) noexcept;
    void run_over(std::uint64_t id, const body_end& how) noexcept;
    /// The same, of a run that began when there was no course.
    void plain_run_over(const attempt& which, const body_end& how) noexcept;

    // ---- from handles: nothing starts within the call ----
    void pause();
    void resume();
    void cancel() noexcept;
    void trigger();
    void reschedule(recurrence when);

    /// At the end. What they hold may be the handle.
    void destroy_observers() noexcept;

private:
    void expired(const expiry&) noexcept override;
    std::string_view task_name() const noexcept override { return name(); }

    class starting;

    std::string_view name() const noexcept { return periodic_engine::name(of_); }
    loop& on() const noexcept { return periodic_engine::on(of_); }
    clock_reading reading(bool is_fresh) const noexcept;
    template <class Step>
    void ask(Step step);
    void carry_out(const outcome& what);
    void arm();
    void start_what_may();
    void start(const progress::run& run);
    bool is_worth_a_retry(const std::exception_ptr& error) noexcept;
    void tell(const outcome& what) noexcept;
    void tell(const decision& d) noexcept;

    periodic_core& of_;
    detail::course decides_;
    owned<periodic_observers> observers_; // perhaps
    list<periodic_run> runs_; // that are suspended
    bool is_starting_ = false; // what may start
    bool was_asked_ = false; // by a handle meanwhile: the rest is left to the next turn
};

} // namespace cicada::detail
