// W1: what does it cost to arm one more timer, 1 ms to 1 h away, and cancel it, while N others
// wait? W1.clock: the same with a read of the clock for every arming. W1b: and to move a random one
// of N?
#include "bare_wheel.hpp"
#include "ours.hpp"
#include "peers.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace {

using namespace bench;

constexpr std::int64_t minute = 60'000'000'000, hour = 60 * minute;
constexpr long pairs = 4096;

/// Delays of 1 ms to 1 h, drawn before the clock runs.
const std::vector<std::int64_t>& delays() {
    static const auto drawn = [] {
        std::vector<std::int64_t> d(pairs);
        generator r;
        for (auto& each : d) each = r.between(1'000'000, hour);
        return d;
    }();
    return drawn;
}

/// Arms n timers, 1 min to 1 h away, so that none is due while we measure.
template <class Arm>
void fill(long n, Arm arm) {
    generator r{42};
    for (long i = 0; i < n; ++i) arm(static_cast<std::size_t>(i), r.between(minute, hour));
}

/// W1: `pair(delay)` arms and cancels.
template <class Pair>
[[noreturn]] void report_pairs(Pair pair) {
    report({{"ns", ns_each(pairs, [&] {
                 for (auto d : delays()) pair(d);
             })}});
}

/// W1b: `rearm(i, delay)` moves the i-th of n.
template <class Rearm>
[[noreturn]] void report_random(long n, Rearm rearm) {
    generator r;
    std::vector<std::uint32_t> which(1 << 20);
    for (auto& w : which) w = static_cast<std::uint32_t>(r.between(0, n));
    std::size_t at = 0;
    report({{"ns", ns_each(pairs, [&] {
                 for (auto d : delays()) rearm(which[at++ & (which.size() - 1)], d + minute);
             })}});
}

// --- the limit -----------------------------------------------------------------------------------
struct bare_timers {
    std::vector<bare::node> nodes;
    bare::wheel<> wheel{elapsed_ns()};
    std::int64_t now = elapsed_ns();
    bare::node one;
    explicit bare_timers(long n) : nodes(static_cast<std::size_t>(n)) {
        fill(n, [&](std::size_t i, std::int64_t d) { wheel.arm(nodes[i], now + d); });
    }
};

void limit(const point& at) {
    auto t = std::make_unique<bare_timers>(at.n);
    report_pairs(
        [&](std::int64_t d) { t->wheel.arm(t->one, t->now + d), t->wheel.disarm(t->one); });
}
void limit_clock(const point& at) {
    auto t = std::make_unique<bare_timers>(at.n);
    report_pairs(
        [&](std::int64_t d) { t->wheel.arm(t->one, elapsed_ns() + d), t->wheel.disarm(t->one); });
}
void limit_random(const point& at) {
    auto t = std::make_unique<bare_timers>(at.n);
    report_random(at.n, [&](std::uint32_t i, std::int64_t d) {
        t->wheel.disarm(t->nodes[i]);
        t->wheel.arm(t->nodes[i], t->now + d);
    });
}

// --- libev: a 4-ary heap -------------------------------------------------------------------------
struct ev_timers {
    struct ev_loop* loop = ev_default_loop(0);
    std::vector<ev_timer> timers;
    ev_timer one;
    explicit ev_timers(long n) : timers(static_cast<std::size_t>(n)) {
        ev_now_update(loop);
        ev_init(&one, nothing);
        fill(n, [&](std::size_t i, std::int64_t d) {
            ev_timer_init(&timers[i], nothing, double(d) * 1e-9, 0);
            ev_timer_start(loop, &timers[i]);
        });
    }
    static void nothing(struct ev_loop*, ev_timer*, int) {}
    void pair(std::int64_t d) {
        ev_timer_set(&one, double(d) * 1e-9, 0);
        ev_timer_start(loop, &one);
        ev_timer_stop(loop, &one);
    }
};

void libev(const point& at) {
    ev_timers t{at.n};
    report_pairs([&](std::int64_t d) { t.pair(d); });
}
void libev_clock(const point& at) {
    ev_timers t{at.n};
    report_pairs([&](std::int64_t d) { ev_now_update(t.loop), t.pair(d); });
}
void libev_random(const point& at) {
    ev_timers t{at.n};
    report_random(at.n, [&](std::uint32_t i, std::int64_t d) {
        t.timers[i].repeat = double(d) * 1e-9;
        ev_timer_again(t.loop, &t.timers[i]);
    });
}

// --- libevent: a binary heap; its time is only cached inside a callback --------------------------
struct event_timers {
    event_base* base = precise_event_base();
    std::vector<event*> timers;
    event* one = evtimer_new(base, nothing, nullptr);
    explicit event_timers(long n) : timers(static_cast<std::size_t>(n)) {
        fill(n, [&](std::size_t i, std::int64_t d) {
            timers[i] = evtimer_new(base, nothing, nullptr);
            rearm(timers[i], d);
        });
    }
    static void nothing(evutil_socket_t, short, void*) {}
    static void rearm(event* e, std::int64_t d) {
        const timeval t = to_timeval(d);
        evtimer_add(e, &t);
    }
    void pair(std::int64_t d) { rearm(one, d), evtimer_del(one); }
};

void libevent(const point& at) {
    static event_timers t{at.n};
    const timeval soon{0, 0};
    event_base_once(
        t.base, -1, EV_TIMEOUT,
        [](evutil_socket_t, short, void*) { report_pairs([](std::int64_t d) { t.pair(d); }); },
        nullptr, &soon);
    event_base_dispatch(t.base);
}
void libevent_clock(const point& at) {
    event_timers t{at.n};
    report_pairs([&](std::int64_t d) { t.pair(d); });
}
void libevent_random(const point& at) {
    event_timers t{at.n};
    report_random(at.n, [&](std::uint32_t i, std::int64_t d) { t.rearm(t.timers[i], d); });
}

// --- libuv: a binary heap of linked nodes, in ms -------------------------------------------------
struct uv_timers {
    uv_loop_t* loop = uv_default_loop();
    std::vector<uv_timer_t> timers;
    uv_timer_t one;
    explicit uv_timers(long n) : timers(static_cast<std::size_t>(n)) {
        uv_timer_init(loop, &one);
        fill(n, [&](std::size_t i, std::int64_t d) {
            uv_timer_init(loop, &timers[i]), rearm(timers[i], d);
        });
    }
    static void rearm(uv_timer_t& t, std::int64_t d) {
        uv_timer_start(&t, [](uv_timer_t*) {}, static_cast<std::uint64_t>(d / 1'000'000), 0);
    }
    void pair(std::int64_t d) { rearm(one, d), uv_timer_stop(&one); }
};

void libuv(const point& at) {
    uv_timers t{at.n};
    report_pairs([&](std::int64_t d) { t.pair(d); });
}
void libuv_clock(const point& at) {
    uv_timers t{at.n};
    report_pairs([&](std::int64_t d) { uv_update_time(t.loop), t.pair(d); });
}
void libuv_random(const point& at) {
    uv_timers t{at.n};
    report_random(at.n, [&](std::uint32_t i, std::int64_t d) { t.rearm(t.timers[i], d); });
}

// --- Asio: a binary heap; a cancelled wait completes through the loop, so the pair includes that -
struct asio_timers {
    asio::io_context context{asio_single_thread};
    std::deque<asio::steady_timer> timers;
    asio::steady_timer one{context};
    std::int64_t now = elapsed_ns();
    explicit asio_timers(long n) {
        fill(n, [&](std::size_t, std::int64_t d) {
            timers.emplace_back(context, asio_time(now + d));
            timers.back().async_wait([](auto) {});
        });
    }
    /// 64 cancelled waits, then one drain: a turn of Asio's loop costs more than a pair.
    template <class Set>
    [[noreturn]] void report_drained(Set set) {
        report({{"ns", ns_each(pairs, [&] {
                     asio::post(context, [&] { some(0, set); });
                     context.restart();
                     context.poll();
                 })}});
    }
    template <class Set>
    void some(std::size_t i, Set set) {
        for (const auto end = i + 64; i < end; ++i) {
            set(delays()[i]);
            one.async_wait([](auto) {});
            one.cancel();
        }
        if (i < delays().size()) asio::post(context, [this, i, set] { some(i, set); });
    }
};

void boost_asio(const point& at) {
    asio_timers t{at.n};
    t.report_drained([&t](std::int64_t d) { t.one.expires_at(asio_time(t.now + d)); });
}
void boost_asio_clock(const point& at) {
    asio_timers t{at.n};
    t.report_drained([&t](std::int64_t d) { t.one.expires_after(nanoseconds{d}); });
}
void boost_asio_random(const point& at) {
    asio_timers t{at.n};
    generator r;
    report({{"ns", ns_each(pairs, [&] {
                 t.context.restart();
                 for (auto d : delays()) {
                     auto& timer = t.timers[static_cast<std::size_t>(r.between(0, at.n))];
                     timer.expires_at(asio_time(t.now + minute + d));
                     timer.async_wait([](auto) {});
                 }
                 while (t.context.poll() > 0) {
                 }
             })}});
}

// --- cicada --------------------------------------------------------------------------------------
struct cicada_timers {
    std::vector<idle_timer> timers;
    std::int64_t now = elapsed_ns();
    cicada::detail::timer_store store{now};
    idle_timer one;
    explicit cicada_timers(long n) : timers(static_cast<std::size_t>(n)) {
        fill(n, [&](std::size_t i, std::int64_t d) { store.arm(timers[i], now + d); });
    }
};

void cicada_store(const point& at) {
    cicada_timers t{at.n};
    report_pairs([&](std::int64_t d) { t.store.arm(t.one, t.now + d), t.store.disarm(t.one); });
}
void cicada_store_random(const point& at) {
    cicada_timers t{at.n};
    report_random(at.n, [&](std::uint32_t i, std::int64_t d) {
        t.store.disarm(t.timers[i]);
        t.store.arm(t.timers[i], t.now + d);
    });
}

cicada::task<> arm_on_loop(long n) {
    auto& loop = cicada::loop::current();
    std::vector<idle_timer> timers(static_cast<std::size_t>(n));
    idle_timer one;
    fill(n,
         [&](std::size_t i, std::int64_t d) { loop.arm(timers[i], loop.now() + nanoseconds{d}); });
    report_pairs(
        [&](std::int64_t d) { loop.arm(one, loop.now() + nanoseconds{d}), loop.disarm(one); });
    co_return;
}
void cicada_clock(const point& at) { cicada::run(arm_on_loop(at.n)); }

const std::vector<point> sizes{
    {.label = "N=1e3", .n = 1'000},
    {.label = "N=1e5", .n = 100'000},
    {.label = "N=1e6", .n = 1'000'000, .full_only = true},
    {.label = "N=1e7", .n = 10'000'000, .full_only = true, .most_rounds = 1}};

const question w1{{.id = "W1",
                   .asks = "arm one more timer and cancel it, N pending; no clock read",
                   .unit = "ns a pair",
                   .goal = "<= 7, flat within 15 % from 1e3 to 1e7",
                   .points = sizes,
                   .contenders = {{"limit", limit},
                                  {"libev", libev},
                                  {"libevent", libevent, 1'000'000},
                                  {"libuv", libuv},
                                  {"Asio", boost_asio, 1'000'000},
                                  {"cicada", cicada_store}}}};

const question w1_clock{{.id = "W1.clock",
                         .asks = "arm one more timer and cancel it, N pending; reading the clock",
                         .unit = "ns a pair",
                         .goal = "<= 33, flat",
                         .points = sizes,
                         .contenders = {{"limit", limit_clock},
                                        {"libev", libev_clock},
                                        {"libevent", libevent_clock, 1'000'000},
                                        {"libuv", libuv_clock},
                                        {"Asio", boost_asio_clock, 1'000'000},
                                        {"cicada", cicada_clock}}}};

const question w1b{{.id = "W1b",
                    .asks = "re-arm a random one of N pending timers",
                    .unit = "ns",
                    .goal = "<= 75",
                    .points = {{.label = "N=1e6", .n = 1'000'000}},
                    .contenders = {{"limit", limit_random},
                                   {"libev", libev_random},
                                   {"libevent", libevent_random},
                                   {"libuv", libuv_random},
                                   {"Asio", boost_asio_random},
                                   {"cicada", cicada_store_random}}}};

} // namespace
