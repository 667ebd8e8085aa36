#include <jobs/access.hpp>

#include <atomic>
#include <new>

namespace cicada::detail {

/// What was said while a call of before is still under way is heard by that one.
struct store_access::listener {
    loop_ref home;
    std::weak_ptr<event> wake;
    std::atomic<bool> is_called{false};

    listener(loop_ref at, const std::shared_ptr<event>& sets) : home(at), wake(sets) {}

    static void call(const std::shared_ptr<listener>& one) {
        if (one->is_called.exchange(true)) return;
        const bool comes = one->home.post([one] {
            one->is_called = false; // first, so that what is said from here on calls again
            if (const auto wake = one->wake.lock()) wake->set();
        });
        if (!comes) one->is_called = false;
    }
};

store_access::store_access(std::shared_ptr<store> where, std::unique_ptr<store_link> way)
    : store_(std::move(where)), place_(store_->place()), link_(std::move(way)) {}

store_access::~store_access() = default;

void store_access::tell(const std::shared_ptr<event>& wake) {
    auto one = std::make_shared<listener>(loop_ref(loop::current()), wake);
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const auto& other) { return other->wake.expired(); });
    listeners_.push_back(std::move(one));
}

void store_access::changed() noexcept {
    const std::lock_guard lock(mutex_);
    for (const auto& one : listeners_) {
        try {
            listener::call(one);
        } catch (const std::bad_alloc&) {
            one->is_called = false; // not told: it polls
        }
    }
}

} // namespace cicada::detail
