#pragma once

/// task<T>: a lazy coroutine.
///
///     cicada::task<int> answer();                       // nothing runs yet
///     cicada::task<> program() { int n = co_await answer(); }
///
/// A task runs when it is awaited, within the activity of whoever awaits it, or when it is spawned,
/// as an activity of its own. It runs once, and is awaited as an rvalue. T may be void, a reference
/// or move-only.
///
/// Threads:  one; that of the loop it runs on.
/// Resumes: the awaiting coroutine goes on at once, without a queue.
/// Cancel:   a request reaches whatever the task waits for, which throws `cancelled` there.
/// Errors:   rethrows what was thrown in it. std::invalid_argument, a std::logic_error, for a task
///           that was awaited, spawned or moved from before; std::logic_error when it ended
///           without the value that it promises (compilers warn of that: -Wreturn-type).
/// Lifetime: destroying a task that never ran destroys its arguments; the frame goes with the task
///           object.
/// Cost:     one frame from the thread's free list; no atomics. Chains of awaits of any length use
///           bounded stack.

#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <cicada/async/activity.hpp>
#include <cicada/async/result.hpp>
#include <cicada/base/misuse.hpp>

namespace cicada {

template <class T = void>
class task;

namespace detail {

struct promise_base : frame_links {
    static void* operator new(std::size_t size) { return pool_allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
        pool_deallocate(frame, size);
    }

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
            promise_base& self = frame.promise();
            if (self.continuation) {
                self.owner->continue_with(self.continuation);
            } else {
                self.owner->end(frame);
            }
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
};

template <class T>
struct promise;

[[noreturn]] CICADA_API void refuse_spent_task();
CICADA_API std::exception_ptr no_value_error(const activity& owner) noexcept;

/// Gives a coroutine the place of its own outcome, without suspending:
/// `result<T>& outcome = co_await this_outcome<T>{};`
template <class T>
struct this_outcome {
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<promise<T>> frame) noexcept {
        outcome = frame.promise().out;
        return false;
    }
    result<T>& await_resume() const noexcept { return *outcome; }

    result<T>* outcome = nullptr;
};

/// `co_return given(outcome);` ends a coroutine whose outcome is there already.
struct outcome_given {
    explicit outcome_given(const result_base&) noexcept {}
};
template <class T>
outcome_given given(const result<T>& outcome) noexcept {
    return outcome_given(outcome);
}
inline void given(const result<void>&) noexcept {}

/// Without co_return, which differs for void.
template <class T>
struct promise_of : promise_base {
    result<T>* out = nullptr; // where the outcome goes: in the awaiting frame or the activity

    task<T> get_return_object() noexcept {
        auto& self = static_cast<promise<T>&>(*this);
        return task<T>(std::coroutine_handle<promise<T>>::from_promise(self));
    }
    void unhandled_exception() noexcept { out->set_current_exception(); }
};

template <class T>
struct promise final : promise_of<T> {
    /// Also reached where control flows off the end: undefined by the standard, but GCC and Clang
    /// both come here, whatever the optimisation.
    promise_base::final_awaiter final_suspend() const noexcept {
        if (this->out->is_none()) [[unlikely]]
            this->out->set_error(no_value_error(*this->owner));
        return {};
    }
    template <class U = T>
        requires std::is_constructible_v<T, U&&>
    void return_value(U&& value) {
        this->out->set_value(std::forward<U>(value));
    }
    void return_value(outcome_given) noexcept {}
};

template <>
struct promise<void> final : promise_of<void> {
    void return_void() noexcept { out->set_value(); }
};

/// Runs `child` for the frame that awaits it. False: it has ended by now.
template <class T>
bool run_for(activity& owner, std::coroutine_handle<> awaiting,
             std::coroutine_handle<promise<T>> child, result<T>& out) noexcept {
    child.promise().owner = &owner;
    child.promise().continuation = awaiting;
    child.promise().out = &out;
    return !owner.run_awaited(child, awaiting);
}

} // namespace detail

template <class T>
class [[nodiscard("a task does nothing until it is awaited or spawned")]] task {
public:
    using promise_type = detail::promise<T>;
    using value_type = T;

    task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        task replaced(std::move(other));
        std::swap(frame_, replaced.frame_);
        return *this;
    }
    ~task() {
        if (frame_) frame_.destroy();
    }

    /// Whether it can still run: it was not awaited, handed to spawn or moved from.
    explicit operator bool() const noexcept { return frame_ && !frame_.promise().out; }
    /// Throws unless it can.
    void require_unspent() const {
        if (!*this) [[unlikely]]
            detail::refuse_spent_task();
    }

    class awaiter {
    public:
        explicit awaiter(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
            return detail::run_for<T>(detail::owner_of(awaiting), awaiting, frame_, result_);
        }
        bool takes_cancelled() const noexcept { return result_.is_cancelled(); }
        T await_resume() { return result_.take(); }

    private:
        std::coroutine_handle<promise_type> frame_;
        detail::result<T> result_;
    };

    template <class U = T>
    awaiter operator co_await() & {
        static_assert(detail::never<U>,
                      "cicada: a task runs once, so it is awaited as an rvalue: write co_await "
                      "std::move(t), or co_await the call of its function");
        return awaiter(frame_);
    }
    awaiter operator co_await() && {
        require_unspent();
        return awaiter(frame_);
    }

    // For those who run it: the frame, and to give it away.
    std::coroutine_handle<promise_type> frame() const noexcept { return frame_; }
    std::coroutine_handle<promise_type> release() noexcept {
        return std::exchange(frame_, nullptr);
    }

private:
    friend detail::promise_of<T>;
    explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

} // namespace detail
} // namespace cicada
