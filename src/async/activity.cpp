#include <cicada/async/activity.hpp>

#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>

#include <async/engine.hpp>
#include <async/report.hpp>

namespace cicada::detail {

namespace {

using engine = activity_engine;

constinit thread_local executor* current_executor = nullptr;

/// Answers "does this executor still exist?" for threads other than its own.
struct executor_registry {
    std::mutex mutex;
    executor* first = nullptr;
    std::uint64_t last_id = 0;
};

executor_registry& existing() noexcept {
    static executor_registry registry;
    return registry;
}

/// Gives `item` to the executor that `find()` gives, which cannot go meanwhile. Whom that has to
/// wake, and what is refused and may hold a handle, may come here again: so both without the lock.
template <class Find>
bool hand_over(work* item, Find find) noexcept {
    executor* to = nullptr;
    bool must_wake = false;
    {
        const std::lock_guard lock(existing().mutex);
        to = find();
        if (to) must_wake = to->push_work(item);
    }
    if (must_wake) to->wake();
    if (!to) delete item;
    return to != nullptr;
}

/// Most activities have no name, so it is not a member.
class name_tag final : public listener, public pooled {
public:
    explicit name_tag(std::string_view name) : name_(name) {}
    void ended() noexcept override { delete this; }
    const char* name() const noexcept override { return name_.c_str(); }

private:
    std::string name_;
};

} // namespace

activity::~activity() {
    if (!listeners_.empty()) set_name({});
}

void engine::enlist(activity& a, executor& home, std::coroutine_handle<> root) {
    a.home_.store(&home, std::memory_order_relaxed);
    a.frame_ = root;
    home.all_.push_back(a);
}

void engine::start(activity& a, executor& home, std::coroutine_handle<> root) {
    enlist(a, home, root);
    a.queue();
}

void activity::start_from_anywhere(executor& home, std::coroutine_handle<> root) {
    const auto start_here = [this, &home, root] {
        engine::start(*this, home, root);
        if (engine::is_cancelling(home)) request_cancel();
    };
    engine::require_not_over(home);
    if (executor::current() == &home) return start_here();
    home_.store(&home, std::memory_order_relaxed);
    home.post_work(make_work(start_here));
}

void engine::start_now(activity& a, executor& home, std::coroutine_handle<> root) {
    enlist(a, home, root);
    a.run();
}

void activity::run() noexcept {
    if (!started_) {
        started_ = true;
        if (requests_.pending) {
            set_cancelled();
            state_ = state::ended;
            return engine::finish(*this);
        }
    }
    state_ = state::running;
    do {
        frame_.resume();
    } while (state_ == state::running);
    if (state_ == state::ended) engine::finish(*this);
}

void engine::finish(activity& a) noexcept {
    a.frame_.destroy();
    a.frame_ = nullptr;
    a.on_ended();
    if (!a.listeners_.empty()) tell_listeners(a);
    executor& home = *a.home();
    home.all_.erase(a);
    if (a.holders_.load(std::memory_order_acquire) == 1 ||
        a.holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        return discard(a);
    }
    home.held_.push_back(a);
}

void engine::tell_listeners(activity& a) noexcept {
    listener* name = nullptr; // stays: an error may still be reported
    while (listener* one = a.listeners_.pop_front()) one->name() ? void(name = one) : one->ended();
    if (name) a.listeners_.push_back(*name);
}

void engine::abandon(activity& a) noexcept {
    if (a.state_ == activity::state::queued) unqueue(a);
    while (auto awaiting = frame_links::of(a.frame_).continuation) a.frame_ = awaiting;
    a.set_cancelled();
    a.state_ = activity::state::ended;
    finish(a);
}

void activity::release_handle() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    if (executor* e = home()) e->held_.erase(*this);
    engine::discard(*this);
}

void engine::discard(activity& a) noexcept {
    if (std::exception_ptr error = a.unobserved_error()) {
        if (executor* e = a.home()) {
            e->report_error(a.name(), std::move(error));
        } else {
            report_to_stderr(a.name(), error);
        }
    }
    delete &a;
}

void activity::request_cancel() noexcept {
    if (has_ended()) return;
    requests_.from_outside = true;
    engine::notice_request(*this, nullptr);
}

void activity::ask_to_cancel() noexcept {
    if (has_ended()) return;
    asked_ = true;
    request_cancel();
}

void activity::owner_dropped() noexcept {
    if (!asked_) ask_to_cancel();
}

void engine::notice_request(activity& a, const cancel_section* by) noexcept {
    for (const cancel_section* in = a.section_; in != by; in = in->outer_) {
        if (in->kind_ == cancel_section::kind::shields) return; // it comes when that has ended
    }
    for (listener* one = a.listeners_.front(); one; one = a.listeners_.after(*one))
        one->cancel_requested();
    if (a.state_ == activity::state::waiting) {
        switch (a.waiting_on_->withdraw()) {
        case withdrawal::done:
            deliver(a, delivery::next);
            a.deliver_ = true;
            return a.queue();
        case withdrawal::noted:
            return;
        case withdrawal::deferred:
            break;
        }
    }
    if (a.deliver_) return deliver(a, delivery::along);
    a.requests_.pending = true;
}

cancel_section* engine::shield(const activity& a) noexcept {
    cancel_section* in = a.section_;
    while (in && in->kind_ != cancel_section::kind::shields) in = in->outer_;
    return in;
}

bool engine::has_pending_request(const activity& a) noexcept {
    const cancel_section* const shield = engine::shield(a);
    if (!shield && a.requests_.from_outside) return true;
    for (const cancel_section* in = a.section_; in != shield; in = in->outer_) {
        if (in->own_ == cancel_section::request::pending) return true;
    }
    return false;
}

/// What sections within ask for is no matter of those around them, which are left as they are.
void engine::deliver(activity& a, delivery how) noexcept {
    using request = cancel_section::request;
    a.requests_.pending = false;
    const cancel_section* const shield = engine::shield(a);
    const cancel_section* outermost = nullptr; // of those who ask, unless that is one from outside
    if (shield || !std::exchange(a.requests_.from_outside, false)) {
        for (const cancel_section* in = a.section_; in != shield; in = in->outer_) {
            if (in->own_ == request::pending) outermost = in;
        }
    }
    for (cancel_section* in = a.section_; in != shield; in = in->outer_) {
        const bool was_from_beyond = how == delivery::along && in->last_was_from_beyond_;
        in->last_was_from_beyond_ = in != outermost || was_from_beyond;
        if (in->own_ == request::pending) in->own_ = request::delivered;
        if (in == outermost) return;
    }
}

bool waiter::take_pending(activity& owner) noexcept {
    if (!owner.requests().pending) return false;
    engine::deliver(owner, engine::delivery::next);
    return true;
}

void activity::redeliver() noexcept {
    using request = cancel_section::request;
    const cancel_section* const shield = engine::shield(*this);
    cancel_section* in = section_;
    for (; in != shield; in = in->outer_) {
        if (in->own_ == request::delivered) in->own_ = request::pending;
        if (!in->last_was_from_beyond_) break;
    }
    if (!in) requests_.from_outside = true;
    requests_.pending = engine::has_pending_request(*this);
}

cancel_section::cancel_section(activity& self, kind what) noexcept
    : self_(self), outer_(std::exchange(self.section_, this)), kind_(what) {
    if (kind_ == kind::shields) self_.requests_.pending = false;
}

void cancel_section::request_cancel() noexcept {
    own_ = request::pending;
    engine::notice_request(self_, this);
}

bool cancel_section::end(bool with_cancelled) noexcept {
    leave();
    if (!with_cancelled || !has_asked() || last_was_from_beyond_) return false;
    if (!self_.requests_.pending) return true;
    engine::deliver(self_, engine::delivery::next);
    return false;
}

/// Frames that are destroyed where they stand may leave in another order than they came.
void cancel_section::leave() noexcept {
    if (!std::exchange(is_open_, false)) return;
    cancel_section** link = &self_.section_;
    while (*link != this) link = &(*link)->outer_;
    *link = outer_;
    self_.requests_.pending = engine::has_pending_request(self_);
}

std::string_view activity::name() const noexcept {
    for (const listener* one = listeners_.front(); one; one = listeners_.after(*one)) {
        if (const char* name = one->name()) return name;
    }
    return common_name();
}

void activity::set_name(std::string_view name) {
    for (listener* one = listeners_.front(); one; one = listeners_.after(*one)) {
        if (!one->name()) continue;
        listeners_.erase(*one);
        one->ended();
        break;
    }
    if (!name.empty()) listeners_.push_back(*new name_tag(name));
}

const char* engine::waits_for(const activity& a) noexcept {
    using state = activity::state;
    switch (a.state_) {
    case state::queued:
        return "its turn";
    case state::running:
        return "nothing: it runs";
    case state::waiting:
        return a.waiting_on_->waits_for();
    case state::ended:
        break;
    }
    return "nothing: it has ended";
}

executor* executor::current() noexcept { return current_executor; }

executor& executor::required(const char* what) {
    if (current_executor) return *current_executor;
    throw std::logic_error(
        std::string("cicada: ") + what +
        " needs a loop on this thread: call it inside cicada::run, or use the loop's own function");
}

void engine::require_not_over(const executor& e) {
    if (current_executor == &e && e.stage_ == executor::stage::over)
        throw std::logic_error("cicada: the simulation is over: make another");
}

engine::turn::turn(executor& e) noexcept : outer_(current_executor) { current_executor = &e; }
engine::turn::~turn() { current_executor = outer_; }

void engine::unqueue(const activity& a) noexcept {
    executor& home = *a.home();
    activity* previous = nullptr;
    for (activity* each = home.first_queued_; each != &a; each = each->next_queued_)
        previous = each;
    (previous ? previous->next_queued_ : home.first_queued_) = a.next_queued_;
    if (home.last_queued_ == &a) home.last_queued_ = previous;
}

void engine::cancel_all(executor& e) noexcept {
    if (!is_cancelling(e)) e.stage_ = executor::stage::cancelling;
    for (activity* one = e.all_.front(); one; one = e.all_.after(*one)) one->request_cancel();
}

void engine::destroy_all(executor& e) noexcept {
    const turn here(e);
    while (activity* one = e.all_.front()) abandon(*one);
}

bool engine::leave(executor& e) noexcept {
    auto& registry = existing();
    const std::lock_guard lock(registry.mutex);
    if (!is_idle(e) || !e.close_inbox()) return false;
    while (activity* one = e.held_.pop_front())
        one->home_.store(nullptr, std::memory_order_release);
    executor** link = &registry.first;
    while (*link && *link != &e) link = &(*link)->next_existing_;
    if (*link) *link = e.next_existing_;
    return true;
}

executor::executor()
    : id_([] {
          auto& registry = existing();
          const std::lock_guard lock(registry.mutex);
          return ++registry.last_id;
      }()) {
    auto& registry = existing();
    const std::lock_guard lock(registry.mutex);
    next_existing_ = registry.first;
    registry.first = this;
}

executor::~executor() {
    engine::destroy_all(*this);
    engine::leave(*this);
}

void executor::post_work(work* item) noexcept {
    if (push_work(item)) wake();
}

bool engine::post_work_to(const holdable& target, work* item) noexcept {
    return hand_over(item, [&] { return target.home(); });
}

bool executor::post_work_to(std::uint64_t id, work* item) noexcept {
    return hand_over(item, [&] { return engine::find(id); });
}

bool executor::offer_work_to(std::uint64_t id, work* item) noexcept {
    return hand_over(item, [&] {
        executor* const e = engine::find(id);
        return e && !e->is_closed() ? e : nullptr;
    });
}

executor* engine::find(std::uint64_t id) noexcept {
    executor* e = existing().first;
    while (e && e->id_ != id) e = e->next_existing_;
    return e;
}

} // namespace cicada::detail
