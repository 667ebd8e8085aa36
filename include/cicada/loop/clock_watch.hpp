#pragma once

#include <cicada/base/export.hpp>

namespace cicada {

/// For drivers that can wait for a file descriptor: one that becomes readable when the wall clock
/// is set, and when the machine wakes from a suspend, which the timers of most event loops do not
/// count.
///
/// Once it is readable: call `rearm()`, then run_ready(), and set the host's timer anew.
/// Threads: one at a time.    Errors: std::system_error when it is made.
class CICADA_API clock_watch {
public:
    clock_watch();
    ~clock_watch();
    clock_watch(const clock_watch&) = delete;
    clock_watch& operator=(const clock_watch&) = delete;

    /// Belongs to the watch.
    int descriptor() const noexcept { return descriptor_; }
    void rearm() noexcept;

private:
    int descriptor_;
};

} // namespace cicada
