#include <cicada/loop/timeout.hpp>

namespace cicada::detail {

time_limit::time_limit(activity& self, elapsed_time deadline) : ends_at_(deadline), section_(self) {
    start();
}

void time_limit::start() {
    loop& home = loop::current();
    if (ends_at_ <= home.now()) {
        section_.request_cancel();
    } else {
        home.arm(*this, ends_at_);
    }
}

void time_limit::stop() noexcept {
    if (is_armed()) static_cast<loop*>(section_.self().home())->disarm(*this);
}

void time_limit::move_to(elapsed_time deadline) {
    if (is_expired())
        throw std::logic_error("cicada: a timeout that has struck cannot be rescheduled");
    stop();
    ends_at_ = deadline;
    start();
}

void time_limit::expired(const detail::expiry&) noexcept { section_.request_cancel(); }

bool time_limit::ends_as_timeout() noexcept {
    stop();
    return section_.end(true);
}

} // namespace cicada::detail
