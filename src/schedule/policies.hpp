#pragma once

#include <cicada/schedule/policy.hpp>

namespace cicada::detail {

/// All that course decides by, besides when: values that can be compared, written down and read
/// back. What users write (every_options, planned_schedule) is flat, and is read into it in one
/// place; predicates and callbacks stay outside.
struct policies {
    /// The numbers of `retry`.
    struct retries {
        std::uint32_t max = 0;
        duration backoff = std::chrono::seconds(1);
        double factor = 2;
        duration cap = std::chrono::minutes(5);
        duration jitter = duration::zero();

        friend bool operator==(const retries&, const retries&) = default;
    };

    cicada::overlap overlap = {};
    cicada::on_error on_error = on_error::carry_on;
    retries retry = {};
    cicada::missed missed = missed::skip; // intervals
    cicada::catch_up catch_up = catch_up::last; // calendars
    duration catch_up_window = duration::max(); // calendars
    duration start_deadline = duration::max();
    duration jitter = duration::zero();
    duration accuracy = duration::zero();
    failure_limit failures = {};

    friend bool operator==(const policies&, const policies&) = default;
};

} // namespace cicada::detail
