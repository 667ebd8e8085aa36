// Preloaded into a process (LD_PRELOAD), it shifts CLOCK_REALTIME there by what stands in the file
// that CICADA_CLOCK_AHEAD names: nanoseconds, eight bytes, looked at with each call. So one machine
// is many with clocks of their own, and each can be set while the process runs.

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using shared_ns = const volatile std::int64_t*;

shared_ns open_file() noexcept {
    static const std::int64_t none = 0;
    const char* const path = std::getenv("CICADA_CLOCK_AHEAD");
    const int file = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return &none;
    void* const at = ::mmap(nullptr, sizeof none, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return at == MAP_FAILED ? &none : static_cast<shared_ns>(at);
}

} // namespace

extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t which,
                                                                    timespec* to) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    const int saved = errno;
    if (::syscall(SYS_clock_gettime, which, to) != 0) return -1;
    errno = saved;
    if (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE) return 0;
    static const shared_ns ahead = open_file();
    const std::int64_t sum = std::int64_t{to->tv_sec} * second + to->tv_nsec + *ahead;
    to->tv_sec = sum / second;
    to->tv_nsec = sum % second;
    return 0;
}
