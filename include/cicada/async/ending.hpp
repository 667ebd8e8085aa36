#pragma once

/// Waiting for the end of an activity or of a periodic (the *target*), from its own loop, from
/// another loop, or from a thread without one.

#include <coroutine>
#include <stdexcept>

#include <cicada/async/activity.hpp>

namespace cicada::detail {

struct remote_end;

/// Shared ownership of a target. Any thread; what concerns the target happens on its executor.
class CICADA_API holdable_ref {
public:
    holdable_ref() = default;
    /// Adopts a handle that the target has already counted.
    explicit holdable_ref(holdable* target) noexcept : target_(target) {}
    holdable_ref(holdable_ref&& other) noexcept : target_(other.target_) {
        other.target_ = nullptr;
    }
    holdable_ref& operator=(holdable_ref&& other) noexcept {
        holdable_ref replaced(std::move(other));
        swap(replaced);
        return *this;
    }
    ~holdable_ref() { reset(); }
    void swap(holdable_ref& other) noexcept { std::swap(target_, other.target_); }

    void reset() noexcept;
    void request_cancel() const;
    /// The owner goes: requests cancel, unless that has been done before.
    void drop() noexcept;
    /// Blocks the calling thread until the target has ended. Throws std::logic_error on a thread
    /// that runs a loop.
    void wait() const;

    holdable* get() const noexcept { return target_; }
    /// Throws std::logic_error when the handle is empty.
    holdable& target() const {
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
    holdable* target_ = nullptr;
};

/// The same, of a target whose type is known.
template <class Target>
class ending_ref : public holdable_ref {
public:
    ending_ref() = default;
    explicit ending_ref(Target* target) noexcept : holdable_ref(target) {}

    ending_ref share() const {
        target().add_handle();
        return ending_ref(get());
    }
    Target* get() const noexcept { return static_cast<Target*>(holdable_ref::get()); }
    Target& target() const { return static_cast<Target&>(holdable_ref::target()); }
};

/// Suspends until the target has ended.
class CICADA_API end_wait : public waiter, private listener {
public:
    explicit end_wait(holdable& target) noexcept : target_(target) {}
    ~end_wait();

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

protected:
    holdable& target() const noexcept { return target_; }

private:
    friend struct remote_end;
    void ended() noexcept override;
    /// False: it has ended by now.
    bool subscribe();

    holdable& target_;
    holdable_ref kept_; // while waiting: others may drop their handles
    remote_end* remote_ = nullptr;
    bool subscribed_ = false;
};

/// The same, of a target whose type is known; does not suspend when that has ended.
template <class Target>
class end_awaiter : public end_wait {
public:
    explicit end_awaiter(Target& target) noexcept : end_wait(target) {}

    bool await_ready() const noexcept {
        executor* home = target().home();
        return (home == nullptr || home == executor::current()) && target().has_ended();
    }

protected:
    Target& target() const noexcept { return static_cast<Target&>(end_wait::target()); }
};

} // namespace cicada::detail
