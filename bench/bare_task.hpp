// The bare limit for coroutines: a lazy task with symmetric transfer, a detached one, frames from
// free lists, a sleep.
#pragma once

#include "bare_wheel.hpp"

#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <utility>

namespace bare {

/// Frames of one thread by size classes of 64 bytes.
struct recycled {
    static void* operator new(std::size_t size) {
        auto& head = frames[size / 64];
        if (void* p = head) {
            head = *static_cast<void**>(p);
            return p;
        }
        return std::malloc((size / 64 + 1) * 64);
    }
    static void operator delete(void* p, std::size_t size) noexcept {
        auto& head = frames[size / 64];
        *static_cast<void**>(p) = head;
        head = p;
    }
    static inline thread_local void* frames[64] = {};
};

struct heap {}; // frames by malloc

template <class Frames = recycled>
class task {
public:
    struct promise_type : Frames {
        std::coroutine_handle<> continuation;
        int value = 0;

        task get_return_object() noexcept {
            return task{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct to_continuation {
                bool await_ready() noexcept { return false; }
                std::coroutine_handle<> await_suspend(
                    std::coroutine_handle<promise_type> h) noexcept {
                    return h.promise().continuation;
                }
                void await_resume() noexcept {}
            };
            return to_continuation{};
        }
        void return_value(int v) noexcept { value = v; }
        void unhandled_exception() noexcept { std::terminate(); }
    };

    explicit task(std::coroutine_handle<promise_type> h) noexcept : frame_{h} {}
    task(task&& other) noexcept : frame_{std::exchange(other.frame_, nullptr)} {}
    ~task() {
        if (frame_) frame_.destroy();
    }

    auto operator co_await() const noexcept {
        struct start {
            std::coroutine_handle<promise_type> frame;
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) noexcept {
                frame.promise().continuation = h;
                return frame;
            }
            int await_resume() noexcept { return frame.promise().value; }
        };
        return start{frame_};
    }

private:
    std::coroutine_handle<promise_type> frame_;
};

/// Runs when resumed, destroys itself at its end.
template <class Frames = recycled>
struct detached {
    struct promise_type : Frames {
        detached get_return_object() noexcept {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> frame;
};

/// co_await until{wheel, deadline}: the node lies in the coroutine's frame; who fires it resumes
/// `waiter`.
template <class Wheel>
struct until : node {
    Wheel& wheel;
    std::int64_t at;
    std::coroutine_handle<> waiter{};
    until(Wheel& w, std::int64_t t) : wheel{w}, at{t} {}
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) noexcept { waiter = h, wheel.arm(*this, at); }
    void await_resume() noexcept {}
};

/// A periodic as a coroutine; `now` is what the loop last read.
template <class Wheel, class Tick>
detached<heap> tick_for_ever(Wheel& wheel, std::int64_t due, std::int64_t period,
                             const std::int64_t& now, Tick tick) {
    for (;; due = after(due, period, now)) {
        co_await until<Wheel>{wheel, due};
        tick();
    }
}

} // namespace bare
