#pragma once

/// The ground under tasks: what runs, what it waits for, and how a request to cancel reaches it.
///
/// An *activity* is one line of execution: a root task with everything it awaits (asyncio calls it
/// a Task). It runs on one *executor*, a queue that one thread drains. While it is suspended it
/// waits on exactly one *waiter*, which lives in the awaiting frame. These classes are for those
/// who write new awaitables or a new executor:
///
///     struct my_awaiter : detail::waiter {
///         bool await_ready() const noexcept { return false; }
///         template <class Promise>
///         bool await_suspend(std::coroutine_handle<Promise> frame) {
///             if (!suspend(frame)) return false;      // a pending request: await_resume throws it
///             ...                                     // whoever completes it calls wake()
///             return true;
///         }
///         void await_resume() { throw_if_cancelled(); }
///         withdrawal withdraw() noexcept override { ... return withdrawal::done; }
///         const char* waits_for() const noexcept override { return "my event"; }
///     };
///
/// Threads: everything here belongs to the thread that drains the executor, but for what says
///          otherwise.

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

#include <cicada/async/holdable.hpp>
#include <cicada/base/error.hpp>
#include <cicada/base/list.hpp>
#include <cicada/base/pool.hpp>

namespace cicada::detail {

class activity;
class executor;
template <class Promise>
activity& owner_of(std::coroutine_handle<Promise> frame) noexcept;

/// What became of an attempt to take a waiter out of whatever would complete it.
enum class withdrawal : std::uint8_t {
    done, // it will not be completed any more: resume the task with `cancelled`
    deferred, // it cannot be left: the request stays pending until the next suspension
    noted, // the waiter has taken the request upon itself; the task goes on waiting
};

/// Something an activity is suspended on; a part of the awaiting frame.
class CICADA_API waiter {
public:
    virtual withdrawal withdraw() noexcept = 0;
    virtual const char* waits_for() const noexcept = 0;

    /// Completes the wait: the activity is queued and resumes in its turn. Call it once, and not
    /// after withdraw().
    void wake() noexcept;

    /// The activity that waited ends before this does, which may be awaited again by another.
    void forget_owner() noexcept { owner_ = nullptr; }

    /// Whether await_resume() would throw `cancelled`, which then it need not do any more.
    bool takes_cancelled() const noexcept;

protected:
    waiter() = default;
    /// Before it is awaited a waiter may be moved to where it will be: into the frame of a
    /// combinator.
    waiter(waiter&&) noexcept {}
    waiter& operator=(const waiter&) = delete;
    ~waiter() = default;

    template <class Promise>
    bool suspend(std::coroutine_handle<Promise> frame) noexcept {
        return suspend(owner_of(frame), frame);
    }
    /// False: a request is pending and was taken; do not suspend, await_resume() will throw it.
    bool suspend(activity& owner, std::coroutine_handle<> frame) noexcept;
    /// For waits that take requests upon themselves: see withdrawal::noted.
    void suspend_regardless(activity& owner, std::coroutine_handle<> frame) noexcept;
    static bool take_pending(activity& owner) noexcept;
    void throw_if_cancelled() const {
        if (takes_cancelled()) [[unlikely]]
            throw cancelled{};
    }
    activity& owner() const noexcept { return *owner_; }

private:
    friend class activity;
    activity* owner_ = nullptr;
};

/// Attached to an activity or a periodic: told that it has ended (once), and that its cancellation
/// was requested (each time). An activity's name is one, too.
class CICADA_API listener : public list_links<listener> {
public:
    virtual void ended() noexcept = 0;
    virtual void cancel_requested() noexcept {}
    virtual const char* name() const noexcept { return nullptr; }

protected:
    ~listener() = default;
};

/// The part of a coroutine's promise that links its frame to the activity and to the frame that
/// awaits it.
struct frame_links {
    activity* owner = nullptr;
    std::coroutine_handle<> continuation; // null in a root

    static frame_links& of(std::coroutine_handle<> frame) noexcept {
        return std::coroutine_handle<frame_links>::from_address(frame.address()).promise();
    }
};

/// The activity within which the coroutine runs that awaits something of ours.
template <class Promise>
activity& owner_of(std::coroutine_handle<Promise> frame) noexcept {
    static_assert(
        std::is_base_of_v<frame_links, Promise>,
        "cicada: only a coroutine that returns cicada::task can await this: let this one return a "
        "task, or start one with cicada::spawn");
    return *frame_links::of(frame).owner;
}

/// The requests to cancel that have not been delivered yet.
struct cancel_requests {
    // One `cancelled`, at the next suspension, delivers what no shield keeps away.
    bool pending = false;
    bool from_outside = false; // there is one of a handle, of the loop, or of the parent
};

/// A section of an activity that requests to cancel are told apart by: a shield, which those from
/// beyond it do not enter, or a timeout or a scope, which asks as well, and takes its request back
/// in the end. It lives in the frame of the section.
/// Requests are not counted. A section notes from where the last `cancelled` within it came: what
/// the task has seen before that, and went on, is over.
class CICADA_API cancel_section {
public:
    enum class kind : std::uint8_t { asks, shields };

    explicit cancel_section(activity& self, kind what = kind::asks) noexcept;
    cancel_section(const cancel_section&) = delete;
    cancel_section& operator=(const cancel_section&) = delete;
    ~cancel_section() { leave(); }

    activity& self() const noexcept { return self_; }
    bool is_open() const noexcept { return is_open_; }

    /// Asks what runs in the section to cancel. Not after its end.
    void request_cancel() noexcept;
    /// Also after the end.
    bool has_asked() const noexcept { return own_ != request::none; }

    /// Ends the section, and takes its request back. True: it ended with `cancelled`, for its own
    /// request and for nobody else's. Else a `cancelled` passes on, and delivers those of others.
    bool end(bool with_cancelled) noexcept;

private:
    friend class activity;
    enum class request : std::uint8_t { none, pending, delivered };

    void leave() noexcept;

    activity& self_;
    cancel_section* outer_;
    const kind kind_;
    request own_ = request::none;
    bool last_was_from_beyond_ = false; // the last `cancelled` within: not for `own_` alone
    bool is_open_ = true;
};

class CICADA_API activity : public holdable, public pooled, public list_links<activity> {
public:
    enum class state : std::uint8_t { queued, running, waiting, ended };

    activity(const activity&) = delete;
    activity& operator=(const activity&) = delete;
    virtual ~activity();

    executor* home() const noexcept final { return home_.load(std::memory_order_acquire); }
    bool has_ended() const noexcept final { return state_ == state::ended; }

    /// Runs until the activity waits or ends.
    void run() noexcept;

    /// Asks to cancel, from outside.
    void request_cancel() noexcept;
    /// After the end it writes nothing: handles on several threads may come here then.
    void ask_to_cancel() noexcept final {
        if (has_ended()) return;
        asked_ = true;
        request_cancel();
    }
    void owner_dropped() noexcept final {
        if (!asked_) ask_to_cancel();
    }
    const cancel_requests& requests() const noexcept { return requests_; }
    /// Makes what was delivered last be delivered again, because something else had to be thrown
    /// first.
    void redeliver() noexcept;

    void add_listener(listener& one) noexcept final { listeners_.push_back(one); }
    void remove_listener(listener& one) noexcept final { listeners_.erase(one); }

    std::string_view name() const noexcept;
    void set_name(std::string_view name);
    const char* waits_for() const noexcept;

    void add_handle() noexcept final { holders_.fetch_add(1, std::memory_order_relaxed); }
    void release_handle() noexcept final;
    bool contains(const activity& one) const noexcept final { return this == &one; }

    // For promises: what the running activity does next.
    void continue_with(std::coroutine_handle<> frame) noexcept { frame_ = frame; }
    /// Runs `child` for the frame that awaits it: on top of it, or, when enough are stacked, next.
    /// True: the child has ended by now, and the awaiting frame goes on.
    bool run_awaited(std::coroutine_handle<> child, std::coroutine_handle<> awaiting) noexcept {
        frame_ = child;
        if (stacked_ == most_stacked) return false;
        ++stacked_;
        child.resume();
        --stacked_;
        return frame_ == awaiting; // who has suspended is another, further down
    }
    void end(std::coroutine_handle<> root) noexcept {
        frame_ = root;
        state_ = state::ended;
    }

protected:
    activity() = default;
    /// Queues the activity for its first step. `root` belongs to the activity from here on.
    void start(executor& home, std::coroutine_handle<> root);
    /// The same from any thread; asked to cancel at once when `home` is cancelling everything.
    void start_from_anywhere(executor& home, std::coroutine_handle<> root);
    /// As start(), but without the queue: the first step is taken now. The activity may be gone
    /// afterwards.
    void start_now(executor& home, std::coroutine_handle<> root);

    /// The frame and all it held are gone; runs before the listeners.
    virtual void on_ended() noexcept {}
    /// Ends an activity that will not run again: its frame is destroyed where it stands.
    void abandon() noexcept;
    /// The outcome when the body never ran.
    virtual void set_cancelled() noexcept = 0;
    /// What it is called unless it was given a name of its own.
    virtual std::string_view common_name() const noexcept { return {}; }
    /// An error that nobody has taken, if there is one; asked when the activity is discarded.
    virtual std::exception_ptr unobserved_error() noexcept { return nullptr; }

private:
    friend class waiter;
    friend class executor;
    friend class nursery;
    friend class cancel_section;

    /// What is pending is delivered: by a `cancelled` of its own, or along with the last, which has
    /// not been thrown yet.
    enum class delivery : std::uint8_t { next, along };
    void deliver(delivery how) noexcept;
    void notice_request(const cancel_section* by) noexcept;
    cancel_section* shield() const noexcept; // the innermost; null: none
    bool has_pending_request() const noexcept; // that no shield keeps away

    void enlist(executor& home, std::coroutine_handle<> root);
    void queue() noexcept;
    void finish() noexcept;
    void tell_listeners() noexcept;
    void discard() noexcept;

    std::atomic<executor*> home_{nullptr};
    std::coroutine_handle<> frame_; // to resume next; when ended, the root
    union {
        waiter* waiting_on_ = nullptr; // state::waiting
        activity* next_queued_; // state::queued
    };
    list<listener> listeners_;
    cancel_section* section_ = nullptr; // the innermost
    cancel_requests requests_;
    state state_ = state::queued;
    bool started_ : 1 = false;
    bool deliver_ : 1 = false; // await_resume is to throw
    bool asked_ : 1 = false; // to cancel, through a handle
    static constexpr std::uint8_t most_stacked = 31;
    std::uint8_t stacked_ : 5 = 0; // frames that run on top of those that await them
    std::atomic<std::uint32_t> holders_{1}; // handles, and the executor until it has ended
};

/// Gives a coroutine its own activity, without suspending:
/// `activity& me = co_await this_activity{};`
struct this_activity {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        owner = &owner_of(frame);
        return false;
    }
    activity& await_resume() const noexcept { return *owner; }

    activity* owner = nullptr;
};

/// A piece of work handed to an executor, from any thread.
class CICADA_API work : public pooled {
public:
    virtual ~work() = default;
    virtual void run() = 0;

    work* next = nullptr; // in the inbox
    bool is_chunk = false; // there, of many calls
};

template <class F>
work* make_work(F f) {
    struct call final : work {
        explicit call(F&& given) : held(static_cast<F&&>(given)) {}
        void run() override { held(); }
        F held;
    };
    return new call(static_cast<F&&>(f));
}

/// The queue of activities that are ready, and the list of all. One thread drains it. A loop is
/// one, with timers.
class CICADA_API executor {
public:
    executor();
    executor(const executor&) = delete;
    executor& operator=(const executor&) = delete;

    /// The executor that this thread is draining, or null.
    static executor* current() noexcept;
    /// The same; throws std::logic_error that names `what` needs it.
    static executor& required(const char* what);

    /// Takes a step of each activity that was ready at the call, in the order in which they became
    /// ready.
    void run_queued() noexcept {
        run_queued([](activity& next) { next.run(); });
    }
    bool has_queued() const noexcept { return first_queued_ != nullptr; }

    const list<activity>& activities() const noexcept { return all_; }
    bool idle() const noexcept { return all_.empty(); }
    /// Asks everything that is there to cancel; `spawn` asks whatever comes later at once.
    void cancel_all() noexcept;
    bool is_cancelling() const noexcept { return stage_ != stage::open; }
    /// For who turns it, and will not again: what is started on its thread is refused from here on.
    void set_over() noexcept { stage_ = stage::over; }
    /// Throws std::logic_error on its own thread when it is over. Any thread.
    void require_not_over() const;

    /// An error that nobody is there to take.
    virtual void report_error(std::string_view task, std::exception_ptr error) noexcept = 0;
    /// Any thread. True: wake() is to be called, with no lock held; the executor stays until then.
    virtual bool push_work(work* item) noexcept = 0;
    virtual void wake() noexcept {}
    void post_work(work* item) noexcept;
    /// Any thread: refuses what is new. What is there goes on, and posts, until it has ended.
    virtual bool is_closed() const noexcept { return false; }

    /// Never used again in this process; unlike an address.
    std::uint64_t id() const noexcept { return id_; }

    /// Runs `f()` on the thread of the executor with this id, or of target.home(), if that still
    /// exists; any thread.
    template <class To, class F>
    static bool post_to(const To& to, F f) {
        return post_work_to(to, make_work(static_cast<F&&>(f)));
    }
    /// Hands `item` to the executor with this id. False: closed, or gone, and the work was
    /// destroyed without having run. Any thread.
    static bool offer_work_to(std::uint64_t id, work* item) noexcept;

protected:
    ~executor();
    /// The same with `step(activity)` in place of activity::run().
    template <class F>
    void run_queued(F step) noexcept {
        const turn here(*this);
        const activity* const last = last_queued_;
        for (bool more = last != nullptr; more && first_queued_;) {
            activity& next = *first_queued_;
            more = &next != last;
            first_queued_ = next.next_queued_;
            if (!first_queued_) last_queued_ = nullptr;
            step(next);
        }
    }
    /// Marks this thread as draining the executor, for a scope.
    class CICADA_API turn {
    public:
        explicit turn(executor& e) noexcept;
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        executor* outer_;
    };
    /// Destroys what is left without resuming it.
    void destroy_all() noexcept;
    /// The end: leaves ended activities to their handles; from here on post_to() finds nobody home.
    /// False, and nothing was done: something is left, or was posted meanwhile.
    bool leave() noexcept;
    /// Part of leave(): no post comes in between. False when there is one already.
    virtual bool close_inbox() noexcept { return true; }

private:
    friend class activity;
    friend class waiter;
    friend class future_state;
    void unqueue(const activity& one) noexcept;
    static bool post_work_to(const holdable& target, work* item) noexcept;
    static bool post_work_to(std::uint64_t id, work* item) noexcept;
    static executor* find(std::uint64_t id) noexcept;

    activity* first_queued_ = nullptr;
    activity* last_queued_ = nullptr;
    list<activity> all_;
    list<activity> held_; // ended, but a handle still looks at them
    enum class stage : std::uint8_t { open, cancelling, over };
    stage stage_ = stage::open;
    const std::uint64_t id_;
    executor* next_existing_ = nullptr; // of all in the process
};

inline bool waiter::take_pending(activity& owner) noexcept {
    if (!owner.requests_.pending) return false;
    owner.deliver(activity::delivery::next);
    return true;
}

inline void waiter::suspend_regardless(activity& owner, std::coroutine_handle<> frame) noexcept {
    owner_ = &owner;
    owner.frame_ = frame;
    owner.waiting_on_ = this;
    owner.state_ = activity::state::waiting;
}

inline bool waiter::suspend(activity& owner, std::coroutine_handle<> frame) noexcept {
    if (take_pending(owner)) [[unlikely]] {
        owner_ = &owner;
        owner.deliver_ = true;
        return false;
    }
    suspend_regardless(owner, frame);
    return true;
}

inline bool waiter::takes_cancelled() const noexcept {
    if (!owner_ || !owner_->deliver_) [[likely]]
        return false;
    owner_->deliver_ = false;
    return true;
}

inline void waiter::wake() noexcept { owner_->queue(); }

inline void activity::queue() noexcept {
    executor& home = *home_.load(std::memory_order_relaxed);
    state_ = state::queued;
    next_queued_ = nullptr;
    (home.last_queued_ ? home.last_queued_->next_queued_ : home.first_queued_) = this;
    home.last_queued_ = this;
}

} // namespace cicada::detail
