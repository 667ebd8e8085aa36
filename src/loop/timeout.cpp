#include <cicada/loop/timeout.hpp>

namespace cicada::detail {

time_limit::time_limit(activity& self, elapsed_time deadline)
    : self_(self), ends_at_(deadline), depth_(self.shield_depth()),
      requests_before_(self.requests().delivered()) {
    start();
}

time_limit::~time_limit() { ends_as_timeout(false); }

void time_limit::start() {
    loop& home = loop::current();
    if (ends_at_ <= home.now()) {
        expired();
    } else {
        home.arm(*this, ends_at_);
    }
}

void time_limit::stop() noexcept {
    if (is_armed()) static_cast<loop*>(self_.home())->disarm(*this);
}

void time_limit::move_to(elapsed_time deadline) {
    if (requested_)
        throw std::logic_error("cicada: a timeout that has struck cannot be rescheduled");
    stop();
    ends_at_ = deadline;
    start();
}

void time_limit::expired() noexcept {
    requested_ = true;
    self_.request_cancel(depth_);
}

bool time_limit::ends_as_timeout(bool was_cancelled) noexcept {
    stop();
    if (!std::exchange(requested_, false)) return false;
    return self_.take_back_request(requests_before_) <= requests_before_ && was_cancelled;
}

} // namespace cicada::detail
