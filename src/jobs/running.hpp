#pragma once

/// running: one attempt, as its handler (through job_run) and the node that began it share it.
///
/// Threads: what the node has written before the handler began is read only; the rest is guarded.

#include <atomic>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include <store/rows.hpp>

namespace cicada::detail {

struct CICADA_API running {
    /// Of what a handler writes so much is kept: the last of the log, the first of a report.
    static constexpr std::size_t most_log = 64 * 1024;
    static constexpr std::size_t most_report = 4 * 1024;

    explicit running(run_row of);

    /// Adds a line, unless the attempt is over.
    void log(std::string_view line);
    void report(std::string_view progress);

    struct written {
        std::string log;
        std::string report;
    };
    /// The attempt is over: all that was written, and from here on nothing is.
    written close();

    const run_row row;
    const std::string key; // as job_run gives it
    std::stop_source stop;

private:
    std::mutex mutex_;
    bool is_open_ = true; // these are guarded
    std::string log_; // a ring, once it is full
    std::size_t oldest_ = 0; // where in the ring its first byte is
    std::string report_;
};

} // namespace cicada::detail
