#include <loop/thread_driver.hpp>

#include <cicada/loop/clock_watch.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace cicada::detail {

namespace {

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), call);
    return result;
}

timespec to_timespec(duration d) noexcept {
    return {static_cast<time_t>(d.count() / 1'000'000'000),
            static_cast<long>(d.count() % 1'000'000'000)};
}

// The handler of a process can only reach what is static.
std::atomic<int> signal_fd{-1};
std::atomic<bool> signal_came{false};

void on_signal(int) {
    const int saved = errno;
    std::signal(SIGINT, SIG_DFL); // a second one ends the process
    std::signal(SIGTERM, SIG_DFL);
    signal_came.store(true);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(signal_fd.load(), &one, sizeof one);
    errno = saved;
}

} // namespace

struct thread_driver::os {
    int wake_fd = -1;
    // `poll()` alone would sleep on: its timeout is relative, and counts no suspend.
    clock_watch clock;
    int slack_before = -1; // of the thread, in ns
    bool handles_signals = false;
    struct sigaction int_before = {};
    struct sigaction term_before = {};

    ~os() {
        if (handles_signals) {
            ::sigaction(SIGINT, &int_before, nullptr);
            ::sigaction(SIGTERM, &term_before, nullptr);
            signal_fd.store(-1);
        }
        if (slack_before >= 0) ::prctl(PR_SET_TIMERSLACK, slack_before, 0, 0, 0);
        if (wake_fd >= 0) ::close(wake_fd);
    }
};

thread_driver::thread_driver(duration accuracy, duration spin) : os_(new os), spin_(spin) {
    os_->wake_fd = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
    os_->slack_before = ::prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    constexpr duration::rep most = std::numeric_limits<int>::max();
    ::prctl(PR_SET_TIMERSLACK, std::max<duration::rep>(1, std::min(accuracy.count(), most)), 0, 0,
            0);
}

thread_driver::~thread_driver() = default;

void thread_driver::handle_signals() {
    int none = -1;
    if (!signal_fd.compare_exchange_strong(none, os_->wake_fd)) {
        throw std::logic_error(
            "cicada: another run() with cancel_on_signal is already running in this process");
    }
    signal_came.store(false);
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, &os_->int_before);
    ::sigaction(SIGTERM, &action, &os_->term_before);
    os_->handles_signals = true;
}

bool thread_driver::take_signal() noexcept {
    return os_->handles_signals && signal_came.exchange(false);
}

wall_time thread_driver::wall_now() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_REALTIME, &t);
    return wall_time(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

void thread_driver::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(os_->wake_fd, &one, sizeof one);
}

void thread_driver::wait(const loop& turned, std::optional<elapsed_time> deadline) noexcept {
    timespec relative{};
    const timespec* timeout = nullptr;
    if (deadline) {
        const duration left = between(later(elapsed_now(), spin_), *deadline);
        if (left <= duration::zero()) return spin(turned, *deadline);
        relative = to_timespec(left);
        timeout = &relative;
    }
    std::array<pollfd, 2> fds{pollfd{os_->wake_fd, POLLIN, 0},
                              pollfd{os_->clock.descriptor(), POLLIN, 0}};
    const int ready = ::ppoll(fds.data(), fds.size(), timeout, nullptr);
    if (ready == 0 && spin_ > duration::zero()) return spin(turned, *deadline);
    if (ready <= 0) return;
    if (fds[0].revents != 0) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const auto n = ::read(os_->wake_fd, &ignored, sizeof ignored);
    }
    if (fds[1].revents != 0) os_->clock.rearm();
}

void thread_driver::spin(const loop& turned, elapsed_time until) noexcept {
    while (elapsed_now() < until && !turned.has_posts()) {
    }
}

} // namespace cicada::detail
