#include <cicada/periodic/core.hpp>

#include <algorithm>

#include <async/ending_impl.hpp>
#include <async/report.hpp>
#include <periodic/extras.hpp>

namespace cicada::detail {

namespace {

constexpr std::uint32_t spill_at = 1u << 31;

home_context& nowhere() noexcept {
    static home_context context(true);
    return context;
}

std::uint64_t hash_of(std::string_view name) noexcept { // FNV-1a, 64 bits
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return h;
}

constexpr duration century = std::chrono::hours(24 * 36525); // longer lateness would overflow

duration up_to_multiple(duration instant, duration of) noexcept {
    const duration past = instant % of;
    return past == duration::zero() ? instant : instant + (of - past);
}

} // namespace

template class ending_ref<periodic_core>;
template class end_awaiter<periodic_core>;

tick tick_source::make() const { return of.tick_for(*this); }

tick periodic_core::tick_for(const tick_source& source) const {
    const duration now =
        std::max(source.now, now_on_its_line()); // others of the turn may have taken long
    return {to_wall(source.due), to_wall(now), now - source.due, source.missed};
}

periodic_core::periodic_core(loop& home, const setup& how)
    : kind_(how.which), missed_(missed::skip), on_error_(on_error::carry_on),
      context_(&home.context()), period_(how.period) {
    if (!how.options) return;
    const every_options& o = *how.options;
    missed_ = o.missed;
    on_error_ = o.on_error;
    const bool is_plain = o.name.empty() && o.overlap == overlap::skip &&
                          o.jitter <= duration::zero() && o.accuracy <= duration::zero() &&
                          o.times == 0 && !o.until;
    if (is_plain) return;
    auto* x = new periodic_extras(*this);
    x->name = o.name;
    x->overlap = o.overlap;
    x->jitter = o.jitter;
    x->accuracy = o.accuracy;
    x->times = o.times;
    x->until = o.until;
    x->home.store(&home, std::memory_order_relaxed);
    context_.store(x, std::memory_order_release);
}

periodic_core::~periodic_core() {
    if (!has_extras()) return;
    periodic_extras& x = extras();
    if (x.error && !x.error_taken) { // its own loop may be gone
        if (executor* here = executor::current()) {
            here->report_error(x.name, x.error);
        } else {
            report_to_stderr(x.name, x.error);
        }
    }
    delete &x;
}

periodic_extras& periodic_core::extras() const noexcept {
    return *static_cast<periodic_extras*>(context_.load(std::memory_order_relaxed));
}

periodic_extras& periodic_core::need_extras() {
    if (has_extras()) return extras();
    home_context& shared = *context_.load(std::memory_order_relaxed);
    auto* x = new periodic_extras(*this);
    x->home.store(shared.home.load(std::memory_order_relaxed), std::memory_order_relaxed);
    x->starting = in_body_ ? shared.starting : nullptr;
    x->nominal = duration(deadline());
    x->identity = on().options().seed + on().next_serial();
    on().add(x->link);
    context_.store(x, std::memory_order_release);
    return *x;
}

// ---- time lines ------------------------------------------------------------------------------------------------

interval periodic_core::schedule() const {
    return interval(period_, kind_ == kind::fixed_delay ? interval::kind::fixed_delay
                                                        : interval::kind::fixed_rate);
}

duration periodic_core::now_on_its_line() const noexcept {
    return is_wall() ? on().wall_now().time_since_epoch() : on().now().time_since_epoch();
}

wall_time periodic_core::to_wall(duration instant) const noexcept {
    return is_wall() ? wall_time(instant) : on().to_wall(elapsed_time(instant));
}

// ---- arming ----------------------------------------------------------------------------------------------------

void periodic_core::begin(const first& when) noexcept {
    loop& home = on();
    if (has_extras()) {
        periodic_extras& x = extras();
        home.add(x.link);
        x.identity = x.name.empty() ? home.options().seed + home.next_serial() : hash_of(x.name);
    }
    if (home.is_cancelling()) return request_cancel();
    if (is_wall()) return arm_for(period_);
    const elapsed_time now = home.now();
    elapsed_time due = now;
    if (kind_ == kind::once) {
        due = later(now, std::max(period_, duration::zero()));
    } else {
        switch (when.which()) {
        case first::kind::immediately:
            break;
        case first::kind::after_period:
            arm_for(period_after(now.time_since_epoch(), period_));
            return settle();
        case first::kind::at_elapsed:
            due = elapsed_time(when.at());
            break;
        case first::kind::at_wall:
            due = later(now, between(home.wall_now(), wall_time(when.at())));
            break;
        }
    }
    arm_for(std::max(due, now - century).time_since_epoch());
}

/// Arms the tick of a nominal instant. None: there is none, ever; settle() then ends it.
void periodic_core::arm_for(std::optional<duration> nominal) {
    if (!nominal) {
        stopping_ = true;
        return;
    }
    duration at = *nominal;
    if (has_extras()) {
        periodic_extras& x = extras();
        x.nominal = at;
        if (phase_ == phase::paused) return;
        duration most = x.jitter;
        if (!is_once()) most = std::min(most, period_);
        at = later(elapsed_time(at), jitter_of(x.identity, at, most)).time_since_epoch();
        if (x.accuracy > duration::zero() && at < duration::max() - x.accuracy) {
            const duration shared =
                up_to_multiple(at, is_once() ? x.accuracy : std::min(x.accuracy, period_));
            if (is_once() || shared - *nominal < period_)
                at = shared; // before the next nominal instant
        }
    }
    if (is_wall()) {
        on().arm(*this, wall_time(at));
    } else {
        on().arm(*this, elapsed_time(at));
    }
}

void periodic_core::disarm_now() noexcept {
    if (!is_armed()) return;
    if (is_wall()) {
        on().disarm_wall(*this);
    } else {
        on().disarm(*this);
    }
}

// ---- ticking ---------------------------------------------------------------------------------------------------

void periodic_core::expired() noexcept {
    if (has_extras()) return tick_with_extras();
    tick_plainly(on());
}

/// The way of nearly every tick: on time, and nothing special about it.
void periodic_core::tick_plainly(loop& home) noexcept {
    const duration due(deadline());
    const duration now =
        is_wall() ? home.wall_now().time_since_epoch() : home.turn_at().time_since_epoch();
    std::uint64_t missed = 0;
    if (is_once()) {
        stopping_ = true;
    } else {
        const planned p = plan(schedule(), {.missed = missed_}, {.due = due}, now);
        missed = p.missed;
        if (missed > 0) [[unlikely]]
            count(missed);
        if (kind_ == kind::fixed_rate) arm_for(p.next);
    }
    run_body(due, now, missed);
    settle();
}

void periodic_core::tick_with_extras() noexcept {
    periodic_extras& x = extras();
    const duration due = x.nominal;
    const duration now =
        is_wall() ? on().wall_now().time_since_epoch() : on().turn_at().time_since_epoch();
    if (x.until && to_wall(due) > *x.until) {
        stopping_ = true;
        return settle();
    }
    planned p;
    if (is_once()) {
        stopping_ = true;
    } else {
        const duration on_purpose = duration(deadline()) - due; // jitter and accuracy
        const plan_policy policy{missed_, x.overlap, plan_policy{}.granule + on_purpose};
        const plan_state state{due, x.running, static_cast<std::uint32_t>(x.buffered.size())};
        p = plan(schedule(), policy, state, now);
        if (kind_ == kind::fixed_rate) arm_for(p.next);
    }
    count(p.missed);
    x.untold += p.missed;
    act(p.what, due);
    settle();
}

/// Does with an instant what was decided.
void periodic_core::act(verdict what, duration due) noexcept {
    periodic_extras& x = extras();
    switch (what) {
    case verdict::run:
        return run_with_extras(due);
    case verdict::buffer:
        x.buffered.push_back(due);
        return;
    case verdict::cancel_others:
        for (periodic_run* run = x.runs.front(); run; run = x.runs.after(*run))
            run->request_cancel();
        [[fallthrough]];
    case verdict::buffer_only:
        x.dropped += x.buffered.size();
        x.untold += x.buffered.size();
        x.buffered.assign(1, due);
        return;
    case verdict::drop:
        ++x.dropped;
        ++x.untold;
        return;
    }
}

void periodic_core::run_with_extras(duration due) noexcept {
    periodic_extras& x = extras();
    if (x.times > 0 && ran() + 1 >= x.times) {
        stopping_ = true;
        disarm_now();
        x.buffered.clear();
    }
    const duration now =
        is_wall() ? on().wall_now().time_since_epoch() : on().turn_at().time_since_epoch();
    run_body(due, std::max(due, now), std::exchange(x.untold, 0));
}

void periodic_core::run_body(duration due, duration now, std::uint64_t missed) noexcept {
    if (++ran_ == spill_at) [[unlikely]]
        need_extras().ran += std::exchange(ran_, 0);
    in_body_ = true;
    periodic_run* unfinished = nullptr;
    try {
        unfinished = invoke({*this, due, now, missed});
    } catch (...) {
        failed(std::current_exception());
    }
    in_body_ = false;
    if (unfinished) {
        periodic_extras& x = need_extras();
        x.runs.push_back(*unfinished);
        ++x.running;
    }
}

bool periodic_run::begin(std::coroutine_handle<> root) {
    home_context* const context = of_.context_.load(std::memory_order_relaxed);
    periodic_core& of = of_;
    bool ended = false;
    ended_at_once_ = &ended;
    context->starting = this;
    start_now(*of.home(), root);
    context->starting = nullptr;
    of.context_.load(std::memory_order_relaxed)->starting =
        nullptr; // the body may have brought extras about
    if (!ended) ended_at_once_ = nullptr;
    return !ended;
}

void periodic_run::on_ended() noexcept {
    if (ended_at_once_) {
        *ended_at_once_ = true;
        if (std::exception_ptr e = error()) of_.failed(std::move(e));
    } else {
        of_.run_ended(*this, error());
    }
}

void periodic_core::run_ended(periodic_run& run, std::exception_ptr error) noexcept {
    periodic_extras& x = extras();
    x.runs.erase(run);
    if (error)
        failed(
            std::move(error)); // may request cancel: it counts as running, so that the end is ours
    --x.running;
    while (!stopping_ && !x.buffered.empty() && judge(x.overlap, x.running, 0) == verdict::run) {
        const duration due = x.buffered.front();
        x.buffered.erase(x.buffered.begin());
        run_with_extras(due);
    }
    settle();
}

/// After a body, a run or a request: what follows when nothing runs.
void periodic_core::settle() noexcept {
    if (in_body_ || (has_extras() && extras().running > 0)) return;
    if (!stopping_ && kind_ == kind::fixed_delay && !is_armed())
        arm_for(after_run(schedule(), now_on_its_line()));
    if (stopping_) end();
}

/// The core counts in 32 bits; what exceeds them moves to the extras.
void periodic_core::count(std::uint64_t missed) noexcept {
    if (missed < spill_at - missed_count_) {
        missed_count_ += static_cast<std::uint32_t>(missed);
    } else {
        need_extras().missed += missed;
    }
}

std::uint64_t periodic_core::ran() const noexcept {
    return ran_ + (has_extras() ? extras().ran : 0);
}

void periodic_core::failed(std::exception_ptr error) noexcept {
    periodic_extras& x = need_extras();
    ++x.failed;
    if (on_error_ == on_error::carry_on) return on().report_error(x.name, std::move(error));
    if (x.error) return on().report_error(x.name, std::move(error));
    x.error = std::move(error);
    request_cancel();
}

// ---- ending ----------------------------------------------------------------------------------------------------

void periodic_core::request_cancel() noexcept {
    if (has_ended()) return;
    stopping_ = true;
    disarm_now();
    if (activity* starting = context_.load(std::memory_order_relaxed)->starting;
        in_body_ && starting) {
        starting->request_cancel();
    }
    if (has_extras()) {
        periodic_extras& x = extras();
        x.buffered.clear();
        for (periodic_run* run = x.runs.front(); run; run = x.runs.after(*run))
            run->request_cancel();
    }
    settle();
}

void periodic_core::shut_down() noexcept {
    request_cancel();
    release_handle();
}

/// Nothing of it runs or will run. What the body held goes first: it may be a handle to this very periodic.
void periodic_core::end() noexcept {
    phase_ = phase::ended;
    destroy_body();
    if (has_extras()) {
        periodic_extras& x = extras();
        on().remove(x.link);
        while (listener* one = x.listeners.pop_front()) one->ended();
        x.home.store(nullptr, std::memory_order_release);
    } else {
        context_.store(&nowhere(), std::memory_order_release);
    }
    release_handle();
}

void periodic_core::add_handle() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }

void periodic_core::release_handle() noexcept {
    if (holders_.load(std::memory_order_acquire) == 1 ||
        holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete this;
    }
}

void periodic_core::add_listener(listener& one) { need_extras().listeners.push_back(one); }
void periodic_core::remove_listener(listener& one) noexcept { extras().listeners.erase(one); }

bool periodic_core::contains(const activity& other) const noexcept {
    if (in_body_ && context_.load(std::memory_order_relaxed)->starting == &other) return true;
    if (!has_extras()) return false;
    const periodic_extras& x = extras();
    for (const periodic_run* run = x.runs.front(); run; run = x.runs.after(*run)) {
        if (run == &other) return true;
    }
    return false;
}

std::exception_ptr periodic_core::take_error() noexcept {
    if (!has_extras()) return nullptr;
    extras().error_taken = true;
    return extras().error;
}

// ---- control ---------------------------------------------------------------------------------------------------

void periodic_core::pause() {
    if (stopping_ || phase_ != phase::active) return;
    need_extras(); // keeps the nominal instant
    phase_ = phase::paused;
    disarm_now();
}

void periodic_core::resume() {
    if (phase_ != phase::paused) return;
    phase_ = phase::active;
    periodic_extras& x = extras();
    if (kind_ == kind::fixed_delay && (in_body_ || x.running > 0)) return; // its end arms
    const duration now = now_on_its_line();
    std::optional<duration> due = std::max(x.nominal, now);
    if (kind_ == kind::fixed_rate && x.nominal < now) {
        const duration past = (now - x.nominal) % period_;
        if (past > duration::zero()) due = period_after(now - past, period_);
    }
    arm_for(due);
    settle();
}

void periodic_core::trigger() {
    if (stopping_ || has_ended()) return;
    add_handle();
    need_extras();
    on().post_work(make_work([this] {
        if (!stopping_ && !has_ended()) {
            periodic_extras& x = extras();
            act(judge(x.overlap, x.running, static_cast<std::uint32_t>(x.buffered.size())),
                now_on_its_line());
            settle();
        }
        release_handle();
    }));
}

void periodic_core::reschedule(interval when) {
    if (stopping_ || has_ended()) return;
    if (is_once())
        throw std::logic_error(
            "cicada: a one-shot cannot be rescheduled: cancel it, and make another");
    disarm_now();
    period_ = when.period();
    kind_ = when.which() == interval::kind::fixed_delay ? kind::fixed_delay : kind::fixed_rate;
    if (kind_ == kind::fixed_delay && (in_body_ || (has_extras() && extras().running > 0)))
        return; // its end arms
    arm_for(period_after(now_on_its_line(), period_));
    settle();
}

std::optional<wall_time> periodic_core::next() const {
    if (phase_ != phase::active || !is_armed()) return std::nullopt;
    return to_wall(has_extras() ? extras().nominal : duration(deadline()));
}

periodic_counters periodic_core::counters() const noexcept {
    if (!has_extras()) return {.ran = ran_, .missed = missed_count_};
    const periodic_extras& x = extras();
    return {ran(), x.missed + missed_count_, x.dropped, x.failed};
}

std::string_view periodic_core::name() const noexcept {
    return has_extras() ? extras().name : std::string_view();
}

bool periodic_core::describe(task_info& info) const {
    info.name = name();
    if (in_body_ || (has_extras() && extras().running > 0)) {
        info.waits_for = "the end of its run";
    } else {
        info.waits_for = phase_ == phase::paused ? "resume()" : "its next tick";
    }
    return true;
}

} // namespace cicada::detail
