#pragma once

/// What a periodic does when time or its own runs get in the way. Closed sets: see docs/time.md for
/// timelines.

#include <exception>

#include <cicada/base/function.hpp>
#include <cicada/base/time.hpp>

namespace cicada {

/// Intervals: after nominal instants were missed (the loop was busy, the machine slept), when does
/// the next tick come? With `d` the instant that was due, `p` the period:
enum class missed : std::uint8_t {
    skip, // on the grid: now + p - ((now - d) mod p)
    burst, // every one of them, at once: d + p
    delay, // a new grid: now + p
};

/// Calendars: which of the nominal instants that came while nothing could run (a suspend, a clock
/// set forward, a busy loop) get a run, late. An instant is missed when the one after it has come,
/// too.
class catch_up {
public:
    enum class mode : std::uint8_t { none, last, first, all };

    static const catch_up none; // the newest, if it is less than a minute late; else none of them
    static const catch_up last; // the newest
    static const catch_up first; // the oldest
    struct all { // the `max` newest, oldest first; side by side, if the overlap policy lets them
        std::uint32_t max;
    };

    constexpr catch_up() noexcept = default;
    constexpr catch_up(all many) noexcept : mode_(mode::all), max_(many.max) {}

    constexpr mode which() const noexcept { return mode_; }
    constexpr std::uint32_t max() const noexcept { return max_; }
    friend constexpr bool operator==(const catch_up&, const catch_up&) = default;

private:
    constexpr explicit catch_up(mode m) noexcept : mode_(m) {}
    mode mode_ = mode::last;
    std::uint32_t max_ = 1;
};

inline constexpr catch_up catch_up::none{mode::none};
inline constexpr catch_up catch_up::last{mode::last};
inline constexpr catch_up catch_up::first{mode::first};

/// When a tick comes while the body of an earlier one still runs, being a coroutine or blocking:
class overlap {
public:
    enum class mode : std::uint8_t {
        skip,
        buffer_one,
        buffer_latest,
        buffer_all,
        cancel_other,
        allow
    };

    static const overlap skip; // drop the new one
    static const overlap buffer_one; // run it afterwards; drop further ones
    static const overlap buffer_latest; // run the newest of them afterwards; drop the older
    static const overlap cancel_other; // cancel the one that runs, then run the new one
    struct buffer_all { // run all afterwards, in order; drop what exceeds max
        std::uint32_t max;
    };
    struct allow { // run up to max side by side; drop further ones
        std::uint32_t max;
    };

    constexpr overlap() noexcept = default;
    constexpr overlap(buffer_all many) noexcept : mode_(mode::buffer_all), max_(many.max) {}
    constexpr overlap(allow many) noexcept : mode_(mode::allow), max_(many.max) {}

    constexpr mode which() const noexcept { return mode_; }
    constexpr std::uint32_t max() const noexcept { return max_; }
    friend constexpr bool operator==(const overlap&, const overlap&) = default;

private:
    constexpr explicit overlap(mode m) noexcept : mode_(m) {}
    mode mode_ = mode::skip;
    std::uint32_t max_ = 1;
};

inline constexpr overlap overlap::skip{mode::skip};
inline constexpr overlap overlap::buffer_one{mode::buffer_one};
inline constexpr overlap overlap::buffer_latest{mode::buffer_latest};
inline constexpr overlap overlap::cancel_other{mode::cancel_other};

/// When the body throws, and its retries, if any, are used up:
enum class on_error : std::uint8_t {
    carry_on, // report it, and wait for the next tick
    stop, // end; the error goes to whoever awaits the handle
};

/// When the body throws: further attempts for the same nominal instant. While one is waited for,
/// the run counts as running. The wait before attempt n + 1 is `backoff * factor^(n - 1)`, at most
/// `cap`, and up to `jitter` more.
struct retry {
    std::uint32_t max = 0; // attempts after the first
    duration backoff = std::chrono::seconds(1);
    double factor = 2;
    duration cap = std::chrono::minutes(5); // not less than `backoff`
    duration jitter = duration::zero();
    /// Which errors are worth it. Default: all.
    detail::function<bool(const std::exception_ptr&)> when = nullptr;
};

/// When so many runs in a row have failed:
struct failure_limit {
    enum class action : std::uint8_t {
        notify, // the error handler gets a failing_error; again after as many more
        pause, // the same, and pause until resume()
        stop, // end; who awaits the handle gets the last error
    };
    std::uint32_t in_a_row = 0; // 0: no limit
    action then = action::notify;

    friend bool operator==(const failure_limit&, const failure_limit&) = default;
};

/// When the first tick comes:
class first {
public:
    enum class kind : std::uint8_t { immediately, after_period, at_elapsed, at_wall };

    static const first immediately; // in the loop's next turn, never inside the call to every
    static const first after_period;

    constexpr first() noexcept = default;
    constexpr first(elapsed_time at) noexcept
        : kind_(kind::at_elapsed), at_(at.time_since_epoch()) {}
    constexpr first(wall_time at) noexcept : kind_(kind::at_wall), at_(at.time_since_epoch()) {}

    constexpr kind which() const noexcept { return kind_; }
    constexpr duration at() const noexcept { return at_; }
    friend constexpr bool operator==(const first&, const first&) = default;

private:
    constexpr explicit first(kind k) noexcept : kind_(k) {}
    kind kind_ = kind::immediately;
    duration at_{};
};

inline constexpr first first::immediately{kind::immediately};
inline constexpr first first::after_period{kind::after_period};

} // namespace cicada
