#pragma once

/// Waiting for the end of an activity or of a periodic (the *target*), from its own loop, from another loop, or from a
/// thread without one.

#include <coroutine>
#include <stdexcept>

#include <cicada/async/activity.hpp>

namespace cicada::detail {

template <class Target>
struct remote_end;

/// Shared ownership of a target. Any thread; what concerns the target happens on its loop.
template <class Target>
class CICADA_API ending_ref {
public:
    ending_ref() = default;
    /// Adopts a handle that the target has already counted.
    explicit ending_ref(Target* target) noexcept : target_(target) {}
    ending_ref(ending_ref&& other) noexcept : target_(other.target_) { other.target_ = nullptr; }
    ending_ref& operator=(ending_ref&& other) noexcept {
        ending_ref replaced(std::move(other));
        swap(replaced);
        return *this;
    }
    ~ending_ref() { reset(); }
    void swap(ending_ref& other) noexcept { std::swap(target_, other.target_); }

    ending_ref share() const;
    void reset() noexcept;
    void request_cancel() const;
    /// The owner goes: requests cancel, unless that has been done before.
    void drop() noexcept;
    /// Blocks the calling thread until the target has ended. Throws std::logic_error on a thread that runs a loop.
    void wait() const;

    Target* get() const noexcept { return target_; }
    /// Throws std::logic_error when the handle is empty.
    Target& target() const {
        if (!target_)
            throw std::logic_error(
                "cicada: an empty handle was used (it was moved from, or detached)");
        return *target_;
    }
    bool is_local() const noexcept {
        executor* home = target_->home();
        return home == nullptr || home == executor::current();
    }

private:
    Target* target_ = nullptr;
};

/// Runs `f(target)` on the target's loop, and keeps the target until then. Any thread that has a handle. False: it has
/// ended.
template <class Target, class F>
bool post_held(Target* target, F f) {
    target->add_handle();
    bool posted = false;
    try {
        posted = executor::post_to(*target, [target, f] {
            const ending_ref<Target> kept(target); // f may throw, to the loop's error handler
            f(*target);
        });
    } catch (...) { // no memory
        target->release_handle();
        throw;
    }
    if (!posted) target->release_handle();
    return posted;
}

/// Suspends until the target has ended.
template <class Target>
class CICADA_API end_awaiter : public waiter, private listener {
public:
    explicit end_awaiter(Target& target) noexcept : target_(target) {}
    ~end_awaiter();

    bool await_ready() const noexcept {
        executor* home = target_.home();
        return (home == nullptr || home == executor::current()) && target_.has_ended();
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        activity& owner = owner_of(frame);
        if (target_.contains(owner) && !owner.requests().pending) {
            throw std::logic_error("cicada: a task waits for its own end");
        }
        if (!owner.requests().pending && !subscribe()) return false;
        return suspend(owner, frame);
    }
    void await_resume() const { throw_if_cancelled(); }

    withdrawal withdraw() noexcept override;
    const char* waits_for() const noexcept override { return "the end of a task"; }

private:
    friend struct remote_end<Target>;
    void ended() noexcept override;
    /// False: it has ended by now.
    bool subscribe();

    Target& target_;
    ending_ref<Target> kept_; // while waiting: others may drop their handles
    remote_end<Target>* remote_ = nullptr;
    bool subscribed_ = false;
};

extern template class ending_ref<activity>;
extern template class end_awaiter<activity>;

} // namespace cicada::detail
