#pragma once

/// batch: what a node writes at a time: all that has come up, and a claim for what is free, in one
/// part of a transaction.

#include <memory>
#include <optional>
#include <vector>

#include <jobs/decider.hpp>
#include <jobs/running.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// Something about a run that is running, and is to be written.
struct run_news {
    enum class kind : std::uint8_t {
        ended, // its attempt has
        handed_back, // by a worker that stops
        lost, // whoever ran it is gone
    };
    kind what = kind::ended;
    std::shared_ptr<const run_row> row; // as it was when it was claimed
    attempt_end end = {};
    bool has_begun = true; // handed back: its handler had
    /// The job has been read since, so if it does not know of this claim, nobody does.
    bool is_checked = false;
};

struct batch {
    /// A step, and what it came from.
    struct entry {
        job_id job = job_id::none; // whose course has decided it. None: what `news` says does
        step what;
        std::vector<run_news> news;
    };

    std::uint64_t claim_id = 0; // of all that begins
    std::vector<entry> entries;
    std::optional<claim> claims = std::nullopt;

    struct answer {
        std::vector<step_result> results; // one for each entry
        claim_result claimed; // if there was a claim
    };
    answer carry_out(writing& in) const;
    bool is_empty() const noexcept { return entries.empty() && !claims; }
    /// Whether runs may have begun by it.
    bool begins() const noexcept;
};

} // namespace cicada::detail
