#include <cicada/loop/timeout.hpp>

namespace cicada::detail {

time_limit::time_limit(activity& self, elapsed_time deadline)
    : self_(self), depth_(self.shield_depth()), requests_before_(self.requests().delivered()) {
    loop& home = loop::current();
    if (deadline <= home.now()) {
        expired();
    } else {
        home.arm(*this, deadline);
    }
}

time_limit::~time_limit() { ends_as_timeout(false); }

void time_limit::expired() noexcept {
    requested_ = true;
    self_.request_cancel(depth_);
}

bool time_limit::ends_as_timeout(bool was_cancelled) noexcept {
    if (is_armed()) static_cast<loop*>(self_.home())->disarm(*this);
    if (!std::exchange(requested_, false)) return false;
    return self_.take_back_request(requests_before_) <= requests_before_ && was_cancelled;
}

} // namespace cicada::detail
