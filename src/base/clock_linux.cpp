#include <cicada/base/time.hpp>

#include <ctime>

namespace cicada {

elapsed_time elapsed_clock::now() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_BOOTTIME, &t);
    return elapsed_time(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

} // namespace cicada
