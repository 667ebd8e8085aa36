#include <cicada/async/semaphore.hpp>

#include <algorithm>
#include <limits>

namespace cicada {

bool semaphore::awaiter::await_ready() noexcept {
    if (granted_) return true; // and lost in a when_any, which left it where it stood
    refused_ = semaphore_.closed_;
    return refused_ || (granted_ = semaphore_.take(many_));
}

semaphore::permit semaphore::awaiter::await_resume() {
    throw_if_cancelled();
    if (refused_) throw closed_error("cicada: the semaphore was closed");
    granted_ = false;
    return permit(semaphore_, many_);
}

/// Its frame may be destroyed before it could resume.
semaphore::awaiter::~awaiter() {
    if (is_listed()) withdraw();
    if (granted_) semaphore_.release(many_);
}

/// Who goes may have been the one that held up the others.
detail::withdrawal semaphore::awaiter::withdraw() noexcept {
    const auto done = queued_waiter::withdraw();
    semaphore_.grant();
    return done;
}

semaphore::permit semaphore::try_acquire(std::size_t many) {
    if (closed_) throw closed_error("cicada: the semaphore is closed");
    return take(many) ? permit(*this, many) : permit();
}

void semaphore::release(std::size_t many) noexcept {
    free_ += std::min(many, std::numeric_limits<std::size_t>::max() - free_);
    grant();
}

void semaphore::close() noexcept {
    closed_ = true;
    while (auto* refused = static_cast<awaiter*>(waiting_.wake_one())) refused->refused_ = true;
}

bool semaphore::take(std::size_t many) noexcept {
    if (free_ < many || !waiting_.empty()) return false;
    free_ -= many;
    return true;
}

void semaphore::grant() noexcept {
    while (auto* next = static_cast<awaiter*>(waiting_.front())) {
        if (next->many_ > free_) return;
        free_ -= next->many_;
        next->granted_ = true;
        waiting_.wake_one();
    }
}

} // namespace cicada
