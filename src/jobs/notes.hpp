#pragma once

/// job_notes: what a decider keeps between steps, beside the progress of its course. Mostly empty.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/store/records.hpp>

namespace cicada::detail {

struct job_notes {
    /// A trigger, a rerun, or an instant of a backfill, that waits for its turn.
    struct asked {
        std::uint64_t tag = 0; // that of its arrival; given by the decider
        run_origin origin = run_origin::triggered;
        std::string key = {}; // empty: the run gets one of its own
        std::optional<std::string> arguments = std::nullopt; // none: the job's
        wall_time nominal = {}; // given by the decider

        friend bool operator==(const asked&, const asked&) = default;
    };
    /// An instant that waits for its turn since before the clock was set back.
    struct earlier {
        std::uint32_t epoch = 0;
        wall_time nominal = {};

        friend bool operator==(const earlier&, const earlier&) = default;
    };
    std::string paused_by = {};
    std::string pause_note = {};
    std::optional<wall_time> paused_until = std::nullopt;
    /// It has ended, which its course cannot be in a pause: it is to be paused as it is edited.
    bool stays_paused = false;
    std::vector<asked> asked_for = {};
    std::vector<earlier> of_earlier_epochs = {};
    std::optional<wall_time> backfill_at = std::nullopt; // one of its backfills goes on then
    /// Until an instant after it has been decided: no stretch reaches across an edit, or another
    /// version of the tz database, by which the schedule names other instants.
    std::optional<wall_time> edited_at = std::nullopt;
    bool is_removed = false; // by apply(): it ends when what it has begun has ended

    friend bool operator==(const job_notes&, const job_notes&) = default;
};

/// Empty, when there is nothing to note; else JSON.
std::string to_text(const job_notes& notes);
/// Throws parse_error.
job_notes parse_notes(std::string_view text);

} // namespace cicada::detail
