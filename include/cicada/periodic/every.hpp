#pragma once

/// every, after, at: functions that run in the background, on a loop, by a schedule.
///
///     auto flush = cicada::every(250ms, {.name = "flush"}, flush_buffers, std::ref(buffers));
///     auto poll = cicada::every(1s, [](cicada::tick t) { if (t.missed > 0) log_gap(t); });
///     auto pack = cicada::every(1h, cicada::blocking(compact_database));
///     auto once = cicada::after(10s, say_hello);  // as every, with options before the function
///     co_await flush.cancel();                    // request, and wait until it has finished
///
/// The body is a function, a coroutine function or a blocking() one. It may take a `tick` before
/// its other arguments. Function and arguments are copied or moved in, and are passed to it as
/// lvalues; std::ref opts out.
///
/// Threads:  every and its like from a thread with a loop, or from any thread with the loop as
///           first argument. The body runs on the loop's thread, never inside the call.
/// Errors:   whatever the body throws is counted and given to the loop's error handler, and the
///           next tick comes; see on_error::stop. std::invalid_argument for a period that is not
///           positive and for a null function, std::logic_error without a loop.
/// Lifetime: dropping the handle requests cancel; detach() gives the periodic to the loop.
/// Cost:     one object of 48 bytes and the body, and 8 bytes in the timer store; on a calendar 16
///           more, and the schedule. A name takes some 140 more; a policy that is not the default,
///           a body that has suspended, a pause or an error some 600. A tick allocates nothing but,
///           from a free list, the frame of a coroutine body.

#include <tuple>

#include <cicada/base/misuse.hpp>
#include <cicada/loop/snapshot.hpp>
#include <cicada/periodic/core.hpp>

namespace cicada {

namespace detail {

template <class F, class... Args>
concept takes_tick = std::is_invocable_v<F&, tick, Args&...>;

template <class F, class... Args>
concept periodic_function = takes_tick<std::decay_t<F>, std::decay_t<Args>...> ||
                            std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>&...>;

template <class F, class... Args>
struct body_parts {
    [[no_unique_address]] F f;
    [[no_unique_address]] std::tuple<Args...> args;
};

/// Holds a body until the end of the periodic; the object around it waits for its handles.
template <class Parts>
struct body_room {
    explicit body_room(Parts&& given) : parts(std::move(given)) {}
    ~body_room() {}
    void clear() noexcept { parts.~Parts(); }
    union {
        Parts parts;
    };
};
/// A function without state takes no room.
template <class Parts>
    requires std::is_empty_v<Parts> && std::is_trivially_destructible_v<Parts>
struct body_room<Parts> {
    void clear() noexcept {}
    [[no_unique_address]] Parts parts;
};

template <class F, class... Args>
class periodic_body final : public periodic_core {
public:
    template <class... Given>
    periodic_body(loop& home, const setup& how, F f, Given&&... args)
        : periodic_core(home, how),
          held_{{std::move(f), std::tuple<Args...>(std::forward<Given>(args)...)}} {}
    ~periodic_body() override {
        if (!has_ended()) destroy_body();
    }

private:
    decltype(auto) call([[maybe_unused]] const tick_source* source) {
        return std::apply(
            [&](Args&... args) -> decltype(auto) {
                if constexpr (takes_tick<F, Args...>) {
                    return detail::invoke(held_.parts.f, make_tick(*source), args...);
                } else {
                    return detail::invoke(held_.parts.f, args...);
                }
            },
            held_.parts.args);
    }
    /// What needs no more than a call gets it here, and not through invoke().
    void expired(const expiry& at) noexcept override {
        if constexpr (takes_tick<F, Args...> ||
                      is_task<std::remove_cvref_t<decltype(call(nullptr))>>) {
            periodic_core::expired(at);
        } else {
            const begun_tick which = begin_tick(at);
            if (which.missed == which.none) return;
            try {
                static_cast<void>(call(nullptr));
            } catch (...) {
                return finish_tick(which, std::current_exception());
            }
            end_tick(which);
        }
    }
    void invoke(const tick_source& source) override {
        using returned = decltype(call(&source));
        if constexpr (is_task<std::remove_cvref_t<returned>>) {
            using body = std::remove_cvref_t<returned>;
            periodic_run_of<typename body::value_type>::begin(source, call(&source));
        } else {
            static_assert(!lost_unawaited<returned>,
                          "cicada: what the function returns would be lost: let the function be a "
                          "coroutine that awaits it, or detach() the handle");
            static_cast<void>(call(&source));
        }
    }
    void destroy_body() noexcept override { held_.clear(); }

    [[no_unique_address]] body_room<body_parts<F, Args...>> held_;
};

} // namespace detail

/// The owner of a periodic or a one-shot. Dropping it requests cancel, and so does assigning to it.
/// Threads: cancel, pause, resume, trigger, reschedule, detach and destruction from any; the rest
///          on the loop.
class CICADA_API
    [[nodiscard("dropping the handle requests cancel: keep it, or detach() it")]] periodic {
    using core = detail::periodic_core;

public:
    periodic() = default;
    explicit periodic(core& adopted) noexcept : target_(&adopted) {}
    periodic(periodic&&) noexcept = default;
    periodic& operator=(periodic&& other) noexcept;
    ~periodic() { target_.drop(); }

    /// Awaits the end. Rethrows the error that ended it (on_error::stop).
    class CICADA_API awaiter : public detail::end_awaiter<core> {
    public:
        using end_awaiter::end_awaiter;
        void await_resume() const;
    };
    /// What cancel() returns. The request has been made; awaiting it waits until no code of the
    /// body runs or will run and what it held is destroyed. May be dropped.
    class CICADA_API cancellation {
    public:
        explicit cancellation(detail::ending_ref<core> target) noexcept
            : target_(std::move(target)) {}
        awaiter operator co_await() const { return awaiter(target_.target()); }
        /// Blocks a thread that has no loop.
        void wait() const;

    private:
        detail::ending_ref<core> target_;
    };

    cancellation cancel() const;
    /// Waits until it has ended of itself: by `times` or `until`, as a one-shot, or by an error.
    awaiter operator co_await() const { return awaiter(target_.target()); }
    void detach() noexcept { target_.reset(); }

    /// No ticks until resume(). What runs goes on, its retries included; what waits in a buffer
    /// waits on. Instants that pass are not missed: they were not wanted.
    void pause() const;
    /// Goes on: on its grid at a fixed rate, at once with a fixed delay that has passed.
    void resume() const;
    /// One more run, in the loop's next turn, also while paused; its nominal instant is now. The
    /// overlap policy applies, and the schedule does not move.
    void trigger() const;
    /// Another schedule from here on: of an interval the first tick comes after one period. What
    /// has come by now and has not been decided is decided by the schedule that was. With a period
    /// beyond the end of time it waits, for another reschedule or cancel. Ignored once it ends.
    /// std::logic_error for a one-shot; std::invalid_argument for a calendar that names no instant
    /// any more. From another thread both go to the loop's error handler.
    void reschedule(interval when) const;
    void reschedule(const schedule& when) const;

    bool has_ended() const { return target_.target().has_ended(); }
    /// The nominal instant of the next tick. None while it is paused, during a run with a fixed
    /// delay, and at the end.
    std::optional<wall_time> next() const;
    periodic_counters counters() const;
    /// The last decisions, oldest first; at most every_options::history.
    std::vector<decision> history() const;
    std::string_view name() const;

private:
    friend class periodic_set;
    core& on_loop() const;
    template <class F>
    void do_on_loop(F f) const;

    detail::ending_ref<core> target_;
};

namespace detail {

/// Arms the first tick of what was just made, and gives its first handle.
CICADA_API periodic begin_periodic(loop& home, periodic_core& made, const first& when);

[[noreturn]] CICADA_API void refuse_null_function();

template <class F>
void require_function(const F& f) {
    bool is_null = false;
    if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
        is_null = f == nullptr;
    } else if constexpr (requires { f.operator bool(); }) { // std::function and its like
        is_null = !static_cast<bool>(f);
    }
    if (is_null) refuse_null_function();
}

template <class F>
inline constexpr bool may_be_function = std::is_class_v<F> || std::is_member_pointer_v<F> ||
                                        std::is_function_v<std::remove_pointer_t<F>>;

/// Takes over function and arguments. Refuses a function that cannot be called, with the sentence
/// that helps.
template <class F, class... Args>
periodic bind(loop& home, const periodic_core::setup& how, F f, Args&&... args) {
    if constexpr (periodic_function<F, Args...>) {
        require_function(f);
        auto* made =
            new periodic_body<F, Args...>(home, how, std::move(f), std::forward<Args>(args)...);
        return begin_periodic(home, *made, how.options ? how.options->first : first());
    } else if constexpr (is_task<F>) {
        static_assert(never<F>, "cicada: give the coroutine function, not its task: f, args... "
                                "and not f(args...)");
    } else if constexpr (!may_be_function<F>) {
        static_assert(never<F>, "cicada: the function is missing: it stands after the time and "
                                "the options, before its arguments");
    } else if constexpr ((std::is_same_v<Args, every_options> || ...)) {
        static_assert(never<F>, "cicada: the options stand before the function, not after it");
    } else if constexpr (std::is_invocable_v<F, Args...> || std::is_invocable_v<F, tick, Args...>) {
        static_assert(never<F>, "cicada: the arguments are kept for the next call: take one that "
                                "cannot be copied by reference (T&), not by value or T&&");
    } else {
        static_assert(never<F>, "cicada: the function cannot be called with these arguments, "
                                "neither as f(args...) nor as f(tick, args...)");
    }
    return {};
}

template <class Delay>
concept says_delay = requires(const Delay& delay) { to_duration(delay); };

periodic_core::setup once_in(says_delay auto delay, const every_options* options = nullptr) {
    return {periodic_core::kind::once, to_duration(delay), options};
}

template <class When>
concept says_when =
    std::convertible_to<const When&, interval> || std::convertible_to<const When&, schedule>;

template <class First>
concept has_loop = requires(const First& first) {
    { first.get() } -> std::same_as<loop&>;
};

template <class First>
struct call_of_every {
    static constexpr bool is_loop = std::same_as<First, loop>;
    static_assert(says_when<First> || is_loop || has_loop<First>,
                  "cicada: every(when, f): `when` is a duration with its unit, such as 1s, a "
                  "fixed_delay(1s), or a calendar, such as cron(\"@daily\")");
    static_assert(!says_when<First>,
                  "cicada: write every(when, {options}, f, args...), the options before the "
                  "function, by name, in the order of every_options, durations with a unit, an "
                  "overloaded f in a lambda");
    static_assert(!is_loop, "cicada: write every(loop, when, {options}, f, args...), `when` such "
                            "as 1s or a calendar, the options by name, in the order of "
                            "every_options");
    static_assert(!has_loop<First>, "cicada: every() takes the loop itself, that of a loop_thread "
                                    "or a host is its get(): every(thread.get(), when, {options}, "
                                    "f, args...)");
};
template <class First>
struct call_of_after {
    static_assert(never<First>,
                  "cicada: write after(delay, f, args...) or after(delay, {options}, f, args...), "
                  "with a unit to the delay, such as 10s, and the options by name, in their order");
};
template <class First>
struct call_of_at {
    static_assert(
        never<First>,
        "cicada: write at(instant, f, args...) or at(instant, {options}, f, args...), with "
        "a cicada::wall_time, and the options by name, in their order");
};

} // namespace detail

/// Runs `f(args...)` by the schedule, on the given loop. Any thread. The schedule is a chrono
/// duration, an interval, or a calendar: cron, and those of calendar.hpp.
template <detail::says_when When, class F, class... Args>
periodic every(loop& home, const When& when, const every_options& options, F f, Args... args) {
    return detail::bind(home, {when, &options}, std::move(f), std::move(args)...);
}
template <detail::says_when When, class F, class... Args>
periodic every(loop& home, const When& when, F f, Args... args) {
    return detail::bind(home, {when}, std::move(f), std::move(args)...);
}

/// The same, on the loop of this thread.
template <detail::says_when When, class F, class... Args>
periodic every(const When& when, const every_options& options, F f, Args... args) {
    return detail::bind(loop::current(), {when, &options}, std::move(f), std::move(args)...);
}
template <detail::says_when When, class F, class... Args>
periodic every(const When& when, F f, Args... args) {
    return detail::bind(loop::current(), {when}, std::move(f), std::move(args)...);
}
/// What fits none of these: says how to write it.
periodic every(detail::misuse<detail::call_of_every>, ...);

/// Runs `f(args...)` once, `delay` of elapsed time from now; at once, in the next turn, if it is
/// not positive.
template <detail::says_delay Delay, class F, class... Args>
periodic after(loop& home, Delay delay, const every_options& options, F f, Args... args) {
    return detail::bind(home, detail::once_in(delay, &options), std::move(f), std::move(args)...);
}
template <detail::says_delay Delay, class F, class... Args>
periodic after(loop& home, Delay delay, F f, Args... args) {
    return detail::bind(home, detail::once_in(delay), std::move(f), std::move(args)...);
}
template <detail::says_delay Delay, class F, class... Args>
periodic after(Delay delay, const every_options& options, F f, Args... args) {
    return detail::bind(loop::current(), detail::once_in(delay, &options), std::move(f),
                        std::move(args)...);
}
template <detail::says_delay Delay, class F, class... Args>
periodic after(Delay delay, F f, Args... args) {
    return detail::bind(loop::current(), detail::once_in(delay), std::move(f), std::move(args)...);
}
periodic after(detail::misuse<detail::call_of_after>, ...);

/// Runs `f(args...)` once, when the wall clock has reached `instant`, also if it is set in between.
/// At once, in the next turn, if it is past.
template <class F, class... Args>
periodic at(loop& home, wall_time instant, const every_options& options, F f, Args... args) {
    return detail::bind(home, {instant, &options}, std::move(f), std::move(args)...);
}
template <class F, class... Args>
periodic at(loop& home, wall_time instant, F f, Args... args) {
    return detail::bind(home, {instant}, std::move(f), std::move(args)...);
}
template <class F, class... Args>
periodic at(wall_time instant, const every_options& options, F f, Args... args) {
    return detail::bind(loop::current(), {instant, &options}, std::move(f), std::move(args)...);
}
template <class F, class... Args>
periodic at(wall_time instant, F f, Args... args) {
    return detail::bind(loop::current(), {instant}, std::move(f), std::move(args)...);
}
periodic at(detail::misuse<detail::call_of_at>, ...);

} // namespace cicada
