#pragma once

/// Waiting for the end of an activity or of a periodic (the *target*), from its own loop, from
/// another loop, or from a thread without one.

#include <coroutine>

#include <cicada/async/activity.hpp>
#include <cicada/base/owned.hpp>

namespace cicada::detail {

struct remote_end;

/// Shared ownership of a target. Any thread; what concerns the target happens on its executor.
class CICADA_API holdable_ref {
public:
    holdable_ref() = default;
    /// Adopts a handle that the target has already counted.
    explicit holdable_ref(holdable* target) noexcept : target_(target) {}
    void swap(holdable_ref& other) noexcept { std::swap(target_, other.target_); }

    void reset() noexcept { target_.reset(); }
    void request_cancel() const;
    /// The owner goes: requests cancel, unless that has been done before.
    void drop() noexcept;
    /// Blocks the calling thread until the target has ended. Throws std::logic_error on a thread
    /// that runs a loop.
    void wait() const;

    /// Throws std::logic_error when the handle is empty.
    holdable& target() const;
    bool is_local() const noexcept;

private:
    static void release(holdable* target) noexcept;
    owned<holdable, &release> target_;
};

/// The same, of a target whose type is known.
template <class Target>
class ending_ref : public holdable_ref {
public:
    ending_ref() = default;
    explicit ending_ref(Target* target) noexcept : holdable_ref(target) {}

    ending_ref share() const {
        target().add_handle();
        return ending_ref(&target());
    }
    Target& target() const { return static_cast<Target&>(holdable_ref::target()); }
};

/// Suspends until the target has ended.
class CICADA_API end_wait : public waiter, private listener {
public:
    explicit end_wait(holdable& target) noexcept : target_(target) {}
    ~end_wait();

    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        return suspend_until_ended(owner_of(frame), frame);
    }
    void await_resume() const { throw_if_cancelled(); }

    withdrawal withdraw() noexcept override;
    const char* waits_for() const noexcept override { return "the end of a task"; }

protected:
    holdable& target() const noexcept { return target_; }

private:
    friend struct remote_end;
    void ended() noexcept override;
    bool suspend_until_ended(activity& owner, std::coroutine_handle<> frame);
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
