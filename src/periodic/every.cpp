#include <cicada/periodic/every.hpp>

#include <cicada/schedule/duration_text.hpp>

#include <async/post_held.hpp>
#include <periodic/engine.hpp>
#include <periodic/extras.hpp>

namespace cicada {

namespace detail {

periodic begin_periodic(loop& home, periodic_core& made, const first& when) {
    periodic handle(made);
    if (executor::current() == &home) {
        periodic_engine::begin(made, when);
    } else {
        home.post_work(make_work([core = &made, when] { periodic_engine::begin(*core, when); }));
    }
    return handle;
}

void refuse_null_function() {
    throw std::invalid_argument(
        "cicada: a periodic needs a function, and was given a null or empty one");
}

void refuse_never(const schedule& when, wall_time now, const char* remedy) {
    const search_result found = when.find_next(now);
    if (found.instant || found.horizon) return; // one that was given up is not over
    const std::string why =
        when.is_event()
            ? "@reboot is an event, which no schedule here knows: call the function when the "
              "program starts"
            : when.text() + " names no instant after " + format_instant(now) + remedy;
    throw never_error("cicada: " + why, when, now);
}

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("cicada: " + what);
}

/// A one-shot has one nominal instant: what speaks of several has no meaning.
void check_once(const every_options& o) {
    if (o.first.which() != first::kind::immediately)
        refuse("`first` is for what repeats; when a one-shot runs is the argument of after and at");
    if (o.times != 0 || o.until)
        refuse("`times` and `until` are for what repeats; a one-shot ends by itself");
    if (o.missed != missed::skip || o.catch_up != catch_up::last ||
        o.catch_up_window != duration::max())
        refuse("`missed` and `catch_up` are for what repeats; of a one-shot that comes too late, "
               "`start_deadline` says whether it runs");
    if (o.failures.in_a_row != 0)
        refuse("`failures` counts runs in a row; a one-shot has one: see `retry` and `on_error`");
}

} // namespace

void check(const periodic_core::setup& how, loop& home) {
    static const every_options none;
    const every_options& o = how.options ? *how.options : none;
    if (how.is_once()) check_once(o);
    if (!(o.retry.factor >= 1) || o.retry.backoff < duration::zero() ||
        o.retry.jitter < duration::zero())
        refuse("a retry needs a factor of at least 1, and a backoff and a jitter that are not "
               "negative");
    if (o.retry.backoff > o.retry.cap)
        refuse("a retry's `backoff` of " + format_short_duration(o.retry.backoff) +
               " is longer than its `cap` of " + format_short_duration(o.retry.cap) +
               ", which would cut it; give a `cap` of " + format_short_duration(o.retry.backoff) +
               " or more");
    if (o.start_deadline < duration::zero() || o.catch_up_window < duration::zero())
        refuse("a `start_deadline` and a `catch_up_window` are not negative");
    if (o.catch_up.which() == catch_up::mode::all && o.catch_up.max() == 0)
        refuse("catch_up::all{0} would run nothing, not even in time; say catch_up::none");
    if (later(elapsed_time(o.jitter), o.accuracy).time_since_epoch() > o.start_deadline)
        refuse(
            "a `start_deadline` shorter than `jitter` and `accuracy` would drop what they delay");
    if (how.when && o.missed != missed::skip)
        refuse("`missed` is for intervals; a calendar schedule has `catch_up`");
    if (!how.when && (o.catch_up != catch_up::last || o.catch_up_window != duration::max()))
        refuse("`catch_up` is for calendar schedules; an interval has `missed`");
    if (how.when && o.if_never == if_never::refuse)
        refuse_never(*how.when, home.wall_now(),
                     "; if that is meant, say .if_never = if_never::end");
}

} // namespace detail

using engine = detail::periodic_engine;

periodic& periodic::operator=(periodic&& other) noexcept {
    periodic replaced(std::move(other));
    target_.swap(replaced.target_);
    return *this;
}

periodic::cancellation periodic::cancel() const {
    target_.request_cancel();
    return cancellation(target_.share());
}

void periodic::awaiter::await_resume() const {
    end_awaiter::await_resume();
    if (const std::exception_ptr error = engine::take_error(target()))
        std::rethrow_exception(error);
}

void periodic::cancellation::wait() const {
    target_.wait();
    if (const std::exception_ptr error = engine::take_error(target_.target()))
        std::rethrow_exception(error);
}

template <class F>
void periodic::do_on_loop(F f) const {
    core* target = &target_.target();
    if (target_.is_local()) return f(*target);
    detail::post_held(target, f);
}

void periodic::pause() const {
    do_on_loop([](core& c) { engine::pause(c); });
}
void periodic::resume() const {
    do_on_loop([](core& c) { engine::resume(c); });
}
void periodic::trigger() const {
    do_on_loop([](core& c) { engine::trigger(c); });
}
void periodic::reschedule(interval when) const {
    do_on_loop([when](core& c) { engine::reschedule(c, when); });
}

detail::periodic_core& periodic::on_loop() const {
    core& target = target_.target();
    if (target_.is_local()) return target;
    throw std::logic_error(
        "cicada: next(), counters() and name() of a periodic belong to its loop's thread");
}

void periodic::reschedule(const schedule& when) const {
    do_on_loop([when](core& c) { engine::reschedule(c, when); });
}
std::vector<decision> periodic::history() const { return engine::history(on_loop()); }

std::optional<wall_time> periodic::next() const { return engine::next(on_loop()); }
periodic_counters periodic::counters() const { return engine::counters(on_loop()); }
std::string_view periodic::name() const { return engine::name(on_loop()); }

} // namespace cicada
