#pragma once

#include <atomic>
#include <string>

#include <cicada/periodic/core.hpp>

namespace cicada::detail {

class periodic_course;

/// Throws never_error for a schedule without an instant after `now`.
void refuse_never(const schedule& when, wall_time now, const char* remedy);

/// What a calendar is, and how far it has got.
struct calendar_state final : pooled {
    explicit calendar_state(const schedule& rule) noexcept : when(rule) {}

    schedule when;
    wall_time decided{}; // the instants up to here have been decided
};

/// What only some periodics need.
struct periodic_extras final : home_context, pooled {
    explicit periodic_extras(periodic_core& of) noexcept;
    ~periodic_extras();

    resident_link link; // it may have no armed timer by which its loop would find it
    std::string name;
    std::uint64_t ran = 0; // of these two, what does not fit a core without a course
    std::uint64_t missed = 0;
    owned<periodic_course> course;
    list<listener> listeners;
    std::exception_ptr error; // that ended it
    std::uint64_t ended_on = 0; // which loop; it may be gone
    std::atomic<bool> error_taken{false}; // by tasks of any loop
};

} // namespace cicada::detail
