#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <cicada/periodic/core.hpp>
#include <cicada/schedule/retry.hpp>
#include <cicada/schedule/run_queue.hpp>
#include <cicada/schedule/schedule.hpp>

namespace cicada::detail {

/// A run whose last attempt has failed, and that waits for the next one. It counts as running.
class retry_wait final : public timer, public pooled, public list_links<retry_wait> {
public:
    retry_wait(periodic_core& of, const attempt& next) noexcept : of_(of), next_(next) {}
    const attempt& next() const noexcept { return next_; }

private:
    void expired() noexcept override { of_.retry_now(*this); }
    std::string_view task_name() const noexcept override { return of_.name(); }

    periodic_core& of_;
    const attempt next_;
};

/// Throws std::invalid_argument for a schedule without an instant after `now`.
void refuse_never(const schedule& when, wall_time now, const char* remedy);

/// What a calendar is, and how far it has got.
struct calendar_state final : pooled {
    explicit calendar_state(const schedule& rule) noexcept : when(rule) {}

    schedule when;
    wall_time decided{}; // the instants up to here have been decided
};

/// The options of a periodic that has more than a name.
struct kept_options final : every_options, pooled {
    explicit kept_options(const every_options& given) : every_options(given) {}
};

/// What only some periodics need.
struct periodic_extras final : home_context, pooled {
    static inline const every_options plain{};

    explicit periodic_extras(periodic_core& of) noexcept : home_context(false), link(of) {}

    const every_options& options() const noexcept { return given ? *given : plain; }
    bool is_watched() const noexcept { return options().on_decision || options().history > 0; }
    calendar_policy policy() const noexcept {
        const every_options& o = options();
        return {o.catch_up, o.catch_up_window, o.start_deadline, o.until};
    }

    /// With the body, at the end. What they hold may be the handle.
    void destroy_observers() noexcept {
        if (!given) return;
        const auto on_decision = std::exchange(given->on_decision, nullptr);
        const auto when = std::exchange(given->retry.when, nullptr);
    }

    resident_link link; // it may have no armed timer by which its loop would find it
    owned<kept_options> given; // unless they are plain; its name is the one below
    std::string name;
    std::uint64_t identity = 0; // what jitter depends on

    duration nominal{}; // of the tick that is armed, or will be on resume
    std::uint64_t ran = 0; // of these two, what does not fit the core
    std::uint64_t missed = 0;
    std::uint64_t dropped = 0;
    std::uint64_t failed = 0;
    std::uint64_t untold = 0; // missed and dropped since the last tick
    std::uint32_t failed_in_a_row = 0;
    run_queue queue;
    list<periodic_run> runs;
    list<retry_wait> retries;
    std::vector<decision> history; // a ring, once it is full
    std::size_t oldest = 0;
    list<listener> listeners;
    std::exception_ptr error; // that ended it
    std::uint64_t ended_on = 0; // which loop; it may be gone
    std::atomic<bool> error_taken{false}; // by tasks of any loop
};

} // namespace cicada::detail
