#pragma once

/// job: what `every` is given, as a value that can be stored: when, by which policies, and the kind
/// of handler that runs it.
///
///     cicada::job weekly = {.name = "weekly",
///                           .when = cicada::cron("0 7 * * MON", "Europe/Berlin"),
///                           .kind = "send_report",
///                           .arguments = R"({"to": "team@example.org"})",
///                           .retry = {.max = 3}};
///
/// Threads: a value.

#include <string>

#include <cicada/base/error.hpp>
#include <cicada/schedule/policy.hpp>
#include <cicada/schedule/recurrence.hpp>

namespace cicada {

/// When the worker that ran it is gone, with its process or its machine:
enum class on_lost : std::uint8_t {
    retry, // another runs it again: at least once. After three such losses it is lost
    fail, // it is lost: at most once
};

/// When a worker cannot reach the store for so long that others may take over what it runs:
enum class when_cut_off : std::uint8_t {
    stop, // its runs are asked to end before that: no two workers at once
    carry_on, // they go on; if another took over, what they did is not counted
};

/// The options mean what they mean in every_options. An interval of a fixed rate stands on the wall
/// clock, at anchor + k * period, from an anchor that the store keeps; so, as for a calendar,
/// `catch_up` says what becomes of the instants that nobody was there for.
struct job {
    // ---- what it is ---------------------------------------------------------------------------
    /// Its identity, in the whole store; up to 200 bytes.
    std::string name;
    recurrence when;
    /// Which handler runs it: worker::handle().
    std::string kind;
    /// For the handler: JSON, up to 64 KiB.
    std::string arguments = "{}";

    // ---- when it begins and ends --------------------------------------------------------------
    /// Intervals: the first instant. Default: as it is applied.
    cicada::first first = {};
    std::optional<wall_time> until = std::nullopt;
    std::uint64_t times = 0;

    // ---- policies -----------------------------------------------------------------------------
    cicada::overlap overlap = {};
    cicada::on_error on_error = on_error::carry_on; // stop: the job ends
    cicada::retry retry = {}; // without `.when`, which cannot be stored: throw no_retry
    cicada::catch_up catch_up = catch_up::last;
    duration catch_up_window = duration::max();
    duration start_deadline = duration::max();
    duration jitter = duration::zero();
    failure_limit failures = {};
    cicada::on_lost on_lost = on_lost::retry;
    cicada::when_cut_off when_cut_off = when_cut_off::stop;
    /// Only workers that have this label run it. Empty: all.
    std::string label = {};

    friend bool operator==(const job& a, const job& b);
};

/// Thrown by a handler: the run has failed, and no retry is worth it.
class CICADA_API no_retry final : public error {
public:
    using error::error;
};

} // namespace cicada
