#include <cicada/loop/loop.hpp>

#include <cicada/loop/snapshot.hpp>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unordered_set>

#include <async/report.hpp>
#include <loop/blocking_pool.hpp>
#include <loop/inbox.hpp>
#include <loop/timer_store.hpp>

namespace cicada {

/// Whoever is told may bring about other decisions, which are told after that.
class detail::decision_teller {
public:
    template <class F>
    void tell(std::string_view name, const decision& what, F to) {
        if (is_telling_) return untold_.push_back({std::string(name), what});
        is_telling_ = true;
        to(name, what);
        for (std::size_t i = 0; i < untold_.size(); ++i) {
            const auto [next_name, next] = untold_[i];
            to(next_name, next);
        }
        untold_.clear();
        is_telling_ = false;
    }

private:
    struct told {
        std::string name;
        decision what;
    };
    std::vector<told> untold_; // what is decided while somebody is being told
    bool is_telling_ = false;
};

namespace {

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

loop::scope::scope(loop& l) noexcept : turn_(l), outer_(std::exchange(current_loop, &l)) {}
loop::scope::~scope() { current_loop = outer_; }

loop::loop(driver& turned_by, loop_options options)
    : driver_(turned_by), options_(std::move(options)),
      inbox_(new detail::inbox(turned_by.wants_every_post())), context_(take_context(*this)),
      turn_at_(turned_by.elapsed_now()) {
    timers_.reset(new detail::timer_store(ns(turn_at_)));
    if (options_.on_decision) teller_.reset(new detail::decision_teller);
}

loop::~loop() {
    const scope here(*this);
    close();
    const auto how_many_left = [this] {
        std::size_t left = pending_timers();
        for (auto* one = activities().front(); one; one = activities().after(*one)) ++left;
        for (auto* one = residents_.front(); one; one = residents_.after(*one)) ++left;
        return left;
    };
    // The pool joins its threads when it goes; who waited for them can go on.
    for (bool more = true; more; blocking_.reset()) {
        if (!is_drained()) shut_down(); // once: a second request would disturb the cleaning up
        for (std::size_t before = 0; !is_drained();) {
            const auto next = run_ready();
            const std::size_t left = how_many_left();
            if (left == before && !(next && *next <= turn_at_))
                break; // only time or others could help
            before = left;
        }
        more = static_cast<bool>(blocking_);
    }
    do {
        destroy_all();
        run_posts();
        shut_down();
    } while (!leave()); // from here on nobody can post
    // What ended the loop may have been posted by a thread that has yet to wake it.
    inbox_->await_wakers();
    give_back(context_);
}

bool loop::close_inbox() noexcept {
    if (!inbox_->empty()) return false;
    context_->home.store(nullptr);
    return true;
}

loop& loop::current() {
    if (current_loop) return *current_loop;
    throw std::logic_error(
        "cicada: there is no loop on this thread: be inside cicada::run, or name a loop");
}

std::optional<elapsed_time> loop::run_ready() {
    const scope here(*this);
    turn_at_ = driver_.elapsed_now();
    turn_wall_.reset();
    run_posts();
    run_steps();
    run_timers(*timers_, ns(turn_at_));
    if (wall_timers_ && !wall_timers_->empty()) run_timers(*wall_timers_, ns(turn_wall()));

    if (has_queued() || !inbox_->local().empty() || !inbox_->sleep()) return turn_at_;
    return first_deadline();
}

std::optional<elapsed_time> loop::run_between_turns(detail::activity& ready) {
    const scope here(*this);
    turn_wall_.reset();
    if (options_.slow_callback == duration::zero()) [[likely]] {
        ready.run();
    } else {
        watched(ready.name(), [&] { ready.run(); });
    }
    if (has_queued() || !inbox_->local().empty()) return turn_at_;
    return pending_timers() > 0 ? first_deadline() : std::nullopt;
}

std::optional<elapsed_time> loop::first_deadline() noexcept {
    std::optional<elapsed_time> first;
    if (const auto next = timers_->next()) first = elapsed_time(duration(*next));
    if (wall_timers_) {
        if (const auto next = wall_timers_->next()) {
            const duration left = between(driver_.wall_now(), wall_time(duration(*next)));
            const elapsed_time now = driver_.elapsed_now();
            const elapsed_time at = later(now, left);
            const bool comes = left <= between(now, elapsed_time::max()); // before time ends
            if (comes && (!first || at < *first)) first = at;
        }
    }
    if (first && *first < turn_at_) first = turn_at_; // drivers subtract from it
    return first;
}

void loop::run_posts() noexcept {
    inbox_->run([this](auto call) {
        watched("a posted call", [&] {
            try {
                call();
            } catch (...) {
                report_error("a posted call", std::current_exception());
            }
        });
    });
}

void loop::run_steps() noexcept {
    if (options_.slow_callback == duration::zero()) [[likely]] {
        run_queued();
    } else {
        run_queued([this](detail::activity& next) { watched(next.name(), [&] { next.run(); }); });
    }
}

void loop::run_timers(detail::timer_store& timers, std::int64_t now) noexcept {
    const detail::expiry at{*this, timers, now};
    if (options_.slow_callback == duration::zero()) [[likely]] {
        timers.expire(now, [&](detail::timer& due) { due.expired(at); });
    } else {
        timers.expire(
            now, [&](detail::timer& due) { watched(due.task_name(), [&] { due.expired(at); }); });
    }
}

void loop::close() noexcept {
    closed_.store(true, std::memory_order_relaxed);
    driver_.wake();
}

void loop::shut_down() noexcept {
    const scope here(*this);
    std::vector<detail::resident*> all;
    for_each_resident([&](detail::resident& one) {
        if (one.stay()) all.push_back(&one);
    });
    cancel_all();
    for (detail::resident* one : all) one->shut_down();
}

void loop::reconsider() {
    post([this] { // what one does may end another
        std::vector<detail::resident*> all;
        for_each_of_wall_time([&](detail::resident& one) {
            if (one.stay()) all.push_back(&one);
        });
        for (detail::resident* one : all) one->reconsider();
    });
}

template <class F>
void loop::for_each_resident(F f) const {
    timers_->for_each([&](detail::timer& t) { f(static_cast<detail::resident&>(t)); });
    for_each_of_wall_time(f);
}

/// Also some that have nothing to do with it: what is linked, and not armed, may be of either line.
template <class F>
void loop::for_each_of_wall_time(F f) const {
    if (wall_timers_)
        wall_timers_->for_each([&](detail::timer& t) { f(static_cast<detail::resident&>(t)); });
    for (detail::resident_link* one = residents_.front(); one; one = residents_.after(*one))
        f(one->who);
}

void loop::read_wall() {
    turn_wall_ = driver_.wall_now();
    // The reading was taken between the beginning of the turn and now, which lie far apart when the
    // machine was suspended in between: the doubt is for a clock that is right.
    const auto origin_if_read_at = [this](elapsed_time t) {
        return later(*turn_wall_, -t.time_since_epoch());
    };
    const wall_time latest = origin_if_read_at(turn_at_);
    const bool was_wrong = latest < later(furthest_origin_, -most_set_back);
    if (!was_wrong && latest <= later(furthest_origin_, noticed_advance)) return;
    const wall_time earliest = origin_if_read_at(driver_.elapsed_now());
    const duration was_ahead = between(latest, furthest_origin_);
    furthest_origin_ = was_wrong ? earliest : std::max(furthest_origin_, earliest);
    if (!was_wrong) return;
    post([this, was_ahead] {
        report_error("the wall clock", std::make_exception_ptr(clock_error(was_ahead)));
    });
    reconsider();
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
    const duration moved = between(wall_time(wall_offset_), wall_time(offset));
    if (moved > noise || moved < -noise) wall_offset_ = offset;
    return later(wall_time(instant.time_since_epoch()), wall_offset_);
}

bool loop::is_drained() const noexcept {
    return idle() && residents_.empty() && pending_timers() == 0 && inbox_->empty();
}

std::size_t loop::pending_timers() const noexcept {
    return timers_->size() + (wall_timers_ ? wall_timers_->size() : 0);
}

loop_snapshot loop::snapshot() const {
    loop_snapshot all{.taken_at = wall_now()};
    for (const detail::activity* one = activities().front(); one; one = activities().after(*one)) {
        all.tasks.push_back({std::string(one->name()), one->waits_for()});
    }
    std::unordered_set<const detail::resident*> seen; // one may have an armed timer and a link
    for_each_resident([&](const detail::resident& one) {
        if (seen.insert(&one).second) one.add_to(all);
    });
    return all;
}

void loop::arm(detail::timer& t, elapsed_time deadline) { timers_->arm(t, ns(deadline)); }
void loop::disarm(detail::timer& t) noexcept { timers_->disarm(t); }

void loop::arm(detail::timer& t, wall_time deadline) {
    if (!wall_timers_) wall_timers_.reset(new detail::timer_store(ns(driver_.wall_now())));
    if (wall_timers_->empty()) turn_wall(); // from here on it is noticed when the clock is set
    wall_timers_->arm(t, ns(deadline));
}
void loop::disarm_wall(detail::timer& t) noexcept { wall_timers_->disarm(t); }

bool loop::has_posts() const noexcept { return inbox_->holds_others(); }

void loop::post_small(void (*put)(void* f, void* to) noexcept, std::size_t size, void* f) {
    if (current_loop == this) return inbox_->local().push(put, size, f);
    if (inbox_->push(put, size, f)) wake();
}

bool loop::push_work(detail::work* item) noexcept {
    if (current_loop != this) return inbox_->push(*item);
    inbox_->local().push(*item);
    return false;
}

void loop::wake() noexcept {
    driver_.wake();
    inbox_->has_woken();
}

detail::blocking_pool& loop::blocking() {
    if (!blocking_) blocking_.reset(new detail::blocking_pool(options_.blocking_threads));
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

void loop::tell(std::string_view name, const decision& what) noexcept {
    try {
        teller_->tell(name, what, [this](std::string_view whose, const decision& d) {
            try {
                options_.on_decision(whose, d);
            } catch (...) {
                report_error("the handler of decisions", std::current_exception());
            }
        });
    } catch (const std::bad_alloc&) { // one that was to be told later
        report_error(name, std::current_exception());
    }
}

void loop::report_if_slow(std::string_view task, duration held) noexcept {
    if (held < options_.slow_callback) return;
    try {
        if (options_.on_slow_callback) return options_.on_slow_callback({task, held});
    } catch (...) {
        return report_error("the handler of slow callbacks", std::current_exception());
    }
    char what[64];
    std::snprintf(what, sizeof what, "held the loop for %.3f ms",
                  std::chrono::duration<double, std::milli>(held).count());
    detail::print_about(task, what);
}

} // namespace cicada
