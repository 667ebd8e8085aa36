#pragma once

/// What became of each nominal instant, and why. Every instant that a schedule names ends in
/// exactly one decision.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/base/time.hpp>

namespace cicada {

struct decision {
    enum class kind : std::uint8_t {
        ran, // and succeeded
        failed, // ran, and its last attempt failed
        cancelled, // ran or waited, and was cancelled
        skipped_overlap, // the one before it still ran, and the overlap policy had no room for it
        coalesced_into, // missed; the run of another instant stands for it
        missed, // too many, or too long ago, for the catch-up policy
        too_late, // its start_deadline passed before it could start
        excluded, // an exception to the schedule took it away
        paused, // it came during a pause
        clock_went_back, // no instant: the wall clock was ahead until `last`, and is set right
        lost, // it ran, and the machine that ran it is gone
        restored, // it passed before its job was restored from a backup
    };

    kind what = kind::ran;
    wall_time nominal{};
    /// A stretch of consecutive instants with the same fate: how many, and the last of them.
    std::uint64_t count = 1;
    wall_time last{};
    /// There are more than `count` in the stretch: of very many instants that were missed, 100,000
    /// are counted one by one. In the rest of them exceptions are not told apart.
    bool is_at_least = false;
    /// coalesced_into: the instant whose run stands for it.
    std::optional<wall_time> into = std::nullopt;
    /// For what ran: from the first attempt's start to the last one's end.
    wall_time started_at{};
    wall_time ended_at{};
    std::uint32_t attempts = 0;

    friend bool operator==(const decision&, const decision&) = default;
};

/// "ran", "skipped_overlap", ...
CICADA_API std::string_view to_string(decision::kind what) noexcept;
/// Why, in a few words for people: "the run before it had not ended".
CICADA_API std::string_view reason(decision::kind what) noexcept;

} // namespace cicada
