#include <cicada/loop/sleep.hpp>

namespace cicada {

namespace detail {

namespace {
loop& loop_of(const activity& a) noexcept { return *static_cast<loop*>(a.home()); }
} // namespace

elapsed_time sleep_end(duration delay) { return later(loop::current().now(), delay); }

elapsed_sleep::~elapsed_sleep() {
    if (is_armed()) withdraw();
}

bool elapsed_sleep::start(activity& owner, std::coroutine_handle<> frame) {
    if (owner.requests().pending) return suspend(owner, frame);
    loop_of(owner).arm(*this, elapsed_time(duration(deadline())));
    return suspend(owner, frame);
}

withdrawal elapsed_sleep::withdraw() noexcept {
    loop_of(owner()).disarm(*this);
    return withdrawal::done;
}

wall_sleep::~wall_sleep() {
    if (is_armed()) withdraw();
}

bool wall_sleep::start(activity& owner, std::coroutine_handle<> frame) {
    if (owner.requests().pending) return suspend(owner, frame);
    loop_of(owner).arm_wall(*this, wall_time(duration(deadline())));
    return suspend(owner, frame);
}

withdrawal wall_sleep::withdraw() noexcept {
    loop_of(owner()).disarm_wall(*this);
    return withdrawal::done;
}

} // namespace detail

elapsed_time now() { return loop::current().now(); }
wall_time wall_now() { return loop::current().wall_now(); }

} // namespace cicada
