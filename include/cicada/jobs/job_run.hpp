#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <cicada/store/records.hpp>

namespace cicada {

namespace detail {
struct running;
}

/// What a handler gets: one attempt of one run. A value, whose copies are the same attempt.
///
/// A run may come again: its worker died before it could say that it was done. key() is the same
/// then, so an effect that is done once for each key is done once.
/// Threads: any.    Lifetime: it may outlive the worker; log() and report() then do nothing.
class CICADA_API job_run {
public:
    run_id id() const noexcept;
    const std::string& job() const noexcept; // its name; empty: it was submitted
    const std::string& kind() const noexcept;
    run_origin origin() const noexcept;
    /// Of what was submitted: when it was to run.
    wall_time nominal() const noexcept;
    /// 1, and one more after each that failed.
    std::uint32_t attempt() const noexcept;
    /// How many attempts before this one were lost with their workers.
    std::uint32_t lost() const noexcept;
    /// How many instants before this one came to no run.
    std::uint64_t missed() const noexcept;
    const std::string& arguments() const noexcept;
    /// The same for each attempt of this run, and for no other run: that of trigger() and submit(),
    /// if one was given there; else the job's name and the instant.
    const std::string& key() const noexcept;
    /// Greater in each attempt. Who writes elsewhere lets it come along, and there refuses one that
    /// is less than the last: an attempt that was taken over, and does not know it yet.
    std::uint64_t fence() const noexcept;

    /// Adds a line to what is kept of this run: the last 64 KiB.
    void log(std::string_view line) const;
    /// How far it is, for those who look: replaces the last one; up to 4 KiB.
    void report(std::string_view progress) const;
    /// It was asked to end. (A coroutine is cancelled as well.)
    bool is_asked_to_end() const noexcept;
    std::stop_token stop_token() const noexcept;

    explicit job_run(std::shared_ptr<detail::running> of) noexcept : of_(std::move(of)) {}

private:
    std::shared_ptr<detail::running> of_;
};

} // namespace cicada
