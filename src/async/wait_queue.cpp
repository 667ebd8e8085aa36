#include <cicada/async/wait_queue.hpp>

namespace cicada::detail {

withdrawal queued_waiter::withdraw() noexcept {
    std::exchange(queue_, nullptr)->waiting_.erase(*this);
    return withdrawal::done;
}

queued_waiter::~queued_waiter() {
    if (queue_) withdraw();
}

} // namespace cicada::detail
