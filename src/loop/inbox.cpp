#include <loop/inbox.hpp>

#include <chrono>
#include <thread>

namespace cicada::detail {

/// Whoever has it may have been preempted, and by a thread of a higher priority, which yields to
/// nobody: so in the end it sleeps.
void brief_lock::wait() noexcept {
    constexpr int spins = 64;
    constexpr int yields = 16;
    for (int tries = 0;; ++tries) {
        if (!is_held_.load(std::memory_order_relaxed) &&
            !is_held_.exchange(true, std::memory_order_acquire))
            return;
        if (tries < spins) continue;
        if (tries < spins + yields) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }
}

post_chain::~post_chain() {
    while (first_kept_) delete std::exchange(first_kept_, first_kept_->next);
}

void post_chain::push(work& item) noexcept {
    struct owned_call {
        owned<work> item;
        void operator()() { item->run(); }
    };
    using small = small_call<owned_call>;
    if (room() < sizeof(small)) return append(item);
    owned_call call{owned<work>(&item)};
    push(small::put, sizeof(small), &call);
}

void post_chain::add_chunk() {
    post_chunk* chunk;
    if (kept_ > 0) {
        chunk = static_cast<post_chunk*>(std::exchange(first_kept_, first_kept_->next));
        --kept_;
    } else {
        chunk = new post_chunk;
    }
    append(*chunk);
    end_ = chunk->records;
    limit_ = chunk->records + sizeof chunk->records;
}

void post_chain::finish_chunk() noexcept {
    if (end_) static_cast<post_chunk*>(last_)->end = end_;
    end_ = limit_ = nullptr;
}

void post_chain::append(work& one) noexcept {
    finish_chunk();
    one.next = nullptr;
    (last_ ? last_->next : first_) = &one;
    last_ = &one;
}

work* post_chain::take() noexcept {
    finish_chunk();
    last_ = nullptr;
    return std::exchange(first_, nullptr);
}

bool post_chain::keep(post_chunk& chunk) noexcept {
    if (kept_ == most_kept) return false;
    chunk.next = std::exchange(first_kept_, &chunk);
    ++kept_;
    return true;
}

work* inbox::take_others() noexcept {
    const std::lock_guard lock(lock_);
    state_.store(state::awake, std::memory_order_relaxed);
    return others_.take();
}

bool inbox::sleep() noexcept {
    const std::lock_guard lock(lock_);
    if (holds_others()) return false;
    state_.store(state::asleep, std::memory_order_relaxed);
    return true;
}

void inbox::await_wakers() const noexcept {
    while (wakers_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
}

} // namespace cicada::detail
