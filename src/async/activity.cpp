#include <cicada/async/activity.hpp>

#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>

#include <async/report.hpp>

namespace cicada::detail {

namespace {

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

void activity::enlist(executor& home, std::coroutine_handle<> root) {
    home_.store(&home, std::memory_order_relaxed);
    frame_ = root;
    home.all_.push_back(*this);
}

void activity::start(executor& home, std::coroutine_handle<> root) {
    enlist(home, root);
    queue();
}

void activity::start_from_anywhere(executor& home, std::coroutine_handle<> root) {
    const auto start_here = [this, &home, root] {
        start(home, root);
        if (home.is_cancelling()) request_cancel();
    };
    home.require_not_over();
    if (executor::current() == &home) return start_here();
    home_.store(&home, std::memory_order_relaxed);
    home.post_work(make_work(start_here));
}

void activity::start_now(executor& home, std::coroutine_handle<> root) {
    enlist(home, root);
    run();
}

void activity::run() noexcept {
    if (!started_) {
        started_ = true;
        if (requests_.pending) {
            set_cancelled();
            state_ = state::ended;
            return finish();
        }
    }
    state_ = state::running;
    do {
        frame_.resume();
    } while (state_ == state::running);
    if (state_ == state::ended) finish();
}

void activity::finish() noexcept {
    frame_.destroy();
    frame_ = nullptr;
    on_ended();
    if (!listeners_.empty()) tell_listeners();
    executor& home = *this->home();
    home.all_.erase(*this);
    if (holders_.load(std::memory_order_acquire) == 1 ||
        holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        return discard();
    }
    home.held_.push_back(*this);
}

void activity::tell_listeners() noexcept {
    listener* name = nullptr; // stays: an error may still be reported
    while (listener* one = listeners_.pop_front()) one->name() ? void(name = one) : one->ended();
    if (name) listeners_.push_back(*name);
}

void activity::abandon() noexcept {
    if (state_ == state::queued) home()->unqueue(*this);
    while (auto awaiting = frame_links::of(frame_).continuation) frame_ = awaiting;
    set_cancelled();
    state_ = state::ended;
    finish();
}

void activity::release_handle() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    if (executor* e = home()) e->held_.erase(*this);
    discard();
}

void activity::discard() noexcept {
    if (std::exception_ptr error = unobserved_error()) {
        if (executor* e = home()) {
            e->report_error(name(), std::move(error));
        } else {
            report_to_stderr(name(), error);
        }
    }
    delete this;
}

void activity::request_cancel() noexcept {
    if (has_ended()) return;
    requests_.from_outside = true;
    notice_request(nullptr);
}

void activity::notice_request(const cancel_section* by) noexcept {
    for (const cancel_section* in = section_; in != by; in = in->outer_) {
        if (in->kind_ == cancel_section::kind::shields) return; // it comes when that has ended
    }
    for (listener* one = listeners_.front(); one; one = listeners_.after(*one))
        one->cancel_requested();
    if (state_ == state::waiting) {
        switch (waiting_on_->withdraw()) {
        case withdrawal::done:
            deliver(delivery::next);
            deliver_ = true;
            return queue();
        case withdrawal::noted:
            return;
        case withdrawal::deferred:
            break;
        }
    }
    if (deliver_) return deliver(delivery::along);
    requests_.pending = true;
}

cancel_section* activity::shield() const noexcept {
    cancel_section* in = section_;
    while (in && in->kind_ != cancel_section::kind::shields) in = in->outer_;
    return in;
}

bool activity::has_pending_request() const noexcept {
    const cancel_section* const shield = this->shield();
    if (!shield && requests_.from_outside) return true;
    for (const cancel_section* in = section_; in != shield; in = in->outer_) {
        if (in->own_ == cancel_section::request::pending) return true;
    }
    return false;
}

/// What sections within ask for is no matter of those around them, which are left as they are.
void activity::deliver(delivery how) noexcept {
    using request = cancel_section::request;
    requests_.pending = false;
    const cancel_section* const shield = this->shield();
    const cancel_section* outermost = nullptr; // of those who ask, unless that is one from outside
    if (shield || !std::exchange(requests_.from_outside, false)) {
        for (const cancel_section* in = section_; in != shield; in = in->outer_) {
            if (in->own_ == request::pending) outermost = in;
        }
    }
    for (cancel_section* in = section_; in != shield; in = in->outer_) {
        const bool was_from_beyond = how == delivery::along && in->last_was_from_beyond_;
        in->last_was_from_beyond_ = in != outermost || was_from_beyond;
        if (in->own_ == request::pending) in->own_ = request::delivered;
        if (in == outermost) return;
    }
}

void activity::redeliver() noexcept {
    using request = cancel_section::request;
    const cancel_section* const shield = this->shield();
    cancel_section* in = section_;
    for (; in != shield; in = in->outer_) {
        if (in->own_ == request::delivered) in->own_ = request::pending;
        if (!in->last_was_from_beyond_) break;
    }
    if (!in) requests_.from_outside = true;
    requests_.pending = has_pending_request();
}

cancel_section::cancel_section(activity& self, kind what) noexcept
    : self_(self), outer_(std::exchange(self.section_, this)), kind_(what) {
    if (kind_ == kind::shields) self_.requests_.pending = false;
}

void cancel_section::request_cancel() noexcept {
    own_ = request::pending;
    self_.notice_request(this);
}

bool cancel_section::end(bool with_cancelled) noexcept {
    leave();
    if (!with_cancelled || !has_asked() || last_was_from_beyond_) return false;
    if (!self_.requests_.pending) return true;
    self_.deliver(activity::delivery::next);
    return false;
}

/// Frames that are destroyed where they stand may leave in another order than they came.
void cancel_section::leave() noexcept {
    if (!std::exchange(is_open_, false)) return;
    cancel_section** link = &self_.section_;
    while (*link != this) link = &(*link)->outer_;
    *link = outer_;
    self_.requests_.pending = self_.has_pending_request();
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

const char* activity::waits_for() const noexcept {
    switch (state_) {
    case state::queued:
        return "its turn";
    case state::running:
        return "nothing: it runs";
    case state::waiting:
        return waiting_on_->waits_for();
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

void executor::require_not_over() const {
    if (current_executor == this && stage_ == stage::over)
        throw std::logic_error("cicada: the simulation is over: make another");
}

executor::turn::turn(executor& e) noexcept : outer_(current_executor) { current_executor = &e; }
executor::turn::~turn() { current_executor = outer_; }

void executor::unqueue(const activity& one) noexcept {
    activity* previous = nullptr;
    for (activity* each = first_queued_; each != &one; each = each->next_queued_) previous = each;
    (previous ? previous->next_queued_ : first_queued_) = one.next_queued_;
    if (last_queued_ == &one) last_queued_ = previous;
}

void executor::cancel_all() noexcept {
    if (stage_ == stage::open) stage_ = stage::cancelling;
    for (activity* one = all_.front(); one; one = all_.after(*one)) one->request_cancel();
}

void executor::destroy_all() noexcept {
    const turn here(*this);
    while (activity* one = all_.front()) one->abandon();
}

bool executor::leave() noexcept {
    auto& registry = existing();
    const std::lock_guard lock(registry.mutex);
    if (!idle() || !close_inbox()) return false;
    while (activity* one = held_.pop_front()) one->home_.store(nullptr, std::memory_order_release);
    executor** link = &registry.first;
    while (*link && *link != this) link = &(*link)->next_existing_;
    if (*link) *link = next_existing_;
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
    destroy_all();
    leave();
}

void executor::post_work(work* item) noexcept {
    if (push_work(item)) wake();
}

bool executor::post_work_to(const holdable& target, work* item) noexcept {
    return hand_over(item, [&] { return target.home(); });
}

bool executor::post_work_to(std::uint64_t id, work* item) noexcept {
    return hand_over(item, [&] { return find(id); });
}

bool executor::offer_work_to(std::uint64_t id, work* item) noexcept {
    return hand_over(item, [&] {
        executor* const e = find(id);
        return e && !e->is_closed() ? e : nullptr;
    });
}

/// Its caller holds the registry.
executor* executor::find(std::uint64_t id) noexcept {
    executor* e = existing().first;
    while (e && e->id_ != id) e = e->next_existing_;
    return e;
}

} // namespace cicada::detail
