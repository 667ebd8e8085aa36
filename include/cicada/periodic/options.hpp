#pragma once

#include <cicada/schedule/decision.hpp>
#include <cicada/schedule/policy.hpp>

namespace cicada {

/// When a schedule has no instant any more as it is bound to a function, such as a cron pattern for
/// 30 February:
enum class if_never : std::uint8_t {
    refuse, // std::invalid_argument
    end, // the periodic has ended before it began
};

/// Options of `every`, `after` and `at`, by name and in this order:
///
///     every(250ms, {.name = "flush", .overlap = overlap::skip, .jitter = 10ms}, flush)
///
/// `after` and `at` refuse those that speak of more than one nominal instant, with
/// std::invalid_argument: `first`, `until`, `times`, `missed`, `catch_up`, `catch_up_window` and
/// `failures`.
struct every_options {
    // ---- what it is ---------------------------------------------------------------------------
    /// For messages and lists, and the identity that jitter depends on. Copied.
    std::string_view name = {};

    // ---- when it begins and ends --------------------------------------------------------------
    /// Intervals: the first tick. Calendars: where the schedule begins; default: with the next
    /// instant.
    cicada::first first = {};
    /// No instants from here on: it ends with its last run before.
    std::optional<wall_time> until = std::nullopt;
    /// End after so many runs; 0: never.
    std::uint64_t times = 0;

    // ---- policies: a run meets another, fails, or would come late -----------------------------
    cicada::overlap overlap = {};
    cicada::on_error on_error = on_error::carry_on;
    cicada::retry retry = {};
    /// Intervals only.
    cicada::missed missed = missed::skip;
    /// Calendars only.
    cicada::catch_up catch_up = catch_up::last;
    /// Calendars only: what was missed longer ago than this is not caught up.
    duration catch_up_window = duration::max();
    /// A run that cannot start within this time after its nominal instant does not start. Not
    /// shorter than `jitter` and `accuracy` together.
    duration start_deadline = duration::max();
    /// Each tick comes up to this much later, always the same for the same name and instant, but
    /// before the next nominal instant. Spreads a herd. The schedule itself does not move.
    duration jitter = duration::zero();
    /// How much later a tick may come so that it can share a wake-up with others.
    duration accuracy = duration::zero();

    // ---- limits -------------------------------------------------------------------------------
    failure_limit failures = {};
    cicada::if_never if_never = if_never::refuse;

    // ---- observers ----------------------------------------------------------------------------
    /// Told what became of each nominal instant, and why, on the loop's thread.
    detail::function<void(const decision&)> on_decision = nullptr;
    /// How many of the last decisions periodic::history() gives.
    std::size_t history = 0;
};

} // namespace cicada
