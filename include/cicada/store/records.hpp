#pragma once

/// What a store knows of a run, as plain values: one execution of a job for one nominal instant,
/// with all its attempts. See docs/jobs.md for the states, and what leads from one to the other.
///
/// Threads: values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/base/time.hpp>

namespace cicada {

enum class run_id : std::int64_t {};

/// Where a run comes from.
enum class run_origin : std::uint8_t {
    scheduled, // its instant came
    triggered, // job_store::trigger
    backfilled, // job_store::backfill
    rerun, // job_store::rerun
    submitted, // job_store::submit: of no job
};

///     ready -> running              claimed by a worker
///     running -> ok, failed         its handler returned, or threw and has no retry left
///     running -> ready              it threw, and waits for its retry; it was handed back by a
///                                   worker that stops; or its worker died, and `on_lost` is retry
///     ready, running -> cancelled   job_store::cancel, or the overlap policy
///     ready -> failed               the same, when it waits for a retry
///     running -> lost               its worker died, and it may not run again
enum class run_state : std::uint8_t { ready, running, ok, failed, cancelled, lost };

constexpr bool is_open(run_state state) noexcept { return state <= run_state::running; }

/// "scheduled", ...; "ready", ...
CICADA_API std::string_view to_string(run_origin origin) noexcept;
CICADA_API std::string_view to_string(run_state state) noexcept;

struct run_record {
    run_id id{};
    std::string job; // its name; empty: it was submitted
    std::string kind; // of handler
    run_origin origin = run_origin::scheduled;
    wall_time nominal{};
    run_state state = run_state::ready;
    std::uint32_t attempt = 1; // the last one; of a run that waits for a retry, that
    std::uint32_t lost = 0; // attempts whose worker died: they are no failures
    std::uint64_t fence = 0; // of the last attempt
    std::string node; // the name of the worker of the last attempt; empty: there was none yet
    wall_time run_at{}; // ready: not before
    std::optional<wall_time> started_at = std::nullopt; // the last attempt
    std::optional<wall_time> ended_at = std::nullopt;
    bool is_asked_to_end = false;
    std::string arguments; // JSON
    std::string key; // as job_run::key() gives it
    std::string reason; // why the last attempt failed, or was lost
    std::string log; // the end of what the handler wrote with job_run::log
    std::string report; // the last job_run::report

    friend bool operator==(const run_record&, const run_record&) = default;
};

} // namespace cicada
