// W3: what does a tick cost when N periodics of period P tick, evenly spread? CPU ns a tick, the
// waits included. At 1 ms accuracy; exact: each at its own deadline, under the kernel's default
// timer slack of 50 us. W3a: 10^5 ticks/s, where the wake-ups count. W3c: one core full.
#include "bare_task.hpp"
#include "bare_wheel.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <deque>
#include <memory>

namespace {

using namespace bench;

counter ticks;

/// The i-th of N begins at i * P / N; the watch begins a period later, at most 1 s.
struct start {
    std::int64_t begin_at, period, step_1024;
    explicit start(const point& at, nanoseconds making_one = 1us)
        : begin_at{begin_of(at, making_one)}, period{at.period.count()},
          step_1024{period * 1024 / at.n} {
        const auto warm = std::clamp<std::int64_t>(period, 100'000'000, 1'000'000'000);
        watch_ticks(begin_at + warm, quick() ? 1s : 2s, ticks, at);
    }
    std::int64_t first(long i) const noexcept { return begin_at + i * step_1024 / 1024; }
};

// --- the limits ----------------------------------------------------------------------------------
template <class Wheel, class Fire>
[[noreturn]] void turn(Wheel& wheel, Fire fire) {
    for (;;) {
        const auto now = elapsed_ns();
        wheel.expire(now, [&](bare::node& n) { fire(n, now); });
        if (const auto next = wheel.next(); next > elapsed_ns()) bare::sleep_until(next);
    }
}

struct bare_periodic : bare::node {
    void (*body)(bare_periodic&);
};

template <int Shift, bool Exact>
void limit(const point& at) {
    std::vector<bare_periodic> periodics(static_cast<std::size_t>(at.n));
    const start s{at};
    auto wheel = std::make_unique<bare::wheel<Shift, Exact>>(elapsed_ns());
    for (long i = 0; i < at.n; ++i) {
        auto& p = periodics[static_cast<std::size_t>(i)];
        p.body = [](bare_periodic&) { ++ticks; };
        wheel->arm(p, s.first(i));
    }
    turn(*wheel, [&](bare::node& n, std::int64_t now) {
        auto& p = static_cast<bare_periodic&>(n);
        p.body(p);
        wheel->arm(n, bare::after(n.deadline, s.period, now));
    });
}

template <int Shift, bool Exact>
void limit_coroutine(const point& at) {
    using wheel_type = bare::wheel<Shift, Exact>;
    static std::int64_t current;
    const start s{at};
    auto wheel = std::make_unique<wheel_type>(elapsed_ns());
    for (long i = 0; i < at.n; ++i)
        bare::tick_for_ever(*wheel, s.first(i), s.period, current, [] { ++ticks; }).frame.resume();
    turn(*wheel, [&](bare::node& n, std::int64_t now) {
        current = now;
        static_cast<bare::until<wheel_type>&>(n).waiter.resume();
    });
}

// --- libev ---------------------------------------------------------------------------------------
void libev(const point& at) {
    struct ev_loop* loop = ev_default_loop(0);
    std::vector<ev_timer> timers(static_cast<std::size_t>(at.n));
    const start s{at};
    ev_now_update(loop);
    const auto now = elapsed_ns();
    for (long i = 0; i < at.n; ++i) {
        auto& t = timers[static_cast<std::size_t>(i)];
        ev_timer_init(
            &t, [](struct ev_loop*, ev_timer*, int) { ++ticks; }, double(s.first(i) - now) * 1e-9,
            double(s.period) * 1e-9);
        ev_timer_start(loop, &t);
    }
    ev_run(loop, 0);
}

// --- libevent: the first expiry is a phase, the rest persist with the period ---------------------
void libevent(const point& at) {
    event_base* base = precise_event_base();
    const start s{at};
    static const timeval period = to_timeval(s.period);
    for (long i = 0; i < at.n; ++i) {
        event** self = new event*;
        *self = event_new(
            base, -1, EV_PERSIST,
            [](evutil_socket_t, short, void* e) {
                if (auto*& once = *static_cast<event**>(e))
                    event_add(once, &period), once = nullptr;
                ++ticks;
            },
            self);
        const timeval first = to_timeval(s.first(i) - elapsed_ns());
        event_add(*self, &first);
    }
    event_base_dispatch(base);
}

// --- libuv, in ms --------------------------------------------------------------------------------
void libuv(const point& at) {
    uv_loop_t* loop = uv_default_loop();
    std::vector<uv_timer_t> timers(static_cast<std::size_t>(at.n));
    const start s{at};
    uv_update_time(loop);
    const auto now = elapsed_ns();
    for (long i = 0; i < at.n; ++i) {
        auto& t = timers[static_cast<std::size_t>(i)];
        uv_timer_init(loop, &t);
        uv_timer_start(
            &t, [](uv_timer_t*) { ++ticks; },
            static_cast<std::uint64_t>((s.first(i) - now) / 1'000'000),
            std::max<std::uint64_t>(1, static_cast<std::uint64_t>(s.period / 1'000'000)));
    }
    uv_run(loop, UV_RUN_DEFAULT);
}

// --- Asio: exact, by a timerfd -------------------------------------------------------------------
struct asio_periodic {
    asio::steady_timer timer;
    nanoseconds period;
    asio_periodic(asio::io_context& c, std::int64_t first, nanoseconds p)
        : timer{c, asio_time(first)}, period{p} {
        wait();
    }
    void wait() {
        timer.async_wait([this](auto) {
            ++ticks;
            timer.expires_at(timer.expiry() + period);
            wait();
        });
    }
};

void boost_asio(const point& at) {
    asio::io_context context{asio_single_thread};
    const start s{at};
    std::deque<asio_periodic> periodics;
    for (long i = 0; i < at.n; ++i) periodics.emplace_back(context, s.first(i), at.period);
    context.run();
}

asio::awaitable<void> asio_tick_for_ever(std::int64_t first, nanoseconds period) {
    asio::steady_timer timer{co_await asio::this_coro::executor, asio_time(first)};
    for (;;) {
        co_await timer.async_wait(asio::use_awaitable);
        ++ticks;
        timer.expires_at(timer.expiry() + period);
    }
}

void boost_asio_coroutine(const point& at) {
    asio::io_context context{asio_single_thread};
    const start s{at, 4us};
    for (long i = 0; i < at.n; ++i)
        asio::co_spawn(context, asio_tick_for_ever(s.first(i), at.period), asio::detached);
    context.run();
}

// --- cicada --------------------------------------------------------------------------------------
template <class Body>
cicada::task<> tick_with_every(point at, Body body) {
    const start s{at};
    std::vector<cicada::periodic> all;
    all.reserve(static_cast<std::size_t>(at.n));
    for (long i = 0; i < at.n; ++i)
        all.push_back(cicada::every(at.period, {.first = to_elapsed(s.first(i))}, body));
    co_await cicada::sleep(24h);
}

template <int AccuracyUs>
void cicada_every(const point& at) {
    cicada::run(tick_with_every(at, [] { ++ticks; }),
                {.accuracy = std::chrono::microseconds{AccuracyUs}});
}

template <int AccuracyUs>
void cicada_every_coroutine(const point& at) {
    cicada::run(tick_with_every(at,
                                []() -> cicada::task<> {
                                    ++ticks;
                                    co_return;
                                }),
                {.accuracy = std::chrono::microseconds{AccuracyUs}});
}
/// A task of its own for each, that sleeps until it is due, and skips what it missed as `every`
/// does.
cicada::task<> sleep_and_tick(cicada::elapsed_time due, nanoseconds period) {
    auto& loop = cicada::loop::current();
    for (;;) {
        co_await cicada::sleep_until(due);
        ++ticks;
        due = cicada::elapsed_time{
            nanoseconds{bare::after(due.time_since_epoch().count(), period.count(),
                                    loop.turn_at().time_since_epoch().count())}};
    }
}

cicada::task<> tick_with_sleeps(point at) {
    const start s{at};
    for (long i = 0; i < at.n; ++i)
        cicada::spawn(sleep_and_tick(to_elapsed(s.first(i)), at.period)).detach();
    co_await cicada::sleep(24h);
}

template <int AccuracyUs>
void cicada_sleep(const point& at) {
    cicada::run(tick_with_sleeps(at), {.accuracy = std::chrono::microseconds{AccuracyUs}});
}

const std::vector<point> million{
    {.label = "1e6 of 1s", .n = 1'000'000, .period = 1s},
    {.label = "1e7 of 10s", .n = 10'000'000, .period = 10s, .full_only = true, .most_rounds = 1}};
const std::vector<point> ten_thousand{{.label = "1e4 of 100ms", .n = 10'000, .period = 100ms}};
const std::vector<point> full_core{{.label = "2e5 of 1ms", .n = 200'000, .period = 1ms},
                                   {.label = "1e4 of 10us", .n = 10'000, .period = 10us}};
constexpr long upto = 1'000'000;

const question w3{{.id = "W3",
                   .asks = "N periodics of P at 1 ms accuracy: CPU ns a tick",
                   .unit = "CPU ns a tick",
                   .goal = "<= 60; 1e7 within 1.5 x of 1e5",
                   .points = million,
                   .contenders = {{"limit", limit<20, false>},
                                  {"libev", libev, upto},
                                  {"libevent", libevent, upto},
                                  {"libuv", libuv, upto},
                                  {"cicada", cicada_every<1000>}}}};
const question w3_coroutine{{.id = "W3.coroutine",
                             .asks = "the same with a coroutine as the body",
                             .unit = "CPU ns a tick",
                             .goal = "<= 90",
                             .points = million,
                             .contenders = {{"limit", limit_coroutine<20, false>},
                                            {"Asio coroutine", boost_asio_coroutine, upto},
                                            {"cicada", cicada_every_coroutine<1000>},
                                            {"cicada sleep", cicada_sleep<1000>}}}};
const question w3_exact{{.id = "W3.exact",
                         .asks = "the same, each tick on time",
                         .unit = "CPU ns a tick",
                         .goal = "no worse than the best peer",
                         .points = {million[0]},
                         .contenders = {{"limit", limit<20, true>},
                                        {"Asio", boost_asio},
                                        {"cicada", cicada_every<50>}}}};
const question w3a{{.id = "W3a",
                    .asks = "10^5 ticks/s at 1 ms accuracy",
                    .unit = "CPU ns a tick",
                    .goal = "<= 340",
                    .points = ten_thousand,
                    .contenders = {{"limit", limit<20, false>},
                                   {"libev", libev},
                                   {"libevent", libevent},
                                   {"libuv", libuv},
                                   {"cicada", cicada_every<1000>}}}};
const question w3a_4ms{
    {.id = "W3a.4ms",
     .asks = "10^5 ticks/s at 4 ms accuracy",
     .unit = "CPU ns a tick",
     .goal = "<= 120",
     .points = ten_thousand,
     .contenders = {{"limit", limit<22, false>}, {"cicada", cicada_every<4000>}}}};
const question w3a_exact{{.id = "W3a.exact",
                          .asks = "10^5 ticks/s, each on time",
                          .unit = "CPU ns a tick",
                          .goal = "<= 3,000",
                          .points = ten_thousand,
                          .contenders = {{"limit", limit<20, true>},
                                         {"Asio", boost_asio},
                                         {"cicada", cicada_every<50>}}}};
const question w3c{{.id = "W3c",
                    .asks = "how many ticks/s fill one core",
                    .unit = "million ticks per s of CPU",
                    .goal = ">= 60",
                    .metric = "M/core-s",
                    .better = better_is::higher,
                    .points = full_core,
                    .contenders = {{"limit", limit<12, false>},
                                   {"libev", libev},
                                   {"libevent", libevent},
                                   {"libuv", libuv},
                                   {"Asio", boost_asio},
                                   {"cicada", cicada_every<50>}}}};
const question w3c_coroutine{{.id = "W3c.coroutine",
                              .asks = "the same with a coroutine as the body",
                              .unit = "million ticks per s of CPU",
                              .goal = ">= 40",
                              .metric = "M/core-s",
                              .better = better_is::higher,
                              .points = full_core,
                              .contenders = {{"limit", limit_coroutine<12, false>},
                                             {"Asio coroutine", boost_asio_coroutine},
                                             {"cicada", cicada_every_coroutine<50>},
                                             {"cicada sleep", cicada_sleep<50>}}}};

} // namespace
