#include <cicada/async/ending.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <async/post_held.hpp>

namespace cicada::detail {

namespace {

/// Calls `f` once, when a target of this thread ends; owns itself.
template <class F>
class end_call final : public listener, public pooled {
public:
    explicit end_call(F f) : f_(std::move(f)) {}
    void ended() noexcept override {
        f_();
        delete this;
    }

private:
    F f_;
};

template <class F>
void when_ended(holdable& target, F f) {
    if (target.has_ended()) return f();
    target.add_listener(*new end_call<F>(std::move(f)));
}

} // namespace

/// The waiting side of a wait for a target on another loop. Only the waiter's thread looks into it.
struct remote_end {
    end_wait* waiter; // null: it was withdrawn

    void complete() const noexcept {
        if (waiter) waiter->ended();
    }
};

void holdable_ref::release(holdable* target) noexcept {
    executor* home = target->home();
    if (home == nullptr || home == executor::current()) return target->release_handle();
    if (!activity_engine::post_to(*target, [target] { target->release_handle(); }))
        target->release_handle();
}

holdable& holdable_ref::target() const {
    if (!target_)
        throw std::logic_error("cicada: an empty handle was used (it was moved from, or detached)");
    return *target_;
}

bool holdable_ref::is_local() const noexcept {
    executor* home = target_->home();
    return home == nullptr || home == executor::current();
}

void holdable_ref::request_cancel() const {
    holdable* target = &this->target();
    if (is_local()) return target->ask_to_cancel();
    post_held(target, [](holdable& t) { t.ask_to_cancel(); });
}

void holdable_ref::drop() noexcept {
    if (!target_) return;
    if (is_local()) return target_->owner_dropped();
    post_held(target_.get(), [](holdable& t) { t.owner_dropped(); });
}

void holdable_ref::wait() const {
    holdable* target = &this->target();
    if (executor::current()) {
        throw std::logic_error("cicada: wait() blocks its thread and would stop the loop that runs "
                               "here; use co_await");
    }
    struct latch {
        std::mutex mutex;
        std::condition_variable changed;
        bool ended = false;
    };
    const auto end = std::make_shared<latch>();
    const bool posted = post_held(target, [end](holdable& t) {
        when_ended(t, [end] {
            const std::lock_guard lock(end->mutex);
            end->ended = true;
            end->changed.notify_all();
        });
    });
    if (!posted) return; // the loop is gone, and everything on it has ended
    std::unique_lock lock(end->mutex);
    end->changed.wait(lock, [&] { return end->ended; });
}

end_wait::~end_wait() {
    if (subscribed_) withdraw();
}

bool end_wait::suspend_until_ended(activity& owner, std::coroutine_handle<> frame) {
    if (!owner.requests().pending) {
        if (target_.contains(owner)) throw std::logic_error("cicada: a task waits for its own end");
        if (!subscribe()) return false;
    }
    return suspend(owner, frame);
}

/// False: it has ended by now.
bool end_wait::subscribe() {
    target_.add_handle();
    kept_ = holdable_ref(&target_);
    executor* const home = target_.home();
    if (home == executor::current()) {
        target_.add_listener(*this);
        subscribed_ = true;
        return true;
    }
    const std::shared_ptr<remote_end> end(new remote_end{this});
    const std::uint64_t here = executor::current()->id();
    const auto reply = [end, here] { executor::post_to(here, [end] { end->complete(); }); };
    if (!post_held(&target_, [reply](holdable& t) { when_ended(t, reply); })) return false;
    remote_ = end.get();
    subscribed_ = true;
    return true;
}

withdrawal end_wait::withdraw() noexcept {
    subscribed_ = false;
    if (remote_) {
        remote_->waiter = nullptr;
    } else {
        target_.remove_listener(*this);
    }
    return withdrawal::done;
}

void end_wait::ended() noexcept {
    subscribed_ = false;
    wake();
}

} // namespace cicada::detail
