// The smallest host: cicada's loop turned by a loop around poll(2), which waits for standard input,
// say, all the same. docs/hosts.md explains it line by line.
#include <cicada/cicada.hpp>
#include <cicada/loop/clock_watch.hpp>

#include <algorithm>
#include <cstdio>
#include <poll.h>
#include <unistd.h>

using namespace std::chrono_literals;

struct poll_host : cicada::driver {
    poll_host() { [[maybe_unused]] const int failed = ::pipe(wake_pipe); }
    ~poll_host() { ::close(wake_pipe[0]), ::close(wake_pipe[1]); }

    cicada::elapsed_time elapsed_now() noexcept override { return cicada::elapsed_clock::now(); }
    cicada::wall_time wall_now() noexcept override { return std::chrono::system_clock::now(); }
    void wake() noexcept override { [[maybe_unused]] const auto n = ::write(wake_pipe[1], "", 1); }

    /// Until the loop is closed, and everything on it has been cancelled and has ended.
    void run(cicada::loop& turned) {
        for (bool closing = false;;) {
            if (turned.is_closed() && !std::exchange(closing, true)) turned.shut_down();
            const auto next = turned.run_ready();
            if (closing && turned.is_drained()) return;
            wait(next ? cicada::between(elapsed_now(), *next) : 1h);
        }
    }

    void wait(cicada::duration time) {
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(
            std::clamp<cicada::duration>(time, 0ms, 1h));
        pollfd fds[] = {{wake_pipe[0], POLLIN, 0}, {clock.descriptor(), POLLIN, 0}}; // and your own
        ::poll(fds, 2, static_cast<int>(ms.count()));
        char bytes[64];
        if (fds[0].revents != 0) [[maybe_unused]]
            const auto n = ::read(wake_pipe[0], bytes, sizeof bytes);
        if (fds[1].revents != 0) clock.rearm();
    }

    int wake_pipe[2];
    cicada::clock_watch clock;
};

cicada::task<> program(cicada::loop& home) {
    auto beat = cicada::every(10ms, {.times = 3}, [] { std::puts("beat"); });
    co_await beat;
    std::puts("closing");
    home.close();
}

int main() {
    poll_host host;
    cicada::loop loop(host);
    cicada::spawn(loop, program, std::ref(loop)).detach();
    host.run(loop);
}
