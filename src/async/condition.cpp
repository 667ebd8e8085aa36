#include <cicada/async/condition.hpp>

#include <stdexcept>

#include <cicada/async/shield.hpp>

namespace cicada {

namespace {

class notification final : public detail::queued_waiter {
public:
    explicit notification(detail::wait_queue& in) noexcept : queued_waiter(in) {}
    bool await_ready() const noexcept { return false; }
    const char* waits_for() const noexcept override { return "a condition"; }
};

} // namespace

task<> condition::wait(mutex::lock_type& lock) {
    if (!lock) throw std::logic_error("cicada: condition::wait needs a lock that is held");
    mutex& of = *lock.of_;
    lock.release();
    const auto woken = co_await detail::told(notification(waiting_));
    lock = co_await shield(of.lock());
    if (!woken) co_return;
    if ((co_await detail::this_activity{}).requests().pending) notify_one();
}

} // namespace cicada
