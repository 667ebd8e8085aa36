#include <cicada/hosts/host_driver.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace cicada::detail {

elapsed_time host_driver::elapsed_now() noexcept { return elapsed_clock::now(); }
wall_time host_driver::wall_now() noexcept {
    return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
}

void host_driver::begin(loop_options options) {
    turned_ = &loop_.emplace(*this, std::move(options));
}

void host_driver::end() noexcept {
    if (turned_ && executor::current() == turned_) {
        std::fputs("cicada: a host was destroyed by one of its own tasks\n", stderr);
        std::terminate();
    }
    loop_.reset();
    turned_ = nullptr;
}

std::optional<elapsed_time> host_driver::turn() {
    if (turned_->is_closed() && !std::exchange(is_shutting_down_, true)) turned_->shut_down();
    return turned_->run_ready();
}

} // namespace cicada::detail
