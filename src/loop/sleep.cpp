#include <cicada/loop/sleep.hpp>

namespace cicada {

namespace detail {

namespace {
loop& loop_of(const activity& a) noexcept { return *static_cast<loop*>(a.home()); }
} // namespace

elapsed_time sleep_end(duration delay) { return later(loop::current().now(), delay); }

template <class Instant>
sleep_until_awaiter<Instant>::~sleep_until_awaiter() {
    if (is_armed()) withdraw();
}

template <class Instant>
bool sleep_until_awaiter<Instant>::start(activity& owner, std::coroutine_handle<> frame) {
    if (!owner.requests().pending) loop_of(owner).arm(*this, Instant(duration(deadline())));
    return suspend(owner, frame);
}

template <class Instant>
withdrawal sleep_until_awaiter<Instant>::withdraw() noexcept {
    if constexpr (std::is_same_v<Instant, wall_time>) {
        loop_of(owner()).disarm_wall(*this);
    } else {
        loop_of(owner()).disarm(*this);
    }
    return withdrawal::done;
}

/// Deadlines are run in order, so the task goes on here and now, and not through the queue.
template <class Instant>
void sleep_until_awaiter<Instant>::expired(const expiry&) noexcept {
    owner().run();
}

/// The activity, and the start of the frame, of which this is a part.
template <class Instant>
void sleep_until_awaiter<Instant>::expires_soon() const noexcept {
    const auto line = [](const void* p, std::intptr_t offset) {
        __builtin_prefetch(
            reinterpret_cast<const void*>(reinterpret_cast<std::intptr_t>(p) + offset));
    };
    line(&owner(), 0);
    line(&owner(), 64);
    line(this, -64);
}

template class sleep_until_awaiter<elapsed_time>;
template class sleep_until_awaiter<wall_time>;

} // namespace detail

elapsed_time now() { return loop::current().now(); }
wall_time wall_now() { return loop::current().wall_now(); }

} // namespace cicada
