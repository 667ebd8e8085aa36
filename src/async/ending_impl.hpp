#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include <cicada/async/ending.hpp>

namespace cicada::detail {

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

template <class Target, class F>
void when_ended(Target& target, F f) {
    if (target.has_ended()) return f();
    target.add_listener(*new end_call<F>(std::move(f)));
}

/// The waiting side of a wait for a target on another loop. Only the waiter's thread looks into it.
template <class Target>
struct remote_end {
    end_awaiter<Target>* waiter; // null: it was withdrawn

    void complete() const noexcept {
        if (waiter) waiter->ended();
    }
};

template <class Target>
ending_ref<Target> ending_ref<Target>::share() const {
    Target* target = &this->target();
    target->add_handle();
    return ending_ref(target);
}

template <class Target>
void ending_ref<Target>::reset() noexcept {
    Target* target = target_;
    target_ = nullptr;
    if (!target) return;
    executor* home = target->home();
    if (home == nullptr || home == executor::current()) return target->release_handle();
    if (!executor::post_to(*target, [target] { target->release_handle(); }))
        target->release_handle();
}

template <class Target>
void ending_ref<Target>::request_cancel() const {
    Target* target = &this->target();
    if (is_local()) return target->ask_to_cancel();
    post_held(target, [](Target& t) { t.ask_to_cancel(); });
}

template <class Target>
void ending_ref<Target>::drop() noexcept {
    if (!target_) return;
    if (is_local()) return target_->owner_dropped();
    post_held(target_, [](Target& t) { t.owner_dropped(); });
}

template <class Target>
void ending_ref<Target>::wait() const {
    Target* target = &this->target();
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
    const bool posted = post_held(target, [end](Target& t) {
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

template <class Target>
end_awaiter<Target>::~end_awaiter() {
    if (subscribed_) withdraw();
}

template <class Target>
bool end_awaiter<Target>::subscribe() {
    target_.add_handle();
    kept_ = ending_ref<Target>(&target_);
    executor* const home = target_.home();
    if (home == executor::current()) {
        target_.add_listener(*this);
        subscribed_ = true;
        return true;
    }
    const std::shared_ptr<remote_end<Target>> end(new remote_end<Target>{this});
    const std::uint64_t here = executor::current()->id();
    const auto reply = [end, here] { executor::post_to_id(here, [end] { end->complete(); }); };
    if (!post_held(&target_, [reply](Target& t) { when_ended(t, reply); })) return false;
    remote_ = end.get();
    subscribed_ = true;
    return true;
}

template <class Target>
withdrawal end_awaiter<Target>::withdraw() noexcept {
    subscribed_ = false;
    if (remote_) {
        remote_->waiter = nullptr;
    } else {
        target_.remove_listener(*this);
    }
    return withdrawal::done;
}

template <class Target>
void end_awaiter<Target>::ended() noexcept {
    subscribed_ = false;
    wake();
}

} // namespace cicada::detail
