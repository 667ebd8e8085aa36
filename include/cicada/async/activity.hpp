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

class cancel_section;
class waiter;

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
    /// Hands `item` to the executor with this id. False: it is gone, or, for an offer, closed, and
    /// the work was destroyed without having run. Any thread.
    static bool post_work_to(std::uint64_t id, work* item) noexcept;
    static bool offer_work_to(std::uint64_t id, work* item) noexcept;
    template <class F>
    static bool post_to(std::uint64_t id, F f) {
        return post_work_to(id, make_work(static_cast<F&&>(f)));
    }

protected:
    ~executor();
    /// It is about to go, and no post comes in between. False when there is one already.
    virtual bool close_inbox() noexcept { return true; }

private:
    friend class activity;
    friend class activity_engine;

    activity* first_queued_ = nullptr;
    activity* last_queued_ = nullptr;
    list<activity> all_;
    list<activity> held_; // ended, but a handle still looks at them
    enum class stage : std::uint8_t { open, cancelling, over };
    stage stage_ = stage::open;
    const std::uint64_t id_;
    executor* next_existing_ = nullptr; // of all in the process
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
    void ask_to_cancel() noexcept final;
    void owner_dropped() noexcept final;
    const cancel_requests& requests() const noexcept { return requests_; }
    /// Makes what was delivered last be delivered again, because something else had to be thrown
    /// first.
    void redeliver() noexcept;

    void add_listener(listener& one) noexcept final { listeners_.push_back(one); }
    void remove_listener(listener& one) noexcept final { listeners_.erase(one); }

    std::string_view name() const noexcept;
    void set_name(std::string_view name);

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
    /// Any thread: queues the activity for its first step, and asks it to cancel at once when
    /// `home` is cancelling everything. `root` belongs to the activity from here on.
    void start_from_anywhere(executor& home, std::coroutine_handle<> root);

    /// The frame and all it held are gone; runs before the listeners.
    virtual void on_ended() noexcept {}
    /// The outcome when the body never ran.
    virtual void set_cancelled() noexcept = 0;
    /// What it is called unless it was given a name of its own.
    virtual std::string_view common_name() const noexcept { return {}; }
    /// An error that nobody has taken, if there is one; asked when the activity is discarded.
    virtual std::exception_ptr unobserved_error() noexcept { return nullptr; }

private:
    friend class waiter;
    friend class nursery;
    friend class cancel_section;
    friend class activity_engine;

    void queue() noexcept {
        executor& home = *home_.load(std::memory_order_relaxed);
        state_ = state::queued;
        next_queued_ = nullptr;
        (home.last_queued_ ? home.last_queued_->next_queued_ : home.first_queued_) = this;
        home.last_queued_ = this;
    }

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
    void wake() noexcept { owner_->queue(); }

    /// The activity that waited ends before this does, which may be awaited again by another.
    void forget_owner() noexcept { owner_ = nullptr; }

    /// Whether await_resume() would throw `cancelled`, which then it need not do any more.
    bool takes_cancelled() const noexcept {
        if (!owner_ || !owner_->deliver_) [[likely]]
            return false;
        owner_->deliver_ = false;
        return true;
    }

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
    bool suspend(activity& owner, std::coroutine_handle<> frame) noexcept {
        if (owner.requests_.pending) [[unlikely]] {
            owner_ = &owner;
            owner.deliver_ = take_pending(owner);
            return false;
        }
        suspend_regardless(owner, frame);
        return true;
    }
    /// For waits that take requests upon themselves: see withdrawal::noted.
    void suspend_regardless(activity& owner, std::coroutine_handle<> frame) noexcept {
        owner_ = &owner;
        owner.frame_ = frame;
        owner.waiting_on_ = this;
        owner.state_ = activity::state::waiting;
    }
    /// Whether there was one.
    static bool take_pending(activity& owner) noexcept;
    void throw_if_cancelled() const {
        if (takes_cancelled()) [[unlikely]]
            throw cancelled{};
    }
    activity& owner() const noexcept { return *owner_; }

private:
    activity* owner_ = nullptr;
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
    friend class activity_engine;
    enum class request : std::uint8_t { none, pending, delivered };

    void leave() noexcept;

    activity& self_;
    cancel_section* outer_;
    const kind kind_;
    request own_ = request::none;
    bool last_was_from_beyond_ = false; // the last `cancelled` within: not for `own_` alone
    bool is_open_ = true;
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

} // namespace cicada::detail
