#include <jobs/heartbeat.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include <cicada/loop/sleep.hpp>
#include <jobs/alarm.hpp>

namespace cicada::detail {

namespace {

/// One beat, as it is sent.
struct renewal {
    node_id who;
    duration lease;
    bool may_evict;
    wall_time sent_at; // by the store's clock

    struct answer {
        bool is_live;
        std::size_t evicted;
    };
    /// What has been long on its way comes to a store that others could not reach either.
    answer carry_out(writing& in) const {
        const bool is_live = in.renew(who, lease);
        const bool evicts = is_live && may_evict && between(sent_at, in.now()) < lease / 4;
        return {is_live, evicts ? in.evict(duration::zero()).size() : 0};
    }
};

} // namespace

/// What it shares with beats that are under way.
struct heartbeat::state {
    state(store_link& to, setup given) : link(to), how(std::move(given)) {}

    renewal begin(elapsed_time now);
    /// So long that the others may be about to renew leases that are over.
    bool was_away(elapsed_time now) const noexcept {
        return between(renewed_at, now) > how.lease / 2;
    }
    /// Whether the node is to be told.
    bool answered(const std::optional<renewal::answer>& made, elapsed_time sent_at,
                  elapsed_time now);
    /// The time until there is something to do.
    elapsed_time idle_until() const noexcept;

    store_link& link;
    const setup how;
    const duration margin = margin_of(how.lease);
    std::mutex mutex;
    std::condition_variable changed; // for the thread
    event rung; // for the task
    // guarded:
    node_id who = node_id::none;
    elapsed_time next_at = elapsed_time::max(); // of the next beat
    elapsed_time begun_at = elapsed_time::min(); // the last one
    elapsed_time renewed_at = elapsed_time::min(); // when that was sent
    elapsed_time deadline = elapsed_time::min();
    elapsed_time patient_until = elapsed_time::min(); // until then it evicts nobody
    std::optional<duration> clock_ahead; // the store's, of elapsed time, at the last beat
    std::optional<std::uint64_t> server; // at the last beat
    bool is_under_way = false; // a beat
    bool is_evicted = false;
    bool is_doubted = false;
    bool is_seen = true; // the deadline, by the loop; or it has been told that it was not
    bool is_stopped = false;
};

renewal heartbeat::state::begin(elapsed_time now) {
    is_under_way = true;
    begun_at = now;
    next_at = later(now, how.lease / 4);
    const wall_time at = link.now();
    const duration ahead = at.time_since_epoch() - now.time_since_epoch();
    const duration jumped = clock_ahead ? abs(ahead - *clock_ahead) : duration::zero();
    const std::uint64_t there = link.server();
    const bool is_another = server && *server != there; // and others may not have found it yet
    if (jumped > how.lease / 8 || is_another) // leases ended by that alone
        patient_until = later(now, how.lease);
    clock_ahead = ahead;
    server = there;
    return {who, how.lease, now >= patient_until && !was_away(now), at};
}

bool heartbeat::state::answered(const std::optional<renewal::answer>& made, elapsed_time sent_at,
                                elapsed_time now) {
    const std::unique_lock lock(mutex);
    is_under_way = false;
    if (!made) {
        next_at = later(now, how.lease / 16);
        return false;
    }
    if (!made->is_live) {
        is_evicted = true;
        next_at = elapsed_time::max();
        return true;
    }
    const bool is_back = was_away(sent_at);
    if (is_back) patient_until = later(now, how.lease);
    renewed_at = sent_at;
    deadline = later(sent_at, how.lease - margin);
    is_seen = false;
    return std::exchange(is_doubted, false) || is_back || made->evicted > 0;
}

elapsed_time heartbeat::state::idle_until() const noexcept {
    elapsed_time until = is_under_way ? elapsed_time::max() : next_at;
    if (!is_seen) until = std::min(until, later(deadline, margin / 2));
    return until;
}

/// One renewal by the thread, on its way to the store and back.
class heartbeat::beat final : public errand {
public:
    beat(std::shared_ptr<state> of, const renewal& what, elapsed_time sent_at)
        : of_(std::move(of)), what_(what), sent_at_(sent_at) {}
    void run(writing& in) override { made_ = what_.carry_out(in); }
    void over() noexcept override {
        if (error) made_.reset();
        const bool is_news = of_->answered(made_, sent_at_, elapsed_clock::now());
        of_->changed.notify_one();
        if (is_news) of_->how.on_news();
    }

private:
    const std::shared_ptr<state> of_;
    const renewal what_;
    const elapsed_time sent_at_;
    std::optional<renewal::answer> made_;
};

heartbeat::heartbeat(store_link& link, setup how)
    : state_(std::make_shared<state>(link, std::move(how))) {
    if (loop::current().turned_by().is_simulated()) {
        task_ = spawn(beat_as_task(state_), {.name = "heartbeat"});
    } else {
        thread_ = std::thread([this] { serve(); });
    }
}

void heartbeat::stop() noexcept {
    {
        const std::lock_guard lock(state_->mutex);
        state_->is_stopped = true;
    }
    task_ = {};
    if (!thread_.joinable()) return;
    state_->changed.notify_one();
    thread_.join();
}

void heartbeat::ring() {
    if (thread_.joinable()) {
        state_->changed.notify_one();
    } else {
        state_->rung.set();
    }
}

void heartbeat::entered(node_id who, elapsed_time sent_at) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->who = who;
        state_->next_at = later(sent_at, state_->how.lease / 4);
        state_->renewed_at = sent_at;
        state_->deadline = later(sent_at, state_->how.lease - state_->margin);
        state_->patient_until = later(sent_at, state_->how.lease);
        state_->is_evicted = state_->is_doubted = state_->is_seen = false;
    }
    ring();
}

void heartbeat::doubt() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->is_doubted = true;
        state_->next_at = elapsed_time::min();
    }
    ring();
}

elapsed_time heartbeat::deadline() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->deadline;
}

bool heartbeat::may_begin(elapsed_time now) const noexcept {
    const std::lock_guard lock(state_->mutex);
    return now < state_->deadline && !state_->is_doubted && !state_->is_evicted;
}

bool heartbeat::is_evicted() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->is_evicted;
}

void heartbeat::deadline_was_seen() noexcept {
    const std::lock_guard lock(state_->mutex);
    state_->is_seen = true;
}

void heartbeat::lease_ends(elapsed_time at) {
    {
        const std::lock_guard lock(state_->mutex);
        const elapsed_time due = std::max(at, state_->patient_until);
        if (due <= state_->begun_at || due >= state_->next_at || state_->is_evicted) return;
        state_->next_at = due;
    }
    ring();
}

/// On the thread. (Its waits do not count the time of a suspend; but the loop knows the deadline.)
void heartbeat::serve() {
    state& s = *state_;
    std::unique_lock lock(s.mutex);
    while (!s.is_stopped) {
        const elapsed_time now = elapsed_clock::now();
        if (!s.is_under_way && now >= s.next_at) {
            const renewal next = s.begin(now);
            lock.unlock();
            s.link.carry_renewal(std::make_shared<beat>(state_, next, now));
            lock.lock();
        } else if (!s.is_seen && now >= later(s.deadline, s.margin / 2)) {
            s.is_seen = true;
            lock.unlock();
            s.how.on_blocked_loop();
            lock.lock();
        } else if (s.idle_until() == elapsed_time::max()) {
            s.changed.wait(lock);
        } else {
            s.changed.wait_for(lock, between(now, s.idle_until()));
        }
    }
}

/// In a simulation. It holds all that it needs, for its frame may outlive the node; the link it
/// does not touch from then on.
task<> heartbeat::beat_as_task(std::shared_ptr<state> s) {
    alarm due([rung = &s->rung] { rung->set(); });
    while (!s->is_stopped) {
        const elapsed_time sent_at = cicada::now();
        if (sent_at < s->next_at) {
            due.set(s->next_at);
            co_await s->rung.wait();
            s->rung.reset();
            continue;
        }
        const renewal next = s->begin(sent_at);
        std::optional<renewal::answer> made;
        try {
            auto answer = s->link.write([next](writing& in) { return next.carry_out(in); });
            made = co_await answer;
        } catch (const std::exception&) { // counts as no answer
        }
        if (s->answered(made, sent_at, cicada::now())) s->how.on_news();
    }
}

} // namespace cicada::detail
