#pragma once

/// diary: what a node writes down of itself, for the checker: JSON, a line for each entry, each of
/// them one write at the end of the file, so that a kill leaves whole lines.
///
/// The instants are those of the kernel: `boot` is CLOCK_BOOTTIME, one for all processes of the
/// machine; `real` is CLOCK_REALTIME by system call, which a preloaded clock does not shift, and so
/// the store's.
///
/// Threads: any.

#include <string>
#include <string_view>

#include <cicada/jobs.hpp>

namespace chaos {

/// The members of an entry, in the order in which they are added.
class entry {
public:
    explicit entry(std::string_view what);
    entry& add(std::string_view name, std::string_view text);
    entry& add(std::string_view name, std::int64_t number);

private:
    friend class diary;
    std::string text_;
};

class diary {
public:
    /// Throws std::system_error.
    explicit diary(const std::string& path);
    diary(const diary&) = delete;
    diary& operator=(const diary&) = delete;
    ~diary();
    /// What cannot be written ends the process: without its diary it proves nothing.
    void write(entry one) const;

private:
    int file_;
};

std::int64_t boot_ns() noexcept;
std::int64_t real_ns() noexcept;

/// That an attempt is at work: from here until ended(), or its destruction, which stands for
/// "cancelled".
class attempt {
public:
    attempt(const diary& in, cicada::job_run run);
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
    ~attempt();
    void ended(std::string_view how);

private:
    entry about(std::string_view what) const;
    const diary& in_;
    const cicada::job_run run_;
    bool is_at_work_ = true;
};

} // namespace chaos
