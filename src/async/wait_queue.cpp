#include <cicada/async/wait_queue.hpp>

namespace cicada::detail {

withdrawal queued_waiter::withdraw() noexcept {
    queue_.erase(*this);
    return withdrawal::done;
}

queued_waiter::~queued_waiter() {
    if (is_listed()) withdraw();
}

} // namespace cicada::detail
