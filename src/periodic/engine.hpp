#pragma once

#include <cicada/loop/snapshot.hpp>
#include <cicada/periodic/core.hpp>
#include <schedule/course.hpp>

namespace cicada::detail {

/// The id of the run that is on the stack as a plain periodic becomes one with a course.
inline constexpr std::uint64_t first_run = 1;

/// One try to run the body for a nominal instant.
struct attempt {
    duration due; // on its time line
    std::uint64_t missed = 0; // to be told
    std::uint64_t run = first_run; // its id in the course
    std::uint32_t number = 1;
    time_line line = time_line::elapsed;
};

/// How a body has ended, or that it has not.
struct body_end {
    bool is_suspended = false;
    bool was_cancelled = false;
    std::exception_ptr error;
};

/// What a body needs to make its tick, of which it reads the wall clock only if it is asked.
struct tick_source {
    periodic_core& of;
    const attempt& which;
    duration now; // on its time line
    body_end& end;
};

/// All that a periodic does, besides its plain ticks. Of a periodic the members are what its
/// handles and its loop see; these are what its files do with it.
class periodic_engine {
    using kind = periodic_core::kind;

public:
    class visit;

    // ---- what it is made of ----
    static loop& on(const periodic_core& p) noexcept { return p.on(); }
    static bool is_calendar(const periodic_core& p) noexcept { return p.kind_ == kind::calendar; }
    static bool has_extras(const periodic_core& p) noexcept { return p.has_extras(); }
    static periodic_extras& extras(const periodic_core& p) noexcept;
    static periodic_extras& need_extras(periodic_core& p);
    /// Null: it is plain.
    static periodic_course* course(const periodic_core& p) noexcept;
    static periodic_course& need_course(periodic_core& p);

    // ---- its life ----
    /// On its loop: arms the first tick. Throws std::bad_alloc; then it has ended.
    static void begin(periodic_core& p, const first& when);
    static first begins_at(const periodic_core& p, const first& when) noexcept;
    static void arm(periodic_core& p, std::optional<nominal_instant> at);
    static void arm_plainly(periodic_core& p, std::optional<duration> at);
    static void tick_of_calendar(periodic_core& p) noexcept;
    static void run(periodic_core& p, const tick_source& source) { p.invoke(source); }
    static void finish(periodic_core& p, const attempt& which, const body_end& end) noexcept;
    static void count(periodic_core& p, std::uint64_t missed) noexcept;
    static void request_cancel(periodic_core& p) noexcept;
    static bool is_asked_to_end(const periodic_core& p, std::uint64_t run) noexcept;

    // ---- what handles ask ----
    static void pause(periodic_core& p);
    static void resume(periodic_core& p);
    static void trigger(periodic_core& p);
    static void reschedule(periodic_core& p, interval when);
    static void reschedule(periodic_core& p, const schedule& when);
    static std::optional<wall_time> next(const periodic_core& p);
    static periodic_counters counters(const periodic_core& p) noexcept;
    static std::vector<decision> history(const periodic_core& p);
    static std::string_view name(const periodic_core& p) noexcept;
    static periodic_snapshot snapshot(const periodic_core& p);
    /// Whether an error ended it that nobody has taken.
    static bool has_error(const periodic_core& p) noexcept;
    /// The error that ended it, if one did; whoever asks has taken it.
    static std::exception_ptr take_error(periodic_core& p) noexcept;

    static wall_time to_wall(const periodic_core& p, const nominal_instant& instant) noexcept;

private:
    static void begin_plainly(periodic_core& p, const first& when);
    static void refuse_one_shot(const periodic_core& p);
    static std::string recurrence_text(const periodic_core& p);
    static bool is_over(const periodic_core& p) noexcept;
    static void end(periodic_core& p) noexcept;
};

/// Throws std::invalid_argument for what a schedule of this kind cannot do, or never will.
void check(const periodic_core::setup& how, loop& home);

/// Keeps a periodic from ending while something of it is on the stack; the last to go ends it, if
/// it is over.
class periodic_engine::visit {
public:
    explicit visit(periodic_core& of) noexcept : of_(of) { ++of_.visits_; }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() {
        if (--of_.visits_ == 0 && is_over(of_)) end(of_);
    }

private:
    periodic_core& of_;
};

} // namespace cicada::detail
