#pragma once

#include <cicada/async/activity.hpp>

namespace cicada::detail {

/// What is done with activities and executors. Of both, the members are what handles, promises and
/// awaiters see.
class activity_engine {
public:
    // ---- an activity ----

    /// Queues the activity for its first step. `root` belongs to it from here on.
    static void start(activity& a, executor& home, std::coroutine_handle<> root);
    /// The same without the queue: the first step is taken now. It may be gone afterwards.
    static void start_now(activity& a, executor& home, std::coroutine_handle<> root);
    /// Ends one that will not run again: its frame is destroyed where it stands.
    static void abandon(activity& a) noexcept;
    static void finish(activity& a) noexcept;
    static void discard(activity& a) noexcept;
    static const char* waits_for(const activity& a) noexcept;

    /// What is pending is delivered: by a `cancelled` of its own, or along with the last, which has
    /// not been thrown yet.
    enum class delivery : std::uint8_t { next, along };
    static void deliver(activity& a, delivery how) noexcept;
    static void notice_request(activity& a, const cancel_section* by) noexcept;
    static cancel_section* shield(const activity& a) noexcept; // the innermost; null: none
    static bool has_pending_request(const activity& a) noexcept; // that no shield keeps away

    // ---- an executor ----

    /// Marks this thread as draining the executor, for a scope.
    class turn {
    public:
        explicit turn(executor& e) noexcept;
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        executor* outer_;
    };

    /// Calls `step(activity)`, which is to run it, for each that was ready at the call, in the
    /// order in which they became ready.
    template <class F>
    static void run_queued(executor& e, F step) noexcept {
        const turn here(e);
        const activity* const last = e.last_queued_;
        for (bool more = last != nullptr; more && e.first_queued_;) {
            activity& next = *e.first_queued_;
            more = &next != last;
            e.first_queued_ = next.next_queued_;
            if (!e.first_queued_) e.last_queued_ = nullptr;
            step(next);
        }
    }
    static bool has_queued(const executor& e) noexcept { return e.first_queued_ != nullptr; }
    static const list<activity>& activities(const executor& e) noexcept { return e.all_; }
    static bool is_idle(const executor& e) noexcept { return e.all_.empty(); }

    /// Asks everything that is there to cancel; `spawn` asks whatever comes later at once.
    static void cancel_all(executor& e) noexcept;
    static bool is_cancelling(const executor& e) noexcept {
        return e.stage_ != executor::stage::open;
    }
    /// For who turns it, and will not again: what is started on its thread is refused from here on.
    static void set_over(executor& e) noexcept { e.stage_ = executor::stage::over; }
    /// Throws std::logic_error on its own thread when it is over. Any thread.
    static void require_not_over(const executor& e);

    /// Destroys what is left without resuming it.
    static void destroy_all(executor& e) noexcept;
    /// The end: leaves ended activities to their handles; from here on post_to() finds nobody home.
    /// False, and nothing was done: something is left, or was posted meanwhile.
    static bool leave(executor& e) noexcept;
    /// Null: it is gone. The caller holds the registry.
    static executor* find(std::uint64_t id) noexcept;

    /// Runs `f()` on the thread of target.home(), if that still exists. Any thread.
    template <class F>
    static bool post_to(const holdable& target, F f) {
        return post_work_to(target, make_work(static_cast<F&&>(f)));
    }

private:
    static void enlist(activity& a, executor& home, std::coroutine_handle<> root);
    static void tell_listeners(activity& a) noexcept;
    static void unqueue(const activity& a) noexcept;
    static bool post_work_to(const holdable& target, work* item) noexcept;
};

} // namespace cicada::detail
