#pragma once

/// What time it is at the server, as far as that is known here: never ahead of it (D4).
///
/// An answer says what time it was there at some moment between its sending and its coming. So the
/// server's clock is ahead of elapsed time by at least (said - came), and by at most (said - sent).
/// Of the lower bounds the greatest counts, until an upper one says that the clock was set back.
///
/// Threads: any.

#include <mutex>

#include <cicada/base/time.hpp>

namespace cicada::detail {

class pg_clock {
public:
    void learned(wall_time said, elapsed_time sent_at, elapsed_time came_at) noexcept {
        const duration least = said.time_since_epoch() - came_at.time_since_epoch();
        const duration most = said.time_since_epoch() - sent_at.time_since_epoch();
        const std::lock_guard lock(mutex_);
        ahead_ = ahead_ > most ? least : std::max(ahead_, least);
    }
    /// The beginning of time: no answer came yet.
    wall_time at(elapsed_time now) const noexcept {
        const std::lock_guard lock(mutex_);
        return later(wall_time(ahead_), now.time_since_epoch());
    }

private:
    mutable std::mutex mutex_;
    duration ahead_ = duration::min(); // of elapsed time
};

} // namespace cicada::detail
