#pragma once

/// why: what became of an instant of a job, as a value and as a sentence. See reason_why.

#include <string>

#include <cicada/jobs/job_store.hpp>
#include <store/store.hpp>

namespace cicada::detail {

/// What a store knows about it.
struct why_facts {
    job_row job;
    wall_time instant{};
    wall_time now{};
    std::vector<edit_row> edits = {}; // oldest first
    std::vector<run_row> runs = {}; // of this instant, oldest first
    std::vector<stretch> stretches = {}; // that touch it, of all epochs
    std::vector<run_row> others =
        {}; // those that stretches speak of: in the way, or standing for it
};

/// Pure. `place` is for messages. Throws store_error for a job that cannot be read.
reason_why explain(const why_facts& of, const std::string& place = "the store");

/// The same, with what is asked of a store.
reason_why why(reading& in, const job_row& job, wall_time instant,
               const std::string& place = "the store");

} // namespace cicada::detail
