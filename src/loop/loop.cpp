#include <cicada/loop/loop.hpp>

#include <cicada/loop/snapshot.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unordered_set>

#include <async/report.hpp>
#include <base/told_in_turn.hpp>
#include <loop/blocking_pool.hpp>
#include <loop/loop_engine.hpp>

namespace cicada {

/// Of decisions: a name is copied only for those that are told later.
class detail::decision_teller {
    struct named {
        std::string_view name;
        const decision& what;
    };
    struct kept {
        kept(const named& one) : name(one.name), what(one.what) {}
        std::string name;
        decision what;
    };

public:
    template <class F>
    void tell(std::string_view name, const decision& what, F to) {
        turn_.tell(std::array{named{name, what}}, [&](const auto& one) { to(one.name, one.what); });
    }

private:
    told_in_turn<kept> turn_;
};

namespace {

using detail::activity_engine;
using detail::loop_engine;

constinit thread_local loop* current_loop = nullptr;

/// Contexts of loops that are gone, for the next ones.
struct spare_contexts {
    std::mutex mutex;
    std::vector<detail::home_context*> all;
};

spare_contexts& spares() {
    // Never destroyed: a handle may outlive static objects.
    static auto* const contexts = new spare_contexts;
    return *contexts;
}

detail::home_context* take_context(detail::executor& home) {
    auto& spare = spares();
    const std::lock_guard lock(spare.mutex);
    detail::home_context* context = nullptr;
    if (spare.all.empty()) {
        context = new detail::home_context(true);
        spare.all.reserve(spare.all.capacity() + 1);
    } else {
        context = spare.all.back();
        spare.all.pop_back();
    }
    context->home.store(&home);
    return context;
}

void give_back(detail::home_context* context) noexcept {
    auto& spare = spares();
    const std::lock_guard lock(spare.mutex);
    context->home.store(nullptr);
    spare.all.push_back(context);
}

/// How far the origin of wall time may have advanced before it is noted.
constexpr duration noticed_advance = std::chrono::seconds(1);

std::int64_t ns(elapsed_time t) noexcept { return t.time_since_epoch().count(); }
std::int64_t ns(wall_time t) noexcept { return t.time_since_epoch().count(); }

} // namespace

std::string error_report::what() const { return detail::describe(error); }

loop_engine::scope::scope(loop& l) noexcept : turn_(l), outer_(std::exchange(current_loop, &l)) {}
loop_engine::scope::~scope() { current_loop = outer_; }

loop_engine::loop_engine(loop& of)
    : inbox_(of.turned_by().wants_every_post()), of_(of),
      slow_callback_(of.options().slow_callback), timers_(ns(of.turn_at())),
      teller_(of.options().on_decision ? new decision_teller : nullptr), context_(take_context(of)),
      last_serial_(of.options().seed) {}

loop_engine::~loop_engine() { give_back(context_); }

loop::loop(driver& turned_by, loop_options options)
    : driver_(turned_by), options_(std::move(options)), turn_at_(turned_by.elapsed_now()),
      engine_(new loop_engine(*this)) {}

loop::~loop() {
    loop_engine& own = *engine_;
    const loop_engine::scope here(*this);
    close();
    const auto how_many_left = [this] {
        std::size_t left = pending_timers();
        const auto& all = activity_engine::activities(*this);
        for (auto* one = all.front(); one; one = all.after(*one)) ++left;
        const auto& residents = engine_->residents_;
        for (auto* one = residents.front(); one; one = residents.after(*one)) ++left;
        return left;
    };
    // The pool joins its threads when it goes; who waited for them can go on.
    for (bool more = true; more; own.blocking_.reset()) {
        if (!is_drained()) shut_down(); // once: a second request would disturb the cleaning up
        for (std::size_t before = 0; !is_drained();) {
            const auto next = run_ready();
            const std::size_t left = how_many_left();
            if (left == before && !(next && *next <= turn_at_))
                break; // only time or others could help
            before = left;
        }
        more = static_cast<bool>(own.blocking_);
    }
    do {
        activity_engine::destroy_all(*this);
        own.run_posts();
        shut_down();
    } while (!activity_engine::leave(*this)); // from here on nobody can post
    // What ended the loop may have been posted by a thread that has yet to wake it.
    own.inbox_.await_wakers();
}

bool loop::close_inbox() noexcept {
    if (!engine_->inbox_.empty()) return false;
    engine_->context_->home.store(nullptr);
    return true;
}

loop& loop::current() {
    if (current_loop) return *current_loop;
    throw std::logic_error(
        "cicada: there is no loop on this thread: be inside cicada::run, or name a loop");
}

std::optional<elapsed_time> loop::run_ready() {
    const loop_engine::scope here(*this);
    loop_engine& own = *engine_;
    turn_at_ = driver_.elapsed_now();
    own.turn_wall_.reset();
    own.run_posts();
    own.run_steps();
    own.run_timers(own.timers_, ns(turn_at_));
    if (own.wall_timers_ && !own.wall_timers_->empty())
        own.run_timers(*own.wall_timers_, ns(turn_wall()));

    if (activity_engine::has_queued(*this) || !own.inbox_.local().empty() || !own.inbox_.sleep())
        return turn_at_;
    return own.first_deadline();
}

std::optional<elapsed_time> loop::run_between_turns(detail::activity& ready) {
    const loop_engine::scope here(*this);
    loop_engine& own = *engine_;
    own.turn_wall_.reset();
    if (options_.slow_callback == duration::zero()) [[likely]] {
        ready.run();
    } else {
        own.watched(ready.name(), [&] { ready.run(); });
    }
    if (activity_engine::has_queued(*this) || !own.inbox_.local().empty()) return turn_at_;
    return pending_timers() > 0 ? own.first_deadline() : std::nullopt;
}

std::optional<elapsed_time> loop_engine::first_deadline() noexcept {
    std::optional<elapsed_time> first;
    if (const auto next = timers_.next()) first = elapsed_time(duration(*next));
    if (wall_timers_) {
        if (const auto next = wall_timers_->next()) {
            const duration left = between(of_.wall_now(), wall_time(duration(*next)));
            const elapsed_time now = of_.now();
            const elapsed_time at = later(now, left);
            const bool comes = left <= between(now, elapsed_time::max()); // before time ends
            if (comes && (!first || at < *first)) first = at;
        }
    }
    if (first && *first < of_.turn_at()) first = of_.turn_at(); // drivers subtract from it
    return first;
}

void loop_engine::run_posts() noexcept {
    inbox_.run([this](auto call) {
        watched("a posted call", [&] {
            try {
                call();
            } catch (...) {
                of_.report_error("a posted call", std::current_exception());
            }
        });
    });
}

void loop_engine::run_steps() noexcept {
    if (slow_callback_ == duration::zero()) [[likely]] {
        activity_engine::run_queued(of_, [](activity& next) { next.run(); });
    } else {
        activity_engine::run_queued(
            of_, [this](activity& next) { watched(next.name(), [&] { next.run(); }); });
    }
}

void loop_engine::run_timers(timer_store& timers, std::int64_t now) noexcept {
    const expiry at{of_, timers, now};
    if (slow_callback_ == duration::zero()) [[likely]] {
        timers.expire(now, [&](timer& due) { due.expired(at); });
    } else {
        timers.expire(now, [&](timer& due) { watched(due.task_name(), [&] { due.expired(at); }); });
    }
}

void loop::close() noexcept {
    closed_.store(true, std::memory_order_relaxed);
    driver_.wake();
}

void loop::shut_down() noexcept {
    const loop_engine::scope here(*this);
    std::vector<detail::resident*> all;
    engine_->for_each_resident([&](detail::resident& one) {
        if (one.stay()) all.push_back(&one);
    });
    activity_engine::cancel_all(*this);
    for (detail::resident* one : all) one->shut_down();
}

void loop::abandon_tasks() noexcept {
    const loop_engine::scope here(*this);
    activity_engine::destroy_all(*this);
}

void loop::reconsider() {
    post([this] { // what one does may end another
        std::vector<detail::resident*> all;
        engine_->for_each_of_wall_time([&](detail::resident& one) {
            if (one.stay()) all.push_back(&one);
        });
        for (detail::resident* one : all) one->reconsider();
    });
}

template <class F>
void loop_engine::for_each_resident(F f) const {
    timers_.for_each([&](timer& t) { f(static_cast<resident&>(t)); });
    for_each_of_wall_time(f);
}

/// Also some that have nothing to do with it: what is linked, and not armed, may be of either line.
template <class F>
void loop_engine::for_each_of_wall_time(F f) const {
    if (wall_timers_) wall_timers_->for_each([&](timer& t) { f(static_cast<resident&>(t)); });
    for (resident_link* one = residents_.front(); one; one = residents_.after(*one)) f(one->who);
}

wall_time loop::turn_wall() {
    if (!engine_->turn_wall_) [[unlikely]]
        engine_->read_wall();
    return *engine_->turn_wall_;
}

void loop_engine::read_wall() {
    turn_wall_ = of_.wall_now();
    // The reading was taken between the beginning of the turn and now, which lie far apart when the
    // machine was suspended in between: the doubt is for a clock that is right.
    const auto origin_if_read_at = [this](elapsed_time t) {
        return later(*turn_wall_, -t.time_since_epoch());
    };
    const wall_time latest = origin_if_read_at(of_.turn_at());
    const bool was_wrong = latest < later(furthest_origin_, -most_set_back);
    if (!was_wrong && latest <= later(furthest_origin_, noticed_advance)) return;
    const wall_time earliest = origin_if_read_at(of_.now());
    const duration was_ahead = between(latest, furthest_origin_);
    furthest_origin_ = was_wrong ? earliest : std::max(furthest_origin_, earliest);
    if (!was_wrong) return;
    of_.post([this, was_ahead] {
        of_.report_error("the wall clock", std::make_exception_ptr(clock_error(was_ahead)));
    });
    of_.reconsider();
}

wall_time loop::to_wall(elapsed_time instant) noexcept {
    if (driver_.is_simulated())
        return later(driver_.wall_now(), between(driver_.elapsed_now(), instant));
    constexpr duration noise = std::chrono::microseconds(100);
    duration offset{};
    for (int attempts = 0; attempts < 5; ++attempts) { // the thread may be interrupted in between
        const elapsed_time before = driver_.elapsed_now();
        offset = between(wall_time(before.time_since_epoch()), driver_.wall_now());
        if (driver_.elapsed_now() - before <= noise) break;
    }
    duration& noted = engine_->wall_offset_;
    const duration moved = between(wall_time(noted), wall_time(offset));
    if (moved > noise || moved < -noise) noted = offset;
    return later(wall_time(instant.time_since_epoch()), noted);
}

bool loop::is_drained() const noexcept {
    return activity_engine::is_idle(*this) && engine_->residents_.empty() &&
           pending_timers() == 0 && engine_->inbox_.empty();
}

std::size_t loop::pending_timers() const noexcept {
    const auto& wall = engine_->wall_timers_;
    return engine_->timers_.size() + (wall ? wall->size() : 0);
}

loop_snapshot loop::snapshot() const {
    loop_snapshot all{.taken_at = wall_now()};
    const auto& tasks = activity_engine::activities(*this);
    for (const detail::activity* one = tasks.front(); one; one = tasks.after(*one))
        all.tasks.push_back({std::string(one->name()), activity_engine::waits_for(*one)});
    std::unordered_set<const detail::resident*> seen; // one may have an armed timer and a link
    engine_->for_each_resident([&](const detail::resident& one) {
        if (seen.insert(&one).second) one.add_to(all);
    });
    return all;
}

void loop::arm(detail::timer& t, elapsed_time deadline) { engine_->timers_.arm(t, ns(deadline)); }
void loop::disarm(detail::timer& t) noexcept { engine_->timers_.disarm(t); }

void loop::arm(detail::timer& t, wall_time deadline) {
    auto& wall = engine_->wall_timers_;
    if (!wall) wall.reset(new detail::timer_store(ns(driver_.wall_now())));
    if (wall->empty()) turn_wall(); // from here on it is noticed when the clock is set
    wall->arm(t, ns(deadline));
}
void loop::disarm_wall(detail::timer& t) noexcept { engine_->wall_timers_->disarm(t); }

bool loop::has_posts() const noexcept { return engine_->inbox_.holds_others(); }

void loop::post_small(void (*put)(void* f, void* to) noexcept, std::size_t size, void* f) {
    if (current_loop == this) return engine_->inbox_.local().push(put, size, f);
    if (engine_->inbox_.push(put, size, f)) wake();
}

bool loop::push_work(detail::work* item) noexcept {
    if (current_loop != this) return engine_->inbox_.push(*item);
    engine_->inbox_.local().push(*item);
    return false;
}

void loop::wake() noexcept {
    driver_.wake();
    engine_->inbox_.has_woken();
}

detail::blocking_pool& loop_engine::blocking() {
    if (!blocking_) blocking_.reset(new blocking_pool(of_.options().blocking_threads));
    return *blocking_;
}

void loop::report_error(std::string_view task, std::exception_ptr error) noexcept {
    if (!options_.on_error) return detail::report_to_stderr(task, error);
    try {
        options_.on_error({task, error});
    } catch (...) {
        detail::report_to_stderr(task, error);
        detail::report_to_stderr("the error handler", std::current_exception());
    }
}

void loop_engine::tell(std::string_view name, const decision& what) noexcept {
    try {
        teller_->tell(name, what, [this](std::string_view whose, const decision& d) {
            try {
                of_.options().on_decision(whose, d);
            } catch (...) {
                of_.report_error("the handler of decisions", std::current_exception());
            }
        });
    } catch (const std::bad_alloc&) { // one that was to be told later
        of_.report_error(name, std::current_exception());
    }
}

void loop_engine::report_if_slow(std::string_view task, duration held) noexcept {
    if (held < slow_callback_) return;
    try {
        if (of_.options().on_slow_callback) return of_.options().on_slow_callback({task, held});
    } catch (...) {
        return of_.report_error("the handler of slow callbacks", std::current_exception());
    }
    char what[64];
    std::snprintf(what, sizeof what, "held the loop for %.3f ms",
                  std::chrono::duration<double, std::milli>(held).count());
    print_about(task, what);
}

} // namespace cicada
