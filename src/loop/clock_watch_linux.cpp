#include <cicada/loop/clock_watch.hpp>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace cicada {

clock_watch::clock_watch()
    : descriptor_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    rearm();
}

clock_watch::~clock_watch() { ::close(descriptor_); }

/// The timer itself never fires: its cancellation by a change of the clock is what counts.
void clock_watch::rearm() noexcept {
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto n = ::read(descriptor_, &ignored, sizeof ignored);
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<time_t>::max() / 4;
    ::timerfd_settime(descriptor_, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

} // namespace cicada
